"""Which customers to ask for a confirmation of their balance: an auditor's sample, repeatable."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from receivables.errors import DomainError


@dataclass(frozen=True, slots=True)
class Balance:
    """One customer's balance in one currency, minor units."""

    customer_id: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Pick:
    """A balance that is to be confirmed, and why."""

    balance: Balance
    reason: str
    """`large`, `sampled`, `credit` or `zero`."""


def pick(
    balances: Sequence[Balance],
    sampled: int,
    large: int | None = None,
    *,
    in_credit: int = 0,
    zeros: int = 0,
    seed: str = "",
) -> tuple[Pick, ...]:
    """Monetary-unit sample of one currency: all large balances, then every n-th unit of money.

    interval = sum of the rest ÷ sampled; the start within the first interval follows from `seed`,
    so that the same seed and ledger give the same sample. A balance larger than the interval is
    hit for certain. Credit and zero balances, which no unit of money can hit, are drawn apart.

    Args:
        balances: of one currency; ids decide the order, not the order of the rows.
        sampled: units of money drawn below the large balances.
        large: from this amount on every balance is asked; nothing = none.
        in_credit: credit balances to draw.
        zeros: zero balances to draw.
        seed: any text; write it into the working papers.

    Raises:
        DomainError: balances of two currencies, or a negative number.

    Source: ISA 530, appendix 1 and 4 (value-weighted selection).

    >>> rows = [Balance("1", "EUR", 900), Balance("2", "EUR", 60), Balance("3", "EUR", 40)]
    >>> [(one.balance.customer_id, one.reason) for one in pick(rows, 1, large=500, seed="2026")]
    [('1', 'large'), ('3', 'sampled')]
    """
    if len({one.currency for one in balances}) > 1:
        raise DomainError("Balances of two currencies cannot be sampled as one sum: sample each.")
    if min(sampled, in_credit, zeros) < 0:
        raise DomainError("A sample cannot hold fewer than no balances: give 0 or more.")
    ordered = sorted(balances, key=lambda one: one.customer_id)
    owed = [one for one in ordered if one.amount > 0]
    big = [one for one in owed if large is not None and one.amount >= large]
    rest = [one for one in owed if large is None or one.amount < large]
    return (
        *(Pick(one, "large") for one in big),
        *(Pick(one, "sampled") for one in _by_unit(rest, sampled, seed)),
        *(Pick(one, "credit") for one in _drawn(ordered, -1, in_credit, seed)),
        *(Pick(one, "zero") for one in _drawn(ordered, 0, zeros, seed)),
    )


def _by_unit(balances: list[Balance], count: int, seed: str) -> list[Balance]:
    """Systematic selection: units start, start + interval, … in exact integers."""
    total = sum(one.amount for one in balances)
    if not count or not total:
        return []
    start = _number(seed) % max(1, total // count)
    hits = [start + total * turn // count for turn in range(count)]
    found, below, turn = [], 0, 0
    for one in balances:
        below += one.amount
        if turn < count and hits[turn] < below:
            found.append(one)
        while turn < count and hits[turn] < below:
            turn += 1
    return found


def _drawn(balances: list[Balance], sign: int, count: int, seed: str) -> list[Balance]:
    """So many balances of a sign, in the order of a hash of seed and customer."""
    own = [one for one in balances if (one.amount > 0) - (one.amount < 0) == sign]
    return sorted(own, key=lambda one: _number(f"{seed}\n{one.customer_id}"))[:count]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big")
