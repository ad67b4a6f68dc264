"""Altman's Z: golden values, zones, the traps of copied formulas, and when it is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.assess import altman
from receivables.assess.statement_range import z_of_statement
from receivables.errors import BadValueError, DomainError, NotAvailableError, ZeroDivideError
from tests.oracle import credit_oracle

SHEET = {
    "total_assets": 1000, "working_capital": 200, "retained_earnings": 300, "ebit": 120,
    "equity": 450, "total_liabilities": 550, "revenue": 1200,
}  # fmt: skip
GOLDEN = {"z": "3.2378", "z1": "2.3116", "z2": "3.9555", "em": "7.2055"}
AMOUNTS = st.integers(-10_000, 10_000)


@pytest.mark.parametrize(("which", "golden"), GOLDEN.items())
def test_golden(which, golden) -> None:
    sheet = SHEET | ({"equity": 900} if which == "z" else {})
    assert f"{altman.z_score(which, sheet):.4f}" == golden


@given(
    st.sampled_from(sorted(GOLDEN)), AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS,
    st.integers(1, 10_000), st.integers(0, 10_000), st.integers(1, 10_000),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_every_model_agrees_with_the_printed_formula(
    which, wc, re, ebit, equity, tl, sales, ta
) -> None:
    sheet = dict(zip(altman.ITEMS, (ta, wc, re, ebit, equity, tl, sales), strict=True))
    clerk = credit_oracle.z(which, wc, re, ebit, equity, tl, sales, ta)
    assert abs(Decimal(altman.z_score(which, sheet)) - clerk) < Decimal("1e-6")


def test_copies_on_the_web_are_wrong() -> None:
    """One calculator prints Z″ with 6.5 and the zones 1.23 and 2.9 of another model."""
    chosen = altman.model("z2")
    assert chosen.weights[0] == 6.56
    assert (chosen.distress_below, chosen.safe_above) == (1.10, 2.60)
    assert altman.zone(2.75, "z2") == "safe"
    assert altman.zone(1.15, "z2") == "grey"


def test_stale_after_eighteen_months() -> None:
    end = date(2025, 4, 30)
    days = (date(2026, 10, 29), date(2026, 10, 30), date(2026, 10, 31))
    assert [altman.is_stale(end, day) for day in days] == [False, False, True]


@pytest.mark.parametrize(
    "industry",
    [
        "Bank",
        "Commercial banking",
        "Life insurance",
        "Rückversicherung AG",
        "商业银行",
        "人寿保险",
    ],
)
def test_banks_and_insurers_are_refused(industry) -> None:
    with pytest.raises(NotAvailableError, match="no Altman model was fitted"):
        z_of_statement("z2", SHEET | {"industry": industry})


@pytest.mark.parametrize("industry", ["Embankments", "Trade", "", "Steel"])
def test_others_are_not(industry) -> None:
    assert z_of_statement("z2", SHEET | {"industry": industry})


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"total_assets": 0}, DomainError, "total_assets is 0: give them as a positive amount"),
        ({"total_assets": -5}, DomainError, "total_assets is -5"),
        ({"total_liabilities": 0}, ZeroDivideError, "Ask for the cap"),
        ({"total_liabilities": -1}, DomainError, "total_liabilities is -1"),
        ({"revenue": -1}, DomainError, "revenue is -1"),
        ({"ebit": None, "revenue": None}, NotAvailableError, "ebit, revenue blank. Fill in"),
        ({"ebit": "n/a"}, BadValueError, "ebit: 'n/a' is text"),
        ({"unit": 0}, BadValueError, "unit is 0: give 1, 1000 or 1000000"),
    ],
)
def test_refusals(change, error, message) -> None:
    with pytest.raises(error) as fault:
        z_of_statement("z1", SHEET | change)
    assert message in str(fault.value)


def test_without_liabilities_the_cap_is_asked_for() -> None:
    sheet = SHEET | {"total_liabilities": 0, "no_liabilities": "封顶"}
    assert z_of_statement("z2", sheet) == pytest.approx(1.312 + 0.978 + 0.8064 + 1.05 * 10)


def test_a_statement_in_thousands_has_the_same_score() -> None:
    thousands = {name: amount / 1000 for name, amount in SHEET.items()} | {"unit": 1000}
    assert z_of_statement("z1", thousands) == pytest.approx(z_of_statement("z1", SHEET))
