"""Credit insurance by hand: one invoice after the other, in Decimal and plain dates, nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal


@dataclass
class Sale:
    number: str
    buyer: str
    amount: int
    shipped: date
    due: date
    tax: int = 0
    disputed: int = 0
    reported: date | None = None


@dataclass
class Terms:
    start: date
    end: date
    share: Decimal
    longest: int
    extension: int
    declare: int
    waiting: int
    claim: int


@dataclass
class World:
    """Sales, receipts by buyer, limits by buyer (from, amount), one policy."""

    sales: list[Sale]
    receipts: dict[str, int]
    limits: dict[str, list[tuple[date, int]]]
    terms: Terms
    found: dict[str, dict] = field(default_factory=dict)


def settle(world: World, as_of: date) -> dict[str, int]:
    """What is open per invoice after every receipt went to the oldest one first."""
    left = dict(world.receipts)
    still = {}
    for sale in sorted(world.sales, key=lambda one: (one.due, one.number)):
        paid = min(left.get(sale.buyer, 0), sale.amount)
        left[sale.buyer] = left.get(sale.buyer, 0) - paid
        still[sale.number] = sale.amount - paid
    return still


def limit_on(rows: list[tuple[date, int]], day: date) -> int:
    begun = [row for row in sorted(rows) if row[0] <= day]
    return begun[-1][1] if begun else 0


def weekday_before(day: date) -> date:
    day -= timedelta(1)
    while day.isoweekday() > 5:
        day -= timedelta(1)
    return day


def judge(world: World, as_of: date) -> dict[str, dict]:
    """Insured part, amount at stake, notice and act-by day of every invoice still open."""
    terms, still = world.terms, settle(world, as_of)
    inside = [s for s in world.sales if still[s.number] and terms.start <= s.shipped <= terms.end]
    stops: dict[str, date] = {}
    for sale in inside:
        if not limit_on(world.limits.get(sale.buyer, []), sale.shipped):
            continue
        stop = sale.due + timedelta(terms.extension + 1)
        stops[sale.buyer] = min(stop, stops.get(sale.buyer, stop))
    filled: dict[str, int] = {}
    answers = {}
    for sale in sorted(world.sales, key=lambda one: (one.buyer, one.due, one.number)):
        rest = still[sale.number]
        if not rest:
            continue
        notify = sale.due + timedelta(terms.extension + terms.declare)
        told = sale.reported if sale.reported and sale.reported <= as_of else as_of
        disputed = min(sale.disputed, rest)
        limit = limit_on(world.limits.get(sale.buyer, []), sale.shipped)
        fits = (
            sale in inside
            and (sale.due - sale.shipped).days <= terms.longest
            and disputed < rest
            and limit > 0
            and told <= notify
            and sale.shipped < stops.get(sale.buyer, date.max)
        )
        insured = 0
        if fits:
            net = Decimal(rest - disputed) * (sale.amount - sale.tax) / sale.amount
            base = int(net.to_integral_value(ROUND_HALF_UP))
            insured = min(base, max(limit - filled.get(sale.buyer, 0), 0))
            filled[sale.buyer] = filled.get(sale.buyer, 0) + insured
        stake = int((insured * terms.share).to_integral_value(ROUND_HALF_UP))
        answers[sale.number] = {
            "insurer_open": rest,
            "insured": insured,
            "at_stake": stake,
            "notify": notify,
            "act_by": weekday_before(notify),
            "stop": stops.get(sale.buyer),
        }
    return answers
