"""The linked ledger straight from the generator's row numbers: for sizes that text keys would not fit."""

from __future__ import annotations

import polars as pl

from benchmarks.generate import Tables
from receivables.ledger.posted import ADJUSTMENTS, APPLICATIONS, ITEMS, Posted


def posted(made: Tables) -> Posted:
    """The frames that `link` would make; `tests/test_benchmarks.py` compares them."""
    first = made.documents.height
    applications = _applications(made, first)
    items = pl.concat([_document_items(made), _payment_items(made, first, applications)])
    kept = pl.col("source").is_in(items["item"].implode())
    return Posted(
        items=items.cast(ITEMS),
        adjustments=pl.DataFrame(schema=ADJUSTMENTS),
        applications=applications.with_columns(kept.alias("kept"))
        .select(list(APPLICATIONS))
        .cast(APPLICATIONS),
        parties=made.customers.select(
            pl.col("customer").alias("party"),
            pl.lit("").alias("company"),
            pl.lit("").alias("account"),
            "customer_id",
            pl.col("customer_id").alias("customer_key"),
            "name",
            "currency",
            pl.lit(value=False).alias("intercompany"),
            pl.col("terms_days"),
        ),
        details=items.select("item"),
    )


def _document_items(made: Tables) -> pl.DataFrame:
    return made.documents.select(
        item="document",
        doc="document",
        parts=pl.lit(1, pl.Int64),
        party="customer",
        amount="amount",
        posted_on="issued_on",
        issued_on="issued_on",
        due_on="due_on",
    )


def _payment_items(made: Tables, first: int, applications: pl.DataFrame) -> pl.DataFrame:
    """Payments that can be open on some day: on account, matched later, or too large."""
    at_once = pl.col("matched_on") == pl.col("ready_on")
    gone = applications.filter(~pl.col("doc_hard") & at_once & pl.col("paid")).select("source")
    rows = made.payments.select(
        item=pl.col("payment").cast(pl.Int64) + first,
        doc=pl.col("payment").cast(pl.Int64) + first,
        parts=pl.lit(1, pl.Int64),
        party="customer",
        amount=-pl.col("amount"),
        posted_on="paid_on",
        issued_on="paid_on",
        due_on="paid_on",
    )
    return rows.join(gone, left_on="item", right_on="source", how="anti", maintain_order="left")


def _applications(made: Tables, first: int) -> pl.DataFrame:
    day = made.documents["issued_on"]
    notes = made.applied.select(
        source="credit",
        doc="document",
        amount="amount",
        ready_on=pl.max_horizontal(pl.lit(day).gather("credit"), pl.lit(day).gather("document")),
        matched_on="applied_on",
        paid=pl.lit(value=False),
    )
    payments = made.payments.filter(pl.col("document").is_not_null()).select(
        source=pl.col("payment").cast(pl.Int64) + first,
        doc="document",
        amount="amount",
        ready_on="paid_on",
        matched_on="matched_on",
        paid=pl.lit(value=True),
    )
    later = pl.col("matched_on") > pl.col("ready_on")
    both = pl.concat([notes, payments.filter(later), payments.filter(~later)])
    asked = both.group_by("doc").agg(asked=pl.col("amount").sum())
    worth = made.documents.select("document", worth="amount")
    hard = asked.join(worth, left_on="doc", right_on="document").filter(
        pl.col("asked") > pl.col("worth")
    )
    return both.with_row_index("seq").with_columns(
        part=pl.lit(None, pl.Int64),
        until_on=pl.lit(None, pl.Date),
        sign=pl.lit(-1, pl.Int64),
        source_hard=pl.lit(value=False),
        doc_hard=pl.col("doc").is_in(hard["doc"].implode()),
    )
