"""Instalment plans: a debt split to the cent over dates, and split anew after some was paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import floor

from receivables import money
from receivables.days import edate, month_end
from receivables.errors import BadValueError, DomainError
from receivables.resources import data_rows

HEADINGS = ("instalment", "due_on", "principal", "interest", "amount", "balance")
ZERO = Decimal(0)
MOST = 1200
_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
_DAYS = {"weekly": 7, "biweekly": 14}


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of a plan in major units; number 0 is a down payment. `balance` is left after it."""

    number: int
    due_on: date
    principal: Decimal
    interest: Decimal
    balance: Decimal

    @property
    def amount(self) -> Decimal:
        """What is to be paid."""
        return self.principal + self.interest

    def cells(self) -> list[object]:
        """The instalment as a row under `HEADINGS`."""
        return [self.number, self.due_on, self.principal, self.interest, self.amount, self.balance]


@cache
def rule(name: str) -> Decimal:
    """A number of `data/plan_rules.csv`.

    >>> rule("first_share")
    Decimal('0.30')
    """
    return next(
        Decimal(row["value"]) for row in data_rows("plan_rules.csv") if row["rule"] == name
    )


def schedule(
    amount: Decimal,
    dates: Sequence[date],
    *,
    shares: Sequence[Decimal] | None = None,
    down_on: date | None = None,
    down: Decimal = ZERO,
    rate: Decimal = ZERO,
    currency: str = money.NO_CURRENCY,
) -> list[Instalment]:
    """A debt split over dates: equal parts, or shares; cut to the currency's unit, the rest on the last.

    Interest is simple on the balance, actual/365, from the first date on, half up per instalment.

    Args:
        amount: debt in major units.
        dates: due dates of the instalments, oldest first.
        shares: shares of what remains after the down payment, summing to 1.
        down_on: day of the down payment, number 0.
        down: share of the debt paid down, 0 to below 1.
        rate: interest a year as a share.
        currency: ISO 4217 code, for the smallest unit.

    Raises:
        DomainError: no debt, more decimals than the currency has, an impossible share or rate.
        BadValueError: dates out of order; shares that do not fit.

    >>> days = regular(date(2026, 1, 31), 3, "monthly", skip=1)
    >>> plan = schedule(Decimal(90000), days, down_on=date(2026, 1, 31), down=Decimal("0.3"))
    >>> [(str(one.due_on), str(one.amount)) for one in plan]
    [('2026-01-31', '27000.00'), ('2026-02-28', '21000.00'), ('2026-03-31', '21000.00'), ('2026-04-30', '21000.00')]
    >>> [str(one.amount) for one in schedule(Decimal(100), regular(date(2026, 1, 31), 3, "monthly"))]
    ['33.33', '33.33', '33.34']
    """
    unit = Decimal(1).scaleb(-money.exponent(currency))
    _check(amount, unit, down, rate)
    _check_dates([*([down_on] if down_on else []), *dates])
    first = _whole(amount * down, unit) if down else ZERO
    parts = _parts(amount - first, _shares(shares, len(dates)), unit)
    rows = [(0, down_on, first)] if down and down_on else []
    rows += [
        (number, day, part) for number, (day, part) in enumerate(zip(dates, parts, strict=True), 1)
    ]
    return _with_interest(amount, rows, rate, unit)


def regular(first_on: date, count: int, every: str = "monthly", *, skip: int = 0) -> list[date]:
    """Dates of a plan: weekly, biweekly, monthly, quarterly, yearly.

    Months count from the first date, so that the 31st comes back after February; a first date at the
    end of its month keeps all at month ends.

    Args:
        first_on: date number 0.
        count: how many.
        every: the step.
        skip: how many steps after `first_on` the first of them stands.

    >>> [str(day) for day in regular(date(2026, 1, 30), 3)]
    ['2026-01-30', '2026-02-28', '2026-03-30']
    >>> [str(day) for day in regular(date(2026, 2, 28), 3)]
    ['2026-02-28', '2026-03-31', '2026-04-30']
    """
    if not 1 <= count <= MOST:
        raise DomainError(f"A plan of {count} instalments: give 1 to {MOST}.")
    steps = range(skip, skip + count)
    if every in _DAYS:
        return [first_on + timedelta(_DAYS[every] * step) for step in steps]
    if every not in _MONTHS:
        known = ", ".join([*_DAYS, *_MONTHS])
        raise BadValueError(f"'{every}' is no step of a plan. Use {known}.")
    days = [edate(first_on, _MONTHS[every] * step) for step in steps]
    return [month_end(day) for day in days] if first_on == month_end(first_on) else days


def reschedule(
    owed: Decimal,
    paid: Decimal,
    dates: Sequence[date],
    *,
    first_share: Decimal | None = None,
    currency: str = money.NO_CURRENCY,
) -> list[Instalment]:
    """What is left of a plan, split anew; the first payment brings at least 30 % (`data/plan_rules.csv`).

    Args:
        owed: total of the old plan.
        paid: what came in on it.
        dates: new due dates, the first payment's first.
        first_share: share of the rest that the first payment brings; default the least allowed, or an
            equal part where that is more.
        currency: ISO 4217 code.

    Raises:
        DomainError: nothing is left; a first payment below the least share.

    >>> days = [date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31)]
    >>> [str(one.amount) for one in reschedule(Decimal(90000), Decimal(27000), days)]
    ['21000.00', '21000.00', '21000.00']
    >>> [str(one.amount) for one in reschedule(Decimal(100), Decimal(0), [*days, date(2027, 2, 28)])]
    ['30.00', '23.33', '23.33', '23.34']
    """
    left = owed - paid
    if left <= 0:
        raise DomainError(f"{paid:f} of {owed:f} is paid: nothing is left to reschedule.")
    least = rule("first_share")
    equal = first_share is None and least * len(dates) <= 1
    if equal or len(dates) == 1:
        return schedule(left, dates, currency=currency)
    share = least if first_share is None else first_share
    if share < least:
        raise DomainError(
            f"A first payment of {share:%} is below the {least:%} that a new plan needs. Ask for more."
        )
    if share >= 1:
        return schedule(left, dates[:1], currency=currency)
    found = schedule(left, dates[1:], down_on=dates[0], down=share, currency=currency)
    return [Instalment(one.number + 1, one.due_on, one.principal, one.interest, one.balance) for one in found]  # fmt: skip


def _parts(amount: Decimal, shares: Sequence[Fraction], unit: Decimal) -> list[Decimal]:
    """The amount by shares, each cut to the unit; the last takes the rest."""
    # a third as a decimal is a little less than a third: 90 would be cut to 29.99
    cut = [floor(Fraction(amount / unit) * share) * unit for share in shares[:-1]]
    return [*cut, amount - sum(cut, ZERO)]


def _with_interest(
    amount: Decimal, rows: Sequence[tuple[int, date, Decimal]], rate: Decimal, unit: Decimal
) -> list[Instalment]:
    found, left, before = [], amount, rows[0][1]
    for number, day, part in rows:
        interest = left * rate * (day - before).days / 365
        left -= part
        found.append(
            Instalment(number, day, _whole(part, unit), _whole(interest, unit), _whole(left, unit))
        )
        before = day
    return found


def _whole(amount: Decimal, unit: Decimal) -> Decimal:
    """The amount in whole units, halves away from zero."""
    return money.half_up(amount / unit) * unit


def _shares(shares: Sequence[Decimal] | None, count: int) -> list[Fraction]:
    if shares is None:
        return [Fraction(1, count)] * count
    if len(shares) != count:
        raise BadValueError(f"{len(shares)} shares for {count} instalments. Give as many.")
    if any(not 0 < share <= 1 for share in shares):
        raise DomainError("A share of the plan is not above 0 and up to 1. Write 40% or 0.4.")
    if abs(sum(shares, ZERO) - 1) > Decimal("1e-9"):
        raise DomainError(
            f"The shares of the plan sum to {sum(shares, ZERO):%}, not to 100 %. Correct them."
        )
    return [Fraction(share) for share in shares]


def _check(amount: Decimal, unit: Decimal, down: Decimal, rate: Decimal) -> None:
    if amount <= 0:
        raise DomainError(f"A plan for {amount:f}: give a debt above 0.")
    if amount % unit:
        raise DomainError(
            f"{amount:f} has parts below the smallest unit {unit:f}. Post it first, then split it."
        )
    if not 0 <= down < 1:
        hint = f" {down:f} means {down:f} %?" if down > 1 else ""
        raise DomainError(f"A down payment of {down:f} is no share from 0 to below 1.{hint}")
    if not 0 <= rate <= 1:
        raise DomainError(f"Interest of {rate:f} is no rate between 0 and 1. Write 5% or 0.05.")


def _check_dates(dates: Sequence[date]) -> None:
    for first, second in pairwise(dates):
        if second <= first:
            raise BadValueError(f"The plan has {second} after {first}. Sort the dates, each once.")
