"""The job `worklist`: whom to call today and why, from what the other jobs found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables.errors import Issue
from receivables.refresh.books import Books
from receivables.refresh.credit_found import Found, has
from receivables.refresh.limits import limits_job, rows
from receivables.refresh.transfer import insurance_job
from receivables.respond.worklist import Worklist, worklist

MONEY = ("overdue", "open", "disputed", "unapplied", "promised")


@dataclass(frozen=True, slots=True)
class WorklistAnswer:
    """Calls of one date, the first the dearest to miss; who is left out, and why."""

    found: Worklist
    issues: tuple[Issue, ...]

    def to_json(self) -> dict[str, Any]:
        """Amounts as decimal text in the currency of the row, days as ISO dates, null = none."""
        return {
            "as_of": self.found.as_of.isoformat(),
            "compared_in": self.found.compared_in,
            "calls": rows(self.found.frame.drop("customer_key"), MONEY),
            "held": rows(self.found.held.drop("customer_key"), MONEY),
            "issues": [issue.message for issue in self.issues],
        }


def worklist_job(books: Books, as_of: date, *, match_cutoff: date | None = None) -> WorklistAnswer:
    """Customers to call on a day, from overdue debt, promises, disputes, limits and the insurer's clock.

    Args:
        books: the loaded ledger.
        as_of: day of the calls.
        match_cutoff: matchings entered up to this day count.
    """
    insured = insurance_job(books, as_of).found if has(books, "insurance_policies") else None
    limits = limits_job(books, as_of) if has(books, "limits") else None
    found = calls(
        books, as_of, insured.items if insured else None, limits.frame if limits else None, match_cutoff
    )  # fmt: skip
    parts = [part.issues for part in (insured, limits) if part]
    return WorklistAnswer(found, tuple(issue for part in parts for issue in part))


def calls_of(books: Books, found: Found, match_cutoff: date | None = None) -> Worklist:
    """The list where the other jobs have answered already."""
    return calls(
        books, found.warnings.as_of, found.insurance.items if found.insurance else None,
        found.limits.frame if found.limits else None, match_cutoff,
    )  # fmt: skip


def calls(
    books: Books, as_of: date, insured: pl.DataFrame | None, limits: pl.DataFrame | None,
    match_cutoff: date | None = None,
) -> Worklist:  # fmt: skip
    """The list from the insurer's items and the limits, None where the ledger has none."""
    return worklist(
        books.posted, books.ledger, books.open(as_of, match_cutoff), insured=insured, limits=limits,
        rates=books.rates(), compared_in=books.settings.currency, top=books.settings.top_n,
        language=books.settings.language,
    )  # fmt: skip
