"""The allowance from month to month, and the journal: what chains, what ties, what stops it."""

from datetime import date
from itertools import pairwise

import pytest

from receivables.days import month_ends
from receivables.demo import build_firm, write_folder
from receivables.monitor.reserve_policy import policy_of
from receivables.refresh import load, reserve_job
from receivables.settings import Settings
from tests.ledgers import allocation, day, invoice, payment
from tests.oracle import reserve_oracle
from tests.reserve_books import allowance, books, recovery, sample, write_off

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reserve_job")
    write_folder(build_firm(), folder)
    return load(folder, as_of=AS_OF)


def codes(answer):
    return {issue.code for issue in answer.issues}


@pytest.mark.parametrize("method", ["matrix", "cohort"])
def test_three_month_ends_of_the_demo_firm_chain_and_tie(demo, method) -> None:
    """The closing of one month is the opening of the next, in every company."""
    ends = month_ends(AS_OF, 4)
    answers = [reserve_job(demo, end, sample(), method=method) for end in ends[1:]]
    for early, late in pairwise(answers):
        closing = {item.company: item.closing for item in early.movements}
        assert closing
        assert closing == {item.company: item.opening for item in late.movements}
    for answer in answers:
        assert answer.reserve.base.ties
        assert all(item.ties for item in answer.movements)


def test_the_roll_forward_agrees_with_the_oracle() -> None:
    """September: 1,000.00 and 2,000.00 open; October: 1,000.00 written off, 100.00 recovered."""
    found = books(
        documents=[
            invoice("A", 1000_00, "07-01", "07-30"),
            invoice("B", 2000_00, "07-01", "07-30"),
            write_off("W", 1000_00, "10-10", "A"),
            recovery("R", 100_00, "10-20", "W"),
        ],
        payments=[payment("P", 100_00, "10-20", "A")],
    )
    for framework, inside in (("IFRS", 0), ("CECL", 100_00), ("CAS22", 100_00)):
        answer = reserve_job(found, AS_OF, sample(framework=framework))
        (item,) = answer.movements
        assert item.opening == 198_00, "3,000 × 6.6 % at 61-90 d"
        assert item.written_off == 1000_00
        assert (item.recovered, item.recovered_in_income) == (inside, 100_00 - inside)
        charge = reserve_oracle.movement(item.opening, item.closing, 1000_00, inside, item.opening)
        assert item.charge - item.reversal == charge
        assert item.ties


def test_exchange_differences_stand_alone() -> None:
    """Reserve of USD 66.00 at 0.90, then 0.80: 6.60 of difference, no charge."""
    rates = [
        {"date": day("09-30"), "from": "USD", "to": "EUR", "rate": "0.90"},
        {"date": day("10-31"), "from": "USD", "to": "EUR", "rate": "0.80"},
    ]
    rows = [{"bucket": name, "rate": "6.6%", "source": "s"} for name in ("61-90 d", "91+ d")]
    found = books(documents=[invoice("A", 1000_00, "07-01", "07-30", currency="USD")], rates=rates)
    (item,) = reserve_job(found, AS_OF, policy_of({"matrix": rows})).movements
    assert (item.opening, item.fx, item.charge, item.reversal, item.closing) == (
        5940, -660, 0, 0, 5280,
    )  # fmt: skip


def test_the_journal_brings_the_books_to_the_reserve() -> None:
    found = books(
        documents=[invoice("A", 100_000_00, "08-01", "09-15")], controls=[allowance(-3000_00)]
    )
    accounts = {"impairment_loss": "6702"}
    answer = reserve_job(found, AS_OF, sample(accounts=accounts))
    lines = [(line.side, line.account, line.amount) for line in answer.journal]
    assert lines == [("Dr", "6702", 600_00), ("Cr", "1246", 600_00)]
    over = books(
        documents=[invoice("A", 100_000_00, "08-01", "09-15")], controls=[allowance(-4000_00)]
    )
    lines = [
        (line.side, line.account, line.amount)
        for line in reserve_job(over, AS_OF, sample(accounts=accounts)).journal
    ]
    assert lines == [("Dr", "1246", 400_00), ("Cr", "6702", 400_00)]


def test_accounts_are_never_invented() -> None:
    found = books(documents=[invoice("A", 100_000_00)], controls=[allowance(0)])
    answer = reserve_job(found, AS_OF, sample())
    assert {line.account for line in answer.journal} == {"", "1246"}
    assert "reserve_no_account" in codes(answer)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "reserve_no_allowance"),
        ([allowance(-100_00, "09-30")], "reserve_no_allowance"),
        ([allowance(-100_00, currency="USD")], "reserve_allowance_currency"),
        ([allowance(100_00)], "reserve_allowance_debit"),
    ],
)
def test_an_unknown_allowance_gets_no_journal(rows, code) -> None:
    found = books(documents=[invoice("A", 100_000_00)], controls=rows)
    answer = reserve_job(found, AS_OF, sample())
    assert code in codes(answer)
    assert not answer.journal
    assert not answer.allowances


def test_an_allowance_in_another_currency_with_its_local_amount() -> None:
    row = allowance(-110_00, currency="USD", balance_lc=-100_00)
    answer = reserve_job(
        books(documents=[invoice("A", 100_000_00)], controls=[row]), AS_OF, sample()
    )
    assert answer.allowances[0].balance == 100_00


def test_no_opening_no_roll_forward() -> None:
    found = books(documents=[invoice("A", 100_00, "10-05", "10-20")])
    answer = reserve_job(found, AS_OF, sample())
    assert answer.movements == []
    assert "reserve_no_opening" in codes(answer)


def test_settings_name_the_local_currency() -> None:
    found = books(
        Settings(), documents=[invoice("A", 10_00), invoice("B", 10_00, currency="USD")],
        allocations=[allocation("X", "Y", 1, "10-01")],
    )  # fmt: skip
    answer = reserve_job(found, AS_OF, sample())
    assert "reserve_not_local" in codes(answer)
    assert "Set local_currency" in next(
        i.message for i in answer.issues if i.code == "reserve_not_local"
    )


def test_a_reversed_write_off_is_none() -> None:
    undo = {**invoice("S", 1000_00, "10-20", "10-20"), "kind": "reversal", "reverses": "W"}
    rows = [invoice("A", 1000_00, "07-01", "07-30"), write_off("W", 1000_00, "10-10", "A")]
    (item,) = reserve_job(books(documents=[*rows, undo]), AS_OF, sample()).movements
    assert item.written_off == 0
    assert item.closing == 106_00


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([allowance(-36_00, "09-30")], None),
        ([allowance(-40_00, "09-30")], "reserve_opening_booked"),
        ([], "reserve_opening_unknown"),
    ],
)
def test_the_opening_is_held_against_the_books(rows, code) -> None:
    """1,000.00 at 31-60 d on 30 September: 36.00 were required."""
    found = books(
        documents=[invoice("A", 1000_00, "08-01", "08-10")], controls=[*rows, allowance(0)]
    )
    answer = reserve_job(found, AS_OF, sample())
    assert answer.movements[0].opening == 36_00
    opening = {name for name in codes(answer) if name.startswith("reserve_opening")}
    assert opening == ({code} if code else set())
