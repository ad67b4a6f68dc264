"""Instalment plans in cells: split a debt over dates, split the rest anew, see whether it is kept."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from receivables.cells import (
    Amount,
    Amounts,
    Arg,
    Choice,
    Day,
    Days,
    Number,
    Numbers,
    Table,
    Text,
    Whole,
    cell,
)
from receivables.errors import BadValueError
from receivables.respond import plans
from receivables.respond.plans_status import instalments_of, plan_status

Every = Annotated[
    Choice, Arg("step: weekly, biweekly, monthly, quarterly, yearly", "text", choices="plan_every")
]
Unit = Annotated[
    Text | None, Arg("currency, for its smallest unit; left out: two decimals", "currency")
]
Plan = Annotated[
    Table, Arg("the plan: headings due_on and amount, as PLAN_SCHEDULE spills it", "table")
]
Paid = Annotated[
    Amounts, Arg("what came in on the plan by the date: a sum, or a column to add up", "money")
]


@cell("PLAN_SCHEDULE", family="respond")
def plan_schedule(
    amount: Annotated[Amount, Arg("debt to be paid in instalments", "money")],
    first_on: Annotated[
        Days,
        Arg(
            "first date (of the down payment if there is one), or a column of agreed dates", "date"
        ),
    ],
    count: Annotated[
        Whole | None,
        Arg("instalments, down payment apart; may be left out with a column of dates", "count"),
    ] = None,
    down_share: Annotated[
        Number | None, Arg("share of the debt paid down on the first date, 0 to below 1", "share")
    ] = None,
    every: Every = "monthly",
    shares: Annotated[
        Numbers | None,
        Arg("shares of the instalments where they are not equal; they sum to 1", "share"),
    ] = None,
    rate: Annotated[
        Number | None, Arg("interest a year on what is left, simple, from the first date", "share")
    ] = None,
    in_currency: Unit = None,
) -> Annotated[Table, Arg("instalment, due_on, principal, interest, amount, balance", "table")]:
    """Instalment plan: equal parts or shares over dates; exact to the smallest unit, the rest on the last.

    Months count from the first date; a first date at the end of its month keeps all at month ends.

    Raises:
        DomainError: no debt, a share outside 0–1, shares that do not sum to 1.
        BadValueError: dates out of order; neither count nor several dates.

    >>> rows = plan_schedule(Decimal(90000), [date(2026, 1, 31)], 3, 0.3)
    >>> [(str(row[1]), str(row[4])) for row in rows[1:]]
    [('2026-01-31', '27000.00'), ('2026-02-28', '21000.00'), ('2026-03-31', '21000.00'), ('2026-04-30', '21000.00')]
    """
    dates, down_on = _dates(first_on, count, every, down=bool(down_share))
    found = plans.schedule(
        Decimal(amount),
        dates,
        down_on=down_on,
        shares=None
        if shares is None
        else [_exact(share) for share in shares if share is not None],
        down=_exact(down_share),
        rate=_exact(rate),
        currency=_code(in_currency),
    )
    return [list(plans.HEADINGS), *(one.cells() for one in found)]


@cell("PLAN_RESCHEDULE", family="respond")
def plan_reschedule(
    plan: Plan,
    paid: Paid,
    first_on: Annotated[
        Days, Arg("date of the new first payment, or a column of all new dates", "date")
    ],
    count: Annotated[
        Whole | None,
        Arg("new payments, the first included; may be left out with a column of dates", "count"),
    ] = None,
    first_share: Annotated[
        Number | None,
        Arg("share of the rest that the first payment brings; at least 30 %", "share"),
    ] = None,
    every: Every = "monthly",
    in_currency: Unit = None,
) -> Annotated[Table, Arg("instalment, due_on, principal, interest, amount, balance", "table")]:
    """What is left of a plan, split anew: the first payment brings at least 30 %, the rest in equal parts.

    Raises:
        DomainError: nothing is left; a first payment below the least share.

    >>> old = [["due_on", "amount"], [date(2026, 9, 30), 60000], [date(2026, 10, 31), 40000]]
    >>> rows = plan_reschedule(old, [Decimal(10000)], [date(2026, 11, 30)], 4)
    >>> [str(row[4]) for row in rows[1:]]
    ['27000.00', '21000.00', '21000.00', '21000.00']
    """
    owed = sum((amount for _, amount in instalments_of(plan)), Decimal(0))
    dates, _ = _dates(first_on, count, every, down=False)
    found = plans.reschedule(
        owed, _sum(paid), dates, currency=_code(in_currency),
        first_share=None if first_share is None else _exact(first_share),
    )  # fmt: skip
    return [list(plans.HEADINGS), *(one.cells() for one in found)]


@cell("PLAN_STATUS", family="respond")
def plan_state(
    plan: Plan,
    paid: Paid,
    as_of: Annotated[Day, Arg("day of the question", "date")],
    grace_days: Annotated[
        Whole | None,
        Arg("days an instalment may be late before all falls due; left out: 3", "days"),
    ] = None,
    what: Annotated[
        Choice,
        Arg(
            "state, missing, days_late, next_on, next_amount, called (due now)",
            "text",
            choices="plan_what",
        ),
    ] = "state",
) -> Annotated[Text, Arg("done, good, late or breached; or the measure asked for", "text")]:
    """Whether a plan is kept: done, good, late (within the grace), breached (all that is left falls due).

    An instalment is missed from the day after its due date; money pays the oldest first.

    Raises:
        BadValueError: the plan has no due_on or amount.

    >>> plan = [["due_on", "amount"], [date(2026, 9, 30), 21000], [date(2026, 10, 31), 21000]]
    >>> plan_state(plan, [Decimal(0)], date(2026, 10, 4)), plan_state(plan, [Decimal(21000)], date(2026, 10, 4))
    ('breached', 'good')
    """
    found = plan_status(instalments_of(plan), _sum(paid), as_of, grace_days)
    answer: str = getattr(found, what)
    return answer


def _dates(
    first_on: Sequence[date | None], count: int | None, every: str, *, down: bool
) -> tuple[list[date], date | None]:
    """Dates of the instalments, and that of the down payment."""
    given = [day for day in first_on if day]
    if not given:
        raise BadValueError("first_on is missing: give the first date, or a column of dates.")
    if len(given) == 1:
        if count is None:
            raise BadValueError("count is missing: the number of instalments.")
        return plans.regular(given[0], count, every, skip=int(down)), given[0] if down else None
    days, first = (given[1:], given[0]) if down else (given, None)
    if count is not None and count != len(days):
        raise BadValueError(f"count is {count}, but {len(days)} dates are given. Leave count out.")
    return days, first


def _exact(number: float | None) -> Decimal:
    return Decimal(repr(number)) if number else Decimal(0)


def _sum(amounts: Sequence[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount), Decimal(0))


def _code(currency: str | None) -> Any:
    return currency.upper() if currency else "XXX"
