"""Interest, fixed sums and fees of planned letters, where their policy asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import polars as pl

from receivables import money
from receivables.errors import ReceivablesError
from receivables.ledger.engines import collect
from receivables.ledger.keys import fold
from receivables.ledger.open import OpenItems
from receivables.respond.dunning import Numbered, Plan
from receivables.respond.dunning_items import Debt
from receivables.respond.dunning_letters import ItemCharge
from receivables.respond.fees import late_fee
from receivables.respond.interest import Debt as LateDebt
from receivables.respond.interest import Interest, Payment, charge
from receivables.respond.interest_terms import Terms
from receivables.respond.letters.letter import Segment
from receivables.respond.statutory import fixed_sum

BY_LAW = "law"
"""Scheme of a level that means: that of the law of the contract, else of the customer's country."""


def charges_of(
    plan: Plan, opened: OpenItems, *, assume_last: bool = False
) -> tuple[dict[int, ItemCharge], dict[str, str]]:
    """Interest and fixed sum by item, and what must be said by letter: why there is none.

    Interest runs up to the cut-off on what stood at each day, never on disputed amounts, and stops
    nowhere else: insolvent customers get no letter. Past the last known rate there is none, unless
    `assume_last`.

    Args:
        plan: planned letters.
        opened: open items with the applications that count.
        assume_last: go on with the last known rate.
    """
    asked = [one for one in plan.letters if one.planned.level.interest_scheme or one.planned.level.fixed_sum]  # fmt: skip
    if not asked:
        return {}, {}
    came = _payments(opened, {debt.item for one in asked for debt in one.planned.debts})
    found: dict[int, ItemCharge] = {}
    notes: dict[str, str] = {}
    for one in asked:
        told = []
        for debt in one.planned.debts:
            item = _charge(debt, one, plan.as_of, came.get(debt.item, ()), assume_last=assume_last)
            found[debt.item] = item
            told.append(item.note)
        if any(told):
            notes[one.letter_id] = "; ".join(dict.fromkeys(filter(None, told)))
    return found, notes


def fees_of(plan: Plan) -> dict[str, int]:
    """Fee of each letter whose level has one, in minor units of the letter's currency.

    A level whose row names a currency charges its fee in that currency only.
    """
    found = {}
    for one in plan.letters:
        level, currency = one.planned.level, one.planned.group.currency
        if level.fee and level.currency in {"", currency}:
            fee = late_fee(money.to_decimal(one.planned.claim, currency), level.fee)
            found[one.letter_id] = money.to_minor(fee, currency)
    return found


def _charge(
    debt: Debt, one: Numbered, as_of: date, came: tuple[Payment, ...], *, assume_last: bool
) -> ItemCharge:
    party, level = one.planned.group.party, one.planned.level
    if party.legal_form == "consumer":
        return ItemCharge(note="no interest: rates between businesses are not for consumers")
    scheme = level.interest_scheme
    if fold(scheme or BY_LAW) == BY_LAW:
        scheme = party.governing_law or party.country
    notes: list[str] = []
    interest, fixed = None, 0
    try:
        if level.interest_scheme:
            interest = _interest(debt, scheme, as_of, came, assume_last=assume_last)
    except ReceivablesError as fault:
        notes.append(f"no interest: {fault}")
    try:
        if level.fixed_sum:
            fixed = _fixed(debt, scheme)
    except ReceivablesError as fault:
        notes.append(f"no fixed sum: {fault}")
    if interest is None:
        return ItemCharge(fixed_sum=fixed, note="; ".join(notes))
    if not interest.confirmed:
        notes.append("rate not confirmed: check it")
    if interest.provisional:
        notes.append("interest provisional until paid")
    return ItemCharge(
        interest.minor(debt.currency), fixed, interest.terms.scheme.label(), interest.rate_text,
        interest.basis, interest.from_on, interest.until, _segments(debt, interest), "; ".join(notes),
    )  # fmt: skip


def _interest(
    debt: Debt, scheme: str, as_of: date, came: tuple[Payment, ...], *, assume_last: bool
) -> Interest:
    """Interest on the amount with its payments; on what is open where their days are not known."""
    currency = debt.currency
    amount = money.to_decimal(debt.amount, currency)
    left = money.to_decimal(debt.open, currency)
    if amount - sum((one.amount for one in came), Decimal(0)) != left:
        amount, came = left, ()
    disputed = min(money.to_decimal(debt.disputed, currency), left)
    assert debt.due_on is not None  # a debt without a due date is on no letter
    late = LateDebt(amount, debt.due_on, payments=came, disputed=disputed)
    return charge(late, as_of, Terms.of(scheme, assume_last=assume_last, currency=currency))


def _fixed(debt: Debt, scheme: str) -> int:
    found = fixed_sum(scheme, money.to_decimal(debt.amount, debt.currency), debt.currency)
    if found.currency != debt.currency:
        raise _other_currency(found.currency, debt.currency)
    return money.to_minor(found.amount, debt.currency)


def _other_currency(law: str, debt: str) -> ReceivablesError:
    return ReceivablesError(f"the law's sum is in {law}, the debt in {debt}")


def _segments(debt: Debt, interest: Interest) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            debt.document_no, part.from_on, part.to_on, money.to_minor(part.principal, debt.currency),
            interest.terms.rate_text(part.rate), part.days, money.to_minor(part.interest, debt.currency),
        )
        for part in interest.segments
    )  # fmt: skip


def _payments(opened: OpenItems, items: set[int]) -> Mapping[int, tuple[Payment, ...]]:
    """What was settled of each document, on the day the money or the credit note was posted."""
    days = dict(opened.details.select("item", "posted_on").iter_rows())
    codes = dict(opened.frame().select("item", "currency").iter_rows())
    rows = collect(opened.applied).filter(pl.col("doc").is_in(list(items)))
    found: defaultdict[int, list[Payment]] = defaultdict(list)
    for row in rows.iter_rows(named=True):
        on = min(filter(None, (row["matched_on"], days.get(row["source"]))))
        amount = money.to_decimal(abs(row["amount"]), codes.get(row["doc"]) or money.NO_CURRENCY)
        found[row["doc"]].append(Payment(on, amount, "payment" if row["paid"] else "credit_note"))
    return {item: tuple(sorted(each, key=lambda one: one.on)) for item, each in found.items()}
