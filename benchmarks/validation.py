"""Rerun the published figures: `python -m benchmarks.validation DATA [rehearsal|ibm|polish …]`.

DATA holds the folders `ibm_ar` and `polish_bankruptcy`, which are not part of the project.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from receivables.assess.backtest import Backtest, Measure, backtest
from receivables.assess.backtest_stats import Floats, Ranking, Resamples, interval
from receivables.assess.calibrate import calibrate, fit_model
from receivables.assess.factor_rows import factor_rows
from receivables.assess.grade_rules import rule
from receivables.assess.grade_table import grade_table
from receivables.assess.observations import last_known, observations
from receivables.assess.outcomes import outcome_named
from receivables.assess.scorecard import HEADINGS, Scorecard
from receivables.refresh import Books, load

PARTS = ("rehearsal", "ibm", "polish")
MAPPING = Path(__file__).resolve().parents[1] / "tests" / "data" / "ibm_ar.toml"
SPLIT = date(2013, 6, 30)
REHEARSAL = date(2012, 12, 31)
FOLDS, SEED = 5, 7
FINANCIALS = {
    "debt_ratio": True, "current_ratio": False, "cashflow_cover": False, "working_capital_share": False,
    "retained_earnings_share": False, "ebit_share": False, "equity_cover": False, "net_margin": False,
    "quick_ratio": False, "interest_cover": False, "receivable_days": True,
}  # fmt: skip
"""Ratios that a Statements row gives, and whether more is worse; named before anything was fitted."""


def main() -> None:
    """Print the parts asked for as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    given = parser.parse_args()
    for part in given.parts or PARTS:
        if part == "polish":
            for year in ("1year", "5year"):
                polish(given.data / "polish_bankruptcy" / f"{year}.arff", year)
        else:
            late_payments(given.data / "ibm_ar", part)


def late_payments(folder: Path, part: str) -> None:
    """Late payments: fit on one period, judge on the next; the shipped scorecard beside it."""
    ledger = load(next(folder.glob("WA_*.csv")), map_file=MAPPING)
    fit_until, known_until = split_of(part, ledger)
    fitted, shipped = judged(ledger, fit_until, known_until)
    print(f"\n## Late payments, {part}: fitted to {fit_until}, judged to {known_until}\n")
    show("fitted scorecard", fitted)
    show("shipped scorecard", shipped)
    print(fitted.by_grade)
    if part == "rehearsal":
        longer, _ = judged(ledger, fit_until, known_until, 24)
        print(f"fitted with a history of 24 months: AUC {in_words(longer.auc)}")
    once, gap = taken_once(ledger, fit_until, known_until, fitted)
    print(f"past late rate taken once, on {fit_until}: AUC {in_words(once)}")
    print(f"fitted scorecard less that: {in_words(gap)}")


def split_of(part: str, ledger: Books) -> tuple[date, date]:
    """Last day of fitting and last day known; the rehearsal stays within the training period."""
    if part == "rehearsal":
        return REHEARSAL, SPLIT
    return SPLIT, last_known(ledger.ledger, ledger.posted)


def judged(
    ledger: Books, fit_until: date, known_until: date, months: int | None = None
) -> tuple[Backtest, Backtest]:
    """A scorecard fitted to what was known by a day, and the shipped one, on the invoices after it."""
    outcome = outcome_named("invoice-late", int(rule("outcome_days")))
    train = observations(ledger.posted, ledger.ledger, outcome, fit_until, history_months=months)
    fitted = calibrate(train)
    print(
        f"\nfitted: {fitted.observations} invoices, {fitted.events} late, bins {fitted.bins}, penalty "
        f"{fitted.penalty}, AUC in {fitted.folds} time folds {fitted.cv_auc:.4f}"
    )
    test = observations(
        ledger.posted, ledger.ledger, outcome, known_until, first=fit_until, history_months=months
    )
    return backtest(test, fitted.scorecard, fitted.grades), backtest(test)


def taken_once(
    ledger: Books, day: date, known_until: date, fitted: Backtest
) -> tuple[Measure, Measure]:
    """AUC of the past late rate as it stood on one day, and what the fitted scorecard has more."""
    outcome = outcome_named("invoice-late", int(rule("outcome_days")))
    test = observations(ledger.posted, ledger.ledger, outcome, known_until, first=day).frame
    then = factor_rows(ledger.posted, ledger.ledger, day).frame
    rows = test.select("customer_key", "event").join(
        then.select("customer_key", "past_late_rate"),
        on="customer_key",
        how="left",
        maintain_order="left",
    )
    rate = rows["past_late_rate"].fill_null(rows["past_late_rate"].mean()).to_numpy()
    once, own = Ranking(rows["event"].to_numpy().astype(bool), rate), fitted.ranking
    assert (once.events == own.events).all(), "the same invoices in the same order"
    resamples = Resamples.of(
        rows["customer_key"].to_numpy(), int(rule("draws")), int(rule("seed"))
    )
    pairs = [(once.auc(weights), own.auc(weights)) for weights in resamples.weights()]
    first, second = (np.array(part) for part in zip(*pairs, strict=True))
    gap = Measure(own.auc() - once.auc(), *interval(second - first))
    return Measure(once.auc(), *interval(first)), gap


def show(name: str, found: Backtest) -> None:
    """The figures of a backtest."""
    print(
        f"{name}: {found.observations} invoices of {found.customers} customers, {found.events} late, "
        f"{found.ungraded} without a grade"
    )
    for title, measure in (
        ("AUC", found.auc),
        ("AUC of the past late rate alone", found.baseline),
        ("difference", found.difference),
        ("Brier score", found.brier),
        ("Brier score of the past late rate", found.baseline_brier),
        ("difference of Brier scores", found.brier_difference),
    ):
        if measure:
            print(f"  {title}: {in_words(measure)}")
    print(f"  KS {found.ks:.3f}, lift {found.lift:.2f}, AUC with caps {found.grade_auc:.3f}")
    for title, ranking in (("score", found.ranking), ("past late rate", found.baseline_ranking)):
        print(f"  ties: {len(np.unique(ranking.risk))} different values of the {title}")


def polish(path: Path, year: str) -> None:
    """Bankruptcies: the shipped financial points, and a fitted financial score out of fold, against Z″."""
    frame = firms(path)
    events = frame["event"].to_numpy().astype(bool)
    altman = -frame["z2"].to_numpy()
    known = ~np.isnan(altman)
    ranked = {
        "shipped financial points": shipped_points(frame),
        "fitted financial score, out of fold": out_of_fold(frame, events),
    }
    resamples = Resamples.of(
        frame["firm"].to_numpy()[known], int(rule("draws")), int(rule("seed"))
    )
    plain = Ranking(events[known], altman[known])
    print(
        f"\n## Bankruptcies, {year}: {known.sum()} of {len(events)} firms have a Z″, {events[known].sum()} failed\n"
    )
    for name, risk in ranked.items():
        own = Ranking(events[known], risk[known])
        pairs = [(own.auc(weights), plain.auc(weights)) for weights in resamples.weights()]
        first, second = (np.array(part) for part in zip(*pairs, strict=True))
        print(f"{name}: AUC {in_words(Measure(own.auc(), *interval(first)))}")
        gap = Measure(own.auc() - plain.auc(), *interval(first - second))
        print(
            f"  Z″: AUC {in_words(Measure(plain.auc(), *interval(second)))}; difference {in_words(gap)}"
        )


def firms(path: Path) -> pl.DataFrame:
    """Ratios by our names from the attributes of the file; equal rows are one firm."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.strip().lower() == "@data") + 1
    rows = [line for line in lines[start:] if line.strip()]
    cells = [[None if cell == "?" else float(cell) for cell in row.split(",")] for row in rows]
    names = [*(f"a{n}" for n in range(1, 65)), "event"]
    a = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.Float64), orient="row")
    col = pl.col
    return a.select(
        col("event").cast(pl.Int64).cast(pl.Boolean),
        pl.Series("firm", rows).rank("dense").alias("firm"),
        debt_ratio="a2", current_ratio="a4",
        cashflow_cover=pl.when(col("a51") > 0).then(col("a26") * col("a2") / col("a51")),
        working_capital_share="a3", retained_earnings_share="a6", ebit_share="a7", equity_cover="a8",
        net_margin="a23", quick_ratio="a46", interest_cover="a27", receivable_days="a44",
        z2=6.56 * col("a3") + 3.26 * col("a6") + 6.72 * col("a7") + 1.05 * col("a8"),
    )  # fmt: skip


def shipped_points(frame: pl.DataFrame) -> Floats:
    """100 − points of the three financial factors of the shipped scorecard; missing: the mean."""
    rows: list[list[Any]] = [list(HEADINGS)]
    names = ("debt_ratio", "current_ratio", "cashflow_cover")
    rows += [row for row in Scorecard.default().to_rows()[1:] if row[0] in names]
    inside = frame.select(
        pl.col("debt_ratio").clip(0, 10), pl.col("current_ratio").clip(0, 1000),
        pl.col("cashflow_cover").clip(-1000, 1000),
    )  # fmt: skip
    points = grade_table(inside, Scorecard.from_rows(rows))["score"]
    return 100 - points.fill_null(points.mean()).to_numpy()


def out_of_fold(frame: pl.DataFrame, events: Any) -> Floats:
    """Risk of each firm by a model that was fitted without it; equal rows share a fold."""
    columns: Mapping[str, Floats] = {
        name: frame[name].fill_null(float("nan")).to_numpy() for name in FINANCIALS
    }
    firm = frame["firm"].to_numpy()
    chance = np.random.default_rng(SEED)
    folds = chance.integers(0, FOLDS, int(firm.max()) + 1)[firm]
    risk = np.zeros(len(events))
    for fold in range(FOLDS):
        fit = folds != fold
        model = fit_model({n: v[fit] for n, v in columns.items()}, events[fit], FINANCIALS, 8, 0.1)
        risk[~fit] = model.risk({n: v[~fit] for n, v in columns.items()})
    return risk


def in_words(measure: Measure) -> str:
    """A figure with its interval."""
    return f"{measure.value:.4f} (95 % {measure.low:.4f} to {measure.high:.4f})"


if __name__ == "__main__":
    main()
