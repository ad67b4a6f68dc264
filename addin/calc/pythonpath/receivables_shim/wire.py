"""The office side of the wire: values as UNO hands them over, packed by column; answers unpacked.

The other side is `receivables_addin.calc.protocol`, which describes the frames.
"""

from __future__ import annotations

import json
import struct
import sys
from array import array
from itertools import accumulate, chain
from typing import Any, Callable, Sequence, Tuple, Union

PROTOCOL = 2
LARGEST_FRAME = 1 << 30
TALL = 1000
"""So many blank rows at the end make a range one of whole columns: they are not sent."""

CALL, NUMBERS, LOOK, ACTION, PING, ASK, REPLY, DONE = b"CNLAPHRD"
NUMBER = 0xFFFFFFFF
"""Stands among the places of texts where the row holds a number."""

CODES = {
    "#NULL!": 521, "#DIV/0!": 532, "#VALUE!": 519, "#REF!": 524,
    "#NAME?": 525, "#NUM!": 503, "#N/A": 32767,
}  # fmt: skip

Row = Sequence[Any]
Answer = Union[float, str, Tuple[Tuple[Any, ...], ...]]

_HEAD = struct.Struct("<I")
_FLOAT = struct.Struct("<cd")
_TEXT = struct.Struct("<cI")
_RANGE = struct.Struct("<cIII")
_unpack_float = struct.Struct("<d").unpack_from
_BIG_END_FIRST = sys.byteorder == "big"
_heads: dict[tuple[str, int], bytes] = {}
_numbers: dict[tuple[str, int, int], tuple[Callable[..., bytes], bytes]] = {}


class TooLargeError(Exception):
    """A range that does not fit into one frame."""


def error_value(code: str) -> float:
    """A cell error as Calc takes it: not-a-number with Calc's error number inside.

    >>> import math
    >>> math.isnan(error_value("#N/A"))
    True
    """
    found: float = struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | CODES[code]))[0]
    return found


def pack_call(name: str, args: Sequence[Any], shift: int = 0) -> bytes:
    """A call as one frame; `shift` days are added to the document's day numbers.

    Arguments left out at the end are not sent: Calc hands over None for each of them.
    """
    count = len(args)
    while count and args[count - 1] is None:
        count -= 1
    args = args[:count]
    pack, start = _numbers.get((name, count, shift)) or _plan(name, count, shift)
    try:
        return pack(start, *args)
    except struct.error:
        return pack_mixed(name, args, shift)


def pack_mixed(name: str, args: Sequence[Any], shift: int) -> bytes:
    """A call whose arguments are not all numbers."""
    parts = [b"", _heads.get((name, shift)) or _head(name, shift)]
    keep: dict[int, int] = {}
    for value in args:
        kind = type(value)
        if kind is float:
            parts.append(_FLOAT.pack(b"F", value))
        elif kind is str:
            text = value.encode("utf-8", "surrogatepass")
            parts += [_TEXT.pack(b"S", len(text)), text]
        elif value is None:
            parts.append(b"N")
        elif kind is tuple or kind is list:
            keep = keep or used_heights(args)
            pack_range(parts, as_rows(value), keep)
        else:
            # bool and int, which other callers than Calc deliver
            parts.append(_FLOAT.pack(b"F", float(value)))
    return framed(parts)


def pack_look(looks: bool) -> bytes:
    """Word that the next calls will follow at once, or no longer; it comes back."""
    return framed([b"", bytes((LOOK, looks))])


def pack_message(kind: int, message: dict[str, Any]) -> bytes:
    """A JSON message as one frame."""
    return framed([b"", bytes((kind,)), json.dumps(message).encode("ascii")])


def read_message(frame: bytes) -> dict[str, Any]:
    """The JSON message in a frame."""
    message: dict[str, Any] = json.loads(frame[5:].decode("utf-8"))
    return message


def framed(parts: list[bytes]) -> bytes:
    """The frame of some parts, the first of which is the room for its length."""
    length = sum(map(len, parts))
    if length > LARGEST_FRAME:
        raise TooLargeError("the range is too large. Select fewer columns.")
    parts[0] = _HEAD.pack(length)
    return b"".join(parts)


def as_rows(value: Sequence[Any]) -> Sequence[Row]:
    """A range as rows: what comes as one flat sequence is one row."""
    return value if value and type(value[0]) in (tuple, list) else (tuple(value),)


def used_heights(args: Sequence[Any]) -> dict[int, int]:
    """Rows to send of ranges by their height: ranges of one height are cut at the same row."""
    used: dict[int, int] = {}
    for value in args:
        if type(value) in (tuple, list):
            rows = as_rows(value)
            used[len(rows)] = max(used.get(len(rows), 1), used_rows(rows))
    return {height: rows if height - rows >= TALL else height for height, rows in used.items()}


def used_rows(rows: Sequence[Row]) -> int:
    """Number of rows up to the last that holds something.

    >>> used_rows(((1.0,), ("",), ("x",), ("",), ("",)))
    3
    """
    count, step = len(rows), 1 << 16
    blank = ("",) * len(rows[0])
    while step:
        chunk = (blank,) * step
        while count >= step and tuple(rows[count - step : count]) == chunk:
            count -= step
        step >>= 4
    while count and all(cell is None or cell == "" for cell in rows[count - 1]):
        count -= 1
    return count


def pack_range(parts: list[bytes], rows: Sequence[Row], keep: dict[int, int]) -> None:
    """Append a range: its height, the rows sent, its width, and every column in its shortest form."""
    width, sent = len(rows[0]), keep[len(rows)]
    cells = list(chain.from_iterable(rows if sent == len(rows) else rows[:sent]))
    if not width or len(cells) != width * sent:
        raise ValueError("a range whose rows differ in length.")
    parts.append(_RANGE.pack(b"R", len(rows), sent, width))
    for column in range(width):
        pack_column(parts, cells[column::width] if width > 1 else cells)


def pack_column(parts: list[bytes], cells: list[Any]) -> None:
    """Append a column: numbers as they are, every text once with the list of its places."""
    try:
        parts += [b"d", little(array("d", cells))]
    except TypeError:
        kinds = set(map(type, cells))
        if kinds - {str, float}:
            cells = [_plain(cell) for cell in cells]
            kinds = set(map(type, cells))
        if kinds == {str}:
            pack_texts(parts, b"t", cells, cells)
        else:
            pack_texts(parts, b"m", cells, [cell for cell in cells if type(cell) is str])


def pack_texts(parts: list[bytes], kind: bytes, cells: list[Any], texts: list[str]) -> None:
    """Append a column of texts (`t`) or of texts and numbers (`m`)."""
    place = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    blob = "".join(place).encode("utf-8", "surrogatepass")
    parts += [kind, struct.pack("<II", len(place), len(blob))]
    parts += [little(array("I", map(len, place))), blob]
    if kind == b"t":
        parts.append(little(array("I", map(place.__getitem__, cells))))
        return
    places = [place[cell] if type(cell) is str else NUMBER for cell in cells]
    numbers = [cell for cell in cells if type(cell) is float]
    parts += [little(array("I", places)), little(array("d", numbers))]


def unpack(frame: bytes) -> Answer:
    """The value of an answer, as a UNO method returns it."""
    kind = frame[4]
    if kind == 70:  # F
        number: float = _unpack_float(frame, 5)[0]
        return number
    if kind == 83:  # S
        return frame[9:].decode("utf-8", "surrogatepass")
    if kind == 82:  # R
        return unpack_range(frame)
    raise ValueError(f"an answer of the unknown kind {kind}.")


def is_plain(answer: Answer) -> bool:
    """Whether an answer is one text or number, and no error.

    >>> is_plain("31-60 d"), is_plain(error_value("#N/A")), is_plain(((1.0,),))
    (True, False, False)
    """
    return answer == answer and type(answer) is not tuple  # noqa: PLR0124


def unpack_range(frame: bytes) -> tuple[tuple[Any, ...], ...]:
    """Rows of an answered range; rows that were cut from the argument come back blank."""
    height, sent, width = struct.unpack_from("<III", frame, 5)
    place, columns = 17, []
    for _ in range(width):
        column, place = unpack_column(frame, place, sent)
        columns.append(column)
    return tuple(zip(*columns)) + ((None,) * width,) * (height - sent)


def unpack_column(frame: bytes, place: int, rows: int) -> tuple[Sequence[Any], int]:
    """The column that begins at a place, and the place behind it."""
    kind = frame[place : place + 1]
    place += 1
    if kind == b"d":
        return unpack_array("d", frame, place, rows), place + 8 * rows
    count, size = struct.unpack_from("<II", frame, place)
    ends = list(accumulate(unpack_array("I", frame, place + 8, count)))
    place += 8 + 4 * count
    blob = frame[place : place + size].decode("utf-8", "surrogatepass")
    texts = [blob[begin:end] or None for begin, end in zip([0, *ends], ends)]
    places = unpack_array("I", frame, place + size, rows)
    place += size + 4 * rows
    if kind == b"t":
        return [texts[item] for item in places], place
    found = places.count(NUMBER)
    numbers = iter(unpack_array("d", frame, place, found))
    cells = [next(numbers) if item == NUMBER else texts[item] for item in places]
    return cells, place + 8 * found


def unpack_array(kind: str, frame: bytes, place: int, count: int) -> array[Any]:
    """So many items from a place on."""
    found = array(kind)
    found.frombytes(frame[place : place + count * found.itemsize])
    if _BIG_END_FIRST:
        found.byteswap()
    return found


def little(found: array[Any]) -> bytes:
    """The bytes of an array, the lowest first."""
    if _BIG_END_FIRST:
        found.byteswap()
    return found.tobytes()


def _plan(name: str, count: int, shift: int) -> tuple[Callable[..., bytes], bytes]:
    """How to pack a call of so many numbers in one step: the packer and what stands before them."""
    text = name.encode("ascii")
    start = struct.pack("<IBiB", 6 + len(text) + 8 * count, NUMBERS, shift, len(text)) + text
    packer = struct.Struct(f"<{len(start)}s{count}d").pack
    plan = _numbers[name, count, shift] = packer, start
    return plan


def _head(name: str, shift: int) -> bytes:
    text = name.encode("ascii")
    head = _heads[name, shift] = struct.pack("<BiB", CALL, shift, len(text)) + text
    return head


def _plain(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, (bool, int)):
        return float(cell)
    return cell if isinstance(cell, (str, float)) else str(cell)
