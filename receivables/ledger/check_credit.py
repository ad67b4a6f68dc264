"""The credit file: ratings and accounts of a day to come, known too early, and limits below nil."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables import money
from receivables.ledger.sheet import Run

MADE = {"ratings": "date", "country_ratings": "date", "statements": "period_end"}
"""Day of which each row speaks, by table."""


def credit_file(used: dict[str, pl.DataFrame], run: Run, as_of: date | None) -> None:
    """Report rows of the credit file that cannot be as they stand; none is set aside.

    A row counts from the later of its own day and the day it was known, so nothing of the future is
    used; what says that it was known before it was made has one of the two wrong.
    """
    for table, made in MADE.items():
        frame = used[table]
        early = frame.filter(pl.col("known_on") < pl.col(made))
        told = early.with_columns(
            value=pl.col("known_on").cast(pl.String), made=pl.col(made).cast(pl.String)
        )
        run.findings.add("known_too_early", table, told, "known_on")
        if as_of is None:
            continue
        ahead = frame.filter((pl.col(made) > as_of) & pl.col("known_on").is_null())
        told = ahead.with_columns(
            value=pl.col(made).cast(pl.String), as_of=pl.lit(as_of.isoformat())
        )
        run.findings.add("dated_ahead", table, told, made)
    below = used["limits"].filter(pl.col("amount") < 0)
    texts = [
        money.text(amount, currency or money.NO_CURRENCY)
        for amount, currency in below.select("amount", "currency").iter_rows()
    ]
    told = below.with_columns(value=pl.Series(texts, dtype=pl.String))
    run.findings.add("limit_below_nil", "limits", told, "amount")
