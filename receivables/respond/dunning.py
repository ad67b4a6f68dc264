"""The dunning plan: who gets which letter as of a day, and why everybody else gets none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from receivables.errors import NotAvailableError
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.respond.dunning_group import Decision, Group, Planned, decide, decide_courtesy
from receivables.respond.dunning_items import (
    Debt,
    Index,
    credits_of,
    debts,
    take_disputes,
    take_drafts,
    take_plans,
    take_promises,
)
from receivables.respond.dunning_journal import DUNNING, Journal, free_number, letter_number
from receivables.respond.dunning_policy import DEFAULT, Policy, find_policy, policies
from receivables.respond.dunning_rules import Party, against, company_policy, insolvent, parties

PLANS: dict[str, pl.DataType] = {
    "customer_key": pl.String(),
    "company": pl.String(),
    "document_no": pl.String(),
    "currency": pl.String(),
    "agreed_on": pl.Date(),
}
"""Instalment plans in good standing, one row per document; document_no null = the account."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the plan needs beside the open items.

    `later` and `credit_later` say what is open, and what is unapplied, at the last day that the
    ledger knows: item → minor units; company, customer, currency → positive minor units.
    `plans` has the columns `PLANS`. `stale`: the ledger is older than the bank.
    """

    journal: Journal = field(default_factory=Journal)
    policies: Mapping[str, Policy] = field(default_factory=policies)
    company_policy: str = ""
    plans: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLANS))
    later: Mapping[int, int] | None = None
    credit_later: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Numbered:
    """A planned letter with its number, and the cancelled letter that it replaces."""

    letter_id: str
    replaces: str
    planned: Planned


@dataclass(frozen=True, slots=True)
class Plan:
    """Letters that are due and, for every group with overdue debt, what was decided.

    Every overdue debt is in exactly one group; a group has letters or reasons.
    """

    as_of: date
    letters: tuple[Numbered, ...]
    decided: tuple[tuple[Group, Decision], ...]
    journal: Journal

    @property
    def overdue_letters(self) -> tuple[Numbered, ...]:
        """Without the notes before the due date."""
        return tuple(one for one in self.letters if one.planned.level.level > 0)


def make_plan(ledger: Ledger, opened: OpenItems, known: Known | None = None) -> Plan:
    """The plan of a day.

    For each company, customer, currency and policy with overdue debt: reasons against any letter;
    then parts that nobody may demand (paid since, disputed, under a plan, promised); then the level
    of each debt from the letters issued up to the day; then amount and credits. Customers with
    nothing overdue may get the note before the due date.

    Args:
        ledger: Customers, Documents, Disputes, Promises, Events.
        opened: open items as of the day, in document currency.
        known: journal, policies, plans, what was paid since.
    """
    known = known or Known()
    as_of = opened.as_of
    journal = known.journal.up_to(as_of)
    found = _debts(ledger, opened, known, journal)
    groups = _groups(found, ledger, opened, known)
    standings, last = journal.standings(), journal.last_letters()
    decided: list[tuple[Group, Decision]] = []
    letters: list[Planned] = []
    reminded = journal.reminded()
    for group in groups:
        if group.debts:
            key = (group.party.company, group.party.customer_key, group.currency)
            decision = decide(group, as_of, standings, last.get(key))
            decided.append((group, decision))
            letters += decision.letters
        elif note := decide_courtesy(group, as_of, reminded):
            letters.append(note)
    gone = journal.taken_back()
    numbered = tuple(_numbered(letter, as_of, gone) for letter in letters)
    return Plan(as_of, numbered, tuple(decided), journal)


def _debts(ledger: Ledger, opened: OpenItems, known: Known, journal: Journal) -> list[Debt]:
    """Open debits with the parts that nobody may demand today."""
    found = debts(opened, later=known.later)
    index, frame = Index(found), opened.frame()
    take_disputes(index, frame, ledger["disputes"], opened.as_of)
    take_plans(index, known.plans)
    take_promises(index, frame, ledger["promises"], opened.as_of)
    take_drafts(found, journal.drafts())
    return found


def _groups(found: Iterable[Debt], ledger: Ledger, opened: OpenItems, known: Known) -> list[Group]:
    people, as_of = parties(opened, ledger["customers"]), opened.as_of
    stayed = insolvent(ledger["events"], as_of)
    listed: defaultdict[tuple[str, str, str, str], list[Debt]] = defaultdict(list)
    for debt in found:
        party = _party(people, debt)
        firm = company_policy(known.company_policy, debt.company)
        name = debt.policy or party.dunning_policy or firm or DEFAULT
        listed[debt.company, debt.customer_key, debt.currency, name].append(debt)
    named = {key[3]: _policy(key[3], known) for key in listed}
    credit, shown = _credits(opened), set()
    made = []
    for key in sorted(listed, key=lambda one: (one[:3], -_claim(listed[one], as_of), one)):
        party, policy = _party(people, listed[key][0]), named[key[3]]
        who = key[:3]
        own = () if who in shown else tuple(credit.get(who, ()))
        later = 0 if who in shown else known.credit_later.get(who, 0)
        shown.add(who)  # of several policies the one with the largest debt shows the credits
        stops = against(
            party, policy, as_of, stayed=party.customer_key in stayed, stale=known.stale
        )
        group = Group(party, key[2], key[3], policy, stops=tuple(stops), credits=own)
        covered = max(-sum(one.open for one in own), later)
        made.append(_filled(group, listed[key], covered, as_of))
    return made


def _filled(group: Group, listed: list[Debt], credit: int, as_of: date) -> Group:
    if group.policy is not None and group.policy.drafts == "replace":
        take_drafts(listed, {})
    late = tuple(debt for debt in listed if debt.overdue(as_of))
    rest = tuple(debt for debt in listed if not debt.overdue(as_of))
    return replace(group, debts=late, not_due=rest, credit=credit)


def _party(people: Mapping[tuple[str, str], Party], debt: Debt) -> Party:
    known = people.get((debt.company, debt.customer_key))
    return known or Party(debt.company, debt.customer_key, debt.customer_id)


def _policy(name: str, known: Known) -> Policy | None:
    try:
        return find_policy(name, known.policies)
    except NotAvailableError:
        return None


def _credits(opened: OpenItems) -> dict[tuple[str, str, str], list[Debt]]:
    found: defaultdict[tuple[str, str, str], list[Debt]] = defaultdict(list)
    for credit in credits_of(opened):
        found[credit.company, credit.customer_key, credit.currency].append(credit)
    return dict(found)


def _claim(listed: Iterable[Debt], as_of: date) -> int:
    return sum(debt.claim for debt in listed if debt.overdue(as_of))


def _numbered(letter: Planned, as_of: date, gone: Collection[str]) -> Numbered:
    group = letter.group
    base = letter_number(
        DUNNING, group.party.company, group.party.customer_id, group.currency, group.policy_name,
        letter.level.level, as_of, [(debt.document_no, debt.instalment) for debt in letter.debts],
    )  # fmt: skip
    number, replaces = free_number(base, gone)
    return Numbered(number, replaces, letter)
