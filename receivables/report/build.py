"""Lay out the month-end report: figures in, sheets out. Nothing is computed that was not given."""

from __future__ import annotations

import polars as pl

from receivables.errors import BadValueError
from receivables.report.aging_sheet import aging_sheet
from receivables.report.close_sheet import close_sheet
from receivables.report.data import (
    AGING_SCHEMA,
    CREDIT_SCHEMA,
    CUT_OFF_SCHEMA,
    ITEMS_SCHEMA,
    ReportData,
)
from receivables.report.lists import LISTS
from receivables.report.page import Page
from receivables.report.spec import SHEET_ROWS, SheetSpec


def build(data: ReportData, *, sheet_rows: int = SHEET_ROWS) -> list[SheetSpec]:
    """Sheets of the report in the order a controller opens them.

    Args:
        data: figures of the month end.
        sheet_rows: rows of a sheet; a longer table lists its first rows and is kept whole in a
            parquet file beside the workbook.
    """
    _check(data)
    page = Page(data, sheet_rows - 200 if sheet_rows == SHEET_ROWS else sheet_rows)
    return [close_sheet(page), aging_sheet(page), *(make(page) for make in LISTS)]


_OPTIONAL = {
    "instalment", "disputed_amount", "promised_on", "dispute_reason", "salesperson", "subsequent",
    "issued_on", "delivered_on", "entered_on",
}  # fmt: skip


def _check(data: ReportData) -> None:
    """Columns that the sheets and their formulas stand on."""
    buckets = {f"b{index}": pl.Int64() for index in range(len(data.bucket_labels))}
    frames = {
        "aging": (data.aging, AGING_SCHEMA | buckets),
        "items": (data.items, ITEMS_SCHEMA),
        "credit_balances": (data.credit_balances, CREDIT_SCHEMA),
        "cut_off": (data.cut_off, CUT_OFF_SCHEMA),
    }
    for name, (frame, schema) in frames.items():
        missing = [column for column in schema if column not in {*frame.columns, *_OPTIONAL}]
        wrong = [
            f"{column} ({frame.schema[column]}, not {kind})"
            for column, kind in schema.items()
            if column in frame.columns and frame.schema[column] not in {kind, pl.Null()}
        ]
        if missing or wrong:
            faults = ", ".join([*missing, *wrong])
            raise BadValueError(
                f"ReportData.{name}: columns missing or of the wrong type: {faults}. See receivables/report/data.py for the tables a report takes."
            )
