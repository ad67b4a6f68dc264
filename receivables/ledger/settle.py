"""How much of each document is settled: sums where that is enough, ordered sums where it is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw

from receivables.ledger.posted import Posted
from receivables.money import as_money

Frame = nw.LazyFrame[Any]

NO_DATE = date(2200, 12, 31)
"""Stands for a missing due date in an order: no engine then decides where nulls go."""

APPLIED = ("source", "doc", "part", "amount", "matched_on", "paid", "kept")


def worth(items: Frame, adjustments: Frame, as_of: date, posted: Posted) -> Frame:
    """Items posted by a date with `live`: amount after reversals, bounces and recoveries."""
    there = items.filter(nw.col("posted_on") <= nw.lit(as_of))
    if posted.adjustments.is_empty():
        nil = nw.lit(0).cast(nw.Int64)
        return there.with_columns(live=nw.col("amount"), adjusted_paid=nil)
    changes = (
        adjustments.filter(nw.col("ready_on") <= nw.lit(as_of))
        .with_columns(money=nw.when(nw.col("paid")).then(nw.col("amount")).otherwise(0))
        .group_by("item")
        .agg(adjusted=nw.col("amount").sum(), adjusted_paid=nw.col("money").sum())
    )
    return (
        there.join(changes, on="item", how="left")
        .with_columns(*as_money("adjusted", "adjusted_paid"))
        .with_columns(live=nw.col("amount") + nw.col("adjusted"))
        .drop("adjusted")
    )


def effective(known: Frame, items: Frame, posted: Posted) -> Frame:
    """Applications with the amount that really counts.

    Each source is used up in the order in which its matchings were known; each document takes
    what it still owes in the same order; what it cannot take goes back to the source.
    """
    hard_there = posted.applications["source_hard"] | posted.applications["doc_hard"]
    if not hard_there.any():
        return known.select(*APPLIED)
    is_hard = nw.col("source_hard") | nw.col("doc_hard")
    hard = _within_document(_within_source(known.filter(is_hard), items), items)
    soft = known.filter(~is_hard).select(*APPLIED)
    return nw.concat([soft, hard.select(*APPLIED)])


def _within_source(hard: Frame, items: Frame) -> Frame:
    """Cut applications to what their source is worth, in order."""
    live = items.select(source=nw.col("item"), source_live=nw.col("live"))
    ready = hard.join(live, on="source", how="inner").with_columns(
        room=nw.max_horizontal(nw.col("source_live") * nw.col("sign"), nw.lit(0))
    )
    return _cut(ready, "source").drop("source_live")


def _within_document(hard: Frame, items: Frame) -> Frame:
    """Cut applications to what their document still owes, in order."""
    touched = hard.select("doc").unique()
    owed = (
        items.select("doc", "live")
        .join(touched, on="doc", how="semi")
        .group_by("doc")
        .agg(doc_live=nw.col("live").sum())
    )
    given = hard.group_by("source").agg(given=nw.col("amount").sum())
    ready = (
        hard.join(owed, on="doc", how="inner")
        .join(given, left_on="doc", right_on="source", how="left")
        .with_columns(*as_money("doc_live", "given"))
        .with_columns(
            room=nw.max_horizontal(
                -nw.col("doc_live") * nw.col("sign") - nw.col("given"), nw.lit(0)
            )
        )
    )
    cut = _cut(ready, "doc")
    return cut.filter(nw.col("amount") > 0)


def _cut(ready: Frame, by: str) -> Frame:
    """Let rows take from `room` in order until it is used up."""
    before = (
        nw.col("amount").cum_sum().over(by, order_by=["matched_on", "seq"]) - nw.col("amount")
    ).cast(nw.Int64)
    left = ready.with_columns(left=nw.col("room") - before)
    amount = nw.max_horizontal(nw.min_horizontal("left", "amount"), nw.lit(0))
    return left.with_columns(amount=amount.cast(nw.Int64)).drop("left", "room")


def totals(listed: Frame, inline: Frame) -> Frame:
    """Settled amount, and money in it, by item: what it received and what it gave.

    What an item received from an inline application stands beside it already.
    """
    received = listed.select(
        item=nw.col("doc"),
        settled=nw.col("amount"),
        money=nw.when(nw.col("paid")).then(nw.col("amount")).otherwise(0).cast(nw.Int64),
    )
    gave = [
        frame.filter(nw.col("kept")).select(
            item=nw.col("source"), settled=nw.col("amount"), money=nw.lit(0).cast(nw.Int64)
        )
        for frame in (listed, inline)
    ]
    return (
        nw.concat([received, *gave])
        .group_by("item")
        .agg(settled=nw.col("settled").sum(), money=nw.col("money").sum())
    )


def single_documents(items: Frame, settled: Frame, as_of: date, cutoff: date) -> Frame:
    """Items with what is settled of each, right where a document has no instalments."""
    there = (nw.col("sole_ready") <= nw.lit(as_of)) & (nw.col("sole_matched") <= nw.lit(cutoff))
    joined = items.join(settled, on="item", how="left").with_columns(*as_money("settled", "money"))
    return joined.with_columns(
        settled=nw.col("settled") + nw.when(there).then(nw.col("sole")).otherwise(0),
        money=nw.col("money") + nw.when(there).then(nw.col("sole_money")).otherwise(0),
    )


def instalments(items: Frame, settled: Frame, applied: Frame) -> Frame:
    """Share what a document received among its instalments: named ones first, then oldest first."""
    parts = items.filter(nw.col("parts") > 1).with_columns(
        due_order=nw.col("due_on").fill_null(NO_DATE),
        size=nw.max_horizontal(nw.col("live"), -nw.col("live")),
    )
    by_doc = (
        settled.join(parts.select("item", "doc"), on="item", how="inner")
        .group_by("doc")
        .agg(settled=nw.col("settled").sum(), money=nw.col("money").sum())
    )
    named = (
        applied.filter(~nw.col("part").is_null())
        .group_by("part")
        .agg(named=nw.col("amount").sum())
    )
    shared = (
        parts.join(by_doc, on="doc", how="left")
        .join(named, left_on="item", right_on="part", how="left")
        .with_columns(*as_money("settled", "money", "named"))
        .with_columns(named=nw.min_horizontal("named", "size"))
        .with_columns(rest=nw.col("settled") - nw.col("named").sum().over("doc"))
        .with_columns(space=nw.col("size") - nw.col("named"))
    )
    taken = _fill(shared, pool="rest", space="space", into="taken")
    surplus = (
        nw.when(nw.col("item") == nw.col("doc"))
        .then(nw.col("rest") - nw.col("taken").sum().over("doc"))
        .otherwise(0)
    )
    whole = taken.with_columns(settled=nw.col("named") + nw.col("taken") + surplus)
    money = _fill(whole.rename({"money": "pool"}), pool="pool", space="settled", into="money")
    extra = ("due_order", "size", "named", "rest", "space", "taken", "pool")
    return money.drop(*extra).with_columns(*as_money("settled", "money"))


def _fill(frame: Frame, *, pool: str, space: str, into: str) -> Frame:
    """Pour `pool` (the same for all rows of a document) into `space`, oldest instalment first."""
    before = nw.col(space).cum_sum().over("doc", order_by=["due_order", "item"]) - nw.col(space)
    left = frame.with_columns(left=(nw.col(pool) - before).cast(nw.Int64))
    poured = nw.max_horizontal(nw.min_horizontal("left", space), nw.lit(0)).cast(nw.Int64)
    return left.with_columns(poured.alias(into)).drop("left")
