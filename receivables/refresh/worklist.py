"""The job `worklist`: whom to call today and why, from what the other jobs found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from receivables.errors import Issue
from receivables.refresh.books import Books
from receivables.refresh.credit_found import has
from receivables.refresh.limits import limits_job, rows
from receivables.refresh.transfer import insurance_job
from receivables.report.worklist_data import CALL_SCHEMA, HELD_SCHEMA, WorklistData
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
    customers = books.ledger["customers"]
    limited = "credit_limit" in customers.columns and customers["credit_limit"].count() > 0
    insured = insurance_job(books, as_of).found if has(books, "insurance_policies") else None
    limits = limits_job(books, as_of) if limited or has(books, "limits") else None
    found = worklist(
        books.posted, books.ledger, books.open(as_of, match_cutoff),
        insured=insured.items if insured else None, limits=limits.frame if limits else None,
        rates=books.rates(), compared_in=books.settings.currency, top=books.settings.top_n,
        language=books.settings.language,
    )  # fmt: skip
    parts = [part.issues for part in (insured, limits) if part]
    return WorklistAnswer(found, tuple(issue for part in parts for issue in part))


def worklist_data(books: Books, as_of: date, match_cutoff: date | None = None) -> WorklistData:
    """The list as the report shows it."""
    found = worklist_job(books, as_of, match_cutoff=match_cutoff).found
    return WorklistData(
        found.frame.select(*CALL_SCHEMA), found.held.select(*HELD_SCHEMA), found.compared_in
    )
