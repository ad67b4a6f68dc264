"""Shares of the largest debtors, by hand and as a property."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import DomainError
from receivables.monitor.aging import age
from receivables.monitor.concentration import concentration
from tests.aging_frames import MIXED, item, opened

PARTIES = {1: "00123", 2: "123", 5: "Z9"}


def test_shares_by_hand():
    rows = [item(1, 1, 5, 600), item(2, 2, 5, 300), item(3, 5, 5, 100), item(4, 4, 5, 7)]
    found = concentration(age(opened(rows)), 2)
    columns = ("currency", "rank", "customer_id", "name", "open", "share", "cumulative_share")
    assert found.frame.select(columns).rows() == [
        ("EUR", 1, "00123", "Ångström AB", 600, 0.6, 0.6),
        ("EUR", 2, "123", "Trading Ltd", 300, 0.3, 0.9),
        ("JPY", 1, "00123", "Ångström AB", 7, 1.0, 1.0),
    ]
    eur, jpy = found.summary.rows(named=True)
    assert (eur["customers"], eur["positive"], eur["negative"]) == (3, 1000, 0)
    assert eur["top_share"] == pytest.approx(0.9)
    assert eur["hhi"] == pytest.approx(0.36 + 0.09 + 0.01)
    assert jpy["hhi"] == 1.0


def test_customers_in_credit_are_no_exposure_and_stay_visible():
    found = concentration(age(opened([item(1, 1, 5, 100), item(2, 2, None, -900)])), 5)
    assert found.frame.select("customer_id", "share").rows() == [("00123", 1.0)]
    assert found.summary.select("customers", "positive", "negative", "hhi").rows() == [
        (1, 100, -900, 1.0)
    ]


def test_nobody_owes():
    found = concentration(age(opened([item(1, 1, None, -5)])))
    assert found.frame.is_empty()
    assert found.summary.rows() == [("EUR", 0, 0, -5, None, None)]
    assert concentration(age(opened([]))).summary.is_empty()


def test_by_any_key_and_beyond_two_to_the_53():
    found = concentration(age(opened(MIXED), by="country"), 1)
    assert found.frame.select("country", "open").rows()[0] == ("DE", 9_007_199_254_740_993)
    assert concentration(age(opened(MIXED), by="currency")).frame["key"].to_list() == [
        "EUR",
        "JPY",
    ]


def test_top_none_is_refused():
    with pytest.raises(DomainError, match="give 1 or more"):
        concentration(age(opened(MIXED)), 0)


@given(
    st.dictionaries(
        st.sampled_from(sorted(PARTIES)), st.integers(-(10**9), 10**9).filter(bool), min_size=1
    )
)
@settings(max_examples=40, deadline=None)
def test_equals_exact_fractions(balances):
    rows = [item(party, party, 5, amount) for party, amount in balances.items()]
    found = concentration(age(opened(rows)), 2)
    owed = sorted((amount for amount in balances.values() if amount > 0), reverse=True)
    summary = found.summary.row(0, named=True)
    assert summary["positive"] + summary["negative"] == sum(balances.values())
    if owed:
        assert summary["top_share"] == pytest.approx(sum(owed[:2]) / sum(owed))
        assert summary["hhi"] == pytest.approx(sum((amount / sum(owed)) ** 2 for amount in owed))
        assert 1 / len(owed) - 1e-9 <= summary["hhi"] <= 1 + 1e-9
