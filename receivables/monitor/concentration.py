"""How much hangs on few customers: shares of the largest and the Herfindahl index."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from receivables.errors import DomainError
from receivables.monitor.aging import AgingTable


@dataclass(frozen=True, slots=True)
class Concentration:
    """The largest debtors per currency.

    `frame`: currency, rank, the key columns, key, name, open (minor units), share and
    cumulative_share (0–1) of the top n.
    `summary`: currency, customers (keys with a positive balance), positive and negative (Σ of
    positive and of negative balances, minor units), top_share and hhi (0–1; null without a
    positive balance).
    """

    n: int
    frame: pl.DataFrame
    summary: pl.DataFrame


def concentration(aged: AgingTable, n: int = 10) -> Concentration:
    """Top-n share = Σ of the n largest ÷ Σ positive; HHI = Σ share², both 0–1.

    Shares are of positive balances only: a customer in credit is no exposure, and would lift the
    others' shares beyond 1. His balance stands in `negative`, so positive + negative = total.
    Amounts are integers, shares are floats.

    Args:
        aged: aging by customer, group, country, salesperson or any other key.
        n: how many to name, 1 or more.

    Raises:
        DomainError: n below 1.

    Source: Herfindahl-Hirschman index, as used for market shares: 1 is a single debtor, 1 ÷ k is
        k equal ones.

    >>> from types import SimpleNamespace
    >>> names = {"currency": ["EUR"] * 3, "key": ["1", "2", "3"], "name": ["A", "B", "C"]}
    >>> table = SimpleNamespace(frame=pl.DataFrame(names | {"open": [750, 250, -90]}), keys=())
    >>> concentration(table, 1).summary.rows()
    [('EUR', 2, 1000, -90, 0.75, 0.625)]
    """
    if n < 1:
        raise DomainError(f"Top {n} names nobody: give 1 or more.")
    keyed = [
        name for name in aged.frame.columns if name in {"currency", "key", "name", *aged.keys}
    ]
    positive = pl.when(pl.col("open") > 0).then(pl.col("open")).otherwise(0)
    whole = positive.sum().over("currency")
    ranked = (
        aged.frame.select(*keyed, "open")
        .sort("currency", -pl.col("open"), "key")
        .with_columns(
            rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("currency"),
            share=positive / whole,
            cumulative_share=positive.cum_sum().over("currency") / whole,
        )
    )
    debtors = ranked.filter(pl.col("open") > 0)
    index = (pl.col("share") ** 2).sum().alias("hhi")
    top = pl.col("share").filter(pl.col("rank") <= n).sum().alias("top_share")
    shares = debtors.group_by("currency").agg(
        top, index, pl.len().cast(pl.Int64).alias("customers")
    )
    sums = ranked.group_by("currency").agg(
        positive=positive.sum(),
        negative=pl.col("open").filter(pl.col("open") < 0).sum(),
    )
    summary = sums.join(shares, on="currency", how="left").with_columns(
        pl.col("customers").fill_null(0)
    )
    order = ("currency", "customers", "positive", "negative", "top_share", "hhi")
    rows = debtors.filter(pl.col("rank") <= n)
    return Concentration(
        n=n,
        frame=rows.select("currency", "rank", *keyed[1:], "open", "share", "cumulative_share"),
        summary=summary.select(order).sort("currency"),
    )
