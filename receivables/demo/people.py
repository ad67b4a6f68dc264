"""The register of approvals: a review of each customer on credit, and the chain of hashes."""

from __future__ import annotations

from datetime import date, timedelta

from receivables.assess.approvals import BEFORE, HASH, row_hash
from receivables.demo.books import Books, Row
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
"""Days over which a round of reviews is spread."""

ALTERED = ("FA-2026-010", "Until 31 December 2026")
"""A row whose reason was typed over later, and what it had said."""


def enter_reviews(books: Books) -> None:
    """A review of each customer on credit: most within three months, some overdue, some never."""
    for customer in customers().values():
        if customer.intercompany or customer.legal_form == "consumer":
            continue
        special = firm()["reviews"].get(customer.customer_id)
        if special == "never":
            books.case("review never made", customer.customer_id)
            continue
        number = _review(books, customer, special)
        if special:
            due = special == firm()["due_review"]
            books.case("review due today" if due else "review overdue", number)


def seal_approvals(books: Books) -> None:
    """Put the register in the order of its days and chain each row to the one before."""
    rows = books.rows["approvals"]
    rows.sort(key=lambda row: (_recorded_on(row), row["approval_no"]))
    before = ""
    for row in rows:
        person = row["decided_by"] or row["requested_by"]
        row["os_user"] = firm()["accounts"].get(person)
        row["recorded_at"] = f"{_recorded_on(row)}T16:30:00"
        row[BEFORE] = before or None
        number, reason = ALTERED
        first = row | {"reason": reason} if row["approval_no"] == number else row
        row[HASH] = before = row_hash(first)


def _recorded_on(row: Row) -> date:
    found: date = row["decided_on"] or row["requested_on"]
    return found


def _review(books: Books, customer: Customer, on: date | None) -> str:
    spread = int(customer.customer_id) * 7 % SPREAD
    day = on or next_working_day(date(2026, 8, 3) + timedelta(days=spread))
    number = f"RV-2026-{customer.customer_id}"
    books.add(
        "approvals",
        {
            "approval_no": number,
            "customer_id": customer.customer_id,
            "kind": "review",
            "requested_by": firm()["clerks"][customer.company],
            "requested_on": day - timedelta(days=3),
            "decided_by": firm()["managers"][customer.company],
            "decided_on": day,
            "decision": "granted",
            "valid_from": day,
            "reason": f"Grade {GRADES[customer.behaviour]}",
            "role": "Credit manager",
        },
    )
    return number
