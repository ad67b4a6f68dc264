"""The job `open`: every open item as of a date, with what is still to come if asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.posted import Posted
from receivables.monitor.receipts import subsequent
from receivables.refresh.books import Books

SHOWN = (
    "document_no",
    "instalment",
    "customer_id",
    "kind",
    "issued_on",
    "due_on",
    "currency",
    "amount",
    "paid",
    "credited",
    "open",
    "days_past_due",
    "bucket",
)
AMOUNTS = ("amount", "paid", "credited", "open", "future_payments", "remaining")


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """Open items; amounts in minor units of their currency."""

    as_of: date
    match_cutoff: date
    frame: pl.DataFrame
    issues: int

    def to_json(self) -> dict[str, Any]:
        """Rows with amounts as decimal text and days as ISO dates."""
        names = [*SHOWN, *(name for name in AMOUNTS[4:] if name in self.frame.columns)]
        return {
            "as_of": self.as_of.isoformat(),
            "match_cutoff": self.match_cutoff.isoformat(),
            "rows": [_row(row) for row in self.frame.select(names).iter_rows(named=True)],
            "issues": self.issues,
        }


def open_job(
    books: Books, as_of: date, *, match_cutoff: date | None = None, future: bool = False
) -> OpenAnswer:
    """Open items of the ledger in document currency, by customer and due date.

    Args:
        books: the loaded ledger.
        as_of: balance date.
        match_cutoff: matchings entered up to this day count.
        future: add post-dated payments (dated later, but entered by the as-of date where the
            ledger says when) and what remains after them.
    """
    opened = books.open(as_of, match_cutoff)
    frame = with_buckets(opened.frame(), books, as_of)
    if future:
        frame = frame.join(
            _future(books, as_of, match_cutoff), on="item", how="left"
        ).with_columns(pl.col("future_payments").fill_null(0))
        frame = frame.with_columns(remaining=pl.col("open") - pl.col("future_payments"))
    frame = frame.sort("customer_id", "currency", "due_on", "item", nulls_last=True)
    return OpenAnswer(as_of, opened.match_cutoff, frame, len(books.issues))


def with_buckets(frame: pl.DataFrame, books: Books, as_of: date) -> pl.DataFrame:
    """Open items with `bucket`: the label of the settings' buckets."""
    buckets = books.buckets()
    column = f"{books.base()}_on"
    slot = pl.sum_horizontal(
        (pl.col(column) < pl.lit(cut)).cast(pl.Int64) for cut in buckets.cutoffs(as_of)
    )
    names = pl.col("slot").replace_strict(dict(enumerate(buckets.labels)), return_dtype=pl.String)
    return (
        frame.with_columns(slot=slot)
        .with_columns(
            bucket=pl.when(pl.col(column).is_null())
            .then(pl.lit(buckets.labels[buckets.no_date]))
            .otherwise(names)
        )
        .drop("slot")
    )


def _future(books: Books, as_of: date, match_cutoff: date | None) -> pl.DataFrame:
    """Payments already in hand that are dated after the as-of date, per item."""
    posted = _known(books.posted, as_of)
    last = posted.details["posted_on"].max()
    until = last if isinstance(last, date) and last > as_of else as_of
    found = subsequent(posted, books.open(as_of, match_cutoff), until, engine=books.engine)
    return found.items.select("item", future_payments="received")


def _known(posted: Posted, as_of: date) -> Posted:
    """The ledger without payments that were entered after a date."""
    late = posted.details.filter(
        (pl.col("table") == "payments") & (pl.col("entered_on") > pl.lit(as_of))
    )
    if late.is_empty():
        return posted
    kept = posted.applications.join(late.select(source="item"), on="source", how="anti")
    return replace(posted, applications=kept, native={})


def _row(row: dict[str, Any]) -> dict[str, Any]:
    currency = row["currency"]
    return {
        name: money.text(value, currency)
        if name in AMOUNTS and value is not None
        else value.isoformat()
        if isinstance(value, date)
        else value
        for name, value in row.items()
    }
