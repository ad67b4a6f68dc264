"""Reporting in one currency: every item converted exactly, advances left alone, gaps shown."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import money
from receivables.errors import NotAvailableError
from receivables.ledger.fx import local_currencies, reported_in, revalued, scaled
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.rates import Rates
from tests.ledgers import day, invoice, ledger, payment, table

RATES = [
    {"date": day("09-30"), "from": "USD", "to": "EUR", "rate": "0.90"},
    {"date": day("10-31"), "from": "USD", "to": "EUR", "rate": "0.925"},
    {"date": day("11-30"), "from": "USD", "to": "EUR", "rate": "0.70"},
    {"date": day("10-31"), "from": "EUR", "to": "JPY", "rate": "160"},
]


def rates() -> Rates:
    return Rates.from_table(table("rates", RATES))


def reported(currency: str = "EUR", local: str = "", **tables):
    opened = open_items(link(ledger(**tables)), day("10-31"))
    return reported_in(opened, currency, rates(), {"": local} if local else {})


@pytest.mark.parametrize(
    ("source", "target", "on", "value", "how"),
    [
        ("USD", "EUR", "10-31", Fraction(37, 40), "table"),
        ("USD", "EUR", "10-30", Fraction(9, 10), "table"),
        ("USD", "EUR", "11-29", Fraction(37, 40), "table"),
        ("EUR", "USD", "10-31", Fraction(40, 37), "inverse"),
        ("USD", "JPY", "10-31", Fraction(148), "through EUR"),
        ("EUR", "EUR", "10-31", Fraction(1), "same"),
    ],
)
def test_rate_of_a_day(source, target, on, value, how):
    rate = rates().find(source, target, day(on))
    assert (rate.value, rate.how) == (value, how)


@pytest.mark.parametrize(("source", "on"), [("USD", "09-29"), ("GBP", "10-31")])
def test_no_rate_names_the_row_to_add(source, on):
    with pytest.raises(NotAvailableError, match=rf"Add a row to the Rates table: .*{source}, EUR"):
        rates().find(source, "EUR", day(on))


@given(
    minor=st.integers(-(10**13), 10**13),
    rate=st.decimals("0.0001", "20000", places=6).filter(bool),
    pair=st.sampled_from([("EUR", "JPY"), ("JPY", "KWD"), ("USD", "EUR"), ("KWD", "EUR")]),
)
def test_conversion_is_exact_decimal_arithmetic(minor, rate, pair):
    source, target = pair
    major = Decimal(minor).scaleb(-money.exponent(source)) * rate
    step = Decimal(1).scaleb(-money.exponent(target))
    expected = int(major.quantize(step, ROUND_HALF_UP).scaleb(money.exponent(target)))
    frame = pl.DataFrame({"open": [minor], "currency": [source]})
    found = frame.select(scaled("open", {source: Fraction(rate)}, target)).item()
    assert found == expected == money.convert(minor, rate, source, target)


def test_items_are_converted_one_by_one_and_the_gap_is_shown():
    documents = [invoice(f"A{n}", 33, currency="USD") for n in range(3)]
    opened, bridge = reported(documents=documents)
    assert opened.frame()["open"].to_list() == [31, 31, 31]
    (line,) = bridge
    assert (line.open, line.closing, line.rounding) == (99, 93, 92 - 93)


def test_bridge_from_the_books_to_the_closing_rate():
    documents = [
        invoice("A", 10_000, currency="USD", amount_lc=9_100),
        invoice("B", 5_000, currency="EUR", amount_lc=5_000),
    ]
    payments = [payment("P", 4_000, "10-10", "A", currency="USD")]
    _, bridge = reported(local="EUR", documents=documents, payments=payments)
    by = {line.currency: line for line in bridge}
    assert (by["USD"].open, by["USD"].carrying, by["USD"].closing) == (6_000, 5_460, 5_550)
    assert by["USD"].unrealised == 90
    assert by["EUR"].unrealised == 0


def test_a_missing_carrying_amount_comes_from_the_rate_of_its_day():
    _, (line,) = reported(documents=[invoice("A", 10_000, on="10-02", currency="USD")])
    assert (line.carrying, line.closing, line.without_carrying) == (9_000, 9_250, 0)
    _, (line,) = reported(documents=[invoice("A", 10_000, on="09-02", currency="USD")])
    assert (line.carrying, line.without_carrying) == (None, 1)


def test_advances_are_not_revalued():
    payments = [payment("P", 10_000, "10-02", currency="USD", kind="advance")]
    opened, (line,) = reported(payments=payments)
    assert opened.frame()["open"].to_list() == [-9_000]
    assert (line.closing, line.unrealised, line.rounding) == (-9_000, 0, 0)


def test_a_later_rate_is_never_used():
    found = rates().find("USD", "EUR", date(2026, 10, 31))
    assert found.on == date(2026, 10, 31)


def test_revaluation_is_made_per_company_in_its_own_currency():
    documents = [
        invoice("A", 10_000, currency="USD", company="DE", amount_lc=9_100),
        invoice("B", 5_000, currency="EUR", company="DE", amount_lc=5_000),
        invoice("C", 5_000, currency="EUR", company="US", amount_lc=5_500),
        invoice("D", 5_000, currency="USD", company="US", amount_lc=5_000),
    ]
    posted = link(ledger(documents=documents))
    local = local_currencies(posted.details, {})
    assert local == {"DE": "EUR", "US": "USD"}
    lines = revalued(open_items(posted, day("10-31")), rates(), local)
    assert [
        (line.company, line.currency, line.reporting, line.carrying, line.closing)
        for line in lines
    ] == [
        ("DE", "EUR", "EUR", 5_000, 5_000),
        ("DE", "USD", "EUR", 9_100, 9_250),
        ("US", "EUR", "USD", 5_500, 5_405),
        ("US", "USD", "USD", 5_000, 5_000),
    ]


def test_a_stated_local_currency_wins():
    details = link(ledger(documents=[invoice("A", 1, amount_lc=1)])).details
    assert local_currencies(details, {"": "CNY"}) == {"": "CNY"}
