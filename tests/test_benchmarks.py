"""The benchmarks run, and the program agrees with pandas scripts that know nothing of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["aging", "--sizes", "3000", "--engines", "polars,duckdb,pandas"], "(answer "),
        (["history", "--sizes", "3000", "--engines", "polars"], "(answer "),
        (["reading", "--sizes", "3000"], "The same in all: "),
        (["refresh", "--sizes", "3000"], "Totals by currency in both reports: "),
        (["cells"], "AGING_BUCKET, one cell"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_all_contenders_compute_the_same(arguments: list[str], shown: str) -> None:
    """The runner compares the answers' digests before it shows a time, and stops if they differ."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", *arguments, "--runs", "1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout
