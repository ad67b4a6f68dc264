"""What a collector must know of a customer before calling: overdue debt that may be asked for, last contact, holds."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from receivables.ledger.engines import collect
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.monitor.insolvent_customers import insolvent_customers
from receivables.monitor.reserve_base import ecl_base
from receivables.respond.plans_ledger import STANDING

ROW = ("customer_key", "currency")
UNMATCHED = ("payment", "on_account")
"""Kinds of money that pay something, though nobody has said what."""


def owed(
    opened: OpenItems, disputes: pl.DataFrame, live: pl.DataFrame, plans: pl.DataFrame
) -> pl.DataFrame:
    """Debt per customer and currency, and the part of it that may be asked for today.

    overdue = debt past due − own credits (oldest first) − disputed parts − what is promised, or to
    be paid by a plan in good standing, on a later day. Money in minor units of the currency.

    Args:
        opened: open items as of a date.
        disputes: the Disputes table.
        live: result of `promises.live_promises`.
        plans: result of `plans_ledger.plan_states`.

    Returns:
        customer_key, currency, customer_id, name, open, disputed, overdue, oldest_days,
        money_days (Σ overdue × days late, for the order only), with every customer that has an open item.
    """
    items = ecl_base(opened, disputes=disputes).items.with_columns(
        rest=pl.col("exposure") - pl.col("dilution"),
        age=(pl.lit(opened.as_of) - pl.col("day")).dt.total_days().fill_null(0),
    )
    sums = items.group_by(ROW).agg(
        pl.col("customer_id", "name").first(), pl.col("open").sum(), disputed=pl.col("dilution").sum()
    )  # fmt: skip
    late = items.filter(pl.col("age") > 0, pl.col("rest") > 0).select(
        *ROW, "document_no", "document_key", "item", "rest", "age"
    )
    asked = _without_promised(_without_planned(late, plans), live.filter(pl.col("days") <= 0))
    weighed = pl.col("rest").cast(pl.Float64) * pl.col("age")
    found = asked.filter(pl.col("rest") > 0).group_by(ROW).agg(
        overdue=pl.col("rest").sum(), oldest_days=pl.col("age").max(), money_days=weighed.sum()
    )  # fmt: skip
    return (
        sums.join(found, on=ROW, how="left")
        .with_columns(pl.col("overdue", "oldest_days", "money_days").fill_null(0))
        .sort(ROW)
    )


def _without_planned(late: pl.DataFrame, plans: pl.DataFrame) -> pl.DataFrame:
    """Overdue items less what plans that still protect do not call yet: documents named, else the account."""
    standing = plans.filter(pl.col("state").is_in(STANDING)).with_columns(
        promised=(pl.col("total") - pl.col("paid") - pl.col("called")).clip(lower_bound=0)
    )
    named = standing.filter(pl.col("documents").list.len() > 0).explode("documents")
    whole = standing.filter(pl.col("documents").list.len().fill_null(0) == 0)
    own = named.select(*ROW, "plan_no", document_key="documents").unique([*ROW, "document_key"])
    late = late.join(own, on=[*ROW, "document_key"], how="left", maintain_order="left")
    by_plan = named.group_by(*ROW, "plan_no").agg(pl.col("promised").first())
    late = _taken_off(late, by_plan, [*ROW, "plan_no"]).drop("plan_no")
    return _taken_off(late, whole.group_by(ROW).agg(pl.col("promised").sum()), [*ROW])


def _without_promised(late: pl.DataFrame, ahead: pl.DataFrame) -> pl.DataFrame:
    """Overdue items less what is promised for today or later: by document first, then by account."""
    numbered = pl.col("document_no").is_not_null()
    keys = [*ROW, "document_no"]
    documents = ahead.filter(numbered).group_by(keys).agg(promised=pl.col("amount").sum())
    accounts = ahead.filter(~numbered).group_by(ROW).agg(promised=pl.col("amount").sum())
    return _taken_off(_taken_off(late, documents, keys), accounts, [*ROW])


def _taken_off(late: pl.DataFrame, part: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """`rest` less `promised` of the same keys, the oldest item first."""
    before = pl.col("rest").cum_sum().over(keys) - pl.col("rest")
    left = (pl.col("promised").fill_null(0) - before).clip(lower_bound=0)
    return (
        late.sort("age", "item", descending=[True, False])
        .join(part, on=keys, how="left", maintain_order="left")
        .with_columns(rest=pl.col("rest") - pl.min_horizontal(left, "rest"))
        .drop("promised")
    )


def unmatched(opened: OpenItems) -> pl.DataFrame:
    """Money received for no document that the ledger has, per customer and currency: amount, since when."""
    frame = opened.frame()
    keys = ["customer_key", "document_key"]
    if "document_key" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("document_key"))
    else:
        # what was paid beyond a document that is there is a credit, not a question
        there = opened.details.filter(pl.col("table") == "documents").select(keys).drop_nulls()
        frame = frame.filter(pl.col("table") == "payments").join(there, on=keys, how="anti")
    rows = frame.filter(
        pl.col("table") == "payments", pl.col("open") < 0, pl.col("kind").is_in(UNMATCHED)
    )
    return rows.group_by(ROW).agg(unapplied=-pl.col("open").sum(), since=pl.col("posted_on").min())


def paid_late(opened: OpenItems, days: int) -> pl.Series:
    """Keys of customers who settled anything after its due date in so many days before the date.

    Args:
        opened: open items as of a date.
        days: how far to look back.
    """
    start = opened.as_of - timedelta(days)
    due = opened.details.select("customer_key", "due_on", doc="item").drop_nulls("due_on")
    settled = collect(opened.applied).select("doc", "matched_on", "paid")
    late = settled.join(due, on="doc", how="inner").filter(
        "paid", pl.col("matched_on") > pl.col("due_on"), pl.col("matched_on") > start
    )
    return late["customer_key"].unique()


def last_contacts(contacts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The latest contact with each customer: last_on, last_how, last_note, next_step, next_on, owner.

    Args:
        contacts: the Contacts table.
        as_of: day of the question; what was noted for later days is not known yet.
    """
    known = contacts.with_columns(folded(contacts["customer_id"]).alias("customer_key"))
    how = pl.concat_str([pl.col("kind"), pl.col("person")], separator=", ", ignore_nulls=True)
    return (
        known.filter(pl.col("on") <= as_of)
        .sort("on", "_row")
        .unique("customer_key", keep="last", maintain_order=True)
        .select(
            "customer_key", "next_on", "owner", last_on="on", last_how=how, last_note="note",
            agreed="next_action",
        )
    )  # fmt: skip


def held(ledger: Ledger, as_of: date) -> pl.DataFrame:
    """Customers who are not to be called: customer_key, hold (insolvent, on_hold), since or until.

    Args:
        ledger: checked tables; Customers.dunning_hold_until and the Events count.
        as_of: day of the question; the day of the hold itself still counts.
    """
    customers, events = ledger["customers"], ledger["events"]
    gone = insolvent_customers(events, as_of).select(
        "customer_key", hold_on="opened_on", hold=pl.lit("insolvent")
    )
    if "dunning_hold_until" not in customers.columns:
        return gone
    paused = (
        customers.with_columns(folded(customers["customer_id"]).alias("customer_key"))
        .filter(pl.col("dunning_hold_until") >= as_of)
        .select("customer_key", hold_on="dunning_hold_until", hold=pl.lit("on_hold"))
    )
    return pl.concat([gone, paused]).unique("customer_key", keep="first", maintain_order=True)
