"""Two years of accounts of a third of the customers, made from their revenue and a profile."""

from __future__ import annotations

from functools import cache

from receivables import money
from receivables.demo.books import Books, Row
from receivables.demo.firm import rows_of
from receivables.demo.written import label, read
from receivables.ledger.schema import tables

PER_MILLE = 1000


def enter_statements(books: Books) -> None:
    """Enter the accounts of `rows/statements.csv` under their cases."""
    for line in rows_of("rows/statements.csv"):
        row = books.add("statements", _statement(line))
        books.case(line["case"], label("statements", row))


@cache
def profiles() -> dict[str, dict[str, int]]:
    """Items in per mille of revenue, by profile; an item that a profile leaves blank is not given.

    >>> profiles()["strong"]["total_liabilities"], "ebit" in profiles()["bank"]
    (300, False)
    """
    found: dict[str, dict[str, int]] = {}
    for line in rows_of("statement_profiles.csv"):
        for profile, share in line.items():
            if profile != "item" and share:
                found.setdefault(profile, {})[line["item"]] = int(share)
    return found


def _statement(line: dict[str, str]) -> Row:
    """One year: every item its share of the revenue, in the unit the accounts are printed in."""
    revenue, currency = int(line["revenue"]), line["currency"]
    items = {
        name: revenue * share // PER_MILLE for name, share in profiles()[line["profile"]].items()
    }
    items |= {"revenue": revenue, "equity": items["total_assets"] - items["total_liabilities"]}
    if line["market_value"]:
        items["market_value"] = int(line["market_value"])
    columns = tables()["statements"]
    about = ("customer_id", "period_end", "months", "known_on", "unit", "currency", "audited")
    row: Row = {name: read(line[name], columns[name], currency) for name in about}
    return row | {name: money.to_minor(str(item), currency) for name, item in items.items()}
