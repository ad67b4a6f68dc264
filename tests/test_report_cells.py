"""Rows as sheet XML: every value arrives as it is, and no text becomes markup or a formula."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from xlsxwriter import Workbook

from receivables import report
from receivables.book.report_file import write
from receivables.report.cells import EXACT, fitting, rows_xml
from receivables.report.page import Page
from receivables.report.spec import Cell, ColumnSpec, SheetSpec, TableSpec, TextSpec, Tint
from receivables.report.styles import Styles, money_format
from receivables.report.widths import column_width
from receivables.resources import data_rows
from tests.report_sample import AS_OF, TRAPS, sample


def reopened(tmp_path, *tables: TableSpec, **options):
    """The first sheet of a small workbook, read back by an independent reader."""
    head = TextSpec(((Cell(0, "Title", "title"),),))
    spec = SheetSpec(
        "sheet", "Sheet", (head, *tables), ("", "", ""), ("", "", ""), "A4", AS_OF, **options
    )
    path = tmp_path / "cells.xlsx"
    write([spec], path)
    return openpyxl.load_workbook(path)["Sheet"]


def column(kind: str, values: list, tmp_path, currency: str = "EUR", dtype=None) -> list:
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    table = TableSpec("T", (ColumnSpec("x", "X", kind),), frame, currency=currency)
    sheet = reopened(tmp_path, table)
    return [sheet.cell(row, 1) for row in range(3, 3 + len(values))]


@pytest.mark.parametrize(
    "text",
    [*TRAPS[:6], "00123", " lead", "trail ", "two\nlines", "tab\there", "上海", "&amp;", "1e5", "TRUE"],
)  # fmt: skip
def test_text_stays_text(text, tmp_path):
    (cell,) = column("text", [text], tmp_path)
    assert (cell.value, cell.data_type) == (text, "s" if cell.data_type == "s" else "inlineStr")


@pytest.mark.parametrize(
    ("text", "stored"),
    [("bell\x07", "bell_x0007_"), ("_x0041_", "_x005F_x0041_"), ("a\rb", "a_x000D_b"), ("\ufffe", "_xFFFE_")],
)  # fmt: skip
def test_characters_that_xml_cannot_hold_are_escaped_the_way_spreadsheets_read_back(text, stored):
    table = TableSpec("T", (ColumnSpec("x", "X"),), pl.DataFrame({"x": [text]}))
    assert f">{stored}</t>" in body(table)


def body(table: TableSpec) -> str:
    from receivables.report.layout import layout

    spec = SheetSpec("s", "S", (table,), ("", "", ""), ("", "", ""), "A4", AS_OF)
    ((_, place),) = layout(spec)
    return b"".join(rows_xml(table, place, lambda *_: 1, {})).decode()


@pytest.mark.parametrize(
    ("minor", "currency", "xml"),
    [
        (1, "EUR", "0.01"), (-1, "EUR", "-0.01"), (123456, "EUR", "1234.56"), (7, "JPY", "7.0"),
        (123456, "KWD", "123.456"), (0, "EUR", "0.0"), (29, "EUR", "0.29"),
        (999_999_999_999_99, "EUR", "999999999999.99"),
    ],
)  # fmt: skip
def test_money_is_the_minor_unit_exactly(minor, currency, xml):
    table = TableSpec(
        "T", (ColumnSpec("x", "X", "money"),), pl.DataFrame({"x": [minor]}), currency=currency
    )
    assert f"<v>{xml}</v>" in body(table)


def test_every_cent_up_to_the_limit_reads_back_as_itself():
    """Nearest double of n/100 × 100 is n: sampled over the whole range."""
    cents = [EXACT - 1, EXACT, *(EXACT // 7 * k + k for k in range(1, 7)), *range(5000)]
    table = TableSpec(
        "T", (ColumnSpec("x", "X", "money"),), pl.DataFrame({"x": cents}), currency="EUR"
    )
    found = [Decimal(text) for text in re.findall("<v>([^<]+)</v>", body(table))]
    assert [int(value * 100) for value in found] == cents


def test_an_amount_beyond_exact_numbers_is_written_as_text(tmp_path):
    big, largest, small = column("money", [EXACT + 1, EXACT, 5], tmp_path)
    assert (big.value, big.data_type in "s inlineStr") == ("10000000000000.00", True)
    assert largest.value == 9_999_999_999_999.99
    assert small.value == 0.05


def test_the_currency_of_the_row_sets_the_decimals(tmp_path):
    frame = pl.DataFrame({"x": [123456, 123456, 123456], "c": ["EUR", "JPY", "KWD"]})
    columns = (ColumnSpec("x", "X", "money"), ColumnSpec("c", "C"))
    sheet = reopened(tmp_path, TableSpec("T", columns, frame, currency_column="c"))
    cells = [sheet.cell(row, 1) for row in (3, 4, 5)]
    assert [cell.value for cell in cells] == [1234.56, 123456, 123.456]
    assert [cell.number_format for cell in cells] == [money_format(n) for n in (2, 0, 3)]


def test_dates_are_serials_and_early_ones_text(tmp_path):
    days = [date(2026, 10, 31), date(1900, 2, 28), None, date(1900, 3, 1)]
    cells = column("date", days, tmp_path)
    assert cells[0].value.date() == days[0]
    assert cells[1].value == "1900-02-28"
    assert cells[2].value is None
    assert cells[3].value.date() == days[3]


def test_ratios_that_are_no_numbers_stay_blank(tmp_path):
    cells = column("percent", [0.5, float("nan"), float("inf"), None], tmp_path)
    assert [cell.value for cell in cells] == [0.5, None, None, None]


@pytest.mark.parametrize("length", [32_766, 32_767, 32_768, 70_000])
def test_a_cell_holds_32767_characters_and_says_when_it_was_cut(length, tmp_path):
    (cell,) = column("text", ["é" * length], tmp_path)
    assert len(cell.value) == min(length, 32_767)
    assert cell.value.endswith("[cut]") == (length > 32_767)


def test_cutting_never_splits_a_character_of_two_units():
    cut = fitting("😀" * 20_000)
    assert cut is not None
    assert len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert set(cut) == set("😀 …[cut]")


def test_tint_follows_another_column(tmp_path):
    frame = pl.DataFrame({"days": [10, 95], "bucket": ["Current", "91+ d"]})
    columns = (ColumnSpec("days", "Days", "int"), ColumnSpec("bucket", "Bucket"))
    sheet = reopened(
        tmp_path, TableSpec("T", columns, frame, tint=Tint("days", "bucket", ("91+ d",)))
    )
    assert [sheet.cell(row, 1).fill.fgColor.rgb for row in (3, 4)] == ["00000000", "FFFBE3D6"]


def test_an_empty_table_keeps_its_heading_and_one_blank_row(tmp_path):
    frame = pl.DataFrame(schema={"x": pl.String})
    sheet = reopened(tmp_path, TableSpec("T", (ColumnSpec("x", "X"),), frame))
    assert sheet.tables["T"].ref == "A2:A3"
    assert (sheet["A2"].value, sheet["A3"].value) == ("X", None)


def test_lines_above_between_and_below_tables_keep_their_order(tmp_path):
    frame = pl.DataFrame({"x": ["a", "b"]})
    first, second = (
        TableSpec(name, (ColumnSpec("x", "X"),), frame, title=name) for name in ("First", "Second")
    )
    sheet = reopened(tmp_path, first, second)
    assert [cell.value for cell in sheet["A"]] == [
        "Title",
        "First",
        "X",
        "a",
        "b",
        None,
        "Second",
        "X",
        "a",
        "b",
    ]


def test_long_tables_are_written_in_chunks_without_a_seam(tmp_path):
    count = 120_001
    frame = pl.DataFrame({"x": pl.int_range(count, eager=True)})
    rows = re.findall(
        r'<row r="(\d+)"><c r="A\1" s="1"><v>(\d+)</v>',
        body(TableSpec("T", (ColumnSpec("x", "X", "int"),), frame)),
    )
    assert [int(value) for _, value in rows] == list(range(count))
    assert [int(row) for row, _ in rows] == list(range(2, count + 2))


def test_columns_are_wide_enough_for_chinese_names_and_the_largest_total():
    names = pl.DataFrame({"x": ["上海东方国际贸易有限公司"]})
    assert column_width(TableSpec("T", (ColumnSpec("x", "X"),), names), ColumnSpec("x", "X")) >= 24
    amounts = pl.DataFrame({"x": [99_999_999_99] * 20})
    total = ColumnSpec("x", "X", "money", total=True)
    assert column_width(TableSpec("T", (total,), amounts, currency="EUR"), total) >= len(
        "(1,999,999,999.80)"
    )


def test_formats_are_made_once():
    styles = Styles(Workbook(io.BytesIO()))
    assert styles.cell("money", 2) is styles.cell("money", 2)
    assert styles.cell("money", 2) is not styles.cell("money", 0)


def test_a_page_says_when_a_table_holds_amounts_too_large_for_a_cell():
    page = Page(sample(4, 1))
    frame = pl.DataFrame({"amount": [EXACT + 1]})
    notes = page.table("T", [page.column("amount", "money")], frame, currency="EUR").notes
    assert any("16 digits" in note for note in notes)


def test_rows_grow_with_their_wrapped_text():
    """LibreOffice does not fit heights on opening: a second line would lie over the next row."""
    frame = pl.DataFrame({"x": ["short", "word " * 30, "中文" * 40, "a\nb\nc", None]})
    xml = body(TableSpec("T", (ColumnSpec("x", "X", "wrap", width=60),), frame))
    heights = [
        float(found or 0)
        for found in re.findall(r'<row r="\d+"(?: ht="([\d.]+)" customHeight="1")?>', xml)
    ]
    assert heights == [0, 41, 41, 41, 0]


def test_flags_are_true_and_false(tmp_path):
    cells = column("flag", [True, False, None], tmp_path)
    assert [(cell.value, cell.data_type) for cell in cells] == [
        (True, "b"),
        (False, "b"),
        (None, "n"),
    ]


def test_every_label_is_used_or_belongs_to_a_list_of_terms():
    folder = Path(report.__file__).parent
    paths = [*folder.rglob("*.py"), *folder.with_name("refresh").glob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    terms = (
        "archive.",
        "kind.",
        "level.",
        "finding.",
        "behind.",
        "bucket.",
        "light.",
        "base.",
        "credits.",
        "day_on_edge.",
        "backdated.",
        "bridge.",
        "class.",
        "entry.",
        "exception.",
        "method.",
        "move.",
        "role.",
        "roll.",
        "side.",
        "trigger.",
        "within.",
        "tci.",
        "insurer_action.",
        "hold.",
        "market.",
        "instrument.",
        "task.",
        "this_week.report",
        "this_week.claim",
        "limit_state.",
        "limit_binding.",
        "limit_kind.",
        "review_reason.",
        "training_state.",
        "admission.",
        "defence.",
        "approvals.chain_",
        "dashboard.",
        "limits.",
        "insolvency_task.",
        "worklist.",
        "plan_state.",
        "paid_from.",
        "dispute_step.",
        "law_from.",
        "limitation_event.",
        "dunning_stage.",
        "dunning_channel.",
        "letters.",
        "letter_items.",
        "letter_state.",
        "letter_kind.",
    )
    keys = [
        row["key"] for row in data_rows("report_labels.csv") if not row["key"].startswith(terms)
    ]
    assert [key for key in keys if f'"{key}"' not in source and f"'{key}'" not in source] == []
