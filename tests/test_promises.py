"""Broken promises: the day is gone and the money is not there, worked out from the ledger."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.respond.promises import BROKEN, broken_promises
from tests.ledgers import allocation, day, invoice, ledger, payment

AS_OF = date(2026, 10, 31)
INVOICE = invoice("R1", 1000_00)


def promise(made="10-05", pay="10-20", document="R1", **more):
    own = {"customer_id": "C1", "document_no": document, "made_on": day(made), "pay_on": day(pay)}
    return own | more


def broken(promises, documents=(INVOICE,), as_of=AS_OF, **tables):
    books = ledger(documents=documents, promises=promises, **tables)
    posted = link(books)
    return broken_promises(posted, open_items(posted, as_of), books["promises"])


def missing(*args, **more) -> list[tuple]:
    return broken(*args, **more).select("document_no", "currency", "amount", "days").rows()


@pytest.mark.parametrize(
    ("pay", "days"), [("10-29", [2]), ("10-30", [1]), ("10-31", []), ("11-01", [])]
)
def test_the_day_itself_still_counts_as_kept(pay, days):
    assert broken([promise(pay=pay)])["days"].to_list() == days


def test_a_promise_of_all_misses_what_is_open():
    paid = payment("P1", 300_00, "10-18", "R1")
    assert missing([promise()], payments=[paid]) == [("R1", "EUR", 700_00, 11)]


@pytest.mark.parametrize(
    ("paid_on", "amount", "left"),
    [
        ("10-18", 400_00, []),  # kept
        ("10-25", 400_00, []),  # late, but the money is there
        ("10-18", 399_99, [1]),
        ("10-05", 400_00, []),  # on the day it was made
        ("10-04", 400_00, [400_00]),  # before it was made: not what was promised
        ("11-01", 400_00, [400_00]),  # not known yet
    ],
)
def test_a_part_promised_is_measured_by_what_came_since(paid_on, amount, left):
    paid = payment("P1", amount, paid_on, "R1")
    found = broken([promise(amount=400_00, currency="EUR")], payments=[paid])
    assert found["amount"].to_list() == left


def test_no_more_is_missing_than_is_open():
    paid = payment("P1", 900_00, "10-01", "R1")
    assert missing([promise(amount=400_00)], payments=[paid]) == [("R1", "EUR", 100_00, 11)]


def test_the_latest_promise_stands():
    later = promise(made="10-21", pay="11-15")
    assert broken([promise(), later]).is_empty()
    assert broken([promise(), later], as_of=date(2026, 10, 20)).is_empty()
    assert missing([promise(), later], as_of=date(2026, 11, 16)) == [("R1", "EUR", 1000_00, 1)]


def test_a_promise_made_later_is_not_known_yet():
    later = promise(made="10-21", pay="11-15")
    assert missing([promise(pay="10-15"), later], as_of=date(2026, 10, 20))[0][3] == 5


@pytest.mark.parametrize("state", ["withdrawn", " Cancelled ", "撤回"])
def test_a_withdrawn_promise_is_no_task(state):
    assert broken([promise(state=state)]).is_empty()


@pytest.mark.parametrize("state", ["open", "kept", "broken", None])
def test_other_states_are_worked_out_not_believed(state):
    assert broken([promise(state=state)]).height == 1


def test_a_promise_for_the_account_stands_for_what_was_owed_then():
    """R3 came after the promise; unmatched cash of since then is taken off, earlier cash is not."""
    documents = [INVOICE, invoice("R2", 500_00), invoice("R3", 70_00, on="10-06")]
    own = [promise(document=None)]
    assert missing(own, documents) == [(None, "EUR", 1500_00, 11)]
    some = [promise(document=None, amount=800_00, currency="EUR")]
    cash = [payment("P1", 200_00, "10-19"), payment("P0", 90_00, "10-02")]
    assert missing(some, documents, payments=cash) == [(None, "EUR", 600_00, 11)]
    matched = [allocation("P1", "R2", 200_00, "10-20")]
    assert missing(some, documents, payments=cash, allocations=matched)[0][2] == 600_00


def test_an_account_in_two_currencies_stays_apart():
    documents = [INVOICE, invoice("R2", 500_00, currency="USD")]
    rows = missing([promise(document=None)], documents)
    assert sorted(row[1:3] for row in rows) == [("EUR", 1000_00), ("USD", 500_00)]
    only = missing([promise(document=None, amount=100_00, currency="USD")], documents)
    assert only == [(None, "USD", 100_00, 11)]


def test_an_amount_in_another_currency_is_not_compared():
    """1,000 EUR are open; 400 USD are promised: nobody knows how much of it is missing."""
    assert missing([promise(amount=400_00, currency="USD")]) == [("R1", "EUR", 1000_00, 11)]


def test_the_documents_own_columns_count_where_promises_is_silent():
    own = INVOICE | {"promised_on": day("10-20"), "promised_amount": 250_00}
    assert missing([], [own]) == [("R1", "EUR", 250_00, 11)]
    assert broken([promise(pay="11-15")], [own]).is_empty()
    assert missing([promise(pay="10-30")], [own]) == [("R1", "EUR", 1000_00, 1)]


def test_one_instalment_is_promised():
    parts = [
        INVOICE | {"instalment": 1, "amount": 400_00},
        INVOICE | {"instalment": 2, "amount": 600_00, "due_on": day("11-01")},
    ]
    assert missing([promise(instalment=1)], parts) == [("R1", "EUR", 400_00, 11)]
    assert missing([promise()], parts) == [("R1", "EUR", 1000_00, 11)]


def test_another_company_of_ours_is_not_meant():
    assert broken([promise(company="1000")], [INVOICE | {"company": "2000"}]).is_empty()
    assert broken([promise(company="1000")], [INVOICE | {"company": "1000"}]).height == 1


def test_keys_are_compared_folded_and_the_owner_is_named():
    found = broken([promise(document=" r1 ", owner="Wang")], [INVOICE])
    assert found.row(0, named=True)["owner"] == "Wang"
    assert broken([promise()], [INVOICE | {"salesperson": "Li"}])["owner"].to_list() == ["Li"]


def test_without_promises_there_is_an_empty_table():
    assert broken([]).schema == BROKEN
