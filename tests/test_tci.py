"""Policies, deadlines and limits one by one: terms that cannot be, orders of dates, several rows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables.errors import BadValueError, DomainError
from receivables.ledger.schema import tables
from receivables.resources import data_rows
from receivables.transfer.deadlines import act_by, deadlines, several
from receivables.transfer.indemnity import indemnity
from receivables.transfer.policy import InsurancePolicy
from receivables.transfer.rules import reasons, scope_of

CLOCK = InsurancePolicy(max_extension_days=60, declare_days=30, waiting_days=180, claim_days=60)


def test_every_term_of_the_policy_is_a_column_of_the_ledger() -> None:
    columns = tables()["insurance_policies"]
    given = set(InsurancePolicy.__dataclass_fields__)
    assert given == set(columns) - {"recorded_by", "recorded_on"}


@pytest.mark.parametrize("name", ["tci_rules", "tci_scopes", "tci_reasons", "instrument_rules", "instrument_costs", "ecom_stages", "ecom_words", "ecom_holds", "alliance"])  # fmt: skip
def test_every_row_says_where_it_comes_from(name) -> None:
    for row in data_rows(f"{name}.csv"):
        assert row["source"], row
        assert date.fromisoformat(row["as_of"]), row


@pytest.mark.parametrize(
    ("rows", "fault", "message"),
    [
        ([["insured_share", 90]], DomainError, "90 means 90 %"),
        ([["insured_share", "lots"]], BadValueError, "insured_share: 'lots' is text"),
        ([["declare_days", 30.5]], BadValueError, "declare_days: 30.5 is not a whole number"),
        ([["declare_days", -1]], BadValueError, "not a whole number of 0 or more"),
        ([["deductible_basis", "sometimes"]], BadValueError, "not one of before, after"),
        ([["deductible", -5]], BadValueError, "deductible is -5: an amount below 0"),
        ([["excluded_scopes", "moon"]], BadValueError, "'moon' is no scope of cover"),
        ([["excluded_buyers", "moon"]], BadValueError, "'moon', which is no kind of buyer"),
        ([["valid_from", "2026-12-31"], ["valid_to", "2026-01-01"]], BadValueError, "ends on 2026-01-01, before"),
        ([["insured_share", 0.9], ["insured %", 0.8]], BadValueError, "two headings for insured_share"),
        ([["insured_share", "deductible"], [0.9, 1], [0.8, 2]], BadValueError, "holds 2 rows of values"),
        ([["insured_share", "deductible"]], BadValueError, "insured_share: 'deductible' is text"),
        ([["moon", 1]], BadValueError, "unknown heading 'moon'"),
        ([["insured_share", 0.9], ["deductibel", 5]], BadValueError, "Did you mean 'deductible'?"),
        ([["insured_shar", 0.9], ["deductibel", 5]], BadValueError, "Did you mean 'insured_share'?"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be(rows, fault, message) -> None:
    with pytest.raises(fault, match=message):
        InsurancePolicy.from_range(rows)


def test_a_blank_term_is_not_said_and_not_0() -> None:
    policy = InsurancePolicy.from_range(
        [["insured_share", None], ["waiting_days", ""], ["claim_days", 0]]
    )
    assert (policy.insured_share, policy.waiting_days, policy.claim_days) == (None, None, 0)
    with pytest.raises(BadValueError, match="does not say insured_share"):
        indemnity(Decimal(1), Decimal(1), policy)


def test_the_lower_of_two_ceilings_counts() -> None:
    both = InsurancePolicy(insured_share=Decimal(1), max_liability=Decimal(70), max_liability_times=Decimal(3), annual_premium=Decimal(20))  # fmt: skip
    assert indemnity(Decimal(100), Decimal(100), both).amount == 60


def test_several_due_dates_say_the_same_as_one() -> None:
    as_of = date(2026, 10, 31)
    days = [date(2026, 5, 1) + timedelta(7 * n) for n in range(20)]
    heading, *rows = several(days, CLOCK, as_of)
    for day, row in zip(days, rows, strict=True):
        wide = dict(zip(heading, row, strict=True))
        alone = {one.step: one for one in deadlines(day, CLOCK, as_of)}
        assert {name: wide[name] for name in alone} == {
            name: one.on for name, one in alone.items()
        }
        assert (wide["act_by"], wide["days_left"]) == (alone["notify"].act_by, alone["notify"].days_left)  # fmt: skip
    with pytest.raises(BadValueError, match="extended_to has 2 rows, due_on has 20"):
        several(days, CLOCK, as_of, [None, None])


def test_the_day_to_act_is_always_a_working_day_before() -> None:
    resting = {date(2026, 12, 25), date(2026, 12, 26)}
    for number in range(400):
        deadline = date(2026, 3, 1) + timedelta(number)
        day = act_by(deadline, resting)
        assert day < deadline
        assert day.weekday() < 5
        assert day not in resting
        between = [day + timedelta(n) for n in range(1, (deadline - day).days)]
        assert all(one.weekday() >= 5 or one in resting for one in between)


@pytest.mark.parametrize(("insolvent", "notify", "stop"), [
    (None, "2026-11-29", "2026-10-31"),
    ("2026-10-29", "2026-11-28", "2026-10-29"),
    ("2026-10-30", "2026-11-29", "2026-10-30"),
    ("2026-10-31", "2026-11-29", "2026-10-31"),
])  # fmt: skip
def test_insolvency_makes_the_clock_only_earlier(insolvent, notify, stop) -> None:
    on = date.fromisoformat(insolvent) if insolvent else None
    found = {one.step: one.on for one in deadlines(date(2026, 8, 31), CLOCK, date(2026, 10, 31), insolvent_on=on)}  # fmt: skip
    assert (str(found["notify"]), str(found["stop_ship"])) == (notify, stop)
    assert found["claim_from"] == (on or date(2027, 2, 27))


def test_an_extension_beyond_the_maximum_needs_consent() -> None:
    texts = [
        deadlines(date(2026, 8, 31), CLOCK, date(2026, 10, 31), extended_to=day)[0].rule
        for day in (date(2026, 10, 30), date(2026, 10, 31))
    ]
    assert ["consent" in text for text in texts] == [False, True]


def test_scopes_and_reasons_have_both_languages() -> None:
    assert {scope_of(word) for word in ("内贸", "出口", "转移风险", "线上")} == {
        "domestic", "export_commercial", "export_political", "ecommerce",
    }  # fmt: skip
    assert all(one.text("en") and one.text("zh") for one in reasons().values())
