"""How far each invoice is insured: net of tax and dispute, oldest first, up to the limit at its shipment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from receivables import money
from receivables.errors import NotAvailableError
from receivables.rates import Rates


class Claimed(NamedTuple):
    """One eligible invoice, in the order in which it fills the buyer's limit."""

    item: int
    buyer: str
    currency: str
    open: int
    disputed: int
    amount: int
    tax: int | None
    limit: int
    limit_currency: str


class Covered(NamedTuple):
    """What is insured of an invoice; `why` is no_rate where a currency could not be converted."""

    item: int
    insured: int
    why: str = ""


Convert = Callable[[int, str, str], int]


def covered(invoices: Iterable[Claimed], convert: Convert) -> list[Covered]:
    """Insured part of each invoice: min(net debt, limit at its ship date − what older ones fill).

    One limit serves all of a buyer's currencies. Debt shipped before a cut keeps its cover, and
    fills the lower limit first.

    Args:
        invoices: eligible ones, oldest first within a buyer.
        convert: minor units, from, to → minor units.

    >>> same = lambda amount, _source, _target: amount
    >>> old = Claimed(1, "A", "EUR", 200, 0, 200, None, 250, "EUR")
    >>> new = Claimed(2, "A", "EUR", 100, 0, 100, None, 100, "EUR")
    >>> [one.insured for one in covered([old, new], same)]
    [200, 0]
    """
    filled: dict[str, int] = {}
    found = []
    for one in invoices:
        base = net_debt(one)
        target = one.limit_currency or one.currency
        try:
            wanted = convert(base, one.currency, target)
            room = max(one.limit - filled.get(one.buyer, 0), 0)
            if wanted <= room:
                found.append(Covered(one.item, base))
            else:
                found.append(Covered(one.item, min(convert(room, target, one.currency), base)))
        except NotAvailableError:
            found.append(Covered(one.item, 0, "no_rate"))
            continue
        filled[one.buyer] = filled.get(one.buyer, 0) + min(wanted, room)
    return found


def net_debt(one: Claimed) -> int:
    """Open debt without the disputed part and, where tax is given, without its share of tax, half up.

    >>> net_debt(Claimed(1, "A", "EUR", 119, 0, 238, 38, 0, "EUR"))
    100
    """
    undisputed = max(one.open - one.disputed, 0)
    if not one.tax or one.amount <= 0:
        return undisputed
    return (2 * undisputed * (one.amount - one.tax) + one.amount) // (2 * one.amount)


def at_rates(rates: Rates, on: date) -> Convert:
    """Conversion at the rates of a day, each pair looked up once."""
    known: dict[tuple[str, str], Fraction] = {}

    def convert(amount: int, source: str, target: str) -> int:
        if source == target:
            return amount
        if (source, target) not in known:
            known[source, target] = rates.find(source, target, on).value
        return money.convert(amount, known[source, target], source, target)

    return convert


def by_item(found: Iterable[Covered]) -> Mapping[int, Covered]:
    """The answers by the number of the invoice."""
    return {one.item: one for one in found}
