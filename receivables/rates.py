"""Exchange rates: the latest one on or before a day, as exact fractions."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import polars as pl

from receivables.errors import NotAvailableError


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of the target currency for one of the source, with the day it is from."""

    value: Fraction
    on: date
    how: str
    """`table`, `inverse` (1 ÷ the opposite rate) or `through XXX` (two rates of the table)."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The Rates table: (from, to) → days and rates, oldest first."""

    known: dict[tuple[str, str], tuple[list[date], list[Fraction]]] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: pl.DataFrame) -> Rates:
        """Rates of a checked table with the columns date, from, to, rate (exact text).

        >>> rows = {"date": [date(2026, 9, 30)], "from": ["EUR"], "to": ["CNY"], "rate": ["8.20"]}
        >>> Rates.from_table(pl.DataFrame(rows)).find("EUR", "CNY", date(2026, 10, 31)).value
        Fraction(41, 5)
        """
        known: dict[tuple[str, str], tuple[list[date], list[Fraction]]] = {}
        for day, source, target, rate in (
            table.select("date", "from", "to", "rate").drop_nulls().sort("date").iter_rows()
        ):
            days, values = known.setdefault((source, target), ([], []))
            days.append(day)
            values.append(Fraction(Decimal(rate)))
        return cls(known)

    def find(self, source: str, target: str, on: date) -> Rate:
        """The rate from one currency to another as of a day: direct, inverse, or through a third.

        Raises:
            NotAvailableError: no rate on or before that day.
        """
        if source == target:
            return Rate(Fraction(1), on, "same")
        found = self._leg(source, target, on)
        if found:
            return found
        through = [
            (first, second, middle)
            for middle in sorted({name for pair in self.known for name in pair})
            for first, second in product(
                [self._leg(source, middle, on)], [self._leg(middle, target, on)]
            )
            if first and second
        ]
        if through:
            first, second, middle = max(through, key=lambda legs: min(legs[0].on, legs[1].on))
            day = min(first.on, second.on)
            return Rate(first.value * second.value, day, f"through {middle}")
        raise NotAvailableError(
            f"No rate {source} to {target} on or before {on}. "
            f"Add a row to the Rates table: {on}, {source}, {target}, rate."
        )

    def _leg(self, source: str, target: str, on: date) -> Rate | None:
        direct = self._latest(source, target, on)
        inverse = self._latest(target, source, on)
        if direct and (not inverse or direct[0] >= inverse[0]):
            return Rate(direct[1], direct[0], "table")
        return Rate(1 / inverse[1], inverse[0], "inverse") if inverse else None

    def _latest(self, source: str, target: str, on: date) -> tuple[date, Fraction] | None:
        days, values = self.known.get((source, target), ([], []))
        place = bisect_right(days, on)
        return (days[place - 1], values[place - 1]) if place else None
