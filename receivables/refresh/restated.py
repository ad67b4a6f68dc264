"""A balance as it was reported beside the same balance as now known."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from receivables.errors import NotAvailableError
from receivables.ledger.open import open_items
from receivables.monitor.reported import as_reported, state_of
from receivables.refresh import snapshots
from receivables.refresh.books import Books
from receivables.refresh.close_answer import Restated
from receivables.refresh.snapshots import Snapshot


def restated(then: Snapshot, now: pl.DataFrame, folder: Path) -> Restated:
    """A snapshot against the books of its date as now known.

    Args:
        then: what was reported.
        now: `monitor.reported.state_of` of the same date.
        folder: where the snapshot stands, for its name.
    """
    found = snapshots.changed_since(then, now)
    customers = as_reported(then.frame, now, found)
    return Restated(then.as_of, str(folder / f"{then.as_of}.parquet"), customers, found)


def state_at(books: Books, on: date) -> pl.DataFrame:
    """The books of a date as now known; empty before the first posting."""
    return state_of(books.posted, opened_at(books, on))


def opened_at(books: Books, on: date) -> Any:
    """Open items of a day, none before the first posting."""
    try:
        return books.open(on)
    except NotAvailableError:
        return open_items(books.posted, on, engine=books.engine)
