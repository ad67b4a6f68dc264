"""What an early-payment discount costs as a rate a year."""

from __future__ import annotations

from receivables.errors import DomainError

METHODS = ("simple", "effective")


def discount_apr(
    discount: float,
    discount_days: int,
    net_days: int,
    method: str = "simple",
    year_days: int = 365,
) -> float:
    """Rate a year = d ÷ (1 − d) × days a year ÷ (net − discount days); effective compounds it.

    Args:
        discount: share taken off, 0–1.
        discount_days: days within which it is taken.
        net_days: days of the full terms.
        method: `simple`, or `effective` = (1 + d ÷ (1 − d)) ^ (days a year ÷ days saved) − 1.
        year_days: 365 or 360.

    Raises:
        DomainError: net days not above the discount days, a discount outside 0–1.

    >>> f"{discount_apr(0.02, 10, 30):.4f} {discount_apr(0.02, 10, 30, 'effective'):.4f}"
    '0.3724 0.4459'
    """
    if net_days <= discount_days:
        raise DomainError(
            f"Net {net_days} days are not above the {discount_days} days of the discount. Check both."
        )
    if not 0 <= discount < 1:
        hint = f" {discount:g} means {discount:g} %?" if discount > 1 else ""
        raise DomainError(f"The discount {discount:g} is not a share from 0 to below 1.{hint}")
    if year_days <= 0 or discount_days < 0:
        raise DomainError("Days are below 0. Give days from 0, and a year of 365 or 360.")
    gain, times = discount / (1 - discount), year_days / (net_days - discount_days)
    return float((1 + gain) ** times - 1) if method == "effective" else gain * times
