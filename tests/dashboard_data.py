"""The demo firm's month ends as the dashboard gets them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.monitor.reserve_policy import load_policy
from receivables.refresh import Books, load
from receivables.refresh.demo import RATES
from receivables.refresh.month_end import month_end_data
from receivables.report.data import ReportData

AS_OF = date(2026, 10, 31)
BEFORE = date(2026, 9, 30)


@cache
def demo_books() -> Books:
    with TemporaryDirectory() as folder:
        write_folder(build_firm(), Path(folder))
        return load(folder, as_of=AS_OF)


@cache
def demo_data(as_of: date = AS_OF, language: str = "en") -> ReportData:
    """The whole report's data; only the words are in the language."""
    if language != "en":
        data = demo_data(as_of)
        return replace(data, settings=replace(data.settings, language=language))
    return month_end_data(demo_books(), as_of, policy=load_policy(RATES))
