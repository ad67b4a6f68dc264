"""A workbook in which bytes of a sheet are broken."""

from __future__ import annotations

import zipfile
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "data" / "kingdee.xlsx"


def build(folder: Path) -> Path:
    data = bytearray(SAMPLE.read_bytes())
    with zipfile.ZipFile(SAMPLE) as book:
        start = book.getinfo("xl/worksheets/sheet1.xml").header_offset + 120
    data[start : start + 40] = bytes(40)
    path = folder / "ledger.xlsx"
    path.write_bytes(data)
    return path
