"""Fit a points scorecard to the own history: monotone bins, weights that add up, rates by grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from receivables.assess.backtest_stats import Floats, Ranking
from receivables.assess.factors import known_factors
from receivables.assess.fitted_bins import FittedBins, fit_bins
from receivables.assess.fitted_tables import grades_of, scorecard_of
from receivables.assess.grade_rules import rule
from receivables.assess.grades import Grades
from receivables.assess.observations import Observations, enough
from receivables.assess.ratings import rating
from receivables.assess.scorecard import Scorecard
from receivables.errors import NotAvailableError

RISING = {
    "days_beyond_terms": True, "late_rate": True, "worst_age": True, "years_trading": False,
    "debt_ratio": True, "current_ratio": False, "cashflow_cover": False, "external_rating": True,
}  # fmt: skip
"""Factors of a ledger that can be fitted, and whether more of them is worse; never learned backwards."""
BINS = (3, 4, 6, 8, 12)
PENALTIES = (0.01, 0.1, 1.0)
"""Sizes and strengths that the time folds choose from; C of scikit-learn's LogisticRegression."""


@dataclass(frozen=True, slots=True)
class Model:
    """Bins of the factors and the weight of each bin's evidence, from −∞ (good) to ∞ (bad)."""

    bins: tuple[FittedBins, ...]
    weights: tuple[float, ...]

    def risk(self, columns: Mapping[str, Floats]) -> Floats:
        """Σ weight × evidence of each observation."""
        total = np.zeros(len(next(iter(columns.values()))))
        for one, weight in zip(self.bins, self.weights, strict=True):
            total += weight * one.weigh(columns[one.factor])
        return total


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted scorecard with its ladder, and how it came about.

    `cv_auc` is the mean over the time folds of the training period. `left_out` names the factors that
    were not used, with the reason.
    """

    scorecard: Scorecard
    grades: Grades
    observations: int
    events: int
    until: date
    bins: int
    penalty: float
    cv_auc: float
    folds: int
    left_out: Mapping[str, str]


def calibrate(found: Observations, factors: Mapping[str, bool] | None = None) -> Calibration:
    """A points scorecard and a ladder with default rates from the observations of a training period.

    Each factor is cut into monotone bins; a logistic regression weighs their evidence; factors that
    would count backwards are left out. Points = 100 for a factor's best bin, 0 for its worst; weights
    are in proportion to what a factor moves. The number of bins and the penalty are those that did
    best in time folds: fitted on earlier month ends, judged on later ones.

    Args:
        found: observations known by the last day of the training period.
        factors: factor → whether more of it is worse; default `RISING`.

    Raises:
        NotAvailableError: too few events, no factor that tells anything, scikit-learn is not there.
    """
    _needs_sklearn()
    frame = found.frame.filter(~pl.col("already"))
    enough(frame["event"], found.outcome)
    columns = {name: column_of(frame, name) for name in factors or RISING if name in frame.columns}
    rising = {name: (factors or RISING)[name] for name in columns}
    events = frame["event"].to_numpy().astype(bool)
    dates = frame["as_of"].to_numpy()
    left_out = _thin(columns, events)
    columns = {name: values for name, values in columns.items() if name not in left_out}
    folds = time_folds(dates, int(rule("folds")), timedelta(days=int(rule("outcome_days"))))
    best, cv_auc = _chosen(columns, events, rising, folds)
    model = fit_model(columns, events, rising, *best)
    for name in columns:
        if name not in {one.factor for one in model.bins}:
            left_out[name] = "tells nothing that the others do not, or would count backwards"
    card = scorecard_of(model.bins, model.weights)
    told = (
        f"calibrated: {found.outcome.name}, {frame.height} observations, {int(events.sum())} events, known "
        f"by {found.until}"
    )
    return Calibration(
        scorecard=card,
        grades=grades_of(frame, card, told),
        observations=frame.height,
        events=int(events.sum()),
        until=found.until,
        bins=best[0],
        penalty=best[1],
        cv_auc=cv_auc,
        folds=len(folds),
        left_out=left_out,
    )


def fit_model(
    columns: Mapping[str, Floats],
    events: NDArray[np.bool_],
    rising: Mapping[str, bool],
    most: int,
    penalty: float,
) -> Model:
    """Bins and weights of the factors that count forwards.

    Raises:
        NotAvailableError: no factor tells anything.
    """
    found = weigh(bins_of(columns, events, rising, most), columns, events, penalty)
    if found is None:
        raise NotAvailableError(
            "No factor of the ledger tells who pays late: there is nothing to fit. Give a longer "
            "history, or keep the shipped scorecard."
        )
    return found


def bins_of(
    columns: Mapping[str, Floats],
    events: NDArray[np.bool_],
    rising: Mapping[str, bool],
    most: int,
) -> list[FittedBins]:
    """Bins of every factor that tells something by itself."""
    least = max(int(rule("bin_share") * len(events)), 2)
    fitted = [
        fit_bins(name, values, events, rising[name], most, least)
        for name, values in columns.items()
    ]
    return [one for one in fitted if one is not None]


def weigh(
    bins: Sequence[FittedBins],
    columns: Mapping[str, Floats],
    events: NDArray[np.bool_],
    penalty: float,
) -> Model | None:
    """Weights by logistic regression; factors that would count backwards go, one after the other."""
    from sklearn.linear_model import LogisticRegression

    used = list(bins)
    while used:
        evidence = np.column_stack([one.weigh(columns[one.factor]) for one in used])
        weights = LogisticRegression(C=penalty, max_iter=1000).fit(evidence, events).coef_[0]
        if (weights > 0).all():
            return Model(tuple(used), tuple(map(float, weights)))
        used.pop(int(np.argmin(weights)))
    return None


def time_folds(
    dates: NDArray[Any], count: int, gap: timedelta
) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Earlier month ends to fit on, later ones to judge by, with a gap so that outcomes do not overlap."""
    ends = np.unique(dates)
    blocks = np.array_split(ends, count + 1)
    folds = []
    for block in blocks[1:]:
        if len(block) == 0:
            continue
        earlier = dates < block[0] - np.timedelta64(gap.days, "D")
        folds.append((earlier, np.isin(dates, block)))
    return [(fit, judge) for fit, judge in folds if fit.any() and judge.any()]


def column_of(frame: pl.DataFrame, name: str) -> Floats:
    """Values of a factor as numbers; a rating by its grade of 1–10, not a number where missing."""
    column = frame[name]
    if name in known_factors() and known_factors()[name].kind == "rating":
        grades = {text: rating(text).grade for text in column.drop_nulls().unique()}
        column = column.replace_strict(grades, default=None, return_dtype=pl.Float64)
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _thin(columns: Mapping[str, Floats], events: NDArray[np.bool_]) -> dict[str, str]:
    """Factors known for too few events to say anything."""
    needed = int(rule("least_events"))
    known = {name: int((~np.isnan(values) & events).sum()) for name, values in columns.items()}
    return {
        name: f"known for {count} events, {needed} are needed"
        for name, count in known.items()
        if count < needed
    }


def _chosen(
    columns: Mapping[str, Floats],
    events: NDArray[np.bool_],
    rising: Mapping[str, bool],
    folds: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]],
) -> tuple[tuple[int, float], float]:
    """Bins and penalty with the best mean AUC over the folds; of equals the simpler."""
    found: dict[tuple[int, float], list[float]] = {}
    for (fit, judge), most in product(folds, BINS):
        if len(np.unique(events[fit])) < 2 or len(np.unique(events[judge])) < 2:
            continue
        earlier = {name: values[fit] for name, values in columns.items()}
        later = {name: values[judge] for name, values in columns.items()}
        bins = bins_of(earlier, events[fit], rising, most)
        for penalty in PENALTIES:
            model = weigh(bins, earlier, events[fit], penalty)
            if model is not None:
                auc = Ranking(events[judge], model.risk(later)).auc()
                found.setdefault((most, penalty), []).append(auc)
    if not found:
        return (BINS[0], PENALTIES[-1]), float("nan")
    mean = {choice: sum(scores) / len(scores) for choice, scores in sorted(found.items())}
    best = max(mean, key=lambda choice: mean[choice])
    return best, mean[best]


def _needs_sklearn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise NotAvailableError(
            "Calibrating needs scikit-learn, which is not installed. Run: pip install receivables[calibrate]"
        ) from None
