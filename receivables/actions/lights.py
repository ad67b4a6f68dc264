"""The tie-out of all books in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.actions.texts import say

if TYPE_CHECKING:
    from receivables.ledger.tieout import TieOut


def light(ties: list[TieOut], language: str) -> str:
    """The worst tie-out of all books in words."""
    colours = {tie.light for tie in ties}
    worst = next((name for name in ("red", "amber", "green") if name in colours), "amber")
    return say(f"light_{worst}", language)
