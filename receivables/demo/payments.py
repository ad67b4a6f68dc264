"""How customers pay: each in its own manner, in single payments or in remittance runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from receivables.demo.books import Books, Row, due_on
from receivables.demo.chance import next_working_day
from receivables.demo.firm import MONTHS, Customer, customers, firm
from receivables.demo.sales import ranked

RUN_DAYS = (10, 25)
"""Days of the month on which the greatest customers pay everything they have approved."""

RUN_CUSTOMERS = 12


@dataclass(frozen=True, slots=True)
class _Settlement:
    """Money meant for one document on one day."""

    on: date
    document: Row
    amount: int
    alone: bool = True


def collect(books: Books) -> None:
    """Enter the payments for all documents sold so far, up to the day of the extract."""
    runs = {customer.customer_id for customer in ranked()[:RUN_CUSTOMERS]}
    together: dict[tuple[str, str, date], list[_Settlement]] = {}
    for row in [row for row in books.rows["documents"] if row["amount"] > 0]:
        for settlement in _settlements(books, row, row["customer_id"] in runs):
            if settlement.on > firm()["extracted_on"]:
                continue
            key = (row["customer_id"], row["currency"], settlement.on)
            if settlement.alone:
                _single(books, settlement)
            else:
                together.setdefault(key, []).append(settlement)
    for key in sorted(together):
        _run(books, key, together[key])


def pay_day(books: Books, customer: Customer, due: date) -> date | None:
    """Day on which the customer's manner brings the money; None = it has stopped paying."""
    manner = firm()["behaviour"][customer.behaviour]
    start = firm()["first_month"]
    index = min(MONTHS, max(0, (due.year - start.year) * 12 + due.month - start.month))
    if index > manner.get("stops", MONTHS):
        return None
    low, high = (
        (manner["start"][end] * (MONTHS - index) + manner["end"][end] * index) // MONTHS
        for end in (0, 1)
    )
    return due + timedelta(days=books.chance.whole(low, high))


def _settlements(books: Books, row: Row, in_runs: bool) -> list[_Settlement]:
    customer = customers()[row["customer_id"]]
    due = row["due_on"] or due_on(customer, row["issued_on"]) or row["issued_on"]
    day = pay_day(books, customer, due)
    owed = books.owed[row["document_no"], row.get("instalment")]
    if day is None or books.chance.happens(0.006):
        return []
    day = max(next_working_day(day), row["posted_on"])
    if in_runs:
        return [_Settlement(_run_day(day), row, owed, alone=False)]
    if books.chance.happens(0.05):
        part = owed * books.chance.whole(4, 9) // 10
        later = next_working_day(day + timedelta(days=books.chance.whole(14, 60)))
        return [_Settlement(day, row, part), _Settlement(later, row, owed - part)]
    if books.chance.happens(0.008):
        return [_Settlement(day, row, owed - books.chance.whole(1, 20) * 50)]
    return [_Settlement(day, row, owed)]


def _run_day(day: date) -> date:
    """The next remittance run on or after a day."""
    if day.day > RUN_DAYS[1]:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    run = RUN_DAYS[0] if day.day <= RUN_DAYS[0] else RUN_DAYS[1]
    return next_working_day(day.replace(day=run))


def _single(books: Books, settlement: _Settlement) -> None:
    row = settlement.document
    if settlement.amount <= 0:
        return
    books.payment(
        row["customer_id"],
        settlement.on,
        settlement.amount,
        currency=row["currency"],
        document_no=row["document_no"],
        instalment=row.get("instalment"),
        reference=row["document_no"],
    )


def _run(books: Books, key: tuple[str, str, date], settled: list[_Settlement]) -> None:
    """One payment for several documents, matched by allocations of the same or the next day."""
    customer_id, currency, on = key
    settled = [one for one in settled if one.amount > 0]
    if not settled:
        return
    total = sum(one.amount for one in settled)
    reference = "1 document" if len(settled) == 1 else f"{len(settled)} documents"
    payment = books.payment(customer_id, on, total, currency=currency, reference=reference)
    matched_on = min(
        next_working_day(on + timedelta(days=books.chance.whole(0, 2))), _last_day(on)
    )
    for one in settled:
        books.allocate(payment, one.document, one.amount, matched_on)


def _last_day(on: date) -> date:
    """Matching stays inside the month of the payment; the scripted case alone crosses it."""
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
