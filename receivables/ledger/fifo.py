"""Settle the oldest first: which items a customer's own credits and cash would clear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from receivables.money import as_money

Frame = nw.LazyFrame[Any]


def fifo_items(items: Frame) -> Frame:
    """Open items after every party's credits and cash settled its oldest dated items first.

    What an item receives counts as `paid`; what a credit gives lowers its rest, as any matching
    does. Rows left with nothing open go. amount − paid − credited = open still holds.

    Args:
        items: frame of `open_items` (item, party, due_on, amount, paid, credited, open, …).
    """
    columns = items.collect_schema().names()
    owed = nw.col("open") > 0
    return (
        items.join(fifo(items), on="item", how="left")
        .with_columns(*as_money("settled"))
        .with_columns(
            paid=nw.col("paid") + nw.when(owed).then(nw.col("settled")).otherwise(0),
            credited=nw.col("credited") + nw.when(owed).then(0).otherwise(nw.col("settled")),
            open=nw.col("open") - nw.col("settled"),
        )
        .filter(nw.col("open") != 0)
        .select(*columns)
    )


def fifo(
    items: Frame,
    *,
    order: Sequence[str] = ("due_on",),
    by: str = "party",
    key: str = "item",
    amount: str = "open",
) -> Frame:
    """What each item settles of its party's opposite items, oldest first; nil rows left out.

    Per party: used = min(Σ positive, −Σ negative). Positive and negative items are each taken in
    the given order until `used` is spent. Undated items come last, ties fall to the smaller key,
    so every engine gives the same rows. Sums per party are nil.

    Args:
        items: open items with the columns `by`, `key`, `amount` (int64 minor units, signed) and
            those of `order`. Give only the rows that may settle each other.
        order: dates (or numbers) from oldest to newest.
        by: who owes; a party is one company, account, customer and currency.
        key: unique number of the item.
        amount: column with what is open.

    Returns:
        Lazy frame of `key` and `settled` (signed as the item), where `settled` is not nil.

    >>> import polars as pl
    >>> frame = pl.LazyFrame({"item": [1, 2, 3], "party": [7, 7, 7], "due_on": [2, 1, None], "open": [50, 80, -100]})
    >>> fifo(nw.from_native(frame)).collect().to_native().sort("item").rows()
    [(1, 20), (2, 80), (3, -100)]
    """
    size = nw.col(amount).abs()
    positive = nw.when(nw.col(amount) > 0).then(nw.col(amount)).otherwise(nw.lit(0))
    negative = nw.when(nw.col(amount) < 0).then(-nw.col(amount)).otherwise(nw.lit(0))
    pools = (
        items.select(by, _debt=positive, _credit=negative)
        .group_by(by)
        .agg(nw.col("_debt").sum(), nw.col("_credit").sum())
        .select(by, _used=nw.min_horizontal("_debt", "_credit").cast(nw.Int64))
        .filter(nw.col("_used") > 0)
    )
    undated = [nw.col(name).is_null().cast(nw.Int64).alias(f"_no_{name}") for name in order]
    ranks = [part for name in order for part in (f"_no_{name}", name)]
    queued = (
        items.select(by, key, amount, *order)
        .join(pools, on=by, how="inner")
        .with_columns(*undated, _size=size, _owed=(nw.col(amount) > 0).cast(nw.Int64))
        .with_columns(_upto=nw.col("_size").cum_sum().over(by, "_owed", order_by=[*ranks, key]))
        .with_columns(nw.col("_upto").cast(nw.Int64))
        .with_columns(_left=nw.col("_used") - nw.col("_upto") + nw.col("_size"))
        .filter(nw.col("_left") > 0)
        .with_columns(_part=nw.min_horizontal("_size", "_left"))
    )
    settled = nw.when(nw.col(amount) > 0).then(nw.col("_part")).otherwise(-nw.col("_part"))
    return queued.select(key, settled=settled.cast(nw.Int64)).filter(nw.col("settled") != 0)
