"""Whether a plan is kept: what was due by a day, what came, and what follows from the gap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from receivables.cells.coerce import is_blank, to_amount, to_day
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, DomainError
from receivables.ledger.spelling import fold
from receivables.respond.plans import rule
from receivables.transfer.headed import Rows, records

GOOD, LATE, BREACHED, DONE = "good", "late", "breached", "done"
_WORDS = {
    fold(word): name
    for name, words in {
        "due_on": "due_on|due date|due|到期日|应付日期|Fällig am|échéance",
        "amount": "amount|instalment amount|金额|本期金额|应付金额|Betrag|montant",
    }.items()
    for word in words.split("|")
}


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """A plan at a day; money in the unit it was given in.

    `missing` was due before the day and did not come, `days_late` counts from the oldest instalment
    that is short, `called` is what is due now: the missing part, or all that is left once breached.
    """

    state: str
    total: Decimal
    paid: Decimal
    due: Decimal
    missing: Decimal
    days_late: int
    late_since: date | None
    next_on: date | None
    next_amount: Decimal | None
    called: Decimal

    @property
    def standing(self) -> bool:
        """Whether the plan still protects from reminders."""
        return self.state in {GOOD, LATE}


def plan_status(
    instalments: Iterable[tuple[date, Decimal]],
    paid: Decimal,
    as_of: date,
    grace_days: int | None = None,
) -> PlanStatus:
    """State of a plan: done, good, late (within the grace), breached (beyond it: all falls due).

    An instalment counts as missed from the day after its due date. Money pays the oldest first.

    Args:
        instalments: due date and amount of each.
        paid: what came in on the plan by the day.
        as_of: day of the question.
        grace_days: default `data/plan_rules.csv`.

    Raises:
        DomainError: an amount not above 0, money below 0.

    >>> plan = [(date(2026, 9, 30), Decimal(21000)), (date(2026, 10, 31), Decimal(21000))]
    >>> [plan_status(plan, Decimal(0), date(2026, *day)).state for day in ((9, 30), (10, 1), (10, 3), (10, 4))]
    ['good', 'late', 'late', 'breached']
    >>> plan_status(plan, Decimal(0), date(2026, 10, 4)).called
    Decimal('42000')
    """
    rows = sorted(instalments)
    if not rows or any(amount <= 0 for _, amount in rows):
        raise DomainError("A plan needs instalments above 0. Correct the amounts.")
    if paid < 0:
        raise DomainError(f"{paid:f} paid is below 0. Correct it.")
    grace = int(rule("grace_days")) if grace_days is None else grace_days
    total = sum((amount for _, amount in rows), Decimal(0))
    due = sum((amount for day, amount in rows if day < as_of), Decimal(0))
    missing = max(due - paid, Decimal(0))
    late_since = _reached(rows, paid)[0] if missing else None
    late = (as_of - late_since).days if late_since else 0
    state = DONE if paid >= total else BREACHED if late > grace else LATE if missing else GOOD
    ahead = [(day, amount) for day, amount in _unpaid(rows, paid) if day >= as_of]
    following = ahead[0] if ahead and state != BREACHED else None
    next_on, next_amount = following or (None, None)
    called = total - paid if state == BREACHED else missing
    return PlanStatus(
        state, total, paid, due, missing, late, late_since, next_on, next_amount, called
    )


def instalments_of(rows: Rows) -> list[tuple[date, Decimal]]:
    """Instalments of a range: headings due_on and amount, as PLAN_SCHEDULE spills them.

    >>> instalments_of([["due_on", "amount"], ["2026-09-30", 100]])
    [(datetime.date(2026, 9, 30), Decimal('100'))]
    """
    found = []
    for number, row in enumerate(records(rows, _WORDS, "The plan"), 1):
        for name in ("due_on", "amount"):
            if is_blank(row.get(name)):
                raise BadValueError(f"instalment {number} has no {name}. Fill it in.")
            pass_through(row[name])
        found.append((to_day(row["due_on"]), to_amount(row["amount"])))
    return found


def _reached(rows: list[tuple[date, Decimal]], paid: Decimal) -> tuple[date, Decimal]:
    """The oldest instalment that the money does not cover."""
    return _unpaid(rows, paid)[0]


def _unpaid(rows: list[tuple[date, Decimal]], paid: Decimal) -> list[tuple[date, Decimal]]:
    left, found = paid, []
    for day, amount in rows:
        taken = min(left, amount)
        left -= taken
        if taken < amount:
            found.append((day, amount - taken))
    return found
