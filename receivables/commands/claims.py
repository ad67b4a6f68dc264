"""What was agreed, what is contested, what will be barred by time: `plans`, `disputes`, `limitation`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from receivables.refresh.books import Books
    from receivables.refresh.claims import ClaimsAnswer

SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(plans)
    app.command()(disputes)
    app.command()(limitation)


def plans(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show the instalment plans: kept, late or breached, what is due now, and which lack the insurer's consent."""
    from receivables.refresh.claims import plans_job

    answer = _answer(plans_job, ledger, as_of, map_file, settings)
    if as_json:
        print_json(answer)
        return
    columns = ("state", "plan_no", "customer_id", "name", "late_since", "next_on", "currency")
    amounts = ("total", "paid", "missing", "called")
    _print(f"Instalment plans as of {answer['as_of']}", answer["plans"], columns, amounts)
    for row in answer["plans"]:
        for note in _notes(row):
            typer.echo(f"{row['plan_no']}: {note}")
    _print_end(answer, "plan", ledger, map_file)


def disputes(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show the open disputes: which clock runs out next, how much is disputed, and what stays payable."""
    from receivables.refresh.claims import disputes_job

    answer = _answer(disputes_job, ledger, as_of, map_file, settings)
    if as_json:
        print_json(answer)
        return
    columns = ("next_step", "due_on", "days_left", "dispute_no", "customer_id", "name", "document_no", "reason", "currency")  # fmt: skip
    amounts = ("open", "disputed", "undisputed")
    _print(f"Open disputes as of {answer['as_of']}", answer["disputes"], columns, amounts)
    _print_end(answer, "dispute", ledger, map_file)


def limitation(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show when each open debt is barred by time, the soonest first; no legal advice."""
    from receivables.refresh.claims import limitation_job

    answer = _answer(limitation_job, ledger, as_of, map_file, settings)
    if as_json:
        print_json(answer)
        return
    columns = ("barred_on", "days_left", "law", "customer_id", "name", "document_no", "due_on", "event", "event_on", "why", "currency")  # fmt: skip
    _print(f"Limitation as of {answer['as_of']}", answer["debts"], columns, ("open",))
    guessed = sum(row["law_from"] == "country" for row in answer["debts"])
    if guessed:
        typer.echo(
            f"{guessed} of them by the customer's country, because no contract names the law: fill in governing_law."
        )
    _print_end(answer, "debt", ledger, map_file)


def _answer(
    job: Callable[[Books, date], ClaimsAnswer], ledger: str, as_of: str, map_file: Path | None,
    settings: Path | None,
) -> dict[str, Any]:  # fmt: skip
    on = balance_day(as_of)
    return job(books(ledger, map_file, values_of(settings), on), on).to_json()


def _print(
    title: str, found: Sequence[Mapping[str, Any]], columns: Sequence[str], amounts: Sequence[str]
) -> None:
    from receivables.commands.show import amount, more_line, print_table

    rows = [
        [*("" if row[name] is None else str(row[name]) for name in columns), *(amount(row[name]) for name in amounts)]
        for row in found[:SHOWN]
    ]  # fmt: skip
    if rows:
        headings = [name.replace("_", " ") for name in (*columns, *amounts)]
        print_table(title, headings, rows, money=len(columns))
        typer.echo(more_line(len(found), SHOWN), nl=False)


def _notes(row: Mapping[str, Any]) -> list[str]:
    found = []
    if row["blocked"]:
        found.append(
            "over insured debt, and no consent of the insurer is recorded (insurer_consent)."
        )
    if row["state"] and Decimal(row["difference"]):
        found.append(
            f"the instalments less the amount of the plan make {row['difference']}, not nil."
        )
    if not row["state"]:
        found.append("has no instalments in PlanInstalments.")
    return found


def _print_end(answer: Mapping[str, Any], what: str, ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import issues_line

    counts = ", ".join(f"{count} {name.replace('_', ' ') or 'without'}" for name, count in answer["counts"].items())  # fmt: skip
    typer.echo(f"{sum(answer['counts'].values())} {what}s{': ' + counts if counts else ''}.")
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))
