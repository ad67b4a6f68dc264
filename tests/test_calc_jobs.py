"""Excel files in a real headless LibreOffice: plain names are computed when loaded and kept when saved."""

import ast
import re
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from receivables_addin.calc.fixxlsx import Program, fix

from tests.calc_office import CalcOffice, calc_office

XLSX = "Calc MS Excel 2007 XML"
DUE, AS_OF = date(2026, 9, 30), date(2026, 10, 31)
SIGNATURE_OF_THE_OFFICE = 0x8
"""Flag of a zip entry whose size follows its data: the office writes so, Python does not."""


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[CalcOffice]:
    with calc_office(tmp_path_factory.mktemp("jobs")) as found:
        yield found


def workbook() -> openpyxl.Workbook:
    """A1 due date, F1 as-of date on the sheet Items."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Items"
    sheet["A1"], sheet["F1"] = DUE, AS_OF
    return book


def opened(office: CalcOffice, path: Path) -> None:
    office.ask("open", url=path.as_uri())


def shown(office: CalcOffice, place: str, sheet: str = "Items"):
    """What a cell shows, by its address."""
    column, row = ord(place[0]) - 65, int(place[1:]) - 1
    return office.ask("read", sheet=sheet, blocks=[[row, column, 1, 1]])[0][0][0]


def formulas_in(path: Path, sheet: str = "Items") -> dict[str, str]:
    """Formula texts of a sheet as they stand in the file."""
    cells = openpyxl.load_workbook(path)[sheet]
    found = {}
    for row in cells.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                found[cell.coordinate] = getattr(cell.value, "text", cell.value)
    return found


WRITTEN = {
    "AGING_BUCKET(A1,$F$1)": "31-60 d",
    "aging_bucket(A1,$F$1)": "31-60 d",
    "_xll.AGING_BUCKET(A1,$F$1)": "31-60 d",
    "_xldudf_AGING_BUCKET(A1,$F$1)": "31-60 d",
    "ORG.RECEIVABLES.FUNCTIONS.AGINGBUCKET(A1,$F$1)": "31-60 d",
    'IF(AGING_DAYS(A1,$F$1)>30,"AGING_DAYS(""&""",1)': 'AGING_DAYS("&"',
    "SUMPRODUCT(AGING_DAYS(Items!A1:A1,$F$1))": 31,
    "_xlfn.IFNA(DSO(1,2,90),1)": 45,
    'DSO(1,2,90)&"&amp;"': "45&amp;",
    '"DSO("': "DSO(",
    "IFERROR(NOSUCH(1),DSO(1,2,90))": 45,
}
"""Formula in the file → what Calc shows."""


def test_plain_names_of_a_file_are_computed(office, tmp_path) -> None:
    book = workbook()
    for row, text in enumerate(WRITTEN, 1):
        book.active[f"B{row}"] = "=" + text
    book.save(tmp_path / "plain.xlsx")
    opened(office, tmp_path / "plain.xlsx")
    assert [shown(office, f"B{row}") for row in range(1, len(WRITTEN) + 1)] == [*WRITTEN.values()]
    assert not office.ask("is_modified")


def test_a_workbook_saved_by_excel_without_the_add_in(office, tmp_path) -> None:
    """The results in the file say #NAME?; other formulas took that over."""
    with xlsxwriter.Workbook(tmp_path / "excel.xlsx") as book:
        sheet = book.add_worksheet("Items")
        sheet.write_formula("A1", "=DSO(1,2,90)", None, "#NAME?")
        sheet.write_formula("A2", "=A1*2", None, "#NAME?")
        sheet.write_dynamic_array_formula("C1:F4", "=RESERVE_REVENUE(1000000)", None, "#NAME?")
    fix(tmp_path / "excel.xlsx", Program.calc, tmp_path / "fixed.xlsx")
    for name in ("excel", "fixed"):
        opened(office, tmp_path / f"{name}.xlsx")
        assert [shown(office, place) for place in ("A1", "A2", "C2", "E3")] == [
            45,
            90,
            "least",
            10000,
        ]


def test_array_formulas_names_and_conditions(office, tmp_path) -> None:
    book = workbook()
    book.active["H1"] = ArrayFormula("H1:K4", "=RESERVE_REVENUE(1000000,0.02)")
    book.active["B1"] = "=OurDays*2"
    book.defined_names["OurDays"] = DefinedName("OurDays", attr_text="DSO(100,200,90)")
    rule = FormulaRule(["AGING_DAYS($A$1,$F$1)>3"], fill=PatternFill("solid", bgColor="FF0000"))
    book.active.conditional_formatting.add("A1", rule)
    book.save(tmp_path / "more.xlsx")
    opened(office, tmp_path / "more.xlsx")
    assert shown(office, "B1") == 90
    assert [shown(office, place) for place in ("H2", "I2", "J2", "J4")] == [
        "least",
        0.005,
        5000,
        20000,
    ]
    office.ask("save", url=(tmp_path / "more.ods").as_uri(), filter_name="calc8")
    with zipfile.ZipFile(tmp_path / "more.ods") as package:
        content = package.read("content.xml").decode()
    assert "formula-is(ORG.RECEIVABLES.FUNCTIONS.AGINGDAYS(" in content


def test_shared_formulas(office, tmp_path) -> None:
    """Excel writes a column of one formula once; the cells below hold a number of it."""
    path = tmp_path / "shared.xlsx"
    book = workbook()
    for row in range(1, 7):
        book.active[f"A{row}"], book.active[f"B{row}"] = DUE, "=0"
    book.save(path)
    with zipfile.ZipFile(path) as package:
        content = {name: package.read(name) for name in package.namelist()}
    sheet, number = content["xl/worksheets/sheet1.xml"], iter(range(1, 7))
    first = b'<f t="shared" ref="B1:B6" si="0">AGING_DAYS(A1,$F$1)</f>'
    content["xl/worksheets/sheet1.xml"] = re.sub(
        rb"<f>0</f>", lambda _: first if next(number) == 1 else b'<f t="shared" si="0"/>', sheet
    )
    with zipfile.ZipFile(path, "w") as package:
        for name, data in content.items():
            package.writestr(name, data)
    assert fix(path, Program.calc, tmp_path / "fixed.xlsx").changed == 1
    for name in ("shared", "fixed"):
        opened(office, tmp_path / f"{name}.xlsx")
        column = office.ask("read_column", sheet="Items", row=0, column=1, count=6)
        assert column == [31] * 6


def test_columns_are_filled_and_keep_their_looks(office, tmp_path) -> None:
    """20,000 formulas; one is bold, one differs, one stands apart."""
    book, count = workbook(), 20_000
    for row in range(1, count + 1):
        book.active.cell(row, 1, DUE)
        book.active.cell(row, 2, f"=AGING_DAYS(A{row},$F$1)")
    book.active["B77"].font = Font(bold=True)
    book.active["B99"] = "=AGING_DAYS(A99,$F$1)+1"
    book.active["D5"] = "=AGING_DAYS(A$5,F1)"
    book.save(tmp_path / "many.xlsx")
    opened(office, tmp_path / "many.xlsx")
    days = office.ask("read_column", sheet="Items", row=0, column=1, count=count)
    assert days.pop(98) == 32
    assert days == [31] * (count - 1)
    assert shown(office, "D5") == 31
    office.ask("save_as", url=(tmp_path / "saved.xlsx").as_uri(), filter_name=XLSX)
    saved = openpyxl.load_workbook(tmp_path / "saved.xlsx")["Items"]
    assert [saved[f"B{row}"].font.b for row in (76, 77, 78)] == [False, True, False]
    assert saved["B20000"].value == "=AGING_DAYS(A20000,$F$1)"
    assert saved["B99"].value == "=AGING_DAYS(A99,$F$1)+1"


def test_a_protected_sheet_is_told_of(office, tmp_path) -> None:
    book = workbook()
    book.active["B1"] = "=AGING_DAYS(A1,F1)"
    book.active.protection.sheet = True
    path = tmp_path / "locked.xlsx"
    book.save(path)
    before = office.said()
    opened(office, path)
    (line,) = office.said()[len(before) :]
    assert line.startswith("1 formulas with functions of Receivables could not be entered anew")
    assert f'receivables fix-xlsx --for calc "{path}"' in line
    office.ask("close")
    fix(path, Program.calc, tmp_path / "cured.xlsx")
    opened(office, tmp_path / "cured.xlsx")
    assert shown(office, "B1") == 31
    assert office.said() == [*before, line]


def test_names_are_plain_after_every_way_of_saving(office, tmp_path) -> None:
    typed = {"B1": "=AGING_BUCKET(A1,F1)", "B2": '="dso("&AGING_DAYS(A1,F1)'}
    book = workbook()
    book.save(tmp_path / "a.xlsx")
    opened(office, tmp_path / "a.xlsx")
    cells = [[row, 1, text.replace(",", ";"), None] for row, text in enumerate(typed.values())]
    office.ask("formulas", sheet="Items", cells=cells)
    office.ask("store")
    assert formulas_in(tmp_path / "a.xlsx") == typed
    office.ask("save_as", url=(tmp_path / "b.xlsx").as_uri(), filter_name=XLSX)
    assert formulas_in(tmp_path / "b.xlsx") == typed
    office.ask("formulas", sheet="Items", cells=[[2, 1, "=DSO(1;2;90)", None]])
    office.ask("store")
    office.ask("store")
    typed["B3"] = "=DSO(1,2,90)"
    assert formulas_in(tmp_path / "b.xlsx") == typed
    assert shown(office, "B1") == "31-60 d"
    opened(office, tmp_path / "b.xlsx")
    assert [shown(office, place) for place in typed] == ["31-60 d", "dso(31", 45]
    assert not list(tmp_path.glob(".*.tmp"))


def test_the_save_button_sees_no_stranger_at_work(office, tmp_path) -> None:
    """Saved twice from the menu: the office must not ask whether somebody else changed the file."""
    path = tmp_path / "menu.xlsx"
    kept = "/org.openoffice.Office.Common/Save/Document"
    office.ask("configure", path=kept, name="WarnAlienFormat", value=False)
    book = workbook()
    book.active["B1"] = "=AGING_DAYS(A1,F1)"
    book.save(path)
    office.ask("open", url=path.as_uri(), hidden=False)
    for row in (3, 4):
        office.ask("formulas", sheet="Items", cells=[[row, 1, "=DSO(1;2;90)", None]])
        office.ask("dispatch", url=".uno:Save")
        assert not office.ask("is_modified")
        assert formulas_in(path)[f"B{row + 1}"] == "=DSO(1,2,90)"


def test_other_formats_keep_what_the_office_wrote(office, tmp_path) -> None:
    office.ask("open")
    office.ask("formulas", sheet="Items", cells=[[0, 0, "=DSO(1;2;90)", None]])
    path = tmp_path / "own.ods"
    office.ask("save_as", url=path.as_uri(), filter_name="calc8")
    with zipfile.ZipFile(path) as package:
        assert b"ORG.RECEIVABLES.FUNCTIONS.DSO(1;2;90)" in package.read("content.xml")


def test_a_file_without_ours_is_what_the_office_wrote(office, tmp_path) -> None:
    office.ask("open")
    office.ask("formulas", sheet="Items", cells=[[0, 0, "=SUM(1;2)", None]])
    office.ask("save_as", url=(tmp_path / "sum.xlsx").as_uri(), filter_name=XLSX)
    office.ask("formulas", sheet="Items", cells=[[0, 0, "=DSO(1;2;90)", None]])
    office.ask("save_as", url=(tmp_path / "dso.xlsx").as_uri(), filter_name=XLSX)
    flags = {}
    for name in ("sum", "dso"):
        with zipfile.ZipFile(tmp_path / f"{name}.xlsx") as package:
            flags[name] = {
                entry.flag_bits & SIGNATURE_OF_THE_OFFICE for entry in package.infolist()
            }
    assert flags == {"sum": {SIGNATURE_OF_THE_OFFICE}, "dso": {0}}


@pytest.mark.parametrize(("formula", "told"), [("=DSO(1;2;90)", 1), ("=SUM(1;2)", 0)])
def test_a_file_with_a_password_stays_and_is_told_of(office, tmp_path, formula, told) -> None:
    office.ask("open")
    office.ask("formulas", sheet="Items", cells=[[0, 0, formula, None]])
    before, path = office.said(), tmp_path / "secret.xlsx"
    office.ask("save_as", url=path.as_uri(), filter_name=XLSX, password="open")
    lines = office.said()[len(before) :]
    assert len(lines) == told
    assert all("secret.xlsx is saved, but" in line and "password" in line for line in lines)
    assert path.read_bytes().startswith(b"\xd0\xcf\x11\xe0")


def test_a_workbook_that_counts_from_1904(office, tmp_path) -> None:
    """Beside a text of the same day the number must be moved; a table may hold any number of dates."""
    book = workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"], book.active["F1"] = DUE, AS_OF
    book.active["B1"] = '=AGING_DAYS(A1,"2026-10-31")'
    book.active["B2"] = '=AGING_DAYS("2026-09-30",F1)'
    book.active["B3"] = "=DSO(1,2,90)"
    book.save(tmp_path / "mac.xlsx")
    opened(office, tmp_path / "mac.xlsx")
    assert [shown(office, place) for place in ("B1", "B2", "B3")] == [31, 31, 45]
    assert office.ask("read_column", sheet="Items", row=0, column=0, count=1) == [44833]
    assert not office.ask("is_modified")
    office.ask("formulas", sheet="Items", cells=[[4, 1, "=RESERVE_MATRIX(A1:B2;A1:B2)", None]])
    assert shown(office, "B5") == {"error": 519}


def test_workbooks_that_count_from_different_days(office, tmp_path) -> None:
    """No date is guessed: both refuse until one is closed, and the user is told why."""
    book = workbook()
    book.epoch = CALENDAR_MAC_1904
    book.save(tmp_path / "mac.xlsx")
    usual = workbook()
    usual.active["B1"] = '=AGING_DAYS(A1,"2026-10-31")'
    usual.active["B2"] = "=DSO(1,2,90)"
    usual.save(tmp_path / "usual.xlsx")
    opened(office, tmp_path / "usual.xlsx")
    before = office.said()
    office.ask("beside", url=(tmp_path / "mac.xlsx").as_uri())
    (line,) = office.said()[len(before) :]
    assert line.startswith(
        "mac.xlsx and another open workbook do not count days from the same date"
    )
    office.ask("calculate")
    assert [shown(office, place) for place in ("B1", "B2")] == [{"error": 519}, 45]
    office.ask("close_beside")
    time.sleep(0.5)  # the open workbooks are looked at a few times a second
    office.ask("calculate")
    assert shown(office, "B1") == 31


def test_a_workbook_opened_beside_one_of_1904_is_not_misread(office, tmp_path) -> None:
    """It is calculated while it loads, before it counts as open."""
    book = workbook()
    book.epoch = CALENDAR_MAC_1904
    book.save(tmp_path / "mac.xlsx")
    usual = workbook()
    usual.active["B1"] = '=AGING_DAYS(A1,"2026-10-31")'
    usual.save(tmp_path / "usual.xlsx")
    fix(tmp_path / "usual.xlsx", Program.calc)
    office.ask("close")
    office.ask("beside", url=(tmp_path / "mac.xlsx").as_uri())
    opened(office, tmp_path / "usual.xlsx")
    assert shown(office, "B1") == {"error": 519}
    office.ask("close_beside")


def test_no_word_of_days_where_nothing_of_ours_is_open(office, tmp_path) -> None:
    book = workbook()
    book.epoch = CALENDAR_MAC_1904
    book.save(tmp_path / "mac.xlsx")
    office.ask("open")
    before = office.said()
    office.ask("beside", url=(tmp_path / "mac.xlsx").as_uri())
    assert office.said() == before
    office.ask("close_beside")


OFFICE_SIDE = Path(__file__).parents[1] / "addin" / "calc" / "pythonpath" / "receivables_office"


@pytest.mark.parametrize("path", sorted(OFFICE_SIDE.glob("*.py")), ids=lambda path: path.stem)
def test_the_office_side_needs_python_3_8_only(path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
