"""The next level at each boundary: the day before, the day, the day after."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables.errors import BadValueError, NotAvailableError
from receivables.resources import data_rows
from receivables.respond.dunning_level import (
    Account,
    Standing,
    Step,
    courtesy,
    eligible,
    next_level,
    reasons,
    state_level,
)
from receivables.respond.dunning_policy import (
    STAGES,
    Level,
    Policy,
    find_policy,
    policies,
    with_levels,
)
from receivables.respond.letters.letter import STAGES as LETTER_STAGES

DUE = date(2026, 8, 31)
STANDARD = policies()["standard"]


def sent(level, days, *, since=20):
    """Standing `days` past due when a letter of the level went out `since` days before."""
    on = DUE + timedelta(days - since)
    return Standing(level, 1, on, on)


@pytest.mark.parametrize(("level", "days"), [(1, 1), (2, 7), (3, 30), (4, 45), (5, 60)])
def test_a_level_is_reached_on_its_day(level, days):
    before = sent(level - 1, days) if level > 1 else Standing()
    for offset, found in ((-1, 0), (0, level), (1, level), (200, level)):
        day = DUE + timedelta(days + offset)
        assert next_level(STANDARD, DUE, day, before).level == found, offset


@pytest.mark.parametrize(("since", "level"), [(6, 0), (7, 3), (8, 3)])
def test_the_gap_since_the_last_letter(since, level):
    step = next_level(STANDARD, DUE, DUE + timedelta(40), sent(2, 40, since=since))
    assert step == Step(level, "" if level else "too_soon")


def test_the_gap_counts_from_the_last_letter_to_the_customer_whatever_it_was_about():
    own = Standing(2, 1, DUE + timedelta(7), DUE + timedelta(36))
    assert next_level(STANDARD, DUE, DUE + timedelta(40), own) == Step(0, "too_soon")
    assert next_level(STANDARD, DUE, DUE + timedelta(43), own) == Step(3)


@pytest.mark.parametrize(("hold", "level"), [(39, 3), (40, 0), (41, 0)])
def test_a_hold_counts_up_to_and_including_its_day(hold, level):
    found = next_level(STANDARD, DUE, DUE + timedelta(40), sent(2, 40), hold_until=DUE + timedelta(hold))  # fmt: skip
    assert found.level == level


def test_nothing_on_the_due_date_and_before():
    for days in (-5, 0):
        assert next_level(STANDARD, DUE, DUE + timedelta(days)) == Step(0, "not_due")


@pytest.mark.parametrize(("days", "due"), [(-4, False), (-3, True), (0, True), (1, False)])
def test_the_courtesy_note_comes_three_days_before(days, due):
    assert (courtesy(STANDARD, DUE, DUE + timedelta(days)) is not None) == due


@pytest.mark.parametrize(("days", "why"), [(14, "not_reached"), (15, "call"), (29, "call")])
def test_between_first_and_formal_comes_a_call(days, why):
    assert next_level(STANDARD, DUE, DUE + timedelta(days), sent(2, days)) == Step(0, why)
    assert next_level(STANDARD, DUE, DUE + timedelta(44), sent(3, 44)) == Step(0, "not_reached")


def test_a_table_may_set_the_options_of_its_policy():
    own = with_levels([["policy", "level", "days", "younger", "call_days"], ["uk", 1, 3, None, 9], ["uk", 2, 9, "apart", 5]])["uk"]  # fmt: skip
    assert (own.younger, own.call_days, own.drafts) == ("apart", 9, "stay")


def test_one_step_a_run_however_old_the_debt():
    assert next_level(STANDARD, DUE, DUE + timedelta(700)) == Step(1)
    assert next_level(STANDARD, DUE, DUE + timedelta(700), sent(1, 700)) == Step(2)


def test_levels_by_the_oldest_debt_may_be_skipped():
    jump = Policy("jump", STANDARD.levels, level_by="oldest")
    assert next_level(jump, DUE, DUE + timedelta(44)) == Step(3)
    assert next_level(jump, DUE, DUE + timedelta(45), sent(3, 45)) == Step(4)
    assert next_level(jump, DUE, DUE + timedelta(44), sent(3, 44)) == Step(0, "not_reached")
    assert next_level(jump, DUE, DUE + timedelta(99), sent(5, 99)) == Step(0, "last_level")


@pytest.mark.parametrize(
    ("days", "amount", "currency", "count", "level"),
    [
        (44, "9999", "EUR", 9, 3), (45, "500", "EUR", 2, 4), (45, "499.99", "EUR", 2, 3),
        (45, "500", "EUR", 1, 3), (45, "500", "USD", 2, 3), (0, "500", "EUR", 1, 0),
    ],
)  # fmt: skip
def test_levels_by_the_state_of_the_customer(days, amount, currency, count, level):
    account = Account(days, Decimal(amount), currency, count)
    assert state_level(STANDARD, account) == level
    state = Policy("state", STANDARD.levels, level_by="state", states=STANDARD.states)
    assert next_level(state, DUE, DUE + timedelta(2), account=account).level == level


def test_days_from_the_month_end_and_from_the_last_letter():
    levels = (Level(1, "reminder", 5, "month_end"), Level(2, "final", 14, "last_letter"))
    own = Policy("own", levels)
    due = date(2026, 9, 10)
    assert next_level(own, due, date(2026, 10, 4)) == Step(0, "not_reached")
    assert next_level(own, due, date(2026, 10, 5)) == Step(1)
    first = Standing(1, 1, date(2026, 10, 8), date(2026, 10, 8))
    assert next_level(own, due, date(2026, 10, 21), first).level == 0
    assert next_level(own, due, date(2026, 10, 22), first).level == 2


def test_a_last_level_may_be_sent_as_often_as_the_policy_says():
    own = Policy("own", (Level(1, "reminder", 1, repeats=2),))
    day = DUE + timedelta(50)
    assert next_level(own, DUE, day, Standing(1, 1, DUE, DUE)) == Step(1)
    assert next_level(own, DUE, day, Standing(1, 2, DUE, DUE)) == Step(0, "last_level")


def test_every_shipped_policy_moves_forward():
    for policy in policies().values():
        numbers = [level.level for level in policy.levels]
        assert numbers == sorted(set(numbers))
        assert [STAGES.index(level.stage) for level in policy.levels] == sorted(STAGES.index(level.stage) for level in policy.levels)  # fmt: skip
        for level in policy.levels:
            assert level.level == 0 or level.pay_days
            assert (level.pay_days_person or 0) >= (level.pay_days or 0)


def test_stages_are_those_that_letters_are_worded_for():
    assert STAGES == LETTER_STAGES


def test_interest_and_fees_are_off_unless_a_table_asks_for_them():
    for policy in policies().values():
        assert not any(one.interest_scheme or one.fee or one.fixed_sum for one in policy.levels)


@pytest.mark.parametrize("file", ["policies", "levels", "minimum", "states", "reasons"])
def test_every_row_has_its_source_and_day(file):
    for row in data_rows(f"dunning_{file}.csv"):
        assert row["source"].strip()
        assert date.fromisoformat(row["as_of"])


def test_what_was_not_confirmed_says_so():
    for file in ("policies", "levels"):
        for row in data_rows(f"dunning_{file}.csv"):
            assert (row["confirmed"] == "no") == ("unconfirmed" in row["source"]), row


def test_own_levels_take_the_place_of_ours():
    own = with_levels([["policy", "level", "stage", "days"], ["uk", 1, "final", 3]])
    assert [level.days for level in own["uk"].levels] == [3]
    assert own["standard"] == policies()["standard"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (["uk", 1, "last", 3, "due"], "stage: 'last' is none of"),
        (["uk", 1, "final", 3, "full moon"], "basis: 'full moon' is none of"),
        (["uk", 1.5, "final", 3, "due"], "level: 1.5 is no whole number"),
        (["uk", 1, "final", None, "due"], None),
    ],
)
def test_a_row_that_cannot_be_used_is_named(row, told):
    table = [["policy", "level", "stage", "days", "basis"], row]
    if told is None:
        assert with_levels(table)["uk"].levels[0].days == 0
        return
    with pytest.raises(BadValueError, match="row 2") as fault:
        with_levels(table)
    assert told in str(fault.value)


def test_a_level_twice_and_an_unknown_policy():
    with pytest.raises(BadValueError, match="level 1 of this policy stands there twice"):
        with_levels([["policy", "level", "days"], ["uk", 1, 3], ["uk", 1, 4]])
    with pytest.raises(NotAvailableError, match="no dunning policy 'nope'"):
        find_policy("nope")


def test_reasons_come_gravest_first_and_stops_are_known_in_both_languages():
    stops = ["有争议", "held", "insolvent: letters are stayed"]
    found = eligible(STANDARD, Decimal(1000), DUE, DUE + timedelta(3), stops=stops)
    assert found == ["insolvent", "held", "disputed"]
    assert list(reasons()).index("insolvent") < list(reasons()).index("disputed")
