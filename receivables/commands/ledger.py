"""The jobs on a ledger: map, check, open, aging, statement, refresh, demo."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the ledger's commands."""
