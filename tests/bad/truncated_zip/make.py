"""A workbook of which the download broke off."""

from __future__ import annotations

from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "data" / "kingdee.xlsx"


def build(folder: Path) -> Path:
    data = SAMPLE.read_bytes()
    path = folder / "ledger.xlsx"
    path.write_bytes(data[: len(data) * 2 // 3])
    return path
