"""One cell function: a call for one cell, and a column of 100,000 cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd
import receivables_udfs  # noqa: F401 - declares the functions

from benchmarks.measure import Timing, race, same, show
from receivables.cells import find_function

AS_OF = date(2026, 10, 31)
EDGES = (0, 30, 60, 90)
LABELS = np.array(["Current", "1-30 d", "31-60 d", "61-90 d", "91+ d"])
CALLS = 2_000


def run(rows: int, runs: int) -> None:
    """Print a table for the scalar and one for the column."""
    show("AGING_BUCKET, one cell (mean of 2,000 calls)", scalar(runs), 1e6)
    show(f"AGING_BUCKET, a column of {rows:,} cells", column(rows, runs), 1e3)


def scalar(runs: int) -> list[Timing]:
    """Through the declaration, as a host calls it; the bare function; a one-row pandas frame."""
    spec = find_function("AGING_BUCKET")
    due = date(2026, 9, 30)

    def by_pandas() -> str:
        return str(_by_pandas([due])[0])

    tasks = {
        "receivables, through the declaration": lambda: spec.call(due, AS_OF),
        "receivables, the bare function": lambda: spec.function(due, AS_OF),
        "a pandas frame of one row": by_pandas,
    }
    same({name: str(task()) for name, task in tasks.items()})
    timings = race({name: partial(_many, task) for name, task in tasks.items()}, runs)
    return [timing.per(CALLS) for timing in timings]


def column(rows: int, runs: int) -> list[Timing]:
    """A column in, a column out; beside it the same in NumPy through pandas."""
    spec = find_function("AGING_BUCKET")
    days = [AS_OF - timedelta(days=number % 200 - 50) for number in range(rows)]
    cells = [[day] for day in days]
    timings = race(
        {
            "receivables, a column of dates": lambda: spec.call(cells, AS_OF),
            "pandas and NumPy": lambda: _by_pandas(days).tolist(),
        },
        runs,
    )
    flat = [cell for row in timings[0].answer for cell in row]
    same({"receivables": str(flat), "pandas": str(timings[1].answer)})
    return timings


def _by_pandas(days: list[date]) -> np.ndarray:
    frame = pd.DataFrame({"due_on": pd.to_datetime(days)})
    late = (pd.Timestamp(AS_OF) - frame["due_on"]).dt.days
    return LABELS[np.searchsorted(EDGES, late)]


def _many(task: Callable[[], object]) -> None:
    for _ in range(CALLS):
        task()
