"""A sheet of zeros: 200 MB packed into 200 kB."""

from __future__ import annotations

import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    path = folder / "ledger.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", bytes(200 << 20))
    return path
