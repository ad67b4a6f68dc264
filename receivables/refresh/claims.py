"""The jobs `plans`, `disputes` and `limitation`: what was agreed, what is contested, what will be barred."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.refresh.books import Books
from receivables.refresh.transfer import insurance_job
from receivables.respond.disputes_ledger import dispute_clocks
from receivables.respond.insolvency import insolvency_tasks
from receivables.respond.insured_debt import Consents, consents, insured_customers
from receivables.respond.limitation_ledger import limitation_dates
from receivables.respond.plans_ledger import plan_states

PLAN_MONEY = ("total", "paid", "missing", "next_amount", "called", "difference")
DISPUTE_MONEY = ("open", "disputed", "undisputed")


@dataclass(frozen=True, slots=True)
class ClaimsAnswer:
    """Rows of one of the jobs as of a date."""

    as_of: date
    frame: pl.DataFrame
    money: Collection[str]
    rows: str
    counted_by: str
    issues: int

    def counts(self) -> dict[str, int]:
        """Rows by state, step or reason."""
        found = self.frame[self.counted_by].fill_null("").to_list()
        return {name: found.count(name) for name in dict.fromkeys(found)}

    def to_json(self) -> dict[str, Any]:
        """Amounts as decimal text, days as ISO dates."""
        return {
            "as_of": self.as_of.isoformat(),
            "counts": self.counts(),
            self.rows: [self._row(row) for row in self.frame.iter_rows(named=True)],
            "issues": self.issues,
        }

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        currency = row["currency"] or money.NO_CURRENCY
        told = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in row.items()
        }
        amounts = {
            name: None if row[name] is None else money.text(row[name], currency)
            for name in self.money
        }
        return told | amounts


def plans_job(books: Books, as_of: date) -> ClaimsAnswer:
    """Instalment plans of the ledger: kept, late, breached; those over insured debt without consent.

    Args:
        books: the loaded ledger.
        as_of: day of the question.

    Raises:
        NotAvailableError: nothing posted by then; a list that cannot be back-dated.
    """
    frame = plan_states(books.ledger, books.open(as_of), insured=_insured(books, as_of))
    return ClaimsAnswer(as_of, frame, PLAN_MONEY, "plans", "state", len(books.issues))


def disputes_job(books: Books, as_of: date) -> ClaimsAnswer:
    """Open disputes with their clocks, the most pressing first; as `plans_job`."""
    frame = dispute_clocks(books.ledger, books.open(as_of))
    return ClaimsAnswer(as_of, frame, DISPUTE_MONEY, "disputes", "next_step", len(books.issues))


def limitation_job(books: Books, as_of: date) -> ClaimsAnswer:
    """Open debts with the day they are barred, the soonest first; as `plans_job`."""
    frame = limitation_dates(books.ledger, books.open(as_of)).drop("item")
    return ClaimsAnswer(as_of, frame, ("open",), "debts", "law", len(books.issues))


def consents_of(books: Books, as_of: date) -> Consents:
    """Who has insured debt, and to what the insurer agreed: asked before a plan, waiver or hand-over."""
    return consents(books.ledger, _insured(books, as_of), as_of)


def insolvencies_of(books: Books, as_of: date) -> pl.DataFrame:
    """What is still to do for insolvent customers who owe (`respond.insolvency.TASKS`)."""
    return insolvency_tasks(books.ledger, books.open(as_of), insured=_insured(books, as_of))


def _insured(books: Books, as_of: date) -> frozenset[str]:
    if books.ledger["insurance_policies"].is_empty():
        return frozenset()
    return insured_customers(insurance_job(books, as_of).found.items)
