"""What a good score cannot outweigh: caps, overrides, withheld accounts, the least weight known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from receivables.assess.factors import Value
from receivables.resources import data_rows


class Rule(NamedTuple):
    """One row of `data/credit_rules.csv`: when it is met, the grade is no better than `grade`."""

    id: str
    kind: str
    factors: tuple[str, ...]
    test: str
    value: float
    grade: int
    reason: str

    def met(self, values: Mapping[str, Value]) -> bool:
        """Whether the factors given meet the rule; what is not known meets no threshold."""
        return _TESTS[self.test](self, values)


class Hit(NamedTuple):
    """A rule that is met; `decides` if the score alone would have given a better grade."""

    rule: str
    kind: str
    grade: int
    reason: str
    decides: bool


@dataclass(frozen=True)
class Rules:
    """The rules of an assessment.

    `nil` names factors that count 0 when they are missing and the factor beside them says yes, so
    that refusing to show accounts never helps.
    """

    minimum_weight: float
    limits: tuple[Rule, ...]
    nil: tuple[tuple[str, str, str], ...]

    @classmethod
    def default(cls) -> Rules:
        """The shipped rules.

        >>> [(rule.id, rule.grade) for rule in Rules.default().limits]
        [('insolvency', 10), ('old_debt', 8), ('no_financials', 3), ('few_invoices', 5), ('short_history', 5)]
        """
        return _default()

    def withheld(self, values: Mapping[str, Value]) -> dict[str, str]:
        """Factors that count 0 if missing, with the reason."""
        return {name: reason for name, flag, reason in self.nil if values.get(flag) is True}


def _above(rule: Rule, values: Mapping[str, Value]) -> bool:
    found = values.get(rule.factors[0])
    return isinstance(found, float) and found > rule.value


def _below(rule: Rule, values: Mapping[str, Value]) -> bool:
    found = values.get(rule.factors[0])
    return isinstance(found, float) and found < rule.value


_TESTS: dict[str, Callable[[Rule, Mapping[str, Value]], bool]] = {
    "yes": lambda rule, values: values.get(rule.factors[0]) is True,
    "missing": lambda rule, values: not any(name in values for name in rule.factors),
    "above": _above,
    "below": _below,
}


@cache
def _default() -> Rules:
    rows = data_rows("credit_rules.csv")
    least = next(float(row["value"]) for row in rows if row["kind"] == "minimum")
    limits = tuple(
        Rule(
            row["rule"],
            row["kind"],
            tuple(row["factor"].split("|")),
            row["test"],
            float(row["value"] or 0),
            int(row["grade"]),
            row["reason"],
        )
        for row in rows
        if row["grade"]
    )
    nil = tuple(
        (name, row["value"], row["reason"])
        for row in rows
        if row["kind"] == "nil"
        for name in row["factor"].split("|")
    )
    return Rules(least, limits, nil)
