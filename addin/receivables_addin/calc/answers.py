"""From a call of the office to its answer: ranges in the shape a function wants, dates of the document."""

from __future__ import annotations

import sys
import traceback
from itertools import count
from typing import Any

from receivables.cells import REGISTRY, CellError, FunctionSpec
from receivables_addin.calc.protocol import Call, Range, pack_answer

LOGGED_FAULTS = 100
"""Faults of ours that are written to the log of one process."""

_faults = count()
_DATES = {"date", "dates"}
_FLAT = {"column", "list"}
"""Shapes that take the cells of a range without asking for rows."""


def answer(call: Call) -> bytes:
    """The frame with the answer. A fault of ours is an error value, and a line in the log."""
    spec = REGISTRY.get(call.name)
    if spec is None:
        return pack_answer(CellError("#NAME?"))
    try:
        if not call.ranges and not call.shift:
            return pack_answer(spec.call(*call.args))
        return _over_ranges(spec, call)
    except Exception:  # noqa: BLE001 - one bad call must not end the process of all the others
        # a column of a million faulty cells must not fill the disk
        if next(_faults) < LOGGED_FAULTS:
            traceback.print_exc(file=sys.stderr)
        return pack_answer(CellError("#VALUE!"))


def _over_ranges(spec: FunctionSpec, call: Call) -> bytes:
    if call.shift and any(arg.type.shape == "table" for arg in spec.args):
        return pack_answer(_REFUSED)
    args = list(call.args)
    mapped = [item for at, item in call.ranges.items() if _shape(spec, at) == "scalar"]
    flat = {*_FLAT, "scalar"} if all(len(item.columns) == 1 for item in mapped) else _FLAT
    for at, item in _in_full(spec, call.ranges).items():
        kind = spec.arg(at).type
        single = len(item.columns) == 1 and kind.shape in flat and kind.one_value is None
        args[at] = item.columns[0] if single else item.rows()
    if call.shift:
        args = [_moved(spec, at, item, call.shift) for at, item in enumerate(args)]
    cut = max((item.height - item.sent for item in mapped), default=0)
    return pack_answer(spec.call(*args), cut, call.shift)


def _in_full(spec: FunctionSpec, ranges: dict[int, Range]) -> dict[int, Range]:
    """Ranges whose blank end was cut, whole again where they stand beside a range of other height.

    Cut at their last row, A:A with a heading and B2:B10 would have nine cells each and be taken for
    partners, one row apart. A table does not mind: its blank end falls away anyway.
    """
    heights = {
        item.height
        for at, item in ranges.items()
        if _shape(spec, at) in {"scalar", "column"} and item.height > 1
    }
    if len(heights) < 2:
        return ranges
    return {
        at: item.restored() if item.cut and _shape(spec, at) != "table" else item
        for at, item in ranges.items()
    }


def _shape(spec: FunctionSpec, at: int) -> str:
    return spec.arg(at).type.shape


def _moved(spec: FunctionSpec, at: int, value: Any, shift: int) -> Any:
    """Day numbers of the document as day numbers from 1899-12-30, where the argument is a date."""
    if spec.arg(at).type.name not in _DATES:
        return value
    if type(value) is list:
        return [_moved(spec, at, item, shift) for item in value]
    return value + shift if type(value) is float and value else value


_REFUSED = CellError(
    "#VALUE!",
    "This document does not count days from 1899-12-30, so the dates in a table cannot be told. "
    "Change it under Tools, Options, Calc, Calculate, Date.",
)
