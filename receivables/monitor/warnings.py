"""Early warnings over the whole ledger: signals, trigger, level, horizon and response per customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.errors import Issue
from receivables.ledger.findings import Findings
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems, open_items
from receivables.ledger.posted import Posted
from receivables.monitor import warnings_events as happened
from receivables.monitor.horizon import Aim
from receivables.monitor.warnings_answers import with_answers
from receivables.monitor.warnings_horizon import horizons
from receivables.monitor.warnings_overdue import worst_overdue
from receivables.monitor.warnings_periods import SCHEMA, periods
from receivables.monitor.warnings_rules import rule
from receivables.monitor.warnings_signals import FIVE, INSOLVENCY, Rule, rules

GRADES: dict[str, pl.DataType] = {
    "customer_key": pl.String(), "grade_now": pl.Int64(), "grade_before": pl.Int64(),
}  # fmt: skip
"""Grades that a later line hands in: now, and of the last approved review."""


@dataclass(frozen=True, slots=True)
class Warnings:
    """Warnings of one date, gravest first.

    `frame`, one row per customer and currency: customer_key, customer_id, name, country, currency,
    exposure, disputed, overdue, materiality (int64 minor units), days_late, a column per signal
    (Boolean, null = could not be tested), signals (how many fired), grade_now, grade_before, days_now,
    slope, days_until, earliest, latest (floats, null = none), within (yes, possible, no, "" = too few
    months), trigger, level, evidence. Level, trigger and horizon are the customer's: days late is the
    worst of his currencies, and every row of his says the same.
    `actions`: customer_key, customer_id, name, currency, level, action, recommendation, share,
    amount (minor units, null = no amount), owner, act_by. Recommended, never applied.
    """

    as_of: date
    frame: pl.DataFrame
    actions: pl.DataFrame
    periods: pl.DataFrame
    issues: tuple[Issue, ...]

    def counts(self) -> dict[str, int]:
        """Customers by level."""
        seen = self.frame.unique("customer_key")["level"].to_list()
        return {level: seen.count(level) for level in ("red", "yellow", "blue")}


def warnings(
    posted: Posted,
    ledger: Ledger,
    as_of: date,
    *,
    opened: OpenItems | None = None,
    grades: pl.DataFrame | None = None,
    minimum: Mapping[str, int] | None = None,
    wanted: Mapping[str, Rule] | None = None,
    aim: Aim | None = None,
    engine: str = "polars",
    language: str = "en",
) -> Warnings:
    """Warnings of every customer from the ledger and its events, with what was known on a date.

    Nothing posted, paid, matched or heard of later is used. A list of open items has no history:
    payment cycle and horizon are then left untested.

    Args:
        posted: the linked ledger.
        ledger: its checked tables (events, disputes, customers).
        as_of: day of the question.
        opened: open items of that date, where they are at hand.
        grades: columns of `GRADES`; without them the trigger rests on the days alone.
        minimum: least material amount by currency in minor units.
        wanted: rules of the signals, default `data/warning_signals.csv`.
        aim: default state and horizon, default `data/warning_rules.csv`.
        engine: polars, duckdb, pandas or pyspark.
        language: of evidence, recommendations and Issues, en or zh.
    """
    findings = Findings(ledger.sources, language)
    used = dict(wanted or rules())
    owed = worst_overdue(
        opened or open_items(posted, as_of, engine=engine),
        disputes=ledger["disputes"], minimum=minimum,
    )  # fmt: skip
    months = max(int(rule("horizon_months")), used["cycle"].count + int(rule("period_gap_months")))
    cycle = pl.DataFrame(schema=SCHEMA)
    if ledger.kind != "open_items":
        cycle = periods(posted, as_of, months, disputes=ledger["disputes"], engine=engine)
    fired = happened.fired(ledger["events"], as_of, used, findings, language)
    rising = happened.rising(cycle, as_of, used["cycle"], language)
    graded = _graded(grades)
    frame = _customers(owed, posted, pl.concat([fired["customer_key"], graded["customer_key"]]))
    for part in (fired, rising, horizons(cycle, as_of, aim or Aim.of()), graded):
        frame = frame.join(part, on="customer_key", how="left", maintain_order="left")
    frame = _completed(frame, kept=ledger["events"].height > 0)
    answered, actions = with_answers(frame, as_of, language)
    answered = answered.filter((pl.col("exposure") > 0) | (pl.col("level") != ""))
    return Warnings(as_of, answered, actions, cycle, tuple(findings.all()))


def _customers(owed: pl.DataFrame, posted: Posted, others: pl.Series) -> pl.DataFrame:
    """Customers who owe, and others who had an event or a grade; with name and country."""
    known = posted.parties.unique("customer_key", keep="first", maintain_order=True)
    country = pl.col("country") if "country" in known.columns else pl.lit(None, pl.String)
    who = known.select("customer_key", "customer_id", "name", country.alias("country"))
    silent = others.unique().to_frame().join(owed, on="customer_key", how="anti")
    amounts = owed.drop("customer_id", "name")
    rows = pl.concat([amounts, silent], how="diagonal_relaxed").with_columns(
        pl.col("exposure", "disputed", "overdue", "materiality", "days_late").fill_null(0),
        pl.col("currency").fill_null(""),
    )
    return rows.join(who, on="customer_key", how="left", maintain_order="left").with_columns(
        pl.col("customer_id").fill_null(pl.col("customer_key"))
    )


def _graded(grades: pl.DataFrame | None) -> pl.DataFrame:
    if grades is None:
        return pl.DataFrame(schema=GRADES)
    return grades.select(pl.col(name).cast(kind) for name, kind in GRADES.items())


def _completed(frame: pl.DataFrame, *, kept: bool) -> pl.DataFrame:
    """No event of a customer is no signal where events are kept at all; else it is not known."""
    quiet = pl.lit(value=False) if kept else pl.lit(None, pl.Boolean)
    counted = [name for name in (*FIVE, INSOLVENCY) if name != "cycle"]
    told = ("evidence", "rising_evidence")
    return frame.with_columns(
        *(pl.coalesce(name, quiet).alias(name) for name in counted),
        pl.col("within").fill_null(""),
        evidence=pl.concat_str([pl.col(name) for name in told], separator="; ", ignore_nulls=True),
        signals=pl.sum_horizontal(pl.col(name).fill_null(value=False) for name in FIVE).cast(
            pl.Int64
        ),
    ).drop("rising_evidence")
