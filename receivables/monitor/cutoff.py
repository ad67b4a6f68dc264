"""Which postings around the balance date may belong to the other period."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from receivables.ledger.posted import Posted

COLUMNS = (
    "kind", "document_no", "company", "customer_id", "name", "currency", "amount", "posted_on",
    "issued_on", "delivered_on", "entered_on", "days", "finding",
)  # fmt: skip


def cut_off(posted: Posted, as_of: date, days: int = 5) -> pl.DataFrame:
    """Documents and payments posted, issued or delivered within some days of the balance date.

    `finding` is posted_before (in the period, but issued or delivered after it), posted_after
    (issued or delivered in the period, posted after it), entered_after (back-dated: posted in the
    period, entered after it, however far back), credit_after (a credit note of the days after) or
    in_window. `days` = posted − balance date. Findings come first.

    Args:
        posted: the linked ledger.
        as_of: balance date.
        days: window to either side, calendar days.
    """
    end = pl.lit(as_of)
    events = [
        pl.col(name)
        for name in ("issued_on", "shipped_on", "delivered_on")
        if name in posted.details.columns
    ]
    window = [
        day.is_between(as_of - timedelta(days=days), as_of + timedelta(days=days))
        for day in (pl.col("posted_on"), *events)
    ]
    finding = _finding(as_of, events)
    back_dated = _back_dated(end)
    names = posted.parties.select("company", "account", "currency", "customer_key", "name")
    rows = (
        posted.details.filter(pl.any_horizontal(window) | back_dated)
        .drop("name", strict=False)
        .join(names, on=["company", "account", "currency", "customer_key"], how="left")
        .with_columns(
            finding=finding,
            days=(pl.col("posted_on") - end).dt.total_days(),
            found=(finding == "in_window"),
        )
        .sort("found", "posted_on", "item")
    )
    missing = [name for name in COLUMNS if name not in rows.columns]
    return rows.with_columns(pl.lit(None, pl.Date).alias(name) for name in missing).select(COLUMNS)


def _back_dated(end: pl.Expr) -> pl.Expr:
    """Posted in the period, entered after it."""
    return (pl.col("posted_on") <= end) & (pl.col("entered_on") > end).fill_null(value=False)


def _finding(as_of: date, events: list[pl.Expr]) -> pl.Expr:
    """Which side of the date the row may belong to."""
    end = pl.lit(as_of)
    is_in = pl.col("posted_on") <= end
    goods = [day.is_not_null() for day in events]
    later = pl.any_horizontal(day.fill_null(as_of) > end for day in events)
    earlier = pl.any_horizontal(
        there & (day <= end) for there, day in zip(goods, events, strict=True)
    )
    return (
        pl.when(is_in & later)
        .then(pl.lit("posted_before"))
        .when(~is_in & earlier)
        .then(pl.lit("posted_after"))
        .when(_back_dated(end))
        .then(pl.lit("entered_after"))
        .when(~is_in & (pl.col("kind") == "credit_note"))
        .then(pl.lit("credit_after"))
        .otherwise(pl.lit("in_window"))
    )
