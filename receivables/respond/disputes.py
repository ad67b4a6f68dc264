"""Clocks of a dispute: acknowledge, decide, resolve, escalate; and what of a debt nobody disputes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from receivables.errors import BadValueError, DomainError
from receivables.resources import data_rows

HEADINGS = ("step", "due_on", "done_on", "days_left", "state")
DONE, DONE_LATE, OPEN, LATE = "done", "done late", "open", "late"


class Step(NamedTuple):
    """A row of `data/dispute_clock.csv`; `done_by` is the date that ends it."""

    step: str
    days: int
    done_by: str
    label_en: str
    label_zh: str


class Clock(NamedTuple):
    """One clock of a dispute. `days_left` is below 0 once it is late; None when done."""

    step: str
    due_on: date
    done_on: date | None
    days_left: int | None
    state: str


@cache
def steps() -> tuple[Step, ...]:
    """The clocks in their order."""
    return tuple(
        Step(row["step"], int(row["days"]), row["done_by"], row["label_en"], row["label_zh"])
        for row in data_rows("dispute_clock.csv")
    )


def clocks(
    opened_on: date,
    as_of: date,
    acknowledged_on: date | None = None,
    decided_on: date | None = None,
    closed_on: date | None = None,
) -> list[Clock]:
    """Clocks of a dispute: 2 days to acknowledge, 21 to decide, 45 to resolve, 90 to escalate.

    The last day itself is in time. What happened after `as_of` is not known yet. A later step done
    ends the earlier ones that bear no date.

    Args:
        opened_on: day of the complaint.
        as_of: day of the question.
        acknowledged_on: day of the written acknowledgement.
        decided_on: day on which we decided.
        closed_on: day on which it was settled.

    Raises:
        BadValueError: a date before the dispute was opened, or opened after as_of.

    >>> [(one.step, str(one.due_on), one.days_left) for one in clocks(date(2026, 10, 1), date(2026, 10, 22))]
    [('acknowledge', '2026-10-03', -19), ('handle', '2026-10-22', 0), ('resolve', '2026-11-15', 24), ('escalate', '2026-12-30', 69)]
    """
    dates = {"acknowledged_on": acknowledged_on, "decided_on": decided_on, "closed_on": closed_on}
    if opened_on > as_of:
        raise BadValueError(
            f"The dispute was opened on {opened_on}, after {as_of}. Give a later as_of."
        )
    for name, day in dates.items():
        if day and day < opened_on:
            raise BadValueError(
                f"{name} {day} is before the dispute was opened on {opened_on}. Correct it."
            )
    known = {name: day for name, day in dates.items() if day and day <= as_of}
    order = list(dates)
    return [_clock(step, opened_on, as_of, _ended(step.done_by, known, order)) for step in steps()]


def next_clock(found: Sequence[Clock]) -> Clock | None:
    """The clock that runs out next, or ran out first; None when all are done.

    >>> next_clock(clocks(date(2026, 10, 1), date(2026, 10, 22), date(2026, 10, 2))).step
    'handle'
    """
    return next((one for one in found if one.done_on is None), None)


def undisputed(
    opened: Sequence[Decimal | None],
    disputed: Sequence[Decimal | None],
    credit: Decimal = Decimal(0),
) -> Decimal:
    """Undisputed balance = Σ (open − disputed, at least 0) − unapplied credits, at least 0.

    Args:
        opened: open amount of each document; a negative one is a credit and comes off.
        disputed: disputed part of each, blank = none; more than is open counts as all of it.
        credit: unapplied cash and credit notes beside the documents.

    Raises:
        BadValueError: columns of different lengths.
        DomainError: a disputed amount below 0.

    >>> undisputed([Decimal(1000), Decimal(500)], [Decimal(300), None], Decimal(100))
    Decimal('1100')
    """
    if len(disputed) != len(opened):
        raise BadValueError(
            f"{len(opened)} open amounts and {len(disputed)} disputed ones. Give as many."
        )
    total = Decimal(0)
    for amount, part in zip(opened, disputed, strict=True):
        if part is not None and part < 0:
            raise DomainError(f"A disputed amount of {part:f} is below 0. Correct it.")
        owed = amount or Decimal(0)
        total += owed if owed < 0 else max(owed - (part or 0), Decimal(0))
    return max(total - abs(credit), Decimal(0))


def _ended(name: str, known: dict[str, date], order: list[str]) -> date | None:
    later = [known[one] for one in order[order.index(name) :] if one in known]
    return known.get(name) or (min(later) if later else None)


def _clock(step: Step, opened_on: date, as_of: date, done_on: date | None) -> Clock:
    due = opened_on + timedelta(step.days)
    if done_on:
        return Clock(step.step, due, done_on, None, DONE if done_on <= due else DONE_LATE)
    return Clock(step.step, due, None, (due - as_of).days, LATE if as_of > due else OPEN)
