"""What is to be done this week, put together from the answers of the other jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from receivables.assess.reviews import QUARTER
from receivables.report.credit_data import WEEK_SCHEMA, WeekData
from receivables.report.labels import label, term
from receivables.respond.order_hold import HOLD
from receivables.transfer.rules import rule


def this_week(parts: Iterable[pl.DataFrame], as_of: date) -> WeekData:
    """Tasks overdue or due within the week that begins today, and those without a day of their own.

    Args:
        parts: frames with columns of WEEK_SCHEMA; what is missing is not known.
        as_of: day of the question.
    """
    until = as_of + timedelta(int(rule("week_days")) - 1)
    frame = pl.concat(
        [pl.DataFrame(schema=WEEK_SCHEMA), *(_shaped(part, as_of) for part in parts)]
    )
    soon = pl.col("act_by").is_null() | (pl.col("act_by") <= until)
    return WeekData(frame.filter(soon), until)


def insurer_tasks(items: pl.DataFrame, language: str) -> pl.DataFrame:
    """Invoices to report to the insurer, or to claim, by the day to act; the amount is what is lost if not."""
    texts = {name: label(f"this_week.{name}", language) for name in ("report", "claim")}
    what = pl.format(
        "{} {}: {}", _or("document_no", ""), _or("instalment", ""),
        pl.col("action").replace_strict(texts, default="", return_dtype=pl.String),
    )  # fmt: skip
    asked = items.filter(pl.col("action").is_in([*texts]), pl.col("act_by").is_not_null())
    return asked.with_columns(
        task=pl.lit("insurer"), what=what.str.replace(" :", ":", literal=True), amount="at_stake",
        who="insurer", sheet=pl.lit("insurance_deadlines"),
    )  # fmt: skip


def hold_tasks(orders: pl.DataFrame, language: str) -> pl.DataFrame:
    """Orders that are held, with the reasons; somebody releases them or they stay."""
    told = [
        ", ".join(term("hold", code, language) for code in reasons.split("+") if code)
        for reasons in orders["reasons"].fill_null("").to_list()
    ]
    return orders.with_columns(
        task=pl.lit("hold"),
        what=pl.col("order_no") + ": " + pl.Series("told", told, dtype=pl.String),
        sheet=pl.lit("order_holds"),
    ).filter(pl.col("state") == HOLD)


def promise_tasks(broken: pl.DataFrame, language: str) -> pl.DataFrame:
    """Broken promises: due since the day that was promised."""
    number = pl.col("document_no").fill_null(label("this_week.account", language))
    what = pl.format(label("this_week.promise", language), number)
    return broken.with_columns(
        task=pl.lit("promise"), act_by="pay_on", what=what, who="owner", sheet=pl.lit("open_items")
    )


def approval_tasks(waiting: pl.DataFrame, language: str) -> pl.DataFrame:
    """Requests short of signatures, by whom they have to be signed."""
    text = label("this_week.approval", language)
    what = pl.format(
        text, "approval_no", _or("kind", ""), _or("requested_by", "–"), "signed", "needed"
    )
    return waiting.with_columns(
        task=pl.lit("approval"), what=what, who="role", sheet=pl.lit("approvals")
    )


def review_tasks(due: pl.DataFrame, language: str) -> pl.DataFrame:
    """Customers due for a review. Never reviewed, or due before the quarter is over, is due now.

    The amount is what they owe.
    """
    words = {
        code: term("review_reason", code, language)
        for reasons in due["reasons"].fill_null("").unique()
        for code in reasons.split(", ")
    }
    told = [
        ", ".join(words[code] for code in reasons.split(", "))
        for reasons in due["reasons"].fill_null("").to_list()
    ]
    lapsed = pl.col("reasons").str.split(", ").list.contains(QUARTER)
    return due.with_columns(
        task=pl.lit("review"), act_by=pl.when(lapsed).then("due_on"), what=pl.Series("told", told, dtype=pl.String),
        amount="exposure", who="reviewed_by", sheet=pl.lit("reviews"),
    )  # fmt: skip


def _or(name: str, other: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).fill_null(other)


def _shaped(part: pl.DataFrame, as_of: date) -> pl.DataFrame:
    columns = [
        (pl.col(name) if name in part.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in WEEK_SCHEMA.items()
    ]
    left = (pl.col("act_by") - pl.lit(as_of)).dt.total_days()
    return part.select(columns).with_columns(left.alias("days_left"))
