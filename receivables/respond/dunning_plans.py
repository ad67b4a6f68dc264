"""Which debts an instalment plan protects: those of plans that are kept as of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.respond.dunning import PLANS
from receivables.respond.plans_status import plan_status
from receivables.respond.promises import WITHDRAWN


def plans_kept(ledger: Ledger, as_of: date) -> pl.DataFrame:
    """Plans agreed by a day and kept until then: columns `PLANS`, one row per document of a plan.

    A plan without documents protects everything posted by the day it was agreed; one that was
    withdrawn, is not yet valid, is over, or is in breach protects nothing.

    Args:
        ledger: Plans and PlanInstalments.
        as_of: day of the question.
    """
    plans = ledger["plans"].with_columns(customer_key=folded(ledger["plans"]["customer_id"]))
    lines = ledger["plan_instalments"]
    keys = lines.with_columns(plan_key=folded(lines["plan_no"]))
    rows: list[dict[str, Any]] = []
    for plan in plans.with_columns(plan_key=folded(plans["plan_no"])).iter_rows(named=True):
        own = keys.filter(pl.col("plan_key") == plan["plan_key"])
        if not _running(plan, as_of) or not _kept(own, plan["currency"] or "", as_of):
            continue
        named = own["document_no"].drop_nulls().unique().to_list() or [None]
        rows += [{name: plan.get(name) for name in PLANS} | {"document_no": one} for one in named]
    return pl.DataFrame(rows, schema=PLANS, orient="row")


def _running(plan: dict[str, Any], as_of: date) -> bool:
    ended = (plan["state"] or "").strip().casefold() in WITHDRAWN
    begun = plan["agreed_on"] is None or plan["agreed_on"] <= as_of
    started = plan["valid_from"] is None or plan["valid_from"] <= as_of
    over = plan["valid_to"] is not None and plan["valid_to"] < as_of
    return begun and started and not ended and not over


def _kept(lines: pl.DataFrame, currency: str, as_of: date) -> bool:
    """Whether no instalment is missing beyond the grace of the plan rules."""
    due = [
        (row["due_on"], money.to_decimal(row["amount"], currency))
        for row in lines.iter_rows(named=True)
        if row["due_on"] and (row["amount"] or 0) > 0
    ]
    if not due:
        return False
    paid = int(lines.filter(pl.col("paid_on") <= as_of)["paid_amount"].sum() or 0)
    return plan_status(due, money.to_decimal(paid, currency), as_of).standing
