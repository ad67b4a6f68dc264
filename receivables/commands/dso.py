"""How fast customers pay: the command `dso`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Engine,
    Json,
    LedgerPath,
    MapFile,
    SettingsFile,
    balance_day,
    books,
    names,
    print_json,
    values_of,
)

SHOWN_ROWS = 60
"""Rows of a table on the terminal; JSON has them all."""

By = Annotated[str, typer.Option("--by", help="month (the whole firm), company or customer.")]
Months = Annotated[int, typer.Option("--months", help="Month ends shown.")]
Method = Annotated[
    list[str] | None,
    typer.Option(
        "--method",
        help="all, simple, countback, best, delinquent, rolling, true, collection, turnover, terms, "
        "index or late; several with commas between.",
    ),
]
MonthDays = Annotated[
    str, typer.Option("--month-days", help="calendar, or 30 for 30 days in every month.")
]
Basis = Annotated[
    str,
    typer.Option("--basis", help="gross (receivables and sales with tax) or net (both without)."),
]
Grace = Annotated[int, typer.Option("--grace", help="Days that the late rate forgives.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(dso)


def dso(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    by: By = "month",
    months: Months = 12,
    method: Method = None,
    month_days: MonthDays = "calendar",
    basis: Basis = "gross",
    grace: Grace = 0,
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Measure how fast receivables turn into cash: DSO in all its forms, days late, late rates."""
    from receivables.refresh.dso import dso_job, measures_of

    on = balance_day(as_of)
    methods = names(method or ["all"])
    measures_of(methods)
    answer = dso_job(
        books(ledger, map_file, values_of(settings), on, engine),
        on,
        by=by,
        months=months,
        methods=methods,
        month_days=month_days,
        basis=basis,
        grace_days=grace,
    ).to_json()
    if as_json:
        print_json(answer)
    else:
        _print(answer, ledger, map_file)


def _print(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import amount, issues_line, more_line, print_table

    last = max((row["month_end"] for row in answer["rows"]), default="")
    by_customer = answer["by"] == "customer"
    shown = [row for row in answer["rows"] if not by_customer or row["month_end"] == last]
    measures = answer["measures"]
    headings = ["key", "currency", "month", "basis", "receivables", "sales", *measures]
    rows = [
        [
            *(row[name] for name in ("key", "currency", "month_end", "basis")),
            *(amount(row[name]) for name in ("receivables", "sales")),
            *(_figure(row[name], name) for name in measures),
        ]
        for row in shown[:SHOWN_ROWS]
    ]
    title = f"Speed of collection as of {answer['as_of']}, by {answer['by']}"
    print_table(title, headings, rows, money=4)
    typer.echo(more_line(len(answer["rows"]), len(rows)), nl=False)
    for text in _why(shown[:SHOWN_ROWS], measures):
        typer.echo(text)
    for note in answer["notes"]:
        typer.echo(f"{note['message']} {note['cure']}")
    typer.echo(
        issues_line(answer["issues"] - len(answer["notes"]), ledger, answer["as_of"], map_file)
    )


def _figure(value: float | None, name: str) -> str:
    if value is None:
        return "n/a"
    return f"{value:.1%}" if name.startswith("late_rate") else f"{value:,.2f}"


def _why(rows: list[dict[str, Any]], measures: list[str]) -> list[str]:
    """One line per reason for n/a, with the first row that has it and how many more there are."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for reason in filter(None, row["missing"].split("; ")):
            if set(reason.partition(":")[0].split(", ")) & set(measures):
                place = " ".join(filter(None, (row["key"], row["currency"], row["month_end"])))
                found.setdefault(reason, []).append(place)
    return [
        f"n/a in {places[0]}{f' and {len(places) - 1} more' if len(places) > 1 else ''}: {reason}."
        for reason, places in found.items()
    ]
