"""The worker's side of the wire: calls unpacked to cell values, answers packed by column.

A frame is a length (four bytes, little-endian), a kind (one byte) and its content. The other side is
`receivables_shim.wire`, which runs in the office's Python; the tests hold the two together.
"""

from __future__ import annotations

import json
import struct
import sys
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate, chain
from typing import Any

from receivables.cells import CellError
from receivables.days import EXCEL_1900

PROTOCOL = 2
LARGEST_FRAME = 1 << 30
HIGHEST = 1 << 24
"""Rows of the highest sheet an office can make."""
LONGEST_TEXT = 32_767
"""Characters a cell of Excel holds; a longer text would be lost when the workbook is saved for it."""

CALL, NUMBERS, LOOK, ACTION, PING, ASK, REPLY, DONE = b"CNLAPHRD"
_NUMBER = 0xFFFFFFFF

CODES = {
    "#NULL!": 521, "#DIV/0!": 532, "#VALUE!": 519, "#REF!": 524,
    "#NAME?": 525, "#NUM!": 503, "#N/A": 32767,
}  # fmt: skip
"""Error values and Calc's numbers for them."""

_ERRORS = {number: code for code, number in CODES.items()}
_HEAD = struct.Struct("<I")
_ANSWER_NUMBER = struct.Struct("<Icd")
_ANSWER_TEXT = struct.Struct("<IcI")
_ANSWER_RANGE = struct.Struct("<IcIII")
_CALL = struct.Struct("<5xiB")
_unpack_float = struct.Struct("<d").unpack_from
_unpack_length = struct.Struct("<I").unpack_from
_unpack_range = struct.Struct("<III").unpack_from
_SWAP = sys.byteorder == "big"


class FrameError(ValueError):
    """Bytes that are no frame of ours; the connection is closed."""


@dataclass(slots=True)
class Range:
    """A range as it came: `height` rows in the sheet, of which the blank end was not sent."""

    height: int
    columns: list[list[Any]]

    @property
    def sent(self) -> int:
        """Rows sent."""
        return len(self.columns[0])

    @property
    def cut(self) -> bool:
        """Whether blank rows at the end were left out."""
        return self.sent < self.height

    def restored(self) -> Range:
        """The range in its full height."""
        blank = [None] * (self.height - self.sent)
        return Range(self.height, [column + blank for column in self.columns])

    def rows(self) -> list[list[Any]]:
        """The cells row by row."""
        return list(map(list, zip(*self.columns, strict=True)))


@dataclass(slots=True)
class Call:
    """A call read from a frame."""

    name: str
    shift: int
    """Days to add to the document's day numbers."""
    args: list[Any]
    ranges: dict[int, Range]
    """Those of the arguments that are ranges, by position."""


def frame_size(data: bytes) -> int:
    """The size of the frame that begins with these bytes.

    Raises:
        FrameError: it cannot be.
    """
    size = 4 + int.from_bytes(data[:4], "little")
    if not 4 < size <= LARGEST_FRAME + 4 or size < len(data):
        raise FrameError(f"a frame of {size} bytes")
    return size


def read_call(frame: bytes) -> Call:
    """The call in a frame.

    Raises:
        FrameError: it is cut short or holds something unknown.
    """
    try:
        shift, size = _CALL.unpack_from(frame)
        place = 10 + size
        name = str(frame[10:place], "ascii")
        end = len(frame)
        if frame[4] == NUMBERS:
            return Call(name, shift, list(map(_plain, read_numbers(frame, place))), {})
        args: list[Any] = []
        ranges: dict[int, Range] = {}
        while place < end:
            value, place = _argument(frame, place)
            if type(value) is Range:
                ranges[len(args)] = value
            args.append(value)
    except (struct.error, ValueError, IndexError, OverflowError, MemoryError) as fault:
        raise FrameError(str(fault)) from None
    if place != end:
        raise FrameError("a frame that ends too early")
    return Call(name, shift, args, ranges)


def read_numbers(frame: bytes, place: int) -> tuple[float, ...]:
    """The numbers from a place to the end of a frame."""
    count, left = divmod(len(frame) - place, 8)
    if left:
        raise FrameError("a frame that ends too early")
    return numbers_of(count)(frame, place)


@cache
def numbers_of(count: int) -> Callable[[bytes, int], tuple[float, ...]]:
    """The reader of so many numbers."""
    return struct.Struct(f"<{count}d").unpack_from


def _plain(number: float) -> float | CellError:
    return number if number == number else error_of(number)  # noqa: PLR0124


def _argument(frame: bytes, place: int) -> tuple[Any, int]:
    kind = frame[place]
    if kind == 70:  # F
        return _plain(_unpack_float(frame, place + 1)[0]), place + 9
    if kind == 83:  # S
        start = place + 5
        end = start + _unpack_length(frame, place + 1)[0]
        return str(frame[start:end], "utf-8", "surrogatepass"), end
    if kind == 78:  # N
        return None, place + 1
    if kind == 82:  # R
        return _range(frame, place + 1)
    raise FrameError(f"an argument of the unknown kind {kind}")


def error_of(number: float) -> CellError:
    """The error value that Calc hid in a not-a-number.

    >>> error_of(float("nan")).code
    '#NUM!'
    """
    found = struct.unpack("<Q", struct.pack("<d", number))[0] & 0xFFFFFFFF
    if found in _ERRORS:
        return CellError(_ERRORS[found])
    if found:
        return CellError("#VALUE!", f"The cell holds the error Err:{found}.")
    return CellError("#NUM!", "The cell holds a value that is not a number.")


def _range(frame: bytes, place: int) -> tuple[Range, int]:
    height, sent, width = _unpack_range(frame, place)
    if not 0 < sent <= height <= HIGHEST or width < 1 or sent * width > len(frame):
        raise FrameError(f"a range of {height} rows, {sent} sent, and {width} columns")
    place += 12
    columns = []
    for _ in range(width):
        column, place = _column(frame, place, sent)
        columns.append(column)
    return Range(height, columns), place


def _column(frame: bytes, place: int, rows: int) -> tuple[list[Any], int]:
    kind = frame[place]
    if kind == 100:  # d
        return _numbers(frame, place + 1, rows), place + 1 + 8 * rows
    if kind not in {116, 109}:  # t, m
        raise FrameError(f"a column of the unknown kind {kind}")
    texts, place = _texts(frame, place + 1)
    places = _array("I", frame, place, rows)
    place += 4 * rows
    if kind == 116:
        return [texts[item] for item in places], place
    found = places.count(_NUMBER)
    numbers = iter(_numbers(frame, place, found))
    cells = [next(numbers) if item == _NUMBER else texts[item] for item in places]
    return cells, place + 8 * found


def _numbers(frame: bytes, place: int, count: int) -> list[Any]:
    numbers = _array("d", frame, place, count)
    total = sum(numbers)
    if total - total == 0:
        return numbers.tolist()
    return [item if item == item else error_of(item) for item in numbers]  # noqa: PLR0124


def _texts(frame: bytes, place: int) -> tuple[list[str | None], int]:
    count, size = struct.unpack_from("<II", frame, place)
    ends = list(accumulate(_array("I", frame, place + 8, count)))
    start = place + 8 + 4 * count
    blob = str(frame[start : start + size], "utf-8", "surrogatepass")
    if (ends[-1] if ends else 0) != len(blob):
        raise FrameError("a list of texts that does not add up")
    # an empty text of a range is an empty cell
    return [
        blob[begin:end] or None for begin, end in zip([0, *ends], ends, strict=False)
    ], start + size


def _array(kind: str, frame: bytes, place: int, count: int) -> array[Any]:
    found = array(kind)
    data = frame[place : place + count * found.itemsize]
    if len(data) != count * found.itemsize:
        raise FrameError("a frame that ends too early")
    found.frombytes(data)
    if _SWAP:
        found.byteswap()
    return found


def pack_answer(value: Any, cut: int = 0, shift: int = 0) -> bytes:
    """The frame of an answer: a value, a column or rows.

    Args:
        value: what `FunctionSpec.call` gave.
        cut: blank rows that were not sent of the range it was mapped over; they come back blank.
        shift: days that the document's day numbers lie behind ours.
    """
    if type(value) is float:
        return _ANSWER_NUMBER.pack(9, b"F", value)
    if type(value) is str and len(value) <= LONGEST_TEXT:
        return _pack_text(value)
    if type(value) is list:
        return _pack_range(value, cut, shift)
    cell = office_cell(value, shift)
    if type(cell) is float:
        return _ANSWER_NUMBER.pack(9, b"F", cell)
    return _pack_text(str(cell or ""))


def _pack_text(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return _ANSWER_TEXT.pack(5 + len(data), b"S", len(data)) + data


def pack_message(kind: int, message: Mapping[str, Any]) -> bytes:
    """The frame of a JSON message."""
    data = json.dumps(message).encode("ascii")
    return _HEAD.pack(1 + len(data)) + bytes([kind]) + data


def read_message(frame: bytes) -> dict[str, Any]:
    """The JSON message in a frame.

    Raises:
        FrameError: it is none.
    """
    try:
        message = json.loads(frame[5:])
    except (ValueError, RecursionError) as fault:
        raise FrameError(str(fault)) from None
    if not isinstance(message, dict):
        raise FrameError("a message that is no object")
    return message


def office_cell(value: Any, shift: int = 0) -> float | str | None:
    """A cell as the office takes it: a number, a text or nothing.

    >>> office_cell(True), office_cell(date(2026, 10, 31)), office_cell("x")
    (1.0, 46326.0, 'x')
    """
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else error_value("#VALUE!")
    if value is None:
        return None
    if isinstance(value, CellError):
        return error_value(value.code)
    if isinstance(value, date):
        return float((date(value.year, value.month, value.day) - EXCEL_1900).days - shift)
    try:
        return float(value)
    except OverflowError:
        return error_value("#NUM!")


def error_value(code: str) -> float:
    """An error value as Calc takes it; Excel's newer errors, which Calc lacks, are #VALUE!."""
    number = CODES.get(code, CODES["#VALUE!"])
    found: float = struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | number))[0]
    return found


def _pack_range(value: list[Any], cut: int, shift: int) -> bytes:
    rows = len(value)
    columns = _columns(value)
    if not columns:
        return pack_answer("")
    parts = [b""]
    for column in columns:
        _pack_column(parts, column, shift)
    size = 13 + sum(map(len, parts))
    parts[0] = _ANSWER_RANGE.pack(size, b"R", rows + cut, rows, len(columns))
    return b"".join(parts)


def _columns(value: list[Any]) -> list[list[Any]]:
    """Columns of an answer; short rows of a table are filled up with blanks."""
    if list not in set(map(type, value)):
        return [value] if value else []
    width = max(map(len, value))
    if any(len(row) != width for row in value):
        value = [[*row, *[None] * (width - len(row))] for row in value]
    cells = list(chain.from_iterable(value))
    return [cells[column::width] for column in range(width)]


def _pack_column(parts: list[bytes], cells: list[Any], shift: int) -> None:
    if set(map(type, cells)) != {float}:
        cells = [_cell_of_range(cell, shift) for cell in cells]
    texts = {text: place for place, text in enumerate(dict.fromkeys(filter(_is_text, cells)))}
    if not texts:
        parts += [b"d", _little(array("d", cells))]
        return
    places = array("I", [texts[c] if type(c) is str else _NUMBER for c in cells])
    numbers = array("d", [cell for cell in cells if type(cell) is float])
    blob = "".join(texts).encode("utf-8", "surrogatepass")
    parts.append(b"m" if numbers else b"t")
    parts += [
        struct.pack("<II", len(texts), len(blob)),
        _little(array("I", map(len, texts))),
        blob,
    ]
    parts += [_little(places), _little(numbers)]


def _is_text(cell: object) -> bool:
    return type(cell) is str


def _cell_of_range(value: Any, shift: int) -> float | str:
    cell = office_cell(value, shift)
    return "" if cell is None else cell


def _little(found: array[Any]) -> bytes:
    if _SWAP:
        found.byteswap()
    return found.tobytes()
