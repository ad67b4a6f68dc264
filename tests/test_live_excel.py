"""Refresh of the open workbook through xlwings on a strict fake of Excel: what it is asked to do, not what Excel does."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import to_excel

from receivables.refresh import load
from receivables.refresh.in_place import refresh_in_place
from tests.fake_workbook import App, Book, Range, excel, listed
from tests.living_book import living
from tests.pasted import add_column
from tests.test_in_place import AUG, SEP, TABLES, folder_of
from tests.xlwings_fake.excel import ComObject

LOG = "Refresh log"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A living workbook as of August; its user has a column of notes in Open items."""
    path = living(tmp_path_factory.mktemp("made") / "ledger.xlsx", AUG, TABLES)
    book = openpyxl.load_workbook(path)
    items = next(sheet for sheet in book if "Open_items" in sheet.tables)
    first, *body = items[items.tables["Open_items"].ref]
    number = next(cell.column for cell in first if cell.value == "Document")
    row = next(cells[0].row for cells in body if items.cell(cells[0].row, number).value == "R2")
    add_column(path, items.title, "Open_items", "My note", {row: "00123 calls =back"})
    return path


@pytest.fixture
def ledger(made: Path, tmp_path: Path) -> Path:
    return shutil.copy(made, tmp_path / made.name)


def cells_of(path: Path) -> dict[str, dict[tuple[int, int], Any]]:
    """Every sheet as Excel takes it: a text behind its sign, a formula as it is."""
    return {
        sheet.title: {
            (cell.row, cell.column): taken(cell)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value not in (None, "")
        }
        for sheet in openpyxl.load_workbook(path)
    }


def taken(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "f":
        return value.replace("_xlfn.", "")
    if isinstance(value, (date, datetime)):
        return float(to_excel(value))
    if isinstance(value, str):
        return f"'{value}"
    return value if isinstance(value, bool) else float(value)


def on_screen(app: App, path: Path) -> Book:
    """The fake Excel with a file open."""
    book = Book(app, path.name, str(path.parent))
    stored = openpyxl.load_workbook(path)
    for name, cells in cells_of(path).items():
        sheet = book.sheet(name)
        sheet.cells = cells
        sheet.Visible = -1 if stored[name].sheet_state == "visible" else 0
        for table in stored[name].tables.values():
            sheet.ListObjects.append(listed(table.name, sheet.Range(table.ref)))
    for name, defined in stored.defined_names.items():
        book.Names.append(ComObject(Name=name, RefersTo=f"={defined.attr_text}"))
    app.ActiveWindow.RangeSelection = book.Worksheets[0].Range("B3:C4")
    app.ActiveWindow.ScrollRow = 17
    return book


def shown(book: Book) -> dict[str, dict[tuple[int, int], Any]]:
    return {
        sheet.Name: {place: cell for place, cell in sheet.cells.items() if cell is not None}
        for sheet in book.Worksheets
        if sheet.Name != LOG
    }


def refreshed_file(path: Path) -> dict[str, dict[tuple[int, int], Any]]:
    """The same workbook refreshed by the file engine."""
    copy = path.parent / "closed" / path.name
    copy.parent.mkdir()
    shutil.copy(path, copy)
    refresh_in_place(load(copy, as_of=SEP), SEP)
    return {name: cells for name, cells in cells_of(copy).items() if name != LOG}


@pytest.fixture(scope="module")
def pressed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[App, Book, str, dict]:
    ledger = shutil.copy(made, tmp_path_factory.mktemp("pressed") / made.name)
    wanted = refreshed_file(ledger)
    app = App("2026-09-30")
    book = on_screen(app, ledger)
    book.Saved = False
    with excel(book) as press:
        line = press("refresh")
    return app, book, line, wanted


def test_every_cell_is_that_of_the_file_engine(pressed):
    _, book, line, wanted = pressed
    assert line.startswith("ledger.xlsx: refreshed on the screen for 2026-09-30"), line
    found = shown(book)
    assert found.keys() == wanted.keys()
    for name, cells in wanted.items():
        assert found[name] == cells, name


def test_a_note_of_the_user_goes_with_its_row_as_text(pressed):
    _, book, _, _ = pressed
    sheet = next(each for each in book.Worksheets if each.Name == "Open items")
    (place,) = [place for place, cell in sheet.cells.items() if cell == "'00123 calls =back"]
    assert "'R2" in [cell for at, cell in sheet.cells.items() if at[0] == place[0]]


def test_each_table_is_written_in_one_array(pressed):
    _, book, _, _ = pressed
    sheet = next(each for each in book.Worksheets if each.Name == "Open items")
    (table,) = [each for each in sheet.ListObjects if each.Name == "Open_items"]
    area = table.Range
    left, right = area.Column, area.Column + area.Columns.Count - 1
    body = [
        each
        for each in sheet.written
        if sheet.Range(each).Row == area.Row + 1 and sheet.Range(each).Columns.Count > 1
    ]
    (written,) = body
    assert (sheet.Range(written).Column, sheet.Range(written).Columns.Count) == (
        left,
        right - left + 1,
    )


def test_tables_and_anchors_have_their_new_areas(pressed):
    _, book, _, _ = pressed
    ledger = book.screen
    stored = openpyxl.load_workbook(ledger.parent / "closed" / ledger.name)
    for sheet in book.Worksheets:
        for table in sheet.ListObjects:
            assert (
                table.Range.Address.replace("$", "") == stored[sheet.Name].tables[table.Name].ref
            )
    places = {name: f"={each.attr_text}" for name, each in stored.defined_names.items()}
    anchors = {each.Name: each.RefersTo for each in book.Names if each.Name.startswith("_rcv_")}
    assert {name: plain(text) for name, text in anchors.items()} == {
        name: plain(text) for name, text in places.items() if name.startswith("_rcv_")
    }


def plain(text: str) -> str:
    sheet, _, area = text.replace("'", "").partition("!")
    first, _, last = area.partition(":")
    return f"{sheet}!{first}" if first == last else f"{sheet}!{area}"


def test_the_view_comes_back_and_excel_is_quiet_no_more(pressed):
    app, book, _, _ = pressed
    assert app.ActiveCell.Address == "$B$3:$C$4"
    assert app.ActiveWindow.ScrollRow == 17
    assert book.Worksheets[0].active == 1
    assert (app.EnableEvents, app.ScreenUpdating) == (True, True)
    assert app.AutoCorrect.AutoExpandListRange is True


def test_books_of_the_date_are_kept_beside_the_ledger(pressed):
    ledger = pressed[1].screen
    assert (folder_of(ledger) / "refreshed" / "2026-09-30.parquet").is_file()
    assert list((folder_of(ledger) / "backups").iterdir())


def test_a_filter_is_taken_off_before_rows_move(ledger):
    app = App("2026-09-30")
    book = on_screen(app, ledger)
    sheet = next(each for each in book.Worksheets if each.Name == "Open items")
    sheet.ListObjects[0].AutoFilter.FilterMode = True
    with excel(book) as press:
        press("refresh")
    assert sheet.ListObjects[0].AutoFilter.FilterMode is False


def test_half_way_it_says_what_to_do_and_names_the_backup(ledger, monkeypatch):
    app = App("2026-09-30")
    book = on_screen(app, ledger)

    def refuses(*_: Any) -> None:
        raise RuntimeError("Excel is busy")

    monkeypatch.setattr(Range, "Value", property(lambda _: None, refuses))
    with excel(book) as press:
        line = press("refresh")
    assert "stopped half-way (Excel is busy). Close the workbook WITHOUT saving" in line
    (backup,) = (folder_of(ledger) / "backups").iterdir()
    assert backup.name in line
    assert app.EnableEvents is True
