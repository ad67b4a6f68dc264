"""An encrypted workbook of the old kind: its first record behind BOF is FILEPASS (MS-XLS 2.4.117)."""

from __future__ import annotations

from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "data" / "open_items.xls"


def build(folder: Path) -> Path:
    data = SAMPLE.read_bytes()
    begin = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    record = begin + 4 + 16
    path = folder / "ledger.xls"
    path.write_bytes(data[:record] + b"\x2f\x00" + data[record + 2 :])
    return path
