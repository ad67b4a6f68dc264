"""Fill the result tables of a workbook with a month's rows and leave everything else as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from receivables.book.add_sheet import Adder, put_anchors, show_sheets
from receivables.book.archive import Note, archive_spec, gone_rows, lost_notes, readable
from receivables.book.around import mark_calc, move_around
from receivables.book.blocks import (
    FoundBlock,
    FoundSheet,
    anchors,
    drawn_areas,
    find_sheets,
    sheet_entries,
    tables_of,
)
from receivables.book.body import Body, Filter, body_rows, emptied_row
from receivables.book.chart_ranges import renew_ranges
from receivables.book.charts import refresh_charts
from receivables.book.columns import (
    hidden_in,
    reworded,
    was_blank,
    widened,
    with_columns,
)
from receivables.book.comments import LostComment
from receivables.book.donor_sheet import hidden_columns
from receivables.book.dress import column_tags, cover_in_print, widened_columns
from receivables.book.filters import passing
from receivables.book.identity import anchor_name, put_columns, read_columns
from receivables.book.lines import Context, line_rows, stale
from receivables.book.old_rows import OldRows, SharedTexts
from receivables.book.package import Package
from receivables.book.pictures import renew_picture
from receivables.book.pivots import refresh_pivots
from receivables.book.plan import Plan, planned
from receivables.book.row_map import LAST_COLUMN, RowMap
from receivables.book.sheet_xml import Row, SheetXml, filled
from receivables.book.shifter import Shifter
from receivables.book.structure import Donor, ExtraSheet, render
from receivables.book.styles import StyleMap, Stylesheet
from receivables.book.table_part import Area, area_of, resized
from receivables.book.translate import Translated, Translation
from receivables.report.layout import References, letter
from receivables.report.spec import PictureSpec, Place, SheetSpec, TableSpec

STYLES = "xl/styles.xml"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a fill did."""

    changed: bool
    notes: tuple[str, ...] = ()
    """What the user should hear of."""
    archived: int = 0
    """Notes whose row is gone, now on the sheet Archived notes."""
    places: dict[str, Place] = field(default_factory=dict)
    """Where each block stands now (rows and columns from 0)."""
    maps: dict[str, RowMap] = field(default_factory=dict)
    """Old rows → new rows by the name of the sheet."""
    areas: dict[str, list[tuple[str, Area]]] = field(default_factory=dict)
    """Area of each block by the name of the sheet, a table with its user's columns."""


def filled_bytes(specs: Sequence[SheetSpec], inputs: Sequence[ExtraSheet] = ()) -> bytes:
    """A fresh workbook: the structure, filled with its own rows."""
    stream = BytesIO()
    made = render(specs, stream, inputs=inputs)
    with ZipFile(stream) as archive:
        book = Package(Path("fresh.xlsx"), archive)
        fill(book, book, specs, as_of=specs[0].as_of, made=made)
        result = BytesIO()
        book.save(result)
    return result.getvalue()


def fill(
    book: Package, donor: Package, specs: Sequence[SheetSpec], *, as_of: date, made: Donor
) -> Filled:
    """Put the rows of result sheets into a workbook.

    Args:
        book: the user's workbook; changed through `put` only.
        donor: a fresh workbook that `render` made from the same specs.
        specs: result sheets; those that are not named are left alone.
        as_of: date of the figures.
        made: what `render` answered.

    Raises:
        LedgerFileError: the workbook cannot be filled faithfully; nothing of it is to be saved.
    """
    before = dict(book.changed)
    run = _Run(book, donor, specs, as_of, made)
    run.fill()
    return run.answer(before)


class _Run:
    def __init__(
        self, book: Package, donor: Package, specs: Sequence[SheetSpec], as_of: date, made: Donor
    ) -> None:
        self.book, self.donor, self.specs, self.as_of, self.made = book, donor, specs, as_of, made
        self.notes: list[str] = []
        self.lost: list[Note] = []
        self.keys: dict[str, Any] = {}
        self.sheets: dict[str, SheetXml] = {}
        self.rows: dict[str, OldRows] = {}
        self.shown: dict[str, set[int]] = {}
        self.filters: dict[str, Filter] = {}
        self.shown_sheets: set[str] = set()
        self.maps: dict[str, RowMap] = {}
        self.translation = Translation({})
        self.plans: list[Plan] = []
        self.shared = SharedTexts(book)
        self.matches: dict[str, Any] = {}
        entries = sheet_entries(donor)
        self.fresh = {item.name: SheetXml(donor.part(item.part)) for item in entries if item.part}

    def fill(self) -> None:
        self.styles = StyleMap(self.book.part(STYLES), self.donor.part(STYLES))
        self.looks = frozenset(Stylesheet(self.donor.part(STYLES)).looks[1:])
        found = self._sheets()
        self.plans = [self._plan(sheet) for sheet in found]
        self._move()
        self.translation = self._translation()
        tables = {
            name: place
            for plan in self.plans
            for name, place in plan.places.items()
            if "" not in place.columns
        }
        self.references = References.at(tables)
        for plan in self.plans:
            self._write(plan)
        show_sheets(self.book, self.shown_sheets)
        for plan in self.plans:
            self._print_all(plan)
            self._pictures(plan)
        self._anchor()
        self._remember()
        grown = self.styles.changed
        if grown is not None:
            self.book.put(STYLES, grown)

    def _sheets(self) -> list[FoundSheet]:
        """The sheets of the specs, those that were missing added."""
        found, missing = find_sheets(self.book, self.specs, self.made)
        if not missing:
            return found
        adder = Adder(self.book, self.donor, self.styles)
        names = {sheet.spec.id: sheet.entry.name for sheet in found}
        last = ""
        for spec in self.specs:
            if spec.id not in names:
                names[spec.id] = adder.add(spec.label, last).name
            last = names[spec.id]
        return find_sheets(self.book, self.specs, self.made)[0]

    def _move(self) -> None:
        """Everything that points to rows that move, before they do."""
        moving = {
            plan.sheet.entry.part: (plan.sheet.entry.name, plan.rows)
            for plan in self.plans
            if not plan.rows.identity
        }
        self.maps = dict(moving.values())
        if not moving:
            return
        tables = {
            block.table.part for plan in self.plans for block in plan.sheet.blocks if block.table
        }
        moved = move_around(self.book, moving, tables)
        self.lost += [self._comment(comment) for comment in moved.comments]
        for place, text in moved.broken:
            if self._is_ours(place):
                continue
            self.notes.append(
                f"{place}: the formula {text} names a row that is gone. Point it to another row."
            )

    def _is_ours(self, place: str) -> bool:
        """Whether a cell is written anew anyway."""
        sheet, _, cell = place.rpartition("!")
        try:
            area = area_of(cell)
        except ValueError:
            return False
        for plan in self.plans:
            if plan.sheet.entry.name != sheet.strip("'").replace("''", "'"):
                continue
            for block in plan.sheet.blocks:
                columns = block.columns.values() or range(block.left, LAST_COLUMN)
                if block.top <= area.top <= block.bottom and area.left in columns:
                    return True
        return False

    def _comment(self, comment: LostComment) -> Note:
        """A comment without a row, with what is known of its row."""
        plan = next(item for item in self.plans if item.sheet.entry.part == comment.sheet)
        name = plan.sheet.entry.name
        for block in plan.sheet.blocks:
            if block.table and block.table.first <= comment.row <= block.table.last:
                keys = self.keys[block.name]
                key = keys[comment.row - block.table.first] if keys is not None else ""
                place = comment.column - block.table.area.left
                heading = (
                    block.table.columns[place].name
                    if 0 <= place < len(block.table.columns)
                    else ""
                )
                return Note(name, block.table.name, readable(key), heading, comment.text)
        return Note(name, "", f"{letter(comment.column - 1)}{comment.row}", "", comment.text)

    def answer(self, before: dict[str, bytes | None]) -> Filled:
        """What was done; charts, pivots and stored results follow the new figures."""
        changed = self.book.changed != before
        maps = dict(self.maps)
        if self.lost:
            changed = True
            maps |= self._archive()
        if changed:
            sheets = {plan.sheet.entry.name: plan.sheet.entry.part for plan in self.plans}
            names = [
                block.table.name
                for plan in self.plans
                for block in plan.sheet.blocks
                if block.table
            ]
            renew_ranges(self.book, self.donor, self.translation.formula, self.maps)
            refresh_charts(self.book, sheets)
            refresh_pivots(self.book, names, list(sheets))
            mark_calc(self.book)
        places = {name: place for plan in self.plans for name, place in plan.places.items()}
        return Filled(changed, tuple(self.notes), len(self.lost), places, maps, self._areas())

    def _areas(self) -> dict[str, list[tuple[str, Area]]]:
        return {plan.sheet.entry.name: self._areas_of(plan) for plan in self.plans}

    @staticmethod
    def _areas_of(plan: Plan) -> list[tuple[str, Area]]:
        found = []
        for block in plan.sheet.blocks:
            place = plan.places[block.name]
            left, right, bottom = block.left, block.left, max(place.bottom, place.top + 1)
            if block.table:
                left, right = block.table.area.left, block.table.area.right
                bottom = place.last + 1
            found.append((block.name, Area(place.top + 1, left, bottom, right)))
        return found

    def _archive(self) -> dict[str, RowMap]:
        """Append what lost its row to the sheet of archived notes."""
        spec = archive_spec(self.book, self.specs[0], self.lost, self.as_of)
        stream = BytesIO()
        made = render([spec], stream)
        with ZipFile(stream) as archive:
            donor = Package(Path("archive.xlsx"), archive)
            run = _Run(self.book, donor, [spec], self.as_of, made)
            run.fill()
        return run.maps

    def _plan(self, sheet: FoundSheet) -> Plan:
        xml = SheetXml(self.book.part(sheet.entry.part), sheet.entry.name)
        self.sheets[sheet.entry.part] = xml
        sheet = self._widened(sheet, xml)
        hidden_now = {column + 1 for column in hidden_columns(sheet.spec)}
        hidden_here = hidden_in(xml.before)
        hidden = hidden_here - hidden_now
        first: set[int] = set()
        moves = {}
        blank = True
        for block in sheet.blocks:
            if block.table is None:
                continue
            old = OldRows(block, xml, self.shared)
            match = old.match().clear() if block.state == "gone" else old.match()
            gone: list[int | None] = [None] * old.count
            self.matches[block.name] = match
            self.keys[block.name] = old.keys
            self.rows[block.name] = old
            moves[block.name] = gone if block.state == "gone" else _moves(old, match)
            self.lost += lost_notes(old, sheet.entry.name, gone_rows(old, match))
            ours = set(block.columns.values())
            seen = ours if old.count <= 1 else ours & hidden_here
            empty = {column for column in seen if was_blank(old, column)}
            hidden -= ours - empty
            first |= empty - hidden_now
            blank = blank and empty == ours
        self.shown[sheet.entry.part] = first | hidden & _columns_of(sheet)
        if sheet.entry.state == "hidden" and blank and not sheet.spec.hidden:
            self.shown_sheets.add(sheet.entry.name)
        drawn = drawn_areas(self.book, sheet.entry.part)
        context = self._context(sheet, xml)

        def own(block: FoundBlock, row: Row) -> bool:
            cells = row.cells.items()
            return any(filled(cell) and not stale(block, cell, at, context) for at, cell in cells)

        return planned(sheet, xml, moves, drawn, own)

    def _widened(self, sheet: FoundSheet, xml: SheetXml) -> FoundSheet:
        """The sheet with room for columns that its tables did not have."""
        blocks = []
        for block in sheet.blocks:
            wide, notes = (
                widened(block, xml, _limit(block, sheet)) if block.state == "here" else (block, [])
            )
            blocks.append(wide)
            self.notes += notes
        return replace(sheet, blocks=tuple(blocks))

    def _context(self, sheet: FoundSheet, xml: SheetXml) -> Context:
        shifter = Shifter(sheet.entry.name, self.maps)
        return Context(
            xml, self._donor_sheet(sheet), self.styles, self.translation,
            sheet.spec.label, self.looks, shifter,
        )  # fmt: skip

    def _translation(self) -> Translation:
        blocks: dict[str, list[Translated]] = {}
        for plan in self.plans:
            for block in plan.sheet.blocks:
                names = tuple(block.block.names) if isinstance(block.block, TableSpec) else ()
                told = Translated(block.donor, plan.places[block.name], names)
                blocks.setdefault(block.donor.sheet, []).append(told)
        return Translation(blocks)

    def _write(self, plan: Plan) -> None:
        entry = plan.sheet.entry
        xml = self.book.part(entry.part)
        old = SheetXml(xml, entry.name)
        known = self.sheets[entry.part]
        if old.data == known.data:  # then what was found in it holds
            known.before, known.after = old.before, old.after
            old = known
        context = self._context(plan.sheet, old)
        pieces: list[bytes] = []
        done = shift = 0
        for region in plan.regions:
            pieces.append(old.moved(done + 1, region.old_first - 1, shift))
            if region.body:
                pieces += self._body(plan, region, old, context.shifter)
            elif region.rows:
                pieces += line_rows(region, context)
            done = region.old_first + region.old_count - 1
            shift = region.first + region.count - 1 - done
        pieces.append(old.moved(done + 1, max(old.last, done), shift))
        tags = column_tags(self._donor_sheet(plan.sheet).before)
        wanted = {
            column: tags[place + 1]
            for block in plan.sheet.blocks
            if isinstance(block.block, TableSpec) and block.state != "gone"
            for place, name in enumerate(block.block.names)
            if (column := block.columns.get(name, 0)) in self.shown[entry.part]
            and place + 1 in tags
        }
        old.before = widened_columns(old.before, wanted)
        new = old.joined(b"".join(pieces), _extent(plan, old))
        if new != xml:
            self.book.put(entry.part, new)
        for block in plan.sheet.blocks:
            if block.table is not None:
                self._table(plan, block, plan.places[block.name])

    def _body(self, plan: Plan, region: Any, old: SheetXml, shifter: Shifter) -> list[bytes]:
        block: FoundBlock = region.block
        rows = self.rows[block.name]
        if rows.xml is not old:
            rows = OldRows(block, old, self.shared)
        if block.state == "gone":
            return [emptied_row(rows, region)]
        match, place = self.matches[block.name], plan.places[block.name]
        body = Body(rows, match, rows.spec, place, region)

        def written(body: Body) -> list[bytes]:
            return list(body_rows(body, self.styles, self.made.style, self.references, shifter))

        pieces = written(body)
        if not rows.table.filtered or b"".join(pieces) == old.moved(
            region.old_first, region.old_first + region.old_count - 1, 0
        ):
            return pieces
        shown = passing(block, self.book.part(rows.table.part))
        self.filters[block.name] = "off" if shown is None else "applied"
        if shown is None:
            self.notes.append(
                f"{rows.table.name}: its rows are new, so the filter is taken off. Set it again."
            )
        return written(replace(body, filter=self.filters[block.name], shown=shown))

    def _table(self, plan: Plan, block: FoundBlock, place: Place) -> None:
        table = block.table
        if table is None:
            return
        part = table.part
        if block.state == "new":
            part = self._new_table(plan, block)
        xml = self.book.part(part)
        down = place.heading + 1 - table.heading
        moved = table.at(down)
        worded = {
            table.columns[block.columns[name] - table.area.left].id: label
            for name, label in reworded(block).items()
        }
        kept = self.filters.get(block.name) != "off"
        new = with_columns(resized(xml, moved, place.last + 1, keep_filter=kept), table, worded)
        if new != xml:
            self.book.put(part, new)

    def _new_table(self, plan: Plan, block: FoundBlock) -> str:
        """Bring the part of a table that the sheet did not have."""
        entry = next(item for item in sheet_entries(self.donor) if item.name == block.donor.sheet)
        source = next(
            table for table in tables_of(self.donor, [entry]).values() if table.name == block.name
        )
        adder = Adder(self.book, self.donor, self.styles)
        return adder.add_table(source.part, plan.sheet.entry.part)

    def _donor_sheet(self, sheet: FoundSheet) -> SheetXml:
        return self.fresh[sheet.spec.label]

    def _print_all(self, plan: Plan) -> None:
        areas = [area for _, area in self._areas_of(plan)]
        old = [
            area
            for block, area in zip(plan.sheet.blocks, areas, strict=True)
            if block.state == "here"
        ]
        right = max(column_tags(self._donor_sheet(plan.sheet).before), default=0)
        left = min(area.left for area in areas)
        wide = [replace(area, right=max(area.right, right + left - 1)) for area in areas]
        cover_in_print(self.book, plan.sheet.entry.name, old, wide)

    def _pictures(self, plan: Plan) -> None:
        """The month's pictures in place of the old ones."""
        marks = anchors(self.book)
        for name, (block, _) in self.made.places[plan.sheet.spec.id].items():
            mark = marks.get(anchor_name(plan.sheet.spec.id, name))
            if isinstance(block, PictureSpec) and mark and mark[0] == plan.sheet.entry.name:
                renew_picture(self.book, plan.sheet.entry.part, mark[1], block.data, block.words)

    def _anchor(self) -> None:
        """Mark blocks that came in."""
        added = [
            (anchor_name(plan.sheet.spec.id, name), plan.sheet.entry.name, area)
            for plan in self.plans
            for name, area in self._areas_of(plan)
        ]
        put_anchors(self.book, added)

    def _remember(self) -> None:
        known = read_columns(self.book)
        new = {**known}
        for plan in self.plans:
            for block in plan.sheet.blocks:
                if block.table is None or block.state == "gone":
                    continue
                if not isinstance(block.block, TableSpec):
                    continue
                ids = {
                    block.table.column(place): column.id
                    for place, column in enumerate(block.table.columns)
                }
                here = {
                    name: ids[column] for name, column in block.columns.items() if column in ids
                }
                gone = {name: number for name, number, _ in known.get(block.name, [])}
                labels = {column.name: column.label for column in block.block.columns}
                new[block.name] = [
                    (name, here.get(name, gone.get(name, 0)), labels.get(name, ""))
                    for name in labels
                    if name in here or name in gone
                ]
        put_columns(self.book, new)


def _columns_of(sheet: FoundSheet) -> set[int]:
    return {column for block in sheet.blocks for column in block.columns.values()}


def _limit(block: FoundBlock, sheet: FoundSheet) -> int:
    """First column of a table that stands to the right in the same rows; 0 = none."""
    if block.table is None:
        return 0
    area = block.table.area
    right = [
        other.table.area.left
        for other in sheet.blocks
        if other.table
        and other.table.area.left > area.right
        and other.table.area.top <= area.bottom
        and other.table.area.bottom >= area.top
    ]
    return min(right, default=0)


def _moves(old: OldRows, match: Any) -> list[int | None]:
    """New row of each old row; in a table that has no keys yet, by place."""
    height = max(old.spec.frame.height, 1)
    if not match.is_not_null().any() and not _keyed(old):
        return [row if row < height else None for row in range(old.count)]
    gone: list[int | None] = [None] * old.count
    for new, row in enumerate(match.to_list()):
        if row is not None:
            gone[row] = new
    return gone


def _keyed(old: OldRows) -> bool:
    return old.keys is not None and bool((old.keys.str.strip_chars("\x1f") != "").any())


def _extent(plan: Plan, old: SheetXml) -> str:
    import re

    match = re.search(rb'<dimension\b[^>]*?\bref="([^"]*)"', old.before)
    ref = match[1].decode() if match else "A1"
    area = area_of(ref)
    shift = 0
    last = area.bottom
    for region in plan.regions:
        done = region.old_first + region.old_count - 1
        shift = region.first + region.count - 1 - done
        last = max(last, region.first + region.count - 1)
    bottom = max([area.bottom + shift, *(r.first + r.count - 1 for r in plan.regions)])
    return Area(area.top, area.left, bottom, area.right).ref
