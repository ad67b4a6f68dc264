"""Grades of the past against what came after: graded with what was known, judged by what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from receivables.assess.backtest_stats import (
    Floats,
    Ranking,
    Resamples,
    brier,
    interval,
    stability,
)
from receivables.assess.grade_rules import rule
from receivables.assess.grade_table import grade_table
from receivables.assess.grades import ILLUSTRATIVE, Grades
from receivables.assess.observations import Observations, enough
from receivables.assess.outcomes import Outcome
from receivables.assess.scorecard import Scorecard

BASELINE = "past late rate alone"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """How well the grades told what came.

    `auc` ranks by score, `grade_auc` by grade and then score: the difference is what caps and
    overrides cost or bring. `by_grade`: grade, count, events, rate, rate_low, rate_high, pd (null = none calibrated).
    `brier` and `baseline_brier` are None where the ladder holds no calibrated rates.
    """

    outcome: Outcome
    dates: tuple[date, ...]
    until: date
    observations: int
    customers: int
    events: int
    ungraded: int
    already: int
    auc: Measure
    grade_auc: float
    baseline: Measure
    difference: Measure
    ks: float
    lift: float
    psi: float | None
    brier: Measure | None
    baseline_brier: Measure | None
    brier_difference: Measure | None
    by_grade: pl.DataFrame
    ranking: Ranking
    baseline_ranking: Ranking

    @property
    def gini(self) -> float:
        """Gini = 2 × AUC − 1."""
        return 2 * self.auc.value - 1


def backtest(
    found: Observations,
    scorecard: Scorecard | None = None,
    grades: Grades | None = None,
    *,
    draws: int | None = None,
) -> Backtest:
    """Rank the observations by score and compare with what came.

    Beside it stands the past late rate alone. Who was that late already, and who could not be graded,
    is counted and left out. Intervals of 95 % resample customers.

    Raises:
        NotAvailableError: fewer events, or fewer others, than `data/grade_rules.csv` asks for.
    """
    card, ladder = scorecard or Scorecard.default(), grades or Grades.default()
    fresh = found.frame.filter(~pl.col("already"))
    graded = grade_table(fresh, card, ladder)
    used = graded.filter(pl.col("grade").is_not_null())
    enough(used["event"], found.outcome)
    events = used["event"].to_numpy().astype(bool)
    ranking = Ranking(events, _by_score(used))
    base = _filled(used)
    plain = Ranking(events, base)
    resamples = Resamples.of(
        used["customer_key"].to_numpy(),
        int(rule("draws")) if draws is None else draws,
        int(rule("seed")),
    )
    predicted = _predicted(used, ladder)
    drawn = _drawn(resamples, ranking, plain, predicted, base, used["grade"].to_numpy(), ladder)
    auc, baseline = ranking.auc(), plain.auc()
    scores: tuple[Measure, ...] | None = None
    if predicted is not None:
        own, other = brier(events, predicted), brier(events, base)
        scores = (
            Measure(own, *interval(drawn["brier"])),
            Measure(other, *interval(drawn["base_brier"])),
            Measure(own - other, *interval(np.subtract(drawn["brier"], drawn["base_brier"]))),
        )
    dates = tuple(sorted(used["as_of"].unique().to_list()))
    return Backtest(
        outcome=found.outcome,
        dates=dates,
        until=found.until,
        observations=used.height,
        customers=used["customer_key"].n_unique(),
        events=int(events.sum()),
        ungraded=graded.height - used.height,
        already=found.frame.height - fresh.height,
        auc=Measure(auc, *interval(drawn["auc"])),
        grade_auc=Ranking(events, _by_grade_and_score(used)).auc(),
        baseline=Measure(baseline, *interval(drawn["base"])),
        difference=Measure(auc - baseline, *interval(np.subtract(drawn["auc"], drawn["base"]))),
        ks=ranking.ks(),
        lift=ranking.lift(rule("worst_share")),
        psi=_psi(used, dates, ladder),
        brier=scores[0] if scores else None,
        baseline_brier=scores[1] if scores else None,
        brier_difference=scores[2] if scores else None,
        by_grade=_by_grade(used, ladder, drawn["rates"]),
        ranking=ranking,
        baseline_ranking=plain,
    )


def _by_score(graded: pl.DataFrame) -> Floats:
    """100 − score; who has none, but a grade by an override, ranks worst."""
    return graded.select(risk=100 - pl.col("score").fill_null(0.0))["risk"].to_numpy()


def _by_grade_and_score(graded: pl.DataFrame) -> Floats:
    """Worse grades rank worse, caps and overrides included; within a grade the lower score does."""
    span = 101.0
    risk = pl.col("grade") * span + 100 - pl.col("score").fill_null(0.0)
    return graded.select(risk.alias("risk"))["risk"].to_numpy()


def _filled(graded: pl.DataFrame) -> Floats:
    """Past late rate; who has none yet gets the mean of the others at that date."""
    mean = pl.col("past_late_rate").mean().over("as_of").fill_null(0.0)
    return graded.select(pl.col("past_late_rate").fill_null(mean))["past_late_rate"].to_numpy()


def _predicted(graded: pl.DataFrame, ladder: Grades) -> Floats | None:
    """Default rate of each grade; None where the ladder has only illustrative ones."""
    rates = {
        rung.grade: rung.pd
        for rung in ladder.rungs
        if rung.pd is not None and rung.pd_source.casefold() != ILLUSTRATIVE
    }
    if set(graded["grade"].unique()) - set(rates):
        return None
    return graded["grade"].replace_strict(rates, return_dtype=pl.Float64).to_numpy()


def _drawn(
    resamples: Resamples,
    ranking: Ranking,
    plain: Ranking,
    predicted: Floats | None,
    base: Floats,
    grades: Any,
    ladder: Grades,
) -> dict[str, Any]:
    """Every figure in every resample."""
    found: dict[str, list[Any]] = {
        "auc": [],
        "base": [],
        "brier": [],
        "base_brier": [],
        "rates": [],
    }
    for weights in resamples.weights():
        found["auc"].append(ranking.auc(weights))
        found["base"].append(plain.auc(weights))
        if predicted is not None:
            found["brier"].append(brier(ranking.events, predicted, weights))
            found["base_brier"].append(brier(ranking.events, base, weights))
        rows = np.bincount(grades, weights, minlength=ladder.worst + 1)
        bad = np.bincount(grades, weights * ranking.events, minlength=ladder.worst + 1)
        found["rates"].append(np.divide(bad, rows, out=np.full_like(bad, np.nan), where=rows > 0))
    return found


def _by_grade(graded: pl.DataFrame, ladder: Grades, rates: list[Floats]) -> pl.DataFrame:
    ends = [interval([draw[rung.grade] for draw in rates]) for rung in ladder.rungs]
    calibrated = [
        None if rung.pd_source.casefold() == ILLUSTRATIVE else rung.pd for rung in ladder.rungs
    ]
    frame = pl.DataFrame(
        {
            "grade": [rung.grade for rung in ladder.rungs],
            "rate_low": [low for low, _ in ends],
            "rate_high": [high for _, high in ends],
            "pd": pl.Series(calibrated, dtype=pl.Float64),
        }
    )
    counts = graded.group_by("grade").agg(
        pl.len().cast(pl.Int64).alias("count"),
        pl.col("event").sum().cast(pl.Int64).alias("events"),
        pl.col("event").mean().alias("rate"),
    )
    return frame.join(counts, on="grade", maintain_order="left").select(
        "grade", "count", "events", "rate", "rate_low", "rate_high", "pd"
    )


def _psi(graded: pl.DataFrame, dates: tuple[date, ...], ladder: Grades) -> float | None:
    """PSI of the grades between the earlier and the later half of the month ends."""
    if len(dates) < 2:
        return None
    middle = dates[len(dates) // 2]
    halves = [graded.filter(pl.col("as_of") < middle), graded.filter(pl.col("as_of") >= middle)]
    before, after = (
        np.bincount(half["grade"].to_numpy(), minlength=ladder.worst + 1) for half in halves
    )
    return stability(before, after)
