"""The demo ledger as tables: typed columns, amounts as exact decimal text in major units."""

from __future__ import annotations

from typing import Any

import polars as pl

from receivables import money
from receivables.demo.books import Books, Row
from receivables.demo.cash import script_cash
from receivables.demo.chance import Chance
from receivables.demo.claims import enter_claims
from receivables.demo.credits import script_credits
from receivables.demo.dates import script_dates
from receivables.demo.firm import company
from receivables.demo.insured import enter_insured
from receivables.demo.oddities import enter_oddities, spoil
from receivables.demo.payments import collect
from receivables.demo.people import enter_reviews, seal_approvals
from receivables.demo.sales import sell
from receivables.demo.statements import enter_statements
from receivables.demo.summaries import summarise
from receivables.demo.written import enter_written
from receivables.ledger.schema import Column, tables

SEED = 2026

SHEETS: dict[str, str] = {
    "customers": "Customers",
    "documents": "Documents",
    "payments": "Payments",
    "allocations": "Allocations",
    "bills": "Bills",
    "orders": "Orders",
    "sales": "Sales",
    "rates": "Rates",
    "controls": "Controls",
    "limits": "Limits",
    "statements": "Statements",
    "ratings": "Ratings",
    "country_ratings": "CountryRatings",
    "insurance_policies": "InsurancePolicies",
    "contracts": "Contracts",
    "approvals": "Approvals",
    "overrides": "Overrides",
    "plans": "Plans",
    "plan_instalments": "PlanInstalments",
    "disputes": "Disputes",
    "promises": "Promises",
    "contacts": "Contacts",
    "events": "Events",
    "training": "Training",
    "companies": "Companies",
    "bank_accounts": "BankAccounts",
    "settings": "Settings",
}
"""Input tables of the demo in the order of the sheets."""

EXTRA: dict[str, tuple[str, ...]] = {
    "documents": ("branch",),
    "rates": ("source",),
    "settings": ("name", "value", "unit", "note"),
}
"""Columns outside the schema: the user's own, and the settings table."""

ORDER: dict[str, tuple[str, ...]] = {
    "documents": ("posted_on", "company", "document_no"),
    "payments": ("posted_on", "company", "payment_no"),
    "allocations": ("applied_on", "credit_no", "document_no"),
}
"""Columns by which entries of a table are sorted, as a ledger prints them."""


def build_firm(seed: int = SEED) -> dict[str, pl.DataFrame]:
    """Input tables of the invented trading firm, one frame per sheet.

    Text, dates, whole numbers and flags are typed. Amounts and rates are exact decimal text in
    major units: `"1234.50"`, `"98000"` in yen; two dirty cells hold what somebody typed instead.

    Args:
        seed: of the draws. The scripted cases and the dirty rows are the same for every seed.

    >>> build_firm()["customers"].height
    88
    """
    books = build_books(seed)
    return {table: _frame(table, books.rows[table]) for table in SHEETS}


def build_books(seed: int = SEED) -> Books:
    """The entries behind the tables, with the register of scripted cases and dirty rows."""
    books = Books(Chance(seed))
    sell(books)
    collect(books)
    books.scripted = True
    for script in (script_credits, script_cash, script_dates, enter_oddities):
        script(books)
    enter_claims(books)
    for enter in (enter_written, enter_statements, enter_insured, enter_reviews, seal_approvals):
        enter(books)
    for table, columns in ORDER.items():
        books.rows[table].sort(key=lambda row: tuple(row[name] for name in columns))
    summarise(books)
    spoil(books)
    return books


def _frame(table: str, rows: list[Row]) -> pl.DataFrame:
    schema = tables().get(table, {})
    names = [*schema, *EXTRA.get(table, ())]
    used = [name for name in names if any(row.get(name) is not None for row in rows)]
    types = {name: _type(schema.get(name)) for name in used}
    data = {name: [_value(row, name, schema.get(name)) for row in rows] for name in used}
    return pl.DataFrame(data, schema=types)


def _type(column: Column | None) -> pl.DataType:
    kinds = {"date": pl.Date(), "integer": pl.Int64(), "flag": pl.Boolean()}
    return kinds.get(column.type if column else "text", pl.String())


def _value(row: Row, name: str, column: Column | None) -> Any:
    value = row.get(name)
    if column and column.type == "amount" and isinstance(value, int):
        local = name.endswith("_lc")
        return money.text(value, _local(row) if local else row["currency"] or "EUR")
    return value


def _local(row: Row) -> str:
    return str(company(row["company"])["currency"])
