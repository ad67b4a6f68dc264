"""The dirty rows: each fault once, as it happens to a ledger that people type into."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from receivables import money
from receivables.demo.books import Books, Row

ODDITIES: dict[str, str] = {
    "amount stored as text": "2,480.50 typed as text: read as the number it shows",
    "amount that is no number": "'tbc' for an amount: set aside, and the light of its account is red",
    "duplicate document": "the same row twice: the second is set aside",
    "due before issue": "due a month before it was issued: used, with a warning",
    "payment to an unknown document": "names a document that does not exist: stays unapplied",
    "unknown customer": "customer 00199 is not in Customers: used, with a warning",
    "near-duplicate customer key": "123 beside 00123: used as its own customer, with a warning",
    "missing currency": "no currency: set aside; the general ledger has it in EUR",
    "total row": "a total below the data: not read as data, and said so",
}
"""Every fault in the demo ledger, and what the program does with it."""

MISSING_FROM_LEDGER = "1863.40"
"""EUR that the control account 1200 of DE01 holds and the ledger, for want of a currency, does not."""


def enter_oddities(books: Books) -> None:
    """Enter the honest rows that will be spoilt; the general ledger holds them as they are here."""
    doc = books.document
    books.case(
        "amount stored as text",
        doc("invoice", "00121", date(2026, 10, 6), "2480.50", due_on=date(2026, 11, 5)),
    )
    books.case("duplicate document", doc("invoice", "00136", date(2026, 9, 23), "1547.00"))
    wrong_due = doc("invoice", "00119", date(2026, 9, 15), "3332.00", due_on=date(2026, 8, 15))
    books.case("due before issue", wrong_due)
    stray = books.payment(
        "00131", date(2026, 10, 15), "2261.00", document_no="RE2609-9999", reference="RE2609-9999"
    )
    books.case("payment to an unknown document", stray)
    books.case("unknown customer", doc("invoice", "00103", date(2026, 9, 29), "833.00"))
    books.case(
        "near-duplicate customer key", doc("invoice", "00123", date(2026, 10, 19), "1190.00")
    )
    books.case(
        "missing currency", doc("invoice", "00124", date(2026, 10, 14), MISSING_FROM_LEDGER)
    )


def spoil(books: Books) -> None:
    """Turn the honest rows into the dirty ones, and add those the general ledger never had."""
    named = {row["document_no"]: row for row in books.rows["documents"]}

    def row_of(case: str) -> Row:
        return named[books.cases[case][0]]

    row_of("amount stored as text")["amount"] = "2,480.50"
    row_of("unknown customer")["customer_id"] = "00199"
    row_of("near-duplicate customer key")["customer_id"] = "123"
    row_of("missing currency")["currency"] = None
    unknown = books.document("invoice", "00126", date(2026, 10, 26), 0)
    unknown |= {"amount": "tbc", "amount_lc": None, "tax_amount": None}
    books.case("amount that is no number", unknown)
    books.rows["documents"].append(dict(row_of("duplicate document")))
    books.rows["documents"].append(_total(books.rows["documents"]))
    books.case("total row", "Total")


def _total(documents: list[Row]) -> Row:
    """What SUM shows below the column: numbers of all currencies, text left out."""
    amounts = (
        money.to_decimal(row["amount"], row["currency"] or "EUR")
        for row in documents
        if isinstance(row["amount"], int)
    )
    return {
        "document_no": "Total",
        "amount": format(sum(amounts, Decimal(0)), "f"),
        "currency": None,
    }
