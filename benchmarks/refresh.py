"""The whole month end, workbook in and report out, each side as a process of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import openpyxl

from benchmarks.measure import race_processes, same, show
from benchmarks.workbook import AS_OF, workbook

PROGRAM = str(Path(sys.executable).with_name("receivables"))


def run(sizes: list[int], runs: int) -> None:
    """Print one table per size: time from start to exit, and peak memory."""
    for count in sizes:
        ledger = str(workbook(count))
        with tempfile.TemporaryDirectory() as folder:
            ours, plain = (str(Path(folder) / name) for name in ("ours.xlsx", "plain.xlsx"))
            day = AS_OF.isoformat()
            refresh = [PROGRAM, "refresh", ledger, "--as-of", day, "--out", ours]
            script = [sys.executable, "-m", "benchmarks.plain_report", ledger, plain, day]
            commands = {"receivables refresh": refresh, "pandas and openpyxl": script}
            timings = race_processes(commands, runs)
            answer = same({"receivables": totals(ours), "script": totals(plain)})
            note = f"Totals by currency in both reports: {answer}."
        show(f"month end of {count:,} documents, xlsx to xlsx", timings, 1.0, note)


def totals(path: str) -> str:
    """Open amount by currency on the sheet Open items of a report."""
    book = openpyxl.load_workbook(path, read_only=True)
    rows = book["Open items"].iter_rows(values_only=True)
    heading = next(row for row in rows if row and _place(row, "open") is not None)
    currency, amount = _place(heading, "currency"), _place(heading, "open")
    sums: dict[str, float] = {}
    for row in rows:
        if row[currency] and isinstance(row[amount], int | float):
            sums[row[currency]] = sums.get(row[currency], 0.0) + row[amount]
    return ", ".join(f"{name} {value:,.2f}" for name, value in sorted(sums.items()))


def _place(row: tuple[object, ...], name: str) -> int | None:
    names = [str(cell).strip().lower() for cell in row]
    return names.index(name) if name in names else None
