"""From a workbook before and after its refresh to the steps that do the same where it is open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from receivables.book.around_formulas import plain_formulas
from receivables.book.blocks import SheetEntry, anchors, sheet_entries, tables_of
from receivables.book.columns import hidden_in
from receivables.book.fill import Filled
from receivables.book.live_cells import Grid, is_array, value_of
from receivables.book.live_looks import Painter
from receivables.book.live_ops import (
    Anchor,
    Cells,
    Formula,
    LivePlan,
    Looks,
    Move,
    Table,
    row_after,
    row_before,
)
from receivables.book.old_rows import SharedTexts
from receivables.book.package import Package
from receivables.book.refuse import Refused
from receivables.book.row_map import RowMap
from receivables.book.sheet_xml import SheetXml, column_of
from receivables.book.table_part import Area, TablePart

CURE = "Save it, close it, and run: receivables refresh"
_STYLE = re.compile(rb'<(?:\w+:)?tableStyleInfo\b[^>]*?\bname="([^"]*)"')
_NOTE = re.compile(rb'<(?:\w+:)?(?:comment|threadedComment)\b[^>]*?\bref="([A-Z]+)(\d+)"')


def live_plan(old: Package, new: Package, filled: Filled) -> LivePlan:
    """Steps that bring an open workbook from `old` to `new`.

    Rows are put in and taken out whole; then each table is written as one array, and of the other
    cells those that differ.

    Args:
        old: a copy of the open workbook.
        new: that copy refreshed.
        filled: what the refresh did.

    Raises:
        Refused: the refresh adds a sheet with charts, or moves what only a file can move.
    """
    before, after = _Book(old), _Book(new)
    areas = {name: [area for _, area in found] for name, found in filled.areas.items()}
    found = [
        _sheet(before, after, entry, filled.maps.get(entry.name, RowMap()), areas.get(entry.name))
        for entry in after.entries
        if old.part(entry.part) != new.part(entry.part) or entry.name in filled.maps
    ]
    moves = [move for sheet in found for move in reversed(sheet.moves)]
    return LivePlan(
        new.path,
        added=tuple(_added(before, after)),
        moves=tuple(moves),
        tables=tuple(_tables(before, after)),
        looks=tuple(item for sheet in found for item in sheet.looks),
        cells=tuple(item for sheet in found for item in sheet.cells),
        anchors=tuple(_anchors(old, new, {move.sheet for move in moves})),
        blocks=tuple((sheet.name, area) for sheet in found for area in sheet.blocks),
        columns=tuple((sheet.name, column) for sheet in found for column in sheet.columns),
        sheets=tuple(
            entry.name
            for entry in after.entries
            if entry.state == "visible" != before.states.get(entry.name, "visible")
        ),
    )


class _Book:
    """A workbook's sheets and tables."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.entries = [entry for entry in sheet_entries(package) if entry.part]
        self.names = {entry.part: entry.name for entry in self.entries}
        self.states = {entry.name: entry.state for entry in self.entries}
        self.shared = SharedTexts(package)

    @cached_property
    def tables(self) -> dict[str, TablePart]:
        return tables_of(self.package, self.entries)

    @cached_property
    def painter(self) -> Painter:
        return Painter(self.package.part("xl/styles.xml"))

    def grid(self, entry: SheetEntry) -> Grid:
        part = self.package.part(entry.part) if entry.name in self.states else b""
        xml = SheetXml(part or b"<worksheet><sheetData/></worksheet>", entry.name)
        xml.data = plain_formulas(xml.data, entry.name)
        return Grid(xml, self.shared)

    def tables_on(self, part: str) -> list[TablePart]:
        found = [table for table in self.tables.values() if table.sheet == part]
        return sorted(found, key=lambda table: table.area.top)

    def notes(self, part: str) -> set[tuple[int, int]]:
        """Cells with a comment."""
        found = set()
        for relation in self.package.relations(part):
            if relation.kind in {"comments", "threadedComment"}:
                for letters, row in _NOTE.findall(self.package.part(relation.target)):
                    found.add((int(row), column_of(letters)))
        return found


def _added(before: _Book, after: _Book) -> Iterator[str]:
    """Sheets that the refresh adds."""
    for entry in after.entries:
        if entry.name in before.states:
            continue
        kinds = {relation.kind for relation in after.package.relations(entry.part)}
        if "drawing" in kinds:
            raise _refused(after, f"the refresh adds the sheet {entry.name} with charts")
        yield entry.name


def _refused(book: _Book, what: str) -> Refused:
    name = book.package.path.name
    return Refused(f"{name}: {what}; that is done in the closed file only. {CURE} {name}")


def _tables(before: _Book, after: _Book) -> Iterator[Table]:
    """Tables that are new, or whose area changed."""
    for key, table in after.tables.items():
        old = before.tables.get(key)
        if old is None or old.area != table.area:
            style = _STYLE.search(after.package.part(table.part))
            name = style[1].decode() if style and old is None else ""
            yield Table(table.name, after.names[table.sheet], table.area, old is None, name)


def _anchors(old: Package, new: Package, moving: set[str]) -> Iterator[Anchor]:
    gone = anchors(old)
    for name, place in anchors(new).items():
        if gone.get(name) != place or place[0] in moving:
            yield Anchor(name, *place)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What changes on one sheet."""

    name: str
    moves: list[Move]
    cells: list[Cells]
    looks: list[Looks]
    blocks: list[Area]
    columns: list[int]


def _sheet(
    before: _Book, after: _Book, entry: SheetEntry, rows: RowMap, areas: Sequence[Area] | None
) -> _Sheet:
    old, new = before.grid(entry), after.grid(entry)
    moves = list(_moves(entry, rows, before, old))
    _check_notes(before, after, entry, moves)
    told = {(area.left, area.right, area.bottom) for area in areas or ()}
    bodies = [
        (table, _body(before.tables.get(table.name.casefold()), table, moves))
        for table in after.tables_on(entry.part)
        if (table.area.left, table.area.right, table.last) in told
    ]
    change = _Change(entry.name, old, new, moves)
    cells = [item for table, area in bodies for item in change.body(table, area)]
    if any(is_array(value) for item in cells for row in item.rows for value in row):
        raise _refused(after, f"an array formula stands among the rows of {entry.name}")
    cells += change.others(areas or [], [area for _, area in bodies])
    blocks = [*(areas or ()), *(area for _, area in bodies)]
    looks = [
        look
        for area in blocks
        for look in after.painter.changed(entry.name, old, new, area, moves, before.painter)
    ]
    hidden = hidden_in(old.xml.before) - hidden_in(new.xml.before)
    return _Sheet(entry.name, moves, cells, looks, blocks, sorted(hidden))


def _body(old: TablePart | None, new: TablePart, moves: Sequence[Move]) -> Area:
    """Body and totals row of a table, with the rows that it leaves."""
    bottom = new.area.bottom
    if old is not None:
        bottom = max(bottom, row_after(old.area.bottom, moves))
    return Area(new.first, new.area.left, bottom, new.area.right)


def _check_notes(before: _Book, after: _Book, entry: SheetEntry, moves: Sequence[Move]) -> None:
    """Comments go with their row in a file; a program moves them with the place."""
    taken = {row for move in moves for row in range(move.row, move.row - move.count)}
    there = {
        (row_after(row, moves), column)
        for row, column in before.notes(entry.part)
        if row not in taken
    }
    lost = any(row in taken for row, _ in before.notes(entry.part))
    if lost or there != after.notes(entry.part):
        raise _refused(
            after, f"comments on the sheet {entry.name} stand beside rows that change places"
        )


def _moves(entry: SheetEntry, rows: RowMap, before: _Book, old: Grid) -> Iterator[Move]:
    """Rows to put in or take out, from the top down."""
    tables = {table.first: table for table in before.tables_on(entry.part)}
    for upper, lower in pairwise(rows.spans):
        if upper.first in tables and tables[upper.first].totals and lower.next:
            shift = lower.below - lower.new_first - (lower.last + 1 - lower.first)
            if shift and lower.first == upper.last + 1:
                raise _refused(
                    before,
                    f"the totals row of {tables[upper.first].name} stands beside other cells",
                )
    for span in rows.spans:
        count = span.below - span.new_first - (span.last + 1 - span.first)
        table = tables.get(span.first)
        if not count:
            continue
        if table is None:
            yield _head(entry, span.first, span.last, span.rows, count)
        elif count < 0:
            yield Move(entry.name, span.last + count + 1, count)
        else:
            inside = span.last > span.first and not old.beside(span.last, table.area)
            yield Move(entry.name, span.last + (not inside), count)


def _head(
    entry: SheetEntry, first: int, last: int, rows: Sequence[int | None] | None, count: int
) -> Move:
    """Lines above a table come before its headings, those of a text at its end."""
    gone = [first + place for place, row in enumerate(rows or ()) if row is None]
    if count < 0 and gone:
        return Move(entry.name, gone[0], count)
    headings = bool(rows) and rows is not None and rows[-1] is not None and last >= first
    return Move(entry.name, last + (not headings), count)


class _Change:
    """Cells of one sheet that are to be written."""

    def __init__(self, sheet: str, old: Grid, new: Grid, moves: Sequence[Move]) -> None:
        self.sheet, self.old, self.new, self.moves = sheet, old, new, moves

    def body(self, table: TablePart, area: Area) -> Iterator[Cells]:
        """A table as one array, with its headings where they are worded anew."""
        now = self.new.values(area)
        if now != self._stood(area):
            yield Cells(self.sheet, area, now)
        head = Area(table.heading, area.left, table.heading, area.right)
        if self.new.values(head) != self._stood(head):
            yield Cells(self.sheet, head, self.new.values(head))

    def _stood(self, area: Area) -> list[list[Any]]:
        """What stands there when the rows were moved and nothing else was done."""
        blank: list[Any] = [None] * (area.right - area.left + 1)
        rows = []
        for row in range(area.top, area.bottom + 1):
            before = row_before(row, self.moves)
            line = Area(before or 0, area.left, before or 0, area.right)
            rows.append(blank if before is None else self.old.values(line)[0])
        return rows

    def others(self, areas: Sequence[Area], bodies: Sequence[Area]) -> Iterator[Cells]:
        """Cells of heads and texts that differ; elsewhere the formulas that do."""
        told = {row for area in areas for row in range(area.top, area.bottom + 1)}
        skipped = {row for area in bodies for row in range(area.top - 1, area.bottom + 1)}
        for number in self.new.numbers - skipped if areas else self.new.numbers:
            before = row_before(number, self.moves)
            had = self.old.row(before) if before else {}
            now = self.new.row(number)
            if had != now:
                yield from self._line(number, had, now, whole=number in told)

    def _line(
        self, number: int, had: dict[int, bytes], now: dict[int, bytes], *, whole: bool
    ) -> Iterator[Cells]:
        found: dict[int, Any] = {}
        for column in sorted({*had, *now}):
            shared = self.new.shared
            value = value_of(now[column], shared) if column in now else None
            stood = value_of(had[column], self.old.shared) if column in had else None
            plain = isinstance(value, Formula) and not is_array(value)
            if value != stood and (plain or (whole and not is_array(value))):
                found[column] = value
        row: list[Any] = []
        for column, value in found.items():
            row.append(value)
            if column + 1 not in found:
                area = Area(number, column - len(row) + 1, number, column)
                yield Cells(self.sheet, area, [row])
                row = []
