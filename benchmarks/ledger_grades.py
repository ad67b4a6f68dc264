"""Grade a large ledger: `python -m benchmarks.ledger_grades [DOCUMENTS]`."""

from __future__ import annotations

import sys
from time import perf_counter

import polars as pl

from benchmarks.generate import tables
from benchmarks.measure import machine
from benchmarks.posting import ledger
from receivables.assess.factor_rows import factor_rows
from receivables.assess.grade_table import grade_table
from receivables.assess.reasons import main_reasons
from receivables.days import previous_month_end
from receivables.ledger.link import link


def main(count: int) -> None:
    """Time factors, grades and reasons of every customer at the last month end, best of three."""
    made = ledger(tables(count))
    posted = link(made)
    last = previous_month_end(posted.items.select(pl.col("posted_on").max()).item())
    best: dict[str, float] = {}
    for _ in range(3):
        began = perf_counter()
        rows = factor_rows(posted, made, last).frame
        factors = perf_counter()
        graded = grade_table(rows)
        grades = perf_counter()
        main_reasons(graded)
        ended = perf_counter()
        for name, time in (
            ("factors", factors - began),
            ("grades", grades - factors),
            ("reasons", ended - grades),
        ):
            best[name] = min(time, best.get(name, time))
    shown = ", ".join(f"{name} {time:.2f} s" for name, time in best.items())
    print(f"{machine()}. {count:,} documents, {rows.height:,} customers as of {last}: {shown}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
