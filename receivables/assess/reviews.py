"""Which customers on credit are due for a review, and why: the quarter, the limit, new owners."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from receivables.assess.approval_tiers import words
from receivables.assess.approvals import granted
from receivables.assess.limit_policy import LimitPolicy
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.spelling import fold
from receivables.monitor.reviews import review_on

QUARTER, LIMIT, OWNERS = "quarter", "limit", "ownership"
NEVER = "never reviewed"
REVIEWS: dict[str, pl.DataType] = {
    "customer_key": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "exposure": pl.Int64(),
    "last_review": pl.Date(),
    "due_on": pl.Date(),
    "days": pl.Int64(),
    "reasons": pl.String(),
    "reviewed_by": pl.String(),
}


def reviews(
    exposures: pl.DataFrame,
    ledger: Ledger,
    as_of: date,
    *,
    policy: LimitPolicy | None = None,
    all_rows: bool = False,
) -> pl.DataFrame:
    """Reviews of customers who owe, due ones first, the longest overdue on top.

    Companies of the own group (Customers, intercompany) are left out: nobody grants them credit.

    Due when 3 months have passed since the last granted review (Approvals, kind review), when there
    was none, when 70 % of the limit is used and the review is 30 days old, or when an event of a change
    of owners is younger than it. Nothing recorded after the date is used.

    Args:
        exposures: frame of `limit_table`.
        ledger: checked tables (customers, approvals, events).
        as_of: day of the question.
        policy: months between reviews, days after one before the use of the limit asks for another.
        all_rows: with customers whose review is not due yet.

    Returns:
        `REVIEWS`; days since it fell due, None = never reviewed; reasons parted by commas.
    """
    rules = policy or LimitPolicy.default()
    months, quiet = int(rules["review_months"]), timedelta(int(rules["review_alert_days"]))
    owing = (
        exposures.filter(pl.col("exposure") > 0)
        .join(_affiliates(ledger["customers"]), on="customer_key", how="anti")
        .sort("exposure", descending=True)
        .with_columns(alert=pl.col("state").is_in(["alert", "hold"]).any().over("customer_key"))
        .unique("customer_key", keep="first", maintain_order=True)
    )
    frame = owing.join(_last(ledger["approvals"], as_of), on="customer_key", how="left").join(
        _new_owners(ledger["events"], as_of), on="customer_key", how="left"
    )
    due_on = [None if day is None else review_on(day, months) for day in frame["last_review"]]
    frame = frame.with_columns(pl.Series("due_on", due_on, dtype=pl.Date))
    since = pl.col("last_review")
    frame = frame.with_columns(
        days=(pl.lit(as_of) - pl.col("due_on")).dt.total_days(),
        reasons=pl.concat_str(
            pl.when(pl.col("last_review").is_null()).then(pl.lit(NEVER)),
            pl.when(pl.col("due_on") <= as_of).then(pl.lit(QUARTER)),
            pl.when(pl.col("alert") & (since.is_null() | (since <= as_of - quiet))).then(
                pl.lit(LIMIT)
            ),
            pl.when(pl.col("changed_on") > since.fill_null(date.min)).then(pl.lit(OWNERS)),
            separator=", ",
            ignore_nulls=True,
        ),
    )
    if not all_rows:
        frame = frame.filter(pl.col("reasons") != "")
    return (
        frame.select(*REVIEWS)
        .cast(REVIEWS)  # type: ignore[arg-type]
        .sort(
            pl.col("reasons") == "", pl.col("due_on").fill_null(date.min), "exposure",
            descending=[False, False, True],
        )
    )  # fmt: skip


def _affiliates(customers: pl.DataFrame) -> pl.DataFrame:
    """Own companies among the customers."""
    mine = customers.filter(pl.col("intercompany").fill_null(value=False))
    return mine.select(folded(mine["customer_id"]).alias("customer_key"))


def _last(approvals: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Last granted review of each customer."""
    kind = pl.col("kind").map_elements(fold, return_dtype=pl.String)
    yes = pl.col("decision").map_elements(granted, return_dtype=pl.Boolean).fill_null(value=False)
    mine = approvals.filter(
        kind.is_in(pl.Series([*words("review")], dtype=pl.String).implode()),
        yes,
        pl.col("decided_on") <= as_of,
        pl.col("customer_id").is_not_null(),
    )
    return (
        mine.with_columns(folded(mine["customer_id"]).alias("customer_key"))
        .sort("decided_on")
        .group_by("customer_key")
        .agg(
            pl.col("decided_on").last().alias("last_review"),
            pl.col("decided_by").last().alias("reviewed_by"),
        )
    )


def _new_owners(events: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Last change of owners that was known by the date."""
    kind = pl.col("kind").map_elements(fold, return_dtype=pl.String)
    known = pl.coalesce("known_on", "on") <= as_of
    mine = events.filter(
        kind.is_in(pl.Series([*words("ownership")], dtype=pl.String).implode()), known
    )
    return (
        mine.with_columns(folded(mine["customer_id"]).alias("customer_key"))
        .group_by("customer_key")
        .agg(pl.col("on").max().alias("changed_on"))
    )
