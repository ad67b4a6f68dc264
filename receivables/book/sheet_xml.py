"""A sheet's XML cut into rows and cells without building a tree: fast enough for a full sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from receivables.errors import LedgerFileError

Numbers = npt.NDArray[np.int64]

HELD = r"<v[^>]*>[^<]|<f|<t[^>]*>[^<]"
"""A cell with something in it."""

_ROW = re.compile(rb'<row\s[^>]*?\br="(\d+)"[^>]*>')
_CELL = re.compile(rb"<c\b[^>]*/>|<c\b.*?</c>", re.DOTALL)
_TAG = re.compile(rb"<c\b([^>]*?)(/?)>")
_ATTRIBUTE = re.compile(rb'([\w:.-]+)\s*=\s*"([^"]*)"|([\w:.-]+)\s*=\s*\'([^\']*)\'')
_ADDRESS = re.compile(rb"([A-Z]+)(\d+)")
_DIGITS = 7
_SAMPLE = 200_000
_KINDS = ('t="s', 't="n', 't="b', 't="d', 't="e', 't="str', 't="inlineStr')


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of some rows, one entry each: sheet row and column from 1, style, place in the XML."""

    data: bytes
    row: Numbers
    column: Numbers
    style: Numbers
    start: Numbers
    end: Numbers

    def only(self, mask: npt.NDArray[np.bool_]) -> Cells:
        """The cells where `mask` holds."""
        return Cells(
            self.data, self.row[mask], self.column[mask], self.style[mask], self.start[mask],
            self.end[mask],
        )  # fmt: skip

    def xml(self) -> pl.Series:
        """XML of every cell."""
        data = self.data
        pieces = [data[a:b] for a, b in zip(self.start.tolist(), self.end.tolist(), strict=True)]
        return pl.Series(pieces, dtype=pl.Binary).cast(pl.String)

    def rest(self) -> pl.Series:
        """XML of every cell after its address: style, kind and content."""
        return self.xml().str.replace(r'^<c r="[A-Z]+[0-9]+"', "")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: attributes of its tag apart from the number, and its cells by column from 1."""

    number: int
    attributes: bytes
    cells: dict[int, bytes]


class SheetXml:
    """The parts of a sheet before, in and after its rows."""

    def __init__(self, xml: bytes, name: str = "") -> None:
        self.name = name
        self.xml = xml
        """As it was given."""
        xml = _regular(xml)
        start = xml.find(b"<sheetData")
        if start < 0:
            raise LedgerFileError(f"{name}: the sheet has no cells part. Save it anew in Excel.")
        opened = xml.find(b">", start) + 1
        self.before = xml[:start]
        if xml[opened - 2 : opened] == b"/>":
            self.data, self.after = b"", xml[opened:]
        else:
            closing = xml.find(b"</sheetData>", opened)
            self.data, self.after = xml[opened:closing], xml[closing + len(b"</sheetData>") :]

    @cached_property
    def _found(self) -> tuple[Numbers, Numbers]:
        """Numbers of the rows and where each starts."""
        found = [(int(match[1]), match.start()) for match in _ROW.finditer(self.data)]
        if len(found) != self.data.count(b"<row"):
            self.data = _rewritten(b"<sheetData>" + self.data + b"</sheetData>")[11:-12]
            found = [(int(match[1]), match.start()) for match in _ROW.finditer(self.data)]
        table = np.array(found, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    @property
    def last(self) -> int:
        """Number of the last row, 0 if there is none."""
        numbers, _ = self._found
        return int(numbers[-1]) if numbers.size else 0

    def slice(self, first: int, last: int) -> tuple[int, int]:
        """Where the rows from `first` to `last` stand in `data`."""
        numbers, starts = self._found
        begin, end = np.searchsorted(numbers, [first, last + 1])
        size = len(self.data)
        return (
            int(starts[begin]) if begin < starts.size else size,
            int(starts[end]) if end < starts.size else size,
        )

    def rows(self, first: int, last: int) -> Iterator[Row]:
        """Rows one by one, for the few around a table."""
        begin, end = self.slice(first, last)
        for match in re.finditer(
            rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", self.data[begin:end], re.DOTALL
        ):
            yield parsed_row(match[1], match[2] or b"")

    def cells(self, first: int, last: int) -> Cells:
        """Cells of rows, as arrays."""
        begin, end = self.slice(first, last)
        cells = _cells(self.data, begin, end)
        if cells.row.size and not (cells.row.all() and cells.column.all()):
            raise LedgerFileError(
                f"{self.name}: cells without address in the rows {first} to {last}. Open the "
                "workbook in a spreadsheet, save it and run again."
            )
        return cells

    def attributes(self, first: int, last: int) -> dict[int, bytes]:
        """Attributes of rows that say more than their number."""
        begin, end = self.slice(first, last)
        found = re.finditer(rb'<row r="(\d+)" ([^>]*?)/?>', self.data[begin:end])
        return {int(match[1]): match[2] for match in found}

    def moved(self, first: int, last: int, shift: int) -> bytes:
        """XML of rows, further down by `shift`."""
        begin, end = self.slice(first, last)
        piece = self.data[begin:end]
        if not shift:
            return piece
        return re.sub(
            rb'(<row r="|<c r="[A-Z]+)(\d+)',
            lambda match: match[1] + b"%d" % (int(match[2]) + shift),
            piece,
        )

    def joined(self, data: bytes, area: str) -> bytes:
        """The sheet with other rows and the area that they fill."""
        before = re.sub(
            rb'(<dimension\b[^>]*?\bref=")[^"]*"',
            rb'\g<1>%s"' % area.encode(),
            self.before,
            count=1,
        )
        return b"".join([before, b"<sheetData>", data, b"</sheetData>", self.after])


def parsed_row(tag: bytes, content: bytes) -> Row:
    """A row from the attributes of its tag and its content."""
    number = 0
    others = []
    for name, value, *_ in _ATTRIBUTE.findall(tag):
        if name == b"r":
            number = int(value)
        elif name != b"spans":
            others.append(b' %s="%s"' % (name, value))
    cells = {}
    for match in _CELL.finditer(content):
        address = _ADDRESS.match(match[0][6:])
        if address:
            cells[column_of(address[1])] = match[0]
    return Row(number, b"".join(others), cells)


def column_of(letters: bytes) -> int:
    """Number of a column, counted from 1.

    >>> column_of(b"A"), column_of(b"AB")
    (1, 28)
    """
    number = 0
    for sign in letters:
        number = number * 26 + sign - 64
    return number


def placed(cell: bytes, letters: str, row: int, style: int | None = None) -> bytes:
    """A cell's XML at another address, in another format if one is given.

    >>> placed(b'<c r="A1" s="3"><v>7</v></c>', "C", 9, 4)
    b'<c r="C9" s="4"><v>7</v></c>'
    """
    rest = re.sub(rb'^<c r="[A-Z]+\d+"', b"", cell)
    if style is not None:
        rest = re.sub(rb'^ s="\d+"', b"", rest)
        rest = b' s="%d"' % style + rest
    return b'<c r="%s%d"' % (letters.encode(), row) + rest


def style_of(cell: bytes) -> int:
    """Number of a cell's format.

    >>> style_of(b'<c r="A1" s="3"/>'), style_of(b'<c r="A1"><v>1</v></c>')
    (3, 0)
    """
    match = re.match(rb'<c r="[A-Z]+\d+" s="(\d+)"', cell)
    return int(match[1]) if match else 0


def filled(cell: bytes) -> bool:
    """Whether a cell holds anything.

    >>> filled(b'<c r="A1" s="3"/>'), filled(b'<c r="A1"><v>0</v></c>')
    (False, True)
    """
    return re.search(rb"<v[^>]*>[^<]|<f\b|<t[^>]*>[^<]", cell) is not None


def _cells(data: bytes, begin: int, end: int) -> Cells:
    bytes_ = np.frombuffer(data, dtype=np.uint8, count=end - begin, offset=begin)
    start = np.flatnonzero(bytes_[:-6] == ord("<"))
    start = start[bytes_[start + 1] == ord("c")]
    start = start[bytes_[start + 2] == ord(" ")]
    # Behind the last cell, so that looking ahead stays inside.
    padded = np.concatenate([bytes_, np.zeros(32, dtype=np.uint8)])
    place = start + 6
    column = np.zeros(start.size, dtype=np.int64)
    for _ in range(3):
        sign = padded[place]
        letter = (sign >= ord("A")) & (sign <= ord("Z"))
        column = np.where(letter, column * 26 + sign - 64, column)
        place = place + letter
    row, place = _number(padded, place)
    styled = (padded[place + 1] == ord(" ")) & (padded[place + 2] == ord("s"))
    styled &= padded[place + 3] == ord("=")
    style, _ = _number(padded, np.where(styled, place + 5, place))
    stop = np.append(start[1:], end - begin)
    last = np.flatnonzero(np.append(np.diff(row) != 0, True)) if row.size else row
    # The next cell may stand some empty rows further down.
    ends = [data.find(b"</row>", begin + place) - begin for place in start[last].tolist()]
    stop[last] = ends
    return Cells(data, row, column, style, start + begin, stop + begin)


def _number(data: npt.NDArray[np.uint8], place: Numbers) -> tuple[Numbers, Numbers]:
    number = np.zeros(place.size, dtype=np.int64)
    place = place.copy()
    for _ in range(_DIGITS):
        sign = data[place] - 48  # wraps around below the digits
        digit = sign <= 9
        if not digit.any():
            break
        if digit.all():
            number = number * 10 + sign
            place += 1
            continue
        number = np.where(digit, number * 10 + sign, number)
        place += digit
    return number, place


def _regular(xml: bytes) -> bytes:
    """The XML with the address first in every cell and row, as almost every program writes it."""
    prefix = re.search(rb"<(\w+):worksheet\b", xml[:4096])
    if prefix:
        name = prefix[1]
        xml = re.sub(rb"<(/?)%s:" % name, rb"<\1", xml)
        xml = xml.replace(b"xmlns:%s=" % name, b"xmlns=", 1)
    if _usual(xml):
        return xml
    return _rewritten(xml)


def _usual(xml: bytes) -> bool:
    """Whether a sheet is written in the usual way; programs write all of it in the same."""
    seen = xml
    if len(xml) > 3 * _SAMPLE:
        head = xml.rfind(b"<row", 0, _SAMPLE)
        tail = xml.find(b"<row", len(xml) - _SAMPLE)
        seen = xml[: max(head, 0)] + (xml[tail:] if tail > 0 else b"")
    rows = len(re.findall(rb"<row[\s/>]", seen))
    cells = len(re.findall(rb"<c[\s/>]", seen))
    if rows != seen.count(b'<row r="') or cells != seen.count(b'<c r="'):
        return False
    return not any(f'{kind}" s="'.encode() in seen for kind in _KINDS)


def _rewritten(xml: bytes) -> bytes:
    """Rows and cells numbered and their attributes in the usual order."""
    start = xml.find(b"<sheetData")
    end = xml.find(b"</sheetData>")
    if end < 0:
        return xml
    start = xml.find(b">", start) + 1
    pieces = []
    number = 0
    for match in re.finditer(rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", xml[start:end], re.DOTALL):
        given = {a or c: b or d for a, b, c, d in _ATTRIBUTE.findall(match[1])}
        number = int(given.pop(b"r", number + 1))
        tag = b"".join(b' %s="%s"' % pair for pair in given.items())
        cells = _rewritten_cells(match[2] or b"", number)
        pieces.append(b'<row r="%d"%s>%s</row>' % (number, tag, cells))
    return xml[:start] + b"".join(pieces) + xml[end:]


def _rewritten_cells(content: bytes, row: int) -> bytes:
    pieces = []
    column = 0
    for match in _CELL.finditer(content):
        tag = _TAG.match(match[0])
        if tag is None:
            continue
        given = {a or c: b or d for a, b, c, d in _ATTRIBUTE.findall(tag[1])}
        address = _ADDRESS.fullmatch(given.pop(b"r", b""))
        column = column_of(address[1]) if address else column + 1
        style = given.pop(b"s", b"")
        head = b'<c r="%s%d"' % (_letters(column), row) + (b' s="%s"' % style if style else b"")
        head += b"".join(b' %s="%s"' % pair for pair in given.items())
        pieces.append(head + tag[2] + b">" + match[0][tag.end() :])
    return b"".join(pieces)


def _letters(column: int) -> bytes:
    letters = b""
    while column:
        column, place = divmod(column - 1, 26)
        letters = bytes([65 + place]) + letters
    return letters
