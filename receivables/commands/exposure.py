"""What a bank lends on the open items, and what exchange rates can move: the command `exposure`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Json,
    LedgerPath,
    MapFile,
    SettingsFile,
    balance_day,
    books,
    print_json,
    values_of,
)

AdvanceRate = Annotated[
    float | None,
    typer.Option(
        "--advance-rate",
        help="What the bank lends on eligible receivables, 0 to 1. Left out: eligible only.",
    ),
]
CrossAging = Annotated[
    float | None,
    typer.Option(
        "--cross-aging",
        help="A customer with more than this share of debt too old drops out, 0 to 1. Left out: no test.",
    ),
]
Cap = Annotated[
    float | None,
    typer.Option(
        "--cap",
        help="Most that one customer may be of the eligible total, 0 to 1. Left out: no test.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(exposure)


def exposure(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    advance_rate: AdvanceRate = None,
    cross_aging: CrossAging = None,
    cap: Cap = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show the borrowing base by company and currency, and what is open in foreign currencies."""
    from receivables.refresh.exposure import exposure_job

    on = balance_day(as_of)
    answer = exposure_job(
        books(ledger, map_file, values_of(settings), on),
        on,
        advance_rate=advance_rate,
        cross_aging=cross_aging,
        cap=cap,
    ).to_json()
    if as_json:
        print_json(answer)
    else:
        _print(answer, ledger, map_file)


def _print(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import amount, issues_line, print_table
    from receivables.refresh.exposure import BASE_AMOUNTS

    lent = answer["advance_rate"]
    shown = BASE_AMOUNTS if lent is not None else BASE_AMOUNTS[:-1]
    rows = [
        [row["company"], row["currency"], *(amount(row[name]) for name in shown)]
        for row in answer["borrowing_base"]
    ]
    title = (
        f"Borrowing base as of {answer['as_of']}: younger than {answer['max_days']:g} days from "
        f"{answer['aged_from']} date"
    )
    print_table(title, ["company", "currency", *shown], rows, money=2)
    if lent is None:
        typer.echo(
            "No base without the contract's advance rate: give --advance-rate, such as 0.8."
        )
    _print_fx(answer)
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))


def _print_fx(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, print_table

    found = answer["fx_exposure"]
    if not found:
        typer.echo("Nothing is open in a foreign currency.")
        return
    rows = [
        [
            *(row[name] for name in ("company", "currency", "local")),
            *(amount(row[name]) for name in ("open", "advances", "exposure")),
            *_valued(row),
        ]
        for row in found
    ]
    headings = ["company", "currency", "local", "open", "advances", "exposure", "rate", "in local", "share"]  # fmt: skip
    print_table(f"Open in foreign currency as of {answer['as_of']}", headings, rows, money=3)
    for text in dict.fromkeys(row["missing"] for row in found if row["missing"]):
        typer.echo(text)


def _valued(row: Mapping[str, Any]) -> tuple[str, str, str]:
    from receivables.commands.show import amount

    if row["rate"] is None:
        return "n/a", "n/a", "n/a"
    share = "n/a" if row["share"] is None else f"{row['share']:.1%}"
    return f"{row['rate']:.6g}", amount(row["in_local"]), share
