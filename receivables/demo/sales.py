"""What the firm sells: openings, invoices of every month, instalments and returned goods."""

from __future__ import annotations

from datetime import date, timedelta

from receivables import money
from receivables.days import edate, month_end
from receivables.demo.books import Books, Row, due_on
from receivables.demo.chance import next_working_day
from receivables.demo.firm import MONTHS, Customer, company, customers, firm, months

OPENINGS = 14
"""Customers that brought an unpaid invoice into the first month."""

GRACE_MONTHS = 4
"""Months for which a customer that stopped paying was still supplied."""


def sell(books: Books) -> None:
    """Enter the opening balances and all ordinary sales up to the day of the extract."""
    for customer in ranked()[:OPENINGS]:
        _opening(books, customer)
    for index, first in enumerate(months()):
        last = min(month_end(first), firm()["extracted_on"])
        for rank, customer in enumerate(ranked(), start=1):
            for _ in range(_invoices(books, customer, rank, index)):
                on = books.chance.working_day(first, last)
                if on >= customer.since:
                    _sale(books, customer, rank, on)


def ranked() -> list[Customer]:
    """Customers by size, the greatest first; sole traders and private persons last."""
    known = list(customers().values())

    def place(customer: Customer) -> tuple[int, int]:
        small = customer.legal_form in {"sole_trader", "consumer"}
        great = customer.size == "large" and customer.legal_form == "company"
        return 2 if small else int(not great), (known.index(customer) * 37) % 80

    return sorted(known, key=place)


def _invoices(books: Books, customer: Customer, rank: int, index: int) -> int:
    stops = firm()["behaviour"][customer.behaviour].get("stops", MONTHS)
    if index > stops + GRACE_MONTHS:
        return 0
    season = company(customer.company)["seasons"][months()[index].month - 1]
    share = 1 if index < MONTHS else 0.16
    expected = 50 / (rank + 7) * season / 100 * share
    return int(expected) + books.chance.happens(expected - int(expected))


def _gross(books: Books, customer: Customer, rank: int, currency: str) -> int:
    weight = {"consumer": 0.08, "sole_trader": 0.4}.get(customer.legal_form, 1)
    typical = weight * (700 + 210_000 / (rank + 9)) * firm()["scale"][currency]
    return int(typical * books.chance.bell(0.1, 1.9) * 10 ** money.exponent(currency))


def _sale(books: Books, customer: Customer, rank: int, on: date) -> None:
    second = customer.currency2 and books.chance.happens(0.3)
    currency = customer.currency2 if second else customer.currency
    gross = _gross(books, customer, rank, currency)
    if customer.size == "large" and books.chance.happens(0.015):
        _instalments(books, customer, on, 3 * gross, currency)
        return
    invoice = books.document("invoice", customer.customer_id, on, gross, currency=currency)
    if books.chance.happens(0.04):
        _returned_goods(books, customer, invoice)


def _instalments(books: Books, customer: Customer, on: date, gross: int, currency: str) -> None:
    """One document number in three instalments, thirty days apart; the last takes the odd cents."""
    first = due_on(customer, on)
    third = gross // 3
    head: Row | None = None
    for part in (1, 2, 3):
        same = {k: head[k] for k in ("document_no", "order_no", "po_no")} if head else {}
        head = books.document(
            "invoice",
            customer.customer_id,
            on,
            gross - 2 * third if part == 3 else third,
            instalment=part,
            due_on=edate(first or on, part - 1),
            currency=currency,
            **same,
        )


def _returned_goods(books: Books, customer: Customer, invoice: Row) -> None:
    on = next_working_day(invoice["issued_on"] + timedelta(days=books.chance.whole(4, 24)))
    if on > firm()["extracted_on"]:
        return
    back = invoice["amount"] * books.chance.whole(3, 30) // 100
    books.document(
        "credit_note",
        customer.customer_id,
        on,
        -back,
        currency=invoice["currency"],
        applies_to=invoice["document_no"],
    )
    books.owed[invoice["document_no"], None] -= back


def _opening(books: Books, customer: Customer) -> None:
    """An invoice of the old system, carried over on the first day with its own dates."""
    start = firm()["first_month"]
    issued_on = start - timedelta(days=books.chance.whole(8, 70))
    books.document(
        "opening",
        customer.customer_id,
        issued_on,
        _gross(books, customer, 6, customer.currency),
        document_no=f"ALT-{books.chance.whole(100_000, 999_999)}",
        posted_on=start,
    )
