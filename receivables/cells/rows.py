"""Map a one-row function over ranges: column in, column out; a fault marks its own row only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from receivables.cells.coerce import flat
from receivables.cells.faults import CellError, IncomingError
from receivables.cells.types import for_cell
from receivables.errors import BadValueError, ReceivablesError

if TYPE_CHECKING:
    from receivables.cells.spec import ArgSpec, FunctionSpec

Shape = tuple[int, int]
Ranges = dict[int, list[Any]]

MANY = 100
"""Rows from which it pays to look for rows that repeat."""

_COMPARABLE = {float, str, type(None), date}
"""Types of which equal values read alike: TRUE equals 1 but is another answer."""


def over_rows(spec: FunctionSpec, cells: Sequence[Any], mapped: Sequence[int]) -> list[Any]:
    """Call a function once per row of the ranges at the positions `mapped`; the rest is constant.

    A row whose ranges are all blank gives a blank. Ranges of one cell serve every row.

    Raises:
        BadValueError: ranges of different size.
    """
    ranges = {index: flat(cells[index]) for index in mapped}
    like = _common_shape(spec, {index: cells[index] for index in mapped})
    count = max(map(len, ranges.values()))
    spec.check_given(len(cells))
    varying = [index for index, found in ranges.items() if len(found) == count]
    return _shaped(_once_per_row(spec, cells, ranges, varying), like)


def _once_per_row(
    spec: FunctionSpec, cells: Sequence[Any], ranges: Ranges, varying: Sequence[int]
) -> list[Any]:
    """Answers of all rows; where rows repeat, as due dates do, each different row is asked once."""
    columns = [ranges[index] for index in varying]
    count = len(columns[0])
    if count < MANY or not _COMPARABLE.issuperset(map(type, chain.from_iterable(columns))):
        return _over(spec, cells, ranges, varying)
    rows = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
    different = list(dict.fromkeys(rows))
    if len(different) > count // 2:
        return _over(spec, cells, ranges, varying)
    few = [different] if len(columns) == 1 else list(map(list, zip(*different, strict=True)))
    asked = {**ranges, **dict(zip(varying, few, strict=True))}
    answers = dict(zip(different, _over(spec, cells, asked, varying), strict=True))
    return [answers[row] for row in rows]


def _over(
    spec: FunctionSpec, cells: Sequence[Any], ranges: Ranges, varying: Sequence[int]
) -> list[Any]:
    count = len(ranges[varying[0]])
    constants = {
        index: spec.arg(index).value(cell)
        for index, cell in enumerate(cells)
        if index not in ranges
    }
    columns: list[Any] = [
        repeat(constants[index])
        if index in constants
        else _read(spec.arg(index), ranges[index], count)
        for index in range(len(cells))
    ]
    columns += [repeat(arg.default) for arg in spec.args[len(cells) :]]
    blanks = _blank_rows([(spec.arg(index), ranges[index]) for index in varying], count)
    marked = any(
        type(cell) is CellError for column in columns if type(column) is list for cell in column
    )
    table = zip(blanks, *columns, strict=False)
    return _answers(spec, table, marked=marked)


def shape_of(value: Sequence[Any]) -> Shape | None:
    """Rows and columns of a range given as rows; None for a flat list, which fits either way.

    >>> shape_of([[1], [2]]), shape_of([1, 2])
    ((2, 1), None)
    """
    kinds = set(map(type, value))
    if not kinds & {list, tuple}:
        return None
    if kinds <= {list, tuple}:
        widths = set(map(len, value))
    else:
        widths = {len(row) if isinstance(row, (list, tuple)) else 1 for row in value}
    if len(widths) != 1:
        raise BadValueError("The rows of a range differ in length.")
    return len(value), widths.pop()


def _common_shape(spec: FunctionSpec, ranges: dict[int, Sequence[Any]]) -> Shape | None:
    shapes = {index: shape_of(value) for index, value in ranges.items()}
    sizes = {index: len(flat(value)) for index, value in ranges.items()}
    largest = max(sizes, key=lambda index: sizes[index])
    for index, size in sizes.items():
        if size == 0:
            raise BadValueError(f"{spec.arg(index).name}: the range is empty.")
        if size not in (1, sizes[largest]) or _crossed(shapes[index], shapes[largest], size):
            raise BadValueError(
                f"{spec.arg(index).name} has {_dims(shapes[index], size)}, {spec.arg(largest).name} has "
                f"{_dims(shapes[largest], sizes[largest])}. Give ranges of the same size."
            )
    known = [shapes[index] for index, size in sizes.items() if size == sizes[largest]]
    return next((shape for shape in known if shape), None)


def _crossed(one: Shape | None, other: Shape | None, size: int) -> bool:
    return size > 1 and one is not None and other is not None and one != other


def _dims(shape: Shape | None, size: int) -> str:
    return f"{shape[0]} × {shape[1]} cells" if shape else f"{size} cells"


def _read(arg: ArgSpec, cells: list[Any], count: int) -> list[Any]:
    values = [_value(arg, cell) for cell in cells]
    return values * count if len(values) == 1 else values


def _value(arg: ArgSpec, cell: Any) -> Any:
    try:
        return arg.value(cell)
    except IncomingError as fault:
        return fault.error
    except ReceivablesError as fault:
        return CellError(fault.cell, str(fault))


def _blank_rows(ranges: list[tuple[ArgSpec, list[Any]]], count: int) -> list[bool]:
    blanks = [True] * count
    for arg, cells in ranges:
        blanks = [blank and arg.is_blank(cell) for blank, cell in zip(blanks, cells, strict=True)]
    return blanks


def _answers(spec: FunctionSpec, table: Iterable[Sequence[Any]], *, marked: bool) -> list[Any]:
    function = spec.function
    found: list[Any] = []
    for blank, *row in table:
        error = next((cell for cell in row if type(cell) is CellError), None) if marked else None
        if blank or error:
            found.append(None if blank else error)
            continue
        try:
            found.append(function(*row))
        except ReceivablesError as fault:
            found.append(CellError(fault.cell, str(fault)))
    return [for_cell(value) for value in found]


def _shaped(results: list[Any], like: Shape | None) -> list[Any]:
    if like is None:
        return results
    height, width = like
    if width == 1:
        return [[result] for result in results]
    return [results[row * width : (row + 1) * width] for row in range(height)]
