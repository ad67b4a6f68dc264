"""The insurer's clock on every invoice: the same dates as in a cell, and what they ask for now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import polars as pl

from receivables.transfer.deadlines import deadlines
from receivables.transfer.insured_tables import Held
from receivables.transfer.rules import ELIGIBLE, rule

STEPS = ("extension_ends", "stop_ship", "notify", "collect", "claim_from", "claim_by")
KEY = ("policy", "due_on", "insolvent_on")
CLOCK: dict[str, pl.DataType] = {
    "policy": pl.Int64(), "due_on": pl.Date(), "insolvent_on": pl.Date(),
    **dict.fromkeys(STEPS, pl.Date()), "notify_act_by": pl.Date(), "claim_act_by": pl.Date(),
}  # fmt: skip


def with_clock(
    items: pl.DataFrame, held: list[Held], as_of: date, holidays: Collection[date]
) -> pl.DataFrame:
    """Items with the dates of `deadlines`, worked out once for every policy and due date."""
    known = {one.number: one for one in held if one.complete}
    asked = items.select(KEY).unique().filter(pl.col("due_on").is_not_null())
    rows = [
        _row(known[number], due_on, insolvent_on, as_of, holidays)
        for number, due_on, insolvent_on in asked.iter_rows()
        if number in known
    ]
    clock = pl.DataFrame(rows, schema=CLOCK, orient="row")
    return items.join(clock, on=list(KEY), how="left", maintain_order="left", nulls_equal=True)


def with_states(items: pl.DataFrame, held: list[Held], as_of: date) -> pl.DataFrame:
    """Items with state, action, act_by, days_left, this_week and policy columns in words."""
    day = pl.lit(as_of)
    lost = pl.col("reasons").str.split("+").list.set_difference(["late_report", "part_disputed", "scope_missing", "below_minimum", ELIGIBLE])  # fmt: skip
    reported = pl.col("reported_on").is_not_null()
    overdue = (pl.col("due_on") < day) | pl.col("insolvent_on").is_not_null()
    waiting = (pl.col("extension_ends") >= day) & pl.col("insolvent_on").is_null()
    state = (
        pl.when(pl.col("insurer_open") <= 0)
        .then(pl.lit("settled"))
        .when(lost.list.len() > 0)
        .then(pl.lit("outside"))
        .when(pl.col("small"))
        .then(pl.lit("small"))
        .when(pl.col("notify").is_null())
        .then(pl.lit("outside"))
        .when(pl.col("reasons").str.split("+").list.contains("late_report"))
        .then(pl.lit("missed"))
        .when(~overdue)
        .then(pl.lit("not_due"))
        .when(~reported & waiting)
        .then(pl.lit("extension"))
        .when(~reported)
        .then(pl.lit("report"))
        .when(pl.col("claim_by") < day)
        .then(pl.lit("expired"))
        .when(pl.col("claim_from") <= day)
        .then(pl.lit("claim"))
        .otherwise(pl.lit("reported"))
    )
    open_ = pl.col("insured") > 0
    found = items.with_columns(state=state).with_columns(
        action=pl.when(open_ & pl.col("state").is_in(["extension", "report"]))
        .then(pl.lit("report"))
        .when(open_ & (pl.col("state") == "claim") & pl.col("claim_by").is_not_null())
        .then(pl.lit("claim"))
        .otherwise(pl.lit(""))
    )
    return _timed(found, as_of).join(_named(held), on="policy", how="left", maintain_order="left")


def _timed(found: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What to do by when; the week begins today."""
    claims = pl.col("action") == "claim"
    acts = (
        pl.when(claims)
        .then("claim_act_by")
        .when(pl.col("action") == "report")
        .then("notify_act_by")
    )
    last = pl.when(claims).then("claim_by").when(pl.col("action") == "report").then("notify")
    end = as_of + timedelta(int(rule("week_days")))
    return found.with_columns(
        act_by=acts,
        days_left=(last - pl.lit(as_of)).dt.total_days(),
        days_overdue=(pl.lit(as_of) - pl.col("due_on")).dt.total_days(),
    ).with_columns(this_week=(pl.col("act_by") < pl.lit(end)).fill_null(value=False))


def _named(held: list[Held]) -> pl.DataFrame:
    rows = [(one.number, one.policy.policy_no, one.policy.insurer) for one in held]
    schema = {"policy": pl.Int64(), "policy_no": pl.String(), "insurer": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _row(
    one: Held, due_on: date, insolvent_on: date | None, as_of: date, holidays: Collection[date]
) -> tuple[object, ...]:
    found = deadlines(due_on, one.policy, as_of, insolvent_on=insolvent_on, holidays=holidays)
    by_step = {step.step: step for step in found}
    dates = [by_step[name].on if name in by_step else None for name in STEPS]
    acts = [by_step[name].act_by if name in by_step else None for name in ("notify", "claim_by")]
    return one.number, due_on, insolvent_on, *dates, *acts
