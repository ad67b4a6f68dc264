"""The credit file of the firm: rows a person wrote, one CSV per table in `rows`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from receivables import money
from receivables.demo.books import Books, Row
from receivables.demo.firm import rows_of
from receivables.ledger.schema import Column, tables

WRITTEN = (
    "limits",
    "orders",
    "events",
    "ratings",
    "country_ratings",
    "insurance_policies",
    "contracts",
    "approvals",
    "overrides",
    "plans",
    "plan_instalments",
    "contacts",
    "training",
    "companies",
    "bank_accounts",
)
"""Tables with written rows; some of them have drawn rows too."""

KEYS: dict[str, tuple[str, ...]] = {
    "limits": ("customer_id", "kind", "valid_from"),
    "orders": ("order_no",),
    "events": ("customer_id", "on"),
    "statements": ("customer_id", "period_end"),
    "ratings": ("subject", "source", "date"),
    "country_ratings": ("subject", "source", "date"),
    "insurance_policies": ("policy_no",),
    "contracts": ("contract_no",),
    "approvals": ("approval_no",),
    "overrides": ("override_no",),
    "plans": ("plan_no",),
    "plan_instalments": ("plan_no", "instalment"),
    "contacts": ("contact_no",),
    "training": ("training_no",),
    "companies": ("company",),
    "bank_accounts": ("company", "account"),
    "customers": ("customer_id",),
}
"""Columns that name a row of a table in the list of cases."""

READERS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "integer": int,
    "flag": lambda text: text == "yes",
}


def enter_written(books: Books) -> None:
    """Enter every row of the credit file under its case. Nothing here is drawn."""
    for table in WRITTEN:
        for line in rows_of(f"rows/{table}.csv"):
            row = {
                name: read(text, tables()[table][name], line.get("currency", ""))
                for name, text in line.items()
                if name != "case"
            }
            books.case(line["case"], label(table, books.add(table, row)))


def read(text: str, column: Column, currency: str) -> Any:
    """A cell of a written row: amounts become minor units, a blank is None.

    >>> read("1234.50", tables()["orders"]["amount"], "EUR"), read("", tables()["events"]["on"], "")
    (123450, None)
    """
    if not text:
        return None
    if column.type == "amount":
        return money.to_minor(text, currency)
    return READERS.get(column.type, str)(text)


def label(table: str, row: Row) -> str:
    """What a row is called where it has no number of its own: its key, spelt out.

    >>> label("events", {"customer_id": "00107", "on": date(2026, 9, 28), "kind": "Enforcement"})
    '00107 2026-09-28'
    """
    return " ".join(str(row[name]) for name in KEYS[table])
