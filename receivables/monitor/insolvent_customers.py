"""Whose insolvency was known as of a day: one answer for letters, calls, limits and insurers."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.ledger.keys import folded
from receivables.monitor.warnings_signals import INSOLVENCY, signal_of


def insolvent_customers(events: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Customers with an insolvency among their events: customer_key, opened_on, insolvent_on.

    insolvent_on = the day on which it was known: that of the event, or the later one on which it was
    heard of. An event without a day is not known.

    Args:
        events: the table Events (kind, customer_id, on, known_on).
        as_of: day of the question.

    >>> row = {"kind": "Insolvency", "customer_id": "00123", "on": date(2026, 9, 1), "known_on": date(2026, 9, 9)}
    >>> insolvent_customers(pl.DataFrame([row]), date(2026, 9, 9)).rows()
    [('00123', datetime.date(2026, 9, 1), datetime.date(2026, 9, 9))]
    >>> insolvent_customers(pl.DataFrame([row]), date(2026, 9, 8)).height
    0
    """
    kinds = [
        kind for kind in events["kind"].drop_nulls().unique() if signal_of(kind) == INSOLVENCY
    ]
    known = pl.max_horizontal("on", pl.coalesce("known_on", "on"))
    return (
        events.with_columns(folded(events["customer_id"]).alias("customer_key"), known=known)
        .filter(pl.col("kind").is_in(kinds), pl.col("known") <= as_of)
        .group_by("customer_key", maintain_order=True)
        .agg(opened_on=pl.col("on").min(), insolvent_on=pl.col("known").min())
    )
