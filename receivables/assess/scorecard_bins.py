"""The bins of one factor: in order, without overlap, without a hole, points within 0–100."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

from receivables.assess.factors import Factor
from receivables.assess.setting_table import SettingRow
from receivables.errors import BadValueError

INF = float("inf")


class Bin(NamedTuple):
    """Values from lower to upper and the points they earn; a class has the same text as both."""

    lower: float | str
    upper: float | str
    points: float
    reason: str

    def shown(self) -> tuple[Any, Any]:
        """The cells `from` and `to`; an open end is blank."""
        return tuple(None if edge in {INF, -INF} else edge for edge in (self.lower, self.upper))  # type: ignore[return-value]


def in_order(factor: Factor, rows: Sequence[SettingRow]) -> tuple[Bin, ...]:
    """The checked bins of a factor, lowest first.

    Raises:
        BadValueError: points outside 0–100, an overlap, a hole, an end that is not covered.
    """
    pairs = [(_bin(factor, row), row.where) for row in rows]
    if factor.kind == "class":
        return _classes(factor, pairs)
    pairs.sort(key=lambda pair: (float(pair[0].lower), float(pair[0].upper)))
    step = 1.0 if factor.kind == "rating" else 0.0
    least, most = (1.0, 10.0) if factor.kind == "rating" else (factor.least, factor.most)
    (first, first_at), (last, last_at) = pairs[0], pairs[-1]
    if float(first.lower) > least:
        raise BadValueError(
            f"{first_at}: {factor.id} begins at {first.lower:g}; lower values have no points. "
            + ("Begin at 1." if step else "Leave 'from' blank in the lowest bin.")
        )
    for (lower, _), (upper, where) in itertools.pairwise(pairs):
        _touch(factor.id, where, lower, upper, step)
    if float(last.upper) < most:
        raise BadValueError(
            f"{last_at}: {factor.id} ends at {last.upper:g}; higher values have no points. "
            + ("End at 10." if step else "Leave 'to' blank in the highest bin.")
        )
    return tuple(item for item, _ in pairs)


def _touch(name: str, where: str, lower: Bin, upper: Bin, step: float) -> None:
    end, begin = float(lower.upper), float(upper.lower)
    if begin < end + step or (lower.lower == upper.lower and lower.upper == upper.upper):
        raise BadValueError(
            f"{where}: {name} from {begin:g} overlaps the bin that ends at {end:g}. "
            + ("Begin one higher." if step else "Let one bin begin where the other ends.")
        )
    if begin > end + step:
        raise BadValueError(
            f"{where}: {name} leaves a hole between {end:g} and {begin:g}. "
            + ("Begin one higher." if step else "Let one bin begin where the other ends.")
        )


def _classes(factor: Factor, pairs: Sequence[tuple[Bin, str]]) -> tuple[Bin, ...]:
    seen: set[str] = set()
    for item, where in pairs:
        name = str(item.lower).upper()
        if not name or (item.upper and str(item.upper).upper() != name):
            raise BadValueError(
                f"{where}: {factor.id} is a class: write its name in 'from' and leave 'to' blank."
            )
        if name in seen:
            raise BadValueError(f"{where}: {factor.id} names {name} twice. Leave one row.")
        seen.add(name)
    return tuple(item for item, _ in pairs)


def _bin(factor: Factor, row: SettingRow) -> Bin:
    points = row.needed("points")
    if not 0 <= points <= 100:
        raise BadValueError(f"{row.where}: {factor.id} gives {points:g} points. Give 0 to 100.")
    reason = row.text("reason")
    if factor.kind == "class":
        return Bin(row.text("from"), row.text("to") or row.text("from"), points, reason)
    lower, upper = row.number("from"), row.number("to")
    lower, upper = (-INF if lower is None else lower), (INF if upper is None else upper)
    if lower > upper:
        raise BadValueError(
            f"{row.where}: {factor.id} runs from {lower:g} down to {upper:g}. Swap 'from' and 'to'."
        )
    if factor.kind == "rating" and any(edge % 1 for edge in (lower, upper) if abs(edge) < INF):
        raise BadValueError(
            f"{row.where}: {factor.id} has whole grades 1 to 10. Give whole numbers."
        )
    return Bin(lower, upper, points, reason)
