"""A file that nobody may read."""

from __future__ import annotations

from pathlib import Path


def build(folder: Path) -> Path:
    path = folder / "ledger.csv"
    path.write_text("Invoice no,Customer,Date,Amount\nR1,C,2026-09-03,5\n")
    path.chmod(0)
    return path
