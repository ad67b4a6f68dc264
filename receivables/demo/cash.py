"""Scripted cases of cash: part, over, on account, advance, bounced, refunded, matched late, bills."""

from __future__ import annotations

from datetime import date

from receivables.demo.books import Books, Row
from receivables.demo.firm import customers


def script_cash(books: Books) -> None:
    """Enter all cases of this file."""
    for script in (
        _part_payment,
        _over_payment,
        _one_cent_short,
        _on_account,
        _advances,
        _matched_after_month_end,
        _bounced,
        _refund,
        _post_dated_cheques,
        _instalments,
        _subsequent_receipt,
        _bills,
        _bill_in_both_books,
    ):
        script(books)


def _part_payment(books: Books) -> None:
    invoice = books.document("invoice", "00106", date(2026, 8, 20), "5712.00")
    no = invoice["document_no"]
    first = books.payment("00106", date(2026, 9, 18), "2000.00", document_no=no)
    second = books.payment("00106", date(2026, 10, 16), "1500.00", document_no=no)
    books.case("part-payments", invoice, first, second)


def _over_payment(books: Books) -> None:
    invoice = books.document("invoice", "00133", date(2026, 9, 1), "3200.00")
    no = invoice["document_no"]
    payment = books.payment("00133", date(2026, 10, 6), "3500.00", document_no=no)
    books.case("over-payment", payment, invoice)


def _one_cent_short(books: Books) -> None:
    invoice = books.document("invoice", "00137", date(2026, 8, 24), "7318.40")
    no = invoice["document_no"]
    payment = books.payment("00137", date(2026, 9, 22), "7318.39", document_no=no)
    books.case("one cent left", invoice, payment)


def _on_account(books: Books) -> None:
    on = date(2026, 10, 8)
    cash = books.payment("00101", on, "4000.00", kind="on_account", reference="à conto")
    books.case("cash on account", cash)


def _advances(books: Books) -> None:
    """One advance is used up in part, the other waits for its invoice."""
    first = books.payment("00118", date(2026, 9, 18), "11900.00", kind="advance")
    invoice = books.document("invoice", "00118", date(2026, 10, 12), "9520.00")
    books.allocate(first, invoice, "9520.00", date(2026, 10, 13))
    second = books.payment("00161", date(2026, 10, 21), "80000.00", kind="advance")
    books.case("advance", first, invoice, second)


def _matched_after_month_end(books: Books) -> None:
    """Cash of October, matched in November: at the month end it is unapplied."""
    first = books.document("invoice", "00102", date(2026, 8, 31), "11900.00")
    second = books.document("invoice", "00102", date(2026, 9, 7), "5950.00")
    payment = books.payment("00102", date(2026, 10, 29), "17850.00", reference="2 Rechnungen")
    books.allocate(payment, first, "11900.00", date(2026, 11, 3))
    books.allocate(payment, second, "5950.00", date(2026, 11, 3))
    books.case("cash before month end, matched after", payment, first, second)


def _bounced(books: Books) -> None:
    invoice = books.document("invoice", "00135", date(2026, 7, 27), "5400.00")
    no = invoice["document_no"]
    payment = books.payment("00135", date(2026, 9, 17), "5400.00", document_no=no)
    back = books.payment(
        "00135", date(2026, 9, 24), "5400.00", kind="bounced", reverses=payment["payment_no"]
    )
    books.owed[no, None] = 540_000
    books.case("bounced payment", back, payment, invoice)


def _refund(books: Books) -> None:
    credit = books.document("credit_note", "00134", date(2026, 8, 10), "-640.00")
    no = credit["document_no"]
    refund = books.payment("00134", date(2026, 9, 4), "640.00", kind="refund", document_no=no)
    books.case("refund of a credit note", refund, credit)


def _post_dated_cheques(books: Books) -> None:
    invoice = books.document("invoice", "00145", date(2026, 9, 21), "18000.00")
    no, entered_on = invoice["document_no"], date(2026, 10, 20)
    cheques = [
        books.payment(
            "00145", on, "9000.00", document_no=no, entered_on=entered_on, reference=f"CHQ {on:%m}"
        )
        for on in (date(2026, 12, 15), date(2027, 1, 15))
    ]
    books.case("post-dated cheques", *cheques, invoice)


def _instalments(books: Books) -> None:
    """Three instalments of 30,000.00 with 50,000.00 paid; two of 1,500.00 with 3,200.00 paid."""
    three = (date(2026, 8, 31), date(2026, 9, 30), date(2026, 11, 30))
    plan = _in_parts(books, "00105", date(2026, 7, 31), "30000.00", three)
    part = books.payment("00105", date(2026, 10, 2), "50000.00", document_no=plan)
    books.case("instalments, first come first paid", plan, part)
    two = (date(2026, 9, 15), date(2026, 10, 15))
    short = _in_parts(books, "00114", date(2026, 8, 14), "1500.00", two)
    more = books.payment("00114", date(2026, 10, 14), "3200.00", document_no=short)
    for number, rest in ((plan, (0, 1_000_000, 3_000_000)), (short, (0, 0))):
        books.owed |= {(number, part + 1): left for part, left in enumerate(rest)}
    books.case("instalments, paid too much", short, more)


def _in_parts(
    books: Books, customer_id: str, on: date, amount: str, dues: tuple[date, ...]
) -> str:
    same: Row = {}
    for part, due in enumerate(dues, start=1):
        row = books.document(
            "invoice", customer_id, on, amount, instalment=part, due_on=due, **same
        )
        same = {name: row[name] for name in ("document_no", "order_no", "po_no")}
    return str(same["document_no"])


def _subsequent_receipt(books: Books) -> None:
    """Open at the month end, paid four days later."""
    invoice = books.document("invoice", "00119", date(2026, 9, 16), "13090.00")
    no = invoice["document_no"]
    payment = books.payment("00119", date(2026, 11, 4), "13090.00", document_no=no)
    books.case("subsequent receipt", payment, invoice)


BILLS = (
    # customer, invoice of, amount, kind, acceptor, received, matures, state
    (
        "00147",
        (2026, 3, 9),
        "180000.00",
        "bank",
        "江海银行南京分行",
        (2026, 5, 11),
        (2026, 9, 11),
        "paid",
    ),
    (
        "00148",
        (2026, 4, 14),
        "96000.00",
        "bank",
        "钱塘商业银行",
        (2026, 6, 2),
        (2026, 10, 2),
        "paid",
    ),
    ("00150", (2026, 6, 8), "240000.00", "bank", "甬江银行", (2026, 8, 10), (2027, 2, 10), "held"),
    (
        "00154",
        (2026, 6, 22),
        "132000.00",
        "bank",
        "长桥银行武汉支行",
        (2026, 8, 24),
        (2027, 2, 24),
        "held",
    ),
    (
        "00160",
        (2026, 5, 18),
        "58000.00",
        "bank",
        "山城银行",
        (2026, 8, 3),
        (2026, 12, 3),
        "endorsed",
    ),
    (
        "00164",
        (2026, 5, 25),
        "310000.00",
        "bank",
        "星海银行",
        (2026, 8, 26),
        (2027, 2, 26),
        "discounted",
    ),
    ("00152", (2026, 4, 20), "220000.00", "commercial", "", (2026, 7, 20), (2027, 1, 20), "held"),
    (
        "00168",
        (2026, 2, 2),
        "150000.00",
        "commercial",
        "",
        (2026, 4, 7),
        (2026, 10, 7),
        "dishonoured",
    ),
    ("00149", (2026, 3, 23), "74000.00", "commercial", "", (2026, 5, 22), (2026, 9, 22), "paid"),
)
"""Bills taken in payment. The dishonoured one gives its invoice back with its original age."""


def _bills(books: Books) -> None:
    for number, line in enumerate(BILLS, start=1):
        bill, invoice = _bill(books, number, *line)
        books.case(f"bill {line[-1]}", bill, invoice)
        books.case(f"{line[3]} acceptance", bill)


def _bill(
    books: Books,
    number: int,
    customer_id: str,
    issued: tuple[int, int, int],
    amount: str,
    kind: str,
    acceptor: str,
    received: tuple[int, int, int],
    matures: tuple[int, int, int],
    state: str,
) -> tuple[Row, Row]:
    customer = customers()[customer_id]
    invoice = books.document("invoice", customer_id, date(*issued), amount)
    dishonoured = state == "dishonoured"
    books.owed[invoice["document_no"], None] = invoice["amount"] if dishonoured else 0
    bill: Row = {
        # Electronic bills have thirty digits: as a number, a spreadsheet would keep fifteen.
        "bill_no": f"1000000000{date(*received):%Y%m%d}{number:012d}",
        "company": customer.company,
        "account": customer.account,
        "customer_id": customer_id,
        "acceptor": acceptor or customer.name,
        "kind": kind,
        "amount": invoice["amount"],
        "currency": customer.currency,
        "received_on": date(*received),
        "matures_on": date(*matures),
        "state": state,
        "dishonoured_on": date(*matures) if dishonoured else None,
        "recourse": kind == "commercial" or state in {"endorsed", "discounted"},
        "document_no": invoice["document_no"],
    }
    return books.add("bills", bill), invoice


def _bill_in_both_books(books: Books) -> None:
    """A bill the cashier also entered as a payment: it must count once."""
    line = (
        "00162",
        (2026, 7, 6),
        "41000.00",
        "bank",
        "徽源银行",
        (2026, 9, 7),
        (2027, 3, 7),
        "held",
    )
    bill, invoice = _bill(books, len(BILLS) + 1, *line)
    payment = books.payment(
        "00162",
        bill["received_on"],
        bill["amount"],
        document_no=invoice["document_no"],
        reference=bill["bill_no"],
    )
    books.case("bill in Bills and in Payments", bill, payment)
