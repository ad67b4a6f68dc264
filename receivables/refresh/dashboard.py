"""Figures of the four lines for the dashboard, taken from the answers of the other jobs."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from receivables.assess.grades import Grades
from receivables.ledger.keys import folded
from receivables.monitor.country_ledger import CountryExposure
from receivables.monitor.warnings import Warnings
from receivables.monitor.warnings_signals import INSOLVENCY, signal_of
from receivables.refresh.credit_found import Found
from receivables.refresh.grade import GradeAnswer
from receivables.report.credit_data import DashboardData
from receivables.report.data import ReportData
from receivables.respond.order_hold import HOLD, RELEASED
from receivables.transfer.insurance_ledger import Insurance

YEAR = 365


def dashboard(data: ReportData, found: Found, events: pl.DataFrame) -> DashboardData:
    """The four lines: customers by class and limits, insurance, receivables and warnings, holds."""
    tables = [("receivables", _receivables(data, found))]
    tables.append(("warnings", _warnings(found.warnings, found.countries, events)))
    if found.limits:
        tables.append(("limits", _limits(found)))
    if found.grades:
        tables.append(("classes", _classes(found.grades)))
    if found.insurance:
        tables.append(("insurance", _insurance(found.insurance)))
    if found.holds is not None:
        tables.append(("orders", _orders(found.holds)))
    return DashboardData(tuple(tables))


def _receivables(data: ReportData, found: Found) -> pl.DataFrame:
    """One row per currency: what is owed, how much of it late, how fast it came in."""
    owes = pl.col("open") > 0
    sums = data.items.group_by("currency").agg(
        pl.col("open").sum(),
        pl.col("open").filter(owes).sum().alias("debit"),
        pl.col("open").filter(owes & (pl.col("days_past_due") > 0)).sum().alias("overdue"),
    )
    over = data.aging.group_by("currency").agg(pl.col("over_30").sum())
    share = pl.when(pl.col("debit") > 0).then(pl.col("overdue") / pl.col("debit"))
    frame = sums.join(over, on="currency", how="left").with_columns(share.alias("overdue_share"))
    if data.speed is not None and "late_rate" in data.speed.columns:
        frame = frame.join(_speed(data.speed), on="currency", how="left")
    promises = found.promises.group_by("currency").agg(
        pl.len().cast(pl.Int64).alias("promises"), pl.col("amount").sum().alias("promised")
    )
    return frame.drop("debit").join(promises, on="currency", how="left").sort("currency")


def _speed(speed: pl.DataFrame) -> pl.DataFrame:
    """Late-payment rate and DSO of the last month end and of the one before."""
    firm = speed.filter(pl.col("company").fill_null("") == "").sort("month_end")
    ends = firm["month_end"].unique().sort().to_list()[-2:]
    wanted = ("late_rate", "dso")
    now = firm.filter(pl.col("month_end") == ends[-1]).select("currency", *wanted)
    if len(ends) == 1:
        return now
    then = firm.filter(pl.col("month_end") == ends[0]).select(
        "currency", *(pl.col(name).alias(f"{name}_before") for name in wanted)
    )
    return now.join(then, on="currency", how="left")


def _warnings(warned: Warnings, countries: CountryExposure, events: pl.DataFrame) -> pl.DataFrame:
    """Customers by warning level, insolvencies of a year and of the year before, ratings that moved."""
    customers = warned.frame.unique("customer_key")
    moved = [one.move for one in countries.moves]
    now = _insolvent(events, warned.as_of - timedelta(YEAR), warned.as_of, warned.as_of)
    before = _insolvent(
        events, warned.as_of - timedelta(2 * YEAR), warned.as_of - timedelta(YEAR), warned.as_of
    )
    figures = {
        **warned.counts(),
        "expected": customers.filter(pl.col("within") == "yes").height,
        "insolvent": now,
        "insolvent_before": before,
        "rated_down": moved.count("down"),
        "rated_up": moved.count("up"),
    }
    return pl.DataFrame([figures], schema=dict.fromkeys(figures, pl.Int64))


def _insolvent(events: pl.DataFrame, after: date, upto: date, as_of: date) -> int:
    """Customers whose insolvency fell into a year, as known on the as-of date."""
    kinds = [
        kind for kind in events["kind"].drop_nulls().unique() if signal_of(kind) == INSOLVENCY
    ]
    heard = pl.coalesce("known_on", "on")
    rows = events.with_columns(folded(events["customer_id"]).alias("key")).filter(
        pl.col("kind").is_in(kinds), pl.col("on") > after, pl.col("on") <= upto, heard <= as_of
    )
    return rows["key"].n_unique()


def _classes(grades: GradeAnswer) -> pl.DataFrame:
    """Third parties by class, now and a quarter ago."""
    known = {rung.grade: rung.klass for rung in Grades.default().rungs}
    before = pl.col("grade_before").replace_strict(known, default=None, return_dtype=pl.String)
    rows = grades.frame.with_columns(before.alias("class_before"))
    now = (
        rows.drop_nulls("class").group_by("class").agg(pl.len().cast(pl.Int64).alias("customers"))
    )
    then = rows.drop_nulls("class_before").group_by(pl.col("class_before").alias("class")).agg(
        pl.len().cast(pl.Int64).alias("customers_before")
    )  # fmt: skip
    return now.join(then, on="class", how="full", coalesce=True).fill_null(0).sort("class")


def _limits(found: Found) -> pl.DataFrame:
    """Customers above their limit, near it, without one; approvals and reviews that wait."""
    assert found.limits
    counts = found.limits.counts()
    figures = {
        "exceeded": counts.get("hold", 0),
        "near": counts.get("alert", 0),
        "no_limit": counts.get("none set", 0),
        "waiting": found.approvals.waiting.height if found.approvals else None,
        "unapproved": found.approvals.unapproved.height if found.approvals else None,
        "reviews": found.reviews.frame.height if found.reviews else None,
    }
    return pl.DataFrame([figures], schema=dict.fromkeys(figures, pl.Int64))


def _insurance(found: Insurance) -> pl.DataFrame:
    """What is insured of the debt, what is still to report and what was missed, by currency."""
    amounts = ("insurer_open", "insured", "at_stake", "to_report", "missed")
    frame = found.buyers.group_by("currency").agg(
        pl.col(amounts).sum(),
        pl.col("customer_key").filter("stop_now").n_unique().cast(pl.Int64).alias("stopped"),
    )
    share = pl.when(pl.col("insurer_open") > 0).then(pl.col("insured") / pl.col("insurer_open"))
    return frame.with_columns(share.alias("insured_share")).sort("currency")


def _orders(holds: pl.DataFrame) -> pl.DataFrame:
    """Open orders, those held and those released by name, by currency."""
    state = pl.col("state")
    return (
        holds.with_columns(pl.col("currency").fill_null(""))
        .group_by("currency")
        .agg(
            pl.len().cast(pl.Int64).alias("orders"),
            pl.col("amount").sum().alias("ordered"),
            (state == HOLD).sum().cast(pl.Int64).alias("held"),
            pl.col("amount").filter(state == HOLD).sum().alias("held_amount"),
            (state == RELEASED).sum().cast(pl.Int64).alias("released"),
        )
        .sort("currency")
    )
