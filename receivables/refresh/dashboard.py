"""Figures of the four lines for the dashboard, taken from the answers of the other jobs."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from receivables.assess.grades import Grades
from receivables.ledger.keys import folded
from receivables.monitor.country_ledger import CountryExposure
from receivables.monitor.warnings import Warnings
from receivables.monitor.warnings_signals import INSOLVENCY, signal_of
from receivables.refresh.grade import GradeAnswer
from receivables.report.credit_data import DashboardData
from receivables.report.data import ReportData

YEAR = 365


def dashboard(
    data: ReportData,
    warned: Warnings,
    countries: CountryExposure,
    grades: GradeAnswer | None,
    events: pl.DataFrame,
) -> DashboardData:
    """Receivables and speed by currency, warnings, customers by class."""
    tables = [
        ("receivables", _receivables(data)),
        ("warnings", _warnings(warned, countries, events)),
    ]
    if grades:
        tables.append(("classes", _classes(grades)))
    return DashboardData(tuple(tables))


def _receivables(data: ReportData) -> pl.DataFrame:
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
    return frame.drop("debit").sort("currency")


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
