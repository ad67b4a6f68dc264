"""Rows hidden by a filter still belong to the ledger."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

HEADINGS = ["Invoice no", "Customer", "Type", "Date", "Due date", "Amount", "Currency"]


def build(folder: Path) -> Path:
    path = folder / "ledger.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Documents")
    sheet.write_row(0, 0, HEADINGS)
    for row in range(1, 5):
        sheet.write_row(
            row, 0, [f"R{row}", "C1", "invoice", "2026-09-03", "2026-10-03", 5.5, "EUR"]
        )
    for row in (2, 3, 50):
        sheet.set_row(row, None, None, {"hidden": True})
    book.close()
    return path
