"""The ratios of a balance sheet that a credit decision asks for first."""

from __future__ import annotations

from decimal import Decimal

from receivables.errors import DomainError, NotAvailableError, ZeroDivideError

Money = Decimal | float


def debt_ratio(total_liabilities: Money | None, total_assets: Money | None) -> float:
    """Debt ratio (资产负债率) = total liabilities ÷ total assets; above 1 equity is negative.

    Raises:
        NotAvailableError: one of them is blank.
        ZeroDivideError: no assets.
        DomainError: a negative amount.

    >>> debt_ratio(550, 1000)
    0.55
    """
    return _ratio(
        total_liabilities, total_assets, "total_liabilities", "total_assets", above_nil=True
    )


def current_ratio(current_assets: Money | None, current_liabilities: Money | None) -> float:
    """Current ratio (流动比率) = current assets ÷ current liabilities.

    Raises:
        NotAvailableError: one of them is blank.
        ZeroDivideError: no current liabilities.
        DomainError: a negative amount.

    >>> current_ratio(600, 400)
    1.5
    """
    return _ratio(
        current_assets,
        current_liabilities,
        "current_assets",
        "current_liabilities",
        above_nil=True,
    )


def cashflow_cover(operating_cash_flow: Money | None, current_liabilities: Money | None) -> float:
    """Cash-flow cover = operating cash flow ÷ current liabilities; negative if operations use up cash.

    Raises:
        NotAvailableError: one of them is blank.
        ZeroDivideError: no current liabilities.
        DomainError: negative current liabilities.

    >>> cashflow_cover(100, 400)
    0.25
    """
    return _ratio(
        operating_cash_flow, current_liabilities, "operating_cash_flow", "current_liabilities"
    )


def _ratio(
    part: Money | None,
    whole: Money | None,
    part_name: str,
    whole_name: str,
    *,
    above_nil: bool = False,
) -> float:
    if part is None or whole is None:
        name = part_name if part is None else whole_name
        raise NotAvailableError(f"{name} is blank. Fill it in; 0 if there is none.")
    if whole < 0 or (above_nil and part < 0):
        name, amount = (whole_name, whole) if whole < 0 else (part_name, part)
        raise DomainError(f"{name} is {amount}: give it as a positive amount.")
    if whole == 0:
        raise ZeroDivideError(f"{whole_name} is 0: there is nothing to divide by.")
    return float(part) / float(whole)
