"""Headings in two rows, merged across and downwards."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

HEADINGS = ["Invoice no", "Customer", "Type", "Date", "Due date", "Amount", "Currency"]


def build(folder: Path) -> Path:
    path = folder / "ledger.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Documents")
    sheet.merge_range("A1:G1", "Open items of the company")
    for cells, text in {
        "A2:A3": "Invoice no",
        "B2:B3": "Customer",
        "C2:C3": "Type",
        "F2:F3": "Amount",
        "G2:G3": "Currency",
    }.items():
        sheet.merge_range(cells, text)
    sheet.merge_range("D2:E2", "Date")
    sheet.write_row("D3", ["Invoice", "Due"])
    sheet.write_row("A4", ["R1", "C1", "invoice", "2026-09-03", "2026-10-03", 5.5, "EUR"])
    sheet.write_row("A5", ["R2", "C1", "invoice", "2026-09-04", "2026-10-04", 6.5, "EUR"])
    book.close()
    return path
