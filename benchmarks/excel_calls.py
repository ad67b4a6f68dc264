"""One cell and a long column through xlwings' own conversion, beside a hand-written xw.func on pandas."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import ModuleType

import numpy as np
import pandas as pd

from benchmarks.cells import AS_OF, EDGES, LABELS
from benchmarks.measure import Timing, race, same, show
from tests.xlwings_fake.excel import MODULE
from tests.xlwings_fake.session import windows

CALLS = 200
FIRST_DAY = date(1899, 12, 30)
HAND_WRITTEN = "hand_written_udfs"
DISTINCT_DAYS = 200


def run(rows: int, runs: int) -> None:
    """Print a table for the scalar and two for the column: days that repeat, and none that does."""
    with windows() as com_server:
        hand_written()
        call = com_server.XLPython().CallUDF
        call(MODULE, "AGING_BUCKET", (1.0, 2.0))
        # as the server does once everything is loaded
        gc.collect()
        gc.freeze()
        show(
            f"AGING_BUCKET in one cell, through xlwings (mean of {CALLS} calls)",
            scalar(call, runs),
            1e6,
        )
        repeated = [AS_OF - timedelta(days=row % DISTINCT_DAYS - 50) for row in range(rows)]
        note = f"{rows:,} rows, {DISTINCT_DAYS} different due dates."
        show("AGING_BUCKET on a column, through xlwings", column(call, repeated, runs), 1e3, note)
        moments = [row / rows for row in range(rows)]
        note = "Every cell another number: a time of day, as exports have it."
        show("… no row twice", column(call, repeated, runs, moments), 1e3, note)
        gc.unfreeze()


def hand_written() -> None:
    """A module of UDFs as an accountant who knows pandas would write it for xlwings."""
    import xlwings as xw

    module = ModuleType(HAND_WRITTEN)
    module.__file__ = __file__
    sys.modules[HAND_WRITTEN] = module

    @xw.func
    @xw.ret(index=False, header=False)
    @xw.arg("due", pd.DataFrame, index=False, header=False)
    def bucket(due, as_of):
        days = (pd.Timestamp(as_of) - pd.to_datetime(due.iloc[:, 0]).dt.normalize()).dt.days
        return pd.DataFrame({"bucket": LABELS[np.searchsorted(EDGES, days)]})

    module.bucket = bucket


def scalar(call: Callable[..., object], runs: int) -> list[Timing]:
    """One due date; each side gets what its own VBA sends, as values in both cases."""
    due = AS_OF - timedelta(days=31)
    tasks = {
        "receivables": lambda: call(MODULE, "AGING_BUCKET", (serial(due), serial(AS_OF))),
        "xw.func with pandas": lambda: call(HAND_WRITTEN, "bucket", (moment(due), moment(AS_OF))),
    }
    same({name: str(task()) for name, task in tasks.items()})
    timings = race({name: partial(_many, task) for name, task in tasks.items()}, runs)
    return [timing.per(CALLS) for timing in timings]


def column(
    call: Callable[..., object], days: list[date], runs: int, moments: list[float] | None = None
) -> list[Timing]:
    """A column of due dates: serials for us, dates for pandas, as Value2 and Value give them."""
    parts = moments or [0.0] * len(days)
    serials = tuple((serial(day) + part,) for day, part in zip(days, parts, strict=True))
    dates = tuple((moment(day, part),) for day, part in zip(days, parts, strict=True))
    timings = race(
        {
            "receivables": lambda: call(MODULE, "AGING_BUCKET", (serials, serial(AS_OF))),
            "receivables, dates as COM has them": lambda: call(
                MODULE, "AGING_BUCKET", (dates, moment(AS_OF))
            ),
            "xw.func with pandas": lambda: call(HAND_WRITTEN, "bucket", (dates, moment(AS_OF))),
        },
        runs,
    )
    same({timing.name: str([list(row) for row in timing.answer]) for timing in timings})
    return timings


def serial(day: date) -> float:
    """A date as a cell holds it."""
    return float((day - FIRST_DAY).days)


def moment(day: date, part: float = 0.0) -> datetime:
    """A date as COM hands it over."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=part)


def _many(task: Callable[[], object]) -> None:
    for _ in range(CALLS):
        task()
