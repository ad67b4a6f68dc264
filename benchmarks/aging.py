"""As-of aging by customer, currency and bucket: the program on each engine beside two pandas scripts."""

from __future__ import annotations

import pandas as pd
import polars as pl

from benchmarks import pandas_scripts, posting
from benchmarks.generate import tables
from benchmarks.measure import Timing, digest, measure, same, show
from benchmarks.workbook import AS_OF
from receivables.ledger.open import open_items
from receivables.ledger.posted import Posted
from receivables.monitor.aging import AgingTable, age

PYSPARK_LIMIT = 10_000
"""Above it one answer on a single machine takes longer than it tells."""

BUCKETS = ["b0", "b1", "b2", "b3", "b4", "unapplied"]
"""Every generated document has a due date: b5, No due date, is always nil."""


def run(sizes: list[int], engines: list[str], runs: int) -> None:
    """Print one table per size; every contender's answer is compared with the first."""
    for count in sizes:
        timings = ours(count, engines, runs) + scripts(count, runs)
        answers = {timing.name: timing.answer for timing in timings}
        shown = f"as-of aging of {count:,} documents (answer {same(answers)})"
        show(shown, timings, 1e3)


def ours(count: int, engines: list[str], runs: int) -> list[Timing]:
    """The program: open items as of the date, aged by customer, names joined, largest first."""
    posted = posting.posted(count)
    usable = [name for name in engines if name != "pyspark" or count <= PYSPARK_LIMIT]
    return [_on_engine(posted, engine, runs) for engine in usable]


def scripts(count: int, runs: int) -> list[Timing]:
    """The pandas scripts, on frames of their own liking, loaded beforehand."""
    made = tables(count)
    found = []
    for name, task, text in (
        ("pandas script, good", pandas_scripts.aging_good, False),
        ("pandas script, naive", pandas_scripts.aging_naive, True),
    ):
        frames = pandas_scripts.Frames(made, text=text)
        timing = measure(name, lambda task=task, frames=frames: task(frames, AS_OF), runs)
        ids = None if text else made.customers["customer_id"]
        found.append(timing.answering(digest(long_of_script(timing.answer, ids))))
    return found


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


def _on_engine(posted: Posted, engine: str, runs: int) -> Timing:
    timing = measure(f"receivables on {engine}", lambda: answer(posted, engine), runs)
    posted.native.pop(engine, None)
    return timing.answering(digest(long_of_ours(timing.answer)))
