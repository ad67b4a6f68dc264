"""What the credit insurer was told, and what he does not cover."""

from __future__ import annotations

from datetime import date, timedelta

from receivables.demo.books import Books, Row
from receivables.demo.firm import firm

EXPIRED = "00139"
"""Customer whose only limit has ended and was not renewed."""


def enter_insured(books: Books) -> None:
    """Reports to the insurer, one that was forgotten, an invoice out of scope, a limit that ended."""
    reported = [row for row in _unpaid(books) if _told_on(row) <= firm()["reported_until"]]
    old = [row for row in reported if row["customer_id"] in firm()["reported_buyers"]]
    forgotten = [row for row in old if row["company"] == "DE01"]
    forgotten = forgotten[len(forgotten) // 2 :][:1]
    for row in old:
        if row in forgotten:
            books.case("overdue debt never reported to the insurer", row)
        else:
            row["insurer_reported_on"] = _told_on(row)
            books.case("overdue debt reported to the insurer", row)
    _out_of_scope(books)
    for row in books.rows["limits"]:
        if (row["customer_id"], row["kind"]) == (EXPIRED, "own"):
            row["valid_to"] = date(2026, 6, 30)
            books.case("limit that has ended", f"{EXPIRED} own {row['valid_from']}")


def _out_of_scope(books: Books) -> None:
    """The newest unpaid export invoice was sold over an online shop, which the policy leaves out."""
    abroad = [
        row
        for row in _unpaid(books)
        if row["company"] == "DE01"
        and row["cover_scope"] == "export-commercial"
        and row["posted_on"] <= firm()["as_of"]
    ]
    newest = max(abroad, key=lambda row: (row["issued_on"], row["document_no"]))
    newest["cover_scope"] = "e-commerce"
    books.case("insured invoice of an excluded scope", newest)


def _unpaid(books: Books) -> list[Row]:
    """Insured invoices of the policy years with something left to pay, oldest due date first."""
    found = [
        row
        for row in books.rows["documents"]
        if row["kind"] == "invoice"
        and row.get("insured")
        and row["due_on"]
        and row["issued_on"] >= date(2025, 1, 1)
        and books.owed[row["document_no"], row.get("instalment")] > 0
    ]
    return sorted(found, key=lambda row: (row["due_on"], row["document_no"]))


def _told_on(row: Row) -> date:
    """In time: extension and declaration window come to 45 and 52 days in the policies of 2026."""
    day: date = row["due_on"] + timedelta(days=40)
    return day
