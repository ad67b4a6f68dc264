"""From which day the open workbooks count: Calc gives a function a date as a number and not the workbook it is from."""

from __future__ import annotations

import time
from datetime import date

BOOK = "com.sun.star.sheet.SpreadsheetDocument"
MIXED = -(2**31)
"""In place of a shift: open workbooks count from different days, so no date can be told."""

LOOK_EVERY = 0.2
"""Seconds after which a call looks at the open workbooks again; one look takes as long as ten calls."""

_USUAL = date(1899, 12, 30)


class DayCount:
    """What the open workbooks have in common. To be handed the calling one would triple the time of a call."""

    def __init__(self):
        self.until = 0.0
        self.known = 0
        self.desktop = None
        self.arrived = []
        """Workbooks that were loaded; the desktop knows them a moment later, some that are hidden never."""

    def shift(self, context):
        """Days from 1899-12-30 to the first day of the open workbooks, or MIXED."""
        if time.monotonic() >= self.until:
            self.look(context)
        return self.known

    def look(self, context):
        """Ask every open workbook."""
        if self.desktop is None:
            manager = context.ServiceManager
            self.desktop = manager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        documents = [*opened(self.desktop), *self.arrived]
        found = {first_day(document) for document in documents} - {None}
        self.known = MIXED if len(found) > 1 else found.pop() if found else 0
        self.until = time.monotonic() + LOOK_EVERY
        return self.known

    def arrive(self, document):
        """A workbook was made or loaded."""
        self.leave(document)
        self.arrived.append(document)

    def leave(self, document):
        """A workbook closes."""
        self.arrived = [other for other in self.arrived if other != document]
        self.until = 0.0


def opened(desktop):
    """Every open workbook."""
    components = desktop.getComponents().createEnumeration()
    while components.hasMoreElements():
        document = components.nextElement()
        if hasattr(document, "supportsService") and document.supportsService(BOOK):
            yield document


def first_day(document):
    """Days from 1899-12-30 to the day from which a workbook counts; None of one that is just being closed."""
    try:
        day = document.NullDate
        return (date(day.Year, day.Month, day.Day) - _USUAL).days
    except Exception:  # noqa: BLE001 - a call must never raise
        return None


DAYS = DayCount()
"""The one of this office."""
