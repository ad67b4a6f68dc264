"""One worked example for every cell function: a row of the case tables, or of `cookbook.csv` where that reads better."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from receivables.cells import FunctionSpec, load_functions
from receivables.values import from_json

ROOT = Path(__file__).resolve().parents[1]
CHOSEN = ROOT / "workbooks" / "cookbook.csv"
CASES = ROOT / "tests" / "cases"
HOSTS = {"calc", "excel"}
TOO_WIDE, TOO_TALL = 16, 30
"""Columns and rows of an answer that still reads as an example."""


class NoExampleError(LookupError):
    """Functions without an example; the message says where to write one."""


@dataclass(frozen=True, slots=True)
class Example:
    """A call with its answer: arguments and answer in the JSON form of cell values."""

    spec: FunctionSpec
    arguments: list[Any]
    expected: Any
    tolerance: float
    source: str

    @property
    def answer(self) -> Any:
        """What the function says itself: it tells a date from a text that reads as one."""
        return self.spec.call(*from_json(self.arguments))

    @property
    def is_table(self) -> bool:
        """Whether the answer stands in a block of cells."""
        return isinstance(self.expected, list)


def examples() -> list[Example]:
    """Every function's example, in the order of the registry.

    Raises:
        NoExampleError: a function has none.
    """
    found: dict[str, Example] = {}
    for row in rows():
        example = fitting(row)
        if example is not None:
            found.setdefault(row["function"], example)
    missing = sorted(set(load_functions()) - set(found))
    if missing:
        raise NoExampleError(
            f"No example for the cookbook: {', '.join(missing)}. Add a row for calc and excel to "
            f"{CASES.relative_to(ROOT)}, with an answer that is neither blank nor an error; or a row to "
            f"{CHOSEN.relative_to(ROOT)}."
        )
    return [found[name] for name in load_functions()]


def rows() -> Iterator[dict[str, str]]:
    """Rows chosen for the cookbook first, then those of the case tables."""
    for path in (CHOSEN, *sorted(CASES.glob("*.csv"))):
        with path.open(encoding="utf-8", newline="") as handle:
            yield from csv.DictReader(handle)


def fitting(row: dict[str, str]) -> Example | None:
    """The example that a row makes; None if it teaches nothing or runs in Python only."""
    spec = load_functions().get(row["function"])
    hosts = set(row.get("hosts", "calc excel").split())
    if spec is None or not hosts >= HOSTS:
        return None
    arguments, expected = json.loads(row["arguments"]), json.loads(row["expected"])
    one_value = spec.result.type.shape != "table"
    if expected in (None, "", []) or holds_error([arguments, expected]):
        return None
    if one_value and (isinstance(expected, list) or maps(spec, arguments)):
        return None
    if not one_value and (len(expected) > TOO_TALL or len(expected[0]) > TOO_WIDE):
        return None
    return Example(spec, arguments, expected, float(row["tolerance"] or 0), row["source"])


def maps(spec: FunctionSpec, arguments: list[Any]) -> bool:
    """Whether a range stands where the function takes one value, and so answers row by row."""
    return any(
        isinstance(value, list) and spec.arg(at).type.maps(value, arguments[at + 1 :])
        for at, value in enumerate(arguments)
    )


def holds_error(value: Any) -> bool:
    """Whether an error value stands anywhere in it."""
    if isinstance(value, list):
        return any(map(holds_error, value))
    return isinstance(value, dict)
