"""What Excel hands over and takes back, cell by cell: errors, dates, currency, blanks, shapes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from receivables.cells import CellError

Com = Callable[[date], Any]
"""Makes a date what COM takes: a moment with a time zone."""

MARK = "\x01"
"""Starts a text that the VBA wrapper reads: E = error, T = a text that begins so, F = has errors."""

MISSING = -2147352572
"""DISP_E_PARAMNOTFOUND: an argument left out."""

_ERROR_BASE = -2146828288
_ERROR_LAST = _ERROR_BASE + 0xFFFF
NUMBERS = {
    "#NULL!": 2000,
    "#DIV/0!": 2007,
    "#VALUE!": 2015,
    "#REF!": 2023,
    "#NAME?": 2029,
    "#NUM!": 2036,
    "#N/A": 2042,
    "#GETTING_DATA": 2043,
    "#SPILL!": 2045,
    "#CONNECT!": 2046,
    "#BLOCKED!": 2047,
    "#UNKNOWN!": 2048,
    "#FIELD!": 2049,
    "#CALC!": 2050,
}
"""Excel's xlErr numbers; in a variant they stand on 0x800A0000."""

CODES = {_ERROR_BASE + number: code for code, number in NUMBERS.items()}

_AS_IS = {float, str, bool, type(None)}
_CLEAN = {float, str, bool}


def from_excel(value: Any) -> Any:
    """The value of an argument as the functions read it; a range stays rows, a row one row.

    >>> from_excel(-2146826246), from_excel(Decimal("12.5000")), from_excel(((1.0, None),))
    (CellError(code='#N/A', why=''), 12.5, ((1.0, None),))
    """
    if type(value) in _AS_IS:
        return value
    if not isinstance(value, (tuple, list)):
        return _cell(value)
    # a row that is written in the formula, {1,2}, comes as one flat array
    rows = value if not value or isinstance(value[0], (tuple, list)) else (value,)
    if _AS_IS.issuperset(map(type, chain.from_iterable(rows))):
        return rows
    return [[cell if type(cell) in _AS_IS else _cell(cell) for cell in row] for row in rows]


def to_excel(answer: Any, com_date: Com) -> list[list[Any]]:
    r"""An answer as rows for COM; only if there are errors, a first row says so and cells are marked.

    >>> to_excel(CellError("#N/A", "no due date"), date.isoformat)
    [['\x01E2042']]
    >>> to_excel([[1.0], [None], [CellError("#NUM!")]], date.isoformat)
    [['\x01F'], [1.0], [''], ['\x01E2036']]
    """
    rows = _rows(answer)
    kinds = set(map(type, chain.from_iterable(rows)))
    if len(rows) == 1 and len(rows[0]) == 1:
        return [[_marked(rows[0][0], com_date)]]
    first = rows[0][0]
    if CellError in kinds or (type(first) is str and first[:1] == MARK):
        flag = [f"{MARK}F", *[""] * (len(rows[0]) - 1)]
        return [flag, *([_marked(cell, com_date) for cell in row] for row in rows)]
    if _CLEAN.issuperset(kinds):
        return rows
    return [[c if type(c) in _CLEAN else _variant(c, com_date) for c in row] for row in rows]


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.hour or value.minute or value.second or value.microsecond
        # COM's dates carry a time zone that means nothing: the cell shows what it shows
        return value.replace(tzinfo=None) if moment else date(value.year, value.month, value.day)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, date):
        return value
    return CellError("#VALUE!", "Excel handed over something that is not the value of a cell.")


def _whole(value: int) -> Any:
    # a number in a cell comes as float: an int is an error, an omitted argument or VBA's own number
    if value == MISSING:
        return None
    if _ERROR_BASE <= value <= _ERROR_LAST:
        return CellError(CODES.get(value, "#VALUE!"))
    return float(value)


def _rows(answer: Any) -> list[list[Any]]:
    if type(answer) is not list:
        return [[answer]]
    if not answer:
        return [[None]]
    if type(answer[0]) is not list:
        return [[cell] for cell in answer]
    widths = set(map(len, answer))
    if len(widths) == 1 and widths != {0}:
        return answer
    width = max(*widths, 1)
    return [[*row, *[None] * (width - len(row))] for row in answer]


def _marked(cell: Any, com_date: Com) -> Any:
    if type(cell) is CellError:
        return f"{MARK}E{NUMBERS.get(cell.code, NUMBERS['#VALUE!'])}"
    if type(cell) is str:
        return f"{MARK}T{cell}" if cell[:1] == MARK else cell
    return _variant(cell, com_date)


def _variant(cell: Any, com_date: Com) -> Any:
    if cell is None:
        # a blank would show as 0
        return ""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, (int, Decimal)):
        # Excel refuses VBA's 64-bit whole numbers
        return float(cell)
    return com_date(cell) if isinstance(cell, date) else cell
