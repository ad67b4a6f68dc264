"""The job `statement`: one customer's account with its running balance."""

from __future__ import annotations

from datetime import date

from receivables.monitor.statement import statement
from receivables.monitor.statement_shape import Statement
from receivables.refresh.books import Books


def statement_job(
    books: Books,
    customer: str,
    as_of: date,
    *,
    start: date | None = None,
    company: str | None = None,
    currency: str | None = None,
    language: str = "",
) -> Statement:
    """Statement of account of a customer up to a date.

    Raises:
        NotAvailableError: no such customer.
    """
    return statement(
        books.posted,
        books.open(as_of),
        customer,
        start=start,
        company=company,
        currency=currency,
        buckets=books.buckets(forward=False),
        language=language,
    )
