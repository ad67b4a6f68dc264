"""The workbooks to start from: as the script builds them, with macros that Excel's readers find."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest

from tests.vba_readers import by_olevba, by_pyopenvba
from workbooks.receivables_book import BUTTONS, FILES, FOLDER, SOURCE, content

MACROS = FOLDER / "receivables.xlsm"


@pytest.mark.parametrize(("name", "language"), FILES.items())
def test_the_committed_workbook_is_the_one_the_script_builds(name, language):
    """Else: python -m workbooks.receivables_book."""
    built = content(name, language)
    kept = (FOLDER / name).read_bytes()
    with zipfile.ZipFile(io.BytesIO(built)) as new, zipfile.ZipFile(io.BytesIO(kept)) as old:
        assert new.namelist() == old.namelist()
        assert [part for part in new.namelist() if new.read(part) != old.read(part)] == []


@pytest.mark.parametrize("reader", [by_olevba, by_pyopenvba])
def test_two_readers_find_the_macros(reader):
    found = reader(MACROS)
    text = found["ReceivablesButtons"].replace("\r\n", "\n")
    assert SOURCE.read_text(encoding="utf-8").partition("Option")[2].strip() in text
    for action in BUTTONS:
        assert f"Public Sub Receivables{action.capitalize()}()" in text
        assert f'Press "{action}"' in text


def test_every_sheet_has_its_module():
    """Excel takes a workbook without that for damaged."""
    found = by_pyopenvba(MACROS)
    with zipfile.ZipFile(MACROS) as package:
        sheets = sorted(name for name in package.namelist() if "worksheets/sheet" in name)
        codes = [
            re.search(r'<sheetPr\b[^>]*codeName="([^"]+)"', package.read(name).decode())
            for name in sheets
            if name.endswith(".xml")
        ]
        workbook = package.read("xl/workbook.xml").decode()
        types = package.read("[Content_Types].xml").decode()
    assert all(codes)
    assert {code[1] for code in codes} == {name for name in found if name.startswith("Sheet")}
    assert 'codeName="ThisWorkbook"' in workbook
    assert "application/vnd.ms-excel.sheet.macroEnabled.main+xml" in types


def test_buttons_stand_on_start_and_name_their_macros():
    with zipfile.ZipFile(MACROS) as package:
        drawing = next(name for name in package.namelist() if name.startswith("xl/drawings/vml"))
        text = package.read(drawing).decode()
    macros = re.findall(r"<x:FmlaMacro>(?:\[0\]!)?(\w+)</x:FmlaMacro>", text)
    assert macros == [f"Receivables{action.capitalize()}" for action in BUTTONS]


def test_what_to_install_is_said_in_a_cell_that_the_macro_reads():
    book = openpyxl.load_workbook(MACROS, keep_vba=True)
    name = re.search(r'MISSING As String = "(\w+)"', SOURCE.read_text(encoding="utf-8"))[1]
    sheet, _, place = book.defined_names[name].attr_text.partition("!")
    assert "receivables excel install" in book[sheet.strip("'")][place.replace("$", "")].value


def test_the_macros_call_what_the_add_in_has():
    from receivables_addin.excel.build import FILE
    from receivables_addin.excel.sources import own_module

    text = SOURCE.read_text(encoding="utf-8")
    assert f'ADDIN As String = "{FILE}"' in text
    called = re.search(r"\"'!(\w+)\"", text)[1]
    assert f"Public Sub {called}(ByVal id As String)" in own_module("Ribbon.bas").body
