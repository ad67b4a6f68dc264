"""Which aging bucket a day falls into: edges, presets, labels and the dates that divide them."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from receivables.days import edate
from receivables.errors import BadValueError
from receivables.resources import data_rows

NO_DATE = "No due date"
CURRENT = "Current"
OVER_DAYS = 30
"""The total "30 days and more" beside every aging counts from this day, the day included (以上)."""

MAX_EDGES = 36
"""Three years by month; more columns than that cannot be read on paper."""
MAX_EDGE_DAYS = 36_525
"""A hundred years: a larger edge is a typing error."""

_SPLIT = re.compile(r"[,;/|\s\u3001\uff0c\uff1b]+")


@dataclass(frozen=True, slots=True)
class Buckets:
    """A set of aging buckets, youngest first, `No due date` last.

    Build it with `Buckets.parse`. Index 0 is the youngest bucket; without forward edges that is
    `Current` (due today or later). The index of a dated item is the number of `cutoffs` that its
    date lies before.
    """

    edges: tuple[int, ...]
    unit: str
    """`day` or `year`."""
    day_on_edge: str
    forward: tuple[int, ...]
    base: str
    """The date these buckets are meant for: `due` or `issued`."""
    labels: tuple[str, ...]
    floors: tuple[int, ...]
    """Days past due from which the next bucket begins (empty for years)."""

    @staticmethod
    def parse(
        edges: str | Sequence[object] = "30,60,90",
        *,
        day_on_edge: str = "younger",
        forward: str | Sequence[object] = "",
    ) -> Buckets:
        """Buckets from edges or the name of a preset (`data/buckets.csv`: audit, cn).

        Args:
            edges: upper ends in days past due, rising, without a leading 0.
            day_on_edge: bucket of a day equal to an edge: `younger` (day 30 is in 1-30 d) or
                `older` (day 30 is in 30-59 d).
            forward: edges in days still to run; they split `Current`, their upper end always
                included. What is due on the as-of date itself stays `Current`.

        Raises:
            BadValueError: edges that do not rise, are 0, negative, no numbers or too many.

        >>> Buckets.parse("30,60,90").labels
        ('Current', '1-30 d', '31-60 d', '61-90 d', '91+ d', 'No due date')
        >>> Buckets.parse("30,60", day_on_edge="older", forward="30").labels[:4]
        ('Due in 31+ d', 'Due in 1-30 d', 'Current', '1-29 d')
        """
        return _parse(_frozen(edges), day_on_edge, _frozen(forward))

    @property
    def no_date(self) -> int:
        """Index of `No due date`."""
        return len(self.labels) - 1

    def index(self, days: int | None) -> int:
        """Bucket of a number of days past due; None is `No due date`.

        >>> [Buckets.parse("30,60").index(days) for days in (-5, 0, 1, 30, 31, 61, None)]
        [0, 0, 1, 1, 2, 3, 4]
        """
        if days is None:
            return self.no_date
        if self.unit == "year":
            raise BadValueError(
                "Year buckets need two dates, not a number of days: a year is not 365 days. Use AGING_YEARS or give days as edges."
            )
        return bisect_right(self.floors, days)

    def index_on(self, base_date: date | None, as_of: date) -> int:
        """Bucket of an item dated `base_date` as of a day.

        >>> Buckets.parse("cn").index_on(date(2025, 10, 31), date(2026, 10, 31))
        0
        """
        if base_date is None:
            return self.no_date
        if self.unit == "year":
            return sum(base_date < cutoff for cutoff in self.cutoffs(as_of))
        return bisect_right(self.floors, (as_of - base_date).days)

    def label(self, base_date: date | None, as_of: date) -> str:
        """Label of the bucket of an item dated `base_date` as of a day.

        >>> Buckets.parse().label(date(2026, 9, 30), date(2026, 10, 31))
        '31-60 d'
        >>> Buckets.parse("cn").label(date(2025, 10, 30), date(2026, 10, 31))
        '1-2年'
        """
        return self.labels[self.index_on(base_date, as_of)]

    def cutoffs(self, as_of: date) -> list[date]:
        """Dates that divide the buckets, latest first: index = how many of them an item is before.

        >>> Buckets.parse("30").cutoffs(date(2026, 10, 31))
        [datetime.date(2026, 10, 31), datetime.date(2026, 10, 1)]
        >>> Buckets.parse("cn").cutoffs(date(2024, 2, 29))[0]
        datetime.date(2023, 3, 1)
        """
        return list(_cutoffs(self, as_of))

    def find(self, bucket: str | float) -> int:
        """Index of a bucket given by its label or its number.

        >>> Buckets.parse().find("31-60 d"), Buckets.parse().find("31-60"), Buckets.parse().find(2)
        (2, 2, 2)
        """
        if isinstance(bucket, (int, float)):
            if int(bucket) == bucket and 0 <= bucket < len(self.labels):
                return int(bucket)
            raise BadValueError(
                f"There is no bucket number {bucket:g}: 0 is {self.labels[0]}, {self.no_date} is {NO_DATE}."
            )
        wanted = _plain(bucket)
        plain = [_plain(label) for label in self.labels]
        if wanted in plain:
            return plain.index(wanted)
        near = difflib.get_close_matches(wanted, plain, n=1)
        hint = (
            f"Did you mean '{self.labels[plain.index(near[0])]}'?"
            if near
            else f"Buckets: {', '.join(self.labels)}."
        )
        raise BadValueError(f"There is no bucket '{bucket}' with these edges. {hint}")


def presets() -> tuple[str, ...]:
    """Names of the presets in `data/buckets.csv`.

    >>> presets()
    ('audit', 'cn')
    """
    return tuple(row["preset"] for row in data_rows("buckets.csv"))


def year_cutoff(as_of: date, years: int) -> date:
    """Earliest day that is not more than so many years old: min d with EDATE(d, 12 × years) ≥ as_of.

    >>> year_cutoff(date(2026, 10, 31), 1), year_cutoff(date(2024, 2, 29), 1)
    (datetime.date(2025, 10, 31), datetime.date(2023, 3, 1))
    """
    day = edate(as_of, -12 * years)
    return day if edate(day, 12 * years) >= as_of else day + timedelta(days=1)


@lru_cache(maxsize=256)
def _parse(
    edges: str | tuple[object, ...], day_on_edge: str, forward: str | tuple[object, ...]
) -> Buckets:
    if day_on_edge not in {"younger", "older"}:
        raise BadValueError(
            f"day_on_edge is '{day_on_edge}': give 'younger' (day 30 is in 1-30 d) or 'older' (day 30 is in 30-59 d)."
        )
    name = edges.strip().casefold() if isinstance(edges, str) else ""
    preset = next((row for row in data_rows("buckets.csv") if row["preset"] == name), None)
    if preset and preset["unit"] == "year":
        return _years(preset, day_on_edge, forward)
    ahead = _numbers(forward, "forward edges") if _given(forward) else ()
    return _days(_numbers(preset["edges"] if preset else edges, "edges"), day_on_edge, ahead)


def _days(edges: tuple[int, ...], day_on_edge: str, forward: tuple[int, ...]) -> Buckets:
    shift = 1 if day_on_edge == "younger" else 0
    floors = (1, *(edge + shift for edge in edges))
    if floors[1] < 2:
        raise BadValueError(
            "With day_on_edge=older the first edge must be 2 or more: a bucket from 1 to 0 days holds nothing."
        )
    overdue = [_span(first, after - 1) for first, after in pairwise(floors)]
    starts = (1, *(edge + 1 for edge in forward))
    ahead = [f"Due in {_span(first, last)}" for first, last in zip(starts, forward, strict=False)]
    if forward:
        ahead.append(f"Due in {starts[-1]}+ d")
    labels = (*reversed(ahead), CURRENT, *overdue, f"{floors[-1]}+ d", NO_DATE)
    turning = (*(-edge for edge in reversed(forward)), *((0,) if forward else ()), *floors)
    return Buckets(edges, "day", day_on_edge, forward, "due", labels, turning)


def _years(preset: dict[str, str], day_on_edge: str, forward: str | tuple[object, ...]) -> Buckets:
    if _given(forward):
        raise BadValueError(
            f"Forward edges split Current, and the preset {preset['preset']} has none: leave them out or give edges in days."
        )
    if day_on_edge != "younger":
        raise BadValueError(
            f"The preset {preset['preset']} counts exactly one year as within the year (以内): leave out day_on_edge."
        )
    labels = (*preset["labels"].split("|"), NO_DATE)
    return Buckets(
        _numbers(preset["edges"], "edges"), "year", "younger", (), preset["base"], labels, ()
    )


@lru_cache(maxsize=256)
def _cutoffs(buckets: Buckets, as_of: date) -> tuple[date, ...]:
    if buckets.unit == "year":
        return tuple(year_cutoff(as_of, years) for years in buckets.edges)
    return tuple(_shift(as_of, 1 - floor) for floor in buckets.floors)


def _shift(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def _span(first: int, last: int) -> str:
    return f"{first} d" if first == last else f"{first}-{last} d"


def _frozen(edges: str | Sequence[object]) -> str | tuple[object, ...]:
    if isinstance(edges, str):
        return edges
    rows = (edge if isinstance(edge, (list, tuple)) else (edge,) for edge in edges)
    return tuple(edge for row in rows for edge in row)


def _given(edges: str | tuple[object, ...]) -> bool:
    return bool(edges.strip()) if isinstance(edges, str) else any(_filled(edge) for edge in edges)


def _filled(edge: object) -> bool:
    return edge is not None and str(edge).strip() != ""


def _plain(label: str) -> str:
    return label.casefold().replace(" ", "").removesuffix("d").replace("–", "-")


def _numbers(edges: str | tuple[object, ...], what: str) -> tuple[int, ...]:
    parts = _SPLIT.split(edges) if isinstance(edges, str) else edges
    numbers = tuple(_number(part, what) for part in parts if _filled(part))
    if not numbers:
        raise BadValueError(
            f"No {what} given: write days past due such as 30,60,90, or a preset ({', '.join(presets())})."
        )
    if len(numbers) > MAX_EDGES:
        raise BadValueError(f"{len(numbers)} {what} are too many: give at most {MAX_EDGES}.")
    if numbers[0] == 0:
        raise BadValueError(
            f"Leave the 0 out of the {what}: what is not past due has the bucket {CURRENT}."
        )
    for before, after in pairwise(numbers):
        if after <= before:
            raise BadValueError(f"The {what} must rise: {after} follows {before}.")
    if numbers[-1] > MAX_EDGE_DAYS:
        raise BadValueError(
            f"The {what} reach {numbers[-1]} days: more than a hundred years. Check the last one."
        )
    return numbers


def _number(part: object, what: str) -> int:
    try:
        number = float(str(part))
        whole = int(number)
    except (ValueError, OverflowError):
        near = difflib.get_close_matches(str(part).casefold(), presets(), n=1)
        hint = (
            f"Did you mean the preset '{near[0]}'?"
            if near
            else f"Write days such as 30,60,90, or a preset ({', '.join(presets())})."
        )
        raise BadValueError(f"'{part}' in the {what} is not a number of days. {hint}") from None
    if whole != number or isinstance(part, bool):
        raise BadValueError(f"'{part}' in the {what} is not a whole number of days.")
    if whole < 0:
        raise BadValueError(
            f"'{part}' in the {what} is negative: days still to run are forward edges."
        )
    return whole
