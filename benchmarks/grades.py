"""Credit grades: one cell, a column of cells, and a table of customers in one pass."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial

import polars as pl
import receivables_udfs  # noqa: F401 - declares the functions

from benchmarks.measure import Timing, race, same, show
from receivables.assess.grade_table import grade_table
from receivables.cells import find_function

CALLS = 2_000


def run(rows: int, runs: int) -> None:
    """Print a table for one cell and one for many customers."""
    show("CREDIT_GRADE, one cell (mean of 2,000 calls)", scalar(runs), 1e6)
    show(f"CREDIT_GRADE of {rows:,} customers, 7 factors", many(rows, runs), 1e3)


def scalar(runs: int) -> list[Timing]:
    """Two factors, and all seven of the arguments."""
    spec = find_function("CREDIT_GRADE")
    two, seven = (12, 0.3), (12, 0.3, 6, 0.55, 1.3, 0.1, "AZ:4")
    tasks = {
        "two factors": partial(_many, partial(spec.call, *two)),
        "seven factors": partial(_many, partial(spec.call, *seven)),
    }
    return [timing.per(CALLS) for timing in race(tasks, runs)]


def many(rows: int, runs: int) -> list[Timing]:
    """The table in one pass; the same customers as a range under headings."""
    frame = pl.DataFrame(list(customers(rows)))
    cells = [frame.columns, *(list(row) for row in frame.iter_rows())]
    spec = find_function("CREDIT_GRADE")

    def in_one_pass() -> list[int]:
        return grade_table(frame)["grade"].to_list()

    def by_cells() -> list[int]:
        return [row[0] for row in spec.call(cells)]

    timings = race({"grade_table": in_one_pass, "a range of cells": by_cells}, runs)
    same({timing.name: str(timing.answer) for timing in timings})
    return timings


def customers(rows: int) -> Iterator[dict[str, object]]:
    """Invented customers; a third of the financial figures and ratings is missing."""
    chance = random.Random(5)

    def known(value: object) -> object:
        return value if chance.random() < 2 / 3 else None

    for _ in range(rows):
        yield {
            "days_beyond_terms": chance.uniform(-5, 70),
            "late_rate": chance.random(),
            "years_trading": chance.uniform(0, 30),
            "debt_ratio": known(chance.uniform(0.1, 1.2)),
            "current_ratio": known(chance.uniform(0.3, 3)),
            "cashflow_cover": known(chance.uniform(-0.2, 0.8)),
            "external_rating": known(chance.choice(["S&P:BBB", "AZ:7", "Coface:7"])),
        }


def _many(task: partial[object]) -> object:
    for _ in range(CALLS - 1):
        task()
    return task()
