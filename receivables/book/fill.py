"""Fill the result tables of a workbook with a month's rows and leave everything else as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from receivables.book.add_sheet import Adder, put_anchors, show_sheets
from receivables.book.archive import Note, archive_spec, readable
from receivables.book.around import mark_calc, move_around
from receivables.book.blocks import FoundBlock, FoundSheet, find_sheets
from receivables.book.chart_ranges import renew_ranges
from receivables.book.charts import refresh_charts
from receivables.book.comments import LostComment
from receivables.book.identity import anchor_name, put_columns, read_columns
from receivables.book.package import Package
from receivables.book.pivots import refresh_pivots
from receivables.book.row_map import LAST_COLUMN, RowMap
from receivables.book.run import STYLES, Run, areas_of
from receivables.book.sheet_plan import plan_sheet
from receivables.book.sheet_write import dress_sheet, write_sheet
from receivables.book.structure import Donor, ExtraSheet, render
from receivables.book.table_part import Area, area_of
from receivables.report.layout import letter
from receivables.report.spec import Place, SheetSpec, TableSpec


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

    def with_more(self, later: Filled) -> Filled:
        """Where rows and blocks are after a further fill, of other sheets."""
        return replace(self, maps=self.maps | later.maps, areas=self.areas | later.areas)


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

    Everything that points to rows that move is moved first; then the rows of our blocks are
    written, with what their user keeps in and beside them. What has lost its row is appended to
    the sheet Archived notes. With the same specs a second fill changes no byte.

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
    run = Run(book, donor, specs, as_of, made)
    _fill(run)
    changed = book.changed != before or bool(run.lost)
    archive = _archive(run) if run.lost else None
    if changed:
        _follow(run)
    places = {block.name: plan.places[block.name] for plan, block in run.blocks}
    filled = Filled(changed, tuple(run.notes), len(run.lost), places, dict(run.maps), _areas(run))
    return filled.with_more(archive) if archive else filled


def _areas(run: Run) -> dict[str, list[tuple[str, Area]]]:
    return {plan.sheet.entry.name: areas_of(plan) for plan in run.plans}


def _fill(run: Run) -> None:
    run.plans = [plan_sheet(run, sheet) for sheet in _sheets(run)]
    _move(run)
    run.settle()
    for plan in run.plans:
        write_sheet(run, plan)
    show_sheets(run.book, run.shown_sheets)
    for plan in run.plans:
        dress_sheet(run, plan)
    put_anchors(
        run.book,
        [
            (anchor_name(plan.sheet.spec.id, name), plan.sheet.entry.name, area)
            for plan in run.plans
            for name, area in areas_of(plan)
        ],
    )
    _remember(run)
    grown = run.styles.changed
    if grown is not None:
        run.book.put(STYLES, grown)


def _sheets(run: Run) -> list[FoundSheet]:
    """The sheets of the specs, those that were missing added."""
    found, missing = find_sheets(run.book, run.specs, run.made)
    if not missing:
        return found
    adder = Adder(run.book, run.donor, run.styles)
    names = {sheet.spec.id: sheet.entry.name for sheet in found}
    last = ""
    for spec in run.specs:
        if spec.id not in names:
            names[spec.id] = adder.add(spec.label, last).name
        last = names[spec.id]
    return find_sheets(run.book, run.specs, run.made)[0]


def _move(run: Run) -> None:
    """Everything that points to rows that move, before they do."""
    moving = {
        plan.sheet.entry.part: (plan.sheet.entry.name, plan.rows)
        for plan in run.plans
        if not plan.rows.identity
    }
    run.maps = dict(moving.values())
    if not moving:
        return
    moved = move_around(
        run.book, moving, {block.table.part for _, block in run.blocks if block.table}
    )
    run.lost += [_note_of(run, comment) for comment in moved.comments]
    run.notes += [
        f"{place}: the formula {text} names a row that is gone. Point it to another row."
        for place, text in moved.broken
        if not _is_ours(run, place)
    ]


def _is_ours(run: Run, place: str) -> bool:
    """Whether a cell is written anew anyway."""
    sheet, _, cell = place.rpartition("!")
    try:
        area = area_of(cell)
    except ValueError:
        return False
    name = sheet.strip("'").replace("''", "'")
    for plan, block in run.blocks:
        columns = block.columns.values() or range(block.left, LAST_COLUMN)
        inside = block.top <= area.top <= block.bottom and area.left in columns
        if plan.sheet.entry.name == name and inside:
            return True
    return False


def _note_of(run: Run, comment: LostComment) -> Note:
    """A comment without a row, with what is known of its row."""
    name = ""
    for plan, block in run.blocks:
        if plan.sheet.entry.part != comment.sheet:
            continue
        name = plan.sheet.entry.name
        if block.table and block.table.first <= comment.row <= block.table.last:
            keys = run.rows[block.name].keys
            key = "" if keys is None else readable(keys[comment.row - block.table.first])
            heading = _heading(block, comment.column)
            return Note(name, block.table.name, key, heading, comment.text)
    return Note(name, "", f"{letter(comment.column - 1)}{comment.row}", "", comment.text)


def _heading(block: FoundBlock, column: int) -> str:
    columns = block.table.columns if block.table else ()
    place = column - block.left
    return columns[place].name if 0 <= place < len(columns) else ""


def _archive(run: Run) -> Filled:
    """Append what lost its row to the sheet of archived notes."""
    spec = archive_spec(run.book, run.specs[0], run.lost, run.as_of)
    stream = BytesIO()
    made = render([spec], stream)
    with ZipFile(stream) as archive:
        donor = Package(Path("archive.xlsx"), archive)
        further = Run(run.book, donor, [spec], run.as_of, made)
        _fill(further)
    return Filled(changed=True, maps=further.maps, areas=_areas(further))


def _follow(run: Run) -> None:
    """Charts, pivot tables and stored results of formulas follow the new figures."""
    sheets = {plan.sheet.entry.name: plan.sheet.entry.part for plan in run.plans}
    tables = [block.table.name for _, block in run.blocks if block.table]
    renew_ranges(run.book, run.donor, run.translation.formula, run.maps)
    refresh_charts(run.book, sheets)
    refresh_pivots(run.book, tables, list(sheets))
    mark_calc(run.book)


def _remember(run: Run) -> None:
    """Ids of our columns, by which they are found again under other names."""
    known = read_columns(run.book)
    new = dict(known)
    for _, block in run.blocks:
        if block.table is None or block.state == "gone":
            continue
        if isinstance(block.block, TableSpec):
            new[block.name] = _ids(block, block.block, known.get(block.name, []))
    put_columns(run.book, new)


def _ids(
    block: FoundBlock, spec: TableSpec, known: Sequence[tuple[str, int, str]]
) -> list[tuple[str, int, str]]:
    """Columns that are there, and those that their user deleted."""
    ids = {name: number for name, number, _ in known}
    for index, column in enumerate(block.table.columns if block.table else ()):
        for name, place in block.columns.items():
            if place == block.left + index:
                ids[name] = column.id
    return [
        (column.name, ids[column.name], column.label)
        for column in spec.columns
        if column.name in ids
    ]
