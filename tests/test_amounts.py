"""Amounts: every way of writing them, the ambiguous ones, and the row-by-row twin as oracle."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import money
from receivables.ledger.amounts import MARKS, AmountError, detect_decimal, parse, parse_amount

READ = [
    ("1,234.56", "auto", "1234.56"),
    ("1.234,56", "auto", "1234.56"),
    ("1.234.567,89", "auto", "1234567.89"),
    ("1,234,567", "auto", "1234567"),
    ("1.234.567", "auto", "1234567"),
    ("12,34,567.00", "auto", "1234567"),
    ("(123.45)", "auto", "-123.45"),
    ("( 1.234,56 )", "auto", "-1234.56"),
    ("123.45-", "auto", "-123.45"),
    ("1.234,56-", "auto", "-1234.56"),
    ("-123.45", "auto", "-123.45"),
    ("−123.45", "auto", "-123.45"),
    ("- 5", "auto", "-5"),
    ("+5", "auto", "5"),
    ("5+", "auto", "5"),
    ("¥1,234", ".", "1234"),
    ("¥1,234", "auto.", "1234"),
    ("￥１，２３４.５６", "auto", "1234.56"),
    ("€ 12,50", "auto", "12.5"),
    ("12,50 €", "auto", "12.5"),
    ("EUR 1.234,50", "auto", "1234.5"),
    ("1.234,50 EUR", "auto", "1234.5"),
    ("-€5.00", "auto", "-5"),
    ("€-5.00", "auto", "-5"),
    ("($1,234.50)", "auto", "-1234.5"),
    ("1 234,56", "auto", "1234.56"),
    ("1\u00a0234,56", "auto", "1234.56"),
    ("1\u202f234\u202f567,89", "auto", "1234567.89"),
    ("1'234.56", "auto", "1234.56"),
    ("1’234’567.00", "auto", "1234567"),
    ("1 234", "auto", "1234"),
    ("1 234,567", "auto", "1234.567"),
    ("１２３.４５", "auto", "123.45"),
    ("100.00 DR", "auto", "100"),
    ("100.00 CR", "auto", "-100"),
    ("100CR", "auto", "-100"),
    ("1.5E3", "auto", "1500"),
    ("1.2345E+05", "auto", "123450"),
    ("-1E-2", "auto", "-0.01"),
    (".5", "auto", "0.5"),
    ("0.123", "auto", "0.123"),
    ("0,5", "auto", "0.5"),
    ("1234.567", "auto", "1234.567"),
    ("1,234", ".", "1234"),
    ("1,234", ",", "1.234"),
    ("1.234", ",", "1234"),
    ("1.234", "number", "1.234"),
    ("1,234", "number,", "1.234"),
    ("1234", ",", "1234"),
    ("00012", "auto", "12"),
    ("5.", "auto", "5"),
]

REFUSED = [
    ("1,234", "auto", "amount_ambiguous"),
    ("1.234", "auto", "amount_ambiguous"),
    ("-1,234", "auto", "amount_ambiguous"),
    ("€1,234", "auto", "amount_ambiguous"),
    ("1,234", "number", "amount_ambiguous"),
    ("1.234", "number,", "amount_ambiguous"),
    ("n/a", "auto", "amount_text"),
    ("#N/A", "auto", "amount_text"),
    ("NaN", "auto", "amount_text"),
    ("inf", "auto", "amount_text"),
    ("-", "auto", "amount_text"),
    ("1.2.3", "auto", "amount_text"),
    ("1,23,4.5", "auto", "amount_text"),
    ("12.50", ",", "amount_text"),
    ("12,50", ".", "amount_text"),
    ("(5", "auto", "amount_text"),
    ("(-5)", "auto", "amount_text"),
    ("-5-", "auto", "amount_text"),
    ("5 apples", "auto", "amount_text"),
    ("100 H", "auto", "amount_text"),
    ("EUR 5 USD", "auto", "amount_text"),
    ("1 23", "auto", "amount_text"),
    ("two", "auto", "amount_text"),
    ("2026-09-30", "auto", "amount_text"),
    ("50%", "auto", "amount_text"),
]


def one(text: str, rule: str, currency: str | None = "CLF", **options: int) -> dict[str, object]:
    table = pl.DataFrame({"a": [text], "currency": pl.Series([currency], dtype=pl.String)})
    return parse(table, "a", rule, **options).row(0, named=True)


@pytest.mark.parametrize(("text", "rule", "expected"), READ)
def test_readable(text, rule, expected):
    assert parse_amount(text, rule) == Decimal(expected)
    assert one(text, rule)["minor"] == money.to_minor(expected, "CLF")


@pytest.mark.parametrize(("text", "rule", "code"), REFUSED)
def test_refused(text, rule, code):
    with pytest.raises(AmountError, match=code):
        parse_amount(text, rule)
    found = one(text, rule)
    assert (found["minor"], found["fault"]) == (None, code)


def test_credit_side_of_payments():
    assert parse_amount("100 CR", credit_sign=1) == 100
    assert one("100 CR", "auto", "EUR", credit_sign=1)["minor"] == 10000
    assert one("100 DR", "auto", "EUR", credit_sign=1)["minor"] == -10000


@pytest.mark.parametrize(
    ("text", "currency", "minor", "fault"),
    [
        ("1234.5", "EUR", 123450, None),
        ("1234.5", "KWD", 1234500, None),
        ("1234", "JPY", 1234, None),
        ("1234.5", "JPY", None, "amount_decimals"),
        ("1234.0", "JPY", 1234, None),
        ("12.345", "EUR", None, "amount_decimals"),
        ("12.3400", "EUR", 1234, None),
        ("1234.5600000001", "EUR", 123456, None),
        ("1234.56000001", "EUR", None, "amount_decimals"),
        ("1234.5600001", "EUR", None, "amount_decimals"),
        ("1234.5599999999", "EUR", 123456, None),
        ("0.30000000000000004", "EUR", 30, None),
        ("99.99999999999999", "EUR", 10000, None),
        ("-1234.5599999999", "EUR", -123456, None),
        ("100000000000.00", "EUR", 10**13, None),
        ("100000000000.01", "EUR", None, "amount_absurd"),
        ("9" * 30, "EUR", None, "amount_absurd"),
        ("1E+20", "EUR", None, "amount_absurd"),
        ("7.25", None, 725, None),
        ("7.25", "???", 725, None),
    ],
)
def test_minor_units(text, currency, minor, fault):
    found = one(text, "auto." if "." in text else "auto", currency)
    assert (found["minor"], found["fault"]) == (minor, fault)


def test_currency_named_in_the_amount():
    assert one("€ 5,00", "auto", None)["found"] == "EUR"
    assert one("5.00 USD", "auto", "EUR")["found"] == "USD"
    assert one("¥5", "auto", None)["found"] == "CNY|JPY"
    assert one("5.00", "auto", None)["found"] is None


def test_blank_is_no_fault():
    assert one(None, "auto") == {"minor": None, "fault": None, "found": None}


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["1,234", "5"], None),
        (["1,234", "12.50"], "."),
        (["1.234", "12,50-"], ","),
        (["1.234,00", "1,234.00"], None),
        (["12 345,60 €"], ","),
        (["text", "#N/A"], None),
        (["1.234.567"], ","),
    ],
)
def test_detect_decimal(values, mark):
    assert detect_decimal(pl.Series(values))[0] == mark


def written(cents: int, mark: str, group: str, style: int, word: str) -> str:
    sign, size = cents < 0, abs(cents)
    body = f"{size // 100:,}".replace(",", group) + mark + f"{size % 100:02d}"
    body = f"{word}{body}" if style % 2 else f"{body} {word}".strip()
    if not sign:
        return body
    return {0: f"-{body}", 1: f"({body})", 2: f"({body})"}.get(style, f"-{body}")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-(10**13), 10**13),
            st.sampled_from(
                [(".", ","), (",", "."), (",", " "), (".", "'"), (".", ""), (",", "")]
            ),
            st.integers(0, 3),
            st.sampled_from(["", "€", "EUR ", "US$"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_columns_read_what_was_written(rows):
    texts = [
        written(cents, mark, group, style, word) for cents, (mark, group), style, word in rows
    ]
    table = pl.DataFrame({"a": texts, "currency": ["EUR"] * len(texts)})
    assert parse(table, "a")["minor"].to_list() == [cents for cents, *_ in rows]


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.text("0123456789.,' -+()€ECRe", min_size=1, max_size=12), min_size=1, max_size=20),
    st.sampled_from([".", ",", *MARKS]),
)
def test_column_and_row_agree(texts, rule):
    table = pl.DataFrame({"a": texts, "currency": ["CLF"] * len(texts)})
    for text, found in zip(texts, parse(table, "a", rule).iter_rows(named=True), strict=True):
        value, fault = outcome(text, rule)
        if value is None:
            assert (found["minor"], found["fault"]) == (None, fault), text
        elif found["fault"] is None:
            assert abs(found["minor"] - value.scaleb(4)) <= Decimal("1e-6"), text
        else:
            assert found["fault"] in {"amount_decimals", "amount_absurd"}, text


def outcome(text: str, rule: str) -> tuple[Decimal | None, str | None]:
    try:
        return parse_amount(text, rule), None
    except AmountError as fault:
        return None, str(fault)
