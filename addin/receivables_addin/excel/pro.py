"""xlwings without its commercial part, which needs a licence of its own."""

from __future__ import annotations

import sys
from typing import Any


def block_pro() -> None:
    """Make every import of xlwings.pro fail, even where a user has a licence key for it.

    xlwings is BSD apart from that package and tries to import it whenever it is imported itself.
    """
    sys.modules["xlwings.pro"] = None  # type: ignore[assignment]


def import_xlwings() -> Any:
    """The xlwings package, its commercial part kept out."""
    block_pro()
    import xlwings

    return xlwings
