"""Twenty-four month ends of aging from one ledger: the program on each engine beside the pandas script."""

from __future__ import annotations

from datetime import date

import polars as pl

from benchmarks import pandas_scripts, posting
from benchmarks.aging import PYSPARK_LIMIT, long_of_ours, long_of_script
from benchmarks.generate import tables
from benchmarks.measure import Timing, digest, measure, same, show
from benchmarks.workbook import AS_OF
from receivables.days import month_ends
from receivables.ledger.open import open_items
from receivables.ledger.posted import Posted
from receivables.monitor.aging import AgingTable, age

MONTHS = month_ends(AS_OF, 24)


def run(sizes: list[int], engines: list[str], runs: int) -> None:
    """Print one table per size; the last month end of every contender is compared."""
    for count in sizes:
        posted = posting.posted(count)
        usable = [name for name in engines if name != "pyspark" or count <= PYSPARK_LIMIT]
        timings = [_on_engine(posted, engine, runs) for engine in usable] + [_script(count, runs)]
        answers = {timing.name: timing.answer for timing in timings}
        shown = f"24 month ends of {count:,} documents (answer {same(answers)})"
        show(shown, timings, 1e3)


def history(posted: Posted, engine: str) -> list[AgingTable]:
    """One aging per month end."""
    return [age(open_items(posted, day, engine=engine)) for day in MONTHS]


def _on_engine(posted: Posted, engine: str, runs: int) -> Timing:
    timing = measure(f"receivables on {engine}", lambda: history(posted, engine), runs)
    posted.native.pop(engine, None)
    return timing.answering(_digest([long_of_ours(table) for table in timing.answer]))


def _script(count: int, runs: int) -> Timing:
    made = tables(count)
    frames = pandas_scripts.Frames(made)
    ids = made.customers["customer_id"]

    def task() -> list[object]:
        return [pandas_scripts.aging_good(frames, day) for day in MONTHS]

    timing = measure("pandas script, good", task, runs)
    return timing.answering(_digest([long_of_script(table, ids) for table in timing.answer]))


def _digest(tables_by_month: list[pl.DataFrame]) -> str:
    """One digest of all months: the day becomes part of the bucket's name."""
    parts = [
        table.with_columns(pl.format("{} {}", pl.lit(_text(day)), "bucket").alias("bucket"))
        for day, table in zip(MONTHS, tables_by_month, strict=True)
    ]
    return digest(pl.concat(parts))


def _text(day: date) -> str:
    return day.isoformat()
