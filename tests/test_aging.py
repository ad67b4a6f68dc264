"""Aging against a row-by-row oracle, on every embedded engine, in every credit mode."""

from datetime import date, timedelta

import narwhals as nw
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables.errors import BadValueError
from receivables.ledger.open import OpenItems
from receivables.monitor.aging import CREDITS, age
from receivables.monitor.buckets import Buckets
from tests.aging_frames import AS_OF, ENGINES, MIXED, PARTIES, item, ledgers, opened, table
from tests.oracle import aging_oracle as oracle


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (
            "separate",
            [  # customer, open, unapplied, over 30, Current, 1-30, 31-60, 61-90, 91+, none
                (
                    "Z9",
                    9_007_199_254_740_993,
                    0,
                    9_007_199_254_740_993,
                    0,
                    0,
                    0,
                    0,
                    9_007_199_254_740_993,
                    0,
                ),
                ("00123", 3_761, -12_000, 15_000, 701, 0, 5_000, 0, 10_000, 60),
                ("123", -667, -1_000, 333, 0, 333, 0, 0, 0, 0),
                ("00123", 9, 0, 0, 0, 9, 0, 0, 0, 0),
            ],
        ),
        (
            "own",
            [
                (
                    "Z9",
                    9_007_199_254_740_993,
                    0,
                    9_007_199_254_740_993,
                    0,
                    0,
                    0,
                    0,
                    9_007_199_254_740_993,
                    0,
                ),
                ("00123", 3_761, 0, 15_000, 701, -12_000, 5_000, 0, 10_000, 60),
                ("123", -667, 0, -667, 0, 333, 0, 0, -1_000, 0),
                ("00123", 9, 0, 0, 0, 9, 0, 0, 0, 0),
            ],
        ),
        (
            "oldest",
            [
                (
                    "Z9",
                    9_007_199_254_740_993,
                    0,
                    9_007_199_254_740_993,
                    0,
                    0,
                    0,
                    0,
                    9_007_199_254_740_993,
                    0,
                ),
                ("00123", 3_761, 0, 3_000, 701, 0, 3_000, 0, 0, 60),
                ("123", -667, 0, 0, -667, 0, 0, 0, 0, 0),
                ("00123", 9, 0, 0, 0, 9, 0, 0, 0, 0),
            ],
        ),
    ],
)
def test_three_credit_modes_by_hand(engine, mode, expected):
    aged = age(opened(MIXED, engine), credits=mode)
    columns = ("customer_id", "open", "unapplied", "over_30", *aged.bucket_columns)
    assert [row for row in table(aged, "currency", *columns) if row[0] == "EUR"] == [
        ("EUR", *row) for row in expected[:3]
    ]
    assert [row for row in table(aged, "currency", *columns) if row[0] == "JPY"] == [
        ("JPY", *expected[3])
    ]
    assert aged.frame["name"].to_list()[0] == "Sister GmbH"
    assert all(aged.frame[name].dtype == pl.Int64 for name in aged.amounts)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-1, 0),
        (0, 0),
        (1, 1),
        (29, 1),
        (30, 1),
        (31, 2),
        (60, 2),
        (61, 3),
        (90, 3),
        (91, 4),
        (None, 5),
    ],
)
def test_edges_at_the_day_before_on_and_after(engine, days, bucket):
    aged = age(opened([item(1, 1, days, 100)], engine))
    row = aged.frame.row(0, named=True)
    assert [row[name] for name in aged.bucket_columns] == [
        100 if number == bucket else 0 for number in range(6)
    ]
    assert row["over_30"] == (100 if days is not None and days >= 30 else 0)


@pytest.mark.parametrize(("days", "over"), [(29, 0), (30, 100), (31, 100)])
@pytest.mark.parametrize("edges", ["30", "15,45", "100", "cn"])
def test_30_days_total_whatever_the_edges(days, over, edges):
    aged = age(opened([item(1, 1, days, 100)]), buckets=Buckets.parse(edges), base="due")
    assert aged.frame["over_30"].to_list() == [over]


def test_forward_edges_and_surplus_in_current(engine):
    buckets = Buckets.parse("30", forward="30,60")
    rows = [
        item(1, 1, -61, 1),
        item(2, 1, -60, 2),
        item(3, 1, -30, 4),
        item(4, 1, 0, 8),
        item(5, 1, 1, 16),
        item(6, 1, None, -100),
    ]
    expected = {"separate": [1, 2, 4, 8, 16, 0, 0], "oldest": [0, 0, 0, -69, 0, 0, 0]}
    for mode, amounts in expected.items():
        aged = age(opened(rows, engine), buckets=buckets, credits=mode)
        assert aged.frame.select(aged.bucket_columns).row(0) == tuple(amounts)


def test_year_buckets_from_the_issue_date(engine):
    days = [
        (date(2025, 10, 31), "1年以内"),
        (date(2025, 10, 30), "1-2年"),
        (date(2021, 10, 30), "5年以上"),
    ]
    rows = [
        item(number, 1, 5, 10**number) | {"issued_on": day} for number, (day, _) in enumerate(days)
    ]
    aged = age(opened(rows, engine), buckets=Buckets.parse("cn"))
    assert aged.base == "issued"
    row = dict(zip(aged.labels, aged.frame.select(aged.bucket_columns).row(0), strict=True))
    assert row == {
        "1年以内": 1,
        "1-2年": 10,
        "2-3年": 0,
        "3-4年": 0,
        "4-5年": 0,
        "5年以上": 100,
        "No due date": 0,
    }


def test_own_date_of_undated_credit_is_its_issue_date():
    rows = [item(1, 1, None, -50) | {"issued_on": AS_OF - timedelta(45)}, item(2, 1, None, 80)]
    aged = age(opened(rows), credits="own")
    assert aged.frame.select(aged.bucket_columns).row(0) == (0, 0, -50, 0, 0, 80)


def by_party(aged):
    """Rows of an aging by every column that makes a party, keyed by party number."""
    numbers = {(*row[1:4], row[5]): row[0] for row in PARTIES}
    found = {}
    for row in aged.frame.iter_rows(named=True):
        party = numbers[row["company"], row["account"], row["customer_id"], row["currency"]]
        buckets = [row[name] for name in aged.bucket_columns]
        found[party] = [row["open"], row["unapplied"], row["over_30"], *buckets]
    return found


def from_oracle(rows, edges, **options):
    spans = [*range(len(edges) + 2), None]
    return {
        key: [row.get(name, 0) for name in ("open", "unapplied", "over_30", *spans)]
        for key, row in oracle.age(rows, AS_OF, edges, **options).items()
    }


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
@pytest.mark.parametrize("mode", CREDITS)
@given(
    rows=ledgers(),
    edges=st.lists(st.integers(2, 200), min_size=1, max_size=4, unique=True).map(sorted),
    base=st.sampled_from(["due", "issued"]),
    side=st.sampled_from(["younger", "older"]),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_equals_the_oracle(engine, mode, rows, edges, base, side):
    options = {"buckets": Buckets.parse(edges, day_on_edge=side), "base": base, "credits": mode}
    open_rows = opened(rows, engine)
    whole = age(open_rows, by=("company", "account", "customer"), **options)
    wanted = {"mode": mode, "base": f"{base}_on", "day_on_edge": side}
    assert by_party(whole) == from_oracle(rows, edges, **wanted)
    single = age(open_rows, by="document", **options)
    expected = from_oracle(rows, edges, key=lambda row: f"D{row['item']}", **wanted)
    columns = ("document_no", "open", "unapplied", "over_30", *single.bucket_columns)
    assert {row[0]: list(row[1:]) for row in table(single, *columns)} == expected


@given(ledgers())
@settings(max_examples=25, deadline=None)
def test_every_row_adds_up_and_all_modes_have_one_total(rows):
    totals = set()
    for mode in CREDITS:
        for by in (("customer",), ("salesperson", "country"), ("currency",), "document"):
            aged = age(opened(rows), credits=mode, by=by)
            sums = aged.frame.select(
                pl.sum_horizontal("unapplied", *aged.bucket_columns)
            ).to_series()
            assert sums.to_list() == aged.frame["open"].to_list()
            totals.add(tuple(aged.totals().select("currency", "open").rows()))
    assert len(totals) == 1
    by_currency = {}
    for row in rows:
        code = "JPY" if row["party"] == 4 else "EUR"
        by_currency[code] = by_currency.get(code, 0) + row["open"]
    assert dict(totals.pop()) == by_currency


def test_another_amount_in_another_currency():
    open_items = opened([item(1, 1, 40, 100), item(2, 4, 1, 20_000)])
    items = open_items.items.with_columns(open_rc=nw.col("open") * 2)
    parties = open_items.parties.with_columns(rc=pl.lit("USD"))
    converted = OpenItems(
        AS_OF, AS_OF, items=items, applied=None, parties=parties, details=open_items.details
    )
    aged = age(converted, amount="open_rc", currency="rc")
    assert table(aged, "currency", "key", "open", "b1", "b2") == [
        ("USD", "00123", 40_200, 40_000, 200)
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"by": ("custmer",)},
            "There is no column 'custmer' in Customers or Documents. Did you mean 'customer'",
        ),
        ({"by": ("qqq",)}, "Columns: account, "),
        ({"where": {"regoin": "x"}}, "There is no column 'regoin'"),
        ({"where": {"country": "SW"}}, "No row has the country 'sw'"),
        ({"base": "paid"}, "base is 'paid': give one of due, issued"),
        ({"credits": "none"}, "credits is 'none': give one of separate, own, oldest"),
        ({"intercompany": "no"}, "intercompany is 'no'"),
        ({"amount": "open_rc"}, "no amount column 'open_rc'"),
    ],
)
def test_faulty_calls_say_what_to_do(options, message):
    with pytest.raises(BadValueError, match=message):
        age(opened(MIXED), **options)


def test_nothing_open_is_an_empty_table(engine):
    for mode in CREDITS:
        for by in ("customer", "document"):
            aged = age(opened([], engine), credits=mode, by=by)
            assert aged.frame.is_empty()
            assert aged.totals().is_empty()
            assert aged.frame.columns[-6:] == aged.bucket_columns


def test_json_block_as_the_command_prints_it():
    block = age(opened([item(1, 4, 31, 500), item(2, 4, None, -20)])).block("JPY")
    buckets = {
        "Current": "0",
        "1-30 d": "0",
        "31-60 d": "500",
        "61-90 d": "0",
        "91+ d": "0",
        "No due date": "0",
    }
    amounts = {"open": "480", "unapplied": "-20", "over_30": "500", "buckets": buckets}
    assert block == {
        "currency": "JPY",
        "buckets": list(buckets),
        "rows": [{"key": "00123", "name": "Ångström AB", **amounts}],
        "total": {"key": "", "name": "", **amounts},
    }
