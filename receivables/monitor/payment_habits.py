"""How customers pay: true DSO by invoice, days beyond terms, late rate, payment index."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from receivables.errors import BadValueError, DomainError, NotAvailableError, ZeroDivideError
from receivables.resources import data_rows

Days = Sequence[date | None]
Amounts = Sequence[Decimal | None]


def true_dso(
    amounts: Amounts, issued_on: Days, paid_on: Days, as_of: date, *, include_open: bool = True
) -> float:
    """True DSO by invoice = Σ amount × (day paid, or as-of date while open − issue date) ÷ Σ amount.

    A payment after the as-of date is not known yet: the invoice is open. Invoices issued after it
    are not there. Money paid before the invoice counts as negative days.

    Raises:
        NotAvailableError: no invoice left to measure.
        ZeroDivideError: the amounts add up to 0.
        DomainError: credits exceed invoices.

    >>> issued = [date(2026, 9, 1), date(2026, 10, 1)]
    >>> true_dso([Decimal(300), Decimal(100)], issued, [date(2026, 9, 21), None], date(2026, 10, 31))
    22.5
    """
    return _weighted(_spans(amounts, issued_on, paid_on, as_of, "issued_on", include_open))


def days_beyond_terms(
    amounts: Amounts,
    due_on: Days,
    paid_on: Days,
    as_of: date,
    *,
    early: str = "net",
    include_open: bool = False,
) -> float:
    """Days beyond terms = Σ amount × (day paid − due date) ÷ Σ amount.

    Args:
        amounts: what was paid of each document, or what is open of it.
        due_on: due dates; a row with an amount and no due date is refused.
        paid_on: days paid, blank while open.
        as_of: payments after it are not known yet.
        early: `net` lets early payments offset late ones, `floored` counts them as 0 days.
        include_open: add what is overdue and open, up to the as-of date.

    Raises:
        NotAvailableError: nothing was paid.
        ZeroDivideError, DomainError: amounts that add up to 0 or less.

    >>> due, paid = [date(2026, 9, 30)] * 2, [date(2026, 10, 10), date(2026, 9, 25)]
    >>> days_beyond_terms([Decimal(100), Decimal(100)], due, paid, date(2026, 10, 31))
    2.5
    >>> days_beyond_terms([Decimal(100), Decimal(100)], due, paid, date(2026, 10, 31), early="floored")
    5.0
    """
    spans = _spans(amounts, due_on, paid_on, as_of, "due_on", include_open, overdue_only=True)
    if early == "floored":
        spans = ((amount, max(days, 0)) for amount, days in spans)
    return _weighted(spans)


def late_rate(
    due_on: Days,
    paid_on: Days,
    as_of: date,
    amounts: Amounts | None = None,
    *,
    grace_days: int = 0,
    due_from: date | None = None,
) -> float:
    """Late payment rate = late documents ÷ documents due in the window, by count or by amount.

    Late: paid after due date + grace, or still open when that day has passed.

    Args:
        due_on: due dates; documents due after the as-of date are outside the window.
        paid_on: days paid in full, blank while open.
        as_of: last day of the window; payments after it are not known yet.
        amounts: weigh by amount; without them documents are counted.
        grace_days: days that are forgiven; the last of them is still on time.
        due_from: first due date of the window; default all.

    Raises:
        NotAvailableError: nothing was due in the window.
        DomainError: negative grace, a negative amount.

    >>> due = [date(2026, 9, 30)] * 3
    >>> f"{late_rate(due, [date(2026, 9, 30), date(2026, 10, 1), None], date(2026, 10, 31)):.4f}"
    '0.6667'
    """
    if grace_days < 0:
        raise DomainError(f"grace_days is {grace_days}: give 0 or more.")
    _same_size({"due_on": due_on, "paid_on": paid_on, "amounts": amounts})
    grace = timedelta(days=grace_days)
    due_sum = late_sum = Decimal(0)
    weights = amounts if amounts is not None else [Decimal(1)] * len(due_on)
    for row, (due, paid, weight) in enumerate(zip(due_on, paid_on, weights, strict=True), 1):
        if due is None:
            if paid is not None or (amounts is not None and weight is not None):
                raise BadValueError(f"Row {row} has no due date: whether it is late is not known.")
            continue
        if weight is None:
            raise BadValueError(f"Row {row} has no amount. Fill it in, or leave the amounts out.")
        if weight < 0:
            raise DomainError(
                f"Row {row}: {weight} is a credit, which cannot be late. Leave it out."
            )
        if due > as_of or (due_from is not None and due < due_from):
            continue
        due_sum += weight
        settled = paid if paid is not None and paid <= as_of else as_of
        late_sum += weight if settled > due + grace else 0
    if not due_sum:
        raise NotAvailableError(f"Nothing was due up to {as_of}. Give documents that were due.")
    return float(late_sum / due_sum)


def payment_index(
    amounts: Amounts, days_late: Sequence[float | None], min_experiences: int
) -> float:
    """Payment index 0–100 = Σ amount × score of its days beyond terms ÷ Σ amount.

    The score runs straight between the points of `data/payment_index.csv`: 80 is prompt, 50 is 30
    days late. Rows with an amount of 0 are no experience.

    Raises:
        NotAvailableError: fewer payments than `min_experiences`.
        DomainError: a negative amount.

    >>> payment_index([Decimal(5)] * 3, [7.5, 7.5, 7.5], 3)
    75.0
    """
    _same_size({"amounts": amounts, "days_beyond_terms": days_late})
    rows = []
    for row, (amount, days) in enumerate(zip(amounts, days_late, strict=True), 1):
        if amount is None and days is None:
            continue
        if amount is None or days is None:
            raise BadValueError(f"Row {row} needs both, an amount and its days beyond terms.")
        if amount < 0:
            raise DomainError(f"Row {row}: {amount} is a credit, not a payment. Leave it out.")
        if amount:
            rows.append((float(amount), score(days)))
    if len(rows) < max(min_experiences, 1):
        raise NotAvailableError(
            f"{len(rows)} payments, {max(min_experiences, 1)} are needed. Give a longer period."
        )
    return sum(weight * points for weight, points in rows) / sum(weight for weight, _ in rows)


def score(days: float) -> float:
    """Score of days beyond terms, straight between the points of the table.

    >>> score(45), score(-10), score(-99), score(150), score(500)
    (45.0, 85.0, 100.0, 10.0, 0.0)
    """
    knots = _knots()
    place = bisect_right(knots, (days, float("inf")))
    if place == 0:
        return knots[0][1]
    if place == len(knots):
        return knots[-1][1]
    (left, high), (right, low) = knots[place - 1], knots[place]
    return high + (low - high) * (days - left) / (right - left)


@cache
def _knots() -> list[tuple[float, float]]:
    return sorted(
        (float(row["days"]), float(row["score"])) for row in data_rows("payment_index.csv")
    )


def _spans(
    amounts: Amounts,
    start: Days,
    paid_on: Days,
    as_of: date,
    name: str,
    include_open: bool,
    *,
    overdue_only: bool = False,
) -> Iterator[tuple[Decimal, int]]:
    """Amount and days from `start` to the day paid, or to the as-of date while open."""
    _same_size({"amounts": amounts, name: start, "paid_on": paid_on})
    for row, (amount, begin, paid) in enumerate(zip(amounts, start, paid_on, strict=True), 1):
        if amount is None and begin is None and paid is None:
            continue
        if amount is None or begin is None:
            raise BadValueError(
                f"Row {row} has no {'amount' if amount is None else name}. Fill it in, or leave "
                "the row out."
            )
        if paid is not None and paid <= as_of:
            yield amount, (paid - begin).days
        elif include_open and begin <= as_of and not (overdue_only and begin == as_of):
            yield amount, (as_of - begin).days


def _weighted(spans: Iterator[tuple[Decimal, int]]) -> float:
    weight, total, rows = Decimal(0), Decimal(0), 0
    for amount, days in spans:
        weight, total, rows = weight + amount, total + amount * days, rows + 1
    if not rows:
        raise NotAvailableError("No document was paid by the as-of date. Give a longer period.")
    if weight == 0:
        raise ZeroDivideError("The amounts add up to 0: there is nothing to weigh the days by.")
    if weight < 0:
        raise DomainError(f"The amounts add up to {weight}: credits exceed invoices.")
    return float(total / weight)


def _same_size(columns: dict[str, Sequence[object] | None]) -> None:
    sizes = {name: len(values) for name, values in columns.items() if values is not None}
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise BadValueError(f"Cells: {shown}. Give ranges of the same size.")
