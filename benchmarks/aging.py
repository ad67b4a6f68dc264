"""As-of aging by customer, currency and bucket: the program on each engine beside two pandas scripts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import polars as pl

from benchmarks import pandas_scripts, posting
from benchmarks.generate import tables
from benchmarks.measure import digest, race, same, show
from benchmarks.workbook import AS_OF
from receivables.ledger.open import open_items
from receivables.ledger.posted import Posted
from receivables.monitor.aging import AgingTable, age

PYSPARK_LIMIT = 10_000
"""Above it one answer on a single machine takes longer than it tells."""

GOOD = "pandas script, good"
NAIVE = "pandas script, naive"
BUCKETS = ["b0", "b1", "b2", "b3", "b4", "unapplied"]
"""Every generated document has a due date: b5, No due date, is always nil."""


def run(sizes: list[int], engines: list[str], runs: int) -> None:
    """Print one table per size; every contender's answer is compared with the first."""
    for count in sizes:
        posted = posting.posted(count)
        tasks = {
            f"receivables on {engine}": partial(answer, posted, engine)
            for engine in usable(engines, count)
        }
        timings = [
            timing.answering(digest(long_of_ours(timing.answer)))
            if timing.name in tasks
            else timing.answering(
                digest(long_of_script(timing.answer, ids_of(count, timing.name)))
            )
            for timing in race(tasks | scripts(count), runs)
        ]
        answers = {timing.name: timing.answer for timing in timings}
        show(f"as-of aging of {count:,} documents (answer {same(answers)})", timings, 1e3)


def usable(engines: list[str], count: int) -> list[str]:
    """The engines asked for, without Spark where it would take minutes."""
    return [name for name in engines if name != "pyspark" or count <= PYSPARK_LIMIT]


def scripts(count: int) -> dict[str, Callable[[], pd.DataFrame]]:
    """The pandas scripts, on frames of their own liking, loaded beforehand."""
    made = tables(count)
    return {
        GOOD: partial(pandas_scripts.aging_good, pandas_scripts.Frames(made), AS_OF),
        NAIVE: partial(pandas_scripts.aging_naive, pandas_scripts.Frames(made, text=True), AS_OF),
    }


def ids_of(count: int, name: str) -> pl.Series | None:
    """Keys of the customers, for the script that works with numbers."""
    return tables(count).customers["customer_id"] if name == GOOD else None


def answer(posted: Posted, engine: str) -> AgingTable:
    """The question that is timed."""
    return age(open_items(posted, AS_OF, engine=engine))


def long_of_ours(table: AgingTable) -> pl.DataFrame:
    """Customer, currency, bucket, open."""
    wide = table.frame.rename({"customer_id": "customer"}).drop("open")
    return wide.unpivot(
        BUCKETS, index=["customer", "currency"], variable_name="bucket", value_name="open"
    )


def long_of_script(table: pd.DataFrame, ids: pl.Series | None = None) -> pl.DataFrame:
    """The same of a pandas answer; `ids` turns customer numbers into keys."""
    frame = table.drop(columns=["name", "total"]).reset_index()
    frame.columns = ["customer", "currency", "b0", "b1", "b2", "b3", "b4", "unapplied"]
    wide = pl.from_pandas(frame.astype({"currency": "str"}))
    if ids is not None:
        wide = wide.with_columns(ids.gather(wide["customer"]).alias("customer"))
    return wide.unpivot(
        BUCKETS, index=["customer", "currency"], variable_name="bucket", value_name="open"
    )
