"""The credit manager's part of the report, from what the ledger holds; every part is optional."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from receivables.days import previous_month_end
from receivables.errors import Issue, NotAvailableError, ReceivablesError, SettingsError
from receivables.monitor.country import find_country
from receivables.monitor.country_ledger import CountryExposure, country_exposure
from receivables.monitor.country_risk import rule as country_rule
from receivables.monitor.warnings import Warnings, warnings
from receivables.refresh import this_week as week
from receivables.refresh.books import Books
from receivables.refresh.credit_columns import with_columns
from receivables.refresh.dashboard import dashboard
from receivables.refresh.grade import GradeAnswer, grade_job
from receivables.refresh.limits import (
    ApprovalsAnswer,
    LimitsAnswer,
    ReviewsAnswer,
    admission_job,
    approvals_job,
    limits_job,
    reviews_job,
)
from receivables.refresh.transfer import holds_job, insurance_job
from receivables.report.countries_sheet import CountriesData
from receivables.report.credit_data import CreditData, WeekData
from receivables.report.data import ReportData
from receivables.report.grades_sheet import GradesData
from receivables.report.warnings_sheet import WarningsData
from receivables.respond.promises import broken_promises
from receivables.transfer.insurance_ledger import Insurance

TABLES = (
    "limits", "insurance_policies", "approvals", "orders", "events", "promises", "ratings",
    "country_ratings", "statements", "contracts", "overrides",
)  # fmt: skip
"""A ledger that holds none of these gets the plain report."""


@dataclass(frozen=True, slots=True)
class Found:
    """Answers of the jobs that the sheets are made from; None = the ledger cannot say."""

    grades: GradeAnswer | None
    warnings: Warnings
    countries: CountryExposure
    limits: LimitsAnswer | None
    approvals: ApprovalsAnswer | None
    reviews: ReviewsAnswer | None
    admission: pl.DataFrame | None
    insurance: Insurance | None
    holds: pl.DataFrame | None
    promises: pl.DataFrame

    @property
    def issues(self) -> list[Issue]:
        """What the jobs found in the data, each fault once."""
        parts = (self.warnings, self.countries, self.limits, self.approvals, self.insurance)
        found = [issue for part in parts if part for issue in part.issues]
        return list(dict.fromkeys([*found, *(self.grades.notes if self.grades else ())]))


def holds_credit(books: Books) -> bool:
    """Whether the ledger has any table of the credit manager."""
    return any(_has(books, name) for name in TABLES)


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
    found = _found(books, as_of, since, match_cutoff)
    credit = CreditData(
        week=_week(found, books.settings.language),
        dashboard=dashboard(data, found, books.ledger["events"]),
        grades=_grades_data(found.grades),
        warnings=_warnings_data(found.warnings),
        countries=_countries_data(found.countries, since, books.settings.language),
    )
    known = {*data.issues}
    issues = [*data.issues, *(issue for issue in found.issues if issue not in known)]
    return replace(with_columns(data, found), credit=credit, issues=issues)


def _found(books: Books, as_of: date, since: date, match_cutoff: date | None) -> Found:
    """Ask each job whose tables the ledger has; grades go to those that take them."""
    grades = _grades(books, as_of)
    graded = grades.frame.select("customer_key", "grade") if grades else None
    warned = _warned(books, as_of, grades, match_cutoff)
    limited = _has(books, "limits") or _customers_have(books, "credit_limit")
    insured = _has(books, "insurance_policies")
    return Found(
        grades,
        warned,
        country_exposure(
            warned.frame, books.posted, books.ledger, as_of, previous=since,
            home=_homes(books.settings.home_countries), language=books.settings.language,
        ),
        limits_job(books, as_of, grades=graded) if limited else None,
        approvals_job(books, as_of) if _has(books, "approvals") or _has(books, "overrides") else None,
        reviews_job(books, as_of) if _has(books, "approvals") else None,
        admission_job(books, as_of, grades=graded) if limited else None,
        insurance_job(books, as_of).found if insured else None,
        _holds(books, as_of, graded) if _has(books, "orders") else None,
        broken_promises(books.posted, books.open(as_of, match_cutoff), books.ledger["promises"]),
    )  # fmt: skip


def _has(books: Books, table: str) -> bool:
    return table in books.ledger.tables and books.ledger[table].height > 0


def _customers_have(books: Books, column: str) -> bool:
    customers = books.ledger["customers"]
    return column in customers.columns and customers[column].count() > 0


def _grades(books: Books, as_of: date) -> GradeAnswer | None:
    try:
        return grade_job(books, as_of)
    except NotAvailableError:
        return None


def _warned(
    books: Books, as_of: date, grades: GradeAnswer | None, match_cutoff: date | None
) -> Warnings:
    both = (
        grades.frame.select("customer_key", "grade_before", grade_now="grade") if grades else None
    )
    return warnings(
        books.posted, books.ledger, as_of, opened=books.open(as_of, match_cutoff), grades=both,
        minimum=books.settings.materiality_by_currency(), engine=books.engine,
        language=books.settings.language,
    )  # fmt: skip


def _holds(books: Books, as_of: date, graded: pl.DataFrame | None) -> pl.DataFrame:
    known = dict(graded.drop_nulls("grade").iter_rows()) if graded is not None else None
    return holds_job(books, as_of, grades=known).frame


def _homes(text: str) -> list[str]:
    """Codes of the countries where the firm is at home.

    >>> _homes("Germany, CN")
    ['DE', 'CN']
    """
    try:
        return [find_country(part).alpha2 for part in text.split(",") if part.strip()]
    except ReceivablesError as fault:
        raise SettingsError(f"Setting home_countries: {fault}") from None


def _week(found: Found, language: str) -> WeekData | None:
    made = week.this_week(_tasks(found, language), found.warnings.as_of)
    return made if made.frame.height else None


def _tasks(found: Found, language: str) -> Iterator[pl.DataFrame]:
    if found.insurance:
        yield week.insurer_tasks(found.insurance.items, language)
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
