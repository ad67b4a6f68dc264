"""Subsequent receipts: what came in after the balance date for each item then open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.errors import BadValueError
from receivables.ledger.engines import collect
from receivables.ledger.open import OpenItems, positions
from receivables.ledger.posted import Posted


@dataclass(frozen=True, slots=True)
class Receipts:
    """What happened to open items between the balance date and `until`.

    `items` has one row per open item: item, party, open (at the balance date), `received` (money
    posted after it and applied), `credited` (credit notes and other credit posted after it and
    applied), `matched_later` (money or credit that was there at the balance date and was matched
    afterwards), remaining = open − received − credited − matched_later, first_on and last_on (of
    the receipts), receipts (how many). Minor units, signed as the item.
    `on_account` lists money posted after the balance date that still waits to be applied at
    `until`: item, party, posted_on, open (negative).
    """

    as_of: date
    until: date
    items: pl.DataFrame
    on_account: pl.DataFrame


def subsequent(
    posted: Posted, opened: OpenItems, until: date, *, engine: str = "polars"
) -> Receipts:
    """Receipts after the balance date per open item: paid(until) − paid(as of), by the same rules.

    Three balances are compared: as of the date as it was known then; as of the date with the
    matchings known at `until`; and at `until`. The first step is money that was there and matched
    later, the second money that came in. Auditors ask for the second only.

    Args:
        posted: the linked ledger.
        opened: its open items as of the balance date.
        until: last day looked at, not before the balance date.
        engine: engine for the three balances.

    Raises:
        BadValueError: `until` before the balance date.
    """
    if until < opened.as_of:
        raise BadValueError(
            f"Subsequent receipts until {until} end before the balance date {opened.as_of}. Give a later day."
        )
    cutoff = max(until, opened.match_cutoff)
    known_then, _ = _balance(posted, opened.as_of, opened.match_cutoff, engine)
    known_now, _ = _balance(posted, opened.as_of, cutoff, engine)
    at_end, applied = _balance(posted, until, cutoff, engine)
    start = collect(opened.items).select("item", "party", pl.col("open").cast(pl.Int64))
    steps = (
        start.join(known_then, on="item", how="left")
        .join(known_now, on="item", how="left", suffix="_now")
        .join(at_end, on="item", how="left", suffix="_end")
        .join(_dates(posted, applied, opened.as_of, until), on="item", how="left")
    )
    received = pl.col("paid_end") - pl.col("paid_now")
    credited = pl.col("credited_end") - pl.col("credited_now")
    matched = pl.col("paid_now") + pl.col("credited_now") - pl.col("paid") - pl.col("credited")
    dated = [
        pl.when(received != 0).then(pl.col(name)).alias(name) for name in ("first_on", "last_on")
    ]
    items = steps.select(
        "item",
        "party",
        "open",
        received.alias("received"),
        credited.alias("credited"),
        matched.alias("matched_later"),
        (pl.col("open") - received - credited - matched).alias("remaining"),
        *dated,
        pl.when(received != 0).then(pl.col("receipts")).fill_null(0).alias("receipts"),
    )
    return Receipts(
        opened.as_of, until, items.sort("item"), _waiting(posted, opened.as_of, at_end)
    )


def _balance(
    posted: Posted, as_of: date, cutoff: date, engine: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every item's paid, credited and rest, and the applications behind them."""
    items, applied = positions(posted, as_of, cutoff, engine=engine)
    columns = ("item", "paid", "credited", "open")
    standing = collect(items.select(*columns)).select(pl.col(columns).cast(pl.Int64))
    return standing.rename({"open": "rest"}), collect(applied.select("source", "doc", "paid"))


def _dates(posted: Posted, applied: pl.DataFrame, as_of: date, until: date) -> pl.DataFrame:
    """First and last day of money that came in after the balance date, by item."""
    days = posted.details.select(source="item", on="posted_on")
    by_payment = (
        applied.filter("paid")
        .join(days, on="source")
        .join(posted.items.select("item", "doc"), on="doc")
        .select("item", "on")
    )
    on_document = posted.adjustments.filter(pl.col("external") & pl.col("paid"))
    by_note = on_document.select("item", on="ready_on")
    later = pl.col("on").is_between(as_of, until, closed="right")
    return (
        pl.concat([by_payment, by_note])
        .filter(later)
        .group_by("item")
        .agg(
            first_on=pl.col("on").min(),
            last_on=pl.col("on").max(),
            receipts=pl.len().cast(pl.Int64),
        )
    )


def _waiting(posted: Posted, as_of: date, at_end: pl.DataFrame) -> pl.DataFrame:
    """Money posted after the balance date that settles nothing yet."""
    money = posted.details.filter(pl.col("table") != "documents").select("item")
    return (
        posted.items.filter(pl.col("posted_on") > as_of)
        .join(money, on="item", how="semi")
        .join(at_end.filter(pl.col("rest") < 0), on="item")
        .select("item", "party", "posted_on", open="rest")
        .sort("item")
    )
