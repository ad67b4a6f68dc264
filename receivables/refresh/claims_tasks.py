"""This week's tasks of plans, disputes and insolvencies, in the form of the other tasks."""

from __future__ import annotations

import polars as pl

from receivables.report.labels import label, terms


def plan_tasks(plans: pl.DataFrame, language: str) -> pl.DataFrame:
    """Plans in breach since the missed instalment, and plans over insured debt without consent."""
    breached = plans.filter(pl.col("state") == "breached").with_columns(
        act_by="late_since",
        amount="called",
        what=pl.format(label("this_week.plan_breached", language), "plan_no"),
    )
    waiting = plans.filter("blocked", pl.col("state").is_in(["good", "late"])).with_columns(
        act_by=pl.lit(None, pl.Date),
        amount="total",
        what=pl.format(label("this_week.plan_consent", language), "plan_no"),
    )
    return pl.concat([breached, waiting]).with_columns(
        task=pl.lit("plan"), sheet=pl.lit("plan_status")
    )


def dispute_tasks(disputes: pl.DataFrame, language: str) -> pl.DataFrame:
    """The next step of every open dispute, by its clock."""
    steps = terms("dispute_step", language)
    what = pl.format(
        "{} {}: {}",
        pl.col("dispute_no").fill_null(""),
        pl.col("document_no").fill_null(""),
        pl.col("next_step").replace(steps),
    )
    return disputes.filter(pl.col("due_on").is_not_null()).with_columns(
        task=pl.lit("dispute"), act_by="due_on", what=what.str.strip_chars(), amount="disputed",
        who="owner", sheet=pl.lit("dispute_clocks"),
    )  # fmt: skip


def insolvency_tasks(tasks: pl.DataFrame, language: str) -> pl.DataFrame:
    """What an insolvency asks for; without a day it is due now. The debt stands once, on its proof."""
    return tasks.with_columns(
        task=pl.lit("insolvency"), act_by="due_on",
        amount=pl.when(pl.col("task") == "proof_of_claim").then("open"),
        what=pl.col("task").replace(terms("insolvency_task", language)), sheet=pl.lit("open_items"),
    )  # fmt: skip
