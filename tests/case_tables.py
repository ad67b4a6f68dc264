"""The case tables of `tests/cases`, read once for every host that runs them."""

import csv
import json
from pathlib import Path

import pytest

from receivables.cells import load_functions

CASES = Path(__file__).parent / "cases"
HOSTS = {"python", "cli", "calc", "excel"}
load_functions()


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


ROWS = [
    pytest.param(row, id=f"{path.stem}:{number}:{row['function']}")
    for path in sorted(CASES.glob("*.csv"))
    for number, row in enumerate(read(path), 2)
]


def same(result, expected, tolerance: float) -> bool:
    """Equal values; numbers within the tolerance; an expected error needs its code only."""
    if isinstance(expected, list):
        return (
            isinstance(result, list)
            and len(result) == len(expected)
            and all(same(*pair, tolerance) for pair in zip(result, expected, strict=True))
        )
    if isinstance(expected, dict):
        return isinstance(result, dict) and all(result[key] == expected[key] for key in expected)
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        return (
            isinstance(result, float | int)
            and not isinstance(result, bool)
            and abs(result - expected) <= tolerance
        )
    return type(result) is type(expected) and result == expected


def check(row: dict[str, str], result) -> None:
    expected = json.loads(row["expected"])
    assert same(result, expected, float(row["tolerance"] or 0)), f"{result} is not {expected}"


def rows_for(host: str) -> list:
    """Rows a host runs."""
    return [case for case in ROWS if host in case.values[0]["hosts"].split()]
