"""Calibrating: what is fitted can be typed into a cell, never counts backwards, never looks ahead."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import receivables_udfs  # noqa: F401 - declares the functions
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from receivables.assess.backtest import backtest
from receivables.assess.calibrate import RISING, calibrate, fit_model, time_folds
from receivables.assess.factor_rows import FACTORS
from receivables.assess.fitted_bins import fit_bins
from receivables.assess.fitted_tables import scorecard_of
from receivables.assess.grade_table import grade_table
from receivables.assess.grades import Grades
from receivables.assess.observations import Observations
from receivables.assess.outcomes import outcome_named
from receivables.assess.scorecard import Scorecard
from receivables.cells import find_function
from receivables.cli import app
from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.errors import NotAvailableError

OUTCOME = outcome_named("customer-15", 90)


def invented(size=1500, seed=11, dates=12, **changes) -> Observations:
    """Customers whose days and late rate tell, whose rating tells a little, whose age tells nothing."""
    chance = np.random.default_rng(seed)
    days = chance.normal(5, 12, size)
    rate = np.clip(0.3 + days / 60 + chance.normal(0, 0.15, size), 0, 1)
    step = chance.integers(1, 11, size)
    risk = -2.5 + 0.09 * days + 2 * rate + 0.1 * step
    blank = [None] * size
    columns = {
        "as_of": [date(2025, 1, 31) + timedelta(31 * int(n)) for n in np.sort(chance.integers(0, dates, size))],
        "customer_key": [f"c{n}" for n in chance.integers(0, 150, size)],
        "event": chance.random(size) < 1 / (1 + np.exp(-risk)),
        "already": [False] * size,
        "customer_id": blank, "name": blank, "days_beyond_terms": days, "late_rate": rate,
        "worst_age": np.abs(chance.normal(0, 20, size)), "years_trading": chance.uniform(0, 20, size),
        "debt_ratio": blank, "current_ratio": blank, "cashflow_cover": blank,
        "external_rating": [f"own:{n}" if n % 3 else None for n in step], "past_late_rate": rate,
    }  # fmt: skip
    frame = pl.DataFrame(columns | changes)
    return Observations(OUTCOME, date(2026, 2, 28), frame)


@pytest.fixture(scope="module")
def fitted():
    return calibrate(invented())


def test_what_was_fitted_is_a_scorecard_like_any_other(fitted) -> None:
    rows = fitted.scorecard.to_rows()
    assert Scorecard.from_rows(rows).to_rows() == rows
    assert Grades.from_rows(fitted.grades.to_rows()) == fitted.grades
    assert 99 < fitted.scorecard.weight <= 100
    for scale in fitted.scorecard.scales:
        points = [item.points for item in scale.bins]
        assert (min(points), max(points)) == (0, 100)
        assert points == sorted(points, reverse=RISING[scale.factor]), scale.factor


def test_it_can_be_typed_into_a_cell(fitted) -> None:
    """Cell and table give every customer the same grade with the fitted scorecard."""
    frame = invented(60, seed=5).frame.select(name for name in FACTORS if name in RISING)
    graded = grade_table(frame, fitted.scorecard)
    spec, rows = find_function("CREDIT_GRADE_ROW"), fitted.scorecard.to_rows()
    for values, grade in zip(frame.iter_rows(), graded["grade"], strict=True):
        assert spec.call([list(values)], [frame.columns], rows) == grade


def test_it_ranks_new_customers_better_than_the_late_rate(fitted) -> None:
    found = backtest(invented(seed=12), fitted.scorecard, fitted.grades, draws=200)
    assert found.difference.low > 0
    assert found.brier_difference is not None
    assert found.brier_difference.high < 0
    shown = found.by_grade.filter(pl.col("count") > 100)
    assert ((shown["rate"] - shown["pd"]).abs() < 0.12).all()


def test_rates_never_fall_and_name_their_source(fitted) -> None:
    rates = [rung.pd for rung in fitted.grades.rungs]
    assert rates == sorted(rates)
    assert 0 < rates[0] < rates[-1] < 1
    events = invented().frame["event"].sum()
    assert {rung.pd_source for rung in fitted.grades.rungs} == {
        f"calibrated: customer-15, 1500 observations, {events} events, known by 2026-02-28"
    }
    assert fitted.grades.default_rate(10) == rates[-1], "no need to ask for illustrative ones"


def test_what_is_left_out_is_named(fitted) -> None:
    assert fitted.left_out["debt_ratio"] == "known for 0 events, 30 are needed"
    assert {scale.factor for scale in fitted.scorecard.scales} | set(fitted.left_out) == set(
        RISING
    )


def test_a_factor_that_counts_backwards_is_left_out() -> None:
    """Here older customers pay worse; a scorecard that says so would be chance, not knowledge."""
    found = invented()
    years = pl.when("event").then(15.0).otherwise(3.0) + pl.col("years_trading") / 10
    turned = Observations(OUTCOME, found.until, found.frame.with_columns(years_trading=years))
    assert "years_trading" in calibrate(turned).left_out


@pytest.mark.parametrize(("events", "refused"), [(3, True), (29, True), (30, False)])
def test_three_events_are_refused(events, refused) -> None:
    rows = pl.Series([n % (1500 // events) == 0 for n in range(1500)])
    rows = rows & (rows.cast(pl.Int64).cum_sum() <= events)
    found = invented(event=rows)
    if refused:
        with pytest.raises(
            NotAvailableError, match=f"^{events} events and {1500 - events} others"
        ):
            calibrate(found)
    else:
        assert calibrate(found).events == events


def test_the_same_history_gives_the_same_scorecard(fitted) -> None:
    again = calibrate(invented())
    assert again.scorecard.to_rows() == fitted.scorecard.to_rows()
    assert again.grades == fitted.grades


def test_time_folds_never_fit_on_what_comes_later() -> None:
    dates = np.sort(invented().frame["as_of"].to_numpy())
    folds = time_folds(dates, 4, timedelta(90))
    assert len(folds) >= 2
    for fit, judge in folds:
        assert dates[fit].max() + np.timedelta64(90, "D") < dates[judge].min()


values = st.lists(
    st.tuples(st.floats(-50, 50).map(lambda x: float(f"{x:.3g}")), st.booleans()),
    min_size=60,
    max_size=200,
)


@given(values, st.booleans())
@settings(max_examples=60, deadline=None)
def test_bins_only_rise_and_are_never_small(rows, rising) -> None:
    x, y = (np.array(part) for part in zip(*rows, strict=True))
    found = fit_bins("days_beyond_terms", x, y, rising, 6, 10)
    if found is None:
        return
    sign = 1 if rising else -1
    assert (sign * np.diff(found.woe) > 0).all()
    assert sum(found.counts) == len(x)
    assert min(found.counts) >= 10


def test_a_value_on_a_bound_is_where_the_scorecard_puts_it() -> None:
    """The better side, in fitting and in scoring alike, whichever way the factor runs."""
    found = invented().frame
    events = found["event"].to_numpy()
    for name, values in (
        ("days_beyond_terms", found["days_beyond_terms"].to_numpy()),
        ("current_ratio", 60 - found["days_beyond_terms"].to_numpy()),
    ):
        model = fit_model({name: values}, events, RISING, 6, 1.0)
        [one] = model.bins
        scale = scorecard_of(model.bins, model.weights).scale(name)
        points = [item.points for item in scale.bins]
        for edge in one.edges:
            for value in (edge, edge - 0.001, edge + 0.001):
                place = int(one.place(np.array([value]))[0])
                assert scale.points(value).points == points[place], (name, value)


def test_nothing_that_tells_is_refused() -> None:
    chance = np.random.default_rng(2)
    noise = {"late_rate": np.full(400, 0.3)}
    with pytest.raises(NotAvailableError, match="there is nothing to fit"):
        fit_model(noise, chance.random(400) < 0.3, RISING, 4, 1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo")
    write_folder(build_firm(), path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_the_command(folder, tmp_path) -> None:
    card, ladder = tmp_path / "card.csv", tmp_path / "ladder.csv"
    asked = ["calibrate", folder, "--until", "2026-03-31", "-o", card, "--grades-out", ladder]
    done = run(*asked)
    assert done.exit_code == 0, done.output
    assert "known by 2026-03-31, outcome customer-15" in done.stdout
    assert "Left out: " in done.stdout
    told = run("backtest", folder, "--from", "2026-04-30", "--until", "2026-10-31", "--scorecard", card, "--grades", ladder, "--json")  # fmt: skip
    figures = json.loads(told.stdout)
    assert figures["brier"] < figures["baseline_brier"]
    assert figures["from"] == "2026-04-30"
    again = run(*asked)
    assert (again.exit_code, "exists already" in again.stderr) == (2, True)


def test_too_short_a_history_is_refused_by_the_command(folder, tmp_path) -> None:
    done = run("calibrate", folder, "--until", "2025-08-31", "-o", tmp_path / "card.csv")
    assert done.exit_code == 2
    assert "at least 30" in done.stderr or "There is no month end" in done.stderr
    assert not (tmp_path / "card.csv").exists()


def test_a_cap_never_makes_a_worse_grade_look_safer() -> None:
    """Good customers with few invoices are capped at 5: alone their rate would be below that of 4."""
    found = invented()
    good = pl.col("days_beyond_terms") < 0
    few = found.frame.with_columns(paid_invoices=pl.when(good).then(1).otherwise(20))
    fitted = calibrate(Observations(OUTCOME, found.until, few))
    graded = grade_table(few, fitted.scorecard)
    five = graded.filter((pl.col("grade") == 5) & (pl.col("score") >= 70))
    assert five.height > 100
    rates = [rung.pd for rung in fitted.grades.rungs]
    assert rates == sorted(rates)
