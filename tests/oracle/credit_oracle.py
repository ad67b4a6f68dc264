"""Score and grade as a credit clerk works them out on paper, in Decimal. It imports nothing of ours."""

from __future__ import annotations

from decimal import Decimal

UP_TO = {
    "days_beyond_terms": (35, ((0, 100), (5, 85), (15, 65), (30, 45), (60, 20)), 0),
    "late_rate": (25, (("0.05", 100), ("0.15", 80), ("0.30", 60), ("0.50", 35), ("0.75", 15)), 0),
    "worst_age": (10, ((0, 100), (15, 80), (30, 60), (60, 30), (90, 10)), 0),
    "debt_ratio": (
        5,
        (("0.40", 100), ("0.50", 85), ("0.60", 65), ("0.70", 45), ("0.80", 25), (1, 5)),
        0,
    ),
}
"""Weight; highest value that still earns the points; points beyond."""

FROM = {
    "years_trading": (5, ((10, 100), (5, 80), (2, 55), (1, 30)), 10),
    "current_ratio": (5, ((2, 100), ("1.5", 80), ("1.2", 60), (1, 40), ("0.8", 20)), 0),
    "cashflow_cover": (5, (("0.40", 100), ("0.25", 80), ("0.15", 60), ("0.05", 35), (0, 15)), 0),
}
"""Weight; lowest value that earns the points; points below."""

COUNTRY = {"A": 100, "B": 70, "C": 35, "D": 0}
FINANCIAL = ("debt_ratio", "current_ratio", "cashflow_cover")
LADDER = (90, 80, 70, 60, 50, 40, 30, 20, 10, 0)


def points_of(factor: str, value) -> tuple[Decimal, int]:
    """Points and weight of one factor; an external rating comes as its grade 1–10."""
    if factor in UP_TO:
        weight, steps, beyond = UP_TO[factor]
        found = next(
            (points for most, points in steps if Decimal(str(value)) <= Decimal(most)), beyond
        )
    elif factor in FROM:
        weight, steps, below = FROM[factor]
        found = next(
            (points for least, points in steps if Decimal(str(value)) >= Decimal(least)), below
        )
    elif factor == "external_rating":
        weight, found = 5, Decimal(100) - Decimal("11.1") * (value - 1)
    else:
        weight, found = 5, COUNTRY[value]
    return Decimal(found), weight


def score_of(customer: dict) -> Decimal | None:
    """Weighted mean of the points; None if less than 60 of 100 is known."""
    scored = [(name, customer.get(name)) for name in (*UP_TO, *FROM, "external_rating", "country")]
    earned = [points_of(name, value) for name, value in scored if value is not None]
    if sum(weight for _, weight in earned) < 60:
        return None
    if customer.get("accounts_withheld"):
        earned += [(Decimal(0), 5) for name in FINANCIAL if customer.get(name) is None]
    weights = sum(weight for _, weight in earned)
    return sum(points * weight for points, weight in earned) / Decimal(weights)


def grade_of(customer: dict) -> int | None:
    """Grade after caps and overrides; None where too little is known."""
    if customer.get("insolvency"):
        return 10
    score = score_of(customer)
    if score is None:
        return None
    grade = next(number for number, least in enumerate(LADDER, 1) if score >= least)
    if all(customer.get(name) is None for name in FINANCIAL):
        grade = max(grade, 3)
    for name, enough in (("paid_invoices", 3), ("months_known", 6)):
        if customer.get(name) is not None and customer[name] < enough:
            grade = max(grade, 5)
    if (customer.get("worst_age") or 0) > 90:
        grade = max(grade, 8)
    return grade


def z(model: str, wc, re, ebit, equity, tl, sales, ta) -> Decimal:
    """Altman's Z by the printed formulas."""
    x1, x2, x3 = Decimal(wc) / Decimal(ta), Decimal(re) / Decimal(ta), Decimal(ebit) / Decimal(ta)
    x4, x5 = Decimal(equity) / Decimal(tl), Decimal(sales or 0) / Decimal(ta)
    if model == "z":
        return (
            Decimal("1.2") * x1
            + Decimal("1.4") * x2
            + Decimal("3.3") * x3
            + Decimal("0.6") * x4
            + x5
        )
    if model == "z1":
        return (
            Decimal("0.717") * x1
            + Decimal("0.847") * x2
            + Decimal("3.107") * x3
            + Decimal("0.420") * x4
            + Decimal("0.998") * x5
        )
    base = (
        Decimal("6.56") * x1 + Decimal("3.26") * x2 + Decimal("6.72") * x3 + Decimal("1.05") * x4
    )
    return base + (Decimal("3.25") if model == "em" else 0)
