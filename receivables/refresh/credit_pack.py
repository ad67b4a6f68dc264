"""The credit manager's part of the report, from what the ledger holds; every part is optional."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TypeGuard

import polars as pl

from receivables.days import previous_month_end
from receivables.monitor.country_ledger import CountryExposure
from receivables.monitor.country_risk import rule as country_rule
from receivables.monitor.warnings import Warnings
from receivables.refresh import claims_tasks as claims
from receivables.refresh import this_week as week
from receivables.refresh.books import Books
from receivables.refresh.credit_columns import with_columns
from receivables.refresh.credit_found import Found, ask, has
from receivables.refresh.dashboard import dashboard
from receivables.refresh.grade import GradeAnswer
from receivables.refresh.letters_week import letter_tasks
from receivables.refresh.limits import ApprovalsAnswer, LimitsAnswer, ReviewsAnswer
from receivables.report.claims_data import DisputesData, LimitationData, PlansData
from receivables.report.credit_data import CreditData, WeekData
from receivables.report.credit_tables import (
    AdmissionData,
    ApprovalsData,
    CountriesData,
    DeadlinesData,
    GradesData,
    HoldsData,
    InstrumentsData,
    LimitsData,
    ReviewsData,
    WarningsData,
)
from receivables.report.data import ReportData
from receivables.respond.limitation import watch_days
from receivables.transfer.insurance_ledger import Insurance

TABLES = (
    "limits", "insurance_policies", "approvals", "orders", "events", "promises", "ratings",
    "country_ratings", "statements", "contracts", "overrides", "plans", "companies", "letters",
)  # fmt: skip
"""A ledger that holds none of these gets the plain report."""


def holds_credit(books: Books) -> bool:
    """Whether the ledger has any table of the credit manager."""
    return any(has(books, name) for name in TABLES)


def with_credit(
    data: ReportData, books: Books, as_of: date, *, prior: date | None = None, match_cutoff: date | None = None
) -> ReportData:  # fmt: skip
    """The report's data with the sheets of the credit manager, and their columns on Aging and Open items.

    Args:
        data: the month end, with its speed where known.
        books: the loaded ledger.
        as_of: balance date.
        prior: date that country ratings are compared with; default the month end before.
        match_cutoff: matchings entered up to this day count.
    """
    since = prior or previous_month_end(as_of)
    found = ask(books, as_of, since, match_cutoff)
    credit = CreditData(
        week=_week(found, books.settings.language),
        dashboard=dashboard(data, found, books.ledger["events"]),
        grades=_grades_data(found.grades),
        limits=_limits_data(found.limits),
        warnings=_warnings_data(found.warnings),
        countries=_countries_data(found.countries, since, books.settings.language),
        deadlines=_deadlines_data(found.insurance),
        instruments=InstrumentsData(found.instruments) if _any(found.instruments) else None,
        approvals=_approvals_data(found.approvals),
        reviews=_reviews_data(found.reviews),
        admission=AdmissionData(found.admission) if _any(found.admission) else None,
        dunning=found.dunning,
        holds=HoldsData(found.holds) if _any(found.holds) else None,
        plans=PlansData(found.plans) if _any(found.plans) else None,
        disputes=DisputesData(found.disputes) if _any(found.disputes) else None,
        limitation=_limitation_data(found.limitation),
    )
    known = {*data.issues}
    issues = [*data.issues, *(issue for issue in found.issues if issue not in known)]
    return replace(with_columns(data, found), credit=credit, issues=issues)


def _week(found: Found, language: str) -> WeekData | None:
    made = week.this_week(_tasks(found, language), found.warnings.as_of)
    return made if made.frame.height else None


def _tasks(found: Found, language: str) -> Iterator[pl.DataFrame]:
    if found.insurance:
        yield week.insurer_tasks(found.insurance.items, language)
    yield claims.insolvency_tasks(found.insolvencies, language)
    if found.plans is not None:
        yield claims.plan_tasks(found.plans, language)
    yield claims.dispute_tasks(found.disputes, language)
    yield letter_tasks(found.dunning, language)
    if found.holds is not None:
        yield week.hold_tasks(found.holds, language)
    yield week.promise_tasks(found.promises, language)
    if found.approvals:
        yield week.approval_tasks(found.approvals.waiting, language)
    if found.reviews:
        yield week.review_tasks(found.reviews.frame, language)


def _grades_data(found: GradeAnswer | None) -> GradesData | None:
    if found is None or found.frame.is_empty():
        return None
    return GradesData(found.frame, found.distribution(), found.migration(), found.before)


def _warnings_data(found: Warnings) -> WarningsData | None:
    if not any(found.counts().values()):
        return None
    return WarningsData(found.frame, found.actions)


def _countries_data(found: CountryExposure, since: date, language: str) -> CountriesData | None:
    if not (found.frame["alpha2"] != "").any():
        return None
    moves = found.moved(language)
    stale = int(country_rule("stale_days"))
    return CountriesData(found.frame, found.risk, stale, moves, since if moves.height else None)


def _limits_data(found: LimitsAnswer | None) -> LimitsData | None:
    if found is None or found.frame.is_empty():
        return None
    return LimitsData(found.frame, found.groups, found.counted, found.counts())


def _approvals_data(found: ApprovalsAnswer | None) -> ApprovalsData | None:
    if found is None:
        return None
    chain = "broken" if found.breaks else "holds" if found.last_hash else "none"
    return ApprovalsData(
        found.waiting, found.unapproved, found.overrides, found.by_salesperson, chain, found.last_hash
    )  # fmt: skip


def _reviews_data(found: ReviewsAnswer | None) -> ReviewsData | None:
    if found is None or not (found.frame.height or found.training.height):
        return None
    return ReviewsData(found.frame, found.training)


def _deadlines_data(found: Insurance | None) -> DeadlinesData | None:
    return DeadlinesData(found.items, found.buyers) if found and found.items.height else None


def _limitation_data(found: pl.DataFrame | None) -> LimitationData | None:
    if found is None:
        return None
    watched = watch_days()
    soon = found.filter(pl.col("days_left") <= watched)
    unknown = found["barred_on"].null_count()
    guessed = found.filter(pl.col("law_from") == "country").height
    return LimitationData(soon, unknown, guessed, watched) if soon.height else None


def _any(frame: pl.DataFrame | None) -> TypeGuard[pl.DataFrame]:
    return frame is not None and frame.height > 0
