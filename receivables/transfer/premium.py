"""What credit insurance costs and what it is worth: premium, four lines of value, the cash ratio."""

from __future__ import annotations

from decimal import Decimal

from receivables.errors import DomainError, ZeroDivideError
from receivables.transfer.headed import share

ZERO = Decimal(0)


def premium(
    turnover: Decimal,
    rate: float,
    *,
    minimum: Decimal = ZERO,
    buyers: int = 0,
    fee: Decimal = ZERO,
    rebate: float = 0.0,
    paid: Decimal = ZERO,
) -> Decimal:
    """Premium = max(turnover × rate, minimum) × (1 − rebate) + buyers × fee − already paid.

    Args:
        turnover: insured turnover declared for the year.
        rate: premium on it, 0–1.
        minimum: minimum premium of the year.
        buyers: number of insured limits that cost a fee.
        fee: per limit and year.
        rebate: share given back, for years without a claim.
        paid: deposit premium already paid; below 0 the result is a refund.

    Source: Allianz Trade: 0.25 % of $20 m is $50 k.

    >>> premium(Decimal(20_000_000), 0.0025)
    Decimal('50000.00000')
    """
    amounts = {"turnover": turnover, "minimum": minimum, "fee": fee, "paid": paid}
    _not_negative(**amounts, buyers=Decimal(buyers))
    earned = turnover * Decimal(repr(share(rate)))
    charged = max(earned, minimum) * (1 - Decimal(repr(share(rebate))))
    return charged + buyers * fee - paid


def value_lines(
    cost: Decimal,
    expected_loss: Decimal,
    insured_share: float,
    *,
    extra_base: Decimal = ZERO,
    spread: float = 0.0,
    extra_sales: Decimal = ZERO,
    margin: float = 0.0,
) -> list[list[object]]:
    """Value of insurance in four lines with their running sum: the last is the net value of a year.

    − premium · + expected loss × insured share · + extra borrowing base × spread saved · + extra
    sales × margin. Each input is the firm's own estimate.

    >>> value_lines(Decimal(50000), Decimal(80000), 0.9, extra_base=Decimal(500000), spread=0.03)[-1][:3]
    ['extra sales', Decimal('0.0'), Decimal('37000.00')]
    """
    _not_negative(premium=cost, expected_loss=expected_loss, extra_base=extra_base, extra_sales=extra_sales)  # fmt: skip
    lines = [
        ("premium", -cost, "paid to the insurer"),
        ("loss avoided", expected_loss * _exact(insured_share), "expected loss × insured share"),
        ("cheaper funding", extra_base * _exact(spread), "extra borrowing base × spread saved"),
        ("extra sales", extra_sales * _exact(margin), "extra sales × margin"),
    ]
    rows: list[list[object]] = [["line", "amount", "running", "rule"]]
    running = ZERO
    for name, amount, rule in lines:
        running += amount
        rows.append([name, amount, running, rule])
    return rows


def cash_ratio_insured(
    cash: Decimal,
    current_liabilities: Decimal,
    *,
    indemnity: Decimal = ZERO,
    sold: Decimal = ZERO,
    borrowed: Decimal = ZERO,
    cost: Decimal = ZERO,
) -> float:
    """Cash ratio with insurance = (cash + indemnity + sold + borrowed − premium) ÷ (liabilities + borrowed).

    What is borrowed against insured receivables raises cash and liabilities alike; what is sold
    without recourse raises cash alone. With nothing given it is the ratio without insurance.

    Raises:
        ZeroDivideError: no current liabilities.

    >>> cash_ratio_insured(Decimal(80000), Decimal(400000))
    0.2
    >>> cash_ratio_insured(Decimal(80000), Decimal(400000), sold=Decimal(100000), cost=Decimal(2000))
    0.445
    """
    _not_negative(current_liabilities=current_liabilities, indemnity=indemnity, sold=sold, borrowed=borrowed, premium=cost)  # fmt: skip
    owed = current_liabilities + borrowed
    if not owed:
        raise ZeroDivideError("There are no current liabilities: the cash ratio is not defined.")
    return float((cash + indemnity + sold + borrowed - cost) / owed)


def _exact(part: float) -> Decimal:
    return Decimal(repr(share(part)))


def _not_negative(**amounts: Decimal) -> None:
    for name, amount in amounts.items():
        if amount < 0:
            raise DomainError(f"{name} is {amount:f}, below 0. Give the amount without a sign.")
