"""How much of a limit is used, and how much may be used: share, state, headroom."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from receivables.assess.limit_policy import LimitPolicy
from receivables.errors import BadValueError, DomainError, NotAvailableError, ZeroDivideError

STATES = ("", "none set", "unlimited", "alert", "hold")
"""Worse from left to right; "" is within the limit."""


def used(
    exposure: Decimal,
    limit: Decimal | None,
    what: str = "share",
    zero_limit: str = "",
    policy: LimitPolicy | None = None,
) -> float | str | Decimal:
    """Use of a limit: share = exposure ÷ limit; state by 70 % and 100 %; headroom = limit − exposure.

    Args:
        exposure: what counts against the limit.
        limit: 0 means what `zero_limit` says; None = none set.
        what: share, state or headroom.
        zero_limit: none (nothing on credit) or unlimited; "" = as the policy says.
        policy: thresholds, default the shipped ones.

    Raises:
        NotAvailableError: no limit is set (share, headroom); an unlimited one has no headroom.
        ZeroDivideError: share of a limit of 0.
        DomainError: a limit below 0.

    >>> used(Decimal(70), Decimal(100)), used(Decimal(70), Decimal(100), "state")
    (0.7, 'alert')
    """
    rules = policy or LimitPolicy.default()
    unlimited = limit == 0 and (zero_limit or rules.words["zero_limit"]) == "unlimited"
    if limit is not None and limit < 0:
        raise DomainError(f"limit is {limit:f}: give 0 or more, or leave it blank.")
    if what == "state":
        return "unlimited" if unlimited else state(exposure, limit, rules)
    if limit is None:
        raise NotAvailableError("No limit is set. Decide one; CREDIT_LIMIT suggests it.")
    if what == "headroom":
        if unlimited:
            raise NotAvailableError("A limit of 0 means unlimited here: there is no headroom.")
        return limit - exposure
    if unlimited:
        return 0.0
    if not limit:
        raise ZeroDivideError("The limit is 0: nothing may be on credit, so no share is defined.")
    return float(Fraction(exposure) / Fraction(limit))


def state(exposure: Decimal, limit: Decimal | None, rules: LimitPolicy) -> str:
    """`hold` strictly above the limit, `alert` from 70 % of it on, `none set`, or "".

    >>> rules = LimitPolicy.default()
    >>> [state(Decimal(used), Decimal(100), rules) for used in (69, 70, 100, 101)]
    ['', 'alert', 'alert', 'hold']
    """
    if limit is None:
        return "none set"
    if Fraction(exposure) > Fraction(limit) * rules["hold_share"]:
        return "hold"
    near = exposure > 0 and Fraction(exposure) >= Fraction(limit) * rules["alert_share"]
    return "alert" if near else ""


def usable(own: Decimal | None, insured: Decimal | None, rule: str = "lower") -> Decimal:
    """What may be used of an own and an insured limit.

    "Insured limit ÷ insured %" is not offered: it makes uninsured exposure out of a percentage.

    Args:
        own: our own limit; None = none set.
        insured: the insurer's; None = not insured.
        rule: `lower` of both (not insured: our own), `own`, `insured`, or `sum` (the own limit on
            top of the insured one).

    Raises:
        NotAvailableError: the limit that the rule needs is not set.
        DomainError: a limit below 0.

    >>> usable(Decimal(200000), Decimal(150000)), usable(Decimal(200000), None)
    (Decimal('150000'), Decimal('200000'))
    """
    for name, amount in (("own", own), ("insured", insured)):
        if amount is not None and amount < 0:
            raise DomainError(f"{name} is {amount:f}: give 0 or more, or leave it blank.")
    if rule == "insured":
        return _given(insured, "insured")
    if rule == "own":
        return _given(own, "own")
    if rule == "sum":
        return _given(own, "own") + (insured or 0)
    if rule != "lower":
        raise BadValueError(f"rule is '{rule}': give lower, own, insured or sum.")
    limit = _given(own, "own")
    return limit if insured is None else min(limit, insured)


def _given(amount: Decimal | None, name: str) -> Decimal:
    if amount is None:
        raise NotAvailableError(f"The {name} limit is not set: give it, or choose another rule.")
    return amount
