"""Lay out the month-end report: figures in, sheets out. Nothing is computed that was not given."""

from __future__ import annotations

from receivables.report.aging_sheet import aging_sheet
from receivables.report.close_sheet import close_sheet
from receivables.report.data import ReportData
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
    page = Page(data, sheet_rows - 200 if sheet_rows == SHEET_ROWS else sheet_rows)
    return [close_sheet(page), aging_sheet(page), *(make(page) for make in LISTS)]
