"""Interest, fixed sums and fees on letters: only where the policy asks, and the golden figures of the law."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.refresh.letters import Choices, preview_job
from receivables.respond.dunning_csv import CsvJournal
from receivables.settings import Settings
from tests.dunning_books import books_of, customer
from tests.ledgers import invoice, payment

UNTIL = date(2026, 4, 1)
GBP = invoice("R1", 10_000_00, on="2026-01-01", due="2026-01-31", currency="GBP")


def letter_of(tmp_path, levels, documents=(GBP,), people=None, as_of=UNTIL, **more):
    (tmp_path / "own.csv").write_text(f"level,stage,days,{levels}\n")
    settings, path = Settings(dunning_levels="own.csv"), tmp_path / "ledger.xlsx"
    choices = more.pop("choices", Choices(bank_to=as_of))
    books = books_of(list(documents), people, settings=settings, path=path, until=as_of, **more)
    answer = preview_job(books, as_of, CsvJournal(tmp_path / "journal"), choices)
    [letter] = answer.letters
    return letter, answer.frame["note"][0] or ""


def test_nothing_unless_the_policy_asks(tmp_path):
    letter, note = letter_of(tmp_path, "channel\n1,final,1,email")
    assert (letter.interest, letter.fee, letter.fixed_sum, letter.charges, note) == (None, 0, 0, 0, "")  # fmt: skip


def test_uk_golden_193_15_and_100(tmp_path):
    letter, note = letter_of(tmp_path, "interest_scheme,fixed_sum\n1,final,1,UK,yes")
    assert (letter.interest.amount, letter.fixed_sum, note) == (193_15, 100_00, "")
    assert letter.payable == 10_293_15
    assert (letter.interest.from_on, letter.interest.to_on) == (date(2026, 2, 1), UNTIL)
    assert letter.interest.rate == "11.75 % a year"
    assert [(part.document_no, part.days, part.amount) for part in letter.interest.segments] == [("R1", 60, 193_15)]  # fmt: skip
    assert (letter.items[0].interest, letter.items[0].fixed_sum) == (193_15, 100_00)


def test_the_law_of_the_contract_before_the_country(tmp_path):
    who = customer(country="DE", governing_law="UK")
    letter, _ = letter_of(tmp_path, "interest_scheme\n1,final,1,law", people=[who])
    assert letter.interest.amount == 193_15
    letter, _ = letter_of(tmp_path, "interest_scheme\n1,final,1,law", people=[customer(country="UK")])  # fmt: skip
    assert letter.interest.amount == 193_15


def test_a_part_payment_bears_interest_up_to_its_day(tmp_path):
    """30 days on 10,000 and 30 days on 4,000 at 11.75 %: 96.575 + 38.63."""
    paid = [payment("P1", 6_000_00, "2026-03-02", "R1", currency="GBP")]
    letter, _ = letter_of(tmp_path, "interest_scheme\n1,final,1,UK", payments=paid)
    assert letter.overdue == 4_000_00
    assert letter.interest.amount == 135_21
    assert [part.days for part in letter.interest.segments] == [30, 30]


def test_disputed_amounts_bear_none(tmp_path):
    own = GBP | {"disputed_on": date(2026, 2, 10), "disputed_amount": 4_000_00}
    letter, _ = letter_of(tmp_path, "interest_scheme\n1,final,1,UK", [own])
    assert (letter.overdue, letter.interest.amount) == (6_000_00, 115_89)


def test_past_the_last_known_rate_there_is_none_and_the_preview_says_so(tmp_path):
    far = date(2031, 4, 1)
    doc = invoice("R1", 10_000_00, on="2031-01-01", due="2031-01-31", currency="GBP")
    letter, note = letter_of(tmp_path, "interest_scheme\n1,final,1,UK", [doc], as_of=far)
    assert letter.interest is None
    assert note.startswith("no interest: ")
    last, _ = letter_of(tmp_path, "interest_scheme\n1,final,1,UK", [doc], as_of=far, choices=Choices(bank_to=far, assume_last=True))  # fmt: skip
    assert last.interest.amount > 0


@pytest.mark.parametrize(
    ("people", "levels", "told"),
    [
        ({"legal_form": "consumer"}, "interest_scheme,consumers\n1,final,1,UK,yes", "not for consumers"),
        ({}, "interest_scheme\n1,final,1,Narnia", "no interest: "),
        ({"country": "DE"}, "interest_scheme,fixed_sum\n1,final,1,law,yes", "no fixed sum: "),
    ],
)  # fmt: skip
def test_where_the_law_gives_none_the_preview_says_so(tmp_path, people, levels, told):
    letter, note = letter_of(tmp_path, levels, people=[customer(**people)])
    assert told in note
    assert letter.fixed_sum == 0


@pytest.mark.parametrize(
    ("fee", "currency", "minor"), [("12.50", "", 12_50), ("1%", "", 100_00), ("12.50", "EUR", 0), ("12.50", "GBP", 12_50)]
)  # fmt: skip
def test_fees_are_fixed_or_a_percentage_and_in_their_currency(tmp_path, fee, currency, minor):
    letter, _ = letter_of(tmp_path, f"fee,currency\n1,final,1,{fee},{currency}")
    assert letter.fee == minor


def test_interest_is_no_part_of_what_is_demanded_of_the_debt(tmp_path):
    letter, _ = letter_of(tmp_path, "interest_scheme,fixed_sum,fee\n1,final,1,UK,yes,10")
    assert (letter.overdue, letter.charges) == (10_000_00, 193_15 + 100_00 + 10_00)
