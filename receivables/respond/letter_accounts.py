"""What a customer's account holds in one currency, as letters other than reminders show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.respond.dunning_items import (
    Debt,
    Index,
    credits_of,
    debts,
    take_disputes,
    take_plans,
    take_promises,
)
from receivables.respond.dunning_letters import credit_line, disputed_line, line_of
from receivables.respond.dunning_rules import Party, parties
from receivables.respond.letters.letter import Item

AccountKey = tuple[str, str, str]
"""Company, folded customer number, currency."""


@dataclass(frozen=True, slots=True)
class Account:
    """Open debits and credits of a customer in one currency as of a day; money in minor units."""

    party: Party
    currency: str
    as_of: date
    debts: tuple[Debt, ...] = ()
    credits: tuple[Debt, ...] = ()

    @property
    def key(self) -> AccountKey:
        """Company, customer, currency."""
        return self.party.company, self.party.customer_key, self.currency

    @property
    def balance(self) -> int:
        """Everything open, credits taken off."""
        return sum(one.open for one in (*self.debts, *self.credits))

    def whole(self) -> dict[str, Any]:
        """Everything open: overdue, disputed, not yet due and credits apart; their sum is the balance."""
        rest = [(debt, debt.open - debt.disputed) for debt in self.debts]
        late = [self._line(debt, left) for debt, left in rest if left and debt.overdue(self.as_of)]
        early = [self._line(debt, left) for debt, left in rest if left and not debt.overdue(self.as_of)]  # fmt: skip
        return {
            "items": tuple(late),
            "disputed": self._disputed(),
            "not_due": tuple(early),
            "credits": self._credits(),
        }

    def demanded(self) -> dict[str, Any]:
        """What is overdue and may be asked for: without disputes, promises and plans that are kept."""
        late = [debt for debt in self.debts if debt.overdue(self.as_of) and debt.claim > 0]
        return {
            "items": tuple(self._line(debt, debt.claim) for debt in late),
            "disputed": self._disputed(),
            "credits": self._credits(),
        }

    def claimed(self) -> dict[str, Any]:
        """Every debit in full, whether due, disputed or not: an insolvency makes all of it due."""
        return {
            "items": tuple(self._line(debt, debt.open) for debt in self.debts),
            "credits": self._credits(),
        }

    def of(self, documents: Iterable[str], until: date | None = None) -> tuple[Item, ...]:
        """Undisputed lines of some documents (folded numbers); of none: all that was posted by a day."""
        wanted = set(documents)
        return tuple(
            self._line(debt, debt.open - debt.disputed)
            for debt in self.debts
            if debt.open > debt.disputed
            and (debt.key[2] in wanted if wanted else _posted_by(debt, until))
        )

    def _line(self, debt: Debt, open_: int) -> Item:
        return line_of(debt, self.as_of, open_=open_)

    def _disputed(self) -> tuple[Item, ...]:
        return tuple(disputed_line(debt, self.as_of) for debt in self.debts if debt.disputed)

    def _credits(self) -> tuple[Item, ...]:
        return tuple(credit_line(credit) for credit in self.credits)


def accounts(ledger: Ledger, opened: OpenItems, plans: pl.DataFrame) -> dict[AccountKey, Account]:
    """Accounts with something open, by company, customer and currency.

    Args:
        ledger: Customers, Disputes, Promises.
        opened: open items as of the day, in document currency.
        plans: plans in good standing, columns of `dunning.PLANS`.
    """
    found, people = debts(opened), parties(opened, ledger["customers"])
    index = Index(found)
    take_disputes(index, opened.frame(), ledger["disputes"], opened.as_of)
    take_plans(index, plans)
    take_promises(index, opened.frame(), ledger["promises"], opened.as_of)
    owed, held = _by_key(found), _by_key(credits_of(opened))
    made = {}
    for key in sorted({*owed, *held}):
        rows = [*owed[key], *held[key]]
        party = people.get(key[:2]) or Party(key[0], key[1], rows[0].customer_id)
        made[key] = Account(party, key[2], opened.as_of, tuple(owed[key]), tuple(held[key]))
    return made


def _by_key(rows: Iterable[Debt]) -> defaultdict[AccountKey, list[Debt]]:
    found: defaultdict[AccountKey, list[Debt]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (one.due_on or date.max, one.document_no, one.item)):
        found[row.company, row.customer_key, row.currency].append(row)
    return found


def _posted_by(debt: Debt, until: date | None) -> bool:
    return until is None or debt.posted_on is None or debt.posted_on <= until
