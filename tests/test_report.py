"""The report workbook as a controller meets it: structure, live sums, print set-up, safe text."""

from __future__ import annotations

import re
import shutil

import polars as pl
import pytest

from receivables.book.report_file import write
from receivables.errors import BadValueError
from receivables.ledger import schema
from receivables.report.build import build
from receivables.report.labels import sheet
from receivables.report.spec import SheetSpec
from receivables.resources import data_rows
from receivables.settings import Settings
from tests.report_book import NEUTRAL, light, opened, recalculated, table_rows
from tests.report_sample import AS_OF, TRAPS, sample

SHEETS = [
    "Close", "Aging", "Open items", "Dashboard", "Concentration", "Credit balances", "Cut-off", "Issues",
]  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.xlsx"
    write(build(sample()), path)
    return path


@pytest.fixture(scope="module")
def book(report):
    return opened(report)


def formulas(book) -> dict[tuple[str, str], str]:
    return {
        (worksheet.title, cell.coordinate): cell.value
        for worksheet in book
        for row in worksheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def test_sheets_stand_in_the_order_of_the_table(book):
    assert book.sheetnames == SHEETS
    order = [
        row["en"] for row in sorted(data_rows("sheets.csv"), key=lambda row: int(row["order"]))
    ]
    assert [name for name in order if name in SHEETS] == SHEETS


def test_table_names_are_unique_and_never_those_of_input_tables(book):
    names = [name.lower() for worksheet in book for name in worksheet.tables]
    assert len(set(names)) == len(names)
    # The journal of letters is written by us and read again.
    inputs = {name.lower() for name in schema.tables()} - {"letters", "letter_items"}
    assert not inputs & {*names, *(row["table"].lower() for row in data_rows("sheets.csv"))}


@pytest.mark.parametrize("name", [name for name in SHEETS[1:] if name != "Dashboard"])
def test_headings_are_frozen_and_repeat_in_print(book, name):
    worksheet = book[name]
    frozen = worksheet.freeze_panes
    first = min(int(re.findall(r"\d+", table.ref)[0]) for table in worksheet.tables.values())
    assert int(re.findall(r"\d+", frozen)[0]) == first + 1
    if name != "Concentration":
        assert worksheet.print_title_rows == f"${first}:${first}"


@pytest.mark.parametrize(("paper", "code"), [("A4", "9"), ("Letter", "1")])
def test_every_sheet_prints_on_one_page_width_with_its_basis(paper, code, tmp_path):
    path = tmp_path / "report.xlsx"
    write(build(sample(12, 2, settings=Settings(paper=paper))), path)
    for worksheet in opened(path):
        setup = worksheet.page_setup
        assert (str(setup.paperSize), setup.orientation, setup.fitToHeight) == (
            code,
            "landscape",
            None if worksheet.title == "Dashboard" else 0,  # one page down too
        )
        assert worksheet.sheet_properties.pageSetUpPr.fitToPage
        assert worksheet.print_area
        left, right = worksheet.oddFooter.left.text, worksheet.oddFooter.right.text
        for part in (
            "As of 2026-10-31",
            "each currency apart",
            "due date",
            "30,60,90",
            "separate column",
        ):
            assert part in left
        assert re.search(r"receivables \S+ · Page &P of &N", right)
        assert worksheet.oddHeader.center.text.strip() == worksheet.title


def test_text_of_the_ledger_is_never_a_formula(book):
    names = {row["Name"] for row in table_rows(book, "Open items", "Open_items")}
    assert names >= {*TRAPS[:6]}
    ours = (
        "SUBTOTAL(",
        "SUMIFS(",
        "SUM(",
        "SUMPRODUCT(",
        "ROUND(",
        "IF(",
        "'Close'!",
        "'Dashboard'!",
    )
    found = formulas(book)
    assert {address[0] for address in found} == {
        "Close",
        "Aging",
        "Open items",
        "Credit balances",
        "Concentration",
        "Dashboard",
    }
    assert all(text.removeprefix("=").startswith(ours) for text in found.values())
    texts = {row["Document"] for row in table_rows(book, "Close", "Set_aside")}
    assert "=HYPERLINK(1)" in texts


def test_recalculation_gives_the_stored_results(report, book, tmp_path):
    stored, fresh = opened(report, data_only=True), recalculated(report, tmp_path)
    found = formulas(book)
    assert len(found) > 150
    for (name, address), text in found.items():
        was, now = stored[name][address].value, fresh[name][address].value
        same = now == was if isinstance(was, str) else now == pytest.approx(was, abs=1e-6)
        assert same, f"{name}!{address} {text}: stored {was}, recalculated {now}"


def test_aging_is_one_table_by_currency_largest_first(book):
    data = sample()
    assert list(book["Aging"].tables) == ["Aging_totals", "Aging"]
    whole = table_rows(book, "Aging", "Aging")
    assert [row["Currency"] for row in whole] == sorted(row["Currency"] for row in whole)
    for currency in ("CNY", "EUR", "JPY"):
        rows = [row for row in whole if row["Currency"] == currency]
        opens = [row["Open"] for row in rows]
        assert len(opens) > 10
        assert opens == sorted(opens, reverse=True)
        buckets = [
            row["Unapplied"] + sum(row[text] for text in data.bucket_labels) for row in rows
        ]
        assert buckets == pytest.approx(opens, abs=1e-6)
        assert [row["Change"] for row in rows] == pytest.approx(
            [row["Open"] - row["Prior period"] for row in rows], abs=1e-6
        )


def test_totals_follow_the_filter(book):
    """A hidden column is 1 where the filter shows the row; the total of a currency asks it."""
    worksheet = book["Aging"]
    top, bottom = map(int, re.findall(r"\d+", worksheet.tables["Aging"].ref))
    totals = [worksheet.cell(top - 3 + line, 1).value for line in range(3)]
    assert totals == ["Total CNY", "Total EUR", "Total JPY"]
    last = worksheet.tables["Aging"].ref.partition(":")[2].rstrip("0123456789")
    area, currency, shown = (
        f"'Aging'!${letter}${top + 1}:${letter}${bottom}" for letter in ("E", "D", last)
    )
    assert worksheet.cell(top - 2, 5).value == f'=SUMIFS({area},{currency},"EUR",{shown},1)'
    assert worksheet[f"{last}{top + 1}"].value == f"=SUBTOTAL(103,E{top + 1})"
    assert worksheet.column_dimensions[last].hidden


@pytest.mark.parametrize("name", ["Aging", "Concentration"])
def test_charts_stand_on_cells_and_hide_none(book, name, report):
    worksheet = book[name]
    assert worksheet._charts
    for chart in worksheet._charts:
        for series in chart.series:
            assert series.val.numRef.f.startswith(f"'{name}'!" if " " in name else f"{name}!")
    if name == "Aging":  # openpyxl does not read anchors' extents; the rows are kept free instead
        tops = [int(re.findall(r"\d+", table.ref)[0]) for table in worksheet.tables.values()]
        assert sorted(tops)[1] - min(tops) > 16


def test_amount_formats_follow_the_currency(book):
    worksheet = book["Open items"]
    heading = next(row for row in worksheet.iter_rows() if row[0].value == "Company")
    places = {cell.value: cell.column for cell in heading}
    formats = {
        worksheet.cell(row, places["Currency"]).value: worksheet.cell(
            row, places["Open"]
        ).number_format
        for row in range(heading[0].row + 1, worksheet.max_row + 1)
    }
    assert formats["JPY"].startswith("#,##0_)")
    assert formats["EUR"] == formats["CNY"] != formats["JPY"]
    assert "[Red]" in formats["EUR"]


def test_open_items_come_worst_first_and_undated_last(book):
    days = [row["Days past due"] for row in table_rows(book, "Open items", "Open_items")]
    dated = [day for day in days if day is not None]
    assert dated == sorted(dated, reverse=True)
    assert days == dated + [None] * (len(days) - len(dated))
    assert None in days


def test_every_report_of_a_process_has_the_same_plain_font(report, tmp_path):
    """XlsxWriter adds a font scheme to the defaults it is given: Excel would then show Calibri."""
    again = tmp_path / "again.xlsx"
    write(build(sample(4, 1)), again)
    for path in (report, again):
        fonts = {(cell.font.name, cell.font.scheme) for cell in opened(path)["Close"]["A"]}
        assert fonts == {("Arial", None)}


def test_keys_stay_text(book):
    keys = [row["Customer"] for row in table_rows(book, "Open items", "Open_items")]
    assert "00001" in keys
    assert all(isinstance(key, str) for key in keys)


def test_issues_come_gravest_first(book):
    levels = [row["Level"] for row in table_rows(book, "Issues", "Data_issues")]
    assert levels == ["error", "warning", "warning", "note"]
    counts = [(row["Code"], row["Count"]) for row in table_rows(book, "Close", "Issue_counts")]
    assert counts == [("bad_amount", 1), ("near_duplicate", 2), ("no_due_date", 1)]


def test_chinese_report_has_chinese_words_and_the_same_figures(report, tmp_path):
    path = tmp_path / "report.xlsx"
    write(build(sample(settings=Settings(language="zh"))), path)
    book = opened(path, data_only=True)
    assert book.sheetnames == [row["zh"] for row in data_rows("sheets.csv") if row["en"] in SHEETS]
    rows = table_rows(book, "账龄", "Aging")
    english = table_rows(opened(report, data_only=True), "Aging", "Aging")
    assert list(rows[0])[:5] == ["公司", "客户编号", "名称", "币种", "未清金额"]
    assert [list(row.values()) for row in rows] == [list(row.values()) for row in english]
    assert {row["类型"] for row in table_rows(book, "未清项目", "Open_items")} <= {
        "发票",
        "收款",
        "贷项通知",
    }


def test_every_label_has_both_languages_and_no_space_for_a_sheet_name_too_long():
    for name in ("report_labels.csv", "sheets.csv"):
        assert all(None not in row for row in data_rows(name)), name
    for row in data_rows("report_labels.csv"):
        assert row["en"], row
        assert row["zh"], row
        english, chinese = (set(re.findall(r"{(\w+)}", row[lang])) for lang in ("en", "zh"))
        assert english == chinese, row
    assert all(
        len(sheet(row["id"], lang)[0]) <= 31
        for row in data_rows("sheets.csv")
        for lang in ("en", "zh")
    )


def test_an_empty_ledger_still_gives_a_report(tmp_path):
    full = sample(4, 1)
    empty = {
        "aging": full.aging.clear(),
        "items": full.items.clear(),
        "cut_off": full.cut_off.clear(),
    }
    empty |= {"credit_balances": full.credit_balances.clear(), "set_aside": pl.DataFrame()}
    empty |= {"tie_outs": (), "concentration": (), "bridge": (), "issues": (), "sources": ()}
    path = tmp_path / "report.xlsx"
    write(build(sample(4, 1, **empty)), path)
    book = opened(path, data_only=True)
    assert book.sheetnames == SHEETS
    assert light(book) == NEUTRAL


def test_one_currency_needs_no_overview_of_shares(tmp_path):
    data = sample()
    only = {
        name: getattr(data, name).filter(pl.col("currency") == "EUR")
        for name in ("aging", "items", "cut_off", "credit_balances")
    }
    path = tmp_path / "report.xlsx"
    write(
        build(sample(**only, tie_outs=[tie for tie in data.tie_outs if tie.currency == "EUR"])),
        path,
    )
    worksheet = opened(path)["Aging"]
    assert [type(chart).__name__ for chart in worksheet._charts] == ["BarChart"]
    assert list(worksheet.tables) == ["Aging_totals", "Aging"]


def test_a_table_longer_than_a_sheet_is_listed_in_part_and_kept_whole_beside(tmp_path):
    data = sample()
    path = tmp_path / "report.xlsx"
    written = write(build(data, sheet_rows=100), path)
    assert [file.name for file in written] == ["report.xlsx", "report.open_items.parquet"]
    assert pl.read_parquet(written[1]).height == data.items.height == 336
    book = opened(path, data_only=True)
    assert len(table_rows(book, "Open items", "Open_items")) == 100
    texts = [cell.value for cell in book["Open items"]["A"]]
    line = "The first 100 of 336 rows are listed; all 336 are in the file ending .open_items.parquet beside this workbook."
    assert line in texts
    assert light(book) == NEUTRAL, "a cut list is no difference"


def test_a_missing_column_is_named():
    with pytest.raises(BadValueError, match=r"ReportData\.aging: .*account"):
        build(sample(4, 1, aging=sample(4, 1).aging.drop("account")))


def test_the_same_report_twice_is_the_same_file(report, tmp_path):
    again = tmp_path / "again.xlsx"
    write(build(sample()), again)
    assert again.read_bytes() == report.read_bytes()
    assert opened(again).properties.created.date() == AS_OF


def test_a_spec_is_plain_data():
    specs = build(sample(4, 1))
    assert all(isinstance(spec, SheetSpec) for spec in specs)
    assert [spec.label for spec in specs] == SHEETS


def test_libreoffice_is_installed():
    assert shutil.which("soffice"), (
        "the recalculation tests need LibreOffice: make test installs it"
    )


def test_currencies_share_the_rows_of_a_sheet(tmp_path):
    """Where the customers are too many for the sheet, each currency keeps its largest."""
    data = sample()
    written = write(build(data, sheet_rows=60), tmp_path / "report.xlsx")
    rows = table_rows(opened(written[0]), "Aging", "Aging")
    shown = [row["Currency"] for row in rows]
    assert {code: shown.count(code) for code in shown} == {"CNY": 20, "EUR": 20, "JPY": 20}
    assert shown == sorted(shown)
    assert "report.aging.parquet" in {path.name for path in written}
    assert light(opened(written[0], data_only=True)) == NEUTRAL


def test_the_footer_names_the_only_currency_or_the_one_bridged_to(tmp_path):
    settings = Settings(currency="EUR")
    path = tmp_path / "report.xlsx"
    write(build(sample(12, 2, settings=settings)), path)
    assert "each currency apart → EUR" in opened(path)["Aging"].oddFooter.left.text
    euro = sample(12, 2).aging.filter(pl.col("currency") == "EUR")
    write(build(sample(12, 2, aging=euro)), path)
    assert "2026-10-31 · EUR · Base" in opened(path)["Aging"].oddFooter.left.text
