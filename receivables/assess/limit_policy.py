"""The figures of a credit policy: shares, slack, thresholds, grade and country factors."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from receivables.assess.setting_table import Rows, setting_rows
from receivables.cells.coerce import to_amount
from receivables.errors import BadValueError, DomainError, ReceivablesError
from receivables.monitor.country_risk import policies
from receivables.resources import data_rows

CHOICES = {
    "combine": ("min", "mean", "median"),
    "zero_limit": ("none", "unlimited"),
    "usable_rule": ("lower", "own", "insured", "sum"),
}
COLUMNS = ("name", "value")


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """Values by name: those of `data/limit_policy.csv`, `grade_4`, and `country_A` to `country_D`."""

    values: dict[str, Fraction]
    words: dict[str, str]

    @classmethod
    def default(cls) -> LimitPolicy:
        """The shipped policy.

        >>> policy = LimitPolicy.default()
        >>> policy["slack_days"], policy["grade_4"], policy.words["combine"]
        (Fraction(15, 1), Fraction(4, 5), 'min')
        """
        return _default()

    @classmethod
    def from_rows(cls, rows: Rows) -> LimitPolicy:
        """The shipped policy with the rows of a table (name, value) in the place of its own.

        Raises:
            BadValueError: an unknown name, one there twice, a value that cannot be read.
            DomainError: a value below 0, a share above 1.

        >>> LimitPolicy.from_rows([["name", "value"], ["slack_days", 30]])["slack_days"]
        Fraction(30, 1)
        """
        base = cls.default()
        values, words, seen = dict(base.values), dict(base.words), set()
        for row in setting_rows("LimitPolicy", rows, COLUMNS):
            name = row.text("name")
            if name in seen:
                raise BadValueError(f"{row.where}: {name} is there twice. Leave one.")
            seen.add(name)
            if name in words:
                words[name] = _word(name, row.text("value"), row.where)
            elif name in values:
                values[name] = _value(name, row["value"], row.where)
            else:
                near = difflib.get_close_matches(name, [*values, *words], n=1)
                hint = f"Did you mean '{near[0]}'?" if near else "See docs/limits.md."
                raise BadValueError(f"{row.where}: the policy knows no '{name}'. {hint}")
        return cls(values, words)

    def __getitem__(self, name: str) -> Fraction:
        return self.values[name]

    def grade_factor(self, grade: float | None) -> Fraction:
        """Factor of a grade 1–10.

        Raises:
            DomainError: no such grade.
        """
        factor = None if grade is None else self.values.get(f"grade_{grade:g}")
        if factor is None:
            raise DomainError(f"grade is {grade}: give a whole grade from 1 (best) to 10.")
        return factor

    def country_factor(self, risk_class: str) -> Fraction:
        """Factor of a class of countries.

        Raises:
            BadValueError: no such class.
        """
        factor = self.values.get(f"country_{risk_class.strip().upper()}")
        if factor is None:
            known = ", ".join(sorted(name[8:] for name in self.values if name[:8] == "country_"))
            raise BadValueError(
                f"country_class is '{risk_class}': give one of {known}. COUNTRY_RISK has the class."
            )
        return factor


@cache
def _default() -> LimitPolicy:
    rows = data_rows("limit_policy.csv")
    values = {row["name"]: Fraction(row["value"]) for row in rows if row["unit"] != "choice"}
    values |= {
        f"grade_{r['grade']}": Fraction(r["factor"]) for r in data_rows("grade_factors.csv")
    }
    for name, policy in policies().items():
        values[f"country_{name}"] = Fraction(repr(policy.limit_factor))
    return LimitPolicy(values, {r["name"]: r["value"] for r in rows if r["unit"] == "choice"})


def units() -> dict[str, str]:
    """Unit of every figure of the shipped policy."""
    return {row["name"]: row["unit"] for row in data_rows("limit_policy.csv")}


def _word(name: str, text: str, where: str) -> str:
    word = text.casefold()
    if word not in CHOICES[name]:
        raise BadValueError(f"{where}: {name} is '{text}': give {' or '.join(CHOICES[name])}.")
    return word


def _value(name: str, cell: Any, where: str) -> Fraction:
    try:
        value = Fraction(to_amount(cell))
    except ReceivablesError as fault:
        raise type(fault)(f"{where}: {fault}") from None
    if value < 0:
        raise DomainError(f"{where}: {name} is {to_text(value)}: give 0 or more.")
    if units().get(name) == "share" and name != "hold_share" and value > 1:
        raise DomainError(f"{where}: {name} is {to_text(value)}: give a share from 0 to 1.")
    if name == "digits" and (value < 1 or value.denominator != 1):
        raise DomainError(f"{where}: digits is {to_text(value)}: give a whole number from 1 on.")
    return value


def to_text(value: Fraction) -> str:
    """A figure as plain decimal text.

    >>> to_text(Fraction(4, 5)), to_text(Fraction(15))
    ('0.8', '15')
    """
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


def median(values: Sequence[Fraction]) -> Fraction:
    """Middle value, or the mean of the two in the middle.

    >>> median([Fraction(1), Fraction(9), Fraction(4), Fraction(2)])
    Fraction(3, 1)
    """
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
