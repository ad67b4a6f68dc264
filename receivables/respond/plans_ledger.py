"""Instalment plans of a ledger as of a date: what came on each, whether it is kept, what falls due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.engines import collect
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.respond.plans_status import PlanStatus, plan_status
from receivables.respond.promises import WITHDRAWN

PLANS: dict[str, pl.DataType] = {
    "plan_no": pl.String(), "company": pl.String(), "customer_key": pl.String(),
    "customer_id": pl.String(), "name": pl.String(), "currency": pl.String(),
    "agreed_on": pl.Date(), "state": pl.String(), "total": pl.Int64(), "paid": pl.Int64(),
    "paid_from": pl.String(), "missing": pl.Int64(), "days_late": pl.Int64(),
    "late_since": pl.Date(), "next_on": pl.Date(), "next_amount": pl.Int64(),
    "called": pl.Int64(), "insured": pl.Boolean(), "insurer_consent": pl.String(),
    "blocked": pl.Boolean(), "difference": pl.Int64(), "documents": pl.List(pl.String()),
}  # fmt: skip
"""One row per plan, money in minor units of its currency.

`state`: good, late, breached, done, withdrawn, or empty (no instalments). `paid_from`: noted (on the
instalments) or ledger (settled since the agreement). `called` is due now: what is missing, or all
that is left once breached. `difference` = Σ instalments − amount of the plan. `blocked`: a plan over
insured debt without the insurer's consent. `documents`: keys of those it names; none = the account.
"""

STANDING = ("good", "late")
"""States in which a plan still protects from reminders."""


def plan_states(
    ledger: Ledger,
    opened: OpenItems,
    *,
    insured: Collection[str] = (),
    grace_days: int | None = None,
) -> pl.DataFrame:
    """Every plan agreed by the date, those in breach first.

    Paid is the larger of what is noted on the instalments by the date and what the ledger settled
    since the agreement: of the documents that the plan names, else of all that was posted by then,
    with the customer's unmatched money since.

    Args:
        ledger: Plans and PlanInstalments.
        opened: open items as of the date.
        insured: customer_keys with insured debt.
        grace_days: default `data/plan_rules.csv`.
    """
    plans = _plans(ledger, opened.as_of)
    lines = _lines(ledger)
    came = dict(_came(plans, lines, opened).iter_rows())
    names = dict(opened.parties.select("customer_key", "name").unique("customer_key").iter_rows())
    by_plan = lines.partition_by("plan_key", as_dict=True)
    rows = [
        _row(
            plan, by_plan.get((plan["plan_key"],), lines.clear()), came.get(plan["plan"], 0),
            opened.as_of, grace_days,
        )
        | {
            "name": names.get(plan["customer_key"]),
            "insured": plan["customer_key"] in insured,
            "blocked": plan["customer_key"] in insured and not plan["insurer_consent"],
        }
        for plan in plans.iter_rows(named=True)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=PLANS, orient="row")
    rank = pl.col("state").replace_strict({"breached": 0, "late": 1, "": 2, "good": 3}, default=4)
    return frame.sort(rank, "late_since", "plan_no", nulls_last=True)


def _plans(ledger: Ledger, as_of: date) -> pl.DataFrame:
    frame = ledger["plans"]
    return (
        frame.with_columns(
            folded(frame["customer_id"]).alias("customer_key"),
            folded(frame["plan_no"]).alias("plan_key"),
            pl.col("company").fill_null(""),
            pl.col("insurer_consent").fill_null("").str.strip_chars(),
        )
        .filter(pl.col("agreed_on").is_null() | (pl.col("agreed_on") <= as_of))
        .with_row_index("plan")
    )


def _lines(ledger: Ledger) -> pl.DataFrame:
    frame = ledger["plan_instalments"]
    return frame.with_columns(
        folded(frame["plan_no"]).alias("plan_key"),
        folded(frame["document_no"]).alias("document_key"),
    )


def _row(
    plan: Mapping[str, Any], lines: pl.DataFrame, came: int, as_of: date, grace: int | None
) -> dict[str, Any]:
    currency = plan["currency"] or money.NO_CURRENCY
    due = [
        (row["due_on"], money.to_decimal(row["amount"], currency))
        for row in lines.iter_rows(named=True)
        if row["due_on"] and (row["amount"] or 0) > 0
    ]
    noted = int(lines.filter(pl.col("paid_on") <= as_of)["paid_amount"].sum() or 0)
    paid = max(noted, came, 0)
    status = plan_status(due, money.to_decimal(paid, currency), as_of, grace) if due else None
    ended = (plan["state"] or "").strip().casefold() in WITHDRAWN
    total = int(lines["amount"].sum() or 0)
    told = _figures(status, currency) | {"state": "withdrawn" if ended else status.state if status else ""}  # fmt: skip
    if ended:
        told["called"] = 0
    return (
        {name: plan.get(name) for name in PLANS}
        | told
        | {
            "currency": currency,
            "paid": paid,
            "paid_from": "" if not paid else "noted" if noted >= came else "ledger",
            "difference": total - (plan["amount"] or 0),
            "documents": sorted(set(lines["document_key"].drop_nulls().to_list())),
        }
    )


def _figures(status: PlanStatus | None, currency: str) -> dict[str, Any]:
    if status is None:
        return dict.fromkeys(("total", "missing", "days_late", "late_since", "next_on", "next_amount", "called"))  # fmt: skip
    amounts = {
        name: getattr(status, name) for name in ("total", "missing", "next_amount", "called")
    }
    return {
        name: None if value is None else money.to_minor(value, currency)
        for name, value in amounts.items()
    } | {
        "days_late": status.days_late,
        "late_since": status.late_since,
        "next_on": status.next_on,
    }


def _came(plans: pl.DataFrame, lines: pl.DataFrame, opened: OpenItems) -> pl.DataFrame:
    """Settled by the ledger since each agreement: plan, minor units."""
    wanted = plans.select("plan", "plan_key", "customer_key", "agreed_on", by="company", code="currency")  # fmt: skip
    named = lines.filter(pl.col("document_key").is_not_null()).select("plan_key", "document_key")
    documents = opened.details.filter(pl.col("table") == "documents").select(
        "customer_key", "document_key", "company", "currency", "posted_on", doc="item"
    )
    here = (pl.col("by") == "") | (pl.col("by") == pl.col("company"))
    same = pl.col("code").is_null() | (pl.col("code") == pl.col("currency"))
    first = wanted.join(named.unique(), on="plan_key").join(
        documents, on=["customer_key", "document_key"]
    )
    rest = wanted.join(named, on="plan_key", how="anti").join(documents, on="customer_key")
    rest = rest.filter(pl.col("posted_on") <= pl.col("agreed_on"))
    columns = ["plan", "agreed_on", "doc"]
    rows = pl.concat([part.filter(here, same).select(columns) for part in (first, rest)]).unique()
    applied = collect(opened.applied).select("doc", "matched_on", settled="amount")
    settled = (
        rows.join(applied, on="doc")
        .filter(pl.col("matched_on") >= pl.col("agreed_on"))
        .select("plan", came=pl.col("settled").abs())
    )
    cash = opened.frame().filter(pl.col("open") < 0, pl.col("table") == "payments")
    loose = (
        wanted.join(named, on="plan_key", how="anti")
        .join(
            cash.select("customer_key", "company", "currency", "posted_on", "open"),
            on="customer_key",
        )
        .filter(here, same, pl.col("posted_on") >= pl.col("agreed_on"))
        .select("plan", came=-pl.col("open"))
    )
    return pl.concat([settled, loose]).group_by("plan").agg(pl.col("came").sum())
