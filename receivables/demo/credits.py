"""Scripted cases of credit: credit notes of every sort, write-offs, reversals, retention, journals."""

from __future__ import annotations

from datetime import date

from receivables.demo.books import Books


def script_credits(books: Books) -> None:
    """Enter all cases of this file."""
    for script in (
        _credit_on_own_invoice,
        _credit_on_other_invoice,
        _credit_standing,
        _credit_older_than_invoice,
        _credit_larger_than_open,
        _net_credit_customer,
        _later_credit_note,
        _write_off_and_recovery,
        _reversal,
        _retention,
        _opening_never_paid,
        _journal,
        _debit_note,
        _deposit,
    ):
        script(books)


def _credit_on_own_invoice(books: Books) -> None:
    invoice = books.document("invoice", "00108", date(2026, 9, 14), "8400.00")
    no = invoice["document_no"]
    credit = books.document("credit_note", "00108", date(2026, 9, 28), "-1200.00", applies_to=no)
    books.owed[no, None] -= 120_000
    books.case("credit note on its own invoice", credit, invoice)


def _credit_on_other_invoice(books: Books) -> None:
    """Goods of the first invoice came back after it was paid: the next one is reduced."""
    first = books.document("invoice", "00111", date(2026, 7, 28), "4760.00")
    books.payment("00111", date(2026, 8, 28), "4760.00", document_no=first["document_no"])
    second = books.document("invoice", "00111", date(2026, 9, 10), "5950.00")
    credit = books.document("credit_note", "00111", date(2026, 9, 21), "-1190.00")
    books.allocate(credit, second, "1190.00", date(2026, 9, 22))
    books.case("credit note on another invoice", credit, second)


def _credit_standing(books: Books) -> None:
    credit = books.document("credit_note", "00120", date(2026, 9, 15), "-2380.00")
    books.case("standing credit note", credit)


def _credit_older_than_invoice(books: Books) -> None:
    credit = books.document("credit_note", "00128", date(2026, 8, 5), "-960.00")
    invoice = books.document("invoice", "00128", date(2026, 9, 8), "4800.00")
    books.allocate(credit, invoice, "960.00", date(2026, 9, 8))
    books.case("credit note older than its invoice", credit, invoice)


def _credit_larger_than_open(books: Books) -> None:
    """500.00 are open when a credit note of 900.00 arrives: 400.00 stay in the customer's favour."""
    invoice = books.document("invoice", "00139", date(2026, 8, 12), "3000.00")
    no = invoice["document_no"]
    payment = books.payment("00139", date(2026, 9, 10), "2500.00", document_no=no)
    credit = books.document("credit_note", "00139", date(2026, 9, 25), "-900.00", applies_to=no)
    books.owed[no, None] = 0
    books.case("credit note larger than what is open", credit, invoice, payment)


def _net_credit_customer(books: Books) -> None:
    """A private person sent the goods back after paying: the whole account is in credit."""
    credit = books.document("credit_note", "00116", date(2026, 10, 20), "-7140.00")
    books.case("customer in credit", credit)


def _later_credit_note(books: Books) -> None:
    """Credited in November, sold in October: the cut-off sheet must show it."""
    invoice = books.document("invoice", "00117", date(2026, 10, 27), "9520.00")
    no = invoice["document_no"]
    credit = books.document("credit_note", "00117", date(2026, 11, 4), "-9520.00", applies_to=no)
    books.owed[no, None] = 0
    books.case("credit note after the cut-off", credit, invoice)


def _write_off_and_recovery(books: Books) -> None:
    invoice = books.document("invoice", "00153", date(2025, 3, 10), "45200.00")
    no = invoice["document_no"]
    loss = books.document("write_off", "00153", date(2026, 3, 31), "-45200.00", applies_to=no)
    books.owed[no, None] = 0
    books.case("write-off", loss, invoice)
    back = books.document("recovery", "00153", date(2026, 9, 14), "9040.00", applies_to=no)
    payment = books.payment("00153", date(2026, 9, 14), "9040.00", document_no=no)
    books.case("recovery of a write-off", back, payment, invoice)
    small = books.document("invoice", "00109", date(2025, 6, 17), "1785.00")
    no = small["document_no"]
    part = books.payment("00109", date(2025, 8, 20), "1500.00", document_no=no)
    rest = books.document("write_off", "00109", date(2026, 6, 30), "-285.00", applies_to=no)
    books.owed[no, None] = 0
    books.case("write-off of a rest", rest, small, part)


def _reversal(books: Books) -> None:
    """Invoiced to the wrong price, reversed, invoiced again."""
    wrong = books.document("invoice", "00103", date(2026, 10, 1), "6900.00")
    no = wrong["document_no"]
    reversal = books.document("reversal", "00103", date(2026, 10, 5), "-6900.00", reverses=no)
    books.owed[no, None] = 0
    right = books.document("invoice", "00103", date(2026, 10, 5), "6090.00")
    books.case("reversal", reversal, wrong, right)


def _retention(books: Books) -> None:
    """Five per cent of a building contract stay with the customer for a year."""
    invoice = books.document("invoice", "00152", date(2026, 6, 15), "475000.00")
    books.payment("00152", date(2026, 10, 9), "475000.00", document_no=invoice["document_no"])
    kept = books.document(
        "retention", "00152", date(2026, 6, 15), "25000.00", due_on=date(2027, 6, 15)
    )
    books.case("retention", kept, invoice)


def _opening_never_paid(books: Books) -> None:
    old = books.document(
        "opening",
        "00168",
        date(2023, 11, 20),
        "186000.00",
        document_no="QC-000731",
        posted_on=date(2024, 11, 1),
    )
    books.case("opening balance older than two years", old)


def _journal(books: Books) -> None:
    """Freight booked on the wrong company of a group is moved to the right one."""
    on = date(2026, 9, 30)
    away = books.document("journal", "00111", on, "-750.00")
    to = books.document("journal", "00112", on, "750.00", due_on=date(2026, 11, 14))
    books.case("journal", away, to)


def _debit_note(books: Books) -> None:
    note = books.document("debit_note", "00129", date(2026, 9, 3), "214.20")
    books.case("debit note", note)


def _deposit(books: Books) -> None:
    """A down-payment is asked for, paid, and settled against the final invoice by the rest due."""
    asked = books.document("deposit", "00156", date(2026, 8, 18), "50000.00")
    payment = books.payment(
        "00156", date(2026, 9, 2), "50000.00", document_no=asked["document_no"]
    )
    final = books.document("invoice", "00156", date(2026, 10, 12), "120000.00")
    books.case("deposit", asked, payment, final)
