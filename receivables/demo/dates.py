"""Scripted cases of dates: due dates on an edge or missing, back-dated postings, cut-off errors."""

from __future__ import annotations

from datetime import date

from receivables.demo.books import Books


def script_dates(books: Books) -> None:
    """Enter all cases of this file."""
    for script in (_edges, _no_due_date, _back_dated, _shipped_too_late, _invoiced_too_late):
        script(books)


def _edges(books: Books) -> None:
    """At 31 October 2026 these are 0, 1, 30, 31, 60, 61, 90 and 91 days past due."""
    dues = ((10, 31), (10, 30), (10, 1), (9, 30), (9, 1), (8, 31), (8, 2), (8, 1))
    for month, day in dues:
        due = date(2026, month, day)
        row = books.document("invoice", "00115", date(2026, 7, 2), "1000.00", due_on=due)
        books.case("days on the edges of buckets", row)


def _no_due_date(books: Books) -> None:
    by_terms = books.document("invoice", "00122", date(2026, 9, 9), "2856.00", due_on=None)
    without = books.document("invoice", "00175", date(2026, 8, 17), "640000")
    books.case("no due date, terms known", by_terms)
    books.case("no due date, no terms", without)


def _back_dated(books: Books) -> None:
    """Typed in after the month end, posted before it: September changes after it was reported."""
    invoice = books.document(
        "invoice", "00121", date(2026, 9, 30), "3570.00", entered_on=date(2026, 10, 7)
    )
    payment = books.payment(
        "00112", date(2026, 8, 31), "1450.00", kind="on_account", entered_on=date(2026, 9, 4)
    )
    credit = books.document(
        "credit_note", "00123", date(2026, 10, 30), "-476.00", entered_on=date(2026, 11, 4)
    )
    books.case("back-dated posting", invoice, payment, credit)


def _shipped_too_late(books: Books) -> None:
    """Invoiced on the last working day of October, on the road in November: sold too early."""
    row = books.document(
        "invoice",
        "00138",
        date(2026, 10, 30),
        "21400.00",
        shipped_on=date(2026, 11, 3),
        delivered_on=date(2026, 11, 6),
    )
    books.case("cut-off: invoiced before dispatch", row)


def _invoiced_too_late(books: Books) -> None:
    """Delivered in October, invoiced in November: sold too late."""
    row = books.document(
        "invoice",
        "00148",
        date(2026, 11, 2),
        "88000.00",
        shipped_on=date(2026, 10, 27),
        delivered_on=date(2026, 10, 29),
    )
    books.case("cut-off: delivered before the month end", row)
