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
    Table,
    Text,
    TextList,
    Whole,
    cell,
)
from receivables.monitor import document_age
from receivables.monitor.buckets import Buckets
from receivables_udfs import tables

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

    Source: trade practice: on the due date itself a document is not late.

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


@cell("AGING_OPEN", family="monitor")
def aging_open(
    documents: Annotated[
        Table, Arg("documents with headings, as in the sheet Documents", "table")
    ],
    as_of: AsOf,
    payments: Annotated[Table | None, Arg("payments with headings", "table")] = None,
    allocations: Annotated[
        Table | None, Arg("which credit settles which document, with headings", "table")
    ] = None,
    edges: Edges = "30,60,90",
    ledger_kind: Annotated[
        Choice,
        Arg("full history, or a list of what is open on one day only", "text", "ledger_kind"),
    ] = "full",
    extracted_on: Annotated[
        Day | None, Arg("day of an open-item list; as_of must be the same", "date")
    ] = None,
) -> Annotated[Table, Arg("open items with headings, in the order of the documents", "table")]:
    """What each document still owes as of a date: later payments and later matchings do not count.

    Rows that cannot be read fail the call, so that nothing is left out in silence.

    Raises:
        NotAvailableError: an open-item list for another day than its own.

    >>> from datetime import date
    >>> documents = [
    ...     ["document_no", "customer_id", "kind", "issued_on", "due_on", "currency", "amount"],
    ...     ["R1", "C1", "invoice", "2026-08-31", "2026-09-30", "EUR", 100.10],
    ... ]
    >>> payments = [
    ...     ["payment_no", "customer_id", "paid_on", "currency", "amount", "document_no"],
    ...     ["P1", "C1", "2026-10-15", "EUR", 40, "R1"],
    ... ]
    >>> headings, row = aging_open(documents, date(2026, 10, 31), payments)
    >>> dict(zip(headings, row))["open"], dict(zip(headings, row))["bucket"]
    (Decimal('60.10'), '31-60 d')
    """
    return tables.open_rows(
        documents, as_of, payments, allocations, edges, ledger_kind, extracted_on
    )


@cell("AGING_REPORT", family="monitor")
def aging_report(
    items: Annotated[
        Table, Arg("open items with headings: customer, due date, open amount, currency", "table")
    ],
    as_of: AsOf,
    by: Annotated[
        TextList,
        Arg(
            "columns to group by, such as customer or salesperson; add total for a total row",
            "text",
        ),
    ] = "customer",
    edges: Edges = "30,60,90",
    credits: Annotated[  # noqa: A002 - the name accountants type
        Choice,
        Arg("credits: separate column, by own date, or off the oldest debt", "text", "credits"),
    ] = "separate",
    base: Annotated[
        Choice | None, Arg("age counts from due or from issued", "text", "base")
    ] = None,
    in_currency: Annotated[
        Text, Arg("reporting currency, blank = that of the items", "currency")
    ] = "",
    rates: Annotated[
        Table | None, Arg("rates with headings date, from, to, rate", "table")
    ] = None,
) -> Annotated[
    Table, Arg("one row per group: open, unapplied, 30 days and more, buckets", "table")
]:
    """Aging of a list of open items by customer or any column; the buckets add up to the total.

    Several currencies need rates; they never add up without. No total row unless asked for.

    Raises:
        BadValueError: currencies mixed without rates, a row that cannot be read.
        NotAvailableError: the list is of another day than `as_of`.

    >>> from datetime import date
    >>> items = [["customer", "due date", "open"], ["C1", "2026-09-30", 60.10], ["C1", "2026-11-30", 5]]
    >>> for row in aging_report(items, date(2026, 10, 31))[:2]:
    ...     print(*row[3:7], sep=" | ")
    open | unapplied | over_30 | Current
    65.10 | 0.00 | 60.10 | 5.00
    """
    return tables.report_rows(items, as_of, by, edges, credits, base or "", in_currency, rates)
