"""The scorecard: which values of a factor earn which points, and what each factor weighs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from receivables.assess.factors import (
    Factor,
    Value,
    factor_named,
    known_factors,
    nearest_factor,
)
from receivables.assess.ratings import Rating
from receivables.assess.scorecard_bins import Bin, in_order
from receivables.assess.setting_table import Rows, SettingRow, csv_rows, setting_rows
from receivables.errors import BadValueError
from receivables.ledger.spelling import fold
from receivables.resources import data_path

INF = float("inf")
HEADINGS = ("factor", "from", "to", "points", "weight", "reason")
NOISE = 1e-9
"""0.1 + 0.2 in a cell is a hair above 0.3 and belongs where 0.3 belongs."""


class Earned(NamedTuple):
    """What a value earns."""

    points: float
    reason: str


@dataclass(frozen=True)
class Scale:
    """The points of one factor. A value on an edge shared by two bins takes the better one."""

    factor: str
    kind: str
    weight: float
    bins: tuple[Bin, ...]

    @cached_property
    def cuts(self) -> tuple[float, ...]:
        """The largest value of each bin but the last, for a search that goes left on equality."""
        if self.kind == "rating":
            return tuple(float(item.upper) + 0.5 for item in self.bins[:-1])
        edges = zip(self.bins, self.bins[1:], strict=False)
        return tuple(
            float(lower.upper) + (NOISE if lower.points >= upper.points else -NOISE)
            for lower, upper in edges
        )

    @cached_property
    def classes(self) -> dict[str, Earned]:
        """Points by class, for factors that are no number."""
        return {str(item.lower).upper(): Earned(item.points, item.reason) for item in self.bins}

    @cached_property
    def earned(self) -> tuple[Earned, ...]:
        """Points by position of the bin."""
        return tuple(Earned(item.points, item.reason) for item in self.bins)

    def points(self, value: Value) -> Earned:
        """Points of a value, and why.

        Raises:
            BadValueError: a class the scorecard does not name, or text where a number belongs.

        >>> Scorecard.default().scale("late_rate").points(0.30).points
        60.0
        """
        if type(value) is float:
            if self.kind != "class":
                return self.earned[bisect_left(self.cuts, value)]
        elif isinstance(value, Rating):
            return self.earned[bisect_left(self.cuts, value.grade)]
        if self.kind != "class":
            raise BadValueError(f"{self.factor} is '{value}': a number is needed.")
        found = self.classes.get(class_name(value))
        if found is None:
            raise BadValueError(
                f"{self.factor} is '{value}', which the scorecard does not name. It has "
                f"{', '.join(self.classes)}."
            )
        return found


@dataclass(frozen=True)
class Scorecard:
    """Factors with points and weights, checked: no overlap, no hole, nothing outside 0–100."""

    scales: tuple[Scale, ...]

    @classmethod
    def default(cls) -> Scorecard:
        """The shipped scorecard, `data/scorecard.csv`: ours, editable, no claim of prediction.

        >>> [(scale.factor, scale.weight) for scale in Scorecard.default().scales[:2]]
        [('days_beyond_terms', 35.0), ('late_rate', 25.0)]
        """
        return _default()

    @classmethod
    def from_csv(cls, path: Path) -> Scorecard:
        """A scorecard from a CSV file with the headings factor, from, to, points, weight, reason."""
        return cls.from_rows(csv_rows(path))

    @classmethod
    def from_rows(cls, rows: Rows) -> Scorecard:
        """A scorecard from rows with headings.

        A factor the program does not know is the user's own: a number, or classes if its `from` is
        text. A name almost like a known one is taken for a slip and refused.

        Raises:
            BadValueError: an unknown column, bins that overlap or leave a hole, points outside
                0–100, weights that differ, are not positive or exceed 100; names row and cure.

        >>> rows = [["factor", "from", "to", "points", "weight", "reason"]]
        >>> rows += [["late_rate", 0, 0.5, 100, 100, ""], ["late_rate", 0.6, 1, 0, None, ""]]
        >>> Scorecard.from_rows(rows)
        Traceback (most recent call last):
        receivables.errors.BadValueError: Scorecard, row 3: late_rate leaves a hole between 0.5 and 0.6. Let one bin begin where the other ends.
        """
        by_factor: dict[str, list[SettingRow]] = {}
        for row in setting_rows("Scorecard", rows, HEADINGS[:5], HEADINGS[5:]):
            by_factor.setdefault(_factor_of(row), []).append(row)
        card = cls(tuple(_scale(name, found) for name, found in by_factor.items()))
        if card.weight > 100 + NOISE:
            raise BadValueError(
                f"Scorecard: the weights add up to {card.weight:g}, more than 100. Lower some."
            )
        return card

    def to_rows(self) -> list[list[Any]]:
        """The setting table, headings first; `from_rows` reads it back."""
        rows: list[list[Any]] = [list(HEADINGS)]
        for scale in self.scales:
            for item in scale.bins:
                lower, upper = item.shown()
                rows.append([scale.factor, lower, upper, item.points, scale.weight, item.reason])
        return rows

    @cached_property
    def weight(self) -> float:
        """Sum of all weights."""
        return sum(scale.weight for scale in self.scales)

    @cached_property
    def by_factor(self) -> dict[str, Scale]:
        """The scale of each factor."""
        return {scale.factor: scale for scale in self.scales}

    @cached_property
    def own(self) -> frozenset[str]:
        """Factors that only this scorecard knows."""
        return frozenset(self.by_factor) - frozenset(known_factors())

    def scale(self, factor: str) -> Scale:
        """Points of a factor.

        Raises:
            BadValueError: the scorecard has no such factor.
        """
        if factor not in self.by_factor:
            raise BadValueError(f"The scorecard has no factor '{factor}'.")
        return self.by_factor[factor]

    def factor_named(self, heading: str) -> str:
        """The factor a heading stands for, this scorecard's own ones too; empty if none."""
        own = {fold(name): name for name in self.own}
        return own.get(fold(heading), "") or factor_named(heading)

    def refuse_own(self, given: Collection[str]) -> None:
        """Refuse a scorecard with factors of its own that nobody can give a value for.

        Raises:
            BadValueError: names the factor, the nearest known one and the way to give it.
        """
        for name in sorted(self.own):
            if name not in given:
                near = nearest_factor(name)
                hint = f"Did you mean '{near}'? " if near else ""
                raise BadValueError(
                    f"Scorecard: the factor '{name}' is not known. {hint}A factor of your own needs a "
                    "heading of that name: use CREDIT_GRADE_ROW or a range with headings."
                )


def class_name(value: Value) -> str:
    """A value as the name of a class.

    >>> class_name(3.0), class_name("A1")
    ('3', 'A1')
    """
    return f"{value:g}" if isinstance(value, float) else str(value)


@cache
def _default() -> Scorecard:
    return Scorecard.from_csv(data_path("scorecard.csv"))


def _factor_of(row: SettingRow) -> str:
    text = row.text("factor")
    if not text:
        raise BadValueError(f"{row.where}: factor is blank. Name it on every row.")
    name = factor_named(text)
    if not name:
        near = nearest_factor(text, cutoff=0.9)
        if near:
            raise BadValueError(
                f"{row.where}: there is no factor '{text}'. Did you mean '{near}'?"
            )
        return text
    if known_factors()[name].kind in {"flag", "label"}:
        raise BadValueError(
            f"{row.where}: {name} earns no points; it only decides caps. Remove it."
        )
    return name


def _scale(name: str, rows: list[SettingRow]) -> Scale:
    factor = known_factors().get(name) or _own_factor(name, rows)
    weights = {row.needed("weight") for row in rows[:1]}
    weights |= {weight for row in rows[1:] if (weight := row.number("weight")) is not None}
    if len(weights) > 1:
        shown = " and ".join(f"{weight:g}" for weight in sorted(weights))
        raise BadValueError(f"{rows[0].where}: {name} has the weights {shown}. Give one.")
    weight = weights.pop()
    if not 0 < weight <= 100:
        raise BadValueError(
            f"{rows[0].where}: {name} weighs {weight:g}. Give more than 0, at most 100."
        )
    return Scale(name, factor.kind, weight, in_order(factor, rows))


def _own_factor(name: str, rows: list[SettingRow]) -> Factor:
    texts = [cell for row in rows for cell in (row["from"], row["to"])]
    return Factor(name, "class" if any(map(_is_word, texts)) else "number", -INF, INF, "")


def _is_word(cell: Any) -> bool:
    if not isinstance(cell, str) or not cell.strip():
        return False
    try:
        float(cell.strip().removesuffix("%"))
    except ValueError:
        return True
    return False
