"""The demo ledger as files: the same bytes everywhere, readable by other programs."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from receivables.demo import build_firm, write_folder, write_workbook
from receivables.demo.oddities import ODDITIES
from receivables.demo.tables import SHEETS, build_books
from receivables.errors import LedgerFileError

ROOT = Path(__file__).parents[1]

DIGEST = "d377568de2035853e70344f3ae22c699c34f3fbb7c55db41d8de071399d1811c"
"""SHA-256 of the CSV folder for the default seed. It changes only when the firm is changed."""


@pytest.fixture(scope="module")
def firm():
    return build_firm()


@pytest.fixture(scope="module")
def cases():
    return build_books().cases


@pytest.fixture(scope="module")
def workbook(firm, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "ledger.xlsx"
    write_workbook(firm, path)
    return path


def folder_digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_two_builds_and_two_workbooks_are_the_same_bytes(firm, workbook, tmp_path):
    again = tmp_path / "again.xlsx"
    write_workbook(build_firm(), again)
    assert again.read_bytes() == workbook.read_bytes()


def test_csv_folder_is_the_pinned_one(firm, tmp_path):
    write_folder(firm, tmp_path)
    assert folder_digest(tmp_path) == DIGEST


def test_hash_seed_time_zone_and_locale_do_not_matter(firm, tmp_path):
    write_folder(firm, tmp_path / "here")
    code = "import sys, pathlib, receivables.demo as d; d.write_folder(d.build_firm(), pathlib.Path(sys.argv[1]))"
    odd = {"PYTHONHASHSEED": "77", "TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONUTF8": "0"}
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there")], env=os.environ | odd, check=True
    )
    assert folder_digest(tmp_path / "here") == folder_digest(tmp_path / "there")


def test_another_seed_is_another_firm_with_the_same_cases():
    other = build_books(7)
    mine = build_books()
    drawn = {
        "dispute",
        "dispute settled",
        "promise",
        "promise broken",
        "overdue debt reported to the insurer",
        "overdue debt never reported to the insurer",
        "insured invoice of an excluded scope",
    }
    assert {k: v for k, v in other.cases.items() if k not in drawn} == {
        k: v for k, v in mine.cases.items() if k not in drawn
    }
    assert other.rows["documents"] != mine.rows["documents"]


def test_workbook_in_openpyxl(firm, workbook):
    book = openpyxl.load_workbook(workbook)
    assert book.sheetnames == list(SHEETS.values())
    for table, name in SHEETS.items():
        sheet = book[name]
        assert list(sheet.tables) == [name]
        assert (sheet.max_row - 1, sheet.max_column) == firm[table].shape
        assert sheet.freeze_panes == "B2"
    documents = {cell.value: cell.column for cell in book["Documents"][1]}
    number_at, customer_at = documents["Document no"], documents["Customer id"]
    first = book["Documents"].cell(2, customer_at)
    assert (first.data_type, first.number_format, first.value[:2]) == ("s", "@", "00")
    assert book["Documents"].cell(2, documents["Issued on"]).is_date
    by_number = {row[number_at - 1].value: row for row in book["Documents"].iter_rows(min_row=2)}
    text = by_number["RE2610-9006"][documents["Amount"] - 1]
    assert (text.data_type, text.value) == ("s", "2,480.50")
    padded = book["Payments"].cell(2, 4)
    assert (padded.data_type, padded.number_format) == ("n", "00000")
    yen = next(row for row in by_number.values() if row[documents["Currency"] - 1].value == "JPY")
    assert yen[documents["Amount"] - 1].number_format == "#,##0;[Red]-#,##0"
    bill = book["Bills"].cell(2, 1)
    assert (bill.data_type, len(bill.value)) == ("s", 30)


def test_workbook_in_libreoffice(firm, workbook, tmp_path):
    """Opened without a window and saved as text, every sheet holds what was written."""
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            every_sheet,
            "--outdir",
            str(tmp_path),
            str(workbook),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    for table, name in SHEETS.items():
        with (tmp_path / f"ledger-{name}.csv").open(encoding="utf-8", newline="") as handle:
            shown = list(csv.DictReader(handle))
        assert len(shown) == firm[table].height, name
    with (tmp_path / "ledger-Payments.csv").open(encoding="utf-8", newline="") as handle:
        shown = list(csv.DictReader(handle))
    # LibreOffice saves the number behind the format 00000.
    assert [row["Customer id"].zfill(5) for row in shown] == firm["payments"][
        "customer_id"
    ].to_list()
    assert [number(row["Amount"]) for row in shown] == [
        Decimal(text) for text in firm["payments"]["amount"]
    ]
    assert shown[0]["Paid on"] == firm["payments"]["paid_on"][0].isoformat()


def test_workbook_that_cannot_be_written_says_so(firm, tmp_path):
    (tmp_path / "ledger.xlsx").mkdir()
    with pytest.raises(LedgerFileError, match="Close it and try again"):
        write_workbook({"settings": firm["settings"]}, tmp_path / "ledger.xlsx")


def test_the_page_about_the_demo_names_every_row(cases):
    page = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
    for case, numbers in cases.items():
        assert case in page
        for no in numbers:
            assert no in page, (case, no)
    for oddity, treatment in ODDITIES.items():
        assert treatment in page, oddity
