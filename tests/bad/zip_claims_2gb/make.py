"""A workbook whose directory says that a sheet unpacks to 2 GB."""

from __future__ import annotations

import struct
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "data" / "kingdee.xlsx"
NAME = b"xl/worksheets/sheet1.xml"


def build(folder: Path) -> Path:
    data = bytearray(SAMPLE.read_bytes())
    place = data.rindex(NAME)  # central directory: 46 bytes before the name, size at 24
    data[place - 46 + 24 : place - 46 + 28] = struct.pack("<I", 1 << 31)
    path = folder / "ledger.xlsx"
    path.write_bytes(data)
    return path
