"""How each customer has paid up to a date: days beyond terms, late rate, how long and how much is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.days import edate, month_end
from receivables.ledger.engines import collect
from receivables.ledger.open import OpenItems, open_items, positions
from receivables.ledger.posted import Posted
from receivables.monitor.reserve_base import ecl_base
from receivables.monitor.turnover_settled import documents, settlements
from receivables.monitor.warnings_overdue import least_amount, worst_overdue

HISTORY: dict[str, pl.DataType] = {
    "customer_key": pl.String(),
    "days_beyond_terms": pl.Float64(),
    "late_rate": pl.Float64(),
    "worst_age": pl.Float64(),
    "paid_invoices": pl.Int64(),
    "past_late_rate": pl.Float64(),
}
"""`past_late_rate` looks at all of the past and is the plain rule that grades are measured against."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Documents by a date: what became of each, and the money that came in.

    `frame`: item, customer_key, customer_id, currency, issued_on, due_on, paid (minor units), last_on
    (day of the last receipt where nothing is left), written (minor units written off), lost (whether
    that is more than a small difference), rest (owed, undisputed and not covered by unapplied cash). A document that credits have cleared without money,
    that unapplied cash covers or that is wholly in dispute is not in it: whether it is late is not known.
    `money`: item, customer_key, currency, due_on, amount, paid_on.
    """

    as_of: date
    frame: pl.DataFrame
    money: pl.DataFrame


def settled(
    posted: Posted,
    as_of: date,
    *,
    opened: OpenItems | None = None,
    disputes: pl.DataFrame | None = None,
    engine: str = "polars",
) -> Settled:
    """What became of each document of third parties by a date, with what was matched by then."""
    standing, applied = positions(posted, as_of, as_of, engine=engine)
    used = collect(applied)
    who = posted.parties.filter(~pl.col("intercompany")).select(
        "party", "customer_key", "customer_id", "currency"
    )
    money = (
        settlements(posted, used, as_of)
        .filter(pl.col("paid_on") <= as_of)
        .join(who, on="party")
        .select("item", "customer_key", "currency", "due_on", "amount", "paid_on")
    )
    opened = opened or open_items(posted, as_of, engine=engine)
    owed = ecl_base(opened, disputes=disputes).items
    rest = owed.select("item", rest=pl.col("exposure") - pl.col("dilution"))
    rows = (
        collect(standing.select("item", "doc", "party", "issued_on", "due_on", "amount", "paid", "open"))
        .filter(pl.col("amount") > 0)
        .join(documents(posted), on="item", how="semi")
        .join(who, on="party")
        .join(rest, on="item", how="left")
        .join(money.group_by("item").agg(last_on=pl.col("paid_on").max()), on="item", how="left")
        .join(_written(posted, used), on="doc", how="left")
        .with_columns(pl.col("rest", "written").fill_null(0))
    )  # fmt: skip
    done = (pl.col("open") == 0) & (pl.col("last_on").is_not_null() | (pl.col("written") > 0))
    least = {name: least_amount(name) for name in rows["currency"].unique()}
    small = pl.col("currency").replace_strict(least, default=0, return_dtype=pl.Int64)
    frame = rows.filter(done | (pl.col("rest") > 0)).with_columns(
        last_on=pl.when(pl.col("open") == 0).then("last_on"), lost=pl.col("written") > small
    )
    names = (
        "item", "customer_key", "customer_id", "currency", "issued_on", "due_on", "paid", "last_on",
        "written", "lost", "rest",
    )  # fmt: skip
    return Settled(as_of, frame.select(names), money)


def pay_history(
    posted: Posted,
    as_of: date,
    months: int,
    *,
    disputes: pl.DataFrame | None = None,
    minimum: Mapping[str, int] | None = None,
    engine: str = "polars",
) -> pl.DataFrame:
    """Payment factors of every third party, `HISTORY`; null where the ledger does not say.

    days_beyond_terms = Σ amount × (day paid, or as-of date while overdue − due date) ÷ Σ amount, over
    the receipts of the last `months` and what is overdue, undisputed and not covered by unapplied cash.
    Currencies are weighted by their number of documents. late_rate = documents late ÷ documents due in
    the last `months`; paid after the due date, still owed past it, or materially written off is late.
    worst_age = `monitor.warnings_overdue`, the worst of a customer's currencies.
    """
    opened = open_items(posted, as_of, engine=engine)
    found = settled(posted, as_of, opened=opened, disputes=disputes, engine=engine)
    start = edate(as_of, -months)
    owed = worst_overdue(opened, disputes=disputes, minimum=minimum)
    parts = [
        _days_beyond(found, start),
        _late_rate(found, start).rename({"rate": "late_rate"}),
        _late_rate(found, date.min).rename({"rate": "past_late_rate"}),
        owed.group_by("customer_key").agg(worst_age=pl.col("days_late").max()),
        _paid(found),
    ]
    frame = pl.concat([part.select("customer_key") for part in parts]).unique()
    for part in parts:
        frame = frame.join(part, on="customer_key", how="left")
    return frame.select(pl.col(name).cast(kind) for name, kind in HISTORY.items())


def is_late(as_of: date, days: int = 0) -> pl.Expr:
    """Whether a row of `Settled.frame` went unpaid for more than `days` past its due date by a date."""
    gone = (pl.lit(as_of) - pl.col("due_on")).dt.total_days() > days
    took = (pl.col("last_on") - pl.col("due_on")).dt.total_days() > days
    return pl.when(pl.col("lost") | (pl.col("rest") > 0)).then(gone).otherwise(took)


def complete_months(start: pl.Expr, as_of: date) -> pl.Expr:
    """Complete months from a day to a date; the last day of a month completes any.

    >>> pl.select(complete_months(pl.lit(date(2026, 1, 31)), date(2026, 2, 28))).item()
    1
    """
    months = (as_of.year - start.dt.year()) * 12 + as_of.month - start.dt.month().cast(pl.Int32)
    short = (start.dt.day() > as_of.day) & pl.lit(as_of != month_end(as_of))
    return months - short.cast(pl.Int32)


def _days_beyond(found: Settled, start: date) -> pl.DataFrame:
    paid = found.money.filter(pl.col("due_on").is_not_null(), pl.col("paid_on") > start).select(
        "customer_key", "currency", "item", "amount",
        days=(pl.col("paid_on") - pl.col("due_on")).dt.total_days(),
    )  # fmt: skip
    overdue = found.frame.filter((pl.col("rest") > 0) & (pl.col("due_on") < found.as_of)).select(
        "customer_key", "currency", "item", amount="rest",
        days=(pl.lit(found.as_of) - pl.col("due_on")).dt.total_days(),
    )  # fmt: skip
    amount = pl.col("amount").cast(pl.Float64)
    by_currency = (
        pl.concat([paid, overdue])
        .group_by("customer_key", "currency")
        .agg(
            (amount * pl.col("days")).sum().alias("top"),
            amount.sum().alias("bottom"),
            pl.col("item").n_unique().alias("count"),
        )
        .filter(pl.col("bottom") > 0)
        .sort("customer_key", "currency")
    )
    count = pl.col("count").cast(pl.Float64)
    return by_currency.group_by("customer_key").agg(
        days_beyond_terms=(pl.col("top") / pl.col("bottom") * count).sum() / count.sum()
    )


def _late_rate(found: Settled, start: date) -> pl.DataFrame:
    due = found.frame.filter((pl.col("due_on") > start) & (pl.col("due_on") <= found.as_of))
    late = is_late(found.as_of).fill_null(value=False)
    return due.group_by("customer_key").agg(rate=late.mean())


def _paid(found: Settled) -> pl.DataFrame:
    full = (pl.col("rest") == 0) & (pl.col("paid") > 0)
    return found.frame.group_by("customer_key").agg(paid_invoices=full.sum())


def _written(posted: Posted, used: pl.DataFrame) -> pl.DataFrame:
    """Minor units written off, by document."""
    offs = posted.details.filter(pl.col("kind") == "write_off").select(source="item")
    return (
        used.join(offs, on="source", how="semi")
        .group_by("doc")
        .agg(written=pl.col("amount").sum())
    )
