"""A document number of 16 digits stored as a number, and one stored as text."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

HEADINGS = ["Invoice no", "Customer", "Type", "Date", "Due date", "Amount", "Currency"]


def build(folder: Path) -> Path:
    path = folder / "ledger.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Documents")
    sheet.write_row(0, 0, HEADINGS)
    sheet.write_row(
        1, 0, [1234567890123456, "C1", "invoice", "2026-09-03", "2026-10-03", 5.5, "EUR"]
    )
    sheet.write_row(
        2, 0, ["1234567890123457", "C1", "invoice", "2026-09-03", "2026-10-03", 5.5, "EUR"]
    )
    book.close()
    return path
