"""Columns that the user moves, renames, deletes; columns of ours that come in."""

import io
import re
import zipfile
from copy import copy

from receivables.book.identity import columns_of, put_columns
from receivables.book.package import Package
from receivables.report.spec import ColumnSpec
from tests.book_reading import cells_of, faults, tables_of
from tests.filling import (
    LATER,
    area,
    body,
    day,
    edited,
    fresh,
    of_key,
    own_column,
    package,
    refreshed,
    report,
    set_cells,
)


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
