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
    ranking, plain = Ranking(events, _by_score(used)), Ranking(events, _filled(used))
    resamples = Resamples.of(
        used["customer_key"].to_numpy(),
        int(rule("draws")) if draws is None else draws,
        int(rule("seed")),
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
        grade_auc=Ranking(events, _by_grade_and_score(used)).auc(),
        ks=ranking.ks(),
        lift=ranking.lift(rule("worst_share")),
        psi=_psi(used, dates, ladder),
        by_grade=_by_grade(used, ladder, resamples),
        ranking=ranking,
        baseline_ranking=plain,
        **_ranked(ranking, plain, resamples),
        **_forecast(events, _predicted(used, ladder), plain.risk, resamples),
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


def _ranked(ranking: Ranking, plain: Ranking, resamples: Resamples) -> dict[str, Any]:
    """AUC of both rankings and their difference in the same resamples."""
    pairs = [(ranking.auc(weights), plain.auc(weights)) for weights in resamples.weights()]
    names = ("auc", "baseline", "difference")
    return dict(zip(names, _both(ranking.auc(), plain.auc(), pairs), strict=True))


def _forecast(
    events: Any, predicted: Floats | None, base: Floats, resamples: Resamples
) -> dict[str, Any]:
    """Brier scores of the rates by grade and of the late rate; None without calibrated rates."""
    names = ("brier", "baseline_brier", "brier_difference")
    if predicted is None:
        return dict.fromkeys(names)
    pairs = [
        (brier(events, predicted, weights), brier(events, base, weights))
        for weights in resamples.weights()
    ]
    found = _both(brier(events, predicted), brier(events, base), pairs)
    return dict(zip(names, found, strict=True))


def _both(
    own: float, other: float, pairs: list[tuple[float, float]]
) -> tuple[Measure, Measure, Measure]:
    """Two figures and their difference, each with its interval."""
    first, second = (np.array(part) for part in zip(*pairs, strict=True))
    return (
        Measure(own, *interval(first)),
        Measure(other, *interval(second)),
        Measure(own - other, *interval(first - second)),
    )


def _by_grade(graded: pl.DataFrame, ladder: Grades, resamples: Resamples) -> pl.DataFrame:
    rates = _drawn_rates(graded, ladder, resamples)
    ends = [interval(rates[:, rung.grade]) for rung in ladder.rungs]
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


def _drawn_rates(graded: pl.DataFrame, ladder: Grades, resamples: Resamples) -> Floats:
    """Event rate of each grade (columns) in every resample; not a number where it is empty."""
    grades, events = graded["grade"].to_numpy(), graded["event"].to_numpy()
    found = []
    for weights in resamples.weights():
        rows = np.bincount(grades, weights, minlength=ladder.worst + 1)
        bad = np.bincount(grades, weights * events, minlength=ladder.worst + 1)
        found.append(np.divide(bad, rows, out=np.full_like(bad, np.nan), where=rows > 0))
    return np.array(found)


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
