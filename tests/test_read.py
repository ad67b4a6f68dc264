"""Reading: nothing lost between the file and the text, every row with its true place."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from receivables.errors import LedgerFileError
from receivables.ledger.check import check
from receivables.ledger.mapping import mapping_from
from receivables.ledger.read import read
from receivables.ledger.workbook import NOT_CALCULATED
from tests.readings import DATA, DAY, HEADINGS, codes, column, documents, write_book


@pytest.mark.parametrize("date1904", [False, True])
def test_places_are_true_behind_blank_rows_and_columns(tmp_path: Path, date1904: bool) -> None:
    rows = [
        ["Open items"],
        [],
        HEADINGS,
        ["R1", "00123", DAY, DAY, 1234.1, "EUR"],
        [],
        ["R2", "7", DAY, DAY, -5, "EUR"],
    ]
    ledger = read(
        write_book(
            tmp_path / "a.xlsx", rows, top=3, left=2, default_date_format=None, date_1904=date1904
        )
    )
    source = ledger.sources[0]
    assert source.date1904 is date1904
    assert source.heading_row == 6
    assert documents(ledger).get_column("_row").to_list() == [7, 9]
    assert source.cell(7, "amount") == "G7"
    assert column(ledger, "amount") == ["1234.1", "-5"]
    assert column(ledger, "issued_on") == ["2026-09-03 00:00:00"] * 2
    assert column(ledger, "customer_id") == ["00123", "7"]


def test_leading_zeros_of_a_number_format_come_back(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    five, prefixed, money = (
        book.add_format({"num_format": f}) for f in ("00000", '"D"0000', "#,##0.00")
    )
    sheet = book.add_worksheet("Documents")
    sheet.write_row(0, 0, HEADINGS)
    sheet.write_row(1, 0, [None, None, "2026-09-03", None, None, "EUR"])
    sheet.write_number(1, 0, 17, prefixed)
    sheet.write_number(1, 1, 123, five)
    sheet.write_number(1, 4, 10, money)
    sheet.write_string(2, 0, "x")
    sheet.write_string(2, 1, "45", five)
    sheet.write_blank(3, 1, None, five)
    book.close()
    ledger = read(tmp_path / "a.xlsx")
    assert column(ledger, "customer_id") == ["00123", "45"]
    assert column(ledger, "document_no")[0] == "D0017"
    assert column(ledger, "amount")[0] == "10"


def test_leading_zeros_whatever_the_order_of_attributes(tmp_path: Path) -> None:
    from receivables.ledger import xlsxparts

    xml = b'<row r="2"><c s="3" r="B2"><v>123</v></c><c t="s" s="3" r="C2"><v>1</v></c><c s="3" r="D2"/></row>'
    assert xlsxparts._padded(xml, {3: ("", 5)}) == {(2, "", 5): [2]}
    xml = b'<row r="2"><c r="B2" s="3"><v>123</v></c><c r="C2" t="s" s="3"><v>1</v></c></row>'
    assert xlsxparts._padded(xml, {3: ("", 5)}) == {(2, "", 5): [2]}


def test_errors_and_formulas_without_value_keep_their_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Documents"
    sheet.append(HEADINGS)
    for number in range(5000):
        sheet.append([f"R{number}", "C", "2026-09-03", "2026-10-03", 1.5, "EUR"])
    sheet["E5000"] = "#REF!"
    sheet["E5000"].data_type = "e"
    sheet["E4999"] = "=SUM(E1:E3)"
    sheet["E5010"] = "=1+1"
    book.save(tmp_path / "a.xlsx")
    ledger = read(tmp_path / "a.xlsx")
    amounts = dict(documents(ledger).select("_row", "amount").iter_rows())
    assert amounts[5000] == "#REF!"
    assert amounts[4999] == NOT_CALCULATED
    assert amounts[5010] == NOT_CALCULATED
    assert amounts[4998] == "1.5"
    issue = next(issue for issue in ledger.issues if issue.code == "formula_without_value")
    assert "E4999, E5010" in issue.message
    assert issue.cell == "E4999"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ('<c r="B2"><f>A1+1</f></c>', [(2, 2)]),
        ('<c r="B2"><f>A1+1</f><v></v></c>', [(2, 2)]),
        ('<c r="B2"><f>A1+1</f><v/></c>', [(2, 2)]),
        ('<c r="B2"><f t="shared" si="0"/></c>', [(2, 2)]),
        ('<c r="B2" t="str"><f>IF(A1="","","x")</f><v></v></c>', []),
        ('<c r="B2"><f>A1+1</f><v>2</v></c>', []),
        ('<c r="B2"><f t="shared" si="0"/><v>2</v></c>', []),
    ],
)
def test_only_formulas_without_stored_result_are_found(
    cell: str, found: list[tuple[int, int]]
) -> None:
    from receivables.ledger import xlsxparts

    assert xlsxparts._uncalculated(f'<row r="2">{cell}</row>'.encode()) == found


def test_sixteen_digits_stored_as_a_number(tmp_path: Path) -> None:
    rows = [
        HEADINGS,
        [1234567890123456, "C", DAY, DAY, 5, "EUR"],
        ["1234567890123457", "C", DAY, DAY, 5, "EUR"],
    ]
    book = write_book(tmp_path / "a.xlsx", rows, strings_to_numbers=False)
    issues = [issue for issue in read(book).issues if issue.code == "long_numeric_key"]
    assert [issue.cell for issue in issues] == ["A2"]


def test_excel_tables_win_over_the_sheet_and_leave_their_total_row(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("Ledger")
    sheet.write("A1", "Anything above")
    data = [
        ["R1", "C", "2026-09-03", "2026-10-03", 5, "EUR"],
        ["R2", "C", "2026-09-03", "2026-10-03", 6, "EUR"],
    ]
    sheet.add_table(
        "B3:G6",
        {
            "name": "Documents",
            "columns": [{"header": h} for h in HEADINGS],
            "data": data,
            "total_row": True,
        },
    )
    sheet.write_row("B6", ["", "", "", "", 11, "2 items"])
    sheet.add_table(
        "I3:K4",
        {
            "name": "tblCustomers",
            "columns": [{"header": h} for h in ("Customer", "Name", "Terms")],
            "data": [["C", "Acme", 30]],
        },
    )
    book.close()
    ledger = read(tmp_path / "a.xlsx")
    assert column(ledger, "amount") == ["5", "6"]
    assert column(ledger, "name", "customers") == ["Acme"]
    assert ledger.sources[1].cell(4, "name") == "J4"


def test_parts_written_with_a_name_prefix(tmp_path: Path) -> None:
    """Some exporters write `<x:row>`; leading zeros and places must not depend on it."""
    plain = tmp_path / "plain.xlsx"
    book = xlsxwriter.Workbook(str(plain))
    sheet = book.add_worksheet("Documents")
    sheet.write_row("B2", HEADINGS)
    sheet.write_row("B3", ["R1", None, "2026-09-03", None, 5, "EUR"])
    sheet.write_number("C3", 7, book.add_format({"num_format": "0000"}))
    sheet.set_row(2, None, None, {"hidden": True})
    book.close()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data = re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", data).replace(
                    b"xmlns=", b"xmlns:x="
                )
            target.writestr(name, data)
    ledger = read(tmp_path / "a.xlsx")
    assert column(ledger, "customer_id") == ["0007"]
    assert ledger.sources[0].cell(3, "customer_id") == "C3"
    assert "hidden_rows" in codes(ledger)


def test_sheets_by_their_names_and_settings(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    for name, rows in {
        "应收单": [HEADINGS, ["R1", "C", "2026-09-03", "", 5, "EUR"]],
        "Kunden": [["Kundennummer", "Kundenname"], ["C", "Acme"]],
        "Receipts": [
            ["Receipt no", "Customer", "Payment date", "Amount", "Currency"],
            ["P1", "C", "2026-09-30", 2, "EUR"],
        ],
        "Settings": [["name", "value"], ["edges", "30,60"]],
        "Scratch": [["nothing", "here"]],
    }.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    book.close()
    ledger = read(tmp_path / "a.xlsx")
    assert set(ledger.tables) == {"documents", "customers", "payments"}
    assert ledger.settings == {"edges": "30,60"}
    unread = [issue.sheet for issue in ledger.issues if issue.code == "sheet_not_read"]
    assert unread == ["Scratch"]


def test_two_sheets_that_look_like_documents_need_a_mapping(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    for at, name in enumerate(("Jan", "Feb")):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, [f"R{at}", "C", "2026-09-03", "2026-10-03", 5, "EUR"])
    book.close()
    with pytest.raises(LedgerFileError, match="Jan, Feb all look like documents"):
        read(tmp_path / "a.xlsx")
    both = mapping_from({"documents": {"sheet": ["Jan", "Feb"]}})
    ledger = read(tmp_path / "a.xlsx", both)
    assert column(ledger, "document_no") == ["R0", "R1"]
    assert column(ledger, "_source") == [0, 1]


@pytest.mark.parametrize("suffix", ["ods", "xls"])
def test_other_spreadsheet_formats(tmp_path: Path, suffix: str) -> None:
    source = DATA / f"open_items.{suffix}"
    ledger = read(source)
    assert column(ledger, "document_no") == ["R1", "R2"]
    assert column(ledger, "amount") == ["1234.1", "-5"]
    assert [str(text)[:10] for text in column(ledger, "issued_on")] == ["2026-09-03"] * 2
    assert column(ledger, "_row") == [5, 7]
    assert ledger.sources[0].cell(5, "amount") == "row 5"


def test_cells_merged_downwards_count_for_each_row_but_amounts_do_not(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("Documents")
    sheet.write_row(0, 0, HEADINGS)
    for row in range(1, 4):
        sheet.write_row(row, 0, [f"R{row}", None, "2026-09-03", None, None, "EUR"])
    sheet.merge_range("B2:B4", "00123")
    sheet.merge_range("E2:E3", 100)
    sheet.write("E4", 7)
    book.close()
    ledger = read(tmp_path / "a.xlsx")
    assert column(ledger, "customer_id") == ["00123"] * 3
    assert column(ledger, "amount") == ["100", None, "7"]


def test_numbers_with_many_digits_keep_their_value(tmp_path):
    """The reader's own text of a number stops at nine decimals."""
    path = tmp_path / "ledger.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Documents")
    sheet.write_row(
        0, 0, ["document_no", "customer_id", "kind", "issued_on", "currency", "amount"]
    )
    amounts = [364594450.83, 12345678901.23, 99999999999.99, 0.1 + 0.2, -1234567.89]
    for row, amount in enumerate(amounts, start=1):
        sheet.write_row(row, 0, [f"A{row}", "C", "invoice", "2026-10-01", "EUR", amount])
    rates = book.add_worksheet("Rates")
    rates.write_row(0, 0, ["date", "from", "to", "rate"])
    rates.write_row(1, 0, ["2026-10-31", "JPY", "EUR", 0.00613685123456])
    book.close()
    ledger = check(read(path))
    assert ledger["documents"]["amount"].to_list() == [
        36459445083, 1234567890123, 9999999999999, 30, -123456789,
    ]  # fmt: skip
    assert ledger["rates"]["rate"].to_list() == ["0.00613685123456"]
