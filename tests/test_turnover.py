"""Measures of one period: what the case table does not show - messages, steps, sources, properties."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.cells import REGISTRY, load_functions
from receivables.days import edate, month_end
from receivables.errors import NotAvailableError
from receivables.monitor import borrowing_base, payment_habits, shares, turnover, turnover_months
from receivables.resources import data_rows

load_functions()
ENDS = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
SALES = [70, 80, 100]


def why(name: str, *cells) -> str:
    result = REGISTRY[name].call(*cells)
    assert hasattr(result, "why"), result
    return result.why


@pytest.mark.parametrize(
    ("name", "cells", "parts"),
    [
        ("DSO", (10, 0, 30), ("credit_sales is 0", "Take more months")),
        ("DSO", (-5, 10, 30), ("net credit balance", "allow_credit")),
        ("DSO", (None, 10, 30), ("receivables is missing",)),
        ("DSO_COUNTBACK", (260, ENDS, SALES), ("More months", "10 is left after 2026-01")),
        ("DSO_COUNTBACK", (150, [ENDS[0], ENDS[2]], [70, 100]), ("2026-02 is missing", "50 is left")),
        ("DSO_COUNTBACK", (150, ENDS, [70, None, 100]), ("2026-02 are blank", "0 if there were none")),
        ("DSO_COUNTBACK", (5, [None, *ENDS[1:]], SALES), ("Row 1", "not guessed")),
        ("DSO_COUNTBACK", (5, [ENDS[1], *ENDS[1:]], SALES), ("2026-02 stands in the range twice",)),
        ("DSO_ROLLING", (5, ENDS, SALES, 6), ("6 months", "3 are there", "2025-10, 2025-11, 2025-12")),
        ("DSO_DELINQUENT", (5, 6, 10, 30), ("credits exceed", "nothing is delinquent")),
        ("COLLECTION_INDEX", (1, 2, 3, 1, None, "monthly"), ("months is missing", "Give 3")),
        ("LATE_RATE", ([date(2026, 9, 30)], [None], date(2026, 9, 1)), ("Nothing was due",)),
        ("LATE_RATE", ([None], [date(2026, 9, 30)], date(2026, 9, 1)), ("Row 1 has no due date",)),
        ("PAYMENT_INDEX", ([1, 1], [0, 0]), ("2 payments, 3 are needed",)),
        ("BORROWING_BASE", (["A"], [1], [1], 80), ("advance_rate is 80", "30 means 30 %")) ,
        ("BORROWING_BASE", (["A"], [1], [1], 0.8, 90, None, 25), ("concentration_cap is 25",)),
        ("FX_EXPOSURE", (["GBP"], [1], "EUR", date(2026, 10, 31)), ("GBP to EUR", "Add a row")),
        ("CONCENTRATION_TOP", ([5], 0), ("Top 0", "1 or more")),
        ("CASH_RATIO", (-1, 5), ("overdraft",)),
    ],
)  # fmt: skip
def test_a_fault_says_what_is_wrong_and_what_to_do(name, cells, parts) -> None:
    text = why(name, *cells)
    for part in parts:
        assert part in text, text


def test_printed_figures_that_are_wrong_do_not_come_out() -> None:
    """Copies on the web: CEI as receivables ÷ sales, N as days, a score table shifted by a day."""
    index = turnover.collection_index(500, 300, 400, 250)
    assert f"{index:.3f}" == "72.727"
    assert index != 400 / 300 * 100
    assert turnover.collection_index(
        500, 900, 511, 283, 3, "monthly"
    ) != turnover.collection_index(500, 900, 511, 283, 90, "monthly")
    assert payment_habits.score(14) != 70
    assert payment_habits.score(21) != 60
    assert turnover.turnover(365, 94, 94) != 94


def test_the_collection_index_says_which_convention_and_when_it_exceeds_100() -> None:
    steps = turnover.collection_steps(500, 300, 200, 250)
    assert "whole period" in steps[1]
    assert "above 100" in steps[-1][1]
    assert "÷ 3 months" in turnover.collection_steps(500, 900, 511, 283, 3, "monthly")[1][2]


amounts = st.integers(-50, 300).map(lambda n: Decimal(n) / 4)


@given(st.lists(amounts, min_size=1, max_size=14), st.integers(0, 4000))
def test_countback_never_extrapolates_and_grows_with_the_balance(sales, quarter) -> None:
    ends = [month_end(edate(date(2026, 10, 1), -back)) for back in range(len(sales))]
    months = turnover_months.history(ends, sales)
    balance = Decimal(quarter) / 4
    whole = sum((amount for amount in sales if amount > 0), Decimal(0))
    if balance > whole:
        with pytest.raises(NotAvailableError):
            turnover_months.countback(balance, months)
        return
    days = turnover_months.countback(balance, months)
    assert 0 <= days <= sum(end.day for end in ends)
    if balance + Decimal("0.25") <= whole:
        assert turnover_months.countback(balance + Decimal("0.25"), months) > days
    steps = turnover_months.countback_steps(balance, months)
    assert sum(row[-1] for row in steps[1:-1]) == pytest.approx(days)


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 5)), min_size=1, max_size=12))
def test_order_of_the_months_never_matters(rows) -> None:
    unique = {month_end(edate(date(2026, 10, 1), -back)): Decimal(size) for size, back in rows}
    forth, back = list(unique.items()), list(reversed(unique.items()))
    first, second = (
        turnover_months.history([end for end, _ in way], [size for _, size in way])
        for way in (forth, back)
    )
    assert first == second


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.integers(-400, 900), st.none() | st.integers(-30, 200)
        ),
        min_size=1,
        max_size=12,
    ),
    st.none() | st.floats(0, 1),
    st.none() | st.floats(0, 1),
)
def test_the_borrowing_base_adds_up_and_never_exceeds_what_is_eligible(rows, cross, cap) -> None:
    names, sums, days = zip(*rows, strict=True)
    terms = borrowing_base.Terms(0.8, 90, cross, cap)
    base = borrowing_base.borrowing_base(names, [Decimal(n) for n in sums], days, terms)
    lines = borrowing_base.steps(base)
    assert sum(row[3] for row in lines[1:7]) == pytest.approx(lines[7][3], abs=1e-6)
    assert 0 <= base.eligible <= sum((Decimal(max(n, 0)) for n in sums), Decimal(0))
    assert base.amount == pytest.approx(float(base.eligible) * 0.8)


@given(st.lists(st.integers(-100, 1000), min_size=1, max_size=9), st.integers(1, 10))
def test_shares_lie_between_equal_and_single(sums, n) -> None:
    owed = [Decimal(size) for size in sums]
    count = sum(size > 0 for size in sums)
    if not count:
        assert REGISTRY["CONCENTRATION_HHI"].call(sums).code == "#DIV/0!"
        return
    index = shares.herfindahl(owed)
    assert 1 / count - 1e-9 <= index <= 1 + 1e-9
    assert 0 < shares.top_share(owed, n) <= 1
    assert shares.top_share(owed, count) == 1


@pytest.mark.parametrize("name", ["turnover.csv", "payment_index.csv", "borrowing_base.csv"])
def test_every_default_has_a_source_and_a_date(name) -> None:
    for row in data_rows(name):
        assert row["source"], row
        assert date.fromisoformat(row["as_of"])


def test_explained_functions_agree_with_their_twins() -> None:
    table = REGISTRY["DSO_COUNTBACK_EXPLAIN"].call(212, ENDS, SALES)
    assert table[-1][-1] == REGISTRY["DSO_COUNTBACK"].call(212, ENDS, SALES)
    cells = (500, 300, 400, 250)
    assert REGISTRY["COLLECTION_INDEX_EXPLAIN"].call(*cells)[-1][-1] == REGISTRY[
        "COLLECTION_INDEX"
    ].call(*cells)
    rows = (["A", "B"], [100, 60], [10, 95], 0.8)
    assert REGISTRY["BORROWING_BASE_EXPLAIN"].call(*rows)[-1][-1] == REGISTRY[
        "BORROWING_BASE"
    ].call(*rows)
