"""Reviews of the customers: who looked at whom, and when last."""

from __future__ import annotations

from datetime import date, timedelta

from receivables.demo.books import Books
from receivables.demo.chance import next_working_day
from receivables.demo.firm import Customer, customers, firm

GRADES = {
    "prompt": 2,
    "normal": 3,
    "improving": 4,
    "slow": 5,
    "worsening": 4,
    "broken": 8,
}
"""Grade that the last review gave, by manner of paying; those that worsened since were still good."""

SPREAD = 84
"""Days over which the yearly round of reviews is spread."""


def enter_reviews(books: Books) -> None:
    """A review of each customer on credit: most within three months, some overdue, some never."""
    for customer in customers().values():
        if customer.intercompany or customer.legal_form == "consumer":
            continue
        special = firm()["reviews"].get(customer.customer_id)
        if special == "never":
            books.case("review never made", customer.customer_id)
            continue
        row = _review(books, customer, special)
        if special:
            books.case(
                "review overdue" if special < firm()["due_review"] else "review due today", row
            )


def _review(books: Books, customer: Customer, on: date | None) -> str:
    spread = int(customer.customer_id) * 7 % SPREAD
    day = on or next_working_day(date(2026, 8, 3) + timedelta(days=spread))
    manager = firm()["managers"][customer.company]
    number = f"RV-2026-{customer.customer_id}"
    books.add(
        "approvals",
        {
            "approval_no": number,
            "customer_id": customer.customer_id,
            "kind": "review",
            "requested_by": firm()["clerks"][customer.company],
            "requested_on": day - timedelta(days=3),
            "decided_by": manager,
            "decided_on": day,
            "decision": "granted",
            "valid_from": day,
            "reason": f"Grade {GRADES[customer.behaviour]}",
            "role": "Credit manager",
        },
    )
    return number
