"""What happened after a date: which documents went unpaid too long, and whose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from receivables import money
from receivables.assess.pay_history import Settled, is_late
from receivables.days import edate, month_end
from receivables.errors import BadValueError
from receivables.monitor.warnings_overdue import least_amount
from receivables.monitor.warnings_rules import rule as warning_rule


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a grade is tested against; `days` past due, looked for within a `horizon` (0 = none)."""

    name: str
    per: str
    days: int
    horizon: int

    @property
    def text(self) -> str:
        """The outcome in words."""
        if self.per == "invoice":
            return "an invoice of the month after is paid after its due date, or unpaid past it"
        return (
            f"a material, undisputed document of the customer becomes more than {self.days} days late "
            f"within {self.horizon} days"
        )


def outcome_named(name: str, horizon: int) -> Outcome:
    """The outcome of a name.

    Raises:
        BadValueError: no such outcome.

    >>> outcome_named("customer-15", 90).text
    'a material, undisputed document of the customer becomes more than 15 days late within 90 days'
    """
    known = {
        "customer-15": Outcome("customer-15", "customer", 15, horizon),
        "customer-30": Outcome("customer-30", "customer", 30, horizon),
        "invoice-late": Outcome("invoice-late", "invoice", 0, 0),
    }
    if name not in known:
        raise BadValueError(f"outcome is '{name}': give one of {', '.join(known)}.")
    return known[name]


def lateness(found: Settled, days: int, claims: pl.DataFrame) -> pl.DataFrame:
    """Documents of which it is known whether they went unpaid for more than `days` past due.

    Returns:
        customer_key, currency, issued_on, passed_on (the day on which it was more than `days` late or
        not), last_on, late, amount (minor units that were late, material ones only). Documents in
        dispute on that day are left out.
    """
    cut = pl.col("due_on") + pl.lit(timedelta(days=days))
    after = (
        found.money.filter(pl.col("paid_on") > cut)
        .group_by("item")
        .agg(after=pl.col("amount").sum())
    )
    rows = found.frame.filter(cut < pl.lit(found.as_of)).with_columns(
        passed_on=cut + pl.lit(timedelta(days=1)), late=is_late(found.as_of, days)
    )
    disputed = rows.join(claims, on="item").filter(
        (pl.col("since") <= pl.col("passed_on"))
        & (pl.col("until").is_null() | (pl.col("until") > pl.col("passed_on")))
    )
    lost = pl.when("lost").then("written").otherwise(0)
    amount = pl.col("after").fill_null(0) + pl.col("rest") + lost
    whole = pl.col("paid") + pl.col("rest") + pl.col("written")
    material = amount.cast(pl.Float64) > whole * warning_rule("materiality_share")
    return (
        rows.join(disputed, on="item", how="anti")
        .join(after, on="item", how="left")
        .with_columns(amount=amount, late=pl.col("late") & material)
        .select("customer_key", "currency", "issued_on", "passed_on", "last_on", "late", "amount")
    )


def of_customers(late: pl.DataFrame, as_of: date, horizon: int) -> pl.DataFrame:
    """Customers with a document that passes its day within the horizon: customer_key, event, already.

    `already`: one of theirs was that late, and unpaid, on the as-of date; nothing is left to foretell.
    """
    passed = pl.col("passed_on")
    ahead = late.filter((passed > as_of) & (passed <= as_of + timedelta(days=horizon)))
    least = {
        # an amount of no currency has no least material size
        name: 0 if name == money.NO_CURRENCY else least_amount(name)
        for name in late["currency"].unique()
    }
    floor = pl.col("currency").replace_strict(least, default=0, return_dtype=pl.Int64)
    sums = ahead.group_by("customer_key", "currency").agg(
        amount=pl.col("amount").filter("late").sum()
    )
    events = sums.group_by("customer_key").agg(event=(pl.col("amount") > floor).any())
    unpaid = pl.col("last_on").is_null() | (pl.col("last_on") > as_of)
    owing = (
        late.filter(pl.col("late") & (passed <= as_of) & unpaid).select("customer_key").unique()
    )
    return events.join(
        owing.with_columns(already=pl.lit(value=True)), on="customer_key", how="left"
    ).with_columns(pl.col("already").fill_null(value=False))


def of_invoices(late: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Documents issued in the month after a month end: customer_key, event, already (never)."""
    end = month_end(edate(as_of.replace(day=1), 1))
    issued = late.filter((pl.col("issued_on") > as_of) & (pl.col("issued_on") <= end))
    return issued.select("customer_key", event="late", already=pl.lit(value=False))
