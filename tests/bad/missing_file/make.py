"""A path that leads nowhere."""

from __future__ import annotations

from pathlib import Path


def build(folder: Path) -> Path:
    return folder / "ledger.xlsx"
