"""Timing that can be repeated: medians after one warm-up, answers compared by digest, the machine named."""

from __future__ import annotations

import gc
import hashlib
import importlib.metadata
import os
import platform
import resource
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
    """Seconds of one contender: median and fastest of some runs, processor time, last answer."""

    name: str
    median: float
    fastest: float
    processor: float
    """Mean seconds of all threads: what is left to compare on a machine that is busy otherwise."""
    runs: int
    answer: Any = None
    megabytes: float | None = None

    def answering(self, answer: Any) -> Timing:
        """The same timing with the answer in a smaller form."""
        return replace(self, answer=answer)

    def per(self, calls: int) -> Timing:
        """The share of one of so many calls."""
        return replace(
            self,
            median=self.median / calls,
            fastest=self.fastest / calls,
            processor=self.processor / calls,
        )


def race(tasks: Mapping[str, Callable[[], Any]], runs: int = 5) -> list[Timing]:
    """Time tasks in turns, each once per round after a warm-up round, and keep the medians.

    Whatever else the machine does in the meantime then falls on all of them alike.
    """
    answers = {name: task() for name, task in tasks.items()}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, task in tasks.items():
            answers[name] = None
            gc.collect()
            start, before = time.perf_counter(), time.process_time()
            answers[name] = task()
            taken[name].append((time.perf_counter() - start, time.process_time() - before))
    return [_timing(name, pairs, answers[name]) for name, pairs in taken.items()]


def _timing(name: str, pairs: Sequence[tuple[float, float]], answer: Any = None) -> Timing:
    walls, processor = [wall for wall, _ in pairs], [used for _, used in pairs]
    return Timing(
        name, statistics.median(walls), min(walls), statistics.mean(processor), len(pairs), answer
    )


def race_processes(
    commands: Mapping[str, Sequence[str]], runs: int = 3, before: Callable[[], object] = int
) -> list[Timing]:
    """Run commands in turns as a user would: start, imports and peak memory included.

    `before` sets the scene for a round of all of them; its time is not counted.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    peaks = dict.fromkeys(commands, 0.0)
    for _ in range(runs):
        before()
        for name, command in commands.items():
            wall, usage = _process(name, command)
            taken[name].append((wall, usage.ru_utime + usage.ru_stime))
            peaks[name] = max(peaks[name], usage.ru_maxrss / 1024)
    return [replace(_timing(name, pairs), megabytes=peaks[name]) for name, pairs in taken.items()]


def _process(name: str, command: Sequence[str]) -> tuple[float, resource.struct_rusage]:
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{name} ended with code {child.returncode}")
    return time.perf_counter() - start, usage


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
        f"| | median {label} | fastest {label} | processor {label} | runs | times ours |{' peak MB |' if memory else ''}"
    )
    print(f"|---|--:|--:|--:|--:|--:|{'--:|' if memory else ''}")
    for timing in timings:
        cells = [
            timing.name,
            f"{timing.median * unit:,.2f}",
            f"{timing.fastest * unit:,.2f}",
            f"{timing.processor * unit:,.2f}",
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
