"""Small ledgers measured for the tests of collection speed."""

from datetime import date

import polars as pl

from receivables.ledger.link import link
from receivables.monitor.turnover_ledger import speed
from tests.ledgers import ledger

OCTOBER = date(2026, 10, 31)


def measure(
    as_of: date = OCTOBER, *, kind: str = "full", extracted_on=None, options=None, **tables
):
    books = ledger(**tables)
    books.kind, books.extracted_on = kind, extracted_on
    return speed(link(books), books, as_of, **(options or {}))


def only(found, **values) -> dict:
    """The one row of the last month that has these values."""
    rows = found.latest()
    for name, value in values.items():
        rows = rows.filter(pl.col(name) == value)
    assert rows.height == 1, rows
    return rows.row(0, named=True)
