"""What the credit manager's jobs answer for one date: each asked once, and only where the ledger has its tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.errors import Issue, NotAvailableError, ReceivablesError, SettingsError
from receivables.monitor.country import find_country
from receivables.monitor.country_ledger import CountryExposure, country_exposure
from receivables.monitor.warnings import Warnings, warnings
from receivables.refresh.books import Books
from receivables.refresh.claims import disputes_job, insolvencies_of, limitation_job, plans_job
from receivables.refresh.grade import GradeAnswer, grade_job
from receivables.refresh.letters_week import dunning_found
from receivables.refresh.limits import (
    ApprovalsAnswer,
    LimitsAnswer,
    ReviewsAnswer,
    admission_job,
    approvals_job,
    limits_job,
    reviews_job,
)
from receivables.refresh.transfer import holds_job, instrument_rows, insurance_job
from receivables.report.dunning_data import DunningData
from receivables.respond.promises import broken_promises
from receivables.transfer.insurance_ledger import Insurance


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
    instruments: pl.DataFrame | None
    dunning: DunningData | None
    holds: pl.DataFrame | None
    promises: pl.DataFrame
    plans: pl.DataFrame | None
    disputes: pl.DataFrame
    limitation: pl.DataFrame | None
    insolvencies: pl.DataFrame

    @property
    def issues(self) -> list[Issue]:
        """What the jobs found in the data, each fault once."""
        parts = (self.warnings, self.countries, self.limits, self.approvals, self.insurance)
        found = [issue for part in parts if part for issue in part.issues]
        return list(dict.fromkeys([*found, *(self.grades.notes if self.grades else ())]))


def ask(books: Books, as_of: date, since: date, match_cutoff: date | None = None) -> Found:
    """Ask each job whose tables the ledger has; grades go to those that take them.

    Args:
        books: the loaded ledger.
        as_of: day of the question.
        since: day that country ratings are compared with.
        match_cutoff: matchings entered up to this day count.
    """
    grades = _grades(books, as_of)
    frame = grades.frame.select("customer_key", "grade") if grades else None
    known = dict(frame.drop_nulls("grade").iter_rows()) if frame is not None else None
    warned = _warned(books, as_of, grades, match_cutoff)
    limited = has(books, "limits") or _customers_have(books, "credit_limit")
    insured = insurance_job(books, as_of).found if has(books, "insurance_policies") else None
    overridden = has(books, "approvals") or has(books, "overrides")
    sold = insured is not None or _customers_have(books, "market")
    return Found(
        grades=grades,
        warnings=warned,
        countries=_countries(books, warned, since),
        limits=limits_job(books, as_of, grades=frame) if limited else None,
        approvals=approvals_job(books, as_of) if overridden else None,
        reviews=reviews_job(books, as_of) if has(books, "approvals") else None,
        admission=admission_job(books, as_of, grades=frame) if limited else None,
        insurance=insured,
        instruments=instrument_rows(books, as_of, insured, known) if sold else None,
        dunning=dunning_found(books, as_of),
        holds=holds_job(books, as_of, grades=known).frame if has(books, "orders") else None,
        promises=broken_promises(
            books.posted, books.open(as_of, match_cutoff), books.ledger["promises"]
        ),
        plans=plans_job(books, as_of).frame if has(books, "plans") else None,
        disputes=disputes_job(books, as_of).frame,
        limitation=limitation_job(books, as_of).frame if _knows_law(books) else None,
        insolvencies=insolvencies_of(books, as_of),
    )


def warnings_job(books: Books, as_of: date) -> Warnings:
    """Warnings of a date, with the grades of that date where they can be worked out."""
    return _warned(books, as_of, _grades(books, as_of), None)


def countries_job(books: Books, as_of: date, since: date | None = None) -> CountryExposure:
    """Exposure by country; ratings are compared with those of `since`."""
    return _countries(books, _warned(books, as_of, None, None), since)


def has(books: Books, table: str) -> bool:
    """Whether the ledger has rows of a table."""
    return table in books.ledger.tables and books.ledger[table].height > 0


def _knows_law(books: Books) -> bool:
    return _customers_have(books, "governing_law") or _customers_have(books, "country")


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


def _countries(books: Books, warned: Warnings, since: date | None) -> CountryExposure:
    return country_exposure(
        warned.frame, books.posted, books.ledger, warned.as_of, previous=since,
        home=_homes(books.settings.home_countries), language=books.settings.language,
    )  # fmt: skip


def _homes(text: str) -> list[str]:
    """Codes of the countries where the firm is at home.

    >>> _homes("Germany, CN")
    ['DE', 'CN']
    """
    try:
        return [find_country(part).alpha2 for part in text.split(",") if part.strip()]
    except ReceivablesError as fault:
        raise SettingsError(f"Setting home_countries: {fault}") from None
