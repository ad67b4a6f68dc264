"""Reading: nothing lost between the file and the text, every row with its true place."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from receivables.errors import LedgerFileError, SettingsError
from receivables.ledger.mapping import load_mapping, mapping_from
from receivables.ledger.model import RawLedger
from receivables.ledger.read import read
from receivables.ledger.workbook import NOT_CALCULATED

DATA = Path(__file__).parent / "data"
HEADINGS = ["Invoice no", "Customer", "Date", "Due date", "Amount", "Currency"]
DAY = dt.datetime(2026, 9, 3)  # noqa: DTZ001 - dates of a ledger have no zone


def documents(ledger: RawLedger) -> pl.DataFrame:
    return ledger.tables["documents"].frame


def column(ledger: RawLedger, name: str, table: str = "documents") -> list[str | None]:
    return ledger.tables[table].frame.get_column(name).to_list()


def codes(ledger: RawLedger) -> list[str]:
    return [issue.code for issue in ledger.issues]


def write_book(
    path: Path, rows: list[list[object]], *, top: int = 0, left: int = 0, **options: object
) -> Path:
    """A workbook with one sheet; dates carry a date format."""
    book = xlsxwriter.Workbook(str(path), dict(options))
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet("Documents")
    for at, row in enumerate(rows, start=top):
        for place, value in enumerate(row, start=left):
            if isinstance(value, dt.datetime):
                sheet.write_datetime(at, place, value, day)
            elif value is not None:
                sheet.write(at, place, value)
    book.close()
    return path


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


ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("utf-8-sig", "UTF-8 with BOM"),
    ("utf-16", "UTF-16"),
    ("utf-16-le", "UTF-16 without BOM"),
    ("utf-16-be", "UTF-16 without BOM"),
]


@pytest.mark.parametrize(("encoding", "name"), ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_of_text(
    tmp_path: Path, encoding: str, name: str, delimiter: str
) -> None:
    rows = [HEADINGS, ["R1", "Müller 上海", "2026-09-03", "2026-10-03", "1234.50", "EUR"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    ledger = read(tmp_path / "a.csv")
    assert column(ledger, "customer_id") == ["Müller 上海"]
    assert f"encoding {name}" in ledger.sources[0].notes


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("客户;上海远景贸易有限公司;华强", "gb18030", "GB18030"),
        ("Müller;Café;Señor;Größe;Åre;Łódź".replace("Łódź", "Lodz"), "cp1252", "cp1252 (Western)"),
        ("Müller", "cp1252", "cp1252 (Western)"),
        ("Total €;naïve", "cp1252", "cp1252 (Western)"),
        ("A/S Rødgrød;ærø", "cp1252", "cp1252 (Western)"),
        ("镕基公司;珺", "gb18030", "GB18030"),
        ("天", "gb18030", "GB18030"),
        ("Größe", "cp1252", "cp1252 (Western)"),
    ],
)
def test_chinese_and_western_bytes_are_told_apart(text: str, encoding: str, name: str) -> None:
    from receivables.ledger.textfile import decode

    assert decode(Path("a.csv"), text.encode(encoding)) == (text, name)


def test_rows_of_text_count_as_in_a_spreadsheet(tmp_path: Path) -> None:
    text = '\nOpen items\n\nInvoice no,Customer name,Date,Amount\nR1,"Acme\nLtd",2026-09-03,5\n\nR2,"say ""hi""",2026-09-04,6\n'
    (tmp_path / "a.csv").write_text(text)
    ledger = read(tmp_path / "a.csv")
    assert column(ledger, "_row") == [5, 7]
    assert column(ledger, "customer_name") == ["Acme\nLtd", 'say "hi"']
    assert ledger.sources[0].cell(7, "amount") == "D7"


def test_quick_and_thorough_text_readers_agree(tmp_path: Path) -> None:
    from receivables.ledger import textfile

    text = 'a,b,c\n1,"x\ny",3\n\n4,,6\n7,8\n"q""q", s ,\n'
    quick = textfile._fast(text, ",")
    slow = textfile._frame(textfile._records(text, ",", 0))
    assert quick is not None
    blank = pl.when(pl.all() != "").then(pl.all())
    assert quick.rows() == slow.select(blank).rows()


def test_a_decimal_comma_that_splits_a_cell_makes_the_amount_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "Invoice no,Customer,Date,Amount\nR1,C,2026-09-03,1.234,56\nR2,C,2026-09-03,7\n"
    )
    ledger = read(tmp_path / "a.csv")
    assert column(ledger, "amount") == ["1.234 | 56", "7"]
    issue = next(issue for issue in ledger.issues if issue.code == "more_cells_than_headings")
    assert issue.level == "error"
    assert issue.cell == "row 2"


def test_a_quote_never_closed_does_not_swallow_the_file(tmp_path: Path) -> None:
    rows = [
        f"R{n},C,2026-09-03,5,{'17' + chr(34) + ' pipe' if n == 3 else 'x'}" for n in range(40)
    ]
    rows[5] = 'R5,C,2026-09-03,5,"open'
    (tmp_path / "a.csv").write_text("\n".join(["Invoice no,Customer,Date,Amount,Text", *rows]))
    ledger = read(tmp_path / "a.csv")
    assert documents(ledger).height == 40
    assert "lost_quote" in codes(ledger)


def test_gzip_and_sep_line(tmp_path: Path) -> None:
    text = "sep=;\nInvoice no;Customer;Date;Amount\nR1;C;2026-09-03;1,50\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    ledger = read(tmp_path / "a.csv.gz")
    assert column(ledger, "amount") == ["1,50"]
    assert column(ledger, "_row") == [3]


def test_folder_of_csv_with_settings(tmp_path: Path) -> None:
    (tmp_path / "documents.csv").write_text(
        "document_no,customer_id,issued_on,amount\nR1,C,2026-09-03,5\n"
    )
    (tmp_path / "customers.csv").write_text("customer_id,name\nC,Acme\n")
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    (tmp_path / "settings.toml").write_text('edges = [15, 30]\nbase = "issued"\n')
    ledger = read(tmp_path)
    assert set(ledger.tables) == {"documents", "customers"}
    assert ledger.settings == {"edges": "15,30", "base": "issued"}
    assert [issue.file for issue in ledger.issues if issue.code == "sheet_not_read"] == [
        "notes.csv"
    ]


def test_typed_parquet_becomes_exact_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "document_no": [123, 124],
            "customer_id": ["00123", None],
            "issued_on": [dt.date(2026, 9, 3), None],
            "posted_on": [DAY, None],
            "amount": pl.Series(["1234.10", "-0.05"]).cast(pl.Decimal(18, 2)),
            "tax_amount": [1e16, 0.1],
            "insured": [True, False],
        }
    )
    folder = tmp_path / "ledger"
    folder.mkdir()
    frame.write_parquet(folder / "documents.parquet")
    for path in (folder, folder / "documents.parquet"):
        ledger = read(path)
        assert column(ledger, "document_no") == ["123", "124"]
        assert column(ledger, "issued_on") == ["2026-09-03", None]
        assert column(ledger, "posted_on") == ["2026-09-03 00:00:00", None]
        assert column(ledger, "amount") == ["1234.10", "-0.05"]
        assert column(ledger, "tax_amount") == ["10000000000000000", "0.1"]
        assert column(ledger, "insured") == ["true", "false"]
        assert ledger.sources[0].cell(2, "amount") == "row 2"


def test_html_table_with_spans(tmp_path: Path) -> None:
    page = """<html><head><meta charset="utf-8"><style>td{color:red}</style></head><body>
    <table><tr><td>Menu</td></tr></table>
    <table border=1><tr><td colspan=5>Offene Posten</td></tr>
    <tr><th rowspan=2>Rechnungsnummer<th rowspan=2>Kunde<th colspan=2>Datum<th rowspan=2>Betrag</tr>
    <tr><th>Beleg</th><th>F&auml;llig</th></tr>
    <tr><td>R1<td>M&uuml;ller&nbsp;&amp; Co<td>03.09.2026<td>03.10.2026<td>1.234,56</tr>
    <tr><td>Summe<td><td><td><td>1.234,56</tr></table></body></html>"""
    (tmp_path / "a.xls").write_text(page, encoding="utf-8")
    part = {
        "document_no": "Rechnungsnummer",
        "customer_id": "Kunde",
        "issued_on": "Datum Beleg",
        "amount": "Betrag",
    }
    ledger = read(tmp_path / "a.xls", mapping_from({"documents": {"columns": part}}))
    assert column(ledger, "customer_id") == ["Müller & Co"]
    assert column(ledger, "issued_on") == ["03.09.2026"]
    assert column(ledger, "amount") == ["1.234,56"]
    assert column(ledger, "_row") == [4]


def test_a_table_inside_a_layout_table(tmp_path: Path) -> None:
    page = """<table><tr><td>Report<table><tr><th>Invoice no</th><th>Customer</th><th>Date</th><th>Amount</th></tr>
    <tr><td>R1</td><td>Acme<br>Ltd</td><td>2026-09-03</td><td>5.00</td></tr></table></td></tr></table>"""
    (tmp_path / "a.html").write_text(page)
    ledger = read(tmp_path / "a.html")
    assert column(ledger, "document_no") == ["R1"]
    assert column(ledger, "customer_id") == ["Acme\nLtd"]
    assert column(ledger, "_row") == [2]


def test_excel_2003_xml(tmp_path: Path) -> None:
    page = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
    <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
    <Worksheet ss:Name="Invoices"><Table><Row><Cell><Data ss:Type="String">Invoice no</Data></Cell>
    <Cell><Data>Customer</Data></Cell><Cell><Data>Date</Data></Cell><Cell><Data>Amount</Data></Cell></Row>
    <Row ss:Index="4"><Cell><Data>R1</Data></Cell><Cell ss:Index="3"><Data ss:Type="DateTime">2026-09-03T00:00:00.000</Data></Cell>
    <Cell><Data ss:Type="Number">12.5</Data></Cell></Row></Table></Worksheet></Workbook>"""
    (tmp_path / "a.xls").write_text(page)
    ledger = read(tmp_path / "a.xls")
    assert column(ledger, "amount") == ["12.5"]
    assert column(ledger, "customer_id") == [None]
    assert column(ledger, "_row") == [4]


def test_totals_in_the_middle_and_at_the_end_are_not_data(tmp_path: Path) -> None:
    text = (
        "Invoice no;Customer;Date;Amount\nR1;Total Energies;2026-09-03;5\n;Subtotal;;5\n"
        "Invoice no;Customer;Date;Amount\nR2;Total Gabon;2026-09-04;7\n合 计;;;12\nprinted by Li;;;\n"
    )
    (tmp_path / "a.csv").write_text(text)
    ledger = read(tmp_path / "a.csv")
    assert column(ledger, "amount") == ["5", "7"]
    totals = [
        (issue.cell, issue.value) for issue in ledger.issues if issue.code == "total_skipped"
    ]
    assert totals == [("row 3", "5"), ("row 6", "12")]
    foot = next(issue for issue in ledger.issues if issue.code == "foot_skipped")
    assert "printed by Li" in foot.message


def test_a_row_without_number_but_with_a_date_is_left_to_checking(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "Invoice no,Customer,Date,Amount\nR1,C,2026-09-03,5\n,Total Gabon,2026-09-03,5\n"
    )
    assert column(read(tmp_path / "a.csv"), "document_no") == ["R1", None]


def test_a_truncated_last_row_is_left_to_checking(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Invoice no,Customer,Date,Amount\nR1,C,2026-09-03,5\nR2")
    assert column(read(tmp_path / "a.csv"), "document_no") == ["R1", "R2"]


def test_debit_and_credit_columns_and_signs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "No;Cust;Date;Debit;Credit\nA;C;2026-09-03;5,00;0,00\nB;C;2026-09-03;;7,50\nC;C;2026-09-03;1;2\n"
    )
    part = {"document_no": "No", "customer_id": "Cust", "issued_on": "Date"}
    mapping = mapping_from({"documents": {"debit": "Debit", "credit": "Credit", "columns": part}})
    assert column(read(tmp_path / "a.csv", mapping), "amount") == ["5,00", "-7,50", "1 / 2"]
    (tmp_path / "b.csv").write_text(
        "No;Cust;Date;Amount;D/C\nA;C;2026-09-03;5,00;S\nB;C;2026-09-03;7,50;H\n"
    )
    part = {**part, "amount": "Amount"}
    mapping = mapping_from(
        {"documents": {"sign_column": "D/C", "signs": {"H": "-", "S": "+"}, "columns": part}}
    )
    assert column(read(tmp_path / "b.csv", mapping), "amount") == ["5,00", "-7,50"]


def test_sap_list() -> None:
    ledger = read(DATA / "sap.txt", load_mapping(DATA / "sap.toml"))
    assert totals(ledger, decimal=",") == {
        "0000100123": Decimal("48173.48"),
        "0000100456": Decimal("36540.07"),
        "0000200001": Decimal("51462.16"),
        "0000000777": Decimal("17703.00"),  # 35,404.00 less credit notes of 17,701.00
    }
    paid = ledger.tables["payments"].frame
    assert paid.get_column("amount").to_list() == ["2.233,63", "4.425,75", "6.617,87"]
    assert paid.get_column("kind").unique().to_list() == ["payment"]
    assert len(column(ledger, "customer_id", "customers")) == 4


def test_quickbooks_sections() -> None:
    ledger = read(DATA / "quickbooks.csv", load_mapping(DATA / "quickbooks.toml"))
    received = sum(Decimal(text or 0) for text in column(ledger, "amount", "payments"))
    assert totals(ledger) == {
        "Amy's Bird Sanctuary": Decimal(
            "1460.25"
        ),  # the printed 1,093.50 before a payment of 366.75
        "Cool Cars": Decimal("2180.25"),
        "Total Fitness LLC": Decimal("2900.25"),
        "Weiskopf Consulting": Decimal("3620.25"),
    }
    assert sum(totals(ledger).values()) - received == Decimal("7974.00")


@pytest.mark.parametrize("name", ["kingdee.xlsx", "kingdee.csv"])
def test_kingdee_twins(name: str) -> None:
    ledger = read(DATA / name, load_mapping(DATA / "kingdee.toml"))
    assert totals(ledger) == {
        "00018": Decimal("200850.18"),
        "00235": Decimal("194363.14"),
        "01002": Decimal("187875.10"),
    }
    paid = sum(Decimal((text or "0").replace(",", "")) for text in column(ledger, "paid_amount"))
    assert paid == Decimal("76772.10")
    assert "深圳市华强电子股份有限公司" in column(ledger, "name", "customers")


def totals(ledger: RawLedger, decimal: str = ".") -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    thousands = "," if decimal == "." else "."
    for customer, amount in documents(ledger).select("customer_id", "amount").iter_rows():
        minus = "-" in amount
        plain = amount.strip("-").replace(thousands, "").replace(decimal, ".")
        found[customer] = found.get(customer, Decimal(0)) + (
            -Decimal(plain) if minus else Decimal(plain)
        )
    return found


def test_the_exports_of_this_folder_are_what_their_script_writes(tmp_path: Path) -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("exports", DATA / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.HERE = tmp_path
    for write in (module.sap, module.quickbooks, module.kingdee):
        write()
    for name in ("sap.txt", "quickbooks.csv", "kingdee.csv"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name
    mapping = load_mapping(DATA / "kingdee.toml")
    fresh, kept = (
        documents(read(folder / "kingdee.xlsx", mapping)) for folder in (tmp_path, DATA)
    )
    assert fresh.equals(kept)


def test_mapped_heading_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Invoice no,Customer,Date,Amount\nR1,C,2026-09-03,5\n")
    mapping = mapping_from(
        {"documents": {"columns": {"document_no": "Invoice no", "amount": "Amonut"}}}
    )
    with pytest.raises(
        SettingsError, match=r"heading 'Amonut', which is not there\. Did you mean 'Amount'"
    ):
        read(tmp_path / "a.csv", mapping)


def test_currency_in_the_heading(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Invoice no,Customer,Date,Amount (USD)\nR1,C,2026-09-03,5\n")
    assert column(read(tmp_path / "a.csv"), "currency") == ["USD"]


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    read(
        DATA / "sap.txt",
        load_mapping(DATA / "sap.toml"),
        progress=lambda what, _done, _of: told.append(what),
    )
    assert told == ["opening", "reading documents"]
