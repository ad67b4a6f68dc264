"""Early warnings: rules at their thresholds, and over small ledgers as known on a date."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import DomainError, NotAvailableError
from receivables.ledger.link import link
from receivables.monitor.horizon import Aim, horizon, quantile
from receivables.monitor.warnings import warnings
from receivables.monitor.warnings_overdue import least_amount, worst_overdue
from receivables.monitor.warnings_periods import last_month_ends
from receivables.monitor.warnings_rules import LEVELS, TRIGGERS, actions, level
from receivables.monitor.warnings_signals import FIVE, Event, rules, signals
from receivables.resources import data_rows
from tests.due_rows import invoice, payment
from tests.ledgers import ledger

AS_OF = date(2026, 10, 31)
KINDS = [
    "Lawsuit",
    "Manager left",
    "Terms change requested",
    "Bank line cut",
    "Insolvency",
    "Fair",
]


def told(as_of=AS_OF, *, grades=None, **tables):
    books = ledger(**tables)
    return warnings(link(books), books, as_of, grades=grades)


def only(found) -> dict:
    assert found.frame.height == 1, found.frame
    return found.frame.row(0, named=True)


@pytest.mark.parametrize(("days", "trigger"), [(14, ""), (15, ""), (16, "days")])
def test_days_late_at_the_threshold(days, trigger) -> None:
    row = only(told(documents=[invoice("1", 500_00, AS_OF - timedelta(days))]))
    assert (row["days_late"], row["trigger"]) == (days, trigger)
    assert row["level"] == ("yellow" if trigger else "")


@pytest.mark.parametrize(("now", "trigger"), [(5, ""), (6, "grade"), (7, "grade")])
def test_grades_arrive_as_columns(now, trigger) -> None:
    grades = pl.DataFrame({"customer_key": ["c1"], "grade_now": [now], "grade_before": [4]})
    row = only(told(grades=grades, documents=[invoice("1", 500_00, AS_OF)]))
    assert row["trigger"] == trigger


def test_a_customer_who_owes_nothing_is_told_when_his_grade_falls() -> None:
    grades = pl.DataFrame(
        {"customer_key": ["c9", "c8"], "grade_now": [9, 4], "grade_before": [4, 4]}
    )
    row = only(told(grades=grades))
    assert (row["customer_key"], row["exposure"], row["level"]) == ("c9", 0, "yellow")


def test_a_bank_charge_moves_nothing() -> None:
    """EUR 3 overdue for a year beside EUR 5,000 ten days late: ten days count."""
    charge = invoice("1", 3_00, AS_OF - timedelta(365))
    large = invoice("2", 5_000_00, AS_OF - timedelta(10))
    assert only(told(documents=[charge, large]))["days_late"] == 10
    assert only(told(documents=[charge]))["days_late"] == 0


@pytest.mark.parametrize(("cents", "days"), [(99_99, 0), (100_00, 0), (100_01, 200)])
def test_materiality_is_exceeded_only_beyond_it(cents, days) -> None:
    """The least amount of EUR is 100; 1 % of the exposure is less."""
    assert only(told(documents=[invoice("1", cents, AS_OF - timedelta(200))]))["days_late"] == days


@pytest.mark.parametrize(("cents", "days"), [(499_99, 0), (500_00, 0), (500_02, 200)])
def test_one_per_cent_of_the_exposure(cents, days) -> None:
    small = invoice("1", cents, AS_OF - timedelta(200))
    rest = invoice("2", 50_000_00 - cents, AS_OF)
    row = only(told(documents=[small, rest]))
    assert (row["materiality"], row["days_late"]) == (500_00, days)


def test_many_small_debts_are_a_large_one() -> None:
    """Each is below the materiality; together they are not: the day at which they exceed it counts."""
    documents = [invoice(str(n), 40_00, AS_OF - timedelta(100 - n)) for n in range(5)]
    assert only(told(documents=documents))["days_late"] == 98


def test_unapplied_cash_clears_the_oldest_debt_first() -> None:
    documents = [
        invoice("1", 500_00, AS_OF - timedelta(90)), invoice("2", 500_00, AS_OF - timedelta(20)),
    ]  # fmt: skip
    paid = [payment("P", None, 500_00, AS_OF)]
    row = only(told(documents=documents, payments=paid))
    assert (row["exposure"], row["overdue"], row["days_late"]) == (500_00, 500_00, 20)


def test_what_is_disputed_does_not_count() -> None:
    claim = {"disputed_amount": 500_00, "disputed_on": AS_OF - timedelta(5)}
    row = only(told(documents=[invoice("1", 500_00, AS_OF - timedelta(90), **claim)]))
    assert (row["disputed"], row["overdue"], row["days_late"]) == (500_00, 0, 0)
    later = claim | {"disputed_on": AS_OF + timedelta(1)}
    row = only(told(documents=[invoice("1", 500_00, AS_OF - timedelta(90), **later)]))
    assert (row["disputed"], row["days_late"]) == (0, 90)


def test_currencies_do_not_add_up_and_the_worst_counts_for_both() -> None:
    found = told(
        documents=[
            invoice("1", 500_00, AS_OF - timedelta(40)),
            invoice("2", 900_00, AS_OF + timedelta(9), currency="USD"),
        ]
    ).frame
    assert set(found.select("currency", "exposure", "days_late").rows()) == {
        ("EUR", 500_00, 40), ("USD", 900_00, 0),
    }  # fmt: skip
    assert found["level"].to_list() == ["yellow", "yellow"]


def test_least_amounts_of_the_settings_win() -> None:
    books = ledger(documents=[invoice("1", 500_00, AS_OF - timedelta(40))])
    from receivables.ledger.open import open_items

    opened = open_items(link(books), AS_OF)
    assert worst_overdue(opened)["days_late"].item() == 40
    assert worst_overdue(opened, minimum={"EUR": 500_00})["days_late"].item() == 0
    assert least_amount("JPY") == 15000


def paying_later(months: int, rise: int, last: date = AS_OF):
    """A month's invoice each, paid so many days later every month."""
    documents, payments = [], []
    for n, end in enumerate(last_month_ends(last, months)):
        due = end - timedelta(10 + rise * n)
        documents.append(invoice(f"D{n}", 1_000_00, due, issued_on=due - timedelta(30)))
        payments.append(payment(f"P{n}", f"D{n}", 1_000_00, end))
    documents.append(invoice("open", 1_000_00, last + timedelta(20)))
    return {"documents": documents, "payments": payments}


def test_three_periods_each_longer() -> None:
    row = only(told(**paying_later(3, 1)))
    assert row["cycle"] is True
    assert "40.0 → 41.0 → 42.0" in row["evidence"]
    assert row["level"] == "blue"
    assert only(told(**paying_later(3, 0)))["cycle"] is False
    assert only(told(**paying_later(2, 5)))["cycle"] is None


def test_horizon_of_the_ledger_is_that_of_the_cell() -> None:
    row = only(told(**paying_later(12, 1)))
    ends = last_month_ends(AS_OF, 12)
    cell = horizon(ends, [10 + n for n in range(12)], AS_OF)
    assert row["within"] == cell.within == "no"
    assert 1000 < row["days_until"] < 1400
    assert row["days_until"] == pytest.approx(cell.days_until, rel=1e-6)
    assert row["earliest"] == pytest.approx(cell.earliest, rel=1e-6)
    assert row["slope"] == pytest.approx(cell.slope)


def test_who_stops_paying_does_not_look_prompt() -> None:
    """Nothing was paid for half a year; what is overdue at each month end draws the line."""
    late = [invoice("1", 1_000_00, AS_OF - timedelta(170))]
    row = only(told(documents=late))
    assert row["within"] == "yes"
    assert row["days_now"] > 150


def test_a_disputed_document_draws_no_line() -> None:
    claim = {"disputed_amount": 1_000_00, "disputed_on": AS_OF - timedelta(175)}
    row = only(told(documents=[invoice("1", 1_000_00, AS_OF - timedelta(170), **claim)]))
    assert row["within"] == ""


def test_events_of_the_ledger() -> None:
    events = [
        {"customer_id": "C1", "on": AS_OF - timedelta(90), "kind": "Terms change requested"},
        {"customer_id": "c1 ", "on": AS_OF, "kind": "要求修改付款条件"},
        {"customer_id": "C1", "on": AS_OF, "kind": "Cheque returned"},
        {"customer_id": "C2", "on": AS_OF, "kind": "破产清算"},
    ]
    found = told(documents=[invoice("1", 500_00, AS_OF)], events=events)
    rows = {row["customer_key"]: row for row in found.frame.iter_rows(named=True)}
    assert (rows["c1"]["terms"], rows["c1"]["signals"], rows["c1"]["level"]) == (True, 1, "blue")
    assert (rows["c2"]["insolvency"], rows["c2"]["signals"], rows["c2"]["level"]) == (
        True,
        0,
        "red",
    )
    assert [issue.value for issue in found.issues] == ["Cheque returned"]


@pytest.mark.parametrize(("now", "before", "fired"), [(1, 1, False), (2, 1, True), (0, 2, False)])
def test_lawsuits_count_against_the_window_before(now, before, fired) -> None:
    ages = [30] * now + [200] * before
    events = [{"customer_id": "C1", "on": AS_OF - timedelta(n), "kind": "Lawsuit"} for n in ages]
    row = only(told(documents=[invoice("1", 500_00, AS_OF)], events=events))
    assert row["lawsuits"] is fired


def test_without_an_events_table_nothing_is_called_quiet() -> None:
    row = only(told(documents=[invoice("1", 500_00, AS_OF)]))
    assert [row[name] for name in ("terms", "management", "lawsuits", "bank")] == [None] * 4


def test_an_event_is_known_from_the_day_we_heard_of_it() -> None:
    event = {"customer_id": "C1", "on": AS_OF - timedelta(9), "kind": "Lawsuit"}
    base = {"documents": [invoice("1", 500_00, AS_OF)]}
    heard = event | {"known_on": AS_OF}
    late = event | {"known_on": AS_OF + timedelta(1)}
    assert only(told(**base, events=[heard]))["lawsuits"] is True
    assert only(told(**base, events=[late, event | {"kind": "Fair"}]))["lawsuits"] is False


def test_a_list_of_open_items_has_no_history() -> None:
    books = ledger(documents=[invoice("1", 500_00, AS_OF - timedelta(40))])
    books.kind, books.extracted_on = "open_items", AS_OF
    row = only(warnings(link(books), books, AS_OF))
    assert (row["days_late"], row["cycle"], row["within"]) == (40, None, "")


def test_nothing_of_the_future_is_used() -> None:
    """The ledger cut off at the date gives the same warnings as the whole one."""
    tables = paying_later(14, 3, date(2026, 12, 31))
    events = [
        {"customer_id": "C1", "on": day, "kind": "Lawsuit"}
        for day in (date(2026, 10, 1), date(2026, 11, 5))
    ]
    cut = {
        "documents": [row for row in tables["documents"] if row["issued_on"] <= AS_OF],
        "payments": [row for row in tables["payments"] if row["paid_on"] <= AS_OF],
        "events": [row for row in events if row["on"] <= AS_OF],
    }
    whole, known = told(**tables, events=events), told(**cut)
    assert whole.frame.equals(known.frame)
    assert whole.actions.equals(known.actions)


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_every_engine_says_the_same(engine) -> None:
    books = ledger(
        **paying_later(8, 2), events=[{"customer_id": "C1", "on": AS_OF, "kind": "Lawsuit"}]
    )
    posted = link(books)
    here, there = warnings(posted, books, AS_OF), warnings(posted, books, AS_OF, engine=engine)
    assert here.frame.equals(there.frame)
    assert here.actions.equals(there.actions)


def test_recommendations_are_rows_with_owner_and_day() -> None:
    found = told(documents=[invoice("1", 1_000_01, AS_OF - timedelta(40))])
    rows = {row["action"]: row for row in found.actions.iter_rows(named=True)}
    assert set(rows) == {"terms", "collateral", "reduce"}
    assert rows["terms"]["amount"] is None
    assert rows["reduce"]["amount"] == 500_01  # half of 1,000.01, half up
    assert rows["reduce"]["act_by"] == AS_OF + timedelta(15)
    assert found.counts() == {"red": 0, "yellow": 1, "blue": 0}


@settings(deadline=None, max_examples=15)
@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(-40, 420), st.booleans()),
        min_size=1,
        max_size=9,
    )
)
def test_the_ledger_says_what_the_cell_says(events) -> None:
    happened = [Event(AS_OF - timedelta(days), kind) for kind, days, _ in events]
    table = [{"customer_id": "C1", "on": one.on, "kind": one.kind} for one in happened]
    row = only(told(documents=[invoice("1", 500_00, AS_OF)], events=table))
    cell = {one.rule.signal: one.fired for one in signals(happened, None, AS_OF)}
    for name in (*FIVE[1:], "insolvency"):
        assert row[name] == cell[name], name


def test_a_later_rise_never_lowers_the_level() -> None:
    rank = LEVELS.index
    for fired in TRIGGERS:
        for count in range(5):
            here = rank(level(fired, count))
            assert rank(level(fired, count + 1)) >= here
            assert rank(level(fired, count, expected=True)) >= here
            assert rank(level("days+grade", count)) >= here
            assert level(fired, count, insolvent=True) == "red"


def test_every_level_and_grade_has_its_three_responses() -> None:
    for name in LEVELS[1:]:
        for grade in range(1, 11):
            found = actions(name, grade, Decimal(100))
            assert [one.action for one in found] == ["terms", "collateral", "reduce"]
            assert all(one.owner and one.within_days > 0 and 0 <= one.share <= 1 for one in found)
    assert actions("") == []


def test_the_band_is_that_of_a_textbook_regression() -> None:
    """Six points; prediction interval on day 0 worked out by hand with t(4; 80 %) = 1.5332."""
    days = [-150, -120, -90, -60, -30, 0]
    values = [10.0, 12, 11, 15, 14, 16]
    found = horizon([AS_OF + timedelta(day) for day in days], values, AS_OF)
    # b = 210 ÷ 157.5 · 1/30 a day; fitted value on day 0 = 16; residual sum 5.33…
    n, mean = 6, -75
    spread = sum((day - mean) ** 2 for day in days)
    slope = sum((day - mean) * (y - 13) for day, y in zip(days, values, strict=True)) / spread
    start = 13 - slope * mean
    rest = sum((y - start - slope * day) ** 2 for day, y in zip(days, values, strict=True))
    half = 1.5332 * (rest / 4 * (1 + 1 / n + mean**2 / spread)) ** 0.5
    assert found.current == pytest.approx(start)
    assert (found.low, found.high) == pytest.approx((start - half, start + half))
    assert found.days_until == pytest.approx((60 - start) / slope)
    edge = start + slope * found.earliest
    width = 1.5332 * (rest / 4 * (1 + 1 / n + (found.earliest - mean) ** 2 / spread)) ** 0.5
    assert edge + width == pytest.approx(60)
    late = start + slope * found.latest
    width = 1.5332 * (rest / 4 * (1 + 1 / n + (found.latest - mean) ** 2 / spread)) ** 0.5
    assert late - width == pytest.approx(60)


def test_the_band_holds_the_share_it_names() -> None:
    """Of 2,000 straight lines with noise, four of five next values lie in the 80 % band."""
    import random

    chance, hits = random.Random(5), 0
    ends = [AS_OF - timedelta(30 * back) for back in range(12, 0, -1)]
    for _ in range(2000):
        slope = chance.uniform(-1, 2)
        values = [20 + slope * n + chance.gauss(0, 5) for n in range(12)]
        found = horizon(ends, values, AS_OF)
        hits += found.low <= 20 + slope * 12 + chance.gauss(0, 5) <= found.high
    assert hits / 2000 == pytest.approx(0.8, abs=0.025)


def test_bad_aims() -> None:
    with pytest.raises(DomainError, match="3 points or more"):
        Aim.of(min_points=2)
    with pytest.raises(NotAvailableError, match="2 months up to 2026-10-31, 6 are needed"):
        horizon([AS_OF, date(2026, 9, 30)], [1, 2], AS_OF)
    assert quantile(1, 0.95) == 12.7062


@pytest.mark.parametrize(
    "name",
    ["warning_rules", "warning_signals", "warning_levels", "warning_actions", "warning_quantiles", "materiality", "countries", "country_aliases", "country_classes", "country_policy", "country_rules", "country_scales", "country_scores"],
)  # fmt: skip
def test_every_row_has_its_source_and_day(name) -> None:
    for row in data_rows(f"{name}.csv"):
        assert row["source"], row
        assert date.fromisoformat(row["as_of"]), row


def test_words_of_the_signals_are_told_apart() -> None:
    words = [word.casefold() for one in rules().values() for word in one.words if word]
    assert len(words) == len(set(words))
