"""A refresh of the workbook that is open in Excel: rows moved, each table written as one array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from receivables.book.live_ops import Anchor, Fault, Formula, LivePlan, Looks, Move, Table
from receivables.book.table_part import Area

DOWN, UP = -4121, -4162
FROM_ABOVE = 0
NO_FILL = -4142
SOURCE_RANGE, WITH_HEADINGS = 1, 1
VISIBLE = -1


def apply(book: Any, plan: LivePlan) -> None:
    """Do what a plan says; selection and scroll position are those of before."""
    with _same_view(book), _as_written(book.app.api):
        _sheets(book, plan)
        for table in plan.tables:
            if not table.new:
                _listed(book, table.name).Resize(_range(book, table.sheet, table.area))
        for item in plan.cells:
            cells = book.sheets[item.sheet].range(*_corners(item.area))
            cells.raw_value = tuple(tuple(map(written, row)) for row in item.rows)
        for looks in plan.looks:
            _paint(book, looks)
        for table in plan.tables:
            if table.new:
                _add_table(book, table)
        _name(book, plan.anchors)
        for sheet, column in plan.columns:
            book.sheets[sheet].api.Columns(column).Hidden = False


def written(cell: Any) -> Any:
    """A cell as Excel takes it: the sign before a text keeps it from being read as something else.

    >>> [written(cell) for cell in ("00123", "=cmd", Formula("=1+1"), 12.5, None, True)]
    ["'00123", "'=cmd", '=1+1', 12.5, None, True]
    """
    if isinstance(cell, Formula | Fault):
        return str(cell)
    return f"'{cell}" if isinstance(cell, str) and cell else cell


def _sheets(book: Any, plan: LivePlan) -> None:
    """Sheets put in and shown, filters taken off, rows moved."""
    for name in plan.added:
        sheets = book.api.Worksheets
        sheets.Add(After=sheets(sheets.Count)).Name = name
    written_to = [*(move.sheet for move in plan.moves), *(item.sheet for item in plan.cells)]
    for name in dict.fromkeys(written_to):
        for table in book.sheets[name].api.ListObjects:
            # rows that a filter hides are neither taken out nor written reliably
            if table.ShowAutoFilter and table.AutoFilter.FilterMode:
                table.AutoFilter.ShowAllData()
    for move in plan.moves:
        _move(book, move)
    for name in plan.sheets:
        book.sheets[name].api.Visible = VISIBLE


def _move(book: Any, move: Move) -> None:
    last = move.row + abs(move.count) - 1
    rows = book.sheets[move.sheet].api.Rows(f"{move.row}:{last}")
    if move.count > 0:
        rows.Insert(Shift=DOWN, CopyOrigin=FROM_ABOVE)
    else:
        rows.Delete(Shift=UP)


def _paint(book: Any, looks: Looks) -> None:
    cells = _range(book, looks.sheet, looks.area)
    if looks.number_format is not None:
        cells.NumberFormat = looks.number_format
    if looks.fill:
        red, green, blue = bytes.fromhex(looks.fill)
        cells.Interior.Color = red + 256 * green + 65536 * blue
    elif looks.fill == "":
        cells.Interior.Pattern = NO_FILL


def _add_table(book: Any, table: Table) -> None:
    made = book.sheets[table.sheet].api.ListObjects.Add(
        SOURCE_RANGE, _range(book, table.sheet, table.area), None, WITH_HEADINGS
    )
    made.Name = table.name
    made.TableStyle = table.style


def _listed(book: Any, name: str) -> Any:
    for sheet in book.sheets:
        for table in sheet.api.ListObjects:
            if table.Name.casefold() == name.casefold():
                return table
    raise KeyError(name)


def _name(book: Any, anchors: Sequence[Anchor]) -> None:
    names = book.api.Names
    known = {name.Name: name for name in names}
    for anchor in anchors:
        sheet = anchor.sheet.replace("'", "''")
        place = f"='{sheet}'!{_absolute(anchor.area)}"
        if anchor.name in known:
            known[anchor.name].RefersTo = place
        else:
            names.Add(Name=anchor.name, RefersTo=place, Visible=False)


def _absolute(area: Area) -> str:
    corners = area.ref.split(":")
    return ":".join(
        f"${corner.rstrip('0123456789')}${corner.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}"
        for corner in corners
    )


def _corners(area: Area) -> tuple[tuple[int, int], tuple[int, int]]:
    return (area.top, area.left), (area.bottom, area.right)


def _range(book: Any, sheet: str, area: Area) -> Any:
    return book.sheets[sheet].range(*_corners(area)).api


@contextmanager
def _same_view(book: Any) -> Iterator[None]:
    """The user finds the sheet, the cells and the scroll position that he left."""
    window, sheet = book.app.api.ActiveWindow, book.api.ActiveSheet
    selected, row, column = window.RangeSelection.Address, window.ScrollRow, window.ScrollColumn
    try:
        yield
    finally:
        sheet.Activate()
        sheet.Range(selected).Select()
        window.ScrollRow, window.ScrollColumn = row, column


@contextmanager
def _as_written(app: Any) -> Iterator[None]:
    """Excel neither fills columns nor widens tables of its own, and no macro of the workbook runs."""
    correct = app.AutoCorrect
    before = (app.EnableEvents, correct.AutoFillFormulasInLists, correct.AutoExpandListRange)
    _set(app, False, False, False)
    try:
        yield
    finally:
        _set(app, *before)


def _set(app: Any, *states: Any) -> None:
    app.EnableEvents = states[0]
    app.AutoCorrect.AutoFillFormulasInLists = states[1]
    app.AutoCorrect.AutoExpandListRange = states[2]
