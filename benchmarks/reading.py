"""Reading a workbook of documents and payments: the program beside openpyxl and pandas."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl

from benchmarks.measure import race, same, show
from benchmarks.workbook import workbook
from receivables.ledger.read import read

KEYS = ("customer_id", "document_no", "payment_no", "credit_no", "order_no")


def run(sizes: list[int], runs: int) -> None:
    """Print one table per size; rows and the sum of all amounts must agree."""
    for count in sizes:
        path = workbook(count)
        timings = race(
            {
                "receivables (all as text, faults located)": partial(_ours, path),
                "openpyxl, read-only": partial(_openpyxl, path),
                "pandas with openpyxl": partial(_pandas, path),
            },
            runs,
        )
        answers = {timing.name: timing.answer for timing in timings}
        size = path.stat().st_size / 1e6
        note = f"The same in all: {same(answers)}. The file has {size:.1f} MB."
        show(f"reading a workbook of {count:,} documents", timings, 1.0, note)


def _ours(path: Path) -> str:
    tables = read(path).tables
    frames = [tables[name].frame for name in ("documents", "payments", "allocations")]
    amounts = pl.concat([frame["amount"] for frame in frames]).cast(pl.Float64)
    return _answer([frame.height for frame in frames], amounts.sum())


def _openpyxl(path: Path) -> str:
    book = openpyxl.load_workbook(path, read_only=True)
    counts, total = [], 0.0
    for name in ("Documents", "Payments", "Allocations"):
        rows = book[name].iter_rows(values_only=True)
        place = next(rows).index("amount")
        held = [row[place] for row in rows]
        counts.append(len(held))
        total += sum(held)
    list(book["Customers"].iter_rows(values_only=True))
    return _answer(counts, total)


def _pandas(path: Path) -> str:
    found = pd.read_excel(path, sheet_name=None, engine="openpyxl", dtype=dict.fromkeys(KEYS, str))
    frames = [found[name] for name in ("Documents", "Payments", "Allocations")]
    return _answer(
        [len(frame) for frame in frames], sum(frame["amount"].sum() for frame in frames)
    )


def _answer(counts: list[int], total: float) -> str:
    return f"{' + '.join(map(str, counts))} rows, amounts {Decimal(total):.0f}"
