"""Bins of a factor fitted to what came: from good to bad without a step back, none too small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from receivables.assess.backtest_stats import Floats, Whole

DIGITS = 3
"""Significant digits of a bound: a scorecard is read by people."""


@dataclass(frozen=True, slots=True)
class FittedBins:
    """Bins of one factor; `rising` = larger values are riskier.

    `woe` = ln(odds of the event in the bin ÷ odds of all), `rates` and `counts` by bin.
    """

    factor: str
    edges: tuple[float, ...]
    rising: bool
    woe: tuple[float, ...]
    rates: tuple[float, ...]
    counts: tuple[int, ...]

    def place(self, values: Floats) -> Whole:
        """Bin of each value; a value on a bound belongs to the better side, as in the scorecard."""
        side: Any = "left" if self.rising else "right"
        return np.searchsorted(np.asarray(self.edges), values, side=side).astype(np.int64)

    def weigh(self, values: Floats) -> Floats:
        """Weight of evidence of each value; 0 = neutral where it is missing."""
        known = ~np.isnan(values)
        found = np.zeros(len(values))
        found[known] = np.asarray(self.woe)[self.place(values[known])]
        return found


def fit_bins(
    factor: str,
    values: Floats,
    events: NDArray[np.bool_],
    rising: bool,
    most: int,
    least_rows: int,
) -> FittedBins | None:
    """Bins by a decision tree that may only rise, then pooled until each is riskier than the last.

    Args:
        factor: id of the factor.
        values: not a number where missing.
        events: whether the outcome came.
        rising: whether larger values are riskier.
        most: bins at most.
        least_rows: observations a bin needs.

    Returns:
        None where the factor tells nothing: a single bin.
    """
    from sklearn.tree import DecisionTreeClassifier

    known = ~np.isnan(values)
    x, y = values[known], events[known]
    if len(x) < 2 * least_rows or y.all() or not y.any():
        return None
    tree = DecisionTreeClassifier(
        max_leaf_nodes=most,
        min_samples_leaf=least_rows,
        monotonic_cst=[1 if rising else -1],
        random_state=0,
    ).fit(x.reshape(-1, 1), y)
    cuts = tree.tree_.threshold[tree.tree_.feature >= 0]
    edges = sorted({readable(float(cut)) for cut in cuts})
    while edges:
        found = _measured(factor, tuple(edges), rising, x, y)
        wrong = _step_back(found, least_rows)
        if wrong is None:
            return found
        edges.pop(wrong)
    return None


def readable(bound: float, digits: int = DIGITS) -> float:
    """A bound with few significant digits.

    >>> readable(0.31664), readable(12.3456), readable(0.0)
    (0.317, 12.3, 0.0)
    """
    return float(f"{bound:.{digits}g}")


def _measured(
    factor: str, edges: tuple[float, ...], rising: bool, x: Floats, y: NDArray[np.bool_]
) -> FittedBins:
    plain = FittedBins(factor, edges, rising, (), (), ())
    place = plain.place(x)
    size = len(edges) + 1
    bad = np.bincount(place, y, minlength=size)
    rows = np.bincount(place, minlength=size)
    odds = (bad + 0.5) / (rows - bad + 0.5)
    woe = np.log(odds / (y.sum() / (~y).sum()))
    rates = np.divide(bad, rows, out=np.zeros(size), where=rows > 0)
    return FittedBins(
        factor,
        edges,
        rising,
        tuple(map(float, woe)),
        tuple(map(float, rates)),
        tuple(map(int, rows)),
    )


def _step_back(found: FittedBins, least_rows: int) -> int | None:
    """Number of the bound to drop: a bin too small, or no riskier than the better one beside it."""
    sign = 1 if found.rising else -1
    for number, rows in enumerate(found.counts):
        if rows < least_rows:
            return min(number, len(found.edges) - 1)
    for number in range(len(found.edges)):
        if sign * (found.woe[number + 1] - found.woe[number]) <= 0:
            return number
    return None
