"""Formulas that no program ever calculated, one of them alone in its row."""

from __future__ import annotations

from pathlib import Path

import openpyxl

HEADINGS = ["Invoice no", "Customer", "Type", "Date", "Due date", "Amount", "Currency"]


def build(folder: Path) -> Path:
    path = folder / "ledger.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Documents"
    sheet.append(HEADINGS)
    sheet.append(["R1", "C1", "invoice", "2026-09-03", "2026-10-03", 5.5, "EUR"])
    sheet.append(["R2", "C1", "invoice", "2026-09-03", "2026-10-03", "=F2*2", "EUR"])
    sheet["F6"] = "=SUM(F2:F3)"
    book.save(path)
    return path
