"""The case tables as an accountant would type them: arguments in cells or in the formula, one sheet."""

import contextlib
import json
import math
import re
from dataclasses import dataclass, field
from datetime import date

from receivables.cells import REGISTRY
from receivables.days import EXCEL_1900

ISO = re.compile(r"\d{4}-\d\d-\d\d")
ERROR_FORMULAS = {
    "#N/A": "=NA()",
    "#DIV/0!": "=1/0",
    "#VALUE!": '=1+"x"',
    "#NUM!": "=10^999",
    "#REF!": '=INDIRECT("none.A1")',
    "#NAME?": "=NOSUCHNAME()",
    "#NULL!": "=A1!B2",
}
ERROR_NUMBERS = {
    "#NULL!": 521,
    "#DIV/0!": 532,
    "#VALUE!": 519,
    "#REF!": 524,
    "#NAME?": 525,
    "#NUM!": 503,
    "#N/A": 32767,
}
ILLEGAL_PARAMETER = 504
ARGUMENTS, RESULTS = "Arguments", "Results"


@dataclass
class Typed:
    """What has to be typed for some cases, and where their answers will stand."""

    blocks: list = field(default_factory=list)
    argument_formulas: list = field(default_factory=list)
    formulas: list = field(default_factory=list)
    places: list = field(default_factory=list)
    row: int = 0
    result_row: int = 0

    def add(self, number: int, case: dict[str, str]) -> None:
        """Type one case; every second one has its single values in the formula itself."""
        spec = REGISTRY[case["function"]]
        values = json.loads(case["arguments"])
        pieces, height = [], 1
        for index, given in enumerate(values):
            kind = spec.arg(index).type
            lying = kind.shape == "table"
            value = as_rows(given, lying=lying) if isinstance(given, list) else given
            height = max(height, len(value) if isinstance(value, list) else 1)
            dates = kind.name in {"date", "dates", "table"}
            pieces.append(self.argument(value, 30 * index, dates=dates, literal=bool(number % 2)))
        self.row += height + 1
        size = shape(json.loads(case["expected"]))
        text = f"={spec.name}({';'.join(pieces)})"
        self.formulas.append([self.result_row, 0, text, size])
        rows, columns = size or [1, 1]
        self.places.append([self.result_row, 0, rows + bool(size), columns + bool(size)])
        if size:
            # one row and one column more show that the answer is not larger than expected
            self.formulas[-1][3] = [rows + 1, columns + 1]
        self.result_row += rows + 2

    def argument(self, value, column: int, *, dates: bool, literal: bool) -> str:
        if value is None:
            return ""
        if isinstance(value, list):
            return self.range(value, column, dates=dates)
        if isinstance(value, dict):
            self.argument_formulas.append([self.row, column, ERROR_FORMULAS[value["error"]], None])
        elif literal:
            return typed(value, dates=dates)
        elif isinstance(value, bool) or value == "":
            self.argument_formulas.append(
                [self.row, column, f"={typed(value, dates=False)}", None]
            )
        else:
            self.blocks.append([self.row, column, [[as_cell(value, dates=dates)]]])
        return address(self.row, column)

    def range(self, rows: list[list], column: int, *, dates: bool) -> str:
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, dict):
                    text = ERROR_FORMULAS[cell["error"]]
                elif isinstance(cell, bool):
                    text = f"={typed(cell, dates=False)}"
                else:
                    continue
                self.argument_formulas.append([self.row + i, column + j, text, None])
        plain = [[as_cell(cell, dates=dates) for cell in row] for row in rows]
        self.blocks.append([self.row, column, plain])
        last = address(self.row + len(rows) - 1, column + len(rows[0]) - 1)
        return f"{address(self.row, column)}:{last.rpartition('.')[2]}"


def as_rows(value: list, *, lying: bool = False) -> list[list]:
    """A range: a flat list stands in a column, or lies in a row where a table is wanted.

    A sheet has no smaller range than one blank cell.
    """
    if not value or value == [[]]:
        return [[None]]
    if isinstance(value[0], list):
        return value
    return [value] if lying else [[item] for item in value]


def shape(expected) -> list[int] | None:
    if not isinstance(expected, list):
        return None
    rows = as_rows(expected)
    return [len(rows), len(rows[0])]


def as_cell(value, *, dates: bool):
    if value is None or isinstance(value, (dict, bool)):
        # writing nothing into a range of cells leaves errors, an empty text leaves blanks
        return ""
    if dates and is_day(value):
        return serial(value)
    return value


def is_day(value) -> bool:
    """Whether a text is a day of the calendar; others stay the text they are."""
    if not isinstance(value, str) or not ISO.fullmatch(value):
        return False
    with contextlib.suppress(ValueError):
        return bool(date.fromisoformat(value))
    return False


def serial(text: str) -> float:
    """The number a date cell holds."""
    return float((date.fromisoformat(text) - EXCEL_1900).days)


def typed(value, *, dates: bool) -> str:
    """A value as it stands in a formula."""
    if isinstance(value, bool):
        return "TRUE()" if value else "FALSE()"
    if isinstance(value, str):
        if dates and is_day(value):
            year, month, day = value.split("-")
            return f"DATE({int(year)};{int(month)};{int(day)})"
        return '"' + value.replace('"', '""') + '"'
    return repr(value)


def address(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{ARGUMENTS}.{letters}{row + 1}"


def differs(case: dict[str, str], shown: list[list]) -> str:
    """Why the cells do not show what the case expects; empty where they do."""
    expected = expected_in_calc(case)
    tolerance = float(case["tolerance"] or 0)
    if not isinstance(expected, list):
        good = alike(shown[0][0], expected, tolerance)
        return "" if good else f"{shown[0][0]} is not {expected}"
    rows = as_rows(expected)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if not alike(shown[i][j], cell, tolerance):
                return f"row {i + 1}, column {j + 1}: {shown[i][j]} is not {cell}"
    if rows != as_rows(json.loads(case["expected"])):
        return ""
    beyond = {"error": ERROR_NUMBERS["#N/A"]}
    # Calc repeats an answer of one row or one column over the whole block
    more_rows = len(rows) > 1 and any(cell != beyond for cell in shown[-1])
    more_columns = len(rows[0]) > 1 and any(row[-1] != beyond for row in shown)
    return "the answer is larger than expected" if more_rows or more_columns else ""


def expected_in_calc(case: dict[str, str]):
    """The answer of a case, but for the two places where Calc itself stands in the way (docs/calc.md)."""
    expected = json.loads(case["expected"])
    if any(
        isinstance(value, list) and holds_error(value) for value in json.loads(case["arguments"])
    ):
        # Calc never calls an add-in with an error inside a range
        return {"error": ILLEGAL_PARAMETER}
    one_value = REGISTRY[case["function"]].result.type.shape == "scalar"
    if one_value and isinstance(expected, list) and holds_text(expected):
        # text in an array equals nothing in Calc, so the component refuses it
        return replaced(expected, {"error": "#VALUE!"})
    return expected


def holds_error(value) -> bool:
    if isinstance(value, list):
        return any(map(holds_error, value))
    return isinstance(value, dict)


def holds_text(value) -> bool:
    if isinstance(value, list):
        return any(map(holds_text, value))
    return isinstance(value, str)


def replaced(value, by):
    return [replaced(item, by) for item in value] if isinstance(value, list) else by


def alike(shown, expected, tolerance: float) -> bool:
    if isinstance(expected, dict):
        return shown == {"error": ERROR_NUMBERS.get(expected["error"], expected["error"])}
    if expected is None:
        return shown == ""
    if isinstance(shown, float) and is_day(expected):
        return shown == serial(expected)
    if isinstance(expected, str):
        return shown == expected
    if not isinstance(shown, float):
        return False
    return math.isclose(shown, float(expected), rel_tol=1e-12, abs_tol=tolerance)
