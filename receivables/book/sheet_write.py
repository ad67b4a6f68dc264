"""Write a sheet as planned: its rows, the parts of its tables, widths, print area and pictures."""

from __future__ import annotations

import re
from dataclasses import replace

from receivables.book.add_sheet import Adder
from receivables.book.blocks import FoundBlock, anchors, sheet_entries, tables_of
from receivables.book.body import Body, body_rows, emptied_row
from receivables.book.columns import reworded, with_columns
from receivables.book.dress import column_tags, cover_in_print, renewed_header, widened_columns
from receivables.book.filters import passing
from receivables.book.identity import anchor_name
from receivables.book.lines import Context, line_rows
from receivables.book.old_rows import OldRows
from receivables.book.pictures import renew_picture
from receivables.book.plan import Plan, Region
from receivables.book.run import Run, areas_of
from receivables.book.sheet_xml import SheetXml
from receivables.book.table_part import Area, area_of, resized
from receivables.report.spec import PictureSpec, TableSpec

_DIMENSION = re.compile(rb'<dimension\b[^>]*?\bref="([^"]*)"')


def write_sheet(run: Run, plan: Plan) -> None:
    """Rows of the sheet and parts of its tables; a part that stays the same is not touched."""
    entry = plan.sheet.entry
    known = run.sheets[entry.part]
    xml = run.book.changed.get(entry.part) or known.xml
    old = _current(run, plan, xml)
    pieces = _rows(run, plan, old, run.context(plan.sheet, old))
    old.before = widened_columns(old.before, _widths(run, plan))
    old.after = renewed_header(old.after, run.fresh[plan.sheet.spec.label].after)
    new = old.joined(pieces, _extent(plan, old))
    if new != xml:
        run.book.put(entry.part, new)
    for block in plan.sheet.blocks:
        if block.table is not None:
            _table(run, plan, block)


def dress_sheet(run: Run, plan: Plan) -> None:
    """Print area and pictures."""
    areas = [area for _, area in areas_of(plan)]
    pairs = zip(plan.sheet.blocks, areas, strict=True)
    old = [area for block, area in pairs if block.state == "here"]
    right = max(column_tags(run.fresh[plan.sheet.spec.label].before), default=0)
    left = min(area.left for area in areas)
    wide = [replace(area, right=max(area.right, right + left - 1)) for area in areas]
    cover_in_print(run.book, plan.sheet.entry.name, old, wide)
    marks = anchors(run.book)
    for name, (block, _) in run.made.places[plan.sheet.spec.id].items():
        mark = marks.get(anchor_name(plan.sheet.spec.id, name))
        if isinstance(block, PictureSpec) and mark and mark[0] == plan.sheet.entry.name:
            renew_picture(run.book, plan.sheet.entry.part, mark[1], block.data, block.words)


def _current(run: Run, plan: Plan, xml: bytes) -> SheetXml:
    """The sheet as it stands; where its rows are still those of the plan, with all found in it."""
    if xml is run.sheets[plan.sheet.entry.part].xml:
        return run.sheets[plan.sheet.entry.part]
    now = SheetXml(xml, plan.sheet.entry.name)
    known = run.sheets[plan.sheet.entry.part]
    if not now.same_rows(known):
        return now
    known.before, known.after = now.before, now.after
    return known


def _rows(run: Run, plan: Plan, old: SheetXml, context: Context) -> list[bytes]:
    pieces: list[bytes] = []
    done = shift = 0
    for region in plan.regions:
        pieces.append(old.moved(done + 1, region.old_first - 1, shift))
        if region.body:
            pieces += _body(run, plan, region, old, context)
        elif region.rows:
            pieces += line_rows(region, context)
        done = region.old_first + region.old_count - 1
        shift = region.first + region.count - 1 - done
    pieces.append(old.moved(done + 1, max(old.last, done), shift))
    return pieces


def _body(run: Run, plan: Plan, region: Region, old: SheetXml, context: Context) -> list[bytes]:
    block = region.block
    rows = run.rows[block.name]
    if rows.xml is not old:
        rows = OldRows(block, old, run.shared)
    if block.state == "gone":
        return [emptied_row(rows, region)]
    body = Body(rows, run.matches[block.name], rows.spec, plan.places[block.name], region)

    def written(body: Body) -> list[bytes]:
        return list(body_rows(body, run.styles, run.made.style, run.references, context.shifter))

    pieces = written(body)
    last = region.old_first + region.old_count - 1
    if not rows.table.filtered or b"".join(pieces) == old.moved(region.old_first, last, 0):
        return pieces
    shown = passing(block, run.book.part(rows.table.part))
    run.filters[block.name] = "off" if shown is None else "applied"
    if shown is None:
        run.notes.append(
            f"{rows.table.name}: its rows are new, so the filter is taken off. Set it again."
        )
    return written(replace(body, filter=run.filters[block.name], shown=shown))


def _table(run: Run, plan: Plan, block: FoundBlock) -> None:
    """The part of a table: area, filter, columns."""
    table = block.table
    if table is None:
        return
    place = plan.places[block.name]
    part = _new_table(run, plan, block) if block.state == "new" else table.part
    xml = run.book.part(part)
    moved = table.at(place.heading + 1 - table.heading)
    worded = {
        table.columns[block.columns[name] - table.area.left].id: label
        for name, label in reworded(block).items()
    }
    kept = run.filters.get(block.name) != "off"
    new = with_columns(resized(xml, moved, place.last + 1, keep_filter=kept), table, worded)
    if new != xml:
        run.book.put(part, new)


def _new_table(run: Run, plan: Plan, block: FoundBlock) -> str:
    """Bring the part of a table that the sheet did not have."""
    entry = next(item for item in sheet_entries(run.donor) if item.name == block.donor.sheet)
    source = tables_of(run.donor, [entry])[block.name.casefold()]
    return Adder(run.book, run.donor, run.styles).add_table(source.part, plan.sheet.entry.part)


def _widths(run: Run, plan: Plan) -> dict[int, dict[str, str]]:
    """Fresh widths of columns that are filled for the first time."""
    tags = column_tags(run.fresh[plan.sheet.spec.label].before)
    return {
        column: tags[place]
        for block in plan.sheet.blocks
        if isinstance(block.block, TableSpec) and block.state != "gone"
        for place, name in enumerate(block.block.names, 1)
        if (column := block.columns.get(name, 0)) in run.shown[plan.sheet.entry.part]
        and place in tags
    }


def _extent(plan: Plan, old: SheetXml) -> str:
    match = _DIMENSION.search(old.before)
    area = area_of(match[1].decode()) if match else Area(1, 1, 1, 1)
    end = plan.regions[-1]
    shift = end.first + end.count - end.old_first - end.old_count
    bottom = max([area.bottom + shift, *(item.first + item.count - 1 for item in plan.regions)])
    right = max([area.right, *(item.right for _, item in areas_of(plan))])
    return Area(area.top, area.left, bottom, right).ref
