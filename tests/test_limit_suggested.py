"""The suggested limit: every method against a second reckoning, and policies that cannot be."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.assess.limit_policy import LimitPolicy
from receivables.assess.limits import round_down, suggest
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.resources import data_rows
from tests.oracle import limit_oracle

AMOUNTS = st.decimals(0, 10**9, places=2)


def policy(**values):
    return LimitPolicy.from_rows([["name", "value"], *map(list, values.items())])


@given(
    bought=AMOUNTS,
    days=st.integers(0, 365),
    grade=st.integers(1, 10),
    worth=st.none() | AMOUNTS,
    capital=st.none() | AMOUNTS,
    references=st.lists(AMOUNTS, max_size=4),
    insured=st.none() | AMOUNTS,
    country=st.sampled_from(["", "A", "B", "C", "D"]),
    new=st.booleans(),
)
def test_the_limit_is_that_of_a_second_reckoning(
    bought, days, grade, worth, capital, references, insured, country, new
) -> None:
    facts = {
        "monthly_purchases": bought, "terms_days": Decimal(days), "grade": grade,
        "net_worth": worth, "working_capital": capital, "reference": references,
        "insured_limit": insured, "country_class": country, "new_customer": new,
    }  # fmt: skip
    given_facts = {name: value for name, value in facts.items() if value is not None}
    mine = suggest(given_facts | {"terms_days": days}).limit
    assert mine == limit_oracle.limit(given_facts)


def test_more_facts_never_raise_a_limit() -> None:
    facts = {"monthly_purchases": Decimal(90000), "terms_days": 60, "grade": 4}
    less = suggest(facts | {"net_worth": Decimal(10**9)}).limit
    assert suggest(facts).limit == less == 180000
    assert suggest(facts | {"net_worth": Decimal(-1)}).limit == 0


def test_a_negative_net_worth_is_nil_whatever_the_mean_says() -> None:
    facts = {"monthly_purchases": Decimal(90000), "terms_days": 60, "grade": 3, "net_worth": Decimal(-1)}  # fmt: skip
    found = suggest(facts, policy(combine="mean"))
    assert found.limit == 0
    assert "net_worth_negative" in {step.step for step in found.steps}


@pytest.mark.parametrize(
    ("value", "down"),
    [(0, 0), (9, 9), (99, 99), (100, 100), (109, 100), (110, 110), (999999, 990000)],
)
def test_two_significant_digits(value, down) -> None:
    assert round_down(Fraction(value), 2) == down == limit_oracle.two_digits(Decimal(value))


def test_a_new_customer_without_trade_gets_no_guess() -> None:
    with pytest.raises(NotAvailableError, match="monthly_trade"):
        suggest({"grade": 3, "net_worth": Decimal(5000), "new_customer": True})


def test_every_figure_of_the_policy_has_source_and_date() -> None:
    for name in (
        "limit_policy", "grade_factors", "terms", "terms_grades", "abc_policy",
        "exposure_components", "limit_facts",
    ):  # fmt: skip
        for row in data_rows(f"{name}.csv"):
            assert row["source"], (name, row)
            assert date.fromisoformat(row["as_of"])


@pytest.mark.parametrize(
    ("rows", "error", "says"),
    [
        ([["grade_4", -1]], DomainError, "grade_4 is -1"),
        ([["slack_days", 1], ["slack_days", 2]], BadValueError, "twice"),
        ([["combine", "max"]], BadValueError, "min or mean or median"),
        ([["digits", 0]], DomainError, "digits"),
        ([["slack_day", 3]], BadValueError, "Did you mean 'slack_days'"),
    ],
)
def test_a_policy_that_cannot_be(rows, error, says) -> None:
    with pytest.raises(error, match=says):
        LimitPolicy.from_rows([["name", "value"], *rows])
