"""The month end: the report workbook, and a demo firm to try it on."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Base,
    Credits,
    Currency,
    Cutoff,
    Edges,
    Engine,
    Json,
    Later,
    LedgerPath,
    MapFile,
    OnEdge,
    Prior,
    RatesFile,
    SettingsFile,
    SpecificFile,
    balance_day,
    books,
    day,
    print_json,
    values_of,
)
from receivables.errors import BadValueError

if TYPE_CHECKING:
    from receivables.monitor.reserve_policy import Policy
    from receivables.refresh import RefreshAnswer
    from receivables.refresh.demo_letters import DemoLetters
    from receivables.refresh.in_place import InPlaceAnswer

Report = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="REPORT.xlsx",
        help="Workbook to write; without it the ledger's own result sheets are refreshed in place.",
    ),
]
RefreshedAt = Annotated[
    str,
    typer.Option(
        "--at", metavar="TIME", help="Time for the log, 2026-11-02T09:15; now unless given."
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Take it back although the workbook was changed since; it is kept as a backup first.",
    ),
]
Credit = Annotated[
    bool | None,
    typer.Option(
        "--credit/--no-credit",
        help="Add this week, grades, limits, warnings, insurance; default where the ledger has such tables.",
    ),
]
Folder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write to.")]


def register(app: typer.Typer) -> None:
    """Add the commands of the month end."""
    app.command()(refresh)
    app.command()(undo)
    app.command()(demo)


def refresh(
    ledger: LedgerPath,
    as_of: AsOf,
    out: Report = None,
    map_file: MapFile = None,
    edges: Edges = None,
    base: Base = None,
    credits: Credits = None,  # noqa: A002 - the trade's word
    day_on_edge: OnEdge = None,
    currency: Currency = None,
    match_cutoff: Cutoff = None,
    subsequent_to: Later = None,
    prior: Prior = None,
    rates: RatesFile = None,
    specific: SpecificFile = None,
    engine: Engine = "polars",
    credit: Credit = None,
    at: RefreshedAt = "",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Write the month-end report, or refresh the result sheets of the ledger's own workbook in place."""
    on = balance_day(as_of)
    values = values_of(
        settings,
        edges=edges,
        base=base,
        credits=credits,
        day_on_edge=day_on_edge,
        currency=currency,
    )
    asked: dict[str, Any] = {
        "match_cutoff": day(match_cutoff, "--match-cutoff"),
        "subsequent_to": day(subsequent_to, "--subsequent-to"),
        "prior": day(prior, "--prior"),
        "policy": _policy(rates, specific),
        "credit": credit,
    }
    answer: RefreshAnswer | InPlaceAnswer
    if out is None:
        answer = _in_place(ledger, map_file, values, on, engine, moment(at), asked)
    else:
        from receivables.refresh import refresh_job

        answer = refresh_job(books(ledger, map_file, values, on, engine), on, out, **asked)
    if as_json:
        print_json(answer.to_json())
    else:
        _print_refresh(answer, ledger, map_file)


def _policy(rates: Path | None, specific: Path | None) -> Policy | None:
    from receivables.monitor.reserve_policy import load_policy

    return load_policy(rates, specific) if rates or specific else None


def _in_place(
    ledger: str,
    map_file: Path | None,
    values: dict[str, Any],
    on: date,
    engine: str,
    at: str,
    asked: dict[str, Any],
) -> InPlaceAnswer:
    from receivables.refresh.in_place import Asked, living_workbook, refresh_in_place

    living_workbook(ledger)
    loaded = books(ledger, map_file, values, on, engine)
    return refresh_in_place(loaded, on, at=at, asked=Asked(**asked))


def undo(
    workbook: Annotated[Path, typer.Argument(help="Workbook that was refreshed in place.")],
    force: Force = False,
    at: RefreshedAt = "",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Take the last refresh of a workbook back: the file as it was before, its log and snapshot too."""
    from receivables.refresh.undo import undo_job

    values_of(settings)  # undo needs none of them; a wrong file is told here as everywhere
    answer = undo_job(workbook, force=force, at=moment(at))
    if as_json:
        print_json(answer.to_json())
        return
    typer.echo(f"{answer.path}: the refresh of {answer.as_of} is taken back.")
    typer.echo(f"It shows {answer.shows} again." if answer.shows else "It shows no date yet.")
    if answer.kept:
        typer.echo(f"{answer.kept}: the workbook as it stood")


def moment(text: str) -> str:
    """The time of a refresh as ISO text, now where none was given: the log asks when, not what."""
    try:
        time = datetime.fromisoformat(text) if text else datetime.now().astimezone()
        return time.isoformat(timespec="seconds")
    except ValueError:
        raise BadValueError(f"--at {text}: write the time as 2026-11-02T09:15.") from None


def demo(out: Folder = Path("demo"), as_json: Json = False, settings: SettingsFile = None) -> None:
    """Invent a trading firm's ledger, check it, write its month-end report and preview its letters."""
    from receivables.commands.show import progress
    from receivables.refresh import demo_job

    with progress() as tell:
        answer = demo_job(out, values=values_of(settings), progress=tell)
    if as_json:
        print_json(answer.to_json())
        return
    typer.echo(f"{answer.ledger}: the ledger of an invented firm, with a few faults on purpose")
    _print_refresh(answer.refreshed, str(answer.ledger), None)
    typer.echo(f"Look at the sheet Close of {answer.report} first, then at Aging.")
    typer.echo(_letters_line(answer.letters))


def _letters_line(letters: DemoLetters) -> str:
    if letters.index is None:
        return letters.note
    counts = ", ".join(f"{count} {code}" for code, count in letters.languages.items())
    return f"{letters.index}: the letters that are due, to look through ({counts})"


def _print_refresh(
    answer: RefreshAnswer | InPlaceAnswer, ledger: str, map_file: Path | None
) -> None:
    from receivables.commands.show import issues_line, print_table, tie_rows

    shown = answer.to_json()
    headings, rows = tie_rows(shown["tie_out"])
    print_table(f"Tie-out as of {shown['as_of']}", headings, rows, money=2)
    for path in shown["files"]:
        typer.echo(f"{path}: {shown['open_items']:,} open items")
    if "changed" in shown:
        _print_in_place(shown)
    typer.echo(issues_line(shown["issues"], ledger, shown["as_of"], map_file))


def _print_in_place(shown: dict[str, Any]) -> None:
    if not shown["changed"]:
        typer.echo("Everything stood there already: not a byte was changed.")
        return
    typer.echo(f"Refreshed in place, compared with {shown['previous']}.")
    typer.echo(f"{shown['backup']}: the workbook before (receivables undo puts it back)")
    if shown["archived"]:
        typer.echo(f"{shown['archived']} notes whose rows are gone stand on Archived notes.")
    for note in shown["notes"]:
        typer.echo(note)
