"""Close a period: tie out, show what moved since the last close, and lock it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Engine,
    Json,
    LedgerPath,
    MapFile,
    RatesFile,
    SettingsFile,
    SpecificFile,
    balance_day,
    books,
    print_json,
    values_of,
)
from receivables.errors import BadValueError

SHOWN_ROWS = 50
"""Rows of a table on the terminal; JSON has them all."""

Reopen = Annotated[
    bool, typer.Option("--reopen", help="Replace what a closed period reported; the old is kept.")
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--snapshots",
        metavar="DIR",
        help="Folder of the closed periods; default LEDGER.receivables beside the ledger.",
    ),
]
Report = Annotated[
    Path | None,
    typer.Option("--out", metavar="REPORT.xlsx", help="Write the month-end report as well."),
]
ClosedAt = Annotated[
    str,
    typer.Option(
        "--closed-at",
        metavar="TIME",
        help="Time of the close for the log, 2026-11-02T09:15; now unless given.",
    ),
]
STATES = {
    "closed": "closed",
    "reopened": "closed again; what it reported before is kept",
    "unchanged": "was closed already and nothing has changed since",
    "locked": "is closed; it was NOT written again (--reopen would)",
}
MOVED = (
    "reported", "restated", "opening", "new", "other", "paid", "credited", "written_off",
    "recovered", "bounced", "closing",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(close)


def close(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    out: Report = None,
    rates: RatesFile = None,
    specific: SpecificFile = None,
    reopen: Reopen = False,
    folder: Folder = None,
    closed_at: ClosedAt = "",
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Close a period: tie-out, movement since the last close, what was restated since; then lock it."""
    from receivables.monitor.reserve_policy import load_policy
    from receivables.refresh.close import close_job

    on, at = balance_day(as_of), _time(closed_at)
    if (rates or specific) and not out:
        raise BadValueError("--rates and --specific are for the report: add --out.")
    policy = load_policy(rates, specific) if rates or specific else None
    answer = close_job(
        books(ledger, map_file, values_of(settings), on, engine),
        on,
        folder=folder,
        reopen=reopen,
        closed_at=at,
        out=out,
        policy=policy,
    )
    shown = answer.to_json()
    if as_json:
        print_json(shown)
    else:
        _print_close(shown, ledger, map_file)


def _time(text: str) -> str:
    """The time of the close as ISO text, now where none was given: the log asks when, not what."""
    try:
        time = datetime.fromisoformat(text) if text else datetime.now().astimezone()
        return time.isoformat(timespec="seconds")
    except ValueError:
        raise BadValueError(f"--closed-at {text}: write the time as 2026-11-02T09:15.") from None


def _print_close(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import issues_line, print_table, tie_rows

    headings, rows = tie_rows(answer["tie_out"])
    print_table(f"Tie-out as of {answer['as_of']}", headings, rows, money=2)
    if answer["movement"] is not None:
        _print_movement(answer)
    for restated in (answer["opening"], answer["closed_before"]):
        if restated:
            _print_restated(restated)
    if not answer["opening"]:
        _print_postings(f"Dated up to {answer['opening_on']}, entered later", answer["back_dated"])
    for change in answer["settings_changed"]:
        typer.echo(f"Setting {change['name']}: was {change['before']!r}, is {change['now']!r}.")
    for one in answer["exceptions"]:
        told = one["explanation"] or "not explained yet: write it into explanations.csv"
        amount = f" {one['amount']}" if one["amount"] is not None else ""
        where = " ".join(part for part in (one["place"], one["currency"]) if part)
        typer.echo(f"Open since {one['since']}: {one['exception']} {where}{amount}, {told}.")
    for note in answer["notes"]:
        typer.echo(note)
    if not answer["adds_up"]:
        typer.echo("IT DOES NOT ADD UP: see the tie-out and the restated balances above.")
    for path in answer["files"]:
        typer.echo(f"{path}: the month-end report")
    typer.echo(f"{answer['as_of']} {STATES[answer['state']]}: {answer['snapshot']}")
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))


def _print_movement(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, print_table

    known = any(row["reported"] is not None for row in answer["movement"])
    names = MOVED if known else MOVED[2:]
    rows = [[_book(row), *(amount(row[name]) for name in names)] for row in answer["movement"]]
    headings = ["book", *(name.replace("_", " ") for name in names)]
    title = f"Movement from {answer['opening_on']} to {answer['as_of']}"
    print_table(title, headings, rows, money=1)


def _print_restated(restated: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, more_line, print_table

    if not restated["customers"] and not restated["postings"]:
        typer.echo(f"{restated['as_of']}: as reported and as now known agree.")
        return
    names = ("reported", "now", "difference")
    rows = [
        [_book(row), row["customer_id"] or "", row["name"] or "", *(amount(row[n]) for n in names)]
        for row in restated["customers"][:SHOWN_ROWS]
    ]
    title = f"{restated['as_of']} as reported and as now known"
    print_table(title, ["book", "customer", "name", "as reported", "as now known", "difference"], rows, money=3)  # fmt: skip
    typer.echo(more_line(len(restated["customers"]), SHOWN_ROWS), nl=False)
    _print_postings(f"Postings that explain it, dated up to {restated['as_of']}", restated["postings"])  # fmt: skip


def _print_postings(title: str, postings: Sequence[Mapping[str, Any]]) -> None:
    from receivables.commands.show import amount, more_line, print_table

    if not postings:
        return
    texts = ("customer_id", "document_no", "kind", "posted_on", "entered_on", "state", "currency")
    rows = [
        [*(str(row[name] or "") for name in texts), amount(row["amount"])]
        for row in postings[:SHOWN_ROWS]
    ]
    print_table(title, [*(name.replace("_", " ") for name in texts), "effect"], rows, money=7)
    typer.echo(more_line(len(postings), SHOWN_ROWS), nl=False)


def _book(row: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (row[name] for name in ("company", "account", "currency"))))
