"""Who relaxed which limit or term and why, by salesperson."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger

OVERRIDES: dict[str, pl.DataType] = {
    "salesperson": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "kind": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "decided_by": pl.String(),
    "decided_on": pl.Date(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "running": pl.Boolean(),
}
BY_PERSON: dict[str, pl.DataType] = {
    "salesperson": pl.String(),
    "overrides": pl.Int64(),
    "running": pl.Int64(),
    "customers": pl.Int64(),
    "without_reason": pl.Int64(),
    "last_on": pl.Date(),
}


def overrides(ledger: Ledger, as_of: date) -> pl.DataFrame:
    """Overrides decided by the date, the newest first, with the customer's salesperson (`OVERRIDES`)."""
    rows = ledger["overrides"]
    customers = ledger["customers"]
    who = customers.select(
        folded(customers["customer_id"]).alias("customer_key"), "name", "salesperson"
    ).unique("customer_key", keep="first")
    decided = pl.coalesce("decided_on", "valid_from")
    running = (pl.col("valid_from").is_null() | (pl.col("valid_from") <= as_of)) & (
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= as_of)
    )
    return (
        rows.with_columns(
            folded(rows["customer_id"]).alias("customer_key"), running.alias("running")
        )
        .filter(decided.is_null() | (decided <= as_of))
        .join(who, on="customer_key", how="left")
        .with_columns(pl.col("salesperson").fill_null(""))
        .sort("decided_on", "customer_id", descending=[True, False], nulls_last=True)
        .select(*OVERRIDES)
        .cast(OVERRIDES)  # type: ignore[arg-type]
    )


def by_salesperson(listed: pl.DataFrame) -> pl.DataFrame:
    """Overrides counted per salesperson (`BY_PERSON`), most first.

    Args:
        listed: result of `overrides`.
    """
    blank = pl.col("reason").fill_null("").str.strip_chars() == ""
    return (
        listed.group_by("salesperson")
        .agg(
            pl.len().cast(pl.Int64).alias("overrides"),
            pl.col("running").sum().cast(pl.Int64),
            pl.col("customer_id").n_unique().cast(pl.Int64).alias("customers"),
            blank.sum().cast(pl.Int64).alias("without_reason"),
            pl.col("decided_on").max().alias("last_on"),
        )
        .sort("overrides", "salesperson", descending=[True, False])
        .select(*BY_PERSON)
    )
