"""From a planned letter to the Letter that is rendered: sender, recipient, items, charges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from receivables.ledger.keys import fold
from receivables.respond.dunning import Numbered
from receivables.respond.dunning_group import Planned
from receivables.respond.dunning_items import Debt
from receivables.respond.dunning_journal import DUNNING
from receivables.respond.dunning_rules import Party
from receivables.respond.dunning_senders import sender_of
from receivables.respond.letters.letter import Interest, Item, Letter, Recipient, Segment, Sender
from receivables.respond.letters.locale import language_of
from receivables.respond.letters.plain import address_lines

FALLBACK = "en"
"""Language of a customer whose language nobody writes in."""


@dataclass(frozen=True, slots=True)
class ItemCharge:
    """Interest and fixed sum of one debt in minor units; `note` says why there is no interest."""

    interest: int = 0
    fixed_sum: int = 0
    scheme: str = ""
    rate: str = ""
    basis: str = ""
    from_on: date | None = None
    until: date | None = None
    segments: tuple[Segment, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What letters need beside the plan: letterheads, charges by item, fees by letter, last payments."""

    senders: Mapping[str, Sender] = field(default_factory=dict)
    charges: Mapping[int, ItemCharge] = field(default_factory=dict)
    fees: Mapping[str, int] = field(default_factory=dict)
    last_payments: Mapping[str, date] = field(default_factory=dict)


def language(party: Party) -> tuple[str, bool]:
    """Language of a customer's letters, and whether it is the customer's own.

    >>> language(Party("", "c1", "C1", language="de-AT")), language(Party("", "c1", "C1", language="sv"))
    (('de', True), ('en', False))
    """
    found = language_of(party.language, party.country)
    return found or FALLBACK, found is not None


def letter_of(one: Numbered, as_of: date, issued_on: date, facts: LetterFacts) -> Letter:
    """The letter as it is rendered.

    Args:
        one: planned letter and its number.
        as_of: cut-off.
        issued_on: date printed on the letter; the days to pay count from it.
        facts: letterheads, charges, last payments.
    """
    planned, party = one.planned, one.planned.group.party
    debts = planned.debts
    return Letter(
        letter_id=one.letter_id,
        kind=DUNNING,
        language=language(party)[0],
        sender=sender_of(party.company, facts.senders),
        customer=recipient(party),
        currency=planned.group.currency,
        cut_off=as_of,
        issued_on=issued_on,
        stage=planned.level.stage,
        pay_by=planned.pay_by(issued_on),
        policy=planned.group.policy_name,
        level=planned.level.level,
        items=tuple(_item(debt, planned, as_of, facts) for debt in debts),
        disputed=tuple(disputed_line(debt, as_of) for debt in planned.group.debts if debt.disputed),
        not_due=_not_due(planned, as_of),
        credits=tuple(credit_line(credit) for credit in planned.credits),
        interest=interest_of([facts.charges[debt.item] for debt in debts if debt.item in facts.charges]),
        fee=facts.fees.get(one.letter_id, 0),
        fixed_sum=sum(facts.charges[debt.item].fixed_sum for debt in debts if debt.item in facts.charges),
        governing_law=party.governing_law,
        last_payment_on=facts.last_payments.get(party.customer_key),
    )  # fmt: skip


def recipient(party: Party) -> Recipient:
    """The customer as the letter addresses it."""
    return Recipient(
        customer_id=party.customer_id,
        name=party.name or party.customer_id,
        address=address_lines(party.address),
        country=party.country,
        registration_no=party.registration_no,
        contact=party.contact,
        email=party.email,
        legal_form=party.legal_form or "company",
    )


def interest_of(charges: Sequence[ItemCharge]) -> Interest | None:
    """Interest of several debts as one line: amounts added, rates and schemes named once each.

    >>> one = ItemCharge(100, 0, "DE", "10.27 %", "act/365", date(2026, 9, 1), date(2026, 10, 31))
    >>> interest_of([one, one]).amount, interest_of([])
    (200, None)
    """
    charged = [one for one in charges if one.interest and one.from_on and one.until]
    if not charged:
        return None
    return Interest(
        amount=sum(one.interest for one in charged),
        scheme=_once(one.scheme for one in charged),
        rate=_once(one.rate for one in charged),
        basis=_once(one.basis for one in charged),
        from_on=min(one.from_on for one in charged if one.from_on),
        to_on=max(one.until for one in charged if one.until),
        segments=tuple(segment for one in charged for segment in one.segments),
    )


def _item(debt: Debt, planned: Planned, as_of: date, facts: LetterFacts) -> Item:
    charge = facts.charges.get(debt.item, ItemCharge())
    return line_of(
        debt,
        as_of,
        open_=debt.claim,
        level=planned.levels.get(debt.item, 0),
        interest=charge.interest,
        fixed_sum=charge.fixed_sum,
        disputed=debt.disputed,
    )


def disputed_line(debt: Debt, as_of: date) -> Item:
    """The disputed part of a debt, with its reason."""
    return line_of(debt, as_of, open_=debt.disputed, disputed=debt.disputed, reason=debt.dispute_reason)  # fmt: skip


def _not_due(planned: Planned, as_of: date) -> tuple[Item, ...]:
    policy, group = planned.group.policy, planned.group
    if policy is None or policy.not_due != "list" or planned.level.level == 0:
        return ()
    rest = [debt for debt in group.not_due if debt.open - debt.since > 0]
    return tuple(line_of(debt, as_of, open_=debt.open - debt.since) for debt in rest)


def credit_line(credit: Debt) -> Item:
    """A payment or credit note that is matched with nothing."""
    return Item(
        document_no=credit.document_no,
        issued_on=credit.issued_on,
        due_on=None,
        original=credit.amount,
        open=credit.open,
        kind=credit.kind or "payment",
        reference=credit.reference,
    )


def line_of(
    debt: Debt, as_of: date, *, open_: int, level: int = 0, interest: int = 0, fixed_sum: int = 0,
    disputed: int = 0, reason: str = "",
) -> Item:  # fmt: skip
    """A debt as a line of a letter.

    Args:
        debt: with what was paid and credited.
        as_of: the days overdue count to it.
        open_: the part that this line is about.
        level: dunning level to which the letter raises it.
        interest: in minor units.
        fixed_sum: in minor units.
        disputed: part in dispute.
        reason: why, as the customer put it.
    """
    return Item(
        document_no=debt.document_no,
        issued_on=debt.issued_on,
        due_on=debt.due_on,
        original=debt.amount,
        open=open_,
        paid=debt.paid + debt.since,
        credited=debt.credited,
        days_overdue=debt.days(as_of),
        instalment=str(debt.instalment) if debt.instalment else "",
        reference=debt.reference,
        kind=debt.kind or "invoice",
        level=level,
        interest=interest,
        fixed_sum=fixed_sum,
        disputed=disputed,
        reason=reason,
    )


def _once(texts: Iterable[str]) -> str:
    seen = {fold(text): text for text in texts if text}
    return "; ".join(seen.values())
