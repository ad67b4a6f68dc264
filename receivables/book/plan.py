"""Where everything on a sheet stands after a refresh: which rows come in, go out and move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from receivables.book.blocks import FoundBlock, FoundSheet
from receivables.book.refs import RowMap, Span
from receivables.book.sheet_xml import HELD, Row, SheetXml, filled
from receivables.book.table_part import Area
from receivables.errors import LedgerFileError
from receivables.report.spec import Place, TableSpec, TextSpec

Rows = Sequence[int | None]
"""New place (from 0) of each old body row, None = gone."""


Own = Callable[[FoundBlock, Row], bool]


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
    sheet: FoundSheet, xml: SheetXml, moves: dict[str, Rows], drawings: Sequence[Area],
    own: Own,
) -> Plan:  # fmt: skip
    """Places of the blocks of a sheet.

    Args:
        sheet: the blocks as they stand.
        xml: the sheet.
        moves: where the body rows of each table go.
        drawings: cells that charts and pictures cover.
        own: whether a row of a block's head holds anything of its user's.
    """
    plan = Plan(sheet)
    shift = 0
    previous = 0
    order = {block.name: place for place, block in enumerate(sheet.blocks)}
    blocks = sorted(
        sheet.blocks, key=lambda block: (block.top, block.bottom >= block.top, order[block.name])
    )
    for place, block in enumerate(blocks):
        if block.top <= previous and block.state != "new":
            raise LedgerFileError(
                f"{sheet.entry.name}: {block.name} stands in row {block.top} beside another table of the report. Move it below (cut and insert), save and run again."
            )
        below = next((item.top for item in blocks[place + 1 :] if item.state != "new"), 0)
        if block.state != "gone":
            shift = _head(plan, block, xml, shift, own)
        if block.table is not None:
            shift = _body(plan, block, xml, moves[block.name], shift, _Below(below, drawings))
        if block.state == "new":
            shift = _gap(plan, block, shift)
        previous = max(_end(block), previous)
    return plan


def _gap(plan: Plan, block: FoundBlock, shift: int) -> int:
    """A blank row below a new block."""
    first = block.top + shift
    plan.regions.append(Region(block, False, block.top, 0, first, 1, 0))
    plan.spans.append(Span(block.top, block.top - 1, first, first))
    return shift + 1


@dataclass(frozen=True, slots=True)
class _Below:
    next_block: int
    drawings: Sequence[Area]


def _end(block: FoundBlock) -> int:
    return block.bottom + (block.table.totals if block.table else 0)


def _head(plan: Plan, block: FoundBlock, xml: SheetXml, shift: int, own: Own) -> int:
    """Text lines, or title to heading of a table."""
    headings = int(block.table is not None)
    old = 0
    if block.state == "here":
        old = (block.table.heading if block.table else block.bottom) - block.top + 1
    if block.table is not None:
        new = block.donor.heading - block.donor.top + 1
    else:
        new = len(block.block.lines) if isinstance(block.block, TextSpec) else old
    first = block.top + shift
    count = new
    if old > new:
        extra = xml.rows(block.top + new - headings, block.top + old - 1 - headings)
        held = [row.number - block.top for row in extra if own(block, row)]
        count = max([new, *(row + 1 + headings for row in held)])
    plan.regions.append(Region(block, False, block.top, old, first, count, new))
    if count != old:
        body = min(old, count) - headings
        rows: list[int | None] = [first + row if row < body else None for row in range(old)]
        if headings and old:
            rows[-1] = first + count - 1
        plan.spans.append(Span(block.top, block.top + old - 1, first, first + count - 1, rows))
    if block.table is None:
        plan.places[block.name] = Place(
            plan.sheet.entry.name, first - 1, first - 1 + new, columns={"": block.left - 1}
        )
    return shift + count - old


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
    top = first - 1
    if block.state != "gone":
        top = plan.regions[-2].first
    plan.places[block.name] = Place(
        plan.sheet.entry.name,
        top=top - 1,
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
    _, new = counts
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
