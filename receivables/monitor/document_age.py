"""The age of one document, or of a column of them, in plain Python: what cells ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import repeat
from typing import TypeVar

from receivables.errors import BadValueError, NotAvailableError
from receivables.monitor.buckets import Buckets

Cell = TypeVar("Cell")


def due_date(due_on: date | None, issued_on: date | None, terms_days: int | None) -> date | None:
    """Due date of a document: its own, else issue date + terms, else none.

    >>> due_date(None, date(2026, 8, 31), 30)
    datetime.date(2026, 9, 30)
    >>> due_date(None, date(2026, 8, 31), None) is None
    True
    """
    if due_on is not None or issued_on is None or terms_days is None:
        return due_on
    try:
        return issued_on + timedelta(days=terms_days)
    except OverflowError:
        raise BadValueError(f"terms_days: {terms_days} days is no payment term.") from None


def days_past_due(due_on: date | None, as_of: date) -> int:
    """As-of date − due date; 0 on the due date itself, negative before it.

    >>> days_past_due(date(2026, 9, 30), date(2026, 10, 31))
    31
    """
    if due_on is None:
        raise NotAvailableError("No due date, and no issue date with terms to work it out from.")
    return (as_of - due_on).days


def base_date(
    buckets: Buckets, due_on: date | None, issued_on: date | None, terms_days: int | None
) -> date | None:
    """The date a document ages from: buckets that count from issue (cn) use that where it is known.

    >>> base_date(Buckets.parse("cn"), date(2026, 9, 30), date(2026, 8, 31), None)
    datetime.date(2026, 8, 31)
    """
    if buckets.base == "issued" and issued_on is not None:
        return issued_on
    return due_date(due_on, issued_on, terms_days)


def sum_in_bucket(
    amounts: Sequence[Decimal | None],
    dates: Sequence[date | None],
    as_of: date,
    bucket: int,
    buckets: Buckets,
) -> Decimal:
    """Exact sum of the amounts whose date falls into one bucket; rows without an amount add nothing.

    >>> sum_in_bucket([Decimal("10.10"), Decimal(5)], [date(2026, 9, 30), None], date(2026, 10, 31), 2, Buckets.parse())
    Decimal('10.10')
    """
    if len(amounts) != len(dates):
        raise BadValueError(
            f"{len(amounts)} amounts but {len(dates)} dates. Give ranges of the same size."
        )
    rows = zip(amounts, dates, strict=True)
    return sum(
        (
            amount
            for amount, day in rows
            if amount is not None and buckets.index_on(day, as_of) == bucket
        ),
        Decimal(0),
    )


def base_dates(
    buckets: Buckets,
    due_on: Sequence[date | None],
    issued_on: Sequence[date | None] | None,
    terms_days: Sequence[float | None] | None,
) -> list[date | None]:
    """`base_date` for columns; terms may be one number for all rows.

    >>> base_dates(Buckets.parse(), [None], [date(2026, 8, 31)], [30])
    [datetime.date(2026, 9, 30)]
    """
    if issued_on is None:
        return list(due_on)
    count = len(due_on)
    terms = _stretched("terms_days", terms_days or [None], count)
    return [
        base_date(buckets, due, issued, None if term is None else int(term))
        for due, issued, term in zip(
            due_on, _stretched("issued_on", issued_on, count), terms, strict=True
        )
    ]


def _stretched(name: str, values: Sequence[Cell], count: int) -> Sequence[Cell]:
    if len(values) == 1:
        return list(repeat(values[0], count))
    if len(values) != count:
        raise BadValueError(
            f"{name} has {len(values)} cells, due_on {count}. Give ranges of the same size."
        )
    return values
