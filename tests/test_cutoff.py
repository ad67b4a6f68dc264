"""Postings around the balance date, and those entered after it."""

from __future__ import annotations

import pytest

from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.monitor.credit_balances import credit_balances
from receivables.monitor.cutoff import cut_off
from tests.ledgers import credit, day, invoice, ledger, payment


def findings(*documents, payments=()):
    posted = link(ledger(documents=documents, payments=payments))
    return dict(cut_off(posted, day("10-31")).select("document_no", "finding").rows())


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        (invoice("A", 1, on="10-26"), "in_window"),
        (invoice("A", 1, on="10-25"), None),
        (invoice("A", 1, on="11-05"), "in_window"),
        (invoice("A", 1, on="11-06"), None),
        (invoice("A", 1, on="10-30", delivered_on=day("11-02")), "posted_before"),
        (invoice("A", 1, on="11-02", posted_on=day("10-31")), "posted_before"),
        (invoice("A", 1, on="11-02", delivered_on=day("10-31")), "posted_after"),
        (invoice("A", 1, on="10-31", posted_on=day("11-04")), "posted_after"),
        (invoice("A", 1, on="09-02", entered_on=day("11-20")), "entered_after"),
        (invoice("A", 1, on="09-02", entered_on=day("10-31")), None),
        (credit("A", 1, "11-03"), "credit_after"),
        (credit("A", 1, "10-30"), "in_window"),
    ],
)
def test_finding(document, finding):
    assert findings(document).get("A") == finding


def test_back_dated_payments_are_listed_too():
    late = payment("P", 5, "10-01", entered_on=day("11-03"))
    assert findings(invoice("A", 1, on="09-01"), payments=[late]) == {"P": "entered_after"}


def test_customers_in_credit_by_book():
    documents = [
        invoice("A", 100, customer_id="C1"),
        credit("K", 130, "10-01", customer_id="C1"),
        credit("L", 50, "10-01", customer_id="C2"),
        invoice("B", 50, customer_id="C2"),
        invoice("C", 10, customer_id="C3"),
    ]
    frame = credit_balances(open_items(link(ledger(documents=documents)), day("10-31")))
    assert frame.select("customer_id", "debits", "credits", "balance").rows() == [
        ("C1", 100, -130, -30)
    ]
