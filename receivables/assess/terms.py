"""How many days a customer gets to pay, by industry, grade and country."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from receivables.errors import DomainError, NotAvailableError
from receivables.ledger.spelling import fold
from receivables.monitor.country_risk import country_risk, policies
from receivables.resources import data_rows

LONGEST = 3650
"""Days beyond which somebody gave a date."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Days to pay, and why: the usual range, what the grade makes of it, the cap of the country."""

    days: int
    usual: tuple[int, int]
    grade_reason: str
    country_cap: int | None


@dataclass(frozen=True, slots=True)
class _Grade:
    share: Fraction
    cap: int | None
    reason_en: str
    reason_zh: str


def credit_terms(
    industry: str, grade: float, country: str = "", base: float | None = None, language: str = "en"
) -> Terms:
    """Terms = from + share of the grade × (to − from), rounded down, at most grade's and country's cap.

    Args:
        industry: name in English or Chinese (`data/terms.csv`); "" with `base`.
        grade: 1 (best) to 10.
        country: code or name, or a class A–D; "" = home market, no cap.
        base: days that take the place of the industry's range.
        language: of the reason, en or zh.

    Raises:
        NotAvailableError: an unknown industry and no base; an unknown country.
        DomainError: no such grade; days below 0.

    Source: R6 of the rule book (`data/terms.csv`, `data/terms_grades.csv`, `data/country_policy.csv`).

    >>> [credit_terms("machinery", grade).days for grade in (1, 3, 4, 6, 7)]
    [120, 105, 90, 15, 0]
    >>> credit_terms("machinery", 1, "C").days
    30
    """
    low, high = _range(industry, base)
    rule = _grades().get(f"{grade:g}")
    if rule is None:
        raise DomainError(f"grade is {grade:g}: give a whole grade from 1 (best) to 10.")
    days = Fraction(low) + rule.share * (high - low)
    cap = _country_cap(country) if country.strip() else None
    limits = [limit for limit in (rule.cap, cap) if limit is not None]
    whole = min([days.numerator // days.denominator, *limits])
    return Terms(whole, (low, high), rule.reason_zh if language == "zh" else rule.reason_en, cap)


def _range(industry: str, base: float | None) -> tuple[int, int]:
    if base is not None:
        if not 0 <= base <= LONGEST:
            raise DomainError(f"base is {base:g}: give days from 0 to {LONGEST}. Is it a date?")
        return int(base), int(base)
    words = _industries()
    name = fold(industry)
    if name not in words:
        near = difflib.get_close_matches(name, words, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else "Give base, the days usual there."
        raise NotAvailableError(f"No usual terms are known for '{industry}'. {hint}")
    return words[name]


def _country_cap(country: str) -> int:
    known = policies()
    risk_class = country.strip().upper()
    if risk_class not in known:
        risk_class = country_risk(country).risk_class
    return known[risk_class].terms_cap


@cache
def _industries() -> dict[str, tuple[int, int]]:
    return {
        fold(word): (int(row["from_days"]), int(row["to_days"]))
        for row in data_rows("terms.csv")
        for word in (row["industry"], *row["words_en"].split("|"), *row["words_zh"].split("|"))
    }


@cache
def _grades() -> dict[str, _Grade]:
    return {
        row["grade"]: _Grade(
            Fraction(row["share"]),
            int(row["cap_days"]) if row["cap_days"] else None,
            row["reason_en"],
            row["reason_zh"],
        )
        for row in data_rows("terms_grades.csv")
    }
