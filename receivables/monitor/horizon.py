"""How long until a customer who pays later and later is in default: a straight line with its band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from receivables.days import edate
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.monitor.warnings_rules import rule
from receivables.resources import data_rows

HEADINGS = ("measure", "value", "low", "high")


@dataclass(frozen=True, slots=True)
class Sums:
    """What a least-squares line needs of its points: t in days from the as-of date, y in days."""

    n: int
    t: float
    y: float
    tt: float
    ty: float
    yy: float


@dataclass(frozen=True, slots=True)
class Horizon:
    """Trend of days beyond terms and the days until it reaches the default state.

    `current` is the line on the as-of date, `low` and `high` bound it; `earliest`, `latest` bound `days_until`: the days on which the
    upper and the lower edge of the prediction band get there. None = not within ten years.
    """

    points: int
    slope: float
    """Change of days beyond terms in 30 days."""
    current: float
    low: float
    high: float
    days_until: float | None
    earliest: float | None
    latest: float | None
    within: str
    """yes = the line gets there within the horizon, possible = the upper edge does, no."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The default state that is looked for."""

    default_days: float
    horizon_days: float
    confidence: float
    min_points: int

    @classmethod
    def of(
        cls,
        default_days: float | None = None,
        horizon_days: float | None = None,
        confidence: float | None = None,
        min_points: int | None = None,
    ) -> Aim:
        """The figures given, else those of `data/warning_rules.csv`.

        Raises:
            DomainError: no positive state or horizon, fewer than 3 points, an unknown confidence.
        """
        aim = cls(
            rule("default_days") if default_days is None else default_days,
            rule("horizon_days") if horizon_days is None else horizon_days,
            rule("confidence") if confidence is None else confidence,
            int(rule("horizon_points")) if min_points is None else min_points,
        )
        if aim.default_days <= 0 or aim.horizon_days < 0:
            raise DomainError(
                f"default_days is {aim.default_days:g}, horizon_days {aim.horizon_days:g}: give more than 0, 0 or more."
            )
        if aim.min_points < 3:
            raise DomainError(f"min_points is {aim.min_points}: a band needs 3 points or more.")
        quantile(1, aim.confidence)
        return aim


def horizon(
    month_ends: Sequence[date | None],
    days_beyond_terms: Sequence[float | None],
    as_of: date,
    aim: Aim | None = None,
) -> Horizon:
    """Days until the default state, by least squares through days beyond terms.

    Line: y = a + b × t, t in days from the as-of date. Band: y ± q × s × √(1 + 1/n + (t − t̄)² ÷
    Σ(t − t̄)²), q of Student's t with n − 2 degrees of freedom. Months after the as-of date are not
    known yet. Months of one customer resemble each other more than the band assumes.

    Raises:
        NotAvailableError: fewer than six months, or none for half a year.
        BadValueError: sizes that differ, a month twice.

    Source: prediction interval of a simple linear regression.

    >>> ends = [date(2026, month, 28) for month in range(5, 11)]
    >>> found = horizon(ends, [5, 12, 17, 26, 30, 38], date(2026, 10, 31))
    >>> f"{found.slope:.2f} {found.current:.1f} {found.days_until:.0f} {found.earliest:.0f} {found.latest:.0f}", found.within
    ('6.38 38.2 102 89 117', 'possible')
    """
    wanted = aim or Aim.of()
    points = _points(month_ends, days_beyond_terms, as_of)
    if len(points) < wanted.min_points:
        raise NotAvailableError(
            f"{len(points)} months up to {as_of}, {wanted.min_points} are needed for a trend. Give a longer history."
        )
    last = max(points)
    gap = int(rule("period_gap_months"))
    if edate(last, gap) < as_of:
        raise NotAvailableError(
            f"The last month is {last}, more than {gap} months before {as_of}: its trend says nothing "
            "of today. Give later months."
        )
    pairs = [(float((day - as_of).days), value) for day, value in points.items()]
    return projected(
        Sums(
            len(pairs),
            sum(t for t, _ in pairs),
            sum(y for _, y in pairs),
            sum(t * t for t, _ in pairs),
            sum(t * y for t, y in pairs),
            sum(y * y for _, y in pairs),
        ),
        wanted,
    )


def projected(sums: Sums, aim: Aim) -> Horizon:
    """The horizon of the sums of some points, three or more on different days."""
    mean, spread = sums.t / sums.n, sums.tt - sums.t**2 / sums.n
    cross = sums.ty - sums.t * sums.y / sums.n
    slope = cross / spread
    start = sums.y / sums.n - slope * mean
    rest = max(sums.yy - sums.y**2 / sums.n - slope * cross, 0.0)
    width = quantile(sums.n - 2, aim.confidence) * math.sqrt(rest / (sums.n - 2))
    line = _Line(start, slope, width, 1 + 1 / sums.n, mean, spread)
    days = line.reaches(aim.default_days)
    earliest, latest = line.edge(aim.default_days, 1), line.edge(aim.default_days, -1)
    near = (days, "yes"), (earliest, "possible")
    within = next((w for day, w in near if day is not None and day <= aim.horizon_days), "no")
    half = line.half(0)
    return Horizon(
        sums.n, slope * 30, start, start - half, start + half, days, earliest, latest, within
    )


def rows(found: Horizon) -> list[list[object]]:
    """The horizon with headings, one measure per row."""
    return [
        list(HEADINGS),
        ["now", found.current, found.low, found.high],
        ["slope_30_days", found.slope, None, None],
        ["days_until", found.days_until, found.earliest, found.latest],
        ["within", found.within, None, None],
        ["points", found.points, None, None],
    ]


@cache
def quantile(degrees: int, confidence: float) -> float:
    """Two-sided quantile of Student's t (`data/warning_quantiles.csv`), the next lower degrees.

    >>> quantile(4, 0.8), quantile(1000, 0.95)
    (1.5332, 1.9799)
    """
    column = f"q{confidence * 100:g}"
    table = data_rows("warning_quantiles.csv")
    if column not in table[0]:
        raise DomainError(f"confidence is {confidence:g}: give 0.8, 0.9 or 0.95.")
    return [float(row[column]) for row in table if int(row["degrees"]) <= degrees][-1]


@dataclass(frozen=True, slots=True)
class _Line:
    start: float
    slope: float
    width: float
    one: float
    mean: float
    spread: float

    def half(self, t: float) -> float:
        """Half the width of the band on a day."""
        return self.width * math.sqrt(self.one + (t - self.mean) ** 2 / self.spread)

    def reaches(self, goal: float) -> float | None:
        """Day on which the line is at the goal: 0 if it is there already."""
        if self.start >= goal:
            return 0.0
        return _near((goal - self.start) / self.slope) if self.slope > 0 else None

    def edge(self, goal: float, side: int) -> float | None:
        """First day on which the upper (1) or lower (−1) edge is at the goal."""
        if self.start + side * self.half(0) >= goal:
            return 0.0
        gap, per_day = goal - self.start, self.width**2 / self.spread
        # (gap − slope × t)² = width² × (one + (t − mean)² ÷ spread), a quadratic in t
        a = self.slope**2 - per_day
        b = -2 * self.slope * gap + 2 * per_day * self.mean
        c = gap**2 - self.width**2 * self.one - per_day * self.mean**2
        days = (t for t in _roots(a, b, c) if t > 0 and side * (gap - self.slope * t) >= -1e-9)
        return _near(min(days, default=math.inf))


def _roots(a: float, b: float, c: float) -> list[float]:
    inside = b * b - 4 * a * c
    if a == 0:
        return [-c / b] if b else []
    if inside < 0:
        return []
    half = -(b + math.copysign(math.sqrt(inside), b)) / 2
    return [half / a, *([c / half] if half else [])]


def _near(days: float) -> float | None:
    return days if days <= rule("horizon_cap_days") else None


def _points(
    days: Sequence[date | None], values: Sequence[float | None], as_of: date
) -> dict[date, float]:
    if len(days) != len(values):
        raise BadValueError(
            f"{len(days)} month ends, {len(values)} days beyond terms. Give ranges of the same size."
        )
    found: dict[date, float] = {}
    for row, (day, value) in enumerate(zip(days, values, strict=True), 1):
        if day is None and value is not None:
            raise BadValueError(f"Row {row} has days beyond terms and no month. Fill it in.")
        if day is None or value is None or day > as_of:
            continue
        if day in found:
            raise BadValueError(f"The month {day} stands there twice. Keep one row.")
        found[day] = value
    return found
