"""Which bucket a day falls into, at n-1, n and n+1 of every edge."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.days import edate
from receivables.errors import BadValueError
from receivables.monitor.buckets import MAX_EDGES, Buckets, presets
from receivables.resources import data_rows

AS_OF = date(2026, 10, 31)
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
EDGES = st.lists(st.integers(2, 900), min_size=1, max_size=6, unique=True).map(sorted)


@pytest.mark.parametrize(
    ("days", "younger", "older"),
    [
        (-400, "Current", "Current"),
        (-1, "Current", "Current"),
        (0, "Current", "Current"),
        (1, "1-30 d", "1-29 d"),
        (29, "1-30 d", "1-29 d"),
        (30, "1-30 d", "30-59 d"),
        (31, "31-60 d", "30-59 d"),
        (59, "31-60 d", "30-59 d"),
        (60, "31-60 d", "60-89 d"),
        (61, "61-90 d", "60-89 d"),
        (89, "61-90 d", "60-89 d"),
        (90, "61-90 d", "90+ d"),
        (91, "91+ d", "90+ d"),
        (4000, "91+ d", "90+ d"),
    ],
)
def test_default_edges(days, younger, older):
    for side, expected in (("younger", younger), ("older", older)):
        buckets = Buckets.parse("30,60,90", day_on_edge=side)
        assert buckets.labels[buckets.index(days)] == expected
        assert buckets.label(AS_OF - timedelta(days), AS_OF) == expected


def test_no_due_date_is_never_current():
    buckets = Buckets.parse("30,60,90")
    assert buckets.label(None, AS_OF) == "No due date"
    assert buckets.index(None) == buckets.no_date == 5


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-61, "Due in 61+ d"),
        (-60, "Due in 31-60 d"),
        (-31, "Due in 31-60 d"),
        (-30, "Due in 1-30 d"),
        (-1, "Due in 1-30 d"),
        (0, "Current"),
        (1, "1-30 d"),
    ],
)
@pytest.mark.parametrize("side", ["younger", "older"])
def test_forward_edges_split_current(days, expected, side):
    buckets = Buckets.parse(
        "31,60" if side == "older" else "30,60", forward="30,60", day_on_edge=side
    )
    assert buckets.labels[buckets.index(days)] == expected
    assert buckets.label(AS_OF - timedelta(days), AS_OF) == expected


def test_presets_have_a_source_and_a_date():
    assert presets() == ("audit", "cn")
    assert all(row["source"] and row["as_of"] for row in data_rows("buckets.csv"))
    audit = Buckets.parse("Audit")
    assert audit.labels == (
        "Current", "1-30 d", "31-60 d", "61-90 d", "91-180 d", "181-365 d", "366+ d", "No due date",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("issued", "as_of", "expected"),
    [
        (date(2026, 10, 31), AS_OF, "1年以内"),
        (date(2025, 11, 1), AS_OF, "1年以内"),
        (date(2025, 10, 31), AS_OF, "1年以内"),
        (date(2025, 10, 30), AS_OF, "1-2年"),
        (date(2024, 10, 31), AS_OF, "1-2年"),
        (date(2024, 10, 30), AS_OF, "2-3年"),
        (date(2022, 10, 30), AS_OF, "4-5年"),
        (date(2021, 10, 31), AS_OF, "4-5年"),
        (date(2021, 10, 30), AS_OF, "5年以上"),
        # 29 February, both as the day counted from and as the as-of date
        (date(2024, 2, 29), date(2025, 2, 28), "1年以内"),
        (date(2024, 2, 28), date(2025, 2, 28), "1年以内"),
        (date(2024, 2, 27), date(2025, 2, 28), "1-2年"),
        (date(2024, 2, 29), date(2025, 3, 1), "1-2年"),
        (date(2023, 2, 28), date(2024, 2, 29), "1-2年"),
        (date(2023, 3, 1), date(2024, 2, 29), "1年以内"),
        (date(2020, 2, 29), date(2024, 2, 29), "3-4年"),
    ],
)
def test_year_buckets_follow_edate(issued, as_of, expected):
    assert Buckets.parse("cn").label(issued, as_of) == expected


def test_year_buckets_name_their_base_and_refuse_days():
    assert Buckets.parse("cn").base == "issued"
    assert Buckets.parse("30").base == "due"
    with pytest.raises(BadValueError, match="two dates"):
        Buckets.parse("cn").index(400)


@given(DAYS, DAYS, st.integers(0, 4))
def test_year_cutoff_agrees_with_edate_of_each_day(issued, as_of, year):
    within = edate(issued, 12 * (year + 1)) >= as_of
    assert (Buckets.parse("cn").index_on(issued, as_of) <= year) == within


@given(DAYS, DAYS, EDGES, st.one_of(st.just([]), EDGES), st.sampled_from(["younger", "older"]))
def test_index_is_the_number_of_cutoffs_passed(base, as_of, edges, ahead, side):
    buckets = Buckets.parse(edges, day_on_edge=side, forward=ahead)
    days = (as_of - base).days
    assert sum(base < cutoff for cutoff in buckets.cutoffs(as_of)) == buckets.index(days)
    assert buckets.index_on(base, as_of) == buckets.index(days)
    assert len(buckets.labels) == len(buckets.cutoffs(as_of)) + 2
    assert len(set(buckets.labels)) == len(buckets.labels)


@pytest.mark.parametrize(
    "edges",
    ["30,60,90", "30;60;90", "30/60/90", "30 60 90", "30，60，90", "30、60、90", [30, 60, 90],
     (30.0, 60.0, 90.0), ["30", None, "60", "", 90], [[30, 60, 90]], [[30], [60], [90]]],
)  # fmt: skip
def test_edges_in_any_spelling(edges):
    assert Buckets.parse(edges) == Buckets.parse("30,60,90")


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ("", "No edges given"),
        ([None], "No edges given"),
        ("0,30,60", "Leave the 0 out"),
        ("30,30", "must rise: 30 follows 30"),
        ("60,30", "must rise: 30 follows 60"),
        ("-30,60", "is negative"),
        ("30,x", "'x' in the edges is not a number of days"),
        ("30.5,60", "not a whole number"),
        ("nan", "not a number of days"),
        ("inf", "not a number of days"),
        ("audti", "Did you mean the preset 'audit'?"),
        ("30,40000", "more than a hundred years"),
        (list(range(1, MAX_EDGES + 2)), "too many: give at most"),
    ],
)
def test_bad_edges_say_what_to_do(edges, message):
    with pytest.raises(BadValueError, match=message.replace("?", r"\?")):
        Buckets.parse(edges)


def test_bad_options_say_what_to_do():
    with pytest.raises(BadValueError, match="give 'younger'"):
        Buckets.parse("30", day_on_edge="middle")
    with pytest.raises(BadValueError, match="first edge must be 2 or more"):
        Buckets.parse("1,30", day_on_edge="older")
    with pytest.raises(BadValueError, match="Forward edges split Current"):
        Buckets.parse("cn", forward="30")
    with pytest.raises(BadValueError, match="leave out day_on_edge"):
        Buckets.parse("cn", day_on_edge="older")
    with pytest.raises(BadValueError, match="forward edges must rise"):
        Buckets.parse("30", forward="60,30")


def test_one_day_buckets_and_the_last_days_of_the_calendar():
    assert Buckets.parse("1,2").labels == ("Current", "1 d", "2 d", "3+ d", "No due date")
    assert Buckets.parse("30,60").label(date(1, 1, 1), date(1, 1, 1)) == "Current"
    assert Buckets.parse("30", forward="30").label(date.max, date.max) == "Current"


@pytest.mark.parametrize(
    ("given_as", "index"),
    [("Current", 0), ("1-30 D", 1), ("31-60", 2), (3.0, 3), ("no due date", 5)],
)
def test_find_a_bucket_by_label_or_number(given_as, index):
    assert Buckets.parse().find(given_as) == index


@pytest.mark.parametrize(
    ("given_as", "message"),
    [
        ("31-61 d", "Did you mean '31-60 d'"),
        ("x", "Buckets: Current"),
        (6, "number 6"),
        (1.5, "number 1.5"),
    ],
)
def test_unknown_bucket(given_as, message):
    with pytest.raises(BadValueError, match=message):
        Buckets.parse().find(given_as)


def test_needs_the_standard_library_only():
    code = "import sys, receivables.monitor.buckets; print(sorted({'polars','narwhals','pandas','numpy'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
