"""What is to be done this week, put together from the answers of the other jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from receivables.report.credit_data import WEEK_SCHEMA, WeekData
from receivables.report.labels import label


def this_week(parts: Iterable[pl.DataFrame], as_of: date, days: int) -> WeekData:
    """Tasks overdue or due within `days`, and those without a day of their own, which are due now.

    Args:
        parts: frames with columns of WEEK_SCHEMA; what is missing is not known.
        as_of: day of the question.
        days: how far ahead to look.
    """
    until = as_of + timedelta(days)
    frame = pl.concat(
        [_shaped(part, as_of) for part in parts] or [pl.DataFrame(schema=WEEK_SCHEMA)]
    )
    soon = pl.col("act_by").is_null() | (pl.col("act_by") <= until)
    return WeekData(frame.filter(soon), until)


def promise_tasks(broken: pl.DataFrame, language: str) -> pl.DataFrame:
    """Broken promises: due since the day that was promised."""
    number = pl.col("document_no").fill_null(label("this_week.account", language))
    what = pl.format(label("this_week.promise", language), number)
    return broken.with_columns(
        task=pl.lit("promise"), act_by="pay_on", what=what, who="owner", sheet=pl.lit("open_items")
    )


def _shaped(part: pl.DataFrame, as_of: date) -> pl.DataFrame:
    columns = [
        (pl.col(name) if name in part.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in WEEK_SCHEMA.items()
    ]
    left = (pl.col("act_by") - pl.lit(as_of)).dt.total_days()
    return part.select(columns).with_columns(left.alias("days_left"))
