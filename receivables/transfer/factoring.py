"""What factoring an invoice costs: the fee by periods, the advance, and both as a rate a year."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from receivables.errors import DomainError, ZeroDivideError
from receivables.transfer.cost_terms import Terms, needed

ZERO = Decimal(0)
PERIODS = ("started", "pro_rata")


@dataclass(frozen=True, slots=True)
class Factoring:
    """Figures of one factored invoice, major units of its currency; rates as shares a year."""

    fee: Decimal
    interest: Decimal
    advance: Decimal
    reserve_release: Decimal
    apr_simple: float
    apr_effective: float

    def rows(self) -> list[list[object]]:
        """The figures as a table with headings."""
        return [
            ["line", "value", "rule"],
            ["fee", self.fee, "first period + further periods"],
            ["interest", self.interest, "advance × interest × days ÷ days a year"],
            ["advance", self.advance, "invoice × advance rate"],
            ["reserve_release", self.reserve_release, "invoice − advance − fee − interest"],
            ["apr_simple", self.apr_simple, "cost ÷ advance × days a year ÷ days"],
            [
                "apr_effective",
                self.apr_effective,
                "(1 + cost ÷ (advance − cost)) ^ (days a year ÷ days) − 1",
            ],
        ]


def factoring_fee(amount: Decimal, days: int, terms: Terms, periods: str = "started") -> Decimal:
    """Fee = invoice × (rate of the first period + rate of each further period, started or in proportion).

    >>> terms = {"fee_rate": Decimal("0.02"), "first_days": 30, "step_rate": Decimal("0.005"), "step_days": 10}
    >>> factoring_fee(Decimal(100000), 45, terms), factoring_fee(Decimal(100000), 45, terms, "pro_rata")
    (Decimal('3000.000'), Decimal('2750.0000'))
    """
    needed(terms, "fee_rate", "first_days")
    beyond = max(days - int(terms["first_days"]), 0)
    rate: Decimal = terms["fee_rate"]
    if beyond:
        needed(terms, "step_rate", "step_days")
        step = int(terms["step_days"])
        count = Decimal(-(-beyond // step)) if periods == "started" else Decimal(beyond) / step
        rate += terms["step_rate"] * count
    return amount * rate


def factoring(amount: Decimal, days: int, terms: Terms, periods: str = "started") -> Factoring:
    """Cost of factoring one invoice that is paid after some days.

    The simple rate relates the cost to the advance; the effective one takes the cost off the
    advance and compounds.

    Args:
        amount: invoice.
        days: from the advance to the payment.
        terms: advance_rate, fee_rate, first_days, step_rate, step_days, factor_interest.
        periods: `started` charges a further period once it has begun, `pro_rata` by the day.

    Raises:
        BadValueError: a term is missing.
        DomainError: an amount or days of 0 or less, a cost that eats up the advance.

    >>> terms = {"advance_rate": Decimal("0.9"), "fee_rate": Decimal("0.02"), "first_days": 30,
    ...     "step_rate": Decimal("0.005"), "step_days": 10, "year_days": 365}
    >>> found = factoring(Decimal(100000), 45, terms)
    >>> f"{found.apr_simple:.4f} {found.apr_effective:.4f}"
    '0.2704 0.3165'
    """
    if amount <= 0 or days <= 0:
        raise DomainError(f"{amount:f} for {days} days: give an amount and days above 0.")
    needed(terms, "advance_rate")
    advance = amount * terms["advance_rate"]
    if not advance:
        raise ZeroDivideError("The factor advances nothing: there is no rate on the advance.")
    fee = factoring_fee(amount, days, terms, periods)
    interest = advance * terms.get("factor_interest", ZERO) * days / terms["year_days"]
    cost = fee + interest
    if cost >= advance:
        raise DomainError(f"The cost {cost:f} eats up the advance {advance:f}. Check the terms.")
    years = terms["year_days"] / days
    return Factoring(
        fee=fee,
        interest=interest,
        advance=advance,
        reserve_release=amount - advance - cost,
        apr_simple=float(cost / advance) * years,
        apr_effective=(1 + float(cost / (advance - cost))) ** years - 1,
    )
