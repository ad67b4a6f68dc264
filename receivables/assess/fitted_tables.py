"""What was fitted as the two tables that everything else reads: Scorecard and Grades."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Any

import numpy as np
import polars as pl

from receivables.assess.factors import known_factors
from receivables.assess.fitted_bins import FittedBins
from receivables.assess.grade_table import grade_table
from receivables.assess.grades import HEADINGS as GRADE_HEADINGS
from receivables.assess.grades import Grades
from receivables.assess.scorecard import HEADINGS, Scorecard

LEAST_RATE = 0.0001
"""No grade is certain: a rate of 0 or 1 is never written."""


def scorecard_of(bins: Sequence[FittedBins], weights: Sequence[float]) -> Scorecard:
    """A Scorecard: each factor 100 points in its best bin, 0 in its worst, weighted by what it moves."""
    spans = [
        weight * (max(one.woe) - min(one.woe)) for one, weight in zip(bins, weights, strict=True)
    ]
    rows: list[list[Any]] = [list(HEADINGS)]
    for one, span in zip(bins, spans, strict=True):
        rows += _rows(one, floor(10_000 * span / sum(spans)) / 100)
    return Scorecard.from_rows(rows)


def grades_of(frame: pl.DataFrame, card: Scorecard, source: str) -> Grades:
    """The shipped ladder with the event rate of each grade, smoothed by a logistic line through the score.

    Rates never fall from a grade to the next; a grade that nobody had gets the rate of its middle score.
    """
    from sklearn.linear_model import LogisticRegression

    ladder = Grades.default()
    graded = grade_table(frame, card, ladder).filter(
        pl.col("grade").is_not_null() & pl.col("score").is_not_null()
    )
    points = graded["score"].to_numpy().reshape(-1, 1)
    line = LogisticRegression(C=1e6, max_iter=1000).fit(points, graded["event"].to_numpy())
    fitted = graded.select(
        "grade", rate=pl.Series("rate", line.predict_proba(points)[:, 1], dtype=pl.Float64)
    )
    means = dict(fitted.group_by("grade").agg(pl.col("rate").mean()).iter_rows())
    tops = [100.0, *(rung.from_score for rung in ladder.rungs[:-1])]
    rows: list[list[Any]] = [list(GRADE_HEADINGS)]
    least = LEAST_RATE
    for rung, top in zip(ladder.rungs, tops, strict=True):
        middle = np.array([[(rung.from_score + top) / 2]])
        rate = float(means.get(rung.grade, line.predict_proba(middle)[0, 1]))
        least = min(max(least, rate), 1 - LEAST_RATE)
        rows.append([rung.grade, rung.from_score, rung.klass, float(f"{least:.4f}"), source])
    return Grades.from_rows(rows)


def _rows(one: FittedBins, weight: float) -> list[list[Any]]:
    best, worst = min(one.woe), max(one.woe)
    bounds: list[float | None] = [None, *one.edges, None]
    factor = known_factors().get(one.factor)
    step = 0
    if factor is not None and factor.kind == "rating":
        bounds = [None, *(float(floor(edge)) for edge in one.edges), None]
        step = 1
    found = []
    for number, woe in enumerate(one.woe):
        lower = bounds[number]
        start = lower if lower is None else lower + step
        points = float(f"{100 * (worst - woe) / (worst - best):.1f}")
        reason = f"{one.rates[number]:.1%} of {one.counts[number]} observations had the outcome"
        found.append([one.factor, start, bounds[number + 1], points, weight, reason])
    return found
