"""Dates: every way of writing them, and what is refused because it has two readings."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.ledger.dates import (
    DateError,
    detect_order,
    order_from,
    order_of,
    parse,
    read_day,
    readings,
)

SEP30 = date(2026, 9, 30)

READ = [
    ("2026-09-30", ""),
    ("2026-9-30", ""),
    ("2026/09/30", ""),
    ("2026/9/30", "dmy"),
    ("2026.09.30", ""),
    ("20260930", ""),
    ("20260930.0", ""),
    ("30.09.2026", ""),
    ("30.9.2026", "dmy"),
    ("30-09-2026", ""),
    ("30/09/2026", ""),
    ("09/30/2026", ""),
    ("9/30/2026", "mdy"),
    ("30092026", "dmy"),
    ("09302026", "mdy"),
    ("30-Sep-2026", ""),
    ("30 September 2026", ""),
    ("30. Sept. 2026", ""),
    ("30 septembre 2026", ""),
    ("Sep 30, 2026", ""),
    ("30th September 2026", ""),
    ("30-SEP-26", "dmY"),
    ("30.09.26", "dmY"),
    ("09/30/26", "mdY"),
    ("2026年9月30日", ""),
    ("２０２６年９月３０日", ""),
    ("2026-09-30 00:00:00", ""),
    ("2026-09-30 14:22:11", ""),
    ("2026-09-30T14:22:11Z", ""),
    ("2026-09-30T14:22:11.123+02:00", ""),
    ("30.09.2026 14:22", ""),
    ("9/30/2026 2:22:11 PM", ""),
    (" 2026-09-30 ", ""),
    ("46295", ""),
    ("46295.0", ""),
    ("46295.75", ""),
]

REFUSED = [
    ("03/04/2026", "", "date_ambiguous"),
    ("03-04-2026", "", "date_ambiguous"),
    ("30.09.26", "", "date_short_year"),
    ("30-Sep-26", "", "date_short_year"),
    ("31.09.2026", "", "date_text"),
    ("2026-02-30", "", "date_text"),
    ("09/30/2026", "dmy", "date_text"),
    ("30/09/2026", "mdy", "date_text"),
    ("30/09/2026", "ymd", "date_text"),
    ("soon", "", "date_text"),
    ("#N/A", "", "date_text"),
    ("30 Foo 2026", "", "date_text"),
    ("202609", "", "date_text"),
    ("123", "", "date_text"),
    ("13/13/2026", "", "date_text"),
]


@pytest.mark.parametrize(("text", "order"), READ)
def test_readable(text, order):
    assert read_day(text, order) == SEP30
    assert parse(pl.Series([text]), order).rows() == [(SEP30, None)]


@pytest.mark.parametrize(("text", "order", "code"), REFUSED)
def test_refused(text, order, code):
    with pytest.raises(DateError, match=code):
        read_day(text, order)
    assert parse(pl.Series([text]), order).rows() == [(None, code)]


@pytest.mark.parametrize("text", ["00.00.0000", "0000-00-00", "00000000", "0"])
def test_noughts_are_no_date(text):
    assert parse(pl.Series([text])).rows() == [(None, None)]


def test_same_day_and_month_has_one_reading():
    assert read_day("05/05/2026") == date(2026, 5, 5)


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("Jänner", 1), ("févr", 2), ("Mär", 3), ("März", 3), ("avril", 4), ("Mai", 5), ("juin", 6),
        ("juil", 7), ("août", 8), ("Sept", 9), ("Okt", 10), ("novembre", 11), ("Dez", 12),
    ],
)  # fmt: skip
def test_month_names(name, month):
    assert read_day(f"3. {name} 2026") == date(2026, month, 3)


def test_serials_of_1904():
    assert read_day("44833", date1904=True) == SEP30
    assert parse(pl.Series(["44833"]), date1904=True)["day"].to_list() == [SEP30]


@pytest.mark.parametrize("text", ["2026-10", "202610", "2026/10", "2026年10月", "Oct 2026"])
def test_months(text):
    assert read_day(text, month=True) == date(2026, 10, 1)
    with pytest.raises(DateError):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1979-12-31", "date_year"),
        ("1980-01-01", None),
        ("2100-12-31", None),
        ("2101-01-01", "date_year"),
    ],
)
def test_years(text, fault):
    assert parse(pl.Series([text]))["fault"].to_list() == [fault]


def test_years_can_be_widened():
    assert parse(pl.Series(["1897-04-01"]), years=(1800, 2100))["fault"].to_list() == [None]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03/04/2026"], None),
        (["03/04/2026", "25/04/2026"], "dmy"),
        (["03-04-2026", "04-25-2026"], "mdy"),
        (["13/02/2026", "02/13/2026"], None),
        (["2026-09-30", None], None),
    ],
)
def test_detect_order(values, order):
    assert detect_order(pl.Series(values))[0] == order


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("dd-mm-yyyy", "dmy"), ("DD.MM.YYYY", "dmy"), ("m/d/yyyy", "mdy"), ("%d-%m-%Y", "dmy"),
        ("%m/%d/%y", "mdY"), ("yyyy-mm-dd", "ymd"), ("%Y%m%d", "ymd"), ("TT.MM.JJJJ", "dmy"),
        ("jj/mm/aaaa", "dmy"), ("dd-mmm-yyyy", "dmy"), ("%d %b %Y", "dmy"),
        ("%Y-%m-%d %H:%M:%S", "ymd"), ("yyyy-mm-dd hh:mm", "ymd"), ("dd/mm", None), ("", None),
    ],
)  # fmt: skip
def test_formats_of_a_mapping(text, order):
    if order is None:
        with pytest.raises(ValueError, match=text or "^$"):
            order_from(text)
    else:
        assert order_from(text) == order


def test_both_readings():
    assert readings("03/04/2026") == (date(2026, 4, 3), date(2026, 3, 4))
    assert readings("13/04/2026") is None
    assert order_of("13/04/2026") == "dmy"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 44_000), min_size=1, max_size=30),
    st.sampled_from(
        [("%d/%m/%Y", "dmy"), ("%m/%d/%Y", "mdy"), ("%d.%m.%Y", ""), ("%Y-%m-%d", "")]
    ),
)
def test_columns_read_what_was_written(offsets, style):
    form, order = style
    days = [date(1980, 1, 1) + timedelta(days=offset) for offset in offsets]
    texts = pl.Series([day.strftime(form) for day in days])
    assert parse(texts, order)["day"].to_list() == days
    unknown = parse(texts)["day"].to_list()
    assert all(read in (None, day) for read, day in zip(unknown, days, strict=True))
