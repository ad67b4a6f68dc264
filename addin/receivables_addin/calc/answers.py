"""From a call of the office to its answer: ranges in the shape a function wants, dates of the document."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from itertools import count
from typing import Any

from receivables.cells import REGISTRY, CellError, FunctionSpec
from receivables.cells.spec import ArgSpec
from receivables.cells.types import for_cell
from receivables.errors import BadValueError
from receivables_addin.calc.protocol import (
    NUMBERS,
    Call,
    Range,
    numbers_of,
    pack_answer,
    read_call,
)  # fmt: skip

LOGGED_FAULTS = 100
"""Faults of ours that are written to the log of one process."""

DAYS_KEPT = 4096
"""Dates read from numbers that are kept: due dates repeat, and every row names the same as-of date."""

Prepared = Callable[[bytes], bytes]
"""Answers a frame of numbers for one function and so many arguments."""

MIXED = -(2**31)
"""In place of a shift: the open workbooks do not count from the same day."""

_faults = count()
_prepared: dict[tuple[bytes, int], Prepared] = {}
_DATES = {"date", "dates"}
_FLAT = {"column", "list"}
"""Shapes that take the cells of a range without asking for rows."""


def answer_frame(frame: bytes) -> bytes:
    """The frame that answers a frame.

    Raises:
        FrameError: it is none of ours.
    """
    if frame[4] != NUMBERS or len(frame) < 10:
        return answer(read_call(frame))
    key = (frame[5 : 10 + frame[9]], len(frame))
    found = _prepared.get(key)
    if found is None:
        # a stranger to the registry is not kept: only so many names exist
        return answer(prepare(key, read_call(frame)))
    return found(frame)


def prepare(key: tuple[bytes, int], call: Call) -> Call:
    """Keep what the next call of this function with as many numbers needs; the call itself goes on."""
    spec = REGISTRY.get(call.name)
    if spec is not None and not call.shift:
        # a required argument is missing, or there are too many: the usual way says so
        with suppress(BadValueError):
            _prepared[key] = numbers_to(spec, len(call.args))
    return call


def numbers_to(spec: FunctionSpec, given: int) -> Prepared:
    """How to call a function with so many numbers, without asking of each what it is.

    Whatever is not plainly a number with a value, and whatever goes wrong, goes the usual way, which
    finds the words for it; the function has no side effects, so it may be asked twice.
    """
    if given > len(spec.args):
        raise BadValueError("further arguments repeat the last")
    spec.check_given(given)
    args, function = spec.args[:given], spec.function
    rest = [arg.default for arg in spec.args[given:]]
    readers = [_reader(arg) for arg in args]
    blanks = any(arg.type.zero_is_blank for arg in args)
    unpack, place = numbers_of(given), 10 + len(spec.name)

    def call(frame: bytes) -> bytes:
        numbers = unpack(frame, place)
        total = sum(numbers)
        if total == total and not (blanks and 0.0 in numbers):  # noqa: PLR0124
            try:
                values = [read(number) for read, number in zip(readers, numbers, strict=True)]
                return pack_answer(for_cell(function(*values, *rest)))
            except Exception:  # noqa: BLE001, S110 - told below
                pass
        return answer(read_call(frame))

    return call


def _reader(arg: ArgSpec) -> Callable[[float], Any]:
    return lru_cache(DAYS_KEPT)(arg.read) if arg.type.name == "date" else arg.read


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
    if call.shift == MIXED:
        if _may_hold_dates(spec):
            return pack_answer(_UNTOLD)
        call.shift = 0
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


def _may_hold_dates(spec: FunctionSpec) -> bool:
    kinds = [spec.result.type, *(arg.type for arg in spec.args)]
    return any(kind.name in _DATES or kind.shape == "table" for kind in kinds)


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
_UNTOLD = CellError(
    "#VALUE!",
    "The open workbooks do not count days from the same date, so a date cannot be told. Close the others, "
    "then recalculate with Ctrl+Shift+F9.",
)
