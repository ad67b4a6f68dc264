"""Find our blocks in a workbook, wherever its user has moved, renamed or widened them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Literal

import polars as pl

from receivables.book.identity import anchor_name, read_columns
from receivables.book.package import Package, attributes
from receivables.book.refs import references
from receivables.book.structure import Donor
from receivables.book.table_part import (
    Area,
    TableColumn,
    TablePart,
    area_of,
    read_table,
)
from receivables.report.spec import ColumnSpec, Place, SheetSpec, TableSpec, TextSpec

WORKBOOK = "xl/workbook.xml"
_NAME = re.compile(rb"<(?:\w+:)?definedName\b([^>]*)>([^<]*)</(?:\w+:)?definedName>", re.DOTALL)
_ANCHOR = re.compile(rb"<(?:\w+:)?twoCellAnchor\b.*?</(?:\w+:)?twoCellAnchor>", re.DOTALL)
_CORNER = re.compile(
    rb"<(?:\w+:)?(?:from|to)>\s*<(?:\w+:)?col>(\d+)</.*?<(?:\w+:)?row>(\d+)</", re.DOTALL
)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")

Known = Mapping[str, Sequence[tuple[str, int, str]]]
"""Columns of our tables as the workbook remembers them."""


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet of a workbook."""

    name: str
    part: str
    state: str = "visible"


@dataclass(frozen=True, slots=True)
class FoundBlock:
    """A block of ours that holds cells, and where it stands now."""

    name: str
    block: TableSpec | TextSpec
    donor: Place
    top: int
    """First row of the head, or of the text, counted from 1."""
    bottom: int
    """Last row: of the body, or of the text."""
    left: int
    table: TablePart | None = None
    columns: dict[str, int] = field(default_factory=dict)
    """Our columns that are there, with their columns on the sheet."""
    labels: dict[str, str] = field(default_factory=dict)
    """Headings as we wrote them last time."""
    state: Literal["here", "new", "gone"] = "here"
    """A new one takes no rows yet; of one that is gone the report has no more to say."""

    @property
    def own(self) -> list[int]:
        """Columns of the table that its user added."""
        if self.table is None:
            return []
        ours = set(self.columns.values())
        area = self.table.area
        return [column for column in range(area.left, area.right + 1) if column not in ours]


@dataclass(frozen=True, slots=True)
class FoundSheet:
    """A result sheet in the user's workbook."""

    spec: SheetSpec
    entry: SheetEntry
    blocks: tuple[FoundBlock, ...]


def sheet_entries(book: Package) -> list[SheetEntry]:
    """Sheets of a workbook in their order."""
    targets = {item.id: item.target for item in book.relations(WORKBOOK)}
    found = []
    for tag in _SHEET.findall(book.part(WORKBOOK)):
        given = attributes(tag)
        number = next((value for key, value in given.items() if key.endswith(":id")), "")
        found.append(
            SheetEntry(given["name"], targets.get(number, ""), given.get("state", "visible"))
        )
    return found


def anchors(book: Package) -> dict[str, tuple[str, Area]]:
    """Defined names that mark our blocks: sheet and area."""
    found = {}
    for tag, text in _NAME.findall(book.part(WORKBOOK)):
        name = attributes(tag).get("name", "")
        if not name.startswith("_rcv_"):
            continue
        for reference in references(unescape(text.decode())):
            place = reference.text.rpartition("!")[2]
            try:
                found[name] = (reference.sheet, area_of(place))
            except ValueError:  # the rows were deleted, or a whole column
                continue
    return found


def tables_of(book: Package, entries: Sequence[SheetEntry]) -> dict[str, TablePart]:
    """All tables of a workbook by their names in lower case."""
    found = {}
    for entry in entries:
        for relation in book.relations(entry.part):
            if relation.kind == "table":
                table = read_table(book, relation.target, entry.part)
                if table:
                    found[table.name.casefold()] = table
    return found


def drawn_areas(book: Package, part: str) -> list[Area]:
    """Cells that charts, pictures and shapes of a sheet cover."""
    found = []
    for relation in book.relations(part):
        if relation.kind != "drawing":
            continue
        for anchor in _ANCHOR.findall(book.part(relation.target)):
            corners = [(int(row) + 1, int(column) + 1) for column, row in _CORNER.findall(anchor)]
            if len(corners) == 2:
                (top, left), (bottom, right) = corners
                found.append(Area(top, left, bottom, right))
    return found


def find_sheets(
    book: Package, specs: Sequence[SheetSpec], made: Donor
) -> tuple[list[FoundSheet], list[SheetSpec]]:
    """The specs whose sheets are in the workbook, and those that are not."""
    search = _Search(book, made)
    found, missing = [], []
    for spec in specs:
        sheet = search.sheet(spec)
        if sheet is None:
            missing.append(spec)
        else:
            found.append(sheet)
    return found, missing


class _Search:
    def __init__(self, book: Package, made: Donor) -> None:
        self.entries = sheet_entries(book)
        self.anchors = anchors(book)
        self.tables = tables_of(book, self.entries)
        self.known = read_columns(book)
        self.made = made

    def sheet(self, spec: SheetSpec) -> FoundSheet | None:
        entry = self._entry(spec)
        if entry is None:
            return None
        blocks: list[FoundBlock] = []
        missing = []
        for name, (block, place) in self.made.places[spec.id].items():
            if not isinstance(block, TableSpec | TextSpec):
                continue
            found = self._block(spec, entry, name, block, place)
            if found is None:
                missing.append((len(blocks), name, block, place))
            else:
                blocks.append(found)
        if not blocks:
            return None
        new = [self._new(blocks, *item) for item in missing]
        gone = list(self._gone(spec, entry))
        return FoundSheet(spec, entry, (*blocks, *new, *gone))

    def _new(
        self, blocks: Sequence[FoundBlock], before: int, name: str, block: TableSpec | TextSpec,
        place: Place,
    ) -> FoundBlock:  # fmt: skip
        """A block that is not there yet: above the one that follows it, or below the last."""
        left = blocks[max(before - 1, 0)].left
        below = [item.top for item in blocks[before:]]
        lowest = max(item.bottom + (item.table.totals if item.table else 0) for item in blocks)
        top = min(below) if below else lowest + 2
        if isinstance(block, TextSpec):
            return FoundBlock(name, block, place, top, top - 1, left, state="new")
        right = left + len(block.columns) - 1
        columns = tuple(
            TableColumn(number, column.label) for number, column in enumerate(block.columns, 1)
        )
        table = TablePart("", "", block.name, Area(top - 1, left, top - 1, right), columns)
        places = {column: left + index for index, column in enumerate(block.names)}
        labels = {column.name: column.label for column in block.columns}
        return FoundBlock(
            name, block, place, top, top - 1, left, table, places, labels, state="new"
        )

    def _gone(self, spec: SheetSpec, entry: SheetEntry) -> Iterator[FoundBlock]:
        """Tables of ours on a sheet of which the report has no more to say."""
        start = anchor_name(spec.id, "")
        for anchor, (sheet, area) in self.anchors.items():
            name = anchor.removeprefix(start)
            table = self.tables.get(name.casefold())
            known = name in self.made.places[spec.id] or not anchor.startswith(start)
            if known or sheet != entry.name or table is None or table.sheet != entry.part:
                continue
            columns = tuple(
                ColumnSpec(column, label) for column, _, label in self.known.get(name, [])
            )
            empty = pl.DataFrame(schema=dict.fromkeys([item.name for item in columns], pl.String))
            block = TableSpec(name, columns, empty)
            here, labels = self._columns(block, table)
            place = Place(entry.name, area.top - 1, area.bottom)
            yield FoundBlock(
                name, block, place, table.first, table.last, table.area.left, table, here, labels,
                state="gone",
            )  # fmt: skip

    def _entry(self, spec: SheetSpec) -> SheetEntry | None:
        """The sheet that most anchors of the spec name, or that holds its tables."""
        for name in self.made.places[spec.id]:
            anchor = self.anchors.get(anchor_name(spec.id, name))
            if anchor:
                return next((item for item in self.entries if item.name == anchor[0]), None)
        parts = {
            self.tables[table.name.casefold()].sheet
            for table in spec.tables
            if table.name.casefold() in self.tables
        }
        return next((item for item in self.entries if item.part in parts), None)

    def _block(
        self, spec: SheetSpec, entry: SheetEntry, name: str, block: TableSpec | TextSpec,
        place: Place,
    ) -> FoundBlock | None:  # fmt: skip
        anchor = self.anchors.get(anchor_name(spec.id, name))
        area = anchor[1] if anchor and anchor[0] == entry.name else None
        if isinstance(block, TextSpec):
            if area is None:
                return None
            bottom = area.bottom if block.lines else area.top - 1
            return FoundBlock(name, block, place, area.top, bottom, area.left)
        table = self._table(block, entry, area)
        if table is None:
            return None
        head = place.heading - place.top
        top = min(area.top, table.heading) if area else max(table.heading - head, 1)
        columns, labels = self._columns(block, table)
        return FoundBlock(
            name, block, place, top, table.last, table.area.left, table, columns, labels
        )

    def _table(self, block: TableSpec, entry: SheetEntry, area: Area | None) -> TablePart | None:
        named = self.tables.get(block.name.casefold())
        if named and named.sheet == entry.part:
            return named
        if area is None:
            return None
        inside = (
            table
            for table in self.tables.values()
            if table.sheet == entry.part and area.top <= table.heading <= area.bottom
        )
        return next(inside, None)

    def _columns(
        self, block: TableSpec, table: TablePart
    ) -> tuple[dict[str, int], dict[str, str]]:
        """Our columns by the ids the workbook remembers, or by their headings."""
        known = self.known.get(block.name, [])
        places = {column.id: index for index, column in enumerate(table.columns)}
        found = {
            name: table.column(places[number]) for name, number, _ in known if number in places
        }
        labels = {name: label for name, _, label in known}
        if not known:
            found = _by_heading(block, table)
            labels = {
                column.name: column.label for column in block.columns if column.name in found
            }
        wanted = set(block.names)
        return {name: place for name, place in found.items() if name in wanted}, labels


def _by_heading(block: TableSpec, table: TablePart) -> dict[str, int]:
    """Our columns by their headings; one worded anew stands between the same neighbours."""
    headings = {column.name: index for index, column in enumerate(table.columns)}
    found = [headings.get(column.label) for column in block.columns]
    before = -1
    for index, place in enumerate(found):
        if place is not None:
            before = place
            continue
        rest = found[index:]
        step = next((at for at, other in enumerate(rest) if other is not None), 0)
        if step and rest[step] == before + step + 1:
            before += 1
            found[index] = before
    return {
        column.name: table.column(place)
        for column, place in zip(block.columns, found, strict=True)
        if place is not None
    }
