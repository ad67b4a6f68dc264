"""The types a cell function may declare, and how each is read from cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from receivables.cells import coerce
from receivables.cells.faults import CellError


@dataclass(frozen=True, slots=True)
class CellType:
    """How the values of one argument are read.

    `shape` is `scalar` (a range maps the function over its rows), `list` (a text, or a range taken
    as one value), `column` (a whole range of one type) or `table` (a range with headings).
    `one_value` says of a range given for a scalar, and of the arguments behind it, whether it is
    one value after all: the factors of a customer in place of the first of them.
    """

    name: str
    shape: str
    read: Callable[[Any], Any]
    zero_is_blank: bool = False
    one_value: Callable[[Any, Sequence[Any]], bool] | None = None

    def maps(self, cells: Any, following: Sequence[Any]) -> bool:
        """Whether a range of this type calls the function once per row."""
        if self.shape != "scalar":
            return False
        return self.one_value is None or not self.one_value(cells, following)


@dataclass(frozen=True, slots=True)
class Arg:
    """Help and unit of an argument or of the result; `choices` names a set of `options.csv`."""

    help: str
    unit: str = ""
    choices: str = ""


DAY = CellType("date", "scalar", coerce.to_day, zero_is_blank=True)
TEXT = CellType("text", "scalar", coerce.to_text)
NUMBER = CellType("number", "scalar", coerce.to_number)
WHOLE = CellType("whole", "scalar", coerce.to_whole)
AMOUNT = CellType("amount", "scalar", coerce.to_amount)
FLAG = CellType("flag", "scalar", coerce.to_flag)
CHOICE = CellType("choice", "scalar", coerce.to_text)
LIST = CellType("list", "list", coerce.to_list)
DAYS = CellType("dates", "column", coerce.column(coerce.to_day, zero_is_blank=True))
AMOUNTS = CellType("amounts", "column", coerce.column(coerce.to_amount))
NUMBERS = CellType("numbers", "column", coerce.column(coerce.to_number))
TEXTS = CellType("texts", "column", coerce.column(coerce.to_text))
TABLE = CellType("table", "table", coerce.to_table)

Day = Annotated[date, DAY]
"""One date. 0 is a blank: no ledger is that old, and a formula on an empty cell gives 0."""
Text = Annotated[str, TEXT]
Number = Annotated[float, NUMBER]
Whole = Annotated[int, WHOLE]
Amount = Annotated[Decimal, AMOUNT]
"""Money, read and added exactly."""
Flag = Annotated[bool, FLAG]
Choice = Annotated[str, CHOICE]
"""One of a set of `options.csv`: English, Chinese or its number."""
TextList = Annotated[str | Sequence[object], LIST]
Days = Annotated[list[date | None], DAYS]
Amounts = Annotated[list[Decimal | None], AMOUNTS]
Numbers = Annotated[list[float | None], NUMBERS]
Texts = Annotated[list[str | None], TEXTS]
Table = Annotated[list[list[Any]], TABLE]
"""Rows of a range, headings first."""


def for_cell(value: Any) -> Any:
    """A result as a cell holds it: money as a number, infinity as an error, tables item by item."""
    kind = type(value)
    if kind is Decimal:
        return float(value)
    if kind is float and value - value != 0:
        return CellError("#NUM!", "The result is not a finite number.")
    if kind is list:
        return [for_cell(item) for item in value]
    return value
