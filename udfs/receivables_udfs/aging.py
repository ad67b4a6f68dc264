"""Aging in cells: how late a document is, which bucket it falls into, what a bucket holds."""

from typing import Annotated

from receivables.cells import (
    Amount,
    Amounts,
    Arg,
    Choice,
    Day,
    Days,
    Numbers,
    Text,
    TextList,
    Whole,
    cell,
)
from receivables.monitor import document_age
from receivables.monitor.buckets import Buckets

Due = Annotated[Day | None, Arg("due date of the document", "date")]
AsOf = Annotated[Day, Arg("date as of which the age counts", "date")]
Issued = Annotated[Day | None, Arg("issue date, used where the due date is blank", "date")]
Terms = Annotated[
    Whole | None, Arg("payment term that makes a due date of the issue date", "days")
]
Edges = Annotated[
    TextList,
    Arg(
        "upper ends of the buckets in days past due as text or range, or a preset: audit, cn",
        "days",
    ),
]
OnEdge = Annotated[
    Choice,
    Arg(
        "bucket of a day equal to an edge: younger (day 30 in 1-30 d) or older",
        "text",
        "day_on_edge",
    ),
]


@cell("AGING_DAYS", family="monitor")
def aging_days(
    due_on: Due, as_of: AsOf, issued_on: Issued = None, terms_days: Terms = None
) -> Annotated[Whole, Arg("days past due; negative = days still to run", "days")]:
    """Days past due: as-of date − due date; 0 on the due date itself.

    Raises:
        NotAvailableError: neither a due date nor an issue date with terms.

    Source: facts of the trade; the due date itself is not late (domain rules §3).

    >>> from datetime import date
    >>> aging_days(date(2026, 9, 30), date(2026, 10, 31))
    31
    """
    return document_age.days_past_due(document_age.due_date(due_on, issued_on, terms_days), as_of)


@cell("AGING_BUCKET", family="monitor")
def aging_bucket(
    due_on: Due,
    as_of: AsOf,
    edges: Edges = "30,60,90",
    issued_on: Issued = None,
    terms_days: Terms = None,
    day_on_edge: OnEdge = "younger",
) -> Annotated[Text, Arg("label of the bucket", "text")]:
    """Aging bucket of a document: its days past due against the edges; no date at all is "No due date".

    >>> from datetime import date
    >>> aging_bucket(date(2026, 9, 30), date(2026, 10, 31))
    '31-60 d'
    >>> aging_bucket(date(2026, 10, 1), date(2026, 10, 31))
    '1-30 d'
    """
    buckets = Buckets.parse(edges, day_on_edge=day_on_edge)
    day = document_age.base_date(buckets, due_on, issued_on, terms_days)
    return buckets.label(day, as_of)


@cell("AGING_INDEX", family="monitor")
def aging_index(
    due_on: Due,
    as_of: AsOf,
    edges: Edges = "30,60,90",
    issued_on: Issued = None,
    terms_days: Terms = None,
    day_on_edge: OnEdge = "younger",
) -> Annotated[Whole, Arg("number of the bucket, 0 = youngest, for sorting", "index")]:
    """Sort number of the aging bucket: 0 is the youngest, "No due date" comes last.

    >>> from datetime import date
    >>> aging_index(date(2026, 9, 30), date(2026, 10, 31))
    2
    """
    buckets = Buckets.parse(edges, day_on_edge=day_on_edge)
    day = document_age.base_date(buckets, due_on, issued_on, terms_days)
    return buckets.index_on(day, as_of)


@cell("AGING_SUM", family="monitor")
def aging_sum(
    amounts: Annotated[Amounts, Arg("open amounts in one currency, credits negative", "money")],
    due_on: Annotated[Days, Arg("due dates of the same rows", "date")],
    as_of: AsOf,
    bucket: Annotated[Text, Arg("label of the bucket, or its number (0 = youngest)", "text")],
    edges: Edges = "30,60,90",
    issued_on: Annotated[
        Days | None, Arg("issue dates, used where a due date is blank", "date")
    ] = None,
    terms_days: Annotated[
        Numbers | None, Arg("payment terms of the rows, or one for all", "days")
    ] = None,
    day_on_edge: OnEdge = "younger",
) -> Annotated[Amount, Arg("sum of the amounts in the bucket", "money")]:
    """Sum of the open amounts in one aging bucket; all buckets together give the total exactly.

    Amounts that are text are an error, not nil.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> days = [date(2026, 9, 30), date(2026, 10, 1), None]
    >>> aging_sum([Decimal("100.10"), Decimal(50), Decimal(7)], days, date(2026, 10, 31), "31-60 d")
    Decimal('100.10')
    """
    buckets = Buckets.parse(edges, day_on_edge=day_on_edge)
    dates = document_age.base_dates(buckets, due_on, issued_on, terms_days)
    wanted = buckets.find(int(bucket) if bucket.isdecimal() else bucket)
    return document_age.sum_in_bucket(amounts, dates, as_of, wanted, buckets)


@cell("AGING_YEARS", family="monitor")
def aging_years(
    issued_on: Annotated[Day | None, Arg("date the receivable was recognised", "date")],
    as_of: AsOf,
) -> Annotated[Text, Arg("year bucket: 1年以内, 1-2年 … 5年以上", "text")]:
    """Age in years (账龄) from the issue date by EDATE: exactly one year is still 1年以内.

    >>> from datetime import date
    >>> aging_years(date(2025, 10, 31), date(2026, 10, 31))
    '1年以内'
    """
    return Buckets.parse("cn").label(issued_on, as_of)
