"""Where debt went from one balance date to the next: older, paid, written off or credited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

import polars as pl

from receivables.errors import NotAvailableError
from receivables.ledger.engines import collect
from receivables.ledger.open import positions
from receivables.ledger.posted import Posted
from receivables.monitor.buckets import Buckets

PAID, LOST, DILUTED = -1, -2, -3
"""Where debt ends: money, write-off, credit note (which is dilution, neither cash nor loss)."""

ALL = ""
"""Pool of everything, where amounts were weighed into one currency."""

SPLIT = " / "
"""Between the currency and the segment in the name of a pool."""


def pool_name(currency: str, segment: str = "") -> str:
    """Name of a pool: the currency, and the segment where debt is grouped by one.

    >>> pool_name("EUR"), pool_name("EUR", "high_risk"), pool_name("", "high_risk")
    ('EUR', 'EUR / high_risk', ' / high_risk')
    """
    return f"{currency}{SPLIT}{segment}" if segment else currency


def standing(
    posted: Posted,
    on: date,
    buckets: Buckets,
    base: str,
    engine: str = "polars",
    segment: str = "",
) -> pl.DataFrame:
    """Third-party items as of a date: item, pool, bucket, open, credited, lost.

    The pool is the currency, and the value of the column `segment` of Customers if one is named.

    `lost` is what was written off so far; it is part of `credited`. A write-off of a document in
    instalments is shared among them like the rest of the credit.
    """
    frame, applied = positions(posted, on, on, engine=engine)
    day = "issued_on" if base == "issued" else "due_on"
    items = collect(frame.select("item", "doc", "party", day, "open", "credited"))
    written = posted.details.filter(pl.col("kind") == "write_off")["item"]
    lost = (
        collect(applied.select("source", "doc", "amount"))
        .filter(pl.col("source").is_in(written.implode()))
        .group_by("doc")
        .agg(pl.col("amount").sum().alias("doc_lost"))
    )
    third = posted.parties.filter(~pl.col("intercompany").fill_null(value=False))
    passed = [(pl.col(day) < pl.lit(cut)).cast(pl.Int64) for cut in buckets.cutoffs(on)]
    slot = pl.when(pl.col(day).is_null()).then(buckets.no_date)
    weight = pl.col("credited") / pl.col("credited").sum().over("doc")
    return (
        items.join(third.select("party", pool=_pool(segment)), on="party")
        .join(lost, on="doc", how="left")
        .with_columns(
            slot.otherwise(pl.sum_horizontal(passed)).alias("bucket"),
            pl.when(pl.col("doc_lost") > 0)
            .then(pl.col("doc_lost") * weight)
            .otherwise(0.0)
            .fill_nan(0.0)
            .alias("lost"),
        )
        .select("item", "pool", "bucket", "open", "credited", "lost")
    )


def _pool(segment: str) -> pl.Expr:
    if not segment:
        return pl.col("currency")
    value = pl.col(segment).cast(pl.String).fill_null("")
    named = pl.col("currency") + SPLIT + value
    return pl.when(value == "").then("currency").otherwise(named)


def moves(balances: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """What became of every amount from each balance to the next: pool, origin, target, amount.

    `origin` is a bucket, `target` a bucket or PAID, LOST, DILUTED. Amounts are minor units of the
    pool's currency, as numbers for ratios.
    """
    steps = [_step(early, late) for early, late in pairwise(balances)]
    if not steps:
        raise NotAvailableError("Two balance dates at least are needed to see debt move.")
    return (
        pl.concat(steps)
        .group_by("pool", "origin", "target")
        .agg(pl.col("amount").sum())
        .sort("pool", "origin", "target")
    )


def _step(early: pl.DataFrame, late: pl.DataFrame) -> pl.DataFrame:
    then = late.select(
        "item", now="open", late_credited="credited", late_lost="lost", target="bucket"
    )
    both = early.filter(pl.col("open") > 0).join(then, on="item", how="left")
    still = pl.col("now").fill_null(0).clip(0, pl.col("open"))
    gone = pl.col("open") - still
    lost = (pl.col("late_lost") - pl.col("lost")).fill_null(0.0).clip(0.0, gone)
    credit = (pl.col("late_credited") - pl.col("credited") - lost).fill_null(0.0)
    diluted = credit.clip(0.0, gone - lost)
    ways = {
        "still": (pl.col("target"), still.cast(pl.Float64)),
        "lost": (pl.lit(LOST, pl.Int64), lost),
        "diluted": (pl.lit(DILUTED, pl.Int64), diluted),
        "paid": (pl.lit(PAID, pl.Int64), gone - lost - diluted),
    }
    parts = [
        both.select("pool", pl.col("bucket").alias("origin"), target.cast(pl.Int64).alias("target"), amount.alias("amount"))
        for target, amount in ways.values()
    ]  # fmt: skip
    return pl.concat(parts).filter(pl.col("amount") > 0)


def cohorts(balances: Sequence[pl.DataFrame], mature: int, undated: int) -> pl.DataFrame:
    """Amounts that reached each bucket and what of them was lost by the last balance.

    Only items that were open `mature` balances or more before the last one count: younger ones
    have had no time to fail. What reached a bucket is the balance at the first date in it or
    past it, less credit notes that came later. Undated items reach their own bucket only.

    Returns:
        pool, bucket, reached, lost.
    """
    if len(balances) <= mature:
        raise NotAvailableError(
            f"Cohorts need more than {mature} month ends of history; there are {len(balances)}."
        )
    end = balances[-1].select("item", last_credited="credited", last_lost="lost")
    old = pl.concat(
        [frame.select("item") for frame in balances[: len(balances) - mature]]
    ).unique()
    seen = pl.concat(
        [frame.with_columns(step=pl.lit(step)) for step, frame in enumerate(balances)]
    ).filter(pl.col("open") > 0)
    seen = seen.join(old, on="item", how="semi").sort("step")
    found = []
    for bucket in sorted(seen["bucket"].unique()):
        first = (
            seen.filter(pl.col("bucket").is_between(bucket, max(bucket, undated - 1)))
            .unique("item", keep="first", maintain_order=True)
            .join(end, on="item", how="left")
        )
        lost = (pl.col("last_lost") - pl.col("lost")).clip(0.0, pl.col("open"))
        diluted = (pl.col("last_credited") - pl.col("credited") - lost).clip(0.0, pl.col("open"))
        found.append(
            first.select(
                "pool", bucket=pl.lit(bucket), reached=pl.col("open") - diluted, lost=lost
            )
        )
    return (
        pl.concat(found)
        .group_by("pool", "bucket")
        .agg(pl.col("reached", "lost").sum())
        .sort("pool", "bucket")
    )


def weighed(frame: pl.DataFrame, weights: Mapping[str, float], *amounts: str) -> pl.DataFrame:
    """Amounts of all currencies in one pool (per segment), weighed by the as-of rate of each."""
    keys = [name for name in frame.columns if name not in {"pool", *amounts}]
    currency = pl.col("pool").str.split(SPLIT).list.first()
    weight = currency.replace_strict(dict(weights), return_dtype=pl.Float64)
    return (
        frame.with_columns(pl.col(name) * weight for name in amounts)
        .with_columns((pl.col("pool").str.strip_prefix(currency)).alias("pool"))
        .group_by("pool", *keys)
        .agg(pl.col(amounts).sum())
        .sort(keys)
    )


def unmatched_write_offs(posted: Posted, on: date) -> pl.DataFrame:
    """Write-offs that settle no document: their loss has no age. currency, rows, amount."""
    ends = posted.applications["source"].unique().implode()
    return (
        posted.details.filter(
            (pl.col("kind") == "write_off")
            & (pl.col("posted_on") <= pl.lit(on))
            & ~pl.col("item").is_in(ends)
        )
        .group_by("currency")
        .agg(pl.len().alias("rows"), pl.col("amount").sum())
        .sort("currency")
    )
