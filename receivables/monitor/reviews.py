"""When the next review is due, and whether data are too old to rest on."""

from __future__ import annotations

from datetime import date

from receivables.days import edate
from receivables.errors import DomainError
from receivables.monitor.warnings_rules import rule


def review_on(last_review: date, months: int | None = None) -> date:
    """Day of the next review = last review + months, clamped to the month's end like EDATE.

    >>> review_on(date(2026, 11, 30))
    datetime.date(2027, 2, 28)
    """
    step = int(rule("review_months")) if months is None else months
    if step < 1:
        raise DomainError(f"months is {step}: give 1 or more.")
    return edate(last_review, step)


def review_days(last_review: date | None, as_of: date, months: int | None = None) -> int | None:
    """Days since the review fell due = as-of date − day of the next review; None = never reviewed.

    0 or more is due; negative is still to run.

    Raises:
        DomainError: a review after the as-of date; months below 1.

    >>> review_days(date(2026, 7, 31), date(2026, 10, 31)), review_days(None, date(2026, 10, 31))
    (0, None)
    """
    if last_review is None:
        return None
    if last_review > as_of:
        raise DomainError(f"The last review is of {last_review}, after {as_of}. Check the date.")
    return (as_of - review_on(last_review, months)).days


def data_age(data_on: date, as_of: date) -> int:
    """Age of data in days = as-of date − date of the data.

    Raises:
        DomainError: data of a later day than the as-of date.

    >>> data_age(date(2018, 12, 31), date(2026, 10, 31))
    2861
    """
    if data_on > as_of:
        raise DomainError(f"The data are of {data_on}, after {as_of}. Check the dates.")
    return (as_of - data_on).days


def is_stale(data_on: date, as_of: date, limit: float | None = None) -> bool:
    """Whether data are older than the limit; exactly the limit is fresh.

    >>> is_stale(date(2026, 10, 30), date(2026, 10, 31)), is_stale(date(2026, 10, 29), date(2026, 10, 31))
    (False, True)
    """
    most = rule("live_days") if limit is None else limit
    if most < 0:
        raise DomainError(f"limit is {most:g}: give 0 or more days.")
    return data_age(data_on, as_of) > most
