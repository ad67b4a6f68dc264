"""Parts of the dashboard that are more than a sum: the reserve's steps and the insurer's list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.report.pack_data import ReserveData

CURRENCY_SCHEMA: dict[str, pl.DataType] = {
    "currency": pl.String(),
    "customers": pl.Int64(),
    "open": pl.Int64(),
    "overdue": pl.Int64(),
    "overdue_share": pl.Float64(),
    "over_30": pl.Int64(),
    "debt": pl.Int64(),
    "dso": pl.Float64(),
    "dso_before": pl.Float64(),
    "best": pl.Float64(),
}
"""`debt` is what is owed before credits; overdue_share = overdue ÷ debt."""

TREND_SCHEMA: dict[str, pl.DataType] = {
    "month_end": pl.Date(),
    "overdue_share": pl.Float64(),
    "dso": pl.Float64(),
    "best": pl.Float64(),
    "countback": pl.Float64(),
}

GRADE_SPREAD: dict[str, pl.DataType] = {
    "grade": pl.Int64(),
    "customers_before": pl.Int64(),
    "customers": pl.Int64(),
}

INSURER_SCHEMA: dict[str, pl.DataType] = {
    "act_by": pl.Date(),
    "days_left": pl.Int64(),
    "action": pl.String(),
    "currency": pl.String(),
    "at_stake": pl.Int64(),
    "document_no": pl.String(),
    "name": pl.String(),
}

STEPS = ("opening", "charge", "reversal", "written_off", "recovered", "fx", "closing")
"""From opening to closing balance of the allowance."""
_DOWN = ("reversal", "written_off")
STEP_SCHEMA: dict[str, pl.DataType] = {
    "step": pl.String(),
    "amount": pl.Int64(),
    "foot": pl.Int64(),
    "level": pl.Int64(),
    "up": pl.Int64(),
    "down": pl.Int64(),
}
"""`amount` as it acts on the allowance; the other columns draw it: an invisible foot, then either a
level (opening, closing), a step up or a step down."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """The allowance in the main currency, and its steps (STEP_SCHEMA); None = there is none.

    `why`: `no_rates` where no loss rates were given, `no_book` where no company keeps its books in
    that currency; "" = all is known. `elsewhere` names the currencies of the other allowances.
    """

    closing: int | None
    opening: int | None
    start: date | None
    steps: pl.DataFrame
    why: str = ""
    elsewhere: tuple[str, ...] = ()


def reserve_part(data: ReserveData | None, currency: str) -> Reserve:
    """Movement of the allowance of all companies that keep their books in a currency."""
    blank = steps_of({})
    if data is None or not data.rated or data.roll.is_empty():
        return Reserve(None, None, None, blank, "no_rates")
    others = tuple(sorted(set(data.roll["currency"].to_list()) - {currency}))
    own = data.roll.filter(pl.col("currency") == currency)
    if own.is_empty():
        return Reserve(None, None, None, blank, "no_book", others)
    sums = {name: int(own[name].sum()) for name in STEPS}
    start = own["start"].min()
    return Reserve(
        sums["closing"], sums["opening"], start if isinstance(start, date) else None,
        steps_of(sums), "", others,
    )  # fmt: skip


def steps_of(sums: Mapping[str, int]) -> pl.DataFrame:
    """Each step stands on the level that the one before it reached.

    >>> steps_of({"opening": 90, "charge": 20, "reversal": 5, "closing": 105})["foot"].to_list()
    [None, 90, 105, 105, 105, 105, None]
    """
    rows: list[dict[str, object]] = []
    reached = 0
    for step in STEPS:
        amount = sums.get(step, 0) * (-1 if step in _DOWN else 1)
        row: dict[str, object] = {"step": step}
        if not sums:
            rows.append(row)
            continue
        row["amount"] = amount
        if step in {"opening", "closing"}:
            row["level"] = reached = amount
        else:
            row["foot"] = min(reached, reached + amount)
            row["up" if amount > 0 else "down"] = abs(amount)
            reached += amount
        rows.append(row)
    picked = [{name: row.get(name) for name in STEP_SCHEMA} for row in rows]
    return pl.DataFrame(picked, schema=STEP_SCHEMA)


def insurer_rows(items: pl.DataFrame, count: int) -> pl.DataFrame:
    """What must reach the insurer this week: soonest first, then the dearest."""
    week = items.filter("this_week").sort(
        ["act_by", "at_stake", "document_no"], descending=[False, True, False], nulls_last=True
    )
    columns: Sequence[pl.Expr] = [pl.col(name).cast(kind) for name, kind in INSURER_SCHEMA.items()]
    return week.select(columns).head(count)
