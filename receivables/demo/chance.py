"""Draws for the invented firm: the same numbers on every platform and Python version."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A stream of draws from one seed.

    Only `Random.random` is used: it alone is promised to stay the same, and no draw goes through
    the platform's mathematical library, whose last bit may differ.

    >>> chance = Chance(2026)
    >>> chance.whole(1, 6), chance.pick("abc"), chance.happens(0.5)
    (1, 'b', False)
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  (an invented firm needs no secrecy)

    def share(self) -> float:
        """A number from 0 up to, not including, 1."""
        return self._random.random()

    def happens(self, probability: float) -> bool:
        """Whether something of the given probability happens."""
        return self.share() < probability

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.share() * (high - low + 1))

    def bell(self, low: float, high: float) -> float:
        """A number between low and high, the middle likelier than the ends."""
        return low + (high - low) * (self.share() + self.share() + self.share()) / 3

    def pick(self, things: Sequence[T]) -> T:
        """One of the things."""
        return things[self.whole(0, len(things) - 1)]

    def working_day(self, first: date, last: date) -> date:
        """A Monday to Friday between two days."""
        return next_working_day(first + timedelta(days=self.whole(0, (last - first).days)), last)


def next_working_day(day: date, last: date | None = None) -> date:
    """The day itself or the Monday after; the Friday before where Monday is past `last`.

    >>> next_working_day(date(2026, 10, 31)), next_working_day(date(2026, 10, 31), date(2026, 10, 31))
    (datetime.date(2026, 11, 2), datetime.date(2026, 10, 30))
    """
    over = day.weekday() - 4
    if over <= 0:
        return day
    monday = day + timedelta(days=3 - over)
    return day - timedelta(days=over) if last and monday > last else monday
