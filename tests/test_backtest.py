"""Backtest: figures against an oracle and scikit-learn, outcomes on small ledgers, refusals, the command."""

import json
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve
from typer.testing import CliRunner

from receivables.assess.backtest import backtest
from receivables.assess.backtest_stats import Ranking, Resamples, brier, interval, stability
from receivables.assess.factor_rows import factor_rows
from receivables.assess.grades import Grades
from receivables.assess.observations import last_known, observations
from receivables.assess.outcomes import lateness, of_customers, of_invoices, outcome_named
from receivables.assess.pay_history import settled
from receivables.cli import app
from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.link import link
from receivables.monitor.warnings_periods import claims
from receivables.refresh import load
from receivables.refresh.backtest import backtest_job
from receivables.report.backtest_chart import backtest_chart
from tests.ledgers import ledger
from tests.oracle.auc_oracle import auc as auc_by_pairs

cases = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=30
)


@given(cases)
@settings(max_examples=200, deadline=None)
def test_auc_agrees_with_every_pair(rows) -> None:
    """With ties, and with weights as a resample gives them."""
    events, risks, times = zip(*rows, strict=True)
    ranking = Ranking(np.array(events), np.array(risks, dtype=float))
    plain = auc_by_pairs(events, risks, [1] * len(rows))
    drawn = auc_by_pairs(events, risks, times)
    assert ranking.auc() == pytest.approx(
        float("nan") if plain is None else float(plain), nan_ok=True
    )
    weighted = ranking.auc(np.array(times, dtype=float))
    assert weighted == pytest.approx(float("nan") if drawn is None else float(drawn), nan_ok=True)


def rank(size=400, seed=1):
    chance = np.random.default_rng(seed)
    risk = chance.normal(size=size).round(1)
    return Ranking(chance.random(size) < 1 / (1 + np.exp(-risk)), risk)


def test_figures_agree_with_scikit_learn() -> None:
    ranking = rank()
    assert ranking.auc() == pytest.approx(roc_auc_score(ranking.events, ranking.risk))
    others, events, _ = roc_curve(ranking.events, ranking.risk, drop_intermediate=False)
    assert ranking.ks() == pytest.approx((events - others).max())
    mine = ranking.curve()
    assert np.allclose(mine[0], others)
    assert np.allclose(mine[1], events)


def test_lift_shares_a_tie_at_the_edge() -> None:
    """The worst half of ten: two at the top, three of the five tied below them."""
    events = np.array([True] * 2 + [True, False, False, False, True] + [False] * 3)
    ranking = Ranking(events, np.array([9.0, 9, 5, 5, 5, 5, 5, 1, 1, 1]))
    assert ranking.lift(0.5) == pytest.approx((2 + 3 * 2 / 5) / 5 / 0.4)


def test_stability_by_hand() -> None:
    same = stability(np.array([10, 20, 0]), np.array([100, 200, 0]))
    assert same == pytest.approx(0.0)
    moved = stability(np.array([10, 0]), np.array([5, 5]))
    assert moved == pytest.approx((0.5 - 1) * np.log(0.5) + (0.5 - 0.05) * np.log(0.5 / 0.05))


def test_resamples_draw_whole_customers_and_repeat() -> None:
    customers = ["a", "a", "b", "c", "c", "c"]
    drawn = list(Resamples.of(customers, 50, 7).weights())
    for weights in drawn:
        assert weights[0] == weights[1]
        assert weights[3] == weights[4] == weights[5]
        assert weights[0] + weights[2] + weights[3] == 3
    again = list(Resamples.of(customers, 50, 7).weights())
    assert all((one == other).all() for one, other in zip(drawn, again, strict=True))
    with pytest.raises(BadValueError, match="One customer gives no interval"):
        Resamples.of(["a"], 5, 7)


def test_intervals_by_customer_are_wider_when_customers_agree() -> None:
    """Ten invoices each of 40 customers, all with one fate, are 40 observations, not 400."""
    chance = np.random.default_rng(3)
    risk = chance.normal(size=40)
    events = chance.random(40) < 1 / (1 + np.exp(-2 * risk))
    ranking = Ranking(np.repeat(events, 10), np.repeat(risk, 10))

    def width(customers) -> float:
        draws = [ranking.auc(w) for w in Resamples.of(customers, 300, 7).weights()]
        low, high = interval(draws)
        return high - low

    assert width(np.repeat(np.arange(40), 10)) > 2 * width(np.arange(400))


END = date(2026, 6, 30)


def invoice(number, amount, due, **more):
    return {
        "document_no": number, "kind": "invoice", "amount": amount,
        "issued_on": due - timedelta(30), "due_on": due,
    } | more  # fmt: skip


def passed(documents, payments=(), disputes=(), days=15, until=date(2026, 12, 31)):
    made = ledger(documents=documents, payments=payments, disputes=disputes)
    posted = link(made)
    found = settled(posted, until, disputes=made["disputes"])
    return lateness(found, days, claims(posted, made["disputes"]))


def pay(number, document, amount, paid, **more):
    return {
        "payment_no": number,
        "document_no": document,
        "amount": amount,
        "paid_on": paid,
    } | more


@pytest.mark.parametrize(("late", "event"), [(14, False), (15, False), (16, True)])
def test_more_than_15_days_late(late, event) -> None:
    due = END + timedelta(10)
    rows = passed([invoice("R1", 500_00, due)], [pay("P1", "R1", 500_00, due + timedelta(late))])
    assert of_customers(rows, END, 90)["event"].to_list() == [event]


@pytest.mark.parametrize(("due", "seen"), [(-16, False), (-15, True), (74, True), (75, False)])
def test_the_horizon_holds_day_1_to_day_90(due, seen) -> None:
    """A document is more than 15 days late on day 16; that day must be one of the 90."""
    rows = passed([invoice("R1", 500_00, END + timedelta(due))])
    assert of_customers(rows, END, 90).height == seen


def test_who_is_that_late_already_is_set_apart() -> None:
    documents = [invoice("R1", 500_00, END - timedelta(16)), invoice("R2", 500_00, END)]
    [row] = of_customers(passed(documents), END, 90).to_dicts()
    assert (row["event"], row["already"]) == (True, True)
    paid = [pay("P1", "R1", 500_00, END)]
    assert not of_customers(passed(documents, paid), END, 90)["already"][0], "paid by that day"


def test_a_residue_is_not_late_and_a_lost_invoice_is() -> None:
    due = END + timedelta(10)
    documents = [
        invoice("R1", 500_00, due), invoice("R2", 500_00, due, customer_id="C2"),
        {"document_no": "W2", "kind": "write_off", "amount": -500_00, "issued_on": due + timedelta(90),
         "applies_to": "R2", "customer_id": "C2"},
    ]  # fmt: skip
    rows = passed(documents, [pay("P1", "R1", 496_00, due)])
    found = dict(of_customers(rows, END, 90).select("customer_key", "event").iter_rows())
    assert found == {"c1": False, "c2": True}


def test_a_dispute_open_on_the_day_leaves_the_document_out() -> None:
    due = END + timedelta(10)
    claim = {"dispute_id": "D1", "customer_id": "C1", "document_no": "R1", "opened_on": due}
    late = [pay("P1", "R1", 500_00, due + timedelta(60))]
    closed = claim | {"closed_on": due + timedelta(15)}
    open_then = claim | {"closed_on": due + timedelta(40)}
    documents = [invoice("R1", 500_00, due)]
    assert passed(documents, late, [open_then]).is_empty()
    assert passed(documents, late, [closed])["late"].to_list() == [True]


def test_invoices_of_the_month_after() -> None:
    documents = [
        invoice("before", 9_00, END + timedelta(30)), invoice("first", 9_00, END + timedelta(31)),
        invoice("last", 9_00, END + timedelta(61)), invoice("after", 9_00, END + timedelta(62)),
    ]  # fmt: skip
    payments = [
        pay("P1", "first", 9_00, END + timedelta(31)),
        pay("P2", "last", 9_00, END + timedelta(62)),
    ]
    rows = passed(documents, payments, days=0)
    assert of_invoices(rows, END)["event"].to_list() == [False, True]


def test_an_invoice_not_yet_due_has_no_outcome() -> None:
    """Those already paid before their due date would else count as good, and no bad one with them."""
    due = date(2026, 12, 31)
    early = [pay("P1", "R1", 500_00, due - timedelta(20))]
    assert passed([invoice("R1", 500_00, due)], early, days=0, until=due).is_empty()
    assert (
        passed([invoice("R1", 500_00, due)], early, days=0, until=due + timedelta(1)).height == 1
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo")
    write_folder(build_firm(), path)
    return path


@pytest.fixture(scope="module")
def books(folder):
    return load(folder)


@pytest.fixture(scope="module")
def seen(books):
    return observations(
        books.posted, books.ledger, outcome_named("customer-15", 90), date(2026, 10, 31),
        first=date(2026, 2, 1),
    )  # fmt: skip


def test_the_demo_firm(seen) -> None:
    found = backtest(seen, draws=200)
    fresh = seen.frame.filter(~pl.col("already"))
    assert found.observations + found.ungraded == fresh.height
    assert found.events == found.by_grade["events"].sum()
    assert found.observations == found.by_grade["count"].sum()
    assert found.auc.low < found.auc.value < found.auc.high
    assert 0.5 < found.auc.value < 1
    assert found.difference.value == pytest.approx(found.auc.value - found.baseline.value)
    assert found.brier is None, "illustrative rates are no forecast"
    assert max(seen.frame["as_of"]) + timedelta(90) <= date(2026, 10, 31)


def test_what_happens_after_the_last_known_day_changes_nothing(books, seen) -> None:
    """The same observations from a ledger that ends on that day."""
    until = date(2026, 6, 30)
    cut = {
        name: books.ledger[name].filter(
            (pl.col("posted_on") <= until) & (pl.col("entered_on") <= until).fill_null(value=True)
        )
        for name in ("documents", "payments")
    }
    small = replace(books.ledger, tables={**books.ledger.tables, **cut})
    outcome = outcome_named("customer-30", 90)
    first = date(2026, 2, 1)
    whole = observations(books.posted, books.ledger, outcome, until, first=first).frame
    part = observations(link(small), small, outcome, until, first=first).frame
    assert whole.drop("country").equals(part.drop("country"))
    assert whole["event"].sum() > 30


def test_calibrated_rates_are_judged(seen) -> None:
    rows = Grades.default().to_rows()
    for row in rows[1:]:
        row[3:] = [0.05 * row[0], "ours of 2026"]
    found = backtest(seen, grades=Grades.from_rows(rows), draws=50)
    assert found.brier is not None
    assert found.brier.low < found.brier.value < found.brier.high
    assert found.by_grade["pd"][0] == pytest.approx(0.05 * found.by_grade["grade"][0])
    assert brier(np.array([True, False]), np.array([0.9, 0.2])) == pytest.approx((0.01 + 0.04) / 2)


def test_under_30_events_is_refused_and_counted(books) -> None:
    asked = {"first": date(2026, 6, 30), "last": date(2026, 6, 30)}
    found = observations(
        books.posted, books.ledger, outcome_named("customer-30", 90), date(2026, 10, 31), **asked
    )
    events = found.frame.filter(~pl.col("already"))["event"].sum()
    assert 0 < events < 30
    with pytest.raises(
        NotAvailableError, match=r"^\d+ events and \d+ others for customer-30 .*at least 30"
    ):
        backtest(found)


def test_too_short_a_history_is_refused(books) -> None:
    with pytest.raises(
        NotAvailableError, match="There is no month end from 2026-09-01 to 2026-08-02"
    ):
        observations(
            books.posted, books.ledger, outcome_named("customer-15", 90), date(2026, 10, 31),
            first=date(2026, 9, 1),
        )  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_the_command(folder, tmp_path) -> None:
    picture = tmp_path / "roc.svg"
    done = run(
        "backtest", folder, "--outcome", "invoice-late", "--from", "2026-03-31", "--to", "2026-06-30",
        "--until", "2026-10-31", "--chart", picture, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    needed = {"auc", "auc_low", "auc_high", "baseline_auc", "events", "outcome", "difference_low"}
    assert needed <= set(told)
    assert (told["outcome"], told["from"], told["to"]) == (
        "invoice-late",
        "2026-03-31",
        "2026-06-30",
    )
    assert told["gini"] == pytest.approx(2 * told["auc"] - 1)
    assert "past late rate alone: AUC" in picture.read_text(encoding="utf-8")
    shown = run("backtest", folder, "--from", "2026-05-31", "--until", "2026-10-31").stdout
    assert "AUC of the past late rate alone" in shown
    assert "that late already. Known until 2026-10-31." in shown


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--outcome", "bankrupt"], "give one of customer-15, customer-30, invoice-late"),
        (["--from", "2026-06-30", "--to", "2026-01-31"], "lies after"),
        (["--chart", "roc.pdf"], "A chart is png or svg, not 'pdf'"),
    ],
)
def test_mistakes(folder, more, words) -> None:
    done = run("backtest", folder, *more)
    assert (done.exit_code, words in done.stderr) == (2, True), done.output


def test_the_chart_is_the_same_twice(seen) -> None:
    found = backtest(seen, draws=20)
    assert backtest_chart(found) == backtest_chart(found)
    assert backtest_chart(found)[:4] == b"\x89PNG"


IBM = Path(os.environ.get("RECEIVABLES_VALIDATION_DATA", "/nowhere")) / "ibm_ar"


def test_late_payment_histories_as_published() -> None:
    """Where the sample is at hand, the figures of docs/validation.md come out again."""
    from benchmarks.validation import MAPPING, SPLIT, judged

    files = list(IBM.glob("WA_*.csv"))
    for path in files:
        books = load(path, map_file=MAPPING)
        fitted, shipped = judged(books, SPLIT, last_known(books.ledger, books.posted))
        assert (fitted.observations, fitted.events) == (536, 151)
        assert f"{fitted.auc.value:.3f} {fitted.baseline.value:.3f}" == "0.846 0.848"
        assert f"{shipped.auc.value:.3f}" == "0.841"
    assert MAPPING.exists()


def test_a_list_of_open_items_has_no_past() -> None:
    made = ledger(documents=[invoice("R1", 500_00, END)])
    made.kind = "open_items"
    with pytest.raises(NotAvailableError, match="holds no past"):
        observations(link(made), made, outcome_named("customer-15", 90), END)


def test_the_job_knows_the_last_posting(books) -> None:
    assert last_known(books.ledger, books.posted) == books.posted.details["posted_on"].max()
    with pytest.raises(BadValueError, match="lies after"):
        backtest_job(books, first=END, last=END - timedelta(1))


def test_every_date_is_graded_with_its_own_factors(books, seen) -> None:
    """What the observations hold of a customer is the factor row of that month end, not a later one."""
    ends = seen.frame["as_of"].unique().sort().to_list()
    for end in (ends[0], ends[-1]):
        known = factor_rows(books.posted, books.ledger, end).frame
        rows = seen.frame.filter(pl.col("as_of") == end).select(known.columns)
        rows = rows.filter(pl.col("customer_id").is_not_null())  # others first traded later
        same = known.join(rows.select("customer_key"), on="customer_key", how="semi")
        assert rows.sort("customer_key").equals(same.sort("customer_key"))
    assert seen.frame.select(pl.col("late_rate").n_unique().over("customer_key").max()).item() > 2


@pytest.mark.parametrize(
    ("entered", "event"), [(date(2026, 12, 31), False), (date(2027, 1, 1), True)]
)
def test_a_receipt_entered_after_the_last_known_day_did_not_come(entered, event) -> None:
    """Paid in August, entered in January: until New Year's Eve the books show it unpaid."""
    made = ledger(
        customers=[{"customer_id": "C1", "name": "One"}],
        documents=[
            invoice("R0", 500_00, date(2026, 1, 31)),
            invoice("R1", 500_00, date(2026, 8, 1)),
        ],
        payments=[
            pay("P0", "R0", 500_00, date(2026, 1, 31)),
            pay("P1", "R1", 500_00, date(2026, 8, 2), entered_on=entered),
        ],
    )
    found = observations(
        link(made), made, outcome_named("customer-15", 90), date(2026, 12, 31), first=END, last=END
    )
    assert found.frame["event"].to_list() == [event]
