"""Instalment plans: every cent in one place, dates by the calendar, and what a missed one means."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.days import month_end
from receivables.errors import BadValueError, DomainError
from receivables.resources import data_rows
from receivables.respond.plans import regular, reschedule, rule, schedule
from receivables.respond.plans_status import plan_status

AMOUNTS = st.decimals("0.01", "9999999", places=2)
STEPS = st.sampled_from(["weekly", "biweekly", "monthly", "quarterly", "yearly"])
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(AMOUNTS, DAYS, st.integers(1, 36), STEPS, st.decimals("0", "0.9", places=2))
def test_a_schedule_holds_every_cent(amount, first_on, count, every, down) -> None:
    dates = regular(first_on, count, every, skip=1)
    plan = schedule(amount, dates, down_on=first_on, down=down, currency="EUR")
    assert sum(one.amount for one in plan) == amount
    assert plan[-1].balance == 0
    assert all(one.amount == one.amount.quantize(Decimal("0.01")) for one in plan)
    assert all(first.due_on < second.due_on for first, second in pairwise(plan))
    parts = [one.principal for one in plan if one.number]
    assert max(parts) - min(parts) < Decimal("0.01") * count
    assert parts[-1] == max(parts)


@given(DAYS, st.integers(2, 24))
def test_months_follow_the_first_date(first_on, count) -> None:
    for day in regular(first_on, count):
        if first_on == month_end(first_on):
            assert day == month_end(day)
        else:
            assert day.day == min(first_on.day, month_end(day).day)


@given(AMOUNTS, st.decimals("0", "1", places=3), st.integers(1, 12))
def test_a_new_plan_brings_at_least_thirty_percent_first(amount, part, count) -> None:
    paid = (amount * part).quantize(Decimal("0.01"))
    if paid >= amount:
        with pytest.raises(DomainError, match="nothing is left"):
            reschedule(amount, paid, [date(2026, 11, 30)])
        return
    plan = reschedule(amount, paid, regular(date(2026, 11, 30), count), currency="EUR")
    assert sum(one.amount for one in plan) == amount - paid
    assert [one.number for one in plan] == list(range(1, count + 1))
    # the 30 % are rounded to the cent, and of equal parts the cent that is left stands last
    assert plan[0].amount >= rule("first_share") * (amount - paid) - Decimal("0.01")


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 10**6)), min_size=1, max_size=8),
    st.integers(0, 10**7), st.integers(-10, 400), st.integers(0, 10),
)  # fmt: skip
def test_a_status_agrees_with_a_count_day_by_day(rows, paid, offset, grace) -> None:
    start = date(2026, 1, 1)
    plan = [(start + timedelta(day), Decimal(amount)) for day, amount in rows]
    as_of = start + timedelta(offset)
    found = plan_status(plan, Decimal(paid), as_of, grace)
    total = sum(amount for _, amount in plan)
    late = 0
    day = min(day for day, _ in plan)
    while day < as_of:
        late += sum(amount for on, amount in plan if on <= day) > paid
        day += timedelta(1)
    expected = (
        "done" if paid >= total else "breached" if late > grace else "late" if late else "good"
    )
    assert found.state == expected
    assert found.days_late == late
    assert found.called == (max(total - paid, 0) if expected == "breached" else found.missing)
    assert found.standing == (expected in {"good", "late"})


@pytest.mark.parametrize(
    ("call", "fault", "message"),
    [
        (lambda: schedule(Decimal(5), [date(2026, 2, 1), date(2026, 2, 1)]), BadValueError, "each once"),
        (lambda: schedule(Decimal(5), [date(2026, 2, 1)], down_on=date(2026, 3, 1), down=Decimal("0.1")), BadValueError, "Sort the dates"),
        (lambda: schedule(Decimal(5), [date(2026, 2, 1)], rate=Decimal(5)), DomainError, "5% or 0.05"),
        (lambda: regular(date(2026, 2, 1), 1201), DomainError, "1 to 1200"),
        (lambda: regular(date(2026, 2, 1), 2, "daily"), BadValueError, "no step of a plan"),
        (lambda: schedule(Decimal(5), [date(2026, 2, 1)], shares=[Decimal(2)]), DomainError, "40% or 0.4"),
        (lambda: plan_status([], Decimal(0), date(2026, 2, 1)), DomainError, "needs instalments"),
    ],
)  # fmt: skip
def test_what_no_plan_can_be(call, fault, message) -> None:
    with pytest.raises(fault, match=message):
        call()


def test_a_first_payment_of_everything_is_one_payment() -> None:
    plan = reschedule(
        Decimal(10), Decimal(0), regular(date(2026, 11, 30), 3), first_share=Decimal(1)
    )
    assert [one.amount for one in plan] == [10]


def test_rules_have_a_source() -> None:
    for table in ("plan_rules.csv", "dispute_clock.csv"):
        assert all(row["source"] and row["as_of"] for row in data_rows(table))
