"""Whom to call today: each reason at its edge, what holds a call back, and the order."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.rates import Rates
from receivables.resources import data_rows
from receivables.respond.worklist import worklist
from receivables.respond.worklist_reasons import reasons
from tests.ledgers import day, invoice, ledger, payment, table

AS_OF = date(2026, 10, 31)


def calls(documents=(), as_of=AS_OF, options=None, **tables):
    names = ("promises", "disputes", "contacts", "events", "rates")
    books = ledger(documents=documents, **dict.fromkeys(names, ()) | tables)
    posted = link(books)
    opened = open_items(posted, as_of)
    rates = Rates.from_table(books["rates"])
    return worklist(posted, books, opened, rates=rates, **(options or {}))


def why(*args, **more) -> list[tuple]:
    return calls(*args, **more).frame.select("customer_id", "reasons").rows()


def late(number: str, amount: int, days: int, **more):
    """An invoice that is so many days past due."""
    due = AS_OF - timedelta(days)
    return invoice(number, amount, due=due.isoformat()[5:], issued="06-01", **more)


OLD = payment("P0", 500_00, "09-25", "R0")
"""Settled late, so that the customer is no first-time debtor."""
R0 = invoice("R0", 500_00, due="09-01", issued="06-01")


def test_every_reason_names_its_source():
    assert all(row["source"] and row["as_of"] for row in data_rows("worklist_reasons.csv"))
    ranks = [one.rank for one in reasons().values()]
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(("days", "found"), [(0, []), (1, [("C1", "overdue")])])
def test_the_day_after_the_due_day_is_overdue(days, found):
    assert why([R0, late("R1", 700_00, days)], payments=[OLD]) == found


@pytest.mark.parametrize(("amount", "found"), [(99_99, []), (100_00, [("C1", "overdue")])])
def test_less_than_the_least_amount_is_no_call(amount, found):
    assert why([R0, late("R1", amount, 5)], payments=[OLD]) == found


def test_what_is_disputed_or_covered_by_credit_is_not_asked_for():
    documents = [R0, late("R1", 700_00, 9), late("R2", 300_00, 5)]
    disputed = {
        "dispute_no": "D1",
        "customer_id": "C1",
        "document_no": "R1",
        "opened_on": day("10-25"),
    }
    found = calls(documents, payments=[OLD], disputes=[disputed]).frame
    assert found.select("overdue", "oldest_days", "disputed").rows() == [(300_00, 5, 700_00)]
    credit = payment("P1", 800_00, "10-30", customer_id="C1")
    found = calls(documents, payments=[OLD, credit]).frame
    assert found.select("overdue", "oldest_days", "unapplied").rows() == [(200_00, 5, 800_00)]


def promise(pay: date, **more):
    own = {"customer_id": "C1", "document_no": "R1", "made_on": day("10-05"), "pay_on": pay}
    return own | more


@pytest.mark.parametrize(
    ("ahead", "found"),
    [
        (-1, "broken+overdue"),
        (0, "due_promise"),
        (3, "due_promise"),
        (4, None),
    ],
)
def test_a_promise_for_a_later_day_holds_the_call_back(ahead, found):
    pledged = [promise(AS_OF + timedelta(ahead))]
    rows = why([R0, late("R1", 700_00, 30)], payments=[OLD], promises=pledged)
    assert rows == ([("C1", found)] if found else [])


def test_a_promise_of_a_part_leaves_the_rest_to_ask_for():
    part = promise(AS_OF + timedelta(9), amount=300_00, currency="EUR")
    found = calls([R0, late("R1", 700_00, 30)], payments=[OLD], promises=[part]).frame
    assert found.select("overdue", "promised").rows() == [(400_00, 300_00)]
    account = promise(AS_OF + timedelta(9), amount=900_00, currency="EUR", document_no=None)
    documents = [R0, late("R1", 700_00, 30), late("R2", 400_00, 10)]
    found = calls(documents, payments=[OLD], promises=[account]).frame
    assert found.select("overdue", "oldest_days").rows() == [(200_00, 10)]


@pytest.mark.parametrize(
    ("first_on", "paid", "reason", "overdue"),
    [
        ("11-05", 0, None, 0),  # nothing due yet: the plan protects
        ("10-05", 200_00, None, 0),  # paid as agreed
        ("10-05", 0, "plan+overdue", 600_00),  # breached: all that is left is called
    ],
)
def test_a_plan_in_good_standing_holds_the_call_back(first_on, paid, reason, overdue):
    plan = {
        "plan_no": "T1", "customer_id": "C1", "amount": 600_00, "currency": "EUR",
        "agreed_on": day("09-28"),
    }  # fmt: skip
    lines = [
        {
            "plan_no": "T1", "instalment": number + 1, "due_on": due, "amount": 200_00,
            "paid_amount": 0 if number else paid, "paid_on": None if number else day("10-05"),
        }
        for number, due in enumerate((day(first_on), day("11-30"), day("12-31")))
    ]  # fmt: skip
    late_by = [R0, late("R1", 600_00 - paid, 40)]
    found = calls(late_by, payments=[OLD], plans=[plan], plan_instalments=lines).frame
    rows = found.select("reasons", "overdue").rows()
    assert rows == ([(reason, overdue)] if reason else [])


@pytest.mark.parametrize(
    ("days", "found"), [(21, "overdue"), (22, "dispute+overdue")]
)  # fmt: skip
def test_a_dispute_is_called_about_when_it_is_older_than_three_weeks(days, found):
    opened = AS_OF - timedelta(days)
    dispute = {"dispute_no": "D1", "customer_id": "C1", "document_no": "R2", "opened_on": opened}
    documents = [R0, late("R1", 700_00, 30), late("R2", 50_00, 3)]
    assert why(documents, payments=[OLD], disputes=[dispute]) == [("C1", found)]


@pytest.mark.parametrize(("days", "found"), [(45, "overdue"), (46, "dispute+overdue")])
def test_a_dispute_that_was_decided_in_time_is_called_about_when_it_is_not_resolved(days, found):
    opened = AS_OF - timedelta(days)
    dispute = {
        "dispute_no": "D1", "customer_id": "C1", "document_no": "R2", "opened_on": opened,
        "acknowledged_on": opened, "decided_on": opened + timedelta(10),
    }  # fmt: skip
    documents = [R0, late("R1", 700_00, 30), late("R2", 50_00, 3)]
    assert why(documents, payments=[OLD], disputes=[dispute]) == [("C1", found)]


def test_a_missing_acknowledgement_is_written_not_called_about():
    dispute = {
        "dispute_no": "D1", "customer_id": "C1", "document_no": "R2",
        "opened_on": AS_OF - timedelta(10),
    }  # fmt: skip
    other = dispute | {"dispute_no": "D2", "customer_id": "C9", "acknowledged_on": AS_OF}
    documents = [R0, late("R1", 700_00, 30), late("R2", 50_00, 3)]
    assert why(documents, payments=[OLD], disputes=[dispute, other]) == [("C1", "overdue")]


def test_a_closed_dispute_is_none():
    dispute = {
        "dispute_no": "D1", "customer_id": "C1", "document_no": "R1",
        "opened_on": day("08-01"), "closed_on": AS_OF,
    }  # fmt: skip
    rows = why([R0, late("R1", 700_00, 30)], payments=[OLD], disputes=[dispute])
    assert rows == [("C1", "overdue")]


@pytest.mark.parametrize(
    ("next_on", "found"),
    [("10-31", "follow_up+overdue"), ("11-01", "overdue"), (None, "overdue")],
)
def test_a_call_agreed_for_today_is_due(next_on, found):
    contact = {
        "customer_id": "C1", "on": day("10-20"), "kind": "call", "person": "Ms Wu", "owner": "Lena",
        "note": "Will look", "next_action": "Ask again", "next_on": next_on and day(next_on),
    }  # fmt: skip
    found_rows = calls([R0, late("R1", 700_00, 30)], payments=[OLD], contacts=[contact]).frame
    assert found_rows["reasons"].to_list() == [found]
    known = found_rows.select("last_on", "last_how", "last_note", "agreed", "who").row(0)
    assert known == (day("10-20"), "call, Ms Wu", "Will look", "Ask again", "Lena")


def test_only_the_last_contact_counts_and_none_of_later_days():
    agreed = {"customer_id": "C1", "on": day("10-10"), "next_on": day("10-12")}
    since = {"customer_id": "C1", "on": day("10-13"), "next_on": day("11-20")}
    later = {"customer_id": "C1", "on": day("11-03"), "next_on": day("10-01")}
    rows = why([R0, late("R1", 700_00, 30)], payments=[OLD], contacts=[agreed, since, later])
    assert rows == [("C1", "overdue")]


@pytest.mark.parametrize(
    ("matched", "found"),
    [("08-31", "first_overdue+overdue"), ("09-01", "first_overdue+overdue"), ("09-02", "overdue")],
)
def test_a_first_overdue_of_a_large_customer_is_a_question(matched, found):
    paid = payment("P0", 500_00, matched, "R0")
    documents = [R0, late("R1", 700_00, 30)]
    assert why(documents, payments=[paid]) == [("C1", found)]
    small = why(documents, payments=[paid], options={"top": 0})
    assert small == [("C1", "overdue")]


@pytest.mark.parametrize(("on", "found"), [("10-28", [("C1", "remittance")]), ("10-29", [])])
def test_money_that_names_no_document_is_asked_about_after_three_days(on, found):
    assert why([R0], payments=[OLD, payment("P1", 400_00, on)]) == found
    assert why([R0], payments=[OLD, payment("P1", 400_00, on, "R7")]) == found
    assert why([R0], payments=[OLD, payment("P1", 400_00, on, "R0")]) == []


def test_a_customer_over_the_limit_and_one_with_the_insurers_clock():
    documents = [R0, late("R1", 700_00, 30), late("R2", 900_00, 30, customer_id="C2")]
    limits = [{"customer_key": "c1", "currency": "EUR", "state": "hold", "headroom": -50_00}]
    insured = [
        {
            "customer_key": "c2", "currency": "EUR", "this_week": True, "action": "report",
            "act_by": day("11-03"), "at_stake": 810_00,
        }
    ]  # fmt: skip
    options = {"limits": pl.DataFrame(limits), "insured": pl.DataFrame(insured), "top": 0}
    found = calls(documents, payments=[OLD], options=options).frame
    assert found.select("customer_id", "reasons", "rank").rows() == [
        ("C2", "insurer+overdue", 10),
        ("C1", "limit+overdue", 40),
    ]
    assert found["why"].to_list() == [
        "Insurer: 1 to be reported by 2026-11-03, 810.00 EUR at stake; 900.00 EUR overdue (oldest 30 d)",
        "Over the limit by 50.00 EUR; 700.00 EUR overdue (oldest 30 d)",
    ]


def test_within_a_rank_the_larger_amount_times_days_comes_first_in_one_currency():
    documents = [
        late("R1", 1000_00, 5, customer_id="C1"),
        late("R2", 400_00, 20, customer_id="C2"),
        late("R3", 9000_00, 2, customer_id="C3", currency="CNY"),
        late("R4", 5_000_00, 90, customer_id="C4", currency="USD"),
    ]
    rates = [{"date": day("10-30"), "from": "EUR", "to": "CNY", "rate": "8"}]
    options = {"top": 0, "compared_in": "EUR"}
    found = calls(documents, rates=rates, options=options).frame
    # EUR 8,000 days; EUR 5,000; CNY 18,000 = EUR 2,250; USD has no rate and comes last.
    assert found["customer_id"].to_list() == ["C2", "C1", "C3", "C4"]
    assert found["place"].to_list() == [1, 2, 3, 4]


def test_who_is_insolvent_or_on_hold_is_not_called_and_is_named():
    documents = [late("R1", 700_00, 30), late("R2", 900_00, 30, customer_id="C2")]
    books = ledger(documents=documents, **dict.fromkeys(("promises", "disputes", "contacts"), ()))
    customers = [{"customer_id": "C2", "name": "Two", "dunning_hold_until": AS_OF}]
    books.tables["customers"] = table("customers", customers)
    event = {"customer_id": "C1", "on": day("10-01"), "kind": "Insolvency opened"}
    books.tables["events"] = table("events", [event])
    posted = link(books)
    found = worklist(posted, books, open_items(posted, AS_OF))
    assert found.frame.is_empty()
    assert found.held.select("customer_id", "overdue", "hold", "hold_on").rows() == [
        ("C1", 700_00, "insolvent", day("10-01")),
        ("C2", 900_00, "on_hold", AS_OF),
    ]


def test_a_customer_with_two_currencies_stands_twice_and_his_dispute_once():
    documents = [late("R1", 700_00, 30), late("R2", 900_00, 10, currency="USD")]
    dispute = {
        "dispute_no": "D1",
        "customer_id": "C1",
        "document_no": "R9",
        "opened_on": day("08-01"),
    }
    found = calls(documents, disputes=[dispute], options={"top": 0}).frame
    rows = found.select("currency", "reasons").sort("currency").rows()
    assert rows == [("EUR", "overdue"), ("USD", "dispute+overdue")]


def test_sentences_in_chinese():
    found = calls([R0, late("R1", 700_00, 30)], payments=[OLD], options={"language": "zh"}).frame
    assert found["why"].to_list() == ["逾期 700.00 EUR(最长 30 天)"]
