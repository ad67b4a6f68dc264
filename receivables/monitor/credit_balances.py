"""Customers whom the firm owes: candidates for another line of the balance sheet."""

from __future__ import annotations

import polars as pl

from receivables.ledger.engines import collect
from receivables.ledger.open import OpenItems


def credit_balances(opened: OpenItems) -> pl.DataFrame:
    """Customers with a negative balance per company, account and currency, largest first.

    Columns: company, account, customer_id, name, currency, debits, credits, balance (minor
    units); debits + credits = balance.
    """
    items = collect(opened.items.select("party", "open"))
    debit = pl.when(pl.col("open") > 0).then("open").otherwise(0)
    sums = items.group_by("party").agg(debits=debit.sum(), balance=pl.col("open").sum())
    keys = ("company", "account", "customer_id", "name", "currency")
    return (
        sums.filter(pl.col("balance") < 0)
        .join(opened.parties.select("party", *keys), on="party", how="left")
        .with_columns(credits=pl.col("balance") - pl.col("debits"))
        .sort("currency", "balance", "customer_id")
        .select(*keys, "debits", "credits", "balance")
    )
