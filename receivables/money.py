"""Exact money: integers of the currency's minor unit. The only place that rounds or converts it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from math import floor
from typing import TYPE_CHECKING

from receivables.resources import data_rows

if TYPE_CHECKING:
    import narwhals as nw

ABSURD = 10**13
"""Minor units above which an amount is reported as absurd (sums of 64-bit integers stay safe)."""

NO_CURRENCY = "XXX"
"""ISO 4217 code for "no currency": ledgers that name none."""


@cache
def exponents() -> dict[str, int]:
    """Digits after the decimal point by ISO 4217 code (`data/currencies.csv`)."""
    return {row["currency"]: int(row["exponent"]) for row in data_rows("currencies.csv")}


def exponent(currency: str) -> int:
    """Digits after the decimal point of a currency; 2 where the table does not know it.

    >>> exponent("JPY"), exponent("KWD"), exponent("EUR")
    (0, 3, 2)
    """
    return exponents().get(currency, 2)


def half_up(value: Decimal) -> int:
    """Nearest integer, halves away from zero, as on every invoice.

    >>> half_up(Decimal("2.5")), half_up(Decimal("-2.5")), half_up(Decimal("2.49"))
    (3, -3, 2)
    """
    return int(value.to_integral_value(rounding=ROUND_HALF_UP))


def to_minor(amount: Decimal | str | float, currency: str) -> int:
    """Minor units of an amount in major units, half up.

    >>> to_minor("1234.565", "EUR"), to_minor(1234.5, "JPY")
    (123457, 1235)
    """
    return half_up(Decimal(str(amount)).scaleb(exponent(currency)))


def to_decimal(minor: int, currency: str) -> Decimal:
    """Amount in major units with the currency's own number of decimals.

    >>> to_decimal(123456, "EUR"), to_decimal(123456, "JPY")
    (Decimal('1234.56'), Decimal('123456'))
    """
    return Decimal(minor).scaleb(-exponent(currency))


def text(minor: int, currency: str) -> str:
    """Amount as a plain decimal string, the form used in JSON.

    >>> text(-5, "EUR"), text(123456, "KWD"), text(7, "JPY")
    ('-0.05', '123.456', '7')
    """
    return format(to_decimal(minor, currency), "f")


def total(column: str, name: str | None = None) -> nw.Expr:
    """Sum of a money column inside `agg` or `select`. Follow it with `as_money` on the result."""
    import narwhals as nw

    return nw.col(column).sum().alias(name or column)


def as_money(*columns: str) -> list[nw.Expr]:
    """Bring summed or joined money columns back to 64-bit integers, missing as nil.

    DuckDB returns Decimal(38,0) from a sum and a left join leaves nulls; both end here.
    """
    import narwhals as nw

    return [nw.col(name).fill_null(0).cast(nw.Int64).alias(name) for name in columns]


def convert(minor: int, rate: Decimal | Fraction, source: str, target: str) -> int:
    """Convert one amount, half up, to the minor unit of the target currency.

    >>> convert(10_000, Decimal("7.8125"), "EUR", "CNY"), convert(100, Decimal("157.4"), "USD", "JPY")
    (78125, 157)
    """
    moved = abs(minor) * Fraction(rate) * Fraction(10) ** (exponent(target) - exponent(source))
    size = floor(moved + Fraction(1, 2))
    return size if minor >= 0 else -size
