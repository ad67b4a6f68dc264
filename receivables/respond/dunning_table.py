"""The Dunning table: one row per letter, and one per customer who gets none with the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from receivables.respond.dunning import Numbered, Plan
from receivables.respond.dunning_group import Group, Planned
from receivables.respond.dunning_items import Debt
from receivables.respond.dunning_journal import ItemKey
from receivables.respond.dunning_level import Standing
from receivables.respond.letters.letter import Letter

DUNNING: dict[str, pl.DataType] = {
    "outcome": pl.String(),
    "letter_id": pl.String(),
    "replaces": pl.String(),
    "company": pl.String(),
    "customer_key": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "policy": pl.String(),
    "level": pl.Int64(),
    "stage": pl.String(),
    "items": pl.Int64(),
    "overdue": pl.Int64(),
    "demanded": pl.Int64(),
    "disputed": pl.Int64(),
    "held": pl.Int64(),
    "since": pl.Int64(),
    "credit": pl.Int64(),
    "interest": pl.Int64(),
    "fee": pl.Int64(),
    "fixed_sum": pl.Int64(),
    "payable": pl.Int64(),
    "oldest_days": pl.Int64(),
    "last_level": pl.Int64(),
    "last_letter_on": pl.Date(),
    "pay_by": pl.Date(),
    "channel": pl.String(),
    "language": pl.String(),
    "legal_review": pl.Boolean(),
    "reasons": pl.String(),
    "note": pl.String(),
}
"""outcome: letter, courtesy or none. Money in minor units of `currency`. overdue = open past the due
date (or without one) as of the day = demanded + disputed + held + since + what waits; `held` is under
a plan or a promise, `since` was paid after the day. demanded is without interest, fee and fixed sum;
payable = demanded + those − credit. Reasons are codes of `dunning_reasons.csv` joined by +."""

ITEMS: dict[str, pl.DataType] = {
    "letter_id": pl.String(),
    "company": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "document_no": pl.String(),
    "instalment": pl.Int64(),
    "due_on": pl.Date(),
    "days_overdue": pl.Int64(),
    "open": pl.Int64(),
    "demanded": pl.Int64(),
    "disputed": pl.Int64(),
    "last_level": pl.Int64(),
    "level": pl.Int64(),
    "reason": pl.String(),
}
"""One row per overdue debt: on a letter (level = raised to by it, null = only listed) or left out."""


def dunning_frame(plan: Plan, letters: Mapping[str, Letter], notes: Mapping[str, str] | None = None) -> pl.DataFrame:  # fmt: skip
    """Every letter, then every group without one, largest first within a currency.

    Args:
        plan: the plan.
        letters: letters of the plan by number, for interest and fees.
        notes: what must be said of a letter, by number.
    """
    numbered = _by_planned(plan)
    standings = plan.journal.standings()
    last = plan.journal.last_letters()
    told = notes or {}
    rows = []
    for group, decision in plan.decided:
        who = (group.party.company, group.party.customer_key, group.currency)
        base = _group_row(group, plan.as_of, standings, last.get(who))
        if not decision.letters:
            rows.append(base | {"outcome": "none", "reasons": "+".join(decision.reasons)})
        for place, planned in enumerate(decision.letters):
            one = numbered[id(planned)]
            beside = base if place == 0 else base | dict.fromkeys(("overdue", "disputed", "held", "since", "credit"), 0)  # fmt: skip
            rows.append(beside | _letter_row(one, letters[one.letter_id]) | {"note": told.get(one.letter_id)})  # fmt: skip
    for one in plan.letters:
        if one.planned.level.level == 0:
            base = _group_row(one.planned.group, plan.as_of, standings, None)
            rows.append(base | _letter_row(one, letters[one.letter_id]) | {"outcome": "courtesy", "note": told.get(one.letter_id)})  # fmt: skip
    frame = pl.DataFrame([dict.fromkeys(DUNNING) | row for row in rows], schema=DUNNING, orient="row")  # fmt: skip
    rank = pl.col("outcome").replace_strict({"letter": 0, "none": 1, "courtesy": 2}, return_dtype=pl.Int64)  # fmt: skip
    return frame.sort(rank, pl.col("level").fill_null(-1), "currency", "overdue", "customer_id", descending=[False, True, False, True, False])  # fmt: skip


def items_frame(plan: Plan) -> pl.DataFrame:
    """Every overdue debt with its letter or the reason why it is left out."""
    standings, rows = plan.journal.standings(), []
    numbered = _by_planned(plan)
    for group, decision in plan.decided:
        on = {
            debt.item: numbered[id(planned)] for planned in decision.letters for debt in planned.debts
        }  # fmt: skip
        for debt in group.debts:
            one = on.get(debt.item)
            rows.append(_item_row(group, debt, one, decision.left_out.get(debt.item, ""), standings, plan.as_of))  # fmt: skip
    return pl.DataFrame(rows, schema=ITEMS, orient="row").sort("customer_id", "currency", "due_on")


def _by_planned(plan: Plan) -> dict[int, Numbered]:
    return {id(one.planned): one for one in plan.letters}


def _group_row(
    group: Group, as_of: date, standings: Mapping[ItemKey, Standing], last: date | None
) -> dict[str, Any]:
    party, debts = group.party, group.debts
    return {
        "company": party.company,
        "customer_key": party.customer_key,
        "customer_id": party.customer_id,
        "name": party.name or None,
        "currency": group.currency,
        "policy": group.policy_name,
        "overdue": sum(debt.open for debt in debts),
        "disputed": sum(debt.disputed for debt in debts),
        "held": sum(debt.promised + debt.planned for debt in debts),
        "since": sum(debt.since for debt in debts),
        "credit": group.credit,
        "oldest_days": max((debt.days(as_of) for debt in debts), default=0),
        "last_level": max(
            (standings.get(debt.key, Standing()).level for debt in debts), default=0
        ),
        "last_letter_on": last,
    }


def _letter_row(one: Numbered, letter: Letter) -> dict[str, Any]:
    planned: Planned = one.planned
    return {
        "outcome": "letter",
        "letter_id": one.letter_id,
        "replaces": one.replaces or None,
        "level": planned.level.level,
        "stage": planned.level.stage,
        "items": len(planned.debts),
        "demanded": planned.claim,
        "interest": letter.interest.amount if letter.interest else 0,
        "fee": letter.fee,
        "fixed_sum": letter.fixed_sum,
        "payable": letter.payable,
        "pay_by": letter.pay_by,
        "channel": planned.level.channel,
        "language": letter.language,
        "legal_review": planned.level.legal_review,
        "reasons": "",
    }


def _item_row(
    group: Group, debt: Debt, one: Numbered | None, reason: str,
    standings: Mapping[ItemKey, Standing], as_of: date,
) -> dict[str, Any]:  # fmt: skip
    return {
        "letter_id": one.letter_id if one else None,
        "company": debt.company,
        "customer_id": debt.customer_id,
        "name": group.party.name or None,
        "currency": debt.currency,
        "document_no": debt.document_no,
        "instalment": debt.instalment or None,
        "due_on": debt.due_on,
        "days_overdue": debt.days(as_of),
        "open": debt.open,
        "demanded": debt.claim if one else 0,
        "disputed": debt.disputed,
        "last_level": standings.get(debt.key, Standing()).level,
        "level": one.planned.levels.get(debt.item) if one else None,
        "reason": "" if one else reason,
    }
