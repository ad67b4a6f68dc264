"""Plan a sheet's refresh from what stands on it: rows kept, lost, shown for the first time."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from receivables.book.archive import gone_rows, lost_notes
from receivables.book.blocks import FoundBlock, FoundSheet, drawn_areas
from receivables.book.columns import hidden_in, was_blank, widened
from receivables.book.donor_sheet import hidden_columns
from receivables.book.lines import stale
from receivables.book.old_rows import OldRows
from receivables.book.plan import Plan, Rows, planned
from receivables.book.run import Run
from receivables.book.sheet_xml import Row, SheetXml, filled


def plan_sheet(run: Run, sheet: FoundSheet) -> Plan:
    """Where everything on a sheet will stand; the run learns what its rows hold."""
    xml = SheetXml(run.book.keep(sheet.entry.part), sheet.entry.name)
    run.sheets[sheet.entry.part] = xml
    sheet = _widened(run, sheet, xml)
    moves: dict[str, Rows] = {}
    for block in sheet.blocks:
        if block.table is None:
            continue
        old = OldRows(block, xml, run.shared)
        gone = block.state == "gone"
        match = pl.Series([], dtype=pl.Int64) if gone else old.match()
        run.rows[block.name], run.matches[block.name] = old, match
        moves[block.name] = [None] * old.count if gone else _moves(old, match)
        run.lost += lost_notes(old, sheet.entry.name, gone_rows(old, match))
    _show(run, sheet, xml)
    context = run.context(sheet, xml)

    def own(block: FoundBlock, row: Row) -> bool:
        cells = row.cells.items()
        return any(filled(cell) and not stale(block, cell, at, context) for at, cell in cells)

    return planned(sheet, xml, moves, drawn_areas(run.book, sheet.entry.part), own)


def _show(run: Run, sheet: FoundSheet, xml: SheetXml) -> None:
    """Columns, or the whole sheet, that were hidden for want of anything to show."""
    unused = {column + 1 for column in hidden_columns(sheet.spec)}
    hidden = hidden_in(xml.before)
    shown: set[int] = set()
    full: set[int] = set()
    blank = True
    for block in sheet.blocks:
        if block.table is None:
            continue
        old = run.rows[block.name]
        ours = set(block.columns.values())
        seen = ours if old.count <= 1 else ours & hidden
        empty = {column for column in seen if was_blank(old, column)}
        shown |= empty
        full |= ours - empty
        blank = blank and empty == ours
    run.shown[sheet.entry.part] = shown - unused - (hidden & full)
    if sheet.entry.state == "hidden" and blank and not sheet.spec.hidden:
        run.shown_sheets.add(sheet.entry.name)


def _widened(run: Run, sheet: FoundSheet, xml: SheetXml) -> FoundSheet:
    """The sheet with room for columns that its tables did not have."""
    blocks = []
    for block in sheet.blocks:
        if block.state != "here":
            blocks.append(block)
            continue
        wide, notes = widened(block, xml, _limit(block, sheet))
        blocks.append(wide)
        run.notes += notes
    return replace(sheet, blocks=tuple(blocks))


def _limit(block: FoundBlock, sheet: FoundSheet) -> int:
    """First column of a table that stands to the right in the same rows; 0 = none."""
    if block.table is None:
        return 0
    area = block.table.area
    others = (other.table.area for other in sheet.blocks if other.table)
    right = [
        other.left
        for other in others
        if other.left > area.right and other.top <= area.bottom and other.bottom >= area.top
    ]
    return min(right, default=0)


def _moves(old: OldRows, match: pl.Series) -> list[int | None]:
    """New row of each old row; in a table that has no keys yet, by place."""
    height = max(old.spec.frame.height, 1)
    if not match.is_not_null().any() and not _keyed(old):
        return [row if row < height else None for row in range(old.count)]
    moves: list[int | None] = [None] * old.count
    for new, row in enumerate(match.to_list()):
        if row is not None:
            moves[row] = new
    return moves


def _keyed(old: OldRows) -> bool:
    return old.keys is not None and bool((old.keys.str.strip_chars("\x1f") != "").any())
