"""The structure of a workbook: everything of a report but the rows of its tables."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from receivables.book.donor_sheet import hidden_columns
from receivables.book.identity import anchor_name, block_names, put_columns, read_columns
from receivables.book.package import Package
from receivables.book.structure import ExtraSheet, render
from receivables.report.build import build
from receivables.report.spec import TableSpec
from receivables.resources import data_rows
from tests.report_sample import sample


@pytest.fixture(scope="module")
def specs():
    return build(sample(8, 2), living=True)


@pytest.fixture(scope="module")
def made(specs):
    held = io.BytesIO()
    donor = render(specs, held)
    return held, donor


@pytest.fixture(scope="module")
def book(made):
    return openpyxl.load_workbook(io.BytesIO(made[0].getvalue()))


def test_every_block_has_a_hidden_name_for_its_area(specs, made, book):
    for spec in specs:
        for name, block in block_names(spec):
            anchor = book.defined_names[anchor_name(spec.id, name)]
            assert anchor.hidden
            sheet, _, area = anchor.attr_text.rpartition("!")
            assert sheet.strip("'") == spec.label
            if isinstance(block, TableSpec):
                ref = book[spec.label].tables[name].ref
                assert area.replace("$", "").partition(":")[2] == ref.partition(":")[2]
    assert len([name for name in book.defined_names if name.startswith("_rcv_")]) == sum(
        len(spec.blocks) for spec in specs
    )


def test_areas_are_those_of_the_full_tables_and_only_the_first_row_is_there(specs, book):
    table = book["Aging"].tables["Aging"]
    top, bottom = map(int, re.findall(r"\d+", table.ref))
    height = next(t for s in specs for t in s.tables if t.name == "Aging").frame.height
    assert bottom - top == height > 3
    rows = book["Aging"].iter_rows(min_row=top + 1, max_row=bottom)
    assert {cell.value for row in rows for cell in row} == {None}
    first, second = (book["Aging"].cell(row, 5) for row in (top + 1, top + 2))
    assert first.number_format != "General"
    assert second.number_format == "General"


def test_texts_stand_in_their_cells(made):
    with zipfile.ZipFile(made[0]) as package:
        assert "xl/sharedStrings.xml" not in package.namelist()
        xml = package.read("xl/worksheets/sheet1.xml").decode()
    assert 't="s"' not in xml
    assert "<is><t>Harbour Trading: " in xml


def test_columns_are_remembered_by_number_and_label(specs, made):
    with zipfile.ZipFile(made[0]) as package:
        book = Package(Path("book.xlsx"), package)
        found = read_columns(book)
        assert found["Aging"][:2] == [("company", 1, "Company"), ("account", 2, "Account")]
        assert set(found) == {table.name for spec in specs for table in spec.tables}
        put_columns(book, found)
        assert not book.changed
        put_columns(book, found | {"More": [("a", 1, 'A "b" <c>\nd')]})
        assert read_columns(book)["More"] == [("a", 1, 'A "b" <c>\nd')]
        assert [name for name in book.changed if "item" in name] == ["customXml/item1.xml"]


def test_formats_of_every_column_are_known_for_every_currency(specs, made):
    _, donor = made
    for spec in specs:
        for table in spec.tables:
            for column in table.columns:
                for exponent in (0, 2, 3):
                    assert donor.style(column, exponent, False) >= 0
    money = next(t for s in specs for t in s.tables if t.name == "Aging").columns
    opened = next(column for column in money if column.name == "open")
    assert len({donor.style(opened, exponent, False) for exponent in (0, 2, 3)}) == 3


def test_the_same_specs_give_the_same_bytes(specs, made):
    again = io.BytesIO()
    render(specs, again)
    assert again.getvalue() == made[0].getvalue()


def test_a_living_workbook_has_every_sheet_and_hides_what_is_empty(specs, book):
    results = {row["id"] for row in data_rows("sheets.csv")}
    later = {"dashboard", "worklist", "refresh_log"}
    assert {spec.id for spec in specs} | later >= results - {"archived_notes"} - later
    for spec in specs:
        assert (book[spec.label].sheet_state == "hidden") == spec.hidden
    assert {"dso", "grades", "warnings", "countries"} <= {s.id for s in specs if s.hidden}
    assert not {"close", "aging", "open_items", "issues"} & {s.id for s in specs if s.hidden}


def test_a_column_with_nothing_to_show_is_there_but_hidden(specs, book):
    spec = next(spec for spec in specs if spec.id == "open_items")
    table = next(spec.tables)
    unused = {column.name for column in table.columns if column.unused}
    assert {"disputed_amount", "promised_on", "account"} <= unused
    places = {column.name: index for index, column in enumerate(table.columns)}
    assert hidden_columns(spec) == {places[name] for name in unused}
    hidden = {
        index
        for letter, width in book[spec.label].column_dimensions.items()
        if width.hidden
        for index in range(width.min - 1, width.max)
    }
    assert hidden == hidden_columns(spec)


def test_the_first_column_is_never_hidden_as_the_titles_stand_in_it(specs):
    assert all(0 not in hidden_columns(spec) for spec in specs)


def test_the_same_columns_are_there_whatever_a_month_holds():
    """One company or two, with or without an earlier month."""
    both = sample(8, 2)
    one = sample(
        8, 2, aging=both.aging.with_columns(company=pl.lit("1000")).drop("prior"), prior_as_of=None
    )
    names = [
        {
            table.name: table.names
            for spec in build(data, living=True)
            for table in spec.tables
            if spec.id in {"aging", "open_items", "close"}
        }
        for data in (both, one)
    ]
    assert names[0]["Aging"] == names[1]["Aging"]
    assert names[0]["Open_items"] == names[1]["Open_items"]


def test_keys_are_columns_of_their_tables(specs):
    for spec in specs:
        for table in spec.tables:
            assert set(table.key) <= set(table.names), table.name
            assert table.key, table.name


def test_keys_tell_the_rows_of_a_table_apart(specs):
    for table in (table for spec in specs for table in spec.tables):
        padded = table.name.startswith("Dashboard_")  # blank rows, always as many
        if not padded and table.name not in {"Set_aside", "Data_issues", "Cut_off"}:
            assert not table.frame.select(table.key).is_duplicated().any(), table.name


def test_further_sheets_stand_before_and_behind(specs):
    def draw(workbook, sheet, _styles):
        sheet.write_string(0, 0, "hello", workbook.add_format({"bold": True}))

    held = io.BytesIO()
    extra = [ExtraSheet("Start", draw, first=True), ExtraSheet("Lists", draw, hidden=True)]
    render(specs, held, inputs=extra)
    book = openpyxl.load_workbook(held)
    assert book.sheetnames[0] == "Start"
    assert book.active.title == "Start"
    assert book.sheetnames[-1] == "Lists"
    assert book["Lists"].sheet_state == "hidden"
    assert book["Start"]["A1"].value == "hello"
