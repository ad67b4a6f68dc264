"""The worklist from the command line: whom to call today and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Cutoff,
    Json,
    LedgerPath,
    MapFile,
    SettingsFile,
    balance_day,
    books,
    day,
    print_json,
    values_of,
)

Shown = Annotated[int, typer.Option("--show", metavar="N", help="Customers to print; 0 = all.")]
COLUMNS = ("place", "customer_id", "name", "why", "last_on", "who")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worklist)


def worklist(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    match_cutoff: Cutoff = None,
    show: Shown = 20,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """List whom to call today and why, the dearest to miss first."""
    from receivables.refresh.worklist import worklist_job

    on = balance_day(as_of)
    answer = worklist_job(
        books(ledger, map_file, values_of(settings), on),
        on,
        match_cutoff=day(match_cutoff, "--match-cutoff"),
    )
    shown = answer.to_json()
    if as_json:
        print_json(shown)
    else:
        _print(shown, show or len(shown["calls"]))


def _print(shown: Mapping[str, Any], count: int) -> None:
    from receivables.commands.show import more_line, print_texts

    calls = shown["calls"]
    rows = [
        ["" if row[name] is None else str(row[name]) for name in COLUMNS] for row in calls[:count]
    ]
    headings = ["no.", "customer", "name", "why", "last contact", "who"]
    print_texts(f"To call on {shown['as_of']}", headings, rows)
    typer.echo(more_line(len(calls), count), nl=False)
    for row in shown["held"]:
        until = {"insolvent": "insolvent since", "on_hold": "on hold until"}[row["hold"]]
        who = f"{row['customer_id']} {row['name'] or ''}".rstrip()
        typer.echo(f"Not to be called: {who}, {until} {row['hold_on']}.")
    for text in shown["issues"]:
        typer.echo(text)
