"""What collectors and the credit manager know: disputes, promises, events, limits, open orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from receivables import money
from receivables.demo.books import Books, Row, salesperson
from receivables.demo.chance import next_working_day
from receivables.demo.firm import Customer, customers, firm

DISPUTES = 18
PROMISES = 14
ORDERS = 60


def enter_claims(books: Books) -> None:
    """Enter disputes and promises on what is unpaid, then events, limits and open orders."""
    unpaid = _unpaid(books)
    for number, row in enumerate(_some(books, unpaid, DISPUTES), start=1):
        _dispute(books, number, row)
    free = [row for row in unpaid if "disputed_on" not in row]
    for number, row in enumerate(_some(books, free, PROMISES), start=1):
        _promise(books, number, row)
    for event in firm()["events"]:
        books.add("events", dict(event))
    for customer in customers().values():
        _limits(books, customer)
    for _ in range(ORDERS):
        _order(books, books.chance.pick(list(customers().values())))


def _unpaid(books: Books) -> list[Row]:
    """Ordinary invoices past due at the cut-off date and not paid by the day of the extract."""
    scripted = {number for numbers in books.cases.values() for number in numbers}
    return [
        row
        for row in books.rows["documents"]
        if row["kind"] == "invoice"
        and row["document_no"] not in scripted
        and "instalment" not in row
        and row["due_on"]
        and row["due_on"] < firm()["as_of"]
        and books.owed[row["document_no"], None] == row["amount"]
        and not customers()[row["customer_id"]].intercompany
    ]


def _some(books: Books, rows: list[Row], count: int) -> Iterator[Row]:
    left = list(rows)
    for _ in range(min(count, len(left))):
        yield left.pop(books.chance.whole(0, len(left) - 1))


def _dispute(books: Books, number: int, row: Row) -> None:
    """Most disputes are open and on a part of the invoice; every sixth was settled meanwhile."""
    customer = customers()[row["customer_id"]]
    opened_on = row["issued_on"] + timedelta(days=books.chance.whole(6, 20))
    settled = number % 6 == 0
    closed_on = opened_on + timedelta(days=books.chance.whole(15, 50)) if settled else None
    share = 100 if number % 3 == 0 else books.chance.whole(8, 60)
    amount = row["amount"] * share // 100
    reason = books.chance.pick(firm()["reasons"][customer.language])
    row |= {
        "disputed_amount": amount,
        "disputed_on": opened_on,
        "disputed_until": closed_on,
        "dispute_reason": reason,
    }
    books.add(
        "disputes",
        {
            "dispute_no": f"D-{number:04d}",
            "company": row["company"],
            "customer_id": row["customer_id"],
            "document_no": row["document_no"],
            "amount": amount,
            "currency": row["currency"],
            "reason": reason,
            "opened_on": opened_on,
            "closed_on": closed_on,
            "state": "settled" if settled else "open",
            "owner": salesperson(customer),
        },
    )
    books.case("dispute settled" if settled else "dispute", row)


def _promise(books: Books, number: int, row: Row) -> None:
    """Made in October; some for days already gone, so that broken promises are there too."""
    made_on = max(row["issued_on"], date(2026, 10, books.chance.whole(5, 23)))
    pay_on = next_working_day(made_on + timedelta(days=books.chance.whole(4, 24)))
    amount = row["amount"] // 2 if number % 4 == 0 else row["amount"]
    row |= {"promised_on": pay_on, "promised_amount": amount}
    books.add(
        "promises",
        {
            "promise_no": f"P-{number:04d}",
            "company": row["company"],
            "customer_id": row["customer_id"],
            "document_no": row["document_no"],
            "made_on": made_on,
            "pay_on": pay_on,
            "amount": amount,
            "currency": row["currency"],
            "state": "broken" if pay_on < firm()["as_of"] else "open",
            "owner": salesperson(customers()[row["customer_id"]]),
        },
    )
    books.case("promise broken" if pay_on < firm()["as_of"] else "promise", row)


def _limits(books: Books, customer: Customer) -> None:
    """An own limit of five months of sales, cut where payment stopped; insured beside."""
    if customer.intercompany or customer.legal_form == "consumer":
        return
    start, cut = date(2025, 1, 1), date(2026, 8, 1)
    own = _monthly(books, customer) * 5
    stopped = customer.behaviour == "broken"
    _limit(books, customer, "own", own, start, cut - timedelta(days=1) if stopped else None)
    if stopped:
        _limit(books, customer, "own", 0, cut, None)
    if customer.size == "large" and customer.legal_form == "company":
        _limit(books, customer, "insured", own * 4 // 5, start, cut if stopped else None)
    if customer.group_id == customer.customer_id:
        _limit(books, customer, "group", own * 2, start, None)


def _limit(
    books: Books, customer: Customer, kind: str, amount: int, start: date, end: date | None
) -> None:
    unit = firm()["scale"][customer.currency] * 1000 * 10 ** money.exponent(customer.currency)
    books.add(
        "limits",
        {
            "customer_id": customer.customer_id,
            "kind": kind,
            "amount": -(-amount // unit) * unit,
            "currency": customer.currency,
            "valid_from": start,
            "valid_to": end,
            "decided_by": "Credit insurer (invented)" if kind == "insured" else "Credit committee",
        },
    )


def _monthly(books: Books, customer: Customer) -> int:
    """Average monthly sales of the last year in the customer's main currency."""
    sold: Iterator[int] = (
        row["amount"]
        for row in books.rows["documents"]
        if row["customer_id"] == customer.customer_id
        and row["currency"] == customer.currency
        and row["kind"] == "invoice"
        and date(2025, 10, 31) < row["posted_on"] <= firm()["as_of"]
    )
    return sum(sold) // 12


def _order(books: Books, customer: Customer) -> None:
    ordered_on = books.chance.working_day(date(2026, 9, 14), date(2026, 11, 5))
    if customer.behaviour == "broken":
        return
    ready = books.chance.happens(0.3)
    amount = _monthly(books, customer) * books.chance.whole(2, 9) // 10
    books.add(
        "orders",
        {
            "order_no": f"{firm()['prefix'][customer.company]['order']}{ordered_on:%y%m}-"
            f"{8001 + len(books.rows.get('orders', [])):04d}",
            "company": customer.company,
            "customer_id": customer.customer_id,
            "ordered_on": ordered_on,
            "delivered_on": ordered_on + timedelta(days=9) if ready else None,
            "amount": amount,
            "currency": customer.currency,
            "state": "delivered" if ready else "open",
        },
    )
