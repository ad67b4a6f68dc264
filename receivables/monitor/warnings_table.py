"""Events, periods, rules and failures as a user types them into ranges, read for the warnings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.cells.coerce import (
    FIRST_DAY,
    LAST_DAY,
    to_amount,
    to_day,
    to_number,
    to_text,
    to_whole,
)
from receivables.days import EXCEL_1900
from receivables.errors import BadValueError
from receivables.ledger.spelling import known_columns
from receivables.monitor.headed import Row, each, given, named, words
from receivables.monitor.insolvency import Count
from receivables.monitor.warnings_signals import Event, Rule, changed_rules, rules

Cells = Sequence[Sequence[Any]]

PERIODS = {
    "period": "period|period_end|month_end|month|date|period end|month end|期间|月末|月份|日期",
    "days": "days_to_pay|days|days to pay|payment cycle|days_beyond_terms|days beyond terms|dbt|付款天数|付款周期|超期天数",
}
RULES = {
    "signal": "signal|信号",
    "window": "window|days|window days|窗口|天数",
    "count": "count|at least|n|次数|期数",
}
FAILURES = {
    "sector": "sector|industry|branch|行业|部门",
    "period": "period|year|quarter|month|date|期间|年度|季度|月份",
    "failures": "failures|insolvencies|bankruptcies|defaults|cases|破产数|破产家数|违约数|违约家数",
    "firms": "firms|companies|population|customers|total|企业数|企业总数|家数",
}


def events_of(table: Cells) -> list[Event]:
    """Events of a range with headings on (date) and kind, as in the ledger's Events table.

    >>> events_of([["Date", "Kind"], ["2026-08-31", "Lawsuit"]])
    [Event(on=datetime.date(2026, 8, 31), kind='Lawsuit')]
    """
    found = named(table, known_columns("events"), ("on", "kind"), "a table of events")
    return each(found, lambda row: Event(to_day(given(row, "on")), to_text(given(row, "kind"))))


def periods_of(table: Cells) -> dict[date, float]:
    """Days to pay by end of period; a period without payments is left blank.

    Raises:
        BadValueError: a period twice, a row that cannot be read.

    >>> periods_of([["month_end", "days_to_pay"], ["2026-09-30", 47], ["2026-10-31", None]])
    {datetime.date(2026, 9, 30): 47.0}
    """
    found: dict[date, float] = {}
    rows = named(table, words(PERIODS), tuple(PERIODS), "a table of days to pay by period")
    for day, days in each(rows, _period):
        if day in found:
            raise BadValueError(f"The period {day} stands there twice. Keep one row.")
        if days is not None:
            found[day] = days
    return found


def rules_of(table: Cells) -> dict[str, Rule]:
    """The rules of the signals with other windows and counts: headings signal, window, count.

    >>> rules_of([["signal", "window", "count"], ["bank", 365, None]])["bank"].window
    365
    """
    rows = named(table, words(RULES), ("signal",), "a table of rules")
    changes = each(rows, lambda row: (to_text(given(row, "signal")), (_whole(row, "window"), _whole(row, "count"))))  # fmt: skip
    names = {one.text_zh: name for name, one in rules().items()}
    return changed_rules({names.get(name, name.casefold()): change for name, change in changes})


def failures_of(table: Cells) -> list[Count]:
    """Failures by period, in the order given; sector and number of firms where known.

    >>> failures_of([["year", "bankruptcies"], [2026, 12]])
    [Count(sector='', period='2026', failures=Decimal('12'), firms=None)]
    """
    needed = ("period", "failures")
    return each(named(table, words(FAILURES), needed, "a table of failures by period"), _count)


def _period(row: Row) -> tuple[date, float | None]:
    days = row.get("days")
    return to_day(given(row, "period")), None if days is None else to_number(days)


def _whole(row: Row, name: str) -> int | None:
    cell = row.get(name)
    return None if cell is None else to_whole(cell)


def _count(row: Row) -> Count:
    firms = row.get("firms")
    return Count(
        to_text(row.get("sector") or ""), _period_text(given(row, "period")),
        Decimal(to_amount(given(row, "failures"))), None if firms is None else to_amount(firms),
    )  # fmt: skip


def _period_text(cell: Any) -> str:
    """A period in words; a date cell that a host hands over as its serial number is a day again."""
    serials = [(day - EXCEL_1900).days for day in (FIRST_DAY, LAST_DAY)]
    if isinstance(cell, (int, float)) and serials[0] <= cell <= serials[1]:
        return to_day(cell).isoformat()
    return to_text(cell)
