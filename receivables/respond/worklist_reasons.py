"""Why a customer is called: one table of reasons per kind, each with its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.open import OpenItems
from receivables.monitor.warnings_overdue import least_amount
from receivables.resources import data_rows
from receivables.respond.worklist_facts import ROW, paid_late

FOUND: dict[str, pl.DataType] = {
    "customer_key": pl.String(), "currency": pl.String(), "reason": pl.String(),
    "rank": pl.Int64(), "why": pl.String(),
}  # fmt: skip
"""One reason of one customer; `currency` is null where the reason is about the customer as a whole."""
TASKS = {"report": ("be reported", "申报"), "claim": ("be claimed", "索赔")}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to call (`data/worklist_reasons.csv`): the smaller the rank, the dearer to miss."""

    name: str
    rank: int
    limit: int
    text_en: str
    text_zh: str

    def rows(self, frame: pl.DataFrame, language: str) -> pl.DataFrame:
        """The reason for each row of a frame that holds what its sentence names."""
        text = self.text_zh if language == "zh" else self.text_en
        why = [text.format(limit=self.limit, **_shown(row)) for row in frame.iter_rows(named=True)]
        currency = "currency" if "currency" in frame.columns else pl.lit(None, pl.String)
        return frame.select(
            "customer_key", pl.col(currency) if isinstance(currency, str) else currency.alias("currency"),
            reason=pl.lit(self.name), rank=pl.lit(self.rank, pl.Int64), why=pl.Series(why, dtype=pl.String),
        ).select(*FOUND)  # fmt: skip


@cache
def reasons() -> dict[str, Reason]:
    """The reasons by name, the dearest to miss first.

    >>> [name for name, one in reasons().items() if one.rank < 40]
    ['insurer', 'broken', 'plan', 'follow_up']
    """
    rows = sorted(data_rows("worklist_reasons.csv"), key=lambda row: int(row["rank"]))
    return {
        row["reason"]: Reason(
            row["reason"], int(row["rank"]), int(row["limit"] or 0), row["text_en"], row["text_zh"]
        )
        for row in rows
    }


def of_insurer(items: pl.DataFrame, language: str) -> pl.DataFrame:
    """Invoices to report or claim this week, by customer, currency and what to do."""
    asked = items.filter("this_week", pl.col("action").is_in([*TASKS]))
    rows = asked.group_by(*ROW, "action").agg(
        count=pl.len(), day=pl.col("act_by").min(), amount=pl.col("at_stake").sum()
    )
    place = 1 if language == "zh" else 0
    words = {name: texts[place] for name, texts in TASKS.items()}
    rows = rows.sort(*ROW, "action").with_columns(what=pl.col("action").replace(words))
    return reasons()["insurer"].rows(rows, language)


def of_promises(live: pl.DataFrame, language: str) -> pl.DataFrame:
    """Broken promises and those about to fall due, oldest of each customer, amounts summed."""
    soon = reasons()["due_promise"].limit
    parts = []
    for name, kept in (
        ("broken", pl.col("days") > reasons()["broken"].limit),
        ("due_promise", pl.col("days").is_between(-soon, 0)),
    ):
        rows = live.filter(kept).group_by(ROW).agg(
            pl.col("amount").sum(), pl.col("days").max(), day=pl.col("pay_on").min()
        )  # fmt: skip
        parts.append(reasons()[name].rows(rows.sort(ROW), language))
    return pl.concat(parts)


def of_plans(plans: pl.DataFrame, language: str) -> pl.DataFrame:
    """Instalments that did not come: what the plan calls now, all that is left once it is breached."""
    late = plans.filter(pl.col("state").is_in(["late", "breached"]), pl.col("called") > 0)
    rows = late.select(*ROW, amount="called", number="plan_no", day="late_since")
    return reasons()["plan"].rows(rows, language)


def of_contacts(contacts: pl.DataFrame, opened: OpenItems, language: str) -> pl.DataFrame:
    """Calls agreed for today or before."""
    due = contacts.filter(pl.col("next_on") <= opened.as_of)
    rows = due.select("customer_key", day="next_on", next=pl.col("agreed").fill_null("–"))
    return reasons()["follow_up"].rows(rows, language)


def of_limits(limits: pl.DataFrame, language: str) -> pl.DataFrame:
    """Customers above their limit; the amount is in the currency of the limit."""
    over = limits.filter(pl.col("state") == "hold", pl.col("headroom") < 0)
    rows = over.select("customer_key", "currency", amount=-pl.col("headroom"))
    return reasons()["limit"].rows(rows, language)


def of_disputes(clocks: pl.DataFrame, as_of: date, language: str) -> pl.DataFrame:
    """The oldest dispute of each customer with a clock that has run out, from `dispute_clocks`.

    A missing acknowledgement alone is no reason to call: it is written.
    """
    one = reasons()["dispute"]
    late = (pl.col("days_left") < -one.limit) & (pl.col("handle_by") < as_of)
    rows = (
        clocks.filter(late)
        .sort("age", descending=True, maintain_order=True)
        .unique("customer_key", keep="first", maintain_order=True)
        .select("customer_key", days="age", number=pl.coalesce("dispute_no", "document_no"))
    )
    return one.rows(rows, language)


def of_debt(facts: pl.DataFrame, opened: OpenItems, top: int, language: str) -> pl.DataFrame:
    """Overdue debt that is worth a call; the first in a year of a customer among the largest of its currency."""
    one, first = reasons()["overdue"], reasons()["first_overdue"]
    least = {code: least_amount(code) for code in facts["currency"].unique()}
    floor = pl.col("currency").replace_strict(least, default=0, return_dtype=pl.Int64)
    large = pl.col("open").rank("ordinal", descending=True).over("currency") <= top
    facts = facts.with_columns(large=large).filter(pl.col("overdue") >= floor)
    rows = facts.filter(pl.col("oldest_days") >= one.limit)
    debt = rows.select(*ROW, amount="overdue", days="oldest_days")
    fresh = facts.filter("large", pl.col("oldest_days").is_between(1, first.limit))
    fresh = fresh.filter(~pl.col("customer_key").is_in(paid_late(opened, first.limit).to_list()))
    return pl.concat([first.rows(fresh.select(ROW), language), one.rows(debt, language)])


def of_money(waiting: pl.DataFrame, opened: OpenItems, language: str) -> pl.DataFrame:
    """Money that lies unmatched."""
    one = reasons()["remittance"]
    old = (pl.lit(opened.as_of) - pl.col("since")).dt.total_days() >= one.limit
    return one.rows(waiting.filter(old).select(*ROW, day="since", amount="unapplied"), language)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the sentence shows them: amounts with their currency, grouped by thousands."""
    shown = dict(row)
    if "amount" in row:
        shown["amount"] = (
            f"{money.to_decimal(row['amount'], row['currency']):,f} {row['currency']}"
        )
    return shown
