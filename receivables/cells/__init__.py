"""The one declaration of a cell function: types, units, help, and the call every host makes."""

from __future__ import annotations

from receivables.cells.declare import DeclarationError, cell
from receivables.cells.faults import CellError
from receivables.cells.spec import (
    REGISTRY,
    ArgSpec,
    FunctionSpec,
    find_function,
    load_functions,
)
from receivables.cells.types import (
    Amount,
    Amounts,
    Arg,
    Choice,
    Day,
    Days,
    Flag,
    Number,
    Numbers,
    Table,
    Text,
    TextList,
    Texts,
    Whole,
)

__all__ = [
    "REGISTRY",
    "Amount",
    "Amounts",
    "Arg",
    "ArgSpec",
    "CellError",
    "Choice",
    "Day",
    "Days",
    "DeclarationError",
    "Flag",
    "FunctionSpec",
    "Number",
    "Numbers",
    "Table",
    "Text",
    "TextList",
    "Texts",
    "Whole",
    "cell",
    "find_function",
    "load_functions",
]
