"""A table's own part: its area, columns, filter and totals row."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape

from receivables.book.package import Package, attributes
from receivables.book.refs import column_of
from receivables.report.layout import letter

_COLUMN = re.compile(
    rb"<(?:\w+:)?tableColumn\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?tableColumn>)", re.DOTALL
)
_CALCULATED = re.compile(rb"<(?:\w+:)?calculatedColumnFormula\b[^>]*>(.*?)</", re.DOTALL)
_FILTER = re.compile(
    rb"<((?:\w+:)?)autoFilter\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?autoFilter>)", re.DOTALL
)
_SORT = re.compile(rb"<(?:\w+:)?sortState\b[^>]*?(?:/>|>.*?</(?:\w+:)?sortState>)", re.DOTALL)
_AREA = re.compile(r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")


@dataclass(frozen=True, slots=True)
class Area:
    """Rows and columns counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def ref(self) -> str:
        """The area as a reference.

        >>> Area(4, 1, 9, 3).ref
        'A4:C9'
        """
        return f"{letter(self.left - 1)}{self.top}:{letter(self.right - 1)}{self.bottom}"


def area_of(ref: str) -> Area:
    """Area of a reference such as `$A$1:$C$9` or `B2`.

    >>> area_of("$A$1:$C$9")
    Area(top=1, left=1, bottom=9, right=3)
    """
    match = _AREA.fullmatch(ref)
    if match is None:
        raise ValueError(f"no area: {ref}")
    left, top = column_of(match[1]), int(match[2])
    return Area(top, left, int(match[4] or top), column_of(match[3]) if match[3] else left)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table: its id stays when its user renames or moves it."""

    id: int
    name: str
    formula: str = ""


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table as it stands in a workbook."""

    part: str
    sheet: str
    """Part of the sheet it stands on."""
    name: str
    area: Area
    columns: tuple[TableColumn, ...]
    totals: int = 0
    filtered: bool = False
    """Whether a filter hides rows."""

    @property
    def heading(self) -> int:
        """Row of the headings."""
        return self.area.top

    @property
    def first(self) -> int:
        """First row of the body."""
        return self.area.top + 1

    @property
    def last(self) -> int:
        """Last row of the body."""
        return self.area.bottom - self.totals

    def at(self, down: int) -> TablePart:
        """The table further down."""
        area = self.area
        return replace(self, area=Area(area.top + down, area.left, area.bottom + down, area.right))

    def column(self, index: int) -> int:
        """Column of the sheet at a place of the table."""
        return self.area.left + index


def read_table(book: Package, part: str, sheet: str) -> TablePart | None:
    """A table from its part; None for one without headings, which cannot be ours."""
    xml = book.part(part)
    match = re.search(rb"<(?:\w+:)?table\b[^>]*>", xml)
    if match is None:
        return None
    given = attributes(match[0])
    if given.get("headerRowCount", "1") == "0":
        return None
    columns = []
    for column in _COLUMN.finditer(xml):
        names = attributes(column[1])
        formula = _CALCULATED.search(column[2] or b"")
        columns.append(
            TableColumn(
                int(names["id"]),
                names.get("name", ""),
                unescape(formula[1].decode()) if formula else "",
            )
        )
    found = _FILTER.search(xml)
    return TablePart(
        part,
        sheet,
        given.get("displayName", given.get("name", "")),
        area_of(given["ref"]),
        tuple(columns),
        int(given.get("totalsRowCount", "0")),
        bool(found and found[3] and b"filterColumn" in found[3]),
    )


def resized(xml: bytes, table: TablePart, last: int, *, keep_filter: bool) -> bytes:
    """The part of a table whose body now ends in row `last`; a sort is forgotten, its rows moved."""
    area = table.area
    whole = Area(area.top, area.left, last + table.totals, area.right)
    xml = re.sub(
        rb'(<(?:\w+:)?table\b[^>]*?\bref=")[^"]*"', rb'\g<1>%s"' % whole.ref.encode(), xml, count=1
    )
    body = Area(area.top, area.left, last, area.right).ref.encode()

    def filtered(match: re.Match[bytes]) -> bytes:
        tag = re.sub(rb'\bref="[^"]*"', b'ref="%s"' % body, match[2])
        inner = _SORT.sub(b"", match[3] or b"") if keep_filter else b""
        name = match[1] + b"autoFilter"
        return b"<%s%s>%s</%s>" % (name, tag, inner, name) if inner else b"<%s%s/>" % (name, tag)

    xml = _FILTER.sub(filtered, xml, count=1)
    return _SORT.sub(b"", xml)
