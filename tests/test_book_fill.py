"""A month's rows in the user's workbook: ours are those of a fresh report, other parts stay."""

import io
import struct
import zipfile
import zlib
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from receivables.errors import LedgerFileError
from receivables.report.spec import Cell, ColumnSpec, PictureSpec, TableSpec, TextSpec
from tests.book_reading import cells_of, faults, tables_of
from tests.filling import (
    LATER,
    ROWS,
    body,
    day,
    edited,
    fresh,
    load_workbook_of,
    of_key,
    package,
    refreshed,
    report,
    rows_put_in,
    set_cells,
)


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


def test_rows_put_in_above_move_everything():
    data = edited(fresh(), rows_put_in(1, 3), rows_put_in(14, 2))
    data, _, _ = refreshed(data, report(LATER))
    assert tables_of(data) == {"Aging": "A9:D15", "Top": "A20:B23"}
    assert cells_of(data)["Aging"]["C8"] == "=SUBTOTAL(109,'Aging'!$C$10:$C$15)"
    assert faults(data) == []


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


def printed(data):
    sheet = load_workbook_of(data)["Aging"]
    return sheet.oddHeader.right.text, sheet.oddHeader.left.text, sheet.oddFooter.left.text


def test_header_and_footer_are_the_months_unless_the_user_wrote_his_own():
    later = report(LATER, as_of=date(2026, 11, 30))
    data, _, _ = refreshed(fresh(), later)
    assert printed(data) == ("as of 2026-11-30", "Firm", "2026-11-30")

    def own(book):
        book["Aging"].oddHeader.left.text = "Mine"
        book["Aging"].oddFooter.left.text = "Mine too"
        book["Aging"].oddFooter.right.text = ""

    data, _, _ = refreshed(edited(fresh(), own), later)
    assert printed(data) == ("as of 2026-10-31", "Mine", "Mine too")
