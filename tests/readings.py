"""What the tests of reading share: columns of a ledger as lists, and small workbooks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import xlsxwriter

from receivables.ledger.model import RawLedger

DATA = Path(__file__).parent / "data"
HEADINGS = ["Invoice no", "Customer", "Date", "Due date", "Amount", "Currency"]
DAY = dt.datetime(2026, 9, 3)  # noqa: DTZ001 - dates of a ledger have no zone


def documents(ledger: RawLedger) -> pl.DataFrame:
    return ledger.tables["documents"].frame


def column(ledger: RawLedger, name: str, table: str = "documents") -> list[str | None]:
    return ledger.tables[table].frame.get_column(name).to_list()


def codes(ledger: RawLedger) -> list[str]:
    return [issue.code for issue in ledger.issues]


def write_book(
    path: Path, rows: list[list[object]], *, top: int = 0, left: int = 0, **options: object
) -> Path:
    """A workbook with one sheet; dates carry a date format."""
    book = xlsxwriter.Workbook(str(path), dict(options))
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet("Documents")
    for at, row in enumerate(rows, start=top):
        for place, value in enumerate(row, start=left):
            if isinstance(value, dt.datetime):
                sheet.write_datetime(at, place, value, day)
            elif value is not None:
                sheet.write(at, place, value)
    book.close()
    return path


def totals(ledger: RawLedger, decimal: str = ".") -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    thousands = "," if decimal == "." else "."
    for customer, amount in documents(ledger).select("customer_id", "amount").iter_rows():
        minus = "-" in amount
        plain = amount.strip("-").replace(thousands, "").replace(decimal, ".")
        found[customer] = found.get(customer, Decimal(0)) + (
            -Decimal(plain) if minus else Decimal(plain)
        )
    return found
