"""Rows told by amount and due date: what tests of grades and warnings build ledgers from."""

from datetime import timedelta


def invoice(number, amount, due, **more):
    issued = more.pop("issued_on", due - timedelta(30))
    return {"document_no": number, "kind": "invoice", "amount": amount, "issued_on": issued, "due_on": due} | more  # fmt: skip


def payment(number, document, amount, paid, **more):
    return {
        "payment_no": number,
        "document_no": document,
        "amount": amount,
        "paid_on": paid,
    } | more
