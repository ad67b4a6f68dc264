"""The ledger as it was known on a date: what was entered later is not there, whatever its posting date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from receivables.ledger.link import link
from receivables.ledger.model import Ledger
from receivables.ledger.posted import Posted

BACK_DATED = ("documents", "payments")
"""Tables whose rows say when they were entered."""


def known_at(ledger: Ledger, posted: Posted, as_of: date) -> Posted:
    """The linked ledger without rows that were posted by a date but entered after it.

    Rows posted later need no removing: every question about a date leaves them out.

    Args:
        ledger: the checked tables.
        posted: the same, linked; returned as it is where nothing was back-dated.
        as_of: day of the question.
    """
    late = pl.col("entered_on") > as_of
    back_dated = late & (pl.col("posted_on") <= as_of)
    if not any(ledger[name].select(back_dated.any()).item() for name in BACK_DATED):
        return posted
    kept = {name: ledger[name].filter(late.not_().fill_null(value=True)) for name in BACK_DATED}
    return link(replace(ledger, tables={**ledger.tables, **kept}))
