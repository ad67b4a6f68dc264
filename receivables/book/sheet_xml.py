"""A sheet's XML cut into rows and cells without building a tree: fast enough for a full sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from receivables.book.cell_scan import Cells, Scan, scan
from receivables.errors import LedgerFileError

HELD = r"<v[^>]*>[^<]|<f|<t[^>]*>[^<]"
"""A cell with something in it."""

_CELL = re.compile(rb"<c\b[^>]*/>|<c\b.*?</c>", re.DOTALL)
_TAG = re.compile(rb"<c\b([^>]*?)(/?)>")
_ATTRIBUTE = re.compile(rb'([\w:.-]+)\s*=\s*"([^"]*)"|([\w:.-]+)\s*=\s*\'([^\']*)\'')
_ADDRESS = re.compile(rb"([A-Z]+)(\d+)")
_SAMPLE = 200_000
_KINDS = ('t="s', 't="n', 't="b', 't="d', 't="e', 't="str', 't="inlineStr')


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
        self._asked: tuple[tuple[int, int], Cells] | None = None
        self.xml = xml
        """As it was given."""
        xml = _regular(xml)
        start = xml.find(b"<sheetData")
        if start < 0:
            raise LedgerFileError(f"{name}: the sheet has no cells part. Save it anew in Excel.")
        opened = xml.find(b">", start) + 1
        self.before = xml[:start]
        self._text = xml
        if xml[opened - 2 : opened] == b"/>":
            self._rows, self.after = (opened, opened), xml[opened:]
        else:
            closing = xml.rfind(b"</sheetData>")
            self._rows, self.after = (opened, closing), xml[closing + len(b"</sheetData>") :]

    @cached_property
    def data(self) -> bytes:
        """XML of the rows."""
        begin, end = self._rows
        return self._text[begin:end]

    def same_rows(self, other: SheetXml) -> bool:
        """Whether the rows are those of another state of the sheet; nothing is copied for it."""
        begin, end = self._rows
        return end - begin == len(other.data) and self._text.startswith(other.data, begin)

    @cached_property
    def _scan(self) -> Scan:
        """Where rows and cells stand."""
        found = scan(self.data)
        if not found.numbered:
            self.data = _rewritten(b"<sheetData>" + self.data + b"</sheetData>")[11:-12]
            found = scan(self.data)
        return found

    @property
    def last(self) -> int:
        """Number of the last row, 0 if there is none."""
        numbers = self._scan.number
        return int(numbers[-1]) if numbers.size else 0

    def slice(self, first: int, last: int) -> tuple[int, int]:
        """Where the rows from `first` to `last` stand in `data`."""
        return self._scan.slice(first, last)

    def rows(self, first: int, last: int) -> Iterator[Row]:
        """Rows one by one, for the few around a table."""
        begin, end = self.slice(first, last)
        for match in re.finditer(
            rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", self.data[begin:end], re.DOTALL
        ):
            yield parsed_row(match[1], match[2] or b"")

    def cells(self, first: int, last: int) -> Cells:
        """Cells of rows, as arrays; those asked for last are held, as several steps ask for them."""
        if self._asked and self._asked[0] == (first, last):
            return self._asked[1]
        cells = self._scan.cells(first, last)
        if cells is None:
            raise LedgerFileError(
                f"{self.name}: cells without address in the rows {first} to {last}. Open the "
                "workbook in a spreadsheet, save it and run again."
            )
        self._asked = (first, last), cells
        return cells

    def attributes(self, first: int, last: int) -> dict[int, bytes]:
        """Attributes of rows that say more than their number."""
        return dict(self._scan.told(first, last))

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

    def joined(self, pieces: Iterable[bytes], area: str) -> bytes:
        """The sheet with other rows and the area that they fill."""
        before = re.sub(
            rb'(<dimension\b[^>]*?\bref=")[^"]*"',
            rb'\g<1>%s"' % area.encode(),
            self.before,
            count=1,
        )
        return b"".join([before, b"<sheetData>", *pieces, b"</sheetData>", self.after])


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
