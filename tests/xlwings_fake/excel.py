"""A cell of Excel: what the VBA wrapper sends to Python for a formula, and what the cell then shows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import ModuleType
from typing import Any

from receivables_addin.excel.cellvalues import MARK

from receivables.cells import ArgSpec, find_function
from tests.xlwings_fake import pywin32

MODULE = "receivables_addin.excel.binding"
MISSING = -2147352572
SCODES = {
    "#DIV/0!": -2146826281, "#N/A": -2146826246, "#NAME?": -2146826259, "#NULL!": -2146826288,
    "#NUM!": -2146826252, "#REF!": -2146826265, "#VALUE!": -2146826273, "#SPILL!": -2146826243,
    "#CALC!": -2146826238,
}  # fmt: skip
"""Errors as COM delivers them, as measured; xlwings itself knows the first seven."""

CVERR = {number + 2146828288: code for code, number in SCODES.items()}
"""What CVErr makes of a number."""

FIRST_DAY = dt.date(1899, 12, 30)
DATED = {"date", "dates", "table"}
MONEY = {"amount", "amounts"}


def com_date(day: dt.date) -> pywin32.TimeType:
    """A date cell as Range.Value hands it over."""
    return pywin32.TimeType(day.year, day.month, day.day, tzinfo=dt.UTC)


class ComObject:
    """An object of Excel with the members that xlwings asks for; any other raises."""

    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)

    def __getattr__(self, member: str) -> Any:
        raise pywin32.NotFakedError(f"the fake of Excel has no {member}")


def com_range(value: Any) -> ComObject:
    """A range of the first sheet."""
    rows, columns = (len(value), len(value[0])) if isinstance(value, tuple) else (1, 1)
    book = ComObject(Application=ComObject(Hwnd=1))
    return ComObject(
        _oleobj_=pywin32.PyIDispatch(pywin32.RANGE),
        Value=value,
        Worksheet=ComObject(Parent=book),
        Row=1,
        Column=1,
        Rows=ComObject(Count=rows),
        Columns=ComObject(Count=columns),
    )


class Excel:
    """Types a formula into a cell. `delivery` says how ranges reach Python.

    value2: numbers and serials, as our VBA sends them; value: dates and currency as COM has them,
    which a workbook that counts from 1904 sends; range: the object itself, as xlwings' VBA would.
    """

    def __init__(self, com_server: ModuleType, delivery: str = "value2") -> None:
        self.python = com_server.XLPython()
        self.delivery = delivery

    def formula(self, name: str, *arguments: Any) -> Any:
        """What the cell shows; arguments are given in the JSON form of the case tables."""
        spec = find_function(name)
        given = [self.argument(value, spec.arg(index)) for index, value in enumerate(arguments)]
        left_out = [MISSING] * (len(spec.args) - len(given) - spec.varargs)
        return self.call(name, *given, *left_out)

    def call(self, name: str, *given: Any) -> Any:
        """What the cell shows for values as COM delivers them."""
        return shown(self.python.CallUDF(MODULE, name, tuple(given)))

    def argument(self, value: Any, arg: ArgSpec) -> Any:
        """A value of a case as a cell or a range of cells hands it over."""
        if not isinstance(value, list):
            return self.cell(value, arg)
        rows = [row if isinstance(row, list) else [row] for row in value]
        cells = tuple(tuple(self.cell(cell, arg) for cell in row) for row in rows)
        if len(cells) == 1 and len(cells[0]) == 1:
            cells = cells[0][0]
        return com_range(cells) if self.delivery == "range" and cells else cells

    def cell(self, value: Any, arg: ArgSpec) -> Any:
        """One value as a variant."""
        if isinstance(value, dict):
            return SCODES[value["error"]]
        if isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if isinstance(value, str) and arg.type.name in DATED and (day := day_of(value)):
            return float((day - FIRST_DAY).days) if self.delivery == "value2" else com_date(day)
        if isinstance(value, float) and arg.type.name in MONEY and self.delivery == "value":
            return currency(value)
        return value


def day_of(text: str) -> dt.date | None:
    """The date an accountant's typing of this text makes of the cell."""
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def currency(value: float) -> Decimal | float:
    """A currency cell: four decimals, where they hold the value."""
    rounded = Decimal(repr(value)).quantize(Decimal("0.0001"))
    return rounded if float(rounded) == value else value


def shown(answer: Any) -> Any:
    """What Excel shows of what CallUDF gave, in JSON form: the twin of ReceivablesValues.bas."""
    if not isinstance(answer, list):
        return one(answer)
    rows = answer if isinstance(answer[0], list) else [answer]
    if rows[0][0] == f"{MARK}F":
        return [[one(cell) for cell in row] for row in rows[1:]]
    assert not any(isinstance(cell, str) and cell.startswith(MARK) for row in rows for cell in row)
    return [[one(cell) for cell in row] for row in rows]


def one(variant: Any) -> Any:
    """One cell in JSON form; whatever is not a type that COM and Excel know fails here."""
    if type(variant) is str and variant.startswith(f"{MARK}E"):
        return {"error": CVERR[int(variant[2:])]}
    if type(variant) is str:
        return variant.removeprefix(f"{MARK}T") or None
    if isinstance(variant, dt.datetime):
        assert variant.tzinfo is not None, "pywin32 needs a time zone"
        return variant.date().isoformat()
    assert type(variant) in {float, bool}, f"{variant!r} is nothing that a cell holds"
    return variant


def as_cells(expected: Any, result: Any) -> Any:
    """An expected value in the form a cell has: no empty text; a flat list lies as the range did."""
    if isinstance(expected, list):
        if expected and not isinstance(expected[0], list) and isinstance(result, list):
            wide = len(result) == 1 and len(expected) > 1
            return [[clean(cell) for cell in expected]] if wide else [[clean(c)] for c in expected]
        return [as_cells(item, None) for item in expected]
    return clean(expected)


def clean(value: Any) -> Any:
    """Blank is blank, however it is written."""
    if isinstance(value, dict):
        return {"error": value["error"]}
    return None if value == "" else value


def squeezed(rows: Any) -> Any:
    """A range of one cell is that cell."""
    one_row = isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], list)
    return rows[0][0] if one_row and len(rows[0]) == 1 else rows
