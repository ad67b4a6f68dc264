"""A zip with a csv in it."""

from __future__ import annotations

import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    path = folder / "ledger.zip"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("ledger.csv", "a,b\n1,2\n")
    return path
