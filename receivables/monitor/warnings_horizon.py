"""The 90-day horizon of every customer: the same line and band as in the cell, from sums."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.monitor.horizon import Aim, Horizon, Sums, projected
from receivables.monitor.warnings_rules import rule

SCHEMA: dict[str, pl.DataType] = {
    "customer_key": pl.String(),
    "days_now": pl.Float64(),
    "days_low": pl.Float64(),
    "days_high": pl.Float64(),
    "slope": pl.Float64(),
    "days_until": pl.Float64(),
    "earliest": pl.Float64(),
    "latest": pl.Float64(),
    "within": pl.String(),
}


def horizons(cycle: pl.DataFrame, as_of: date, aim: Aim) -> pl.DataFrame:
    """Trend of days beyond terms per customer; only those with enough months, the last not old.

    Args:
        cycle: customer_key, month_end, days_beyond of `warnings_periods.periods`.
        as_of: day of the question.
        aim: default state, horizon, confidence and months needed.
    """
    t, y = pl.col("t"), pl.col("days_beyond")
    fresh = pl.col("month_end").max().dt.offset_by(f"{int(rule('period_gap_months'))}mo") >= as_of
    sums = (
        cycle.filter(y.is_not_null() & (pl.col("month_end") <= as_of))
        .with_columns(t=(pl.col("month_end") - pl.lit(as_of)).dt.total_days().cast(pl.Float64))
        .group_by("customer_key", maintain_order=True)
        .agg(
            pl.len().alias("n"),
            t.sum().alias("t"),
            y.sum().alias("y"),
            (t * t).sum().alias("tt"),
            (t * y).sum().alias("ty"),
            (y * y).sum().alias("yy"),
            fresh.alias("fresh"),
        )
        .filter(pl.col("fresh") & (pl.col("n") >= aim.min_points))
        .drop("fresh")
    )
    rows = [(key, *_cells(projected(Sums(*parts), aim))) for key, *parts in sums.iter_rows()]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _cells(found: Horizon) -> tuple[object, ...]:
    return (
        found.current, found.low, found.high, found.slope, found.days_until, found.earliest,
        found.latest, found.within,
    )  # fmt: skip
