"""The generated ledger as an accountant's workbook: Customers, Documents, Payments, Allocations."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import xlsxwriter

from benchmarks import posting
from benchmarks.generate import CACHE, CURRENCIES, Tables, tables

AS_OF = date(2026, 10, 31)
KNOWN_UNTIL = AS_OF + timedelta(days=10)
"""Day of the export: postings of the first days of November are in it, later ones are not."""


def workbook(count: int) -> Path:
    """Path of the workbook with about that many documents; written once, kept in the cache."""
    path = CACHE / f"ledger_{count}.xlsx"
    if not path.exists():
        made = tables(count)
        part = path.with_suffix(".part")
        write(sheets(made), part)
        part.rename(path)
    return path


def sheets(made: Tables) -> dict[str, pl.DataFrame]:
    """The four tables with amounts in major units, as they would be typed."""
    known = {
        "Documents": ("issued_on", posting.documents(made)),
        "Payments": ("paid_on", posting.payments(made)),
        "Allocations": ("applied_on", posting.allocations(made)),
    }
    frames = {
        name: frame.filter(pl.col(day) <= KNOWN_UNTIL).drop("posted_on", strict=False)
        for name, (day, frame) in known.items()
    }
    currency = frames["Documents"].select("document_no", "currency")
    frames["Allocations"] = frames["Allocations"].join(currency, on="document_no", how="left")
    frames = {name: frame.with_columns(_major()) for name, frame in frames.items()}
    frames["Documents"] = frames["Documents"].with_columns(
        pl.format("Order {}", pl.col("document_no").str.tail(6)).alias("order_no"),
        pl.lit("Meier").alias("salesperson"),
        pl.lit("V19").alias("tax_code"),
        (pl.col("issued_on") - pl.duration(days=3)).alias("shipped_on"),
    )
    customers = made.customers.select("customer_id", "name", "currency", "terms_days")
    return {"Customers": customers, **frames}


def write(frames: dict[str, pl.DataFrame], path: Path) -> None:
    """Write the sheets with formats, row by row, without holding them in memory."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        book.set_properties({"created": AS_OF})
        formats = {
            pl.Date: book.add_format({"num_format": "yyyy-mm-dd"}),
            pl.Float64: book.add_format({"num_format": "#,##0.00"}),
        }
        for name, frame in frames.items():
            sheet = book.add_worksheet(name)
            shape = [formats.get(kind) for kind in frame.dtypes]
            sheet.write_row(0, 0, frame.columns)
            for row, values in enumerate(frame.iter_rows(), 1):
                for column, value in enumerate(values):
                    if value is not None:
                        sheet.write(row, column, value, shape[column])


def _major() -> pl.Expr:
    places = pl.col("currency").replace_strict(CURRENCIES, return_dtype=pl.Int64)
    return pl.when(places == 0).then(pl.col("amount") / 1).otherwise(pl.col("amount") / 100)
