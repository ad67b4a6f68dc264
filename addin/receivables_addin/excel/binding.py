"""The module xlwings serves: one function per declared cell function, made from the registry."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from receivables.cells import CellError, FunctionSpec, load_functions
from receivables_addin.excel.cellvalues import from_excel, to_excel
from receivables_addin.excel.pro import import_xlwings
from receivables_addin.excel.wrapper import category

xw = import_xlwings()

from xlwings.conversion import Accessor, Pipeline  # noqa: E402 - only after the block of its pro part

log = logging.getLogger(__name__)


def _read(context: Any) -> None:
    value = context.value if context.range is None else context.range.raw_value
    context.value = from_excel(value)


class Cells(Accessor):  # type: ignore[misc]
    """xlwings' conversion of our arguments and answers: one step in, none out."""

    _reading = Pipeline([_read])
    _writing = Pipeline()

    @classmethod
    def reader(cls, options: Any) -> Pipeline:
        """One step for every argument."""
        del options
        return cls._reading

    @classmethod
    def writer(cls, options: Any) -> Pipeline:
        """Nothing: the answer is made ready in `bound`, where a fault can still become an error."""
        del options
        return cls._writing


def _read_column(context: Any) -> None:
    _read(context)
    if not isinstance(context.value, (tuple, list)):
        context.value = [[context.value]]


class Column(Cells):
    """A required column: a range of one cell is a column of one row, also where it is blank.

    Excel hands over a single cell without its shape. For an optional column a blank one is left out.
    """

    _reading = Pipeline([_read_column])


def bound(spec: FunctionSpec) -> Callable[..., Any]:
    """The function of a spec as xlwings serves it: signature, help and conversion of its own."""

    def answer(*cells: Any) -> list[list[Any]]:
        try:
            return to_excel(spec.call(*cells), com_date)
        except Exception as fault:
            # a bug costs its own cell; an exception would look to VBA as if Python were gone
            log.exception("%s failed", spec.name)
            return to_excel(CellError("#VALUE!", f"{spec.name} failed: {fault!r}"), com_date)

    answer.__name__ = answer.__qualname__ = spec.name
    answer.__doc__ = spec.summary
    answer.__signature__ = signature(spec)  # type: ignore[attr-defined]
    function: Callable[..., Any] = answer
    for arg in reversed(spec.args):
        kind = Column if arg.required and arg.type.shape == "column" else Cells
        function = xw.arg(arg.name, kind, doc=arg.help)(function)
    return xw.func(xw.ret(Cells)(function), category=category(spec))  # type: ignore[no-any-return]


def signature(spec: FunctionSpec) -> inspect.Signature:
    """Names and defaults as xlwings reads them; what is left out arrives as None, a blank."""
    last = spec.args[-1] if spec.varargs else None
    return inspect.Signature(
        [
            inspect.Parameter(
                arg.name,
                inspect.Parameter.VAR_POSITIONAL
                if arg is last
                else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if arg.required or arg is last else None,
            )
            for arg in spec.args
        ]
    )


@cache
def com_date(day: date) -> Any:
    """A date as xlwings hands it to COM."""
    return xw.engines["excel"].impl.prepare_xl_data_element(day, {})


globals().update({spec.name: bound(spec) for spec in load_functions().values()})
