"""When a customer needs a second look, how grave it is, and what to do: trigger, level, action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.resources import data_rows

LEVELS = ("", "blue", "yellow", "red")
"""From no warning to the gravest."""
TRIGGERS = ("", "days", "grade", "days+grade")
ACTIONS = ("terms", "collateral", "reduce")
ACTION_HEADINGS = (
    "level", "action", "recommendation", "share", "amount", "owner", "within_days", "state",
)  # fmt: skip
STATES = {"en": "recommended, not applied", "zh": "建议,尚未执行"}


@dataclass(frozen=True, slots=True)
class Action:
    """One recommended response; `amount` is the exposure × share, None where it is no amount."""

    level: str
    action: str
    text: str
    share: float
    amount: Decimal | None
    owner: str
    within_days: int

    def cells(self, language: str = "en") -> list[object]:
        """The row under `ACTION_HEADINGS`."""
        return [
            self.level, self.action, self.text, self.share, self.amount, self.owner,
            self.within_days, STATES[language],
        ]  # fmt: skip


@cache
def rule(name: str) -> float:
    """A figure of `data/warning_rules.csv`.

    >>> rule("trigger_days"), rule("materiality_share")
    (15.0, 0.01)
    """
    rows = data_rows("warning_rules.csv")
    return next(float(row["value"]) for row in rows if row["rule"] == name)


def trigger(
    days_late: float | None,
    grade_now: int | None,
    grade_before: int | None,
    days: float | None = None,
    notches: int | None = None,
) -> str:
    """Why a review is due: `days` if days late > 15, `grade` if the grade fell by 2 or more.

    Args:
        days_late: worst undisputed overdue, net of unapplied cash, above the materiality; None =
            not known.
        grade_now: grade 1 (best) to 10; None or 0 = none.
        grade_before: grade of the last approved review; None or 0 = none.
        days: threshold, exceeded only beyond it.
        notches: threshold, met by it.

    Raises:
        NotAvailableError: neither the days nor both grades are known.
        DomainError: a grade outside 1–10, a threshold below 0 (days) or 1 (notches).

    >>> trigger(15, 4, 4), trigger(16, 4, 4), trigger(3, 6, 4), trigger(16, 6, 4)
    ('', 'days', 'grade', 'days+grade')
    """
    limit = rule("trigger_days") if days is None else days
    steps = rule("trigger_notches") if notches is None else notches
    if limit < 0 or steps < 1:
        raise DomainError(f"days is {limit:g}, notches {steps:g}: give 0 or more, 1 or more.")
    now, before = _grade("grade_now", grade_now), _grade("grade_before", grade_before)
    if days_late is None and (now is None or before is None):
        raise NotAvailableError(
            "Neither the days late nor both grades are known: there is nothing to test."
        )
    late = days_late is not None and days_late > limit
    worse = now is not None and before is not None and now - before >= steps
    return "+".join(name for name, hit in (("days", late), ("grade", worse)) if hit)


def level(fired: str, signals: int = 0, *, expected: bool = False, insolvent: bool = False) -> str:
    """Level of a warning, by the first row of `data/warning_levels.csv` that holds; "" = none.

    Args:
        fired: result of `trigger`.
        signals: how many of the five signals fired.
        expected: the trend reaches the default state within the horizon.
        insolvent: insolvency proceedings are known.

    Raises:
        BadValueError: an unknown trigger.
        DomainError: signals below 0.

    >>> level("", 1), level("days"), level("days+grade"), level("", 0, insolvent=True), level("")
    ('blue', 'yellow', 'red', 'red', '')
    """
    if fired not in TRIGGERS:
        shown = ", ".join(name for name in TRIGGERS if name)
        raise BadValueError(f"'{fired}' is no trigger. Write {shown} or leave it blank.")
    if signals < 0:
        raise DomainError(f"signals is {signals}: give 0 or more.")
    have = {
        "triggers": len(fired.split("+")) if fired else 0,
        "signals": signals,
        "horizon": int(expected),
        "insolvent": int(insolvent),
    }
    rows = data_rows("warning_levels.csv")
    found = (row["level"] for row in rows if all(have[name] >= int(row[name]) for name in have))
    return next(found, "")


def actions(
    warning: str,
    grade: int | None = None,
    exposure: Decimal | None = None,
    language: str = "en",
    rows: Sequence[dict[str, str]] | None = None,
) -> list[Action]:
    """The three responses to a level: terms, collateral, smaller volume; nothing is applied.

    Args:
        warning: blue, yellow or red; "" gives no action.
        grade: grade of the customer; None takes the worst, so that no caution is lost.
        exposure: what is at risk, for the amounts.
        language: en or zh.
        rows: rows like those of `data/warning_actions.csv`.

    Raises:
        BadValueError: an unknown level.
        DomainError: a grade outside 1–10, a negative exposure.

    >>> [one] = [one for one in actions("yellow", 5, Decimal(10_000)) if one.action == "reduce"]
    >>> one.amount, one.owner, one.within_days
    (Decimal('2500.00'), 'Sales with credit manager', 30)
    """
    if warning not in LEVELS:
        raise BadValueError(f"'{warning}' is no level. Write {', '.join(LEVELS[1:])}.")
    if exposure is not None and exposure < 0:
        raise DomainError(f"exposure is {exposure}: a credit balance is no risk. Give 0 or more.")
    found = _grade("grade", grade)
    own = int(rule("grade_worst")) if found is None else found
    return [
        _action(row, exposure, language)
        for row in (data_rows("warning_actions.csv") if rows is None else rows)
        if row["level"] == warning and int(row["grade_from"]) <= own <= int(row["grade_to"])
    ]


def _action(row: dict[str, str], exposure: Decimal | None, language: str) -> Action:
    share = Decimal(row["magnitude"])
    amount = exposure * share if exposure is not None and row["basis"] == "exposure" else None
    return Action(
        row["level"], row["action"], row[f"text_{language}"], float(share), amount,
        row[f"owner_{language}"], int(row["within_days"]),
    )  # fmt: skip


def _grade(name: str, value: int | None) -> int | None:
    """A grade; 0 is a blank cell as some hosts hand it over, no grade of the scale."""
    if not value:
        return None
    best, worst = int(rule("grade_best")), int(rule("grade_worst"))
    if best <= value <= worst:
        return value
    raise DomainError(f"{name} is {value}, outside {best} (best) to {worst}.")
