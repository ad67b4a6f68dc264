"""The debt as the insurer counts it: every receipt on the buyer's oldest invoice, whatever the ledger says."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.ledger.engines import collect
from receivables.ledger.open import positions
from receivables.ledger.posted import Posted

BUYER = ("company", "customer_key", "currency")


def insurer_items(
    posted: Posted, as_of: date, cutoff: date | None = None, *, engine: str = "polars"
) -> pl.DataFrame:
    """Debt per invoice after all money of the buyer was credited to his oldest invoice first.

    Per company, customer and currency: what was ever paid on an invoice and what lies unapplied
    settle the oldest due date first; credit notes stay with the invoice they were matched to. The
    sum is that of the ledger (not below 0); only the invoices it stands on differ.

    Returns:
        item, company, customer_key, currency, issued_on, due_on, ledger_open, insurer_open (int64
        minor units); invoices with either left.

    Source: Allianz Trade, conditions for Switzerland: payments are credited to the oldest invoice.
    """
    standing = collect(positions(posted, as_of, cutoff or as_of, engine=engine)[0])
    parties = posted.parties.select("party", *BUYER)
    rows = standing.select("item", "party", "issued_on", "due_on", "amount", "paid", "open").join(
        parties, on="party", how="left", maintain_order="left"
    )
    owes = (pl.col("amount") > 0) & (pl.col("open") >= 0)
    pool = pl.when(owes).then(pl.col("paid").clip(lower_bound=0)).otherwise(-pl.col("open"))
    owed = pl.when(owes).then(pl.col("open") + pl.col("paid").clip(lower_bound=0)).otherwise(0)
    queued = (
        rows.with_columns(owed=owed, pool=pool.sum().over(BUYER))
        .filter(owes)
        .sort(pl.col("due_on").is_null(), "due_on", "item")
        .with_columns(before=pl.col("owed").cum_sum().over(BUYER) - pl.col("owed"))
    )
    settled = pl.min_horizontal((pl.col("pool") - pl.col("before")).clip(lower_bound=0), "owed")
    return (
        queued.with_columns(insurer_open=(pl.col("owed") - settled).cast(pl.Int64))
        .filter((pl.col("insurer_open") > 0) | (pl.col("open") > 0))
        .select(
            "item",
            *BUYER,
            "issued_on",
            "due_on",
            pl.col("open").alias("ledger_open"),
            "insurer_open",
        )
        .sort("item")
    )
