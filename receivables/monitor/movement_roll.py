"""Roll matrix: from which bucket to which, or out as paid, credited or written off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw
import polars as pl

from receivables.errors import BadValueError
from receivables.ledger.engines import collect
from receivables.ledger.fifo import fifo
from receivables.ledger.postings import BOOK
from receivables.monitor.buckets import Buckets
from receivables.monitor.movement import Span, party_of_items

ORIGINS = ("unapplied", "settled", "new", "new_credits")
"""Where an amount was, besides the buckets: credits not yet applied, settled at the opening (and
open again), debits posted since, and credits posted since."""

TARGETS = ("unapplied", "paid", "credited", "written_off", "applied")
"""Where it is now, besides the buckets. `applied` is what credits gave to documents."""

BASES = {"due": "due_on", "issued": "issued_on"}
NOT_DEBT = ("recovery", "reversal")
"""Kinds that only change what another row is worth."""


def roll(
    whole: Span,
    buckets: Buckets | None = None,
    *,
    base: str = "",
    by: Sequence[str] = BOOK,
    unapplied: str = "keep",
) -> pl.DataFrame:
    """Roll matrix: what became of every amount of the opening balance and of every new posting.

    Row by row, Σ targets = what stood there: the opening bucket, or the amount newly posted; what
    was settled at the opening sums to nil (money that bounced: paid negative, open again).
    Column by column, Σ origins = the closing bucket. Debits stand in the buckets, credits in
    `unapplied`, as in an aging with credits kept separate.

    Args:
        whole: the two balances (`movement.span`).
        buckets: default 30, 60, 90 days.
        base: `due` or `issued`; default the one the buckets are meant for.
        by: columns of the parties; default company, account, currency.
        unapplied: `keep`, or `fifo` where credits settle the oldest debt first.

    Returns:
        The keys, `origin` (b0, b1 … or one of ORIGINS), `target` (b0, b1 … or one of TARGETS) and
        amount in minor units, nil amounts left out.

    Raises:
        BadValueError: unknown base.
    """
    buckets = buckets or Buckets.parse()
    column = BASES.get(base or buckets.base)
    if column is None:
        raise BadValueError(f"base is '{base}': give due or issued.")
    items = _changes(whole, column, unapplied)
    long = _long(_placed(items, whole, buckets, column))
    keys = list(dict.fromkeys([*by, "currency"]))
    parties = whole.posted.parties.select("party", *keys)
    return (
        long.join(parties, on="party")
        .group_by(*keys, "origin", "target")
        .agg(pl.col("amount").sum())
        .filter(pl.col("amount") != 0)
        .sort(*keys, "origin", "target")
    )


def _changes(whole: Span, column: str, unapplied: str) -> pl.DataFrame:
    """Every row there at the end: before, now, and what left it as paid or otherwise."""
    names = ("item", "doc", "open", "paid")
    late, early = (
        _settled_oldest(frame, column) if unapplied == "fifo" else frame
        for frame in (whole.late, whole.early)
    )
    details = whole.posted.details.filter(pl.col("posted_on") <= whole.end)
    joined = (
        details.select("item", "table", "kind", "amount", "posted_on", "due_on", "issued_on")
        .join(party_of_items(whole.posted), on="item")
        .join(late.select(names), on="item", how="left")
        .join(early.select("item", was="open", was_paid="paid"), on="item", how="left")
        .with_columns(pl.col("open", "paid", "was", "was_paid").fill_null(0))
    )
    there = pl.col("posted_on") <= whole.start
    is_debt = (
        (pl.col("table") == "documents")
        & (pl.col("amount") > 0)
        & ~pl.col("kind").is_in(NOT_DEBT).fill_null(value=False)
    )
    gone = pl.when(there).then("was").otherwise("amount") - pl.col("open")
    left = joined.with_columns(
        there=there,
        is_debt=is_debt,
        gone=gone,
        paid=pl.when(is_debt).then(pl.col("paid") - pl.col("was_paid")).otherwise(0),
    )
    return _written_off(left, whole)


def _settled_oldest(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The balance after each customer's credits settled its oldest debt."""
    taken = collect(fifo(nw.from_native(frame.lazy()), order=(column,)))
    owed = pl.col("open") > 0
    return frame.join(taken, on="item", how="left").with_columns(
        open=pl.col("open") - pl.col("settled").fill_null(0),
        paid=pl.col("paid") + pl.when(owed).then(pl.col("settled").fill_null(0)).otherwise(0),
    )


def _written_off(items: pl.DataFrame, whole: Span) -> pl.DataFrame:
    """Add `written_off`: write-offs since, shared among instalments oldest first."""
    sources = whole.posted.details.filter(pl.col("kind") == "write_off")
    signs = sources.select(source="item", sign=pl.col("amount").sign())
    lost = (
        pl.concat(
            [
                applied.join(signs, on="source").select(
                    "doc", lost=-pl.col("amount") * pl.col("sign") * way
                )
                for applied, way in ((whole.late_applied, 1), (whole.early_applied, -1))
            ]
        )
        .group_by("doc")
        .agg(pl.col("lost").sum())
    )
    room = (pl.col("gone") - pl.col("paid")).clip(lower_bound=0)
    order = ["due_on", "item"]
    before = room.cum_sum().over("doc", order_by=order) - room
    fits = (pl.col("lost") - before).clip(0, room)
    first = pl.col("item") == pl.col("item").first().over("doc", order_by=order)
    shared = items.join(lost, on="doc", how="left").with_columns(pl.col("lost").fill_null(0))
    filled = shared.with_columns(written_off=pl.when("is_debt").then(fits).otherwise(0))
    rest = pl.col("lost") - pl.col("written_off").sum().over("doc")
    return filled.with_columns(
        written_off=pl.col("written_off")
        + pl.when(first & pl.col("is_debt")).then(rest).otherwise(0)
    )


def _placed(items: pl.DataFrame, whole: Span, buckets: Buckets, column: str) -> pl.DataFrame:
    """Add `origin` and `target`, and split what left."""
    new = pl.when("is_debt").then(pl.lit("new")).otherwise(pl.lit("new_credits"))
    origin = (
        pl.when(~pl.col("there"))
        .then(new)
        .when(pl.col("was") == 0)
        .then(pl.lit("settled"))
        .when(pl.col("was") < 0)
        .then(pl.lit("unapplied"))
        .otherwise(_slot(column, buckets, whole.start))
    )
    target = (
        pl.when(pl.col("open") < 0)
        .then(pl.lit("unapplied"))
        .otherwise(_slot(column, buckets, whole.end))
    )
    return items.with_columns(
        origin=origin,
        target=target,
        credited=pl.when("is_debt")
        .then(pl.col("gone") - pl.col("paid") - pl.col("written_off"))
        .otherwise(0),
        applied=pl.when("is_debt").then(0).otherwise("gone"),
    )


def _slot(column: str, buckets: Buckets, on: date) -> pl.Expr:
    """Column name of the bucket on a day."""
    passed = [(pl.col(column) < pl.lit(cut)).cast(pl.Int64) for cut in buckets.cutoffs(on)]
    index = pl.when(pl.col(column).is_null()).then(buckets.no_date)
    return pl.format("b{}", index.otherwise(pl.sum_horizontal(passed)))


def _long(items: pl.DataFrame) -> pl.DataFrame:
    ways = [items.select("party", "origin", "target", amount="open")]
    ways += [
        items.select("party", "origin", target=pl.lit(name), amount=pl.col(name).cast(pl.Int64))
        for name in TARGETS[1:]
    ]
    return pl.concat(ways).filter(pl.col("amount") != 0)
