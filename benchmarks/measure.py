"""Timing that can be repeated: medians after one warm-up, answers compared by digest, the machine named."""

from __future__ import annotations

import gc
import hashlib
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

SHOWN = (
    "polars",
    "narwhals",
    "pandas",
    "numpy",
    "duckdb",
    "pyspark",
    "openpyxl",
    "xlsxwriter",
    "fastexcel",
)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one contender: the median and the fastest of some runs, and its last answer."""

    name: str
    median: float
    fastest: float
    runs: int
    answer: Any = None
    megabytes: float | None = None

    def answering(self, answer: Any) -> Timing:
        """The same timing with the answer in a smaller form."""
        return replace(self, answer=answer)


def race(tasks: Mapping[str, Callable[[], Any]], runs: int = 5) -> list[Timing]:
    """Time tasks in turns, each once per round after a warm-up round, and keep the medians.

    Whatever else the machine does in the meantime then falls on all of them alike.
    """
    answers = {name: task() for name, task in tasks.items()}
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, task in tasks.items():
            answers[name] = None
            gc.collect()
            start = time.perf_counter()
            answers[name] = task()
            seconds[name].append(time.perf_counter() - start)
    return [
        Timing(name, statistics.median(taken), min(taken), runs, answers[name])
        for name, taken in seconds.items()
    ]


def race_processes(commands: Mapping[str, Sequence[str]], runs: int = 3) -> list[Timing]:
    """Run commands in turns as a user would: start, imports and peak memory included."""
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(_process(name, command))
    return [
        Timing(
            name,
            statistics.median(seconds for seconds, _ in runs_taken),
            min(seconds for seconds, _ in runs_taken),
            runs,
            megabytes=max(peak for _, peak in runs_taken) / 1024,
        )
        for name, runs_taken in taken.items()
    ]


def _process(name: str, command: Sequence[str]) -> tuple[float, int]:
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{name} ended with code {child.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss


def digest(answer: pl.DataFrame) -> str:
    """Short hash of an aging in long form: customer, currency, bucket, open; nil rows do not count."""
    rows = answer.filter(pl.col("open") != 0).sort("customer", "currency", "bucket")
    text = rows.select("customer", "currency", "bucket", "open").write_csv()
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def same(answers: dict[str, str]) -> str:
    """The one digest of all contenders; stops the benchmark when they disagree."""
    if len(set(answers.values())) != 1:
        listed = ", ".join(f"{name} {value}" for name, value in answers.items())
        raise SystemExit(
            f"The contenders computed different things, so no time is shown: {listed}"
        )
    return next(iter(answers.values()))


def show(title: str, timings: Sequence[Timing], unit: float = 1e3, note: str = "") -> None:
    """Print a table in Markdown: median, fastest, and how many times slower than the first row."""
    label = {1.0: "s", 1e3: "ms", 1e6: "µs"}[unit]
    memory = any(timing.megabytes for timing in timings)
    print(f"\n### {title}\n")
    print(
        f"| | median {label} | fastest {label} | runs | times ours |{' peak MB |' if memory else ''}"
    )
    print(f"|---|--:|--:|--:|--:|{'--:|' if memory else ''}")
    for timing in timings:
        cells = [
            timing.name,
            f"{timing.median * unit:,.2f}",
            f"{timing.fastest * unit:,.2f}",
            str(timing.runs),
            f"{timing.median / timings[0].median:.2f}",
        ]
        if memory:
            cells.append(f"{timing.megabytes or 0:,.0f}")
        print(f"| {' | '.join(cells)} |")
    if note:
        print(f"\n{note}")
    sys.stdout.flush()


def machine() -> str:
    """Processor, cores, memory, system and versions, in one line."""
    info = Path("/proc/cpuinfo")
    names = (
        [line for line in info.read_text().splitlines() if "model name" in line]
        if info.exists()
        else []
    )
    processor = names[0].split(":", 1)[1].strip() if names else platform.processor()
    pages = (
        os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    )
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in SHOWN)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{processor}, {os.cpu_count()} cores, {pages / 2**30:.0f} GB; {system}; {versions}"
