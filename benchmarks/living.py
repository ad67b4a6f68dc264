"""The whole month end in place: a workbook with last month's results gets this month's, each side as a process."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import date
from functools import partial
from pathlib import Path

from benchmarks.measure import race_processes, same, show
from benchmarks.refresh import PROGRAM, totals
from benchmarks.workbook import AS_OF, workbook

BEFORE = date(2026, 9, 30)
OURS, PLAIN = "receivables refresh", "pandas and openpyxl"


def run(sizes: list[int], runs: int) -> None:
    """Print one table per size; each run starts from a copy of the workbook as last month left it."""
    for count in sizes:
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            _last_month(folder, workbook(count))
            commands = {OURS: _ours(folder / "now", AS_OF), PLAIN: _plain(folder / "now", AS_OF)}
            timings = race_processes(commands, runs, before=partial(_copy, folder))
            made = [str(folder / "now" / name) for name in ("ours.xlsx", "plain.xlsx")]
            answer = same(dict(zip(commands, map(totals, made), strict=True)))
        note = f"Totals by currency in both workbooks: {answer}."
        show(f"month end of {count:,} documents, in place", timings, 1.0, note)


def _last_month(folder: Path, ledger: Path) -> None:
    """Two workbooks with the same ledger and the results of the month before."""
    last = folder / "last"
    last.mkdir()
    shutil.copy(ledger, last / "plain.xlsx")
    new = [PROGRAM, "new", str(last / "ours.xlsx"), "--from", str(ledger)]
    for command in (new, _ours(last, BEFORE), _plain(last, BEFORE)):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _copy(folder: Path) -> None:
    shutil.rmtree(folder / "now", ignore_errors=True)
    shutil.copytree(folder / "last", folder / "now")


def _ours(folder: Path, day: date) -> list[str]:
    return [PROGRAM, "refresh", str(folder / "ours.xlsx"), "--as-of", day.isoformat()]


def _plain(folder: Path, day: date) -> list[str]:
    script = [sys.executable, "-m", "benchmarks.plain_in_place"]
    return [*script, str(folder / "plain.xlsx"), day.isoformat()]
