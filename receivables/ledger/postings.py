"""Documents, payments and bills in one shape, signed as they act on the balance."""

from __future__ import annotations

import polars as pl

from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger

PAYS_BACK = ("bounced", "refund")
"""Kinds of payment that add to what the customer owes."""

BOOK = ("company", "account", "currency")
"""A balance belongs to one of these; nothing is ever matched across two."""


def postings(ledger: Ledger) -> pl.DataFrame:
    """Every row that moves a balance, numbered `item` in the order documents, payments, bills.

    Columns: item, table, kind, the book, customer_id, customer_key, number, key, instalment,
    names (key of the row it settles), names_part (its instalment), reverses (key of the row it undoes), amount and amount_lc
    (signed minor units), posted_on, issued_on, due_on, entered_on, settled_on, paid_amount,
    dishonoured_on, paid (money, not credit), _source, _row.
    """
    parts = [
        _documents(ledger["documents"]),
        _payments(ledger["payments"]),
        _bills(ledger["bills"], ledger["payments"]),
    ]
    return (
        pl.concat(parts, how="diagonal")
        .with_row_index("item")
        .with_columns(
            pl.col("item").cast(pl.Int64),
            pl.col("company", "account", "currency").fill_null(""),
        )
    )


def _documents(documents: pl.DataFrame) -> pl.DataFrame:
    negative = pl.col("amount") < 0
    return documents.select(
        pl.lit("documents").alias("table"),
        "kind",
        *BOOK,
        "customer_id",
        "customer_key",
        pl.col("document_no").alias("number"),
        pl.col("document_key").alias("key"),
        pl.col("instalment").cast(pl.String).alias("instalment"),
        folded(documents["applies_to"]).alias("names"),
        folded(documents["reverses"]).alias("reverses"),
        "amount",
        "amount_lc",
        "posted_on",
        "issued_on",
        pl.when(negative)
        .then(pl.coalesce("due_on", "issued_on"))
        .otherwise("due_on")
        .alias("due_on"),
        "entered_on",
        "settled_on",
        "paid_amount",
        pl.lit(False).alias("paid"),
        "_source",
        "_row",
    )


def _payments(payments: pl.DataFrame) -> pl.DataFrame:
    back = pl.col("kind").is_in(PAYS_BACK)

    def signed(name: str) -> pl.Expr:
        return pl.when(back).then(pl.col(name).abs()).otherwise(-pl.col(name)).alias(name)

    return payments.select(
        pl.lit("payments").alias("table"),
        "kind",
        *BOOK,
        "customer_id",
        "customer_key",
        pl.col("payment_no").alias("number"),
        pl.col("payment_key").alias("key"),
        pl.col("document_key").alias("names"),
        pl.col("instalment").cast(pl.String).alias("names_part"),
        folded(payments["reverses"]).alias("reverses"),
        signed("amount"),
        signed("amount_lc"),
        "posted_on",
        pl.col("paid_on").alias("issued_on"),
        pl.col("paid_on").alias("due_on"),
        "entered_on",
        pl.lit(True).alias("paid"),
        "_source",
        "_row",
    )


def _bills(bills: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    """Bills received in payment. One that the payments list too is left to them."""
    keyed = bills.with_columns(
        folded(bills["bill_no"]).alias("key"),
        folded(bills["customer_id"]).alias("customer_key"),
        folded(bills["document_no"]).alias("names"),
    )
    listed = pl.concat(
        [
            payments.select(pl.col("payment_key").alias("key")),
            payments.select(folded(payments["reference"]).alias("key")),
        ]
    ).drop_nulls()
    return keyed.join(listed.unique(), on="key", how="anti").select(
        pl.lit("bills").alias("table"),
        pl.lit("bill").alias("kind"),
        *BOOK,
        "customer_id",
        "customer_key",
        pl.col("bill_no").alias("number"),
        "key",
        "names",
        (-pl.col("amount")).alias("amount"),
        pl.col("received_on").alias("posted_on"),
        pl.col("received_on").alias("issued_on"),
        pl.col("received_on").alias("due_on"),
        pl.when(pl.col("state") == "dishonoured")
        .then(pl.coalesce("dishonoured_on", "matures_on"))
        .alias("dishonoured_on"),
        pl.lit(True).alias("paid"),
        "_source",
        "_row",
    )
