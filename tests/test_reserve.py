"""The reserve in numbers: golden values, caps, credits, what is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import BadValueError, DomainError, ZeroDivideError
from receivables.monitor import reserve, reserve_chain

IE74 = [Decimal(n) for n in (15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000)]
SAMPLE = [0.003, 0.016, 0.036, 0.066, 0.106]
ROLLS = [0.20, 0.30, 0.40, 0.60, 0.85]
BALANCES = [Decimal(n) for n in (500_000, 120_000, 60_000, 30_000, 20_000)]

amounts = st.lists(st.integers(-(10**9), 10**9).map(Decimal), min_size=1, max_size=8)
shares = st.decimals(0, 1, places=6)


def test_provision_matrix_golden() -> None:
    assert reserve.reserve(IE74, SAMPLE) == 580_000
    parts = [line.reserve for line in reserve.lines(IE74, SAMPLE)]
    assert parts == [45_000, 120_000, 144_000, 165_000, 106_000]


def test_roll_rates_golden() -> None:
    losses = reserve_chain.loss_of_rolls(ROLLS)
    assert losses == [Decimal(t) for t in ("0.01224", "0.0612", "0.204", "0.51", "0.85")]
    assert reserve.reserve(BALANCES, losses) == 58_004
    assert reserve.reserve(BALANCES, losses, 1.1) == Decimal("63804.40")


def test_loss_by_flow_golden() -> None:
    found = reserve_chain.loss_by_flow(Decimal(3), [Decimal(n) for n in (100, 80, 45, 15)])
    assert [f"{100 * rate:.2f}" for rate in found] == ["3.00", "3.75", "6.67", "20.00"]
    with pytest.raises(ZeroDivideError, match="Nothing reached stage 2"):
        reserve_chain.loss_by_flow(Decimal(3), [Decimal(5), Decimal(0)])
    with pytest.raises(DomainError, match="exceeds the 2 that reached stage 1"):
        reserve_chain.loss_by_flow(Decimal(3), [Decimal(2)])


def test_a_roll_chain_is_a_markov_chain() -> None:
    """Debt that either rolls on or is paid has the same loss by both methods."""
    states = ["a", "b", "c", "d", "e", "Paid", "Loss"]
    matrix = []
    for place, roll in enumerate(ROLLS):
        row = [0.0] * 7
        row[place + 1 if place < 4 else 6] = roll
        row[5] = float(1 - Decimal(str(roll)))
        matrix.append(row)
    losses = reserve_chain.markov_loss(states, matrix)
    assert list(losses.values()) == reserve_chain.loss_of_rolls(ROLLS)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ([0.5, 0.4, 0.1], None),
        ([0.5, 0.4, 0.1 + 0.9e-9], None),
        ([0.5, 0.4, 0.1 - 0.9e-9], None),
        ([0.5, 0.4, 0.1 + 1.1e-9], "adds up to 1.000000001, not 1"),
        ([0.5, 0.4, 0.1 - 1.1e-9], "not 1"),
        ([0.5, 0.6, -0.1], "negative share"),
    ],
)
def test_markov_rows_add_up_to_one(row, fault) -> None:
    states = ["Late", "Paid", "Loss"]
    if fault is None:
        assert abs(float(reserve_chain.markov_loss(states, [row])["Late"]) - 0.2) < 1e-8
    else:
        with pytest.raises(DomainError, match=fault):
            reserve_chain.markov_loss(states, [row])


@pytest.mark.parametrize(
    ("rates", "error", "message"),
    [
        ([0.1, None], BadValueError, "Bucket 2 holds 5 but has no rate. There is no default"),
        ([0.1], BadValueError, "2 amounts but 1 rates"),
        ([0.1, 1.0001], DomainError, "lies between 0 and 1"),
        ([0.1, 30], DomainError, r"Did you mean 30 %\?"),
        ([0.1, -0.1], DomainError, "lies between 0 and 1"),
    ],
)
def test_rates_are_never_guessed(rates, error, message) -> None:
    with pytest.raises(error, match=message):
        reserve.reserve([Decimal(5), Decimal(5)], rates)


def test_scenario_weights() -> None:
    reserve.check_weights([Decimal("0.6"), Decimal("0.4")])
    with pytest.raises(DomainError, match=r"add up to 0.9, not 1"):
        reserve.check_weights([Decimal("0.5"), Decimal("0.4")])
    with pytest.raises(DomainError, match="negative"):
        reserve.check_weights([Decimal("1.5"), Decimal("-0.5")])
    weighed = reserve.effective_rate(
        Decimal("0.5"), [(Decimal("0.6"), Decimal(1)), (Decimal("0.4"), Decimal(3))]
    )
    assert weighed == Decimal("0.7"), "each scenario is capped at 100 % on its own"


@given(amounts, st.data())
def test_a_reserve_lies_between_nothing_and_the_debt(sums, data) -> None:
    rates = data.draw(st.lists(shares, min_size=len(sums), max_size=len(sums)))
    overlay = data.draw(st.decimals("0.01", 5, places=2))
    debt = sum(max(amount, Decimal(0)) for amount in sums)
    floored = reserve.reserve(sums, rates, overlay)
    netted = reserve.reserve(sums, rates, overlay, None, "oldest")
    assert 0 <= netted <= floored <= debt


@given(amounts)
def test_netting_keeps_the_total_or_floors_it(sums) -> None:
    rest = reserve.exposures(sums, "oldest")
    assert sum(rest) == max(sum(sums), 0)
    assert all(0 <= left <= max(amount, 0) for left, amount in zip(rest, sums, strict=True))
