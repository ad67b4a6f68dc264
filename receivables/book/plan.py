"""Where everything on a sheet stands after a refresh: which rows come in, go out and move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from receivables.book.blocks import FoundBlock, FoundSheet
from receivables.book.refs import RowMap, Span
from receivables.book.sheet_xml import HELD, SheetXml, filled
from receivables.book.table_part import Area
from receivables.errors import LedgerFileError
from receivables.report.spec import Place, TableSpec

Rows = Sequence[int | None]
"""New place (from 0) of each old body row, None = gone."""


@dataclass(frozen=True, slots=True)
class Region:
    """Rows of one block, or of its head: what they were and what they become (counted from 1)."""

    block: FoundBlock
    body: bool
    old_first: int
    old_count: int
    """With the totals row and the blank rows below that the table grows into."""
    first: int
    count: int
    """With the totals row and the blank rows left for what stands beside."""
    rows: int
    """Rows of the body, of the head or of the text alone."""

    @property
    def resized(self) -> bool:
        """Whether a head or text has more or fewer rows than before."""
        return self.count != self.old_count


@dataclass(slots=True)
class Plan:
    """Regions of a sheet from top to bottom, and where rows go."""

    sheet: FoundSheet
    regions: list[Region] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    @property
    def rows(self) -> RowMap:
        """Where the rows of the sheet go."""
        return RowMap(tuple(self.spans))


def planned(
    sheet: FoundSheet, xml: SheetXml, moves: dict[str, Rows], drawings: Sequence[Area]
) -> Plan:
    """Places of the blocks of a sheet.

    Args:
        sheet: the blocks as they stand.
        xml: the sheet.
        moves: where the body rows of each table go.
        drawings: cells that charts and pictures cover.
    """
    plan = Plan(sheet)
    shift = 0
    previous = 0
    blocks = sorted(sheet.blocks, key=lambda block: (block.top, block.bottom))
    for place, block in enumerate(blocks):
        if block.top <= previous and block.bottom >= block.top:
            raise LedgerFileError(
                f"{sheet.entry.name}: {block.name} stands in row {block.top} beside another table of the report. Move it below (cut and insert), save and run again."
            )
        below = blocks[place + 1].top if place + 1 < len(blocks) else 0
        shift = _head(plan, block, shift)
        if block.table is not None:
            shift = _body(plan, block, xml, moves[block.name], shift, _Below(below, drawings))
        previous = _end(block)
    return plan


@dataclass(frozen=True, slots=True)
class _Below:
    next_block: int
    drawings: Sequence[Area]


def _end(block: FoundBlock) -> int:
    return block.bottom + (block.table.totals if block.table else 0)


def _head(plan: Plan, block: FoundBlock, shift: int) -> int:
    """Text lines, or title to heading of a table."""
    if block.table is None:
        old = block.bottom - block.top + 1
        new = len(block.block.lines) if not isinstance(block.block, TableSpec) else old
    else:
        old = block.table.heading - block.top + 1
        new = block.donor.heading - block.donor.top + 1
    first = block.top + shift
    plan.regions.append(Region(block, False, block.top, old, first, new, new))
    if new != old:
        kept = min(old, new)
        rows: list[int | None] = [first + row if row < kept else None for row in range(old)]
        if block.table is not None:
            rows[-1] = first + new - 1
            if old > new:
                rows[new - 1] = None
        plan.spans.append(Span(block.top, block.top + old - 1, first, first + new - 1, rows))
    if block.table is None:
        plan.places[block.name] = Place(
            plan.sheet.entry.name, first - 1, first - 1 + new, columns={"": block.left - 1}
        )
    return shift + new - old


def _body(
    plan: Plan, block: FoundBlock, xml: SheetXml, rows: Rows, shift: int, below: _Below
) -> int:
    table = block.table
    spec = block.block
    if table is None or not isinstance(spec, TableSpec):
        return shift
    old, new = table.last - table.first + 1, max(spec.frame.height, 1)
    first = table.first + shift
    zone = _Zone(block, xml, below)
    used = left = 0
    if new > old:
        used = min(new - old, zone.free())
    elif new < old:
        left = max(zone.needed() - new, 0)
    grown = new - old + left - used
    totals = table.totals
    plan.regions.append(
        Region(block, True, table.first, old + totals + used, first, new + totals + left, new)
    )
    _add_spans(plan, block, rows, first, (old, new), grown + shift)
    head = block.donor.heading - block.donor.top
    plan.places[block.name] = Place(
        plan.sheet.entry.name,
        top=first - 2 - head,
        bottom=first + new + totals + left,
        heading=first - 2,
        first=first - 1,
        last=first + new - 2,
        columns={name: column - 1 for name, column in block.columns.items()},
    )
    return shift + grown


def _add_spans(
    plan: Plan, block: FoundBlock, rows: Rows, first: int, counts: tuple[int, int], shift: int
) -> None:
    table = block.table
    if table is None:
        return
    old, new = counts
    area = table.area
    moved = [None if row is None else first + row for row in rows]
    after = table.last + 1 + shift
    end = first + new - 1
    if not table.totals:
        span = Span(table.first, table.last, first, end, moved, area.left, area.right, after)
        plan.spans.append(span)
        return
    plan.spans.append(Span(table.first, table.last, first, end, moved, area.left, area.right))
    total = table.last + 1
    plan.spans.append(
        Span(total, total, end + 1, end + 1, [end + 1], area.left, area.right, after + 1)
    )


@dataclass(frozen=True, slots=True)
class _Zone:
    """What stands beside a table and in the blank rows below it."""

    block: FoundBlock
    xml: SheetXml
    below: _Below

    def needed(self) -> int:
        """Rows of the body up to the last one with something beside it."""
        table = self.block.table
        if table is None:
            return 0
        last = max(self._beside(table.first, table.last), default=0)
        return min(max(last, self._drawn()), table.last) - table.first + 1

    def free(self) -> int:
        """Blank rows below the table down to the last one with something beside it."""
        table = self.block.table
        if table is None:
            return 0
        start = table.area.bottom + 1
        limit = self.below.next_block or max(self.xml.last, self._drawn()) + 2
        blank = limit
        for row in self.xml.rows(start, limit - 1):
            inside = (
                cell
                for column, cell in row.cells.items()
                if table.area.left <= column <= table.area.right
            )
            if any(filled(cell) for cell in inside):
                blank = row.number
                break
        reach = max(self._beside(start, blank - 1), default=0)
        reach = max(reach, min(self._drawn(), blank - 1))
        return max(min(reach - start + 1, blank - start - 1), 0)

    def _beside(self, first: int, last: int) -> list[int]:
        """Rows with content outside the table's columns."""
        table = self.block.table
        if table is None or last < first:
            return []
        cells = self.xml.cells(first, last)
        outside = (cells.column < table.area.left) | (cells.column > table.area.right)
        found = cells.only(outside)
        if not found.row.size:
            return []
        held = found.xml().str.contains(HELD).to_numpy()
        return [int(row) for row in np.unique(found.row[held])]

    def _drawn(self) -> int:
        """Last row that a drawing beside the table covers."""
        table = self.block.table
        if table is None:
            return 0
        inside = (
            area.bottom
            for area in self.below.drawings
            if table.heading <= area.top <= table.last
            and (area.left > table.area.right or area.right < table.area.left)
        )
        return max(inside, default=0)
