"""How well a ranking told what came: AUC, Gini, KS, lift, stability, with intervals by customer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from receivables.errors import BadValueError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Ranking:
    """Observations with an event or none, ranked by risk; `risk` is higher where worse is expected.

    Ties share a rank. Ranks are worked out once, so that a resample costs one pass.
    """

    events: NDArray[np.bool_]
    risk: Floats

    @cached_property
    def _place(self) -> Whole:
        return np.unique(self.risk, return_inverse=True)[1].astype(np.int64)

    def counts(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """Weight of events and of others at each risk, lowest risk first."""
        given = np.ones(len(self.risk)) if weights is None else weights
        size = int(self._place.max()) + 1
        bad = np.bincount(self._place, given * self.events, minlength=size)
        good = np.bincount(self._place, given * ~self.events, minlength=size)
        return bad.astype(np.float64), good.astype(np.float64)

    def auc(self, weights: Floats | None = None) -> float:
        """AUC = share of pairs, one event and one other, in which the event is ranked riskier; ties half.

        Not a number where there are no events or no others.

        >>> f"{Ranking(np.array([True, False, True, False]), np.array([3.0, 1, 1, 0])).auc():.3f}"
        '0.875'
        """
        bad, good = self.counts(weights)
        pairs = bad.sum() * good.sum()
        if pairs == 0:
            return float("nan")
        below = np.cumsum(good) - good
        return float((bad * (below + good / 2)).sum() / pairs)

    def ks(self) -> float:
        """Kolmogorov–Smirnov = largest gap between the shares of others and of events up to a risk."""
        bad, good = self.counts()
        gap = np.cumsum(good) / good.sum() - np.cumsum(bad) / bad.sum()
        return float(np.abs(gap).max())

    def lift(self, share: float) -> float:
        """Lift = event rate of the riskiest share ÷ event rate of all; a tie at the edge counts in part.

        >>> Ranking(np.array([True, True, False, False]), np.array([4.0, 3, 2, 1])).lift(0.5)
        2.0
        """
        bad, good = (part[::-1] for part in self.counts())
        all_rows = bad + good
        wanted = share * all_rows.sum()
        taken = np.clip(wanted - (np.cumsum(all_rows) - all_rows), 0, all_rows)
        found = (bad * taken / np.where(all_rows > 0, all_rows, 1)).sum()
        return float(found / wanted / (bad.sum() / all_rows.sum()))

    def curve(self) -> tuple[Floats, Floats]:
        """ROC: shares of others and of events that stand above each risk, from 0 to 1."""
        bad, good = (part[::-1] for part in self.counts())
        return (
            np.concatenate([[0.0], np.cumsum(good) / good.sum()]),
            np.concatenate([[0.0], np.cumsum(bad) / bad.sum()]),
        )


@dataclass(frozen=True, slots=True)
class Resamples:
    """Weights of observations in resamples of whole customers, the same for all that is compared."""

    place: Whole
    customers: int
    draws: int
    seed: int

    @classmethod
    def of(cls, customers: Any, draws: int, seed: int) -> Resamples:
        """Resamples of the customers that observations belong to.

        Raises:
            BadValueError: fewer than 2 customers.
        """
        names, place = np.unique(np.asarray(customers), return_inverse=True)
        if len(names) < 2:
            raise BadValueError("One customer gives no interval. Give a ledger of more customers.")
        return cls(place.astype(np.int64), len(names), draws, seed)

    def weights(self) -> Any:
        """Draw after draw: how often each observation's customer was drawn."""
        chance = np.random.default_rng(self.seed)
        share = np.full(self.customers, 1 / self.customers)
        for _ in range(self.draws):
            yield chance.multinomial(self.customers, share).astype(np.float64)[self.place]


def interval(values: Any, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval; draws without a figure are left out.

    >>> low, high = interval([float(n) for n in range(101)])
    >>> f"{low:.1f} {high:.1f}"
    '2.5 97.5'
    """
    known = np.asarray([value for value in values if value == value])  # noqa: PLR0124 - NaN
    if len(known) == 0:
        return float("nan"), float("nan")
    tail = (1 - level) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def brier(events: NDArray[np.bool_], predicted: Floats, weights: Floats | None = None) -> float:
    """Brier score = mean of (predicted share − what came)²; lower is better.

    >>> brier(np.array([True, False]), np.array([0.5, 0.5]))
    0.25
    """
    return float(np.average((predicted - events) ** 2, weights=weights))


def stability(before: Whole, after: Whole) -> float:
    """PSI = Σ (share after − share before) × ln(share after ÷ share before), over classes.

    A class that is empty on one side counts as half an observation there.

    >>> f"{stability(np.array([50, 50]), np.array([60, 40])):.4f}"
    '0.0405'
    """
    used = (before + after) > 0
    old = np.maximum(before[used], 0.5) / before.sum()
    new = np.maximum(after[used], 0.5) / after.sum()
    return float(((new - old) * np.log(new / old)).sum())
