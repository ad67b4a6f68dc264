"""From signals to answers, for whole tables: trigger, level and recommended actions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from receivables.money import half_up
from receivables.monitor.warnings_rules import LEVELS, actions, level, trigger

ACTIONS: dict[str, pl.DataType] = {
    "customer_key": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "level": pl.String(),
    "action": pl.String(),
    "recommendation": pl.String(),
    "share": pl.Float64(),
    "amount": pl.Int64(),
    "owner": pl.String(),
    "within_days": pl.Int64(),
    "act_by": pl.Date(),
}


def with_answers(
    frame: pl.DataFrame, as_of: date, language: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frame with trigger and level, gravest first; and the actions of every warning.

    Needs customer_key, currency, exposure, days_late, grade_now, grade_before, signals, within and
    insolvency. The rules are those of the cells, asked once per combination that occurs.
    """
    worst = pl.col("days_late").max().over("customer_key")
    asked = frame.with_columns(
        worst_late=worst, expected=pl.col("within") == "yes",
        insolvent=pl.col("insolvency").fill_null(value=False),
    )  # fmt: skip
    asked = _answered(asked, ("worst_late", "grade_now", "grade_before"), "trigger", trigger)
    inputs = ("trigger", "signals", "expected", "insolvent")
    asked = _answered(asked, inputs, "level", _level)
    rank = pl.col("level").replace_strict(
        {name: number for number, name in enumerate(LEVELS)}, return_dtype=pl.Int64
    )
    ordered = asked.sort(
        rank, "signals", "exposure", "customer_key", descending=[True, True, True, False]
    )
    found = ordered.drop("worst_late", "expected", "insolvent")
    return found, _actions(found.filter(pl.col("level") != ""), as_of, language)


def _level(fired: str, signals: int, expected: bool, insolvent: bool) -> str:
    return level(fired, signals, expected=expected, insolvent=insolvent)


def _answered(
    frame: pl.DataFrame, inputs: tuple[str, ...], name: str, ask: object
) -> pl.DataFrame:
    """A column with the answer of a function, asked once for each combination of its inputs."""
    assert callable(ask)
    cases = frame.select(inputs).unique()
    answers = pl.Series(name, [ask(*row) for row in cases.iter_rows()], dtype=pl.String)
    return frame.join(
        cases.with_columns(answers), on=list(inputs), how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip


def _actions(found: pl.DataFrame, as_of: date, language: str) -> pl.DataFrame:
    rows = []
    columns = ("customer_key", "customer_id", "name", "currency", "level", "grade_now", "exposure")
    for key, number, name, currency, grave, grade, exposure in found.select(columns).iter_rows():
        for one in actions(grave, grade, Decimal(exposure), language):
            size = None if one.amount is None else half_up(one.amount)
            rows.append(
                (
                    key, number, name, currency, one.level, one.action, one.text, one.share, size,
                    one.owner, one.within_days, None,
                )
            )  # fmt: skip
    frame = pl.DataFrame(rows, schema=ACTIONS, orient="row")
    return frame.with_columns(act_by=pl.lit(as_of) + pl.duration(days=pl.col("within_days"))).drop(
        "within_days"
    )
