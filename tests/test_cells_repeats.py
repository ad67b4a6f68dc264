"""A long column whose rows repeat answers as each of its cells would on its own."""

from __future__ import annotations

import random
from datetime import date

import pytest

from receivables.cells import CellError, load_functions

SPECS = load_functions()
DAYS = [46295.0, 46295.75, "2026-09-30", date(2026, 9, 30), None, "", "soon", 0.0, -1.0]
FLAGS = [True, False, 1.0, 0.0, 1, 0, "1", "TRUE", "x", None]
ERROR = CellError("#N/A", "no data")


def picked(choices, rows: int = 400) -> list:
    drawn = random.Random(len(choices))
    return [drawn.choice(choices) for _ in range(rows)]


@pytest.mark.parametrize("days", [DAYS, [*DAYS, ERROR], [*DAYS, True, 1], [46295.0], [None]])
@pytest.mark.parametrize("shape", ["column", "row", "flat"])
def test_a_long_column_is_its_cells(days, shape) -> None:
    column = picked(days)
    expected = [SPECS["AGING_DAYS"].call([day], 46326.0)[0] for day in column]
    given = {"column": [[day] for day in column], "row": [column], "flat": column}[shape]
    found = SPECS["AGING_DAYS"].call(given, 46326.0)
    if shape != "flat":
        found = [cell for row in found for cell in row]
    assert found == expected


def test_two_columns_and_a_range_of_one_cell() -> None:
    days, terms = picked([46295.0, None]), picked([30.0, None, 14.0])
    found = SPECS["AGING_DAYS"].call(
        [[day] for day in days], [[46326.0]], [[46265.0]], [[term] for term in terms]
    )
    pairs = zip(days, terms, strict=True)
    expected = [SPECS["AGING_DAYS"].call([day], 46326.0, 46265.0, [term]) for day, term in pairs]
    assert [row[0] for row in found] == [answer[0] for answer in expected]


def test_true_and_one_are_kept_apart() -> None:
    """They are equal to Python and would share an answer, were repeats looked for among them."""
    column = picked(FLAGS)
    spec = SPECS["DSO"]
    expected = [spec.call(-5.0, 10.0, 30.0, [flag])[0] for flag in column]
    assert spec.call(-5.0, 10.0, 30.0, column) == expected
    amounts = picked([True, 1.0, 2.0])
    assert spec.call(amounts, 10.0, 30.0) == [spec.call([a], 10.0, 30.0)[0] for a in amounts]


def test_a_column_of_blanks_stays_blank() -> None:
    assert SPECS["AGING_DAYS"].call([[None]] * 300, [[46326.0]]) == [[None]] * 300
