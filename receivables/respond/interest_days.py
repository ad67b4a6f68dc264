"""Day counts of interest: days and years between two days by the codes 0 to 4 of a spreadsheet."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from receivables.cells.coerce import is_blank, to_number, to_text
from receivables.errors import BadValueError

US_30_360, ACT_ACT, ACT_360, ACT_365, EU_30_360 = range(5)
LABELS = ("30/360 US", "actual/actual", "actual/360", "actual/365", "30/360 EU")
_WORDS = {
    "30/360": 0, "30/360us": 0, "us": 0, "act/act": 1, "actual/actual": 1, "act/360": 2,
    "actual/360": 2, "act/365": 3, "actual/365": 3, "30/360eu": 4, "30e/360": 4, "eu": 4,
}  # fmt: skip
_THIRTIES = {US_30_360, EU_30_360}
_YEARS = {US_30_360: 360, ACT_360: 360, ACT_365: 365, EU_30_360: 360}


def basis_of(value: Any) -> int | None:
    """Code of a day count: 0 to 4, or its words; None if blank.

    >>> basis_of(3.0), basis_of("act/360"), basis_of("30E/360"), basis_of("")
    (3, 2, 4, None)
    """
    if is_blank(value):
        return None
    if isinstance(value, str):
        found = _WORDS.get(value.casefold().replace(" ", ""))
        if found is not None:
            return found
    try:
        number = to_number(value)
    except BadValueError:
        number = -1
    if number in range(5) and not isinstance(value, bool):
        return int(number)
    known = ", ".join(f"{code} ({label})" for code, label in enumerate(LABELS))
    raise BadValueError(f"'{to_text(value)}' is no day count. Use {known}.")


def days_between(start: date, end: date, basis: int) -> int:
    """Days from one day to another as the day count sees them; the start does not count.

    >>> days_between(date(2026, 1, 31), date(2026, 3, 31), 0), days_between(date(2026, 1, 31), date(2026, 3, 31), 3)
    (60, 59)
    """
    return _thirty(start, end, basis) if basis in _THIRTIES else (end - start).days


def years_between(start: date, end: date, basis: int) -> Decimal:
    """Part of a year from one day to another; actual/actual takes each day in its own year.

    >>> years_between(date(2026, 1, 1), date(2026, 4, 1), 2)
    Decimal('0.25')
    """
    if basis != ACT_ACT:
        return Decimal(days_between(start, end, basis)) / _YEARS[basis]
    total, day = Decimal(0), start
    while day < end:
        # the day after `day` bears interest: 31 December starts the days of the next year
        year = (day + timedelta(1)).year
        last = min(date(year, 12, 31), end)
        total += Decimal((last - day).days) / (366 if calendar.isleap(year) else 365)
        day = last
    return total


def year_days(day: date, basis: int) -> int:
    """Days of the year that a day's interest is divided by.

    >>> year_days(date(2024, 5, 1), 1), year_days(date(2024, 5, 1), 3)
    (366, 365)
    """
    if basis == ACT_ACT:
        return 366 if calendar.isleap(day.year) else 365
    return _YEARS[basis]


def _thirty(start: date, end: date, basis: int) -> int:
    first, last = start.day, end.day
    if basis == EU_30_360:
        first, last = min(first, 30), min(last, 30)
    else:
        if _ends_february(start):
            last = 30 if _ends_february(end) else last
            first = 30
        last = 30 if last == 31 and first >= 30 else last
        first = min(first, 30)
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def _ends_february(day: date) -> bool:
    return day.month == 2 and (day + timedelta(1)).month == 3
