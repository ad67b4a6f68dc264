"""How much credit a customer is good for: every method, joined, scaled by grade and country, explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from receivables.assess.limit_policy import LimitPolicy, median, to_text
from receivables.errors import DomainError, NotAvailableError

MONTH = 30
"""Days of a month in the formulas of the trade."""
LONGEST = 3650
"""Days of terms beyond which somebody gave a date."""
HEADINGS = ("step", "input", "rule", "result")
JOIN: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "min": min,
    "mean": lambda found: sum(found, Fraction(0)) / len(found),
    "median": median,
}
NOT_GIVEN = "not given"
PREPAY = "prepayment or security only"
ROUNDED = "rounded down to {} significant digits"
SHARES = {
    "net_worth": "net_worth_share",
    "working_capital": "working_capital_share",
    "buyer_monthly_sales": "buyer_sales_share",
}
"""Amounts of which a share is a method of its own."""


class Step(NamedTuple):
    """One line of the explanation, put into words when it is read: a cell asks for the limit only.

    `result` is None where there was nothing to work with.
    """

    step: str
    given: tuple[Any, ...]
    """Pattern, and what fills its holes."""
    rule: str
    figures: tuple[Fraction, ...]
    result: Fraction | None

    @property
    def input(self) -> str:
        """What went in, in words."""
        pattern, *values = self.given
        return str(pattern).format(*map(_shown, values))

    @property
    def told(self) -> str:
        """The rule with its figures."""
        return self.rule.format(*map(to_text, self.figures))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A credit limit and the steps to it."""

    limit: Decimal
    steps: tuple[Step, ...]

    def rows(self) -> list[list[Any]]:
        """Headings and one row per step, amounts as decimals.

        >>> suggest({"monthly_purchases": Decimal(90000), "terms_days": 60, "grade": 4}).rows()[1]
        ['need', '90000 a month, 60 days', 'purchases × (terms + 15 days) ÷ 30', Decimal('225000')]
        """
        shown = [
            [
                step.step,
                step.input,
                step.told,
                None if step.result is None else _decimal(step.result),
            ]
            for step in self.steps
        ]
        return [list(HEADINGS), *shown]


def suggest(facts: Mapping[str, Any], policy: LimitPolicy | None = None) -> Suggestion:
    """Limit = min(join(methods) × grade factor × country factor, first limit if new, insured limit).

    The result is rounded down to 2 significant digits. A negative net worth gives 0: prepayment or
    security only. No grade scales the insured limit.

    Args:
        facts: monthly_purchases, terms_days, grade, net_worth, insured_limit, country_class,
            working_capital, buyer_monthly_sales, reference (list), new_customer, monthly_trade;
            what is not there is not known, not 0.
        policy: figures, default the shipped ones.

    Raises:
        NotAvailableError: no grade, or nothing to work a limit from.
        DomainError: a negative amount where none can be, no such grade.

    Source: methods as credit associations teach them; the figures are rows of
    `data/limit_policy.csv` with their sources.

    >>> facts = {"monthly_purchases": Decimal(90000), "terms_days": 60, "grade": 4,
    ...          "net_worth": Decimal(2000000), "insured_limit": Decimal(150000)}
    >>> suggest(facts).limit
    Decimal('150000')
    """
    rules = policy or LimitPolicy.default()
    _check(facts)
    steps = [*_methods(facts, rules)]
    known = [step for step in steps if step.result is not None]
    if not known:
        raise NotAvailableError(
            "Nothing to work a limit from: give monthly purchases and terms, the net worth, the "
            "working capital, the buyer's sales or trade references."
        )
    join = rules.words["combine"]
    found = JOIN[join]([step.result for step in known if step.result is not None])
    steps.append(Step("combined", (", ".join(step.step for step in known),), join, (), found))
    worth = facts.get("net_worth")
    if worth is not None and worth < 0:
        found = _NIL
        steps.append(Step("net_worth_negative", ("{}", worth), PREPAY, (), found))
    for step in _scaled(facts, rules, found):
        steps.append(step)
        found = step.result if step.result is not None else found
    limit = round_down(found, int(rules["digits"]))
    steps.append(Step("limit", ("{}", found), ROUNDED, (rules["digits"],), Fraction(limit)))
    return Suggestion(limit, tuple(steps))


def round_down(value: Fraction, digits: int) -> Decimal:
    """A limit rounded down to so many significant digits, never to parts of a unit.

    >>> round_down(Fraction(169_999), 2), round_down(Fraction(99), 2), round_down(Fraction(1, 2), 2)
    (Decimal('160000'), Decimal('99'), Decimal('0'))
    """
    whole = max(value.numerator // value.denominator, 0)
    step = 10 ** max(len(str(whole)) - digits, 0)
    return Decimal(whole // step * step)


def _check(facts: Mapping[str, Any]) -> None:
    if facts.get("grade") is None:
        raise NotAvailableError("There is no grade. Work it out with CREDIT_GRADE first.")
    days = facts.get("terms_days")
    if days is not None and not 0 <= days <= LONGEST:
        raise DomainError(f"terms_days is {days:g}: give days from 0 to {LONGEST}. Is it a date?")
    for name in ("monthly_purchases", "insured_limit", "buyer_monthly_sales", "monthly_trade"):
        amount = facts.get(name)
        if amount is not None and amount < 0:
            raise DomainError(f"{name} is {_shown(amount)}: give 0 or more.")
    if any(amount < 0 for amount in facts.get("reference", [])):
        raise DomainError("A trade reference is below 0: give the limit or the high credit.")


def _methods(facts: Mapping[str, Any], rules: LimitPolicy) -> list[Step]:
    """Every method, with no result where its input is not given."""
    bought, days = facts.get("monthly_purchases"), facts.get("terms_days")
    slack, safety = rules["slack_days"], rules["terms_safety"]
    trade: tuple[Any, ...] = (NOT_GIVEN,)
    need = by_terms = None
    if bought is not None and days is not None:
        trade = ("{} a month, {} days", bought, days)
        daily, exact = Fraction(bought) / MONTH, _exact(days)
        need, by_terms = daily * (exact + slack), daily * exact * safety
    found = [Step("need", trade, f"purchases × (terms + {{}} days) ÷ {MONTH}", (slack,), need)]
    if rules["terms_based"]:
        rule = f"purchases × terms ÷ {MONTH} × {{}}"
        found.append(Step("terms", trade, rule, (safety,), by_terms))
    for name, share in SHARES.items():
        amount = facts.get(name)
        result = None if amount is None else max(Fraction(amount) * rules[share], _NIL)
        found.append(Step(name, ("{}", amount), "× {}, not below 0", (rules[share],), result))
    listed = facts.get("reference", ())
    middle = median([Fraction(amount) for amount in listed]) if listed else None
    told = (f"{len(listed)} given",) if listed else (NOT_GIVEN,)
    return [*found, Step("references", told, "median", (), middle)]


def _scaled(facts: Mapping[str, Any], rules: LimitPolicy, found: Fraction) -> list[Step]:
    """Grade and country factors, then what the limit may not exceed."""
    factor = rules.grade_factor(facts["grade"])
    found *= factor
    steps = [Step("grade", ("{}", facts["grade"]), "× {}", (factor,), found)]
    if facts.get("country_class"):
        factor = rules.country_factor(facts["country_class"])
        found *= factor
        steps.append(Step("country", (str(facts["country_class"]),), "× {}", (factor,), found))
    if facts.get("new_customer"):
        found = min(found, _first_limit(facts, rules))
        rule = "new customer: at most {} of the monthly trade"
        share = (rules["new_customer_share"],)
        steps.append(Step("new_customer", ("{}", _trade(facts)), rule, share, found))
    insured = facts.get("insured_limit")
    if insured is not None:
        found = min(found, Fraction(insured))
        steps.append(Step("insured", ("{}", insured), "at most; no grade scales it", (), found))
    return steps


def _trade(facts: Mapping[str, Any]) -> Decimal | None:
    trade = facts.get("monthly_trade")
    return facts.get("monthly_purchases") if trade is None else trade


def _first_limit(facts: Mapping[str, Any], rules: LimitPolicy) -> Fraction:
    trade = _trade(facts)
    if trade is None:
        raise NotAvailableError(
            "A new customer's first limit is a share of its monthly trade. Give monthly_trade or "
            "monthly_purchases."
        )
    return Fraction(trade) * rules["new_customer_share"]


_NIL = Fraction(0)


def _exact(days: float) -> Fraction:
    return Fraction(days) if days == int(days) else Fraction(repr(days))


def _shown(value: Any) -> str:
    if isinstance(value, Fraction):
        value = _decimal(value)
    if value is None:
        return NOT_GIVEN
    return f"{value:f}" if isinstance(value, Decimal) else f"{value:g}"


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
