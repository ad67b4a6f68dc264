"""Cells of a sheet's XML as a program that has the workbook open takes them."""

from __future__ import annotations

import re
from functools import cached_property
from html import unescape
from typing import Any

from receivables.book.live_ops import Fault, Formula
from receivables.book.old_rows import SharedTexts, plain_text
from receivables.book.sheet_xml import SheetXml, filled, style_of
from receivables.book.table_part import Area

_FORMULA = re.compile(rb"<f\b([^>]*?)(?:/>|>([^<]*)</f>)")
_KIND = re.compile(rb'^<c\b[^>]*?\bt="(\w+)"')
_VALUE = re.compile(rb"<v[^>]*>([^<]*)</v>")
_TEXT = re.compile(rb"<t\b[^>]*>([^<]*)</t>")
_PREFIX = re.compile(r"_xlfn\.(?:_xlws\.)?")


class Grid:
    """Rows of one sheet by number."""

    def __init__(self, xml: SheetXml, shared: SharedTexts) -> None:
        self.xml, self.shared = xml, shared

    @cached_property
    def _rows(self) -> dict[int, dict[int, bytes]]:
        return {row.number: row.cells for row in self.xml.rows(1, self.xml.last)}

    @property
    def numbers(self) -> set[int]:
        """Rows that are there."""
        return set(self._rows)

    def row(self, number: int) -> dict[int, bytes]:
        """Cells of a row by column."""
        return self._rows.get(number, {})

    def values(self, area: Area) -> list[list[Any]]:
        """What the cells of an area hold."""
        columns = range(area.left, area.right + 1)
        found = []
        for number in range(area.top, area.bottom + 1):
            cells = self.row(number)
            found.append(
                [value_of(cells[at], self.shared) if at in cells else None for at in columns]
            )
        return found

    def styles(self, area: Area, column: int) -> list[int]:
        """Numbers of the formats of a column's cells."""
        found = []
        for number in range(area.top, area.bottom + 1):
            cell = self.row(number).get(column)
            found.append(style_of(cell) if cell else 0)
        return found

    def beside(self, number: int, area: Area) -> bool:
        """Whether a row holds anything outside the columns of an area."""
        cells = self.row(number).items()
        return any(filled(cell) for at, cell in cells if not area.left <= at <= area.right)


def value_of(cell: bytes, shared: SharedTexts) -> Any:
    """What a cell holds: a Formula, a number, a truth value, a text, a Fault or None.

    An array formula is told apart by its braces.
    """
    formula = _FORMULA.search(cell) if b"<f" in cell else None
    if formula:
        if b't="array"' in formula[1] or b't="dataTable"' in formula[1]:
            return Formula("{" + unescape((formula[2] or b"").decode()) + "}")
        return Formula("=" + _PREFIX.sub("", unescape((formula[2] or b"").decode())))
    kind = _KIND.match(cell)
    name = kind[1] if kind else b"n"
    if name == b"inlineStr":
        text = plain_text(b"".join(_TEXT.findall(cell)).decode())
        return text or None
    value = _VALUE.search(cell)
    return _stored(name, value[1].decode(), shared) if value and value[1] else None


def _stored(kind: bytes, value: str, shared: SharedTexts) -> Any:
    if kind == b"s":
        return shared.texts[int(value)] or None
    if kind == b"str":
        return plain_text(value)
    if kind == b"b":
        return value == "1"
    return Fault(value) if kind == b"e" else float(value)


def is_array(value: Any) -> bool:
    """Whether a value is an array formula, which belongs to all of its cells together."""
    return isinstance(value, Formula) and value[:1] == "{"
