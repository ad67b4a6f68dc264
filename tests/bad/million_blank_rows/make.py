"""A million formatted rows with nothing in them."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

HEADINGS = ["Invoice no", "Customer", "Type", "Date", "Due date", "Amount", "Currency"]


def build(folder: Path) -> Path:
    path = folder / "ledger.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("Documents")
    yellow = book.add_format({"bg_color": "yellow"})
    sheet.write_row(0, 0, HEADINGS)
    for row in (1, 2):
        sheet.write_row(
            row, 0, [f"R{row}", "C1", "invoice", "2026-09-03", "2026-10-03", 5.5, "EUR"]
        )
    for row in range(3, 1_000_000):
        sheet.write_blank(row, 0, None, yellow)
    book.close()
    return path
