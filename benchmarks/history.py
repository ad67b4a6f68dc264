"""Twenty-four month ends of aging from one ledger: the program on each engine beside the pandas script."""

from __future__ import annotations

from functools import partial

import pandas as pd
import polars as pl

from benchmarks import pandas_scripts, posting
from benchmarks.aging import GOOD, long_of_ours, long_of_script, usable
from benchmarks.generate import tables
from benchmarks.measure import digest, race, same, show
from benchmarks.workbook import AS_OF
from receivables.days import month_ends
from receivables.ledger.open import open_items
from receivables.ledger.posted import Posted
from receivables.monitor.aging import AgingTable, age

MONTHS = month_ends(AS_OF, 24)


def run(sizes: list[int], engines: list[str], runs: int) -> None:
    """Print one table per size; all month ends of every contender are compared."""
    for count in sizes:
        posted, made = posting.posted(count), tables(count)
        ids = made.customers["customer_id"]
        tasks = {
            f"receivables on {engine}": partial(history, posted, engine)
            for engine in usable(engines, count)
        }
        script = {GOOD: partial(by_script, pandas_scripts.Frames(made))}
        timings = race(tasks | script, runs)
        answers = {
            timing.name: _digest(
                [
                    long_of_ours(month) if timing.name in tasks else long_of_script(month, ids)
                    for month in timing.answer
                ]
            )
            for timing in timings
        }
        show(f"24 month ends of {count:,} documents (answer {same(answers)})", timings, 1e3)


def history(posted: Posted, engine: str) -> list[AgingTable]:
    """One aging per month end."""
    return [age(open_items(posted, day, engine=engine)) for day in MONTHS]


def by_script(frames: pandas_scripts.Frames) -> list[pd.DataFrame]:
    """The good script, once per month end."""
    return [pandas_scripts.aging_good(frames, day) for day in MONTHS]


def _digest(tables_by_month: list[pl.DataFrame]) -> str:
    """One digest of all months: the day becomes part of the bucket's name."""
    parts = [
        table.with_columns(pl.format("{} {}", pl.lit(str(day)), "bucket").alias("bucket"))
        for day, table in zip(MONTHS, tables_by_month, strict=True)
    ]
    return digest(pl.concat(parts))
