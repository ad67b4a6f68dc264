"""Six thousand good rows, and a letter O typed for a nought in row 5,000."""

from __future__ import annotations

from pathlib import Path

HEADINGS = "Invoice no,Customer,Type,Date,Due date,Currency,Amount"


def build(folder: Path) -> Path:
    rows = [f"R{row},C1,invoice,2026-09-03,2026-10-03,EUR,{row}.50" for row in range(2, 6001)]
    rows[4998] = "R5000,C1,invoice,2026-09-03,2026-10-03,EUR,12O.50"
    path = folder / "documents.csv"
    path.write_text("\n".join([HEADINGS, *rows]), encoding="utf-8")
    return path
