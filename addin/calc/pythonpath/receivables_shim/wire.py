"""The office side of the wire: values as UNO hands them over, packed by column; answers unpacked."""

from __future__ import annotations

import struct
from array import array
from itertools import accumulate, chain

PROTOCOL = 1
LARGEST_FRAME = 1 << 30
TALL = 1000
"""So many blank rows at the end of a range make it a whole column: they are not sent."""

CALL, ACTION, PING = b"C", b"A", b"P"
NUMBER = 0xFFFFFFFF
"""Stands in the list of texts of a mixed column where the row holds a number."""

CODES = {
    "#NULL!": 521, "#DIV/0!": 532, "#VALUE!": 519, "#REF!": 524,
    "#NAME?": 525, "#NUM!": 503, "#N/A": 32767,
}  # fmt: skip

_HEAD = struct.Struct("<I")
_FLOAT = struct.Struct("<cd")
_TEXT = struct.Struct("<cI")
_RANGE = struct.Struct("<cIII")
_unpack_float = struct.Struct("<d").unpack_from
_unpack_text = struct.Struct("<I").unpack_from
_names = {}
_BIG = struct.pack("=I", 1) == struct.pack(">I", 1)


class TooLargeError(Exception):
    """A range that does not fit into one frame."""


def error_value(code):
    """A cell error as Calc takes it: not-a-number with Calc's error number inside.

    >>> import math
    >>> math.isnan(error_value("#N/A"))
    True
    """
    return struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | CODES[code]))[0]


def pack_call(name, args, shift=0):
    """A call as one frame; `shift` turns the document's day numbers into those from 1899-12-30."""
    head = _names.get((name, shift))
    if head is None:
        text = name.encode("ascii")
        head = _names[name, shift] = CALL + struct.pack("<iB", shift, len(text)) + text
    parts = [b"", head]
    keep = {}
    for value in args:
        kind = type(value)
        if kind is float:
            parts.append(_FLOAT.pack(b"F", value))
        elif kind is str:
            text = value.encode("utf-8", "surrogatepass")
            parts.append(_TEXT.pack(b"S", len(text)))
            parts.append(text)
        elif kind is tuple or kind is list:
            if not keep:
                keep = used_heights(args)
            pack_range(parts, as_rows(value), keep)
        elif value is None:
            parts.append(b"N")
        elif isinstance(value, (bool, int)):
            parts.append(_FLOAT.pack(b"F", float(value)))
        else:
            raise TypeError("a cell of the type {}".format(kind.__name__))
    return framed(parts)


def pack_text(kind, text):
    """A frame that holds one JSON text."""
    return framed([b"", kind, text.encode("utf-8", "surrogatepass")])


def framed(parts):
    """The frame of some parts, the first of which is the room for its length."""
    length = sum(map(len, parts))
    if length > LARGEST_FRAME:
        raise TooLargeError("The range is too large. Select fewer columns.")
    parts[0] = _HEAD.pack(length)
    return b"".join(parts)


def as_rows(value):
    """A range as rows: what comes as one flat sequence is one row."""
    if value and type(value[0]) in (tuple, list):
        return value
    return (tuple(value),)


def used_heights(args):
    """Rows to send of ranges by their height: ranges of one height are cut at the same row."""
    used = {}
    for value in args:
        if type(value) in (tuple, list):
            rows = as_rows(value)
            used[len(rows)] = max(used.get(len(rows), 1), used_rows(rows))
    return {height: rows if height - rows >= TALL else height for height, rows in used.items()}


def used_rows(rows):
    """Number of rows up to the last that holds something.

    >>> used_rows(((1.0,), ("",), ("x",), ("",), ("",)))
    3
    """
    count = len(rows)
    step = 1 << 16
    blank = ("",) * len(rows[0])
    while step:
        chunk = (blank,) * step
        while count >= step and tuple(rows[count - step : count]) == chunk:
            count -= step
        step >>= 4
    while count and all(cell is None or cell == "" for cell in rows[count - 1]):
        count -= 1
    return count


def pack_range(parts, rows, keep):
    """Append a range: its height, the rows sent, its width, and every column in the cheapest form."""
    width, sent = len(rows[0]), keep[len(rows)]
    cells = list(chain.from_iterable(rows if sent == len(rows) else rows[:sent]))
    if len(cells) != width * sent:
        raise TypeError("a range whose rows differ in length")
    parts.append(_RANGE.pack(b"R", len(rows), sent, width))
    for column in range(width):
        pack_column(parts, cells[column::width] if width > 1 else cells)


def pack_column(parts, cells):
    """Append a column: numbers as an array, texts once each with a list of their places."""
    try:
        parts.append(b"d")
        parts.append(_little(array("d", cells)))
    except TypeError:
        parts.pop()
        kinds = set(map(type, cells))
        if kinds - {str, float}:
            cells = [_plain(cell) for cell in cells]
            kinds = set(map(type, cells))
        texts = dict.fromkeys(
            cells if kinds == {str} else (cell for cell in cells if type(cell) is str)
        )
        for place, text in enumerate(texts):
            texts[text] = place
        pack_texts(parts, cells, texts, kinds == {str})


def pack_texts(parts, cells, texts, all_text):
    """Append a column of texts, or of texts and numbers."""
    if all_text:
        places = array("I", map(texts.__getitem__, cells))
        numbers = b""
    else:
        places = array("I", [texts[c] if type(c) is str else NUMBER for c in cells])
        numbers = _little(array("d", [cell for cell in cells if type(cell) is float]))
    blob = "".join(texts).encode("utf-8", "surrogatepass")
    parts.append(b"t" if all_text else b"m")
    parts.append(struct.pack("<II", len(texts), len(blob)))
    parts.append(_little(array("I", map(len, texts))))
    parts.append(blob)
    parts.append(_little(places))
    parts.append(numbers)


def unpack(frame):
    """The value of an answer, as a UNO method returns it."""
    kind = frame[4]
    if kind == 70:  # F
        return _unpack_float(frame, 5)[0]
    if kind == 83:  # S
        return frame[9:].decode("utf-8", "surrogatepass")
    if kind == 82:  # R
        return unpack_range(frame)
    raise ValueError("an answer of unknown kind")


def unpack_range(frame):
    """Rows of an answered range; rows cut from the argument come back blank."""
    height, sent, width = struct.unpack_from("<III", frame, 5)
    place, columns = 17, []
    for _ in range(width):
        column, place = unpack_column(frame, place, sent)
        columns.append(column)
    rows = tuple(zip(*columns))
    return rows + ((None,) * width,) * (height - sent)


def unpack_column(frame, place, rows):
    """A column from the place where it begins, and the place behind it."""
    kind = frame[place : place + 1]
    place += 1
    if kind == b"d":
        return _array("d", frame, place, rows), place + 8 * rows
    count, size = struct.unpack_from("<II", frame, place)
    place += 8
    lengths = _array("I", frame, place, count)
    place += 4 * count
    blob = bytes(frame[place : place + size]).decode("utf-8", "surrogatepass")
    place += size
    ends = list(accumulate(lengths))
    texts = [blob[end - length : end] or None for end, length in zip(ends, lengths)]
    places = _array("I", frame, place, rows)
    place += 4 * rows
    if kind == b"t":
        return [texts[item] for item in places], place
    found = places.count(NUMBER)
    numbers = iter(_array("d", frame, place, found))
    cells = [next(numbers) if item == NUMBER else texts[item] for item in places]
    return cells, place + 8 * found


def _array(kind, frame, place, count):
    found = array(kind)
    found.frombytes(frame[place : place + count * found.itemsize])
    if _BIG:
        found.byteswap()
    return found


def _little(found):
    if _BIG:
        found.byteswap()
    return found.tobytes()


def _plain(cell):
    if cell is None:
        return ""
    if isinstance(cell, (bool, int)):
        return float(cell)
    return cell if isinstance(cell, (str, float)) else str(cell)
