"""The benchmarks run, and the program agrees with pandas scripts that know nothing of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from benchmarks import numbered, posting
from benchmarks.generate import generate
from receivables.ledger.link import link

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["aging", "--sizes", "3000", "--engines", "polars,duckdb,pandas"], "(answer "),
        (["history", "--sizes", "3000", "--engines", "polars"], "(answer "),
        (["reading", "--sizes", "3000"], "The same in all: "),
        (["in_place", "--sizes", "3000"], "Rows and open amount in all workbooks: "),
        (["refresh", "--sizes", "3000"], "Totals by currency in both reports: "),
        (["living", "--sizes", "3000"], "Totals by currency in both workbooks: "),
        (["cells"], "AGING_BUCKET, one cell"),
        (["calc", "--sizes", "3000"], "AGING_SUM, through the process"),
        (["grades", "--sizes", "3000"], "CREDIT_GRADE of 3,000 customers"),
        (["office", "--sizes", "500"], "AGING_SUM, 500 × 2 cells"),
        (["excel"], "AGING_BUCKET in one cell, through xlwings"),
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


def test_the_short_cut_for_large_sizes_links_as_the_program_does() -> None:
    made = generate(3_000)
    program, short = link(posting.ledger(made)), numbered.posted(made)
    order = ["source", "doc", "matched_on"]
    assert_frame_equal(
        program.applications.drop("seq").sort(order), short.applications.drop("seq").sort(order)
    )
    items = [
        linked.items.join(linked.parties.select("party", "customer_id"), on="party").drop("party")
        for linked in (program, short)
    ]
    assert_frame_equal(*(frame.sort("item") for frame in items))
