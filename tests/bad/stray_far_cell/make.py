"""One stray cell in the last corner of the sheet."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

HEADINGS = ["Invoice no", "Customer", "Type", "Date", "Due date", "Amount", "Currency"]


def build(folder: Path) -> Path:
    path = folder / "ledger.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Documents")
    sheet.write_row(0, 0, HEADINGS)
    sheet.write("XFD1048576", "x")
    book.close()
    return path
