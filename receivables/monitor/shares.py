"""How much hangs on few debtors: top-n share and Herfindahl index of a column, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from receivables.errors import BadValueError, DomainError, ZeroDivideError


def balances(
    amounts: Sequence[Decimal | None], debtors: Sequence[str | None] | None = None
) -> list[Decimal]:
    """Positive balances, largest first: one per row, or one per debtor where debtors are named.

    A debtor in credit is no exposure. Names are compared without case and outer blanks.

    Raises:
        BadValueError: columns of different size, or an amount without debtor.

    >>> balances([Decimal(5), Decimal(7), Decimal(-2)], ["00123", "C2", "00123"])
    [Decimal('7'), Decimal('3')]
    """
    if debtors is None:
        found = [amount for amount in amounts if amount is not None]
        return sorted((amount for amount in found if amount > 0), reverse=True)
    if len(debtors) != len(amounts):
        raise BadValueError(
            f"{len(amounts)} amounts but {len(debtors)} customers. Give ranges of the same size."
        )
    sums: dict[str, Decimal] = {}
    for row, (amount, debtor) in enumerate(zip(amounts, debtors, strict=True), 1):
        if amount is None:
            continue
        if not debtor:
            raise BadValueError(f"Row {row} has an amount but no customer. Fill it in.")
        key = debtor.strip().casefold()
        sums[key] = sums.get(key, Decimal(0)) + amount
    return sorted((amount for amount in sums.values() if amount > 0), reverse=True)


def top_share(
    amounts: Sequence[Decimal | None], n: int, debtors: Sequence[str | None] | None = None
) -> float:
    """Share of the n largest debtors in all positive balances, 0–1.

    Raises:
        DomainError: n below 1.
        ZeroDivideError: nobody owes anything.

    >>> top_share([Decimal(750), Decimal(250), Decimal(-90)], 1)
    0.75
    """
    if n < 1:
        raise DomainError(f"Top {n} names nobody: give 1 or more.")
    found = balances(amounts, debtors)
    return float(sum(found[:n], Decimal(0)) / _whole(found))


def herfindahl(
    amounts: Sequence[Decimal | None],
    debtors: Sequence[str | None] | None = None,
    scale: str = "share",
) -> float:
    """Herfindahl index = Σ share², 1 ÷ number of equal debtors up to 1; `points` is × 10,000.

    Raises:
        ZeroDivideError: nobody owes anything.

    Source: Herfindahl-Hirschman index, as used for market shares.

    >>> herfindahl([Decimal(750), Decimal(250), Decimal(-90)])
    0.625
    """
    found = balances(amounts, debtors)
    whole = _whole(found)
    index = float(sum((amount / whole) ** 2 for amount in found))
    return index * 10_000 if scale == "points" else index


def _whole(found: Sequence[Decimal]) -> Decimal:
    if not found:
        raise ZeroDivideError("No positive balance: there is no exposure to share out.")
    return sum(found, Decimal(0))
