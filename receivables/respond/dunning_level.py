"""Which level a debt has reached: one step after the last letter, not before its day and gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from receivables import money
from receivables.days import month_end
from receivables.errors import BadValueError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows
from receivables.respond.dunning_policy import Level, Policy


@dataclass(frozen=True, slots=True)
class Step:
    """The level to send now, or 0 and the code of the reason why none is sent."""

    level: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a debt stands: last level that was issued for it, how often, when; and the customer's last letter."""

    level: int = 0
    times: int = 0
    letter_on: date | None = None
    customer_on: date | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The overdue debt of a customer in one currency, for levels by the state of the customer."""

    days: int
    amount: Decimal
    currency: str
    count: int


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Reasons for no letter, in their order: texts, cures, scope (`data/dunning_reasons.csv`).

    >>> reasons()["too_soon"]["text_en"]
    'last letter too recent'
    """
    return {row["code"]: row for row in data_rows("dunning_reasons.csv")}


def next_level(
    policy: Policy,
    due_on: date,
    as_of: date,
    standing: Standing | None = None,
    *,
    hold_until: date | None = None,
    account: Account | None = None,
) -> Step:
    """Level of a debt as of a day: the one after the last issued, once its days and the gap are over.

    Nothing on the due date itself. Missed days are caught up: day 40 still gets the letter of day
    30. A hold counts up to and including its day. Courtesy notes before the due date are no level.

    Args:
        policy: series of letters.
        due_on: due date.
        as_of: day of the question.
        standing: what was issued before.
        hold_until: no letter up to and including this day.
        account: for a policy with levels by state; None = by the days of the debt.

    >>> from receivables.respond.dunning_policy import policies
    >>> before = Standing(2, 1, date(2026, 10, 15), date(2026, 10, 15))
    >>> next_level(policies()["standard"], date(2026, 9, 30), date(2026, 10, 31), before)
    Step(level=3, why='')
    """
    before = standing or Standing()
    if hold_until and hold_until >= as_of:
        return Step(0, "held")
    if due_on >= as_of:
        return Step(0, "not_due")
    found = _candidate(policy, due_on, as_of, before, account)
    if isinstance(found, Step):
        return found
    last = before.customer_on or before.letter_on
    if last and (as_of - last).days < found.min_gap:
        return Step(0, "too_soon")
    return Step(found.level)


def eligible(
    policy: Policy,
    amount: Decimal,
    due_on: date,
    as_of: date,
    standing: Standing | None = None,
    *,
    currency: str = "",
    stops: Sequence[str] = (),
) -> list[str]:
    """Reasons why no letter is due for a debt, gravest first; empty = one is.

    Args:
        policy: series of letters.
        amount: debt less disputed and promised parts and unapplied credits, in major units.
        due_on: due date.
        as_of: day of the question.
        standing: what was issued before.
        currency: for the smallest amount of a letter; blank = the policy's for any currency.
        stops: what is known against a letter, codes of `dunning_reasons.csv`.

    Raises:
        BadValueError: a stop that the table of reasons does not have.

    >>> from receivables.respond.dunning_policy import policies
    >>> eligible(policies()["standard"], Decimal(20), date(2026, 9, 30), date(2026, 10, 31), stops=["disputed"])
    ['disputed', 'below_minimum']
    """
    found = {_known_stop(stop) for stop in stops}
    step = next_level(policy, due_on, as_of, standing)
    level = policy.level(step.level) or next(iter(policy.levels), None)
    if level is None:
        return ["no_policy"]
    if amount <= 0:
        found.add("credits")
    elif amount < money.to_decimal(policy.least(level, currency), currency):
        found.add("below_minimum")
    waits = [step.why] if step.why and step.why not in found else []
    return [code for code in reasons() if code in found] + waits


def _known_stop(stop: str) -> str:
    """Code of a reason that is written as its code or in its words."""
    known = {
        fold(word): code
        for code, row in reasons().items()
        for word in (code, row["text_en"], row["text_zh"])
    }
    found = known.get(fold(stop))
    if not found:
        raise BadValueError(
            f"'{stop}' is no reason against a letter. Give one of {', '.join(reasons())}."
        )
    return found


def courtesy(policy: Policy, due_on: date, as_of: date) -> Level | None:
    """The note before the due date, where the policy has one and its day has come."""
    level = policy.level(0)
    if level is None or due_on < as_of:
        return None
    return level if as_of >= due_on + timedelta(days=level.days) else None


def state_level(policy: Policy, account: Account) -> int:
    """Highest level whose every condition the customer meets: age, amount and number of items.

    An amount in another currency is not compared: the condition then does not hold.

    >>> from receivables.respond.dunning_policy import policies
    >>> state_level(policies()["standard"], Account(50, Decimal(800), "EUR", 3))
    4
    """
    met = [
        state.level
        for state in policy.states
        if account.days >= state.from_days
        and account.count >= state.from_count
        and (
            state.from_amount is None
            or (account.currency == state.currency and account.amount >= state.from_amount)
        )
    ]
    return max(met, default=0)


def _candidate(
    policy: Policy, due_on: date, as_of: date, before: Standing, account: Account | None
) -> Level | Step:
    """The level whose turn it is, or why there is none."""
    series = [level for level in policy.levels if level.level > 0]
    if not series:
        return Step(0, "no_policy")
    if policy.level_by != "issued":
        return _jump(policy, series, due_on, as_of, before, account)
    later = [level for level in series if level.level > before.level]
    if not later:
        last = policy.level(before.level)
        again = last is not None and before.times < last.repeats
        return last if again and last else Step(0, "last_level")
    if _reached(later[0], due_on, as_of, before):
        return later[0]
    return Step(
        0, "call" if _call_due(policy, before.level, (as_of - due_on).days) else "not_reached"
    )


def _call_due(policy: Policy, level: int, days: int) -> bool:
    """Whether the day of the call is between the last letter's and the next one's."""
    last = policy.level(level)
    before = last is None or last.days < (policy.call_days or 0)
    return policy.call_days is not None and before and days >= policy.call_days


def _jump(
    policy: Policy, series: list[Level], due_on: date, as_of: date, before: Standing,
    account: Account | None,
) -> Level | Step:  # fmt: skip
    """Levels may be skipped: the highest reached by the debt's days or by the customer's state."""
    if policy.level_by == "state" and account:
        top = state_level(policy, account)
        reached = [level for level in series if level.level <= top]
    else:
        reached = [level for level in series if _reached(level, due_on, as_of, before)]
    found = reached[-1] if reached else None
    if found is None or found.level <= before.level:
        last = before.level >= series[-1].level
        return Step(0, "last_level" if last else "not_reached")
    return found


def _reached(level: Level, due_on: date, as_of: date, before: Standing) -> bool:
    start = due_on
    if level.basis == "month_end":
        start = month_end(due_on)
    elif level.basis == "last_letter":
        start = before.letter_on or due_on
    return as_of >= start + timedelta(days=level.days)
