"""One customer in one currency under one policy: which letter is due, or why there is none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from receivables import money
from receivables.respond.dunning_items import Debt
from receivables.respond.dunning_journal import ItemKey
from receivables.respond.dunning_level import (
    Account,
    Standing,
    Step,
    courtesy,
    next_level,
    reasons,
)
from receivables.respond.dunning_policy import Level, Policy
from receivables.respond.dunning_rules import Party, against_letter


@dataclass(frozen=True, slots=True)
class Group:
    """Overdue debts of a customer in one currency under one policy, with what stands beside them.

    `stops` are reasons against any letter; `credit` is the unapplied credit in positive minor units,
    that of a later day if it is larger.
    """

    party: Party
    currency: str
    policy_name: str
    policy: Policy | None
    debts: tuple[Debt, ...] = ()
    not_due: tuple[Debt, ...] = ()
    credits: tuple[Debt, ...] = ()
    credit: int = 0
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A letter that is due: its level, the debts it raises, those it only lists, what stands apart."""

    group: Group
    level: Level
    raised: tuple[Debt, ...]
    joined: tuple[Debt, ...]
    credits: tuple[Debt, ...]
    levels: Mapping[int, int] = field(default_factory=dict)
    """Item → level to which this letter raises it."""

    @property
    def debts(self) -> tuple[Debt, ...]:
        """What it demands, oldest first."""
        both = [*self.raised, *self.joined]
        return tuple(sorted(both, key=lambda one: (one.due_on or date.max, one.item)))

    @property
    def claim(self) -> int:
        """Sum demanded, without interest and fees."""
        return sum(debt.claim for debt in self.debts)

    def pay_by(self, issued_on: date) -> date | None:
        """Last day to pay."""
        person = self.group.party.person and self.level.pay_days_person is not None
        days = self.level.pay_days_person if person else self.level.pay_days
        return None if days is None else issued_on + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Decision:
    """Letters to a group and, where there is none, the reasons; and the reason of each debt left out."""

    letters: tuple[Planned, ...]
    reasons: tuple[str, ...]
    left_out: Mapping[int, str]


def decide(
    group: Group,
    as_of: date,
    standings: Mapping[ItemKey, Standing],
    last_letter: date | None,
) -> Decision:
    """The letters of a group as of a day.

    Args:
        group: customer, currency, policy and debts.
        as_of: day of the question.
        standings: what was issued for each item.
        last_letter: day of the last letter to the customer in the currency.
    """
    own = {debt.item: debt.why(as_of) for debt in group.debts}
    if group.stops or group.policy is None:
        first = group.stops[0] if group.stops else "unknown_policy"
        return Decision((), group.stops, {item: why or first for item, why in own.items()})
    eligible = [debt for debt in group.debts if not own[debt.item]]
    blocked = _blocked(group)
    if blocked or not eligible:
        told = ["blocked"] if blocked else _ordered(own.values())
        return Decision((), tuple(told), {item: why or "blocked" for item, why in own.items()})
    steps = _steps(group, eligible, as_of, standings, last_letter)
    raised = {debt.item: steps[debt.item].level for debt in eligible if steps[debt.item].level}
    if not raised:
        nearest = _nearest(step.why for step in steps.values())
        return Decision((), nearest, _waiting(own, steps))
    return _letters(group, group.policy, eligible, raised, _waiting(own, steps))


def decide_courtesy(group: Group, as_of: date, reminded: Collection[ItemKey]) -> Planned | None:
    """The note before the due date to a customer who owes nothing overdue; None where none is due."""
    policy = group.policy
    if policy is None or group.stops or group.debts:
        return None
    soon = [
        debt
        for debt in group.not_due
        if debt.due_on
        and courtesy(policy, debt.due_on, as_of)
        and debt.key not in reminded
        and not debt.why(as_of)
    ]
    level = policy.level(0)
    if not soon or level is None:
        return None
    claim = sum(debt.claim for debt in soon)
    if against_letter(group.party, policy, level, claim, group.credit, group.currency):
        return None
    levels = {debt.item: 0 for debt in soon}
    return Planned(group, level, tuple(soon), (), group.credits, levels)


def _steps(
    group: Group, eligible: Sequence[Debt], as_of: date, standings: Mapping[ItemKey, Standing],
    last_letter: date | None,
) -> dict[int, Step]:  # fmt: skip
    policy = group.policy
    assert policy is not None
    account = _account(group, eligible, as_of) if policy.level_by == "state" else None
    found = {}
    for debt in eligible:
        before = standings.get(debt.key, Standing())
        standing = Standing(before.level, before.times, before.letter_on, last_letter)
        assert debt.due_on is not None
        found[debt.item] = next_level(policy, debt.due_on, as_of, standing, account=account)
    return found


def _account(group: Group, eligible: Sequence[Debt], as_of: date) -> Account:
    claim = sum(debt.claim for debt in eligible)
    return Account(
        days=max(debt.days(as_of) for debt in eligible),
        amount=money.to_decimal(claim, group.currency),
        currency=group.currency,
        count=len(eligible),
    )


def _letters(
    group: Group, policy: Policy, eligible: Sequence[Debt], raised: Mapping[int, int],
    left_out: dict[int, str],
) -> Decision:  # fmt: skip
    """One letter at the highest level, which the others join; or one for each level."""
    numbers = sorted(set(raised.values()), reverse=True)
    if policy.younger == "join":
        numbers = numbers[:1]
    made, against = [], []
    for place, number in enumerate(numbers):
        alone = policy.younger == "apart"
        own = [debt for debt in eligible if raised.get(debt.item) == number or (not alone and debt.item in raised)]  # fmt: skip
        joined = [] if alone else [debt for debt in eligible if debt.item not in raised]
        level = policy.level(number)
        assert level is not None
        credit, beside = (group.credit, group.credits) if place == 0 else (0, ())
        claim = sum(debt.claim for debt in (*own, *joined))
        found = against_letter(group.party, policy, level, claim, credit, group.currency)
        if found:
            against += found
            left_out |= {debt.item: found[0] for debt in (*own, *joined)}
            continue
        levels = {debt.item: raised[debt.item] for debt in own}
        made.append(Planned(group, level, tuple(own), tuple(joined), beside, levels))
        for debt in (*own, *joined):
            left_out.pop(debt.item, None)
    return Decision(tuple(made), () if made else tuple(_ordered(against)), left_out)


def _waiting(own: Mapping[int, str], steps: Mapping[int, Step]) -> dict[int, str]:
    """Reason of each debt that is not raised."""
    told = {item: why or steps[item].why for item, why in own.items()}
    return {item: why for item, why in told.items() if why}


def _blocked(group: Group) -> bool:
    policy = group.policy
    return policy is not None and policy.drafts == "block" and any(d.draft for d in group.debts)


def _ordered(codes: Iterable[str]) -> list[str]:
    """Each reason once, gravest first."""
    there = set(codes)
    return [code for code in reasons() if code in there]


def _nearest(codes: Iterable[str]) -> tuple[str, ...]:
    """Of debts that wait for different things, the first in the order of the table: too soon before not reached."""
    return tuple(_ordered(list(codes))[:1])
