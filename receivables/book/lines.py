"""Rows outside the bodies of our tables: titles, notes, totals, headings and lines of text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

from receivables.book.blocks import FoundBlock
from receivables.book.columns import reworded
from receivables.book.plan import Region
from receivables.book.sheet_xml import Row, SheetXml, filled, placed, style_of
from receivables.book.shifter import Shifter
from receivables.book.styles import StyleMap
from receivables.book.translate import Translation
from receivables.report.layout import letter
from receivables.report.spec import TableSpec, TextSpec

_FORMULA = re.compile(rb"<f\b[^>]*>(.*?)</f>", re.DOTALL)
_TOTAL = re.compile(rb"<f>(?:SUBTOTAL\(10|SUMIFS\(|IF\(SUBTOTAL)")
_SIGN = "sign"
"""Style of the cells that are left blank for a signature."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines of a sheet are made from."""

    old: SheetXml
    donor: SheetXml
    styles: StyleMap
    translation: Translation
    home: str
    """Name of the donor's sheet."""
    looks: frozenset[object]
    """Every way in which our cells look."""
    shifter: Shifter
    """For the user's cells in rows that were passed over when formulas moved."""


def line_rows(region: Region, context: Context) -> list[bytes]:
    """`<row>` elements of a head or of lines of text."""
    block = region.block
    old = {row.number - region.old_first: row for row in context.old.rows(
        region.old_first, region.old_first + region.old_count - 1
    )}  # fmt: skip
    top = block.donor.top + 1
    donor = {row.number - top: row for row in context.donor.rows(top, top + region.rows - 1)}
    made = []
    for index in range(region.count):
        before = _before(region, index, old)
        after = _donor_index(region, index)
        line = _Line(region, context, region.first + index, index == region.count - 1)
        fresh = donor.get(after) if after is not None else None
        made.append(line.xml(before, fresh, after if after is not None else -1))
    return made


def _before(region: Region, index: int, old: Mapping[int, Row]) -> Row | None:
    """The old row of a new line: headings stay headings, other lines count from the top."""
    if region.block.table is not None and index == region.count - 1:
        return old.get(region.old_count - 1)
    if region.block.table is not None and index >= region.old_count - 1:
        return None
    return old.get(index)


def _donor_index(region: Region, index: int) -> int | None:
    if region.block.table is None:
        return index if index < region.rows else None
    if index == region.count - 1:
        return region.rows - 1
    return index if index < region.rows - 1 else None


@dataclass(frozen=True, slots=True)
class _Line:
    region: Region
    context: Context
    number: int
    last: bool

    @property
    def heading(self) -> bool:
        """Whether this is the row of a table's headings."""
        return self.last and self.region.block.table is not None

    def xml(self, old: Row | None, donor: Row | None, index: int) -> bytes:
        """The row."""
        block = self.region.block
        cells = self._ours(donor, old, index)
        for column, cell in (old.cells if old else {}).items():
            if column not in cells and not stale(block, cell, column, self.context):
                cells[column] = self._at(cell, column)
        if self.heading and old:
            cells |= self._headings(block, old, cells)
        given = old.attributes if old else donor.attributes if donor else b""
        inner = b"".join(cells[column] for column in sorted(cells))
        if not inner and not given:
            return b""
        return b'<row r="%d"%s>%s</row>' % (self.number, given, inner)

    def _ours(self, donor: Row | None, old: Row | None, index: int) -> dict[int, bytes]:
        made = {}
        blank = _blank_cells(self.region.block, index)
        for column, cell in (donor.cells if donor else {}).items():
            place = self._column(column)
            if place is None:
                continue
            held = old.cells.get(place) if old else None
            if column in blank and held is not None and filled(held):
                made[place] = self._at(held, place)
                continue
            made[place] = self._translated(cell, place)
        return made

    def _column(self, column: int) -> int | None:
        """Column in the user's workbook of a donor's column, both counted from 1."""
        block = self.region.block
        if not isinstance(block.block, TableSpec):
            return block.left + column - 1
        names = block.block.names
        titles = bool(block.block.title) + len(block.block.notes)
        if self.number - self.region.first < titles:
            return block.left + column - 1
        return block.columns.get(names[column - 1]) if column <= len(names) else None

    def _translated(self, cell: bytes, place: int) -> bytes:
        context = self.context
        style = context.styles.xf(style_of(cell))
        found = _FORMULA.search(cell)
        if found:
            text = context.translation.formula(unescape(found[1].decode()), context.home)
            new = b"" if text is None else b"<f>%s</f>" % escape(text, quote=False).encode()
            if unescape(found[1].decode()) != text:
                cell = cell[: found.start()] + new + cell[found.end() :]
        return placed(cell, letter(place - 1), self.number, style)

    def _at(self, cell: bytes, column: int) -> bytes:
        if self.region.resized:
            cell = self.context.shifter.cell(cell)
        return placed(cell, letter(column - 1), self.number)

    def _headings(
        self, block: FoundBlock, old: Row, cells: Mapping[int, bytes]
    ) -> dict[int, bytes]:
        """Headings as their user left them, unless it is we who changed the wording."""
        kept = {}
        worded = reworded(block)
        for column in getattr(block.block, "columns", ()):
            place = block.columns.get(column.name)
            held = old.cells.get(place) if place else None
            if place is None or held is None:
                continue
            if column.name not in worded:
                kept[place] = self._at(held, place)
            elif place in cells:
                kept[place] = placed(cells[place], letter(place - 1), self.number, style_of(held))
        return kept


def stale(block: FoundBlock, cell: bytes, column: int, context: Context) -> bool:
    """Whether a cell of a head or text is one of ours that the block no longer has."""
    if block.table is not None:
        inside = column in block.columns.values()
    else:
        inside = column in {block.left + place for place in _columns(block.block)}
    if not inside:
        return False
    if not filled(cell):
        return True
    total = block.table is not None and _TOTAL.search(cell) is not None
    style = style_of(cell)
    return total or (style != 0 and context.styles.look(style) in context.looks)


def _columns(block: object) -> set[int]:
    lines = block.lines if isinstance(block, TextSpec) else ()
    return {cell.column for line in lines for cell in line}


def _blank_cells(block: FoundBlock, index: int) -> set[int]:
    """Columns (from 1) of a line of text that are there to be filled in by hand."""
    if not isinstance(block.block, TextSpec) or not 0 <= index < len(block.block.lines):
        return set()
    line = block.block.lines[index]
    return {cell.column + 1 for cell in line if cell.style == _SIGN and cell.value == ""}
