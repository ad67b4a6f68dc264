"""How long each customer took to pay, month by month, with what was known on the as-of date."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from receivables.days import month_ends, previous_month_end
from receivables.ledger.engines import collect
from receivables.ledger.keys import folded
from receivables.ledger.open import positions
from receivables.ledger.posted import Posted
from receivables.monitor.turnover_points import owed_at
from receivables.monitor.turnover_settled import documents, settlements

WHO = ("customer_key", "month_end")
SCHEMA = {
    "customer_key": pl.String,
    "month_end": pl.Date,
    "paid": pl.Int64,
    "days_to_pay": pl.Float64,
    "days_beyond": pl.Float64,
}


def last_month_ends(as_of: date, months: int) -> list[date]:
    """The last month ends up to a date; a month that is not over is left out.

    >>> last_month_ends(date(2026, 10, 30), 2)
    [datetime.date(2026, 8, 31), datetime.date(2026, 9, 30)]
    """
    over = (as_of + timedelta(days=1)).day == 1
    return month_ends(as_of if over else previous_month_end(as_of), months)


def periods(
    posted: Posted,
    as_of: date,
    months: int,
    *,
    disputes: pl.DataFrame | None = None,
    engine: str = "polars",
) -> pl.DataFrame:
    """Days to pay and days beyond terms per customer and month; currencies weigh by amount.

    days_to_pay = Σ receipt × (day paid − issue date) ÷ Σ receipt, over the receipts of the month.
    days_beyond = Σ amount × (day paid, or month end while open − due date) ÷ Σ amount, over the
    receipts of the month and what is overdue at its end: who stops paying does not look prompt.
    A document in dispute at that day is left out. Payments matched after the as-of date are not known yet. A customer with several currencies is
    weighed in the one it pays in most months, as amounts of two do not add up.

    Returns:
        customer_key, month_end, paid (minor units), days_to_pay, days_beyond (null = no receipt,
        nothing overdue).
    """
    ends = last_month_ends(as_of, months)
    _, applied = positions(posted, as_of, as_of, engine=engine)
    money = settlements(posted, collect(applied), as_of)
    who = posted.parties.select("party", "customer_key", "currency", intercompany=pl.col("intercompany").fill_null(value=False))  # fmt: skip
    start = previous_month_end(ends[0])
    receipts = _receipts(money.filter(pl.col("paid_on") > start), ends)
    disputed = claims(posted, disputes)
    owed = [_overdue(posted, end, engine, disputed) for end in ends]
    parts = pl.concat([receipts, *owed], how="diagonal_relaxed").join(who, on="party", how="left")
    summed = (
        parts.filter(~pl.col("intercompany"))
        .group_by("customer_key", "currency", "month_end")
        .agg(pl.col("paid", "pay_days", "weight", "late_days").sum())
    )
    return _measured(_in_main_currency(summed))


def _receipts(money: pl.DataFrame, ends: list[date]) -> pl.DataFrame:
    """Receipts of each month: amount, amount × days to pay; those of documents with a due date."""
    to_pay = (pl.col("paid_on") - pl.col("issued_on")).dt.total_days()
    late = (pl.col("paid_on") - pl.col("due_on")).dt.total_days()
    dated = pl.col("due_on").is_not_null()
    return (
        money.with_columns(month_end=pl.col("paid_on").dt.month_end())
        .filter(pl.col("month_end").is_in(ends), pl.col("issued_on").is_not_null())
        .select(
            "party", "month_end", paid="amount", pay_days=pl.col("amount") * to_pay,
            weight=pl.when(dated).then("amount").otherwise(0),
            late_days=pl.when(dated).then(pl.col("amount") * late).otherwise(0),
        )
    )  # fmt: skip


def claims(posted: Posted, disputes: pl.DataFrame | None) -> pl.DataFrame:
    """Documents in dispute: item, first and last day (null = still open)."""
    schema = {"item": pl.Int64, "since": pl.Date, "until": pl.Date}
    own = posted.details.filter(pl.col("disputed_on").is_not_null()) if "disputed_on" in posted.details.columns else posted.details.clear()  # fmt: skip
    found = [pl.DataFrame(schema=schema)]
    if own.height:
        found.append(own.select("item", since="disputed_on", until="disputed_until"))
    if disputes is not None and disputes.height and "document_key" in posted.details.columns:
        keyed = disputes.select(
            folded(disputes["document_no"]).alias("document_key"),
            folded(disputes["customer_id"]).alias("customer_key"),
            since="opened_on", until="closed_on",
        )  # fmt: skip
        owners = posted.items.select("item", "party").join(
            posted.parties.select("party", "customer_key"), on="party"
        )
        named = posted.details.select("item", "document_key").join(owners, on="item")
        found.append(named.join(keyed, on=["document_key", "customer_key"]).select(*schema))
    return pl.concat(found, how="vertical_relaxed")


def _overdue(posted: Posted, end: date, engine: str, claims: pl.DataFrame) -> pl.DataFrame:
    """What is overdue and undisputed at a month end, as it was known then."""
    alive = (pl.col("since") <= end) & (pl.col("until").is_null() | (pl.col("until") > end))
    late = (pl.lit(end) - pl.col("due_on")).dt.total_days()
    return (
        owed_at(posted, end, engine)
        .join(documents(posted), on="item", how="semi")
        .join(claims.filter(alive), on="item", how="anti")
        .filter((pl.col("open") > 0) & (late > 0))
        .select(
            "party", month_end=pl.lit(end), weight="open", late_days=pl.col("open") * late,
            paid=pl.lit(0, pl.Int64), pay_days=pl.lit(0, pl.Int64),
        )
    )  # fmt: skip


def _in_main_currency(summed: pl.DataFrame) -> pl.DataFrame:
    """The rows of the currency in which a customer pays or owes in most months."""
    main = (
        summed.group_by("customer_key", "currency")
        .agg(pl.len().alias("months"), pl.col("paid", "weight").sum())
        .sort("months", "paid", "weight", "currency", descending=[True, True, True, False])
        .unique("customer_key", keep="first", maintain_order=True)
    )
    return summed.join(main.select("customer_key", "currency"), on=["customer_key", "currency"])


def _measured(sums: pl.DataFrame) -> pl.DataFrame:
    return (
        sums.with_columns(
            days_to_pay=pl.when(pl.col("paid") > 0).then(pl.col("pay_days") / pl.col("paid")),
            days_beyond=pl.when(pl.col("weight") > 0).then(pl.col("late_days") / pl.col("weight")),
        )
        .select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
        .sort(WHO)
    )
