"""A second reckoning of credit limits and terms, in Decimal, straight from the rule book."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from statistics import median

GRADE = {1: "1.2", 2: "1.1", 3: "1", 4: ".8", 5: ".6", 6: ".4", 7: ".2", 8: "0", 9: "0", 10: "0"}
COUNTRY = {"A": "1", "B": "0.8", "C": "0.5", "D": "0"}
COUNTRY_DAYS = {"A": 90, "B": 60, "C": 30, "D": 0}
USUAL = {"fmcg": (30, 60), "machinery": (90, 120), "heavy_machinery": (120, 180)}


def limit(facts: dict) -> Decimal:
    """Suggested limit of facts given as Decimals; the smallest of all methods is taken."""
    methods = []
    if facts.get("monthly_purchases") is not None and facts.get("terms_days") is not None:
        methods.append(facts["monthly_purchases"] * (facts["terms_days"] + 15) / 30)
    for name in ("net_worth", "working_capital", "buyer_monthly_sales"):
        if facts.get(name) is not None:
            methods.append(max(facts[name] * Decimal("0.1"), Decimal(0)))
    if facts.get("reference"):
        methods.append(median(facts["reference"]))
    found = min(methods) * Decimal(GRADE[int(facts["grade"])])
    found *= Decimal(COUNTRY[facts.get("country_class") or "A"])
    if facts.get("new_customer"):
        trade = facts.get("monthly_trade", facts.get("monthly_purchases"))
        found = min(found, trade * Decimal("0.2"))
    if facts.get("insured_limit") is not None:
        found = min(found, facts["insured_limit"])
    return two_digits(found)


def two_digits(value: Decimal) -> Decimal:
    """Down to two significant digits, never to parts of a unit."""
    whole = value.quantize(Decimal(1), ROUND_DOWN)
    if whole <= 0:
        return Decimal(0)
    return Decimal(str(whole)[:2].ljust(len(str(whole)), "0"))


def use(exposure: Decimal, ceiling: Decimal) -> str:
    """State of a limit above 0."""
    if exposure > ceiling:
        return "hold"
    return "alert" if exposure * 10 >= ceiling * 7 and exposure > 0 else ""


def terms(industry: str, grade: int, country_class: str = "") -> int:
    """Days to pay."""
    low, high = USUAL[industry]
    days = {1: high, 2: high, 3: (low + high) // 2, 4: low, 5: low, 6: min(low, 15)}.get(grade, 0)
    return min(days, COUNTRY_DAYS[country_class]) if country_class else days
