"""A month's rows in the user's workbook: his things stay, ours are those of a fresh report."""

import io
import re
import struct
import zipfile
import zlib
from copy import copy
from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.filters import CustomFilter, CustomFilters, FilterColumn, Filters
from openpyxl.worksheet.table import TableFormula

from receivables.book.identity import columns_of, put_columns
from receivables.book.package import Package
from receivables.errors import LedgerFileError
from receivables.report.spec import Cell, ColumnSpec, PictureSpec, TableSpec, TextSpec
from tests.book_reading import cells_of, faults, tables_of
from tests.filling import (
    NEW,
    ROWS,
    archived,
    area,
    body,
    edited,
    fresh,
    load_workbook_of,
    own_column,
    refreshed,
    report,
    rows_put_in,
    sorted_by,
    typed,
)

LATER = [("5", "Neu & Co", 7, None), ROWS[3], ROWS[2], ROWS[1], NEW, ("78", "Acht", 3, None)]
YELLOW = PatternFill("solid", fgColor="FFFFFF00")


def of_key(rows, key):
    return next(row for row in rows if row[0] == key)


def set_cells(**cells):
    def change(book):
        for address, value in cells.items():
            book["Aging"][address] = value

    return change


@pytest.mark.parametrize("saved_elsewhere", [False, True])
def test_the_same_month_again_changes_no_byte(saved_elsewhere):
    data = fresh(report(chart=True))
    if saved_elsewhere:
        data, _, _ = refreshed(edited(data), report(chart=True))
    again, done, changed = refreshed(data, report(chart=True))
    assert (again == data, done.changed, changed) == (True, False, {})


@pytest.mark.parametrize(
    "months",
    [
        pytest.param([LATER], id="grows, other order"),
        pytest.param([ROWS[:1]], id="shrinks"),
        pytest.param([[], ROWS], id="empty and back"),
        pytest.param([ROWS[::-1], LATER, ROWS[2:], [*ROWS, *LATER[:1]]], id="four months"),
    ],
)
@pytest.mark.parametrize("chart", [False, True], ids=["", "chart"])
def test_in_place_gives_what_a_fresh_report_gives(months, chart):
    data = fresh(report(chart=chart))
    for rows in months:
        data, done, _ = refreshed(data, report(rows, chart=chart))
        assert (done.archived, done.notes, faults(data)) == (0, (), [])
    expected = fresh(report(months[-1], chart=chart))
    assert cells_of(data) == cells_of(expected)
    assert tables_of(data) == tables_of(expected)


def test_only_the_parts_that_must_change_do():
    _, _, changed = refreshed(fresh(), report(LATER))
    assert set(changed) == {
        "xl/worksheets/sheet1.xml", "xl/tables/table1.xml", "xl/tables/table2.xml",
        "xl/workbook.xml",
    }  # fmt: skip


def test_notes_go_with_their_row_and_those_of_gone_rows_are_archived():
    data = edited(fresh(), own_column())
    data, done, _ = refreshed(data, report(LATER))
    shown = {row[0]: row[4] for row in body(data)}
    assert shown == {
        "5": None, "10": "note on 10", "9": "note on 9", "00200": "note on 00200",
        "77": None, "78": None,
    }  # fmt: skip
    assert done.archived == 1
    assert archived(data) == [
        ("2026-10-31", "Aging", "Aging", "00123", "My note", "note on 00123")
    ]
    data, done, _ = refreshed(data, report(ROWS[:2], as_of=date(2026, 11, 30)))
    assert [(row[0], row[3], row[5]) for row in archived(data)] == [
        ("2026-10-31", "00123", "note on 00123"),
        ("2026-11-30", "10", "note on 10"),
        ("2026-11-30", "9", "note on 9"),
    ]
    assert faults(data) == []


def test_a_row_that_the_user_put_in_is_archived_whole():
    data = edited(
        fresh(), own_column(), rows_put_in(9, 1), set_cells(B9="Sundry", C9=12, E9="why")
    )
    data, done, _ = refreshed(data, report())
    assert {row[4:] for row in archived(data)} == {
        ("Name", "Sundry"), ("Open", "12"), ("My note", "why"),
    }  # fmt: skip
    assert done.archived == 3


def test_a_sorted_table_is_filled_by_key():
    data = edited(fresh(), own_column(), sorted_by(1, down=True))
    data, _, _ = refreshed(data, report())
    assert [row[0] for row in body(data)] == [row[0] for row in ROWS]
    assert [row[4] for row in body(data)] == [f"note on {row[0]}" for row in ROWS]


def test_rows_put_in_above_move_everything():
    data = edited(fresh(), rows_put_in(1, 3), rows_put_in(14, 2))
    data, _, _ = refreshed(data, report(LATER))
    assert tables_of(data) == {"Aging": "A9:D15", "Top": "A20:B23"}
    assert cells_of(data)["Aging"]["C8"] == "=SUBTOTAL(109,'Aging'!$C$10:$C$15)"
    assert faults(data) == []


def columns_put_in(count):
    """The user inserts columns at the left of the sheet."""

    def change(book):
        sheet = book["Aging"]
        sheet.move_range(f"A1:H{sheet.max_row}", cols=count)

        def moved(ref):
            def place(match):
                return match[1] + chr(ord(match[2]) + count) + match[3]

            return re.sub(r"(\$?)([A-Z])(\$?\d)", place, ref)

        for found in sheet.tables.values():
            found.ref = moved(found.ref)
            found.autoFilter.ref = found.ref
        for name in book.defined_names.values():
            sheet_name, _, ref = name.attr_text.rpartition("!")
            name.attr_text = f"{sheet_name}!{moved(ref)}"

    return change


def test_columns_put_in_at_the_left_move_everything():
    data = edited(fresh(), columns_put_in(2), set_cells(A8="mine"))
    data, _, _ = refreshed(data, report(LATER))
    assert tables_of(data) == {"Aging": "C6:F12", "Top": "C15:D18"}
    assert cells_of(data)["Aging"]["E5"] == "=SUBTOTAL(109,'Aging'!$E$7:$E$12)"
    assert cells_of(data)["Aging"]["A8"] == "mine"
    assert [row[0] for row in body(data)] == [row[0] for row in LATER]


def columns_swapped(book):
    """The user drags Open before Name."""
    sheet = book["Aging"]
    found = sheet.tables["Aging"]
    top, bottom, *_ = area(sheet, "Aging")
    found.tableColumns[1], found.tableColumns[2] = found.tableColumns[2], found.tableColumns[1]
    for row in range(top - 1, bottom + 1):
        left, right = sheet.cell(row, 2), sheet.cell(row, 3)
        left.value, right.value = right.value, left.value
        left._style, right._style = copy(right._style), copy(left._style)


def test_columns_that_the_user_moved_stay_where_he_put_them():
    data = edited(fresh(), columns_swapped)
    data, _, _ = refreshed(data, report(LATER))
    assert body(data)[0] == ["5", 0.07, "Neu & Co", None]
    assert cells_of(data)["Aging"]["B5"] == "=SUBTOTAL(109,'Aging'!$B$7:$B$12)"
    assert faults(data) == []


def renamed(column, text):
    def change(book):
        sheet = book["Aging"]
        sheet.tables["Aging"].tableColumns[column].name = text
        sheet.cell(area(sheet, "Aging")[0], column + 1, text)

    return change


def package(data, change):
    """The parts of a workbook, one of them changed."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return result.getvalue()


def test_a_heading_that_the_user_renamed_stays():
    data = package(
        fresh(),
        lambda name, xml: (
            xml.replace(b"<t>Open</t>", b"<t>Offen</t>", 1)
            if name != "xl/tables/table1.xml"
            else xml.replace(b'name="Open"', b'name="Offen"')
        ),
    )
    data, _, _ = refreshed(data, report(LATER))
    assert cells_of(data)["Aging"]["C6"] == "Offen"
    assert [row[2] for row in body(data)][:2] == [0.07, 0.01]
    assert faults(data) == []


def test_a_heading_that_we_word_anew_changes_in_the_table_too():
    data, _, _ = refreshed(fresh(), report(labels={"open": "Open at 2026-11-30"}))
    assert cells_of(data)["Aging"]["C6"] == "Open at 2026-11-30"
    assert faults(data) == []


def column_deleted(book):
    """The user deletes the column Name of Aging: cells move left, the table is narrower."""
    sheet = book["Aging"]
    found = sheet.tables["Aging"]
    top, bottom, *_ = area(sheet, "Aging")
    sheet.move_range(f"C{top - 1}:D{bottom}", cols=-1)
    del found.tableColumns[1]
    found.ref = f"A{top}:C{bottom}"
    found.autoFilter.ref = found.ref


def test_a_column_that_the_user_deleted_stays_away():
    # Another program keeps the part that remembers the columns; openpyxl drops it.
    kept = {}

    def keep(name, xml):
        kept[name] = xml
        return xml

    data = package(fresh(), keep)
    data = edited(data, column_deleted)
    data = with_memory(data, kept)
    data, done, _ = refreshed(data, report(LATER))
    assert [row[:3] for row in body(data)][:2] == [["5", 0.07, None], ["10", 0.01, day(2)]]
    assert "deleted the column Name" in done.notes[0]
    assert faults(data) == []


def day(number):
    return datetime(2026, 1, number)  # noqa: DTZ001 (as openpyxl gives it)


def with_memory(data, parts):
    """Put back our custom part into a workbook that openpyxl saved."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        book = Package("x", held)
        put_columns(book, columns_of(list(report().tables)))
        book.save(result)
    assert "customXml/item1.xml" in parts
    return result.getvalue()


def test_a_new_column_comes_in_at_the_right_end():
    extra = [(ColumnSpec("owner", "Owner"), "Kim")]
    data = edited(fresh(), own_column())
    data, done, _ = refreshed(data, report(LATER, extra=extra))
    assert tables_of(data)["Aging"] == "A6:F12"
    assert of_key(body(data), "9")[4:] == ["note on 9", "Kim"]
    assert (done.notes, faults(data)) == ((), [])


def test_a_new_column_without_room_is_left_out_and_told():
    extra = [(ColumnSpec("owner", "Owner"), "Kim")]
    data = edited(fresh(), set_cells(E8="in the way"))
    data, done, _ = refreshed(data, report(extra=extra))
    assert tables_of(data)["Aging"] == "A6:D10"
    assert "no room for Owner" in done.notes[0]
    assert cells_of(data)["Aging"]["E8"] == "in the way"


def test_cells_beside_stay_beside_and_cells_below_move():
    data = edited(fresh(), set_cells(G8="beside", G10="last", A20="below", B20="=SUM(C7:C10)"))
    data, _, _ = refreshed(data, report(LATER))
    shown = cells_of(data)["Aging"]
    assert (shown["G8"], shown["G10"], shown["A22"], shown["B22"]) == (
        "beside", "last", "below", "=SUM(C7:C12)",
    )  # fmt: skip
    data, _, _ = refreshed(data, report(ROWS[:1]))
    shown = cells_of(data)["Aging"]
    assert (shown["G8"], shown["G10"]) == ("beside", "last")
    assert tables_of(data)["Aging"] == "A6:D7"
    assert "A8" not in shown
    data, _, _ = refreshed(data, report())
    assert tables_of(data) == {"Aging": "A6:D10", "Top": "A13:B16"}


def test_formulas_elsewhere_follow_the_rows():
    def points(book):
        book.create_sheet("Mine")["A1"] = "=Aging!C9+SUM(Aging!C7:C10)"

    data, _, _ = refreshed(edited(fresh(), points), report(LATER))
    assert cells_of(data)["Mine"]["A1"] == "=Aging!C9+SUM(Aging!C7:C12)"
    data, _, _ = refreshed(data, report([NEW, *LATER]))
    assert cells_of(data)["Mine"]["A1"] == "=Aging!C10+SUM(Aging!C7:C13)"


def test_colours_formats_and_heights_stay():
    def paint(book):
        sheet = book["Aging"]
        sheet["B9"].fill = YELLOW
        sheet.row_dimensions[9].height = 40
        for row in range(7, 11):
            sheet.cell(row, 4).number_format = "dd.mm.yyyy"

    data, _, _ = refreshed(edited(fresh(), paint), report(LATER))
    sheet = load_workbook_of(data)["Aging"]
    yellow = {row for row in range(7, 13) if sheet.cell(row, 2).fill.fgColor.rgb == "FFFFFF00"}
    assert yellow == {9}  # Zett, who stands third again
    assert sheet["A9"].value == "9"
    assert sheet.row_dimensions[9].height == 40
    assert {sheet.cell(row, 4).number_format for row in range(7, 13)} == {"dd.mm.yyyy"}
    assert sheet["C7"].number_format.startswith("#,##0.00")


def test_a_calculated_column_is_filled_down_and_a_totals_row_stays():
    def widen(book):
        own_column("Twice")(book)
        sheet = book["Aging"]
        found = sheet.tables["Aging"]
        found.tableColumns[4].calculatedColumnFormula = TableFormula(
            attr_text="Aging[[#This Row],[Open]]*2"
        )
        for row in range(7, 11):
            sheet.cell(row, 5, "=Aging[[#This Row],[Open]]*2")
        sheet["A11"], sheet["C11"] = "Sum", "=SUM(C7:C10)"
        found.ref, found.totalsRowCount = "A6:E11", 1

    data, _, _ = refreshed(edited(fresh(), rows_put_in(11, 1), widen), report(LATER))
    assert tables_of(data)["Aging"] == "A6:E13"
    shown = cells_of(data)["Aging"]
    assert {shown[f"E{row}"] for row in range(7, 13)} == {"=Aging[[#This Row],[Open]]*2"}
    assert (shown["A13"], shown["C13"]) == ("Sum", "=SUM(C7:C12)")
    assert load_workbook_of(data)["Aging"].tables["Aging"].autoFilter.ref == "A6:E12"
    data, _, _ = refreshed(data, report(ROWS[:1]))
    assert (tables_of(data)["Aging"], cells_of(data)["Aging"]["C8"]) == ("A6:E8", "=SUM(C7:C7)")
    assert faults(data) == []


def filtered(column):
    def change(book):
        sheet = book["Aging"]
        sheet.tables["Aging"].autoFilter.filterColumn.append(column)
        for row in (7, 8):
            sheet.row_dimensions[row].hidden = True

    return change


def test_a_filter_by_texts_is_applied_to_the_new_rows():
    names = FilterColumn(colId=1, filters=Filters(filter=["Zett", "Abel"]))
    data, done, _ = refreshed(edited(fresh(), filtered(names)), report(LATER))
    sheet = load_workbook_of(data)["Aging"]
    hidden = {row for row in range(7, 13) if sheet.row_dimensions[row].hidden}
    assert hidden == {7, 10, 11, 12}
    assert done.notes == ()
    assert sheet.tables["Aging"].autoFilter.filterColumn
    again, _, _ = refreshed(data, report(LATER))
    assert again == data


def test_another_filter_is_taken_off_and_told():
    large = FilterColumn(
        colId=2, customFilters=CustomFilters(customFilter=[CustomFilter("greaterThan", "100")])
    )
    data, done, _ = refreshed(edited(fresh(), filtered(large)), report(LATER))
    sheet = load_workbook_of(data)["Aging"]
    assert not any(sheet.row_dimensions[row].hidden for row in range(7, 13))
    assert "filter is taken off" in done.notes[0]
    assert not sheet.tables["Aging"].autoFilter.filterColumn


def test_a_missing_sheet_is_added_behind_its_neighbour():
    other = two_sheets()
    data = edited(fresh(report()), lambda book: book.create_sheet("Top customers"))
    data, _, _ = refreshed(data, report(), other)
    assert load_workbook_of(data).sheetnames == ["Aging", "Top customers (2)", "Top customers"]
    assert body(data, "Best", "Top customers (2)") == [["Zett"]]
    assert faults(data) == []
    again, _, _ = refreshed(data, report(), other)
    assert again == data


def two_sheets():
    frame = pl.DataFrame({"name": ["Zett"]})
    table = TableSpec("Best", (ColumnSpec("name", "Name"),), frame, key=("name",))
    return replace(report(), id="best", label="Top customers", blocks=(table,), frozen="Best")


def test_sheets_that_are_not_named_are_left_alone():
    data = fresh(report(), two_sheets())
    _, _, changed = refreshed(data, report(LATER))
    assert "xl/worksheets/sheet2.xml" not in changed


def extra_table(rows):
    frame = pl.DataFrame({"name": rows}, schema={"name": pl.String})
    return TableSpec("Disputes", (ColumnSpec("name", "Name"),), frame, title="D", key=("name",))


def test_a_table_that_is_new_this_month_comes_in_and_one_without_rows_is_emptied():
    lines = TextSpec(((Cell(0, "In dispute", "note"),),))
    data = edited(fresh(), set_cells(A20="below"))
    data, _, _ = refreshed(data, report(more=(lines, extra_table(["Fuchs", "Zett"]))))
    assert body(data, "Disputes") == [["Fuchs"], ["Zett"]]
    expected = fresh(report(more=(lines, extra_table(["Fuchs", "Zett"]))))
    assert body(expected, "Disputes") == body(data, "Disputes")
    assert "below" in cells_of(data)["Aging"].values()
    assert faults(data) == []
    data, _, _ = refreshed(data, report())
    assert body(data, "Disputes") == [[None]]
    again, _, _ = refreshed(data, report())
    assert again == data
    data, _, _ = refreshed(data, report(more=(lines, extra_table(["Abel"]))))
    assert body(data, "Disputes") == [["Abel"]]
    assert faults(data) == []


def test_typed_columns_are_the_users():
    extra = [(ColumnSpec("step", "Next step", typed=True), "call")]
    data = fresh(report(extra=extra))
    assert {row[4] for row in body(data)} == {"call"}
    data = edited(data, typed("9", "visit"), typed("10", None))
    data, _, _ = refreshed(data, report(LATER, extra=extra))
    assert {row[0]: row[4] for row in body(data)} == {
        "5": "call", "10": "call", "9": "visit", "00200": "call", "77": "call", "78": "call",
    }  # fmt: skip


def test_comments_go_with_their_row():
    def comment(book):
        book["Aging"]["B9"].comment = Comment("ask Zett", "Kim")
        book["Aging"]["B7"].comment = Comment("ask Meyer", "Kim")

    data, _, _ = refreshed(edited(fresh(), comment), report([NEW, *LATER]))
    sheet = load_workbook_of(data)["Aging"]
    found = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
    assert found == {"B10": "ask Zett"}
    assert sheet["B10"].value == "Zett"
    assert archived(data)[0][3:] == ("00123", "Name", "ask Meyer")


def test_dates_of_a_workbook_that_counts_from_1904():
    def later(name, xml):
        if name == "xl/workbook.xml":
            return xml.replace(b"<workbookPr ", b'<workbookPr date1904="1" ')
        return xml

    data, _, _ = refreshed(package(fresh(), later), report(LATER))
    assert of_key(body(data), "9")[3] == day(2)


def png(words):
    """A picture of one white point, and words behind its end."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 40, 20, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" + b"\xff" * 40)),
        (b"IEND", b""),
    ]
    data = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return PictureSpec("map", b"\x89PNG\r\n\x1a\n" + data + words.encode(), words)


def test_the_picture_of_the_month_takes_the_place_of_the_old_one():
    spec = report(more=(png("August"),))
    data = fresh(spec)
    data, _, _ = refreshed(data, report(LATER, more=(png("September"),)))
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.read("xl/media/image1.png").endswith(b"September")
        drawing = book.read("xl/drawings/drawing1.xml")
    assert b'descr="September"' in drawing
    assert [name for name in book.namelist() if "media" in name] == ["xl/media/image1.png"]


def print_area(data):
    return load_workbook_of(data)["Aging"].print_area


def test_the_print_area_follows_unless_it_is_the_users_own():
    data, _, _ = refreshed(fresh(), report(LATER))
    assert print_area(data) == "'Aging'!$A$1:$D$19"

    def narrow(book):
        book["Aging"].print_area = "A1:B8"

    data, _, _ = refreshed(edited(fresh(), narrow), report(LATER, extra=[]))
    assert print_area(data).startswith("'Aging'!$A$1:$B$")
    assert print_area(data) != "'Aging'!$A$1:$B$19"


def test_tables_side_by_side_are_refused():
    def beside(book):
        sheet = book["Aging"]
        for name in book.defined_names.values():
            if name.name.endswith("_Top"):
                name.attr_text = "Aging!$F$6:$G$9"
        sheet.tables["Top"].ref = "F6:G9"
        sheet.tables["Top"].autoFilter.ref = "F6:G9"

    with pytest.raises(LedgerFileError, match="Move it below"):
        refreshed(edited(fresh(), beside), report(LATER))
