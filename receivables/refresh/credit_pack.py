"""The credit manager's part of the report, from what the ledger holds; every part is optional."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from receivables.days import previous_month_end
from receivables.errors import Issue, NotAvailableError, ReceivablesError, SettingsError
from receivables.ledger.open import OpenItems
from receivables.monitor.country import find_country
from receivables.monitor.country_ledger import CountryExposure, country_exposure
from receivables.monitor.country_risk import rule as country_rule
from receivables.monitor.warnings import Warnings, warnings
from receivables.refresh.books import Books
from receivables.refresh.dashboard import dashboard
from receivables.refresh.grade import GradeAnswer, grade_job
from receivables.refresh.this_week import promise_tasks, this_week
from receivables.report.countries_sheet import CountriesData
from receivables.report.credit_data import CreditData
from receivables.report.data import ReportData
from receivables.report.warnings_sheet import WarningsData
from receivables.respond.promises import broken_promises

TABLES = (
    "limits", "insurance_policies", "approvals", "orders", "events", "promises", "ratings",
    "country_ratings", "statements", "contracts", "overrides",
)  # fmt: skip
"""A ledger that holds none of these gets the plain report."""


@dataclass(frozen=True, slots=True)
class Found:
    """Answers of the jobs that the sheets are made from; None = the ledger cannot say."""

    warnings: Warnings
    countries: CountryExposure
    grades: GradeAnswer | None
    promises: pl.DataFrame

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What the jobs found in the data, each fault once."""
        parts = (
            self.warnings.issues,
            self.countries.issues,
            self.grades.notes if self.grades else (),
        )
        return tuple(dict.fromkeys(issue for part in parts for issue in part))


def holds_credit(books: Books) -> bool:
    """Whether the ledger has any table of the credit manager."""
    return any(name in books.ledger.tables and books.ledger[name].height for name in TABLES)


def with_credit(
    data: ReportData, books: Books, as_of: date, *, prior: date | None = None, match_cutoff: date | None = None
) -> ReportData:  # fmt: skip
    """The report's data with the sheets of the credit manager, and their columns on Aging.

    Args:
        data: the month end, with its speed where known.
        books: the loaded ledger.
        as_of: balance date.
        prior: date that country ratings are compared with; default the month end before.
        match_cutoff: matchings entered up to this day count.
    """
    opened = books.open(as_of, match_cutoff)
    found = _found(books, opened, prior or previous_month_end(as_of))
    settings = books.settings
    week = this_week([promise_tasks(found.promises, settings.language)], as_of, settings.week_days)
    credit = CreditData(
        week=week if week.frame.height else None,
        dashboard=dashboard(data, found.warnings, found.countries, found.grades, books.ledger["events"]),
        warnings=_warnings(found.warnings),
        countries=_countries(found.countries, prior or previous_month_end(as_of)),
    )  # fmt: skip
    return replace(
        data,
        credit=credit,
        aging=_aging(data.aging, found),
        issues=(*data.issues, *found.issues),
    )


def _found(books: Books, opened: OpenItems, prior: date) -> Found:
    settings, ledger = books.settings, books.ledger
    grades = _grades(books, opened.as_of)
    both = (
        grades.frame.select("customer_key", "grade_before", grade_now="grade") if grades else None
    )
    warned = warnings(
        books.posted, ledger, opened.as_of, opened=opened, grades=both,
        minimum=settings.materiality_by_currency(), engine=books.engine, language=settings.language,
    )  # fmt: skip
    countries = country_exposure(
        warned.frame, books.posted, ledger, opened.as_of, previous=prior,
        home=_homes(settings.home_countries), language=settings.language,
    )  # fmt: skip
    broken = broken_promises(books.posted, opened, ledger["promises"])
    return Found(warned, countries, grades, broken)


def _homes(text: str) -> list[str]:
    """Codes of the countries where the firm is at home.

    >>> _homes("Germany, CN")
    ['DE', 'CN']
    """
    try:
        return [find_country(part).alpha2 for part in text.split(",") if part.strip()]
    except ReceivablesError as fault:
        raise SettingsError(f"Setting home_countries: {fault}") from None


def _grades(books: Books, as_of: date) -> GradeAnswer | None:
    try:
        return grade_job(books, as_of)
    except NotAvailableError:
        return None


def _warnings(found: Warnings) -> WarningsData | None:
    if not any(found.counts().values()):
        return None
    return WarningsData(found.frame, found.actions)


def _countries(found: CountryExposure, since: date) -> CountriesData | None:
    if not (found.frame["alpha2"] != "").any():
        return None
    moves = found.moved()
    return CountriesData(
        found.frame,
        found.risk,
        int(country_rule("stale_days")),
        moves,
        since if moves.height else None,
    )


def _aging(aging: pl.DataFrame, found: Found) -> pl.DataFrame:
    """Aging with the customer's grade beside it."""
    if found.grades is None:
        return aging
    grades = found.grades.frame.select("customer_id", "grade").unique("customer_id")
    return aging.join(grades, on="customer_id", how="left", maintain_order="left")
