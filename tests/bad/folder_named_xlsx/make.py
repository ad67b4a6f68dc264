"""A folder with the name of a workbook."""

from __future__ import annotations

from pathlib import Path


def build(folder: Path) -> Path:
    path = folder / "ledger.xlsx"
    path.mkdir()
    return path
