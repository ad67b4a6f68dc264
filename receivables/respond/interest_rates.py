"""Reference rates by day: the dated table of the program, and rows a user puts in their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from receivables.errors import BadValueError, NotAvailableError
from receivables.resources import data_rows

FOREVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class RatePeriod:
    """A rate a year, known for the days from … to; `confirmed` by a publication."""

    valid_from: date
    valid_to: date
    rate: Decimal
    source: str = ""
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class RateTable:
    """Periods of one rate, oldest first, none over another."""

    name: str
    periods: tuple[RatePeriod, ...]

    def at(self, day: date, *, assume_last: bool = False) -> RatePeriod:
        """The period a day is in.

        Args:
            day: day of the question.
            assume_last: past the last known period, take that one.

        Raises:
            NotAvailableError: no rate is known for that day.

        >>> series("BOE_BASE").at(date(2026, 2, 1)).rate
        Decimal('0.0375')
        """
        for period in reversed(self.periods):
            if period.valid_from <= day:
                if day <= period.valid_to:
                    return period
                if assume_last and period is self.periods[-1]:
                    return RatePeriod(
                        period.valid_from, FOREVER, period.rate, period.source, confirmed=False
                    )
                break
        known = ""
        if self.periods:
            known = (
                f" It is known from {self.periods[0].valid_from} to {self.periods[-1].valid_to}."
            )
        raise NotAvailableError(
            f"No rate of {self.name} is known for {day}.{known} Give a range of rates with a row for that "
            "day, or allow the last known one (assume_last)."
        )

    def later(self, own: Sequence[RatePeriod]) -> RateTable:
        """This table with a user's own periods in place of what stood on those days."""
        kept = [part for period in self.periods for part in _without(period, own)]
        return RateTable(self.name, tuple(sorted([*kept, *own], key=_start)))


@cache
def series(name: str) -> RateTable:
    """A reference rate of `data/interest_rates.csv`.

    Raises:
        BadValueError: no such series.
    """
    rows = [row for row in data_rows("interest_rates.csv") if row["series"] == name]
    if not rows:
        known = dict.fromkeys(row["series"] for row in data_rows("interest_rates.csv"))
        raise BadValueError(f"There is no reference rate '{name}'. Use {', '.join(known)}.")
    found = (
        RatePeriod(
            date.fromisoformat(row["valid_from"]), date.fromisoformat(row["valid_to"]),
            Decimal(row["rate"]), row["source"], row["confirmed"] == "yes",
        )
        for row in rows
    )  # fmt: skip
    return RateTable(name, tuple(found))


def dated(
    rows: Iterable[tuple[date, date | None, Decimal]], *, half_years: bool
) -> tuple[RatePeriod, ...]:
    """Periods of a user's rows (from, to or None, rate a year).

    Without an end a row holds until the next one; the last for its half-year where the scheme
    goes by half-years, else on and on.

    Raises:
        BadValueError: a row ends before it begins, or two hold on the same day.

    >>> [str(one.valid_to) for one in dated([(date(2026, 7, 1), None, Decimal("0.02"))], half_years=True)]
    ['2026-12-31']
    """
    ordered = sorted(rows, key=lambda row: row[0])
    found = []
    for number, (start, end, rate) in enumerate(ordered):
        following = ordered[number + 1][0] if number + 1 < len(ordered) else None
        last = end or _end(start, following, half_years=half_years)
        if last < start:
            raise BadValueError(f"The rate from {start} ends on {last}, before it begins.")
        if following and last >= following:
            raise BadValueError(f"Two rates hold on {following}. Correct valid_from or valid_to.")
        found.append(RatePeriod(start, last, rate, "given by the user"))
    return tuple(found)


def half_year_end(day: date) -> date:
    """Last day of the half-year.

    >>> half_year_end(date(2026, 6, 30)), half_year_end(date(2026, 7, 1))
    (datetime.date(2026, 6, 30), datetime.date(2026, 12, 31))
    """
    return date(day.year, 6, 30) if day.month <= 6 else date(day.year, 12, 31)


def _end(start: date, following: date | None, *, half_years: bool) -> date:
    if following:
        return following - timedelta(1)
    return half_year_end(start) if half_years else FOREVER


def _start(period: RatePeriod) -> date:
    return period.valid_from


def _without(period: RatePeriod, own: Sequence[RatePeriod]) -> list[RatePeriod]:
    """What is left of a period beside the user's."""
    left = [(period.valid_from, period.valid_to)]
    for other in own:
        left = [piece for start, end in left for piece in _cut(start, end, other)]
    return [
        RatePeriod(start, end, period.rate, period.source, period.confirmed) for start, end in left
    ]


def _cut(start: date, end: date, other: RatePeriod) -> list[tuple[date, date]]:
    if other.valid_to < start or other.valid_from > end:
        return [(start, end)]
    pieces = []
    if other.valid_from > start:
        pieces.append((start, other.valid_from - timedelta(1)))
    if other.valid_to < end:
        pieces.append((other.valid_to + timedelta(1), end))
    return pieces
