"""Reviews, the age of data and failures by sector, in cells."""

from datetime import date
from typing import Annotated

from receivables.cells import Arg, Choice, Day, Number, Table, Text, Whole, cell
from receivables.monitor import insolvency, reviews


@cell("REVIEW_DUE", family="monitor")
def review_due(
    last_review: Annotated[Day | None, Arg("day of the last review; blank = never", "date")],
    as_of: Annotated[Day, Arg("day of the question", "date")],
    months: Annotated[
        Whole | None, Arg("months between two reviews; 3 where left out", "count")
    ] = None,
    what: Annotated[
        Choice,
        Arg(
            "due: TRUE or FALSE; date: of the next review; days: since it is due",
            "text",
            "review_what",
        ),
    ] = "due",
) -> Annotated[Text | bool | date | int, Arg("TRUE if due, or the date or the days", "text")]:
    """Whether a review is due: as-of date ≥ last review + months, clamped to the month's end. Never reviewed is due.

    Raises:
        DomainError: a review after the as-of date.

    >>> from datetime import date
    >>> review_due(date(2026, 7, 31), date(2026, 10, 31)), review_due(date(2026, 11, 30), date(2026, 12, 1), 3, "date")
    (True, datetime.date(2027, 2, 28))
    """
    days = reviews.review_days(last_review, as_of, months)
    if what == "due":
        return days is None or days >= 0
    if last_review is None or days is None:
        return ""
    return reviews.review_on(last_review, months) if what == "date" else days


@cell("DATA_AGE", family="monitor")
def data_age(
    data_on: Annotated[Day, Arg("day of the data: ratings, a feed, a table", "date")],
    as_of: Annotated[Day, Arg("day of the question", "date")],
    limit: Annotated[
        Number | None,
        Arg("days from which on they are too old, itself still fresh; 1 where left out", "days"),
    ] = None,
    what: Annotated[
        Choice, Arg("days: the age; stale: TRUE if older than the limit", "text", "age_what")
    ] = "days",
) -> Annotated[Number | bool, Arg("age in days, or TRUE if stale", "days")]:
    """Age of data in days, or whether they are older than the limit.

    Raises:
        DomainError: data of a later day.

    >>> from datetime import date
    >>> data_age(date(2018, 12, 31), date(2026, 10, 31)), data_age(date(2018, 12, 31), date(2026, 10, 31), 92, "stale")
    (2861, True)
    """
    stale = reviews.is_stale(data_on, as_of, limit)
    return stale if what == "stale" else reviews.data_age(data_on, as_of)


@cell("INSOLVENCY_TREND", family="monitor")
def insolvency_trend(
    failures: Annotated[
        Table, Arg("range with headings period, failures and, where known, sector, firms", "table")
    ],
    alert: Annotated[
        Number | None,
        Arg("rise of the failure rate that is an alert; 0.02 where left out", "share"),
    ] = None,
) -> Annotated[Table, Arg("a row per sector and period, with change and alert", "table")]:
    """Failures of each period beside the one before, sector by sector; a rate up by 2 points or more alerts.

    >>> rows = [["year", "sector", "failures", "firms"], [2025, "steel", 10, 500], [2026, "steel", 20, 500]]
    >>> insolvency_trend(rows)[-1]
    ['steel', '2026', Decimal('20'), Decimal('10'), 1.0, 0.04, 0.02, 0.02, True]
    """
    from receivables.monitor.warnings_table import failures_of

    found = insolvency.trends(failures_of(failures), alert)
    return [list(insolvency.HEADINGS), *(one.cells() for one in found)]
