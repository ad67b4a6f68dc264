"""The month end: the report workbook, and a demo firm to try it on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from receivables.refresh import RefreshAnswer

Report = Annotated[Path, typer.Option("--out", metavar="REPORT.xlsx", help="Workbook to write.")]
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
    app.command()(demo)


def refresh(
    ledger: LedgerPath,
    as_of: AsOf,
    out: Report,
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
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Write the month-end report: close, aging, open items, reserve, speed, disclosure and more."""
    from receivables.monitor.reserve_policy import load_policy
    from receivables.refresh import refresh_job

    on = balance_day(as_of)
    values = values_of(
        settings,
        edges=edges,
        base=base,
        credits=credits,
        day_on_edge=day_on_edge,
        currency=currency,
    )
    answer = refresh_job(
        books(ledger, map_file, values, on, engine),
        on,
        out,
        match_cutoff=day(match_cutoff, "--match-cutoff"),
        subsequent_to=day(subsequent_to, "--subsequent-to"),
        prior=day(prior, "--prior"),
        policy=load_policy(rates, specific) if rates or specific else None,
        credit=credit,
    )
    if as_json:
        print_json(answer.to_json())
    else:
        _print_refresh(answer, ledger, map_file)


def demo(out: Folder = Path("demo"), as_json: Json = False, settings: SettingsFile = None) -> None:
    """Invent a trading firm's ledger, check it, and write its month-end report."""
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


def _print_refresh(answer: RefreshAnswer, ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import issues_line, print_table, tie_rows

    shown = answer.to_json()
    headings, rows = tie_rows(shown["tie_out"])
    print_table(f"Tie-out as of {shown['as_of']}", headings, rows, money=2)
    for path in shown["files"]:
        typer.echo(f"{path}: {shown['open_items']:,} open items")
    typer.echo(issues_line(shown["issues"], ledger, shown["as_of"], map_file))
