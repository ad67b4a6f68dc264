"""Put open items into numbered slots on their own engine; only sums per slot are fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from receivables.ledger.engines import collect
from receivables.ledger.fifo import fifo
from receivables.money import as_money
from receivables.monitor.buckets import CURRENT, OVER_DAYS, Buckets

Frame = nw.LazyFrame[Any]


@dataclass(frozen=True, slots=True)
class Ruler:
    """Slots of a date column: the buckets, cut once more at 30 days, undated, and credits.

    Slot = number of `cutoffs` that the date lies before, so 0 is the youngest.
    """

    column: str
    cutoffs: tuple[date, ...]
    held: tuple[tuple[int, ...], ...]
    """Slots of each bucket, in the order of the labels."""
    over_30: tuple[int, ...]
    current: int

    @property
    def undated(self) -> int:
        """Slot of items without a base date."""
        return len(self.cutoffs) + 1

    @property
    def credit(self) -> int:
        """Slot of credits and unapplied cash."""
        return len(self.cutoffs) + 2

    @staticmethod
    def of(buckets: Buckets, as_of: date, column: str) -> Ruler:
        """Ruler for buckets as of a date."""
        edges = buckets.cutoffs(as_of)
        over = as_of - timedelta(OVER_DAYS - 1)
        cutoffs = tuple(sorted({*edges, over}, reverse=True))
        dated = range(len(cutoffs) + 1)
        bucket_of = [sum(edge in cutoffs[:slot] for edge in edges) for slot in dated]
        held = [
            tuple(slot for slot in dated if bucket_of[slot] == number)
            for number in range(buckets.no_date)
        ]
        current = buckets.labels.index(CURRENT) if CURRENT in buckets.labels else 0
        return Ruler(
            column=column,
            cutoffs=cutoffs,
            held=(*held, (len(dated),)),
            over_30=tuple(slot for slot in dated if over in cutoffs[:slot]),
            current=held[current][0],
        )


def by_party(items: Frame, ruler: Ruler, credits: str, amount: str) -> pl.DataFrame:  # noqa: A002
    """Σ amount per party and slot: columns party, slot, amount.

    Credits that clear the oldest debt do so slot by slot: the slots are in the order of the
    dates, so the sums equal those of single items.
    """
    slotted = _slotted(items, ruler, credits, amount)
    sums = collect(slotted.group_by("party", "slot").agg(nw.col("amount").sum()))
    sums = sums.with_columns(pl.col("party", "slot", "amount").cast(pl.Int64))
    return _oldest(sums, ruler) if credits == "oldest" else sums


def by_item(items: Frame, ruler: Ruler, credits: str, amount: str) -> pl.DataFrame:  # noqa: A002
    """Amount and slot per item: columns item, party, issued_on, due_on, slot, amount."""
    if credits == "oldest":
        settled = fifo(items, order=(ruler.column,), amount=amount)
        rest = nw.col(amount) - nw.col("settled")
        items = items.join(settled, on="item", how="left").with_columns(*as_money("settled"))
        items = items.with_columns(rest.alias(amount))
    slotted = collect(_slotted(items, ruler, credits, amount, "item", "issued_on", "due_on"))
    slotted = slotted.with_columns(pl.col("item", "party", "slot", "amount").cast(pl.Int64))
    return _to_current(slotted, ruler) if credits == "oldest" else slotted


def _slotted(items: Frame, ruler: Ruler, credits: str, amount: str, *carried: str) -> Frame:  # noqa: A002
    """Items with their slot; nothing is fetched yet."""
    day = nw.col(ruler.column)
    if credits == "own":
        own = nw.when(nw.col("credit") & day.is_null()).then(nw.col("issued_on")).otherwise(day)
        items = items.with_columns(_day=own)
    else:
        items = items.with_columns(_day=day)
    stamped = isinstance(items.collect_schema()["_day"], nw.Datetime)
    literals = [_midnight(cutoff) if stamped else cutoff for cutoff in ruler.cutoffs]
    passed = [(nw.col("_day") < nw.lit(cutoff)).cast(nw.Int64) for cutoff in literals]
    undated = nw.when(nw.col("_day").is_null()).then(nw.lit(ruler.undated))
    slot = undated.otherwise(nw.sum_horizontal(*passed))
    if credits != "own":
        slot = nw.when(nw.col("credit")).then(nw.lit(ruler.credit)).otherwise(slot)
    return items.select("party", *carried, slot=slot, amount=nw.col(amount))


def _oldest(sums: pl.DataFrame, ruler: Ruler) -> pl.DataFrame:
    """Let each party's credits clear its oldest slots."""
    age = pl.when(pl.col("slot") < ruler.undated).then(-pl.col("slot"))
    numbered = sums.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64), rank=age)
    lazy: Frame = nw.from_native(numbered.lazy())
    settled = collect(fifo(lazy, order=("rank",), key="row", amount="amount"))
    rest = pl.col("amount") - pl.col("settled").fill_null(0)
    cleared = numbered.join(settled, on="row", how="left").with_columns(amount=rest)
    return _to_current(cleared.select("party", "slot", "amount"), ruler)


def _to_current(rows: pl.DataFrame, ruler: Ruler) -> pl.DataFrame:
    """Credits without a debt left to clear stand as a negative in Current."""
    slot = pl.when(pl.col("slot") == ruler.credit).then(ruler.current).otherwise(pl.col("slot"))
    return rows.with_columns(slot=slot.cast(pl.Int64))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a date column without zone
