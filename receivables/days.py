"""Day arithmetic of the trade: month ends, EDATE, working days, Excel serials. Never the clock."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

EXCEL_1900 = date(1899, 12, 30)
EXCEL_1904 = date(1904, 1, 1)


def month_end(day: date) -> date:
    """Last day of the month.

    >>> month_end(date(2024, 2, 3))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def edate(day: date, months: int) -> date:
    """Same day some months later, clamped to the month's end, as EDATE in a spreadsheet.

    >>> edate(date(2024, 2, 29), 12), edate(date(2026, 10, 31), -1)
    (datetime.date(2025, 2, 28), datetime.date(2026, 9, 30))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def month_ends(last: date, count: int) -> list[date]:
    """The given number of month ends up to and including that of `last`, oldest first.

    >>> month_ends(date(2026, 3, 15), 2)
    [datetime.date(2026, 2, 28), datetime.date(2026, 3, 31)]
    """
    end = month_end(last)
    return [month_end(edate(end.replace(day=1), -back)) for back in range(count - 1, -1, -1)]


def previous_month_end(day: date) -> date:
    """Last day of the month before.

    >>> previous_month_end(date(2026, 10, 31))
    datetime.date(2026, 9, 30)
    """
    return day.replace(day=1) - timedelta(days=1)


def add_working_days(day: date, count: int) -> date:
    """Day a number of working days later (Monday to Friday; holidays are not known here).

    >>> add_working_days(date(2026, 10, 31), 3)
    datetime.date(2026, 11, 4)
    """
    step = 1 if count >= 0 else -1
    left = abs(count)
    while left:
        day += timedelta(days=step)
        if day.weekday() < 5:
            left -= 1
    return day


def from_serial(serial: float, *, date1904: bool = False) -> date:
    """Date of a spreadsheet serial number.

    >>> from_serial(46296), from_serial(44834, date1904=True)
    (datetime.date(2026, 10, 1), datetime.date(2026, 10, 1))
    """
    return (EXCEL_1904 if date1904 else EXCEL_1900) + timedelta(days=int(serial))
