"""What to tell the credit insurer by when, and which orders are held: `insurance`, `holds`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.commands import alliance
from receivables.commands.options import (
    AsOf,
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

SHOWN = 50
Holiday = Annotated[
    list[str] | None,
    typer.Option(
        "--holiday", metavar="DATE", help="Day nobody works; may be given several times."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(insurance)
    app.command()(holds)
    alliance.register(app)


def insurance(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    holiday: Holiday = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show which invoices must be reported to the insurer this week, what is insured, and where to stop shipping."""
    from receivables.refresh.transfer import insurance_job

    on = balance_day(as_of)
    resting = {found for text in holiday or () if (found := day(text, "--holiday"))}
    loaded = books(ledger, map_file, values_of(settings), on)
    answer = insurance_job(loaded, on, holidays=resting).to_json()
    if as_json:
        print_json(answer)
    else:
        _print_insurance(answer, ledger, map_file)


def holds(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show the open orders that are held, with the reasons, and those released by name and date."""
    from receivables.refresh.transfer import holds_job

    on = balance_day(as_of)
    answer = holds_job(books(ledger, map_file, values_of(settings), on), on).to_json()
    if as_json:
        print_json(answer)
    else:
        _print_holds(answer, ledger, map_file)


def _print_insurance(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import amount, issues_line, more_line, print_table

    if not answer["policies"]:
        typer.echo("The ledger has no table InsurancePolicies: nothing is insured.")
    week = answer["week"]
    rows = [
        [row["action"], row["act_by"], str(row["days_left"]), row["customer_id"], row["name"] or "",
         row["document_no"] or "", row["currency"], amount(row["insurer_open"]), amount(row["insured"]),
         amount(row["at_stake"])]
        for row in week[:SHOWN]
    ]  # fmt: skip
    headings = ["action", "act by", "days left", "customer", "name", "document", "currency", "open", "insured", "lost if not"]  # fmt: skip
    if rows:
        print_table(f"To do within the week of {answer['as_of']}", headings, rows, money=7)
        typer.echo(more_line(len(week), SHOWN), nl=False)
    else:
        typer.echo(f"Nothing to tell the insurer within the week of {answer['as_of']}.")
    _print_buyers(answer)
    for one in answer["insurance_issues"]:
        typer.echo(one["text"])
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))


def _print_buyers(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, more_line, print_table

    buyers = [row for row in answer["buyers"] if row["policy_no"] or row["stop_now"]]
    names = ("insurer_open", "insured", "uninsured", "missed", "indemnity")
    rows = [
        ["STOP" if row["stop_now"] else "", row["stop_ship"] or "", row["customer_id"], row["name"] or "",
         row["currency"], *(amount(row[name]) for name in names)]
        for row in buyers[:SHOWN]
    ]  # fmt: skip
    headings = ["ship", "stop on", "customer", "name", "currency", "open", "insured", "uninsured", "missed", "indemnity"]  # fmt: skip
    if rows:
        print_table("Insured buyers; indemnity if one alone failed now", headings, rows, money=5)
        typer.echo(more_line(len(buyers), SHOWN), nl=False)


def _print_holds(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import amount, issues_line, more_line, print_table

    counts = answer["counts"]
    stopped = [row for row in answer["orders"] if row["state"] != "ok"]
    rows = [
        [row["state"], row["reasons"], row["order_no"], row["customer_id"], row["name"] or "",
         row["released_by"] or "", row["currency"] or "", *(amount(row[name]) for name in ("amount", "exposure", "limit"))]
        for row in stopped[:SHOWN]
    ]  # fmt: skip
    headings = ["state", "reasons", "order", "customer", "name", "released by", "currency", "amount", "exposure", "limit"]  # fmt: skip
    if rows:
        print_table(f"Orders held or released as of {answer['as_of']}", headings, rows, money=7)
        typer.echo(more_line(len(stopped), SHOWN), nl=False)
    typer.echo(
        f"Open orders: {counts['ok']} free, {counts['hold']} held, {counts['released']} released."
    )
    for row in answer["orders"]:
        if row["note"]:
            typer.echo(f"{row['order_no']}: {row['note']}")
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))
