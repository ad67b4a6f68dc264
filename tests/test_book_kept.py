"""What a user keeps in and beside our tables stays with its row."""

from datetime import date

from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.filters import CustomFilter, CustomFilters, FilterColumn, Filters
from openpyxl.worksheet.table import TableFormula

from receivables.report.spec import ColumnSpec
from tests.book_reading import cells_of, faults, tables_of
from tests.filling import (
    LATER,
    NEW,
    ROWS,
    archived,
    body,
    edited,
    fresh,
    load_workbook_of,
    own_column,
    refreshed,
    report,
    rows_put_in,
    set_cells,
    sorted_by,
    typed,
)

YELLOW = PatternFill("solid", fgColor="FFFFFF00")


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
