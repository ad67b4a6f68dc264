"""Letters about a customer's account as it stands: statement, notice of hand-over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import narwhals as nw
import polars as pl

from receivables.errors import NotAvailableError
from receivables.ledger.keys import fold
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.respond.dunning_items import Debt, Index, credits_of, debts, take_disputes
from receivables.respond.dunning_journal import letter_number
from receivables.respond.dunning_letters import (
    credit_line,
    disputed_line,
    language,
    line_of,
    recipient,
)
from receivables.respond.dunning_rules import Party, parties
from receivables.respond.dunning_senders import last_payments, sender_of, senders
from receivables.respond.letters.letter import Fact, Item, Letter

AS_CLAIMED = "proof_of_claim"
"""Kind that claims every item, contested and not yet due ones too."""
ABOUT_DEBT = ("collections_handover", "undisputed_part", AS_CLAIMED)
"""Kinds that say nothing where nothing is overdue and undisputed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written: kind, dates and the facts that the ledger does not hold."""

    kind: str
    issued_on: date
    pay_by: date | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


def of_customer(opened: OpenItems, customer_key: str) -> OpenItems:
    """Open items of one customer.

    Raises:
        NotAvailableError: nothing was ever posted to the customer.
    """
    mine = opened.parties.filter(pl.col("customer_key") == customer_key)["party"].to_list()
    if not mine:
        raise NotAvailableError(
            f"No posting for the customer '{customer_key}'. Give the number as the ledger writes it."
        )
    return replace(opened, items=opened.items.filter(nw.col("party").is_in(mine)))


def account_letters(
    ledger: Ledger, opened: OpenItems, customer_id: str, wanted: Wanted
) -> list[Letter]:
    """One letter for each company and currency in which the customer has something open.

    Overdue and undisputed items stand first, disputed parts, items not yet due and credits apart;
    a proof of claim puts all of them first.

    Args:
        ledger: Customers, Disputes, Companies, BankAccounts.
        opened: open items as of the day, in document currency.
        customer_id: as in the ledger.
        wanted: kind, dates, facts.

    Raises:
        NotAvailableError: no such customer, or nothing to write about.
    """
    key = fold(customer_id)
    own = of_customer(opened, key)
    people = parties(opened, ledger["customers"])
    groups = _groups(ledger, own)
    paid = last_payments(opened.details, opened.as_of)
    known = senders(ledger)
    made = []
    for (company, currency), (listed, unapplied) in sorted(groups.items()):
        party = people.get((company, key)) or Party(company, key, customer_id)
        items, not_due, disputed = _parts(listed, opened.as_of, wanted.kind)
        letter = Letter(
            letter_id=_number(party, currency, wanted.kind, opened.as_of, listed),
            kind=wanted.kind,
            language=language(party)[0],
            sender=sender_of(company, known),
            customer=recipient(party),
            currency=currency,
            cut_off=opened.as_of,
            issued_on=wanted.issued_on,
            pay_by=wanted.pay_by,
            items=items,
            not_due=not_due,
            disputed=disputed,
            credits=tuple(credit_line(one) for one in unapplied),
            governing_law=party.governing_law,
            last_payment_on=paid.get(key),
            facts=wanted.facts,
        )
        if letter.items or wanted.kind not in ABOUT_DEBT:
            made.append(letter)
    if not made:
        raise NotAvailableError(
            f"Customer {customer_id} has nothing open as of {opened.as_of} that a letter of the kind "
            f"{wanted.kind} could be about."
        )
    return made


def _groups(
    ledger: Ledger, own: OpenItems
) -> dict[tuple[str, str], tuple[list[Debt], list[Debt]]]:
    found: defaultdict[tuple[str, str], tuple[list[Debt], list[Debt]]] = defaultdict(
        lambda: ([], [])
    )
    listed = debts(own)
    take_disputes(Index(listed), own.frame(), ledger["disputes"], own.as_of)
    for place, rows in enumerate((listed, credits_of(own))):
        for debt in rows:
            found[debt.company, debt.currency][place].append(debt)
    return dict(found)


def _parts(
    listed: Sequence[Debt], as_of: date, kind: str
) -> tuple[tuple[Item, ...], tuple[Item, ...], tuple[Item, ...]]:
    """What is demanded or claimed, what is not yet due, what is disputed."""
    if kind == AS_CLAIMED:
        return tuple(line_of(one, as_of, open_=one.open) for one in _ordered(listed)), (), ()
    claimed = [one for one in _ordered(listed) if one.claim > 0]
    late = [one for one in claimed if one.overdue(as_of)]
    rest = [one for one in claimed if not one.overdue(as_of)]
    return (
        tuple(line_of(one, as_of, open_=one.claim, disputed=one.disputed) for one in late),
        tuple(line_of(one, as_of, open_=one.claim) for one in rest),
        tuple(disputed_line(one, as_of) for one in _ordered(listed) if one.disputed),
    )


def _ordered(listed: Sequence[Debt]) -> list[Debt]:
    return sorted(
        listed, key=lambda one: (one.due_on or date.max, one.document_no, one.instalment)
    )


def _number(party: Party, currency: str, kind: str, as_of: date, listed: Sequence[Debt]) -> str:
    documents = [(debt.document_no, debt.instalment) for debt in listed]
    return letter_number(kind, party.company, party.customer_id, currency, "", 0, as_of, documents)
