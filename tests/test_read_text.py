"""Text, HTML and XML tables: encodings, delimiters, rows that are no data."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from receivables.ledger.mapping import mapping_from
from receivables.ledger.read import read
from tests.readings import HEADINGS, codes, column, documents

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


def test_currency_in_the_heading(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Invoice no,Customer,Date,Amount (USD)\nR1,C,2026-09-03,5\n")
    assert column(read(tmp_path / "a.csv"), "currency") == ["USD"]
