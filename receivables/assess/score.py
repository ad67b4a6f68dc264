"""The score of one customer: weighted points, caps, grade, class, and the reason for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from receivables.assess.credit_rules import Hit, Rules
from receivables.assess.factors import Value, known_factors, nearest_factor, read_factors
from receivables.assess.grades import Grades
from receivables.assess.ratings import Rating
from receivables.assess.scorecard import NOISE, Scorecard
from receivables.errors import BadValueError, NotAvailableError

HEADINGS = ("factor", "value", "points", "weight", "contribution", "reason")


class Line(NamedTuple):
    """One factor: what it earns and adds to the score; points are None where it is missing."""

    factor: str
    value: Value | None
    points: float | None
    weight: float
    contribution: float | None
    reason: str


@dataclass(frozen=True)
class Score:
    """What a customer scores; `points` is None where only an override decides the grade.

    `confidence` is the share of the weight that is known.
    """

    points: float | None
    grade: int
    klass: str
    confidence: float
    caps: tuple[Hit, ...]
    values: Mapping[str, Value]
    scorecard: Scorecard
    rules: Rules

    @property
    def missing(self) -> tuple[str, ...]:
        """Factors of the scorecard without a value."""
        return tuple(
            scale.factor for scale in self.scorecard.scales if scale.factor not in self.values
        )

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every factor with its points, weight and contribution."""
        return _lines(self.values, self.scorecard, self.rules)


def score(
    factors: Mapping[str, Any],
    scorecard: Scorecard | None = None,
    grades: Grades | None = None,
    rules: Rules | None = None,
) -> Score:
    """Score = Σ points × weight ÷ Σ weight over the factors present, 0–100; then caps and overrides.

    Args:
        factors: cells by factor id (`data/credit_factors.csv`); a blank is missing, never 0.
        scorecard: points and weights; default the shipped ones.
        grades: the ladder; default the shipped one.
        rules: caps, overrides and the least weight; default the shipped ones.

    Raises:
        NotAvailableError: less than the least share of the weight is known; names what is missing.
        DomainError, BadValueError: a value that cannot be.

    Source: docs/grades.md. The points are ours until they are calibrated.

    >>> found = score({"days_beyond_terms": 12, "late_rate": 0.30})
    >>> f"{found.points:.1f}", found.grade, found.klass, found.confidence
    ('62.9', 4, 'B', 0.6)
    """
    card, ladder = scorecard or Scorecard.default(), grades or Grades.default()
    rules = rules or Rules.default()
    _refuse_unknown(factors, card)
    values = read_factors(factors)
    earned, counted, weight = _earned(values, card, rules.withheld(values))
    known = weight / card.weight
    met = [rule for rule in rules.limits if rule.met(values)]
    limit = max((min(rule.grade, ladder.worst) for rule in met), default=1)
    enough = known >= rules.minimum_weight - NOISE
    if not enough and limit < ladder.worst:
        missing = [
            f"{scale.factor} ({scale.weight:g})"
            for scale in card.scales
            if scale.factor not in values
        ]
        raise NotAvailableError(too_little(f"{100 * known:.0f}", ", ".join(missing), rules))
    points = min(max(earned / counted, 0.0), 100.0) if enough else None
    own = ladder.worst if points is None else ladder.of(points).grade
    grade = max(own, limit)
    hits = tuple(
        Hit(rule.id, rule.kind, rule.grade, rule.reason, grade > own and min(rule.grade, ladder.worst) == grade)
        for rule in met
    )  # fmt: skip
    return Score(points, grade, ladder.rung(grade).klass, known, hits, values, card, rules)


def too_little(known: str, missing: str, rules: Rules) -> str:
    """The sentence that says what a grade still needs; `known` is a percentage.

    >>> too_little("35", "late_rate (25)", Rules.default())
    'Only 35 % of the weight is known, 60 % is needed. Missing: late_rate (25).'
    """
    needed = f"{100 * rules.minimum_weight:.0f}"
    return f"Only {known} % of the weight is known, {needed} % is needed. Missing: {missing}."


def explained(found: Score) -> list[list[object]]:
    """Factor by factor how a score came about, with headings; then dimensions, caps and the result.

    >>> for row in explained(score({"days_beyond_terms": 12, "late_rate": 0.30}))[:3]:
    ...     print(*row, sep=" | ")
    factor | value | points | weight | contribution | reason
    days_beyond_terms | 12.0 | 65.0 | 35.0 | 37.916666666666664 | pays 6 to 15 days late
    late_rate | 0.3 | 60.0 | 25.0 | 25.0 | up to 30 % of the invoices are late
    """
    rows: list[list[object]] = [list(HEADINGS)]
    for line in found.lines:
        value = str(line.value) if isinstance(line.value, Rating) else line.value
        rows.append([line.factor, value, line.points, line.weight, line.contribution, line.reason])
    rows += _dimensions(found.lines)
    for hit in found.caps:
        acts = (
            "decides the grade"
            if hit.decides
            else "changes nothing, the grade is no better anyway"
        )
        rows.append(
            [f"{hit.kind} {hit.rule}", hit.grade, None, None, None, f"{hit.reason}: {acts}"]
        )
    weights = sum(line.weight for line in found.lines)
    rows += [
        ["confidence", found.confidence, None, weights, None, "share of the weight that is known"],
        ["score", found.points, None, None, found.points, "Σ points × weight ÷ weight known"],
        ["grade", found.grade, None, None, None, "1 is best"],
        ["class", found.klass, None, None, None, "A open terms, B reduced terms, C prepayment"],
    ]
    return rows


def _dimensions(lines: Sequence[Line]) -> list[list[object]]:
    """Sub-score and weight of each dimension, and how much of it is known."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        if line.weight:
            factor = known_factors().get(line.factor)
            groups.setdefault(factor.dimension if factor else "own factors", []).append(line)
    rows: list[list[object]] = []
    for name, group in groups.items():
        scored = [(line.points, line.weight) for line in group if line.points is not None]
        weight = sum(weight for _, weight in scored)
        points = sum(points * weight for points, weight in scored) / weight if scored else None
        known = sum(line.value is not None for line in group)
        why = f"{known} of {len(group)} factors known" if known else "nothing known"
        rows.append([f"dimension {name}", None, points, weight, None, why])
    return rows


def _earned(
    values: Mapping[str, Value], card: Scorecard, withheld: Mapping[str, str]
) -> tuple[float, float, float]:
    """Points × weight, the weight they count for, the weight known."""
    earned = counted = known = 0.0
    for scale in card.scales:
        value = values.get(scale.factor)
        if value is not None:
            earned += scale.points(value).points * scale.weight
            counted += scale.weight
            known += scale.weight
        elif scale.factor in withheld:
            counted += scale.weight
    return earned, counted, known


def _lines(values: Mapping[str, Value], card: Scorecard, rules: Rules) -> tuple[Line, ...]:
    withheld = rules.withheld(values)
    counted = _earned(values, card, withheld)[1]
    found = []
    for scale in card.scales:
        value, weight = values.get(scale.factor), scale.weight
        if value is not None:
            points, reason = scale.points(value)
            if isinstance(value, Rating):
                reason = f"{value} is {value.grade} on our scale of 10" + _doubt(value)
            found.append(
                Line(scale.factor, value, points, weight, points * weight / counted, reason)
            )
        elif scale.factor in withheld:
            found.append(Line(scale.factor, None, 0.0, weight, 0.0, withheld[scale.factor]))
        else:
            found.append(Line(scale.factor, None, None, weight, None, _MISSING))
    found += [
        Line(name, value, None, 0.0, None, _unweighted(name))
        for name, value in values.items()
        if name not in card.by_factor and known_factors()[name].kind != "label"
    ]
    return tuple(found)


def _unweighted(name: str) -> str:
    decides = known_factors()[name].kind == "flag" or name in _RULED
    return "decides caps only" if decides else "not in this scorecard"


def _refuse_unknown(names: Collection[str], card: Scorecard) -> None:
    if card.own:
        card.refuse_own(names)
    known = known_factors()
    for name in names:
        if name not in known and name not in card.by_factor:
            near = nearest_factor(name, card.own)
            hint = f" Did you mean '{near}'?" if near else ""
            raise BadValueError(f"'{name}' is no factor.{hint}")


def _doubt(value: Rating) -> str:
    return "" if value.confirmed else " (scale not confirmed)"


_RULED = {"paid_invoices", "months_known"}
_MISSING = "missing: its weight is shared out"
