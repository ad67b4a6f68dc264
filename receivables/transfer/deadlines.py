"""The insurer's clock for one debt: when the extension ends, deliveries stop, notice and claim are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from receivables.errors import BadValueError
from receivables.transfer.policy import InsurancePolicy
from receivables.transfer.rules import rule

HEADINGS = ("step", "date", "act_by", "days_left", "rule")
WIDE = (
    "due_on", "extension_ends", "stop_ship", "notify", "act_by", "days_left", "collect",
    "claim_from", "claim_by",
)  # fmt: skip


class Deadline(NamedTuple):
    """One day of the clock; `act_by` only where something must reach the insurer by it."""

    step: str
    on: date
    act_by: date | None
    days_left: int
    rule: str


def deadlines(
    due_on: date,
    policy: InsurancePolicy,
    as_of: date,
    *,
    extended_to: date | None = None,
    insolvent_on: date | None = None,
    holidays: Collection[date] = (),
) -> list[Deadline]:
    """Days of a debt under a policy, counted from the original due date whatever was agreed later.

    extension ends = due + maximum extension · deliveries stop the day after, or on insolvency ·
    notify by = end + declaration window, or insolvency + its window if that is earlier · collect by
    = end + hand-over window · claim from = due + waiting period, or on insolvency · claim by = claim
    from + claim window. What the policy does not say is left out, notice and extension apart.

    Args:
        due_on: original due date.
        policy: its periods in days.
        as_of: day of the question; days left count from it.
        extended_to: later due date agreed with the buyer; it moves only a waiting period that
            counts from the extension.
        insolvent_on: day on which the buyer's insolvency became known.
        holidays: days on which nobody works, besides Saturday and Sunday.

    Raises:
        BadValueError: the policy says nothing of extension or declaration; an impossible order.

    >>> policy = InsurancePolicy(max_extension_days=60, declare_days=30, waiting_days=180)
    >>> notify = deadlines(date(2026, 8, 31), policy, date(2026, 10, 31))[2]
    >>> str(notify.on), str(notify.act_by), notify.days_left
    ('2026-11-29', '2026-11-27', 29)
    """
    policy.needed("max_extension_days", "declare_days")
    _check_order(due_on, as_of, extended_to, insolvent_on)
    extension, declare = policy.max_extension_days or 0, policy.declare_days or 0
    ends = _later(due_on, extension)
    found = [
        _Day("extension_ends", ends, _extension_rule(extension, ends, extended_to), start=True)
    ]
    found.append(_stop(ends, insolvent_on))
    found.append(_notify(ends, declare, insolvent_on, policy.insolvency_days))
    if policy.collect_days is not None:
        text = f"extension end + {policy.collect_days} days"
        found.append(_Day("collect", _later(ends, policy.collect_days), text))
    found += _claim(due_on, policy, extended_to, insolvent_on)
    return [
        Deadline(
            day.step,
            day.on,
            None if day.start else act_by(day.on, holidays),
            (day.on - as_of).days,
            day.rule,
        )
        for day in found
    ]


def several(
    due_on: Sequence[date | None],
    policy: InsurancePolicy,
    as_of: date,
    extended_to: Sequence[date | None] | None = None,
    insolvent_on: Sequence[date | None] | None = None,
    holidays: Collection[date] = (),
) -> list[list[object]]:
    """One row per due date: the steps of the clock, act by and days left of the notice.

    A blank due date gives a blank row, so that the table stays beside the invoices.

    Raises:
        BadValueError: columns of different lengths; else as `deadlines`, naming the row.

    >>> policy = InsurancePolicy(max_extension_days=60, declare_days=30)
    >>> [str(cell) for cell in several([date(2026, 8, 31), None], policy, date(2026, 10, 31))[1]]
    ['2026-08-31', '2026-10-30', '2026-10-31', '2026-11-29', '2026-11-27', '29', 'None', 'None', 'None']
    """
    extended = _column(extended_to, len(due_on), "extended_to")
    insolvent = _column(insolvent_on, len(due_on), "insolvent_on")
    rows: list[list[object]] = [list(WIDE)]
    for number, days in enumerate(zip(due_on, extended, insolvent, strict=True), 1):
        if days[0] is None:
            rows.append([None] * len(WIDE))
            continue
        try:
            found = deadlines(
                days[0], policy, as_of, extended_to=days[1], insolvent_on=days[2],
                holidays=holidays,
            )  # fmt: skip
        except BadValueError as fault:
            raise BadValueError(f"row {number} of the range: {fault}") from None
        by_step = {one.step: one for one in found}
        notify = by_step["notify"]
        cells = {"due_on": days[0], "act_by": notify.act_by, "days_left": notify.days_left}
        rows.append([cells[name] if name in cells else _on(by_step.get(name)) for name in WIDE])
    return rows


def act_by(deadline: date, holidays: Collection[date] = ()) -> date:
    """Last day on which to act: the working day before a deadline (`data/tci_rules.csv`).

    >>> act_by(date(2026, 11, 29)), act_by(date(2026, 11, 30)), act_by(date(2026, 12, 2))
    (datetime.date(2026, 11, 27), datetime.date(2026, 11, 27), datetime.date(2026, 12, 1))
    >>> act_by(date(2026, 11, 29), {date(2026, 11, 27)})
    datetime.date(2026, 11, 26)
    """
    left = int(rule("act_margin_days"))
    while left:
        deadline -= timedelta(1)
        left -= deadline.weekday() < 5 and deadline not in holidays
    return deadline


def _column(days: Sequence[date | None] | None, count: int, name: str) -> Sequence[date | None]:
    if not days or len(days) == 1:
        return list(days or [None]) * count
    if len(days) != count:
        raise BadValueError(f"{name} has {len(days)} rows, due_on has {count}. Give as many.")
    return days


def _on(found: Deadline | None) -> date | None:
    return found.on if found else None


class _Day(NamedTuple):
    step: str
    on: date
    rule: str
    start: bool = False


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days)
    except OverflowError:
        raise BadValueError(f"{days} days after {day} is no date. Correct the policy.") from None


def _check_order(
    due_on: date, as_of: date, extended_to: date | None, insolvent_on: date | None
) -> None:
    if extended_to and extended_to < due_on:
        raise BadValueError(
            f"extended_to {extended_to} lies before the due date {due_on}. Give the later date that "
            "was agreed, or leave it blank."
        )
    if insolvent_on and insolvent_on > as_of:
        raise BadValueError(
            f"insolvent_on {insolvent_on} lies after as_of {as_of}: it was not known then. "
            "Leave it blank, or give a later as_of."
        )


def _extension_rule(days: int, ends: date, extended_to: date | None) -> str:
    text = f"due date + {days} days"
    if extended_to and extended_to > ends:
        return f"{text}; extended to {extended_to} beyond it: the insurer must consent"
    return text


def _stop(ends: date, insolvent_on: date | None) -> _Day:
    after = _later(ends, 1)
    if insolvent_on and insolvent_on < after:
        return _Day("stop_ship", insolvent_on, "insolvency of the buyer", start=True)
    return _Day("stop_ship", after, "day after the extension ends", start=True)


def _notify(ends: date, declare: int, insolvent_on: date | None, window: int | None) -> _Day:
    on, text = _later(ends, declare), f"extension end + {declare} days"
    if insolvent_on:
        days = declare if window is None else window
        early = _later(insolvent_on, days)
        if early < on:
            return _Day("notify", early, f"insolvency + {days} days")
    return _Day("notify", on, text)


def _claim(
    due_on: date, policy: InsurancePolicy, extended_to: date | None, insolvent_on: date | None
) -> list[_Day]:
    if policy.waiting_days is None and not insolvent_on:
        return []
    extended = policy.waiting_from == "extension" and extended_to
    start = extended_to if extended and extended_to else due_on
    word = "extended date" if extended else "due date"
    days = policy.waiting_days
    after = None if days is None else _later(start, days)
    begins = insolvent_on if insolvent_on and (after is None or insolvent_on < after) else after
    if begins is None:
        return []
    text = "insolvency, on proof" if begins is insolvent_on else f"{word} + {days} days"
    found = [_Day("claim_from", begins, text, start=True)]
    if policy.claim_days is not None:
        last = _later(begins, policy.claim_days)
        found.append(_Day("claim_by", last, f"claim from + {policy.claim_days} days"))
    return found
