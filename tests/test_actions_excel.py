"""The ribbon's buttons in a fake Excel: xlwings' own code, unchanged, on a strict workbook."""

from datetime import date

import pytest

from receivables.actions import find_action
from tests.fake_workbook import AUTOMATIC, MANUAL, App, Book, Range, excel
from tests.test_actions import LEDGER, save
from tests.xlwings_fake.excel import ComObject, com_date

NA = -2146826246


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def book(app: App, tmp_path) -> Book:
    book = Book(app, "ledger.xlsx", str(tmp_path))
    sheet = book.sheet("Items")
    sheet.put("A1", ("no", "due", "bucket"), ("001", com_date(date(2026, 9, 30)), "31-60 d"))
    sheet.put("F1", (com_date(date(2026, 10, 31)),))
    sheet.formulas[2, 3] = '=IFERROR(AGING_BUCKET(B2,$F$1),"")'
    Range(sheet, 2, 3).Select()
    return book


def table(book: Book) -> list[list]:
    """The one table that was shown, as rows."""
    sheet = book.Application.Workbooks.added[-1].Worksheets[0]
    last = sheet.UsedRange
    return [list(row) for row in last.Value]


def test_why_explains_the_active_cell(app, book):
    with excel(book) as press:
        line = press("why")
    assert line == "Items!C2: AGING_BUCKET gives 31-60 d."
    assert app.said == [line]
    rows = {row[0]: row for row in table(book)}
    assert rows["'  due_on"][1:4] == ["'B2", "'2026-09-30", "'2026-09-30"]
    assert rows["'  edges"][3] == '\'"30,60,90" (default)'


def test_texts_reach_excel_as_texts(app, book):
    with excel(book) as press:
        press("why")
    cells = [cell for row in table(book) for cell in row if isinstance(cell, str)]
    assert any(cell.startswith("'=IFERROR") for cell in cells)
    assert all(cell.startswith("'") for cell in cells if cell)


def test_a_spilled_cell_is_explained_by_the_cell_it_spills_from(app, book):
    sheet = book.Worksheets[0]
    sheet.spilled[3, 3] = (2, 3)
    Range(sheet, 3, 3).Select()
    with excel(book) as press:
        assert press("why").startswith("Items!C2:")


def test_an_error_cell_arrives_as_an_error(app, book):
    book.Worksheets[0].put("B2", (NA,))
    with excel(book) as press:
        assert press("why") == (
            "Items!C2: AGING_BUCKET: #N/A: an argument holds this error already"
        )


def test_excel_evaluates_what_is_none_of_ours(app, book):
    sheet = book.Worksheets[0]
    sheet.formulas[2, 3] = "=AGING_BUCKET(B2-60,EOMONTH($F$1,0))"
    sheet.evaluated = {
        "B2-60": 46235.0,
        "EOMONTH($F$1,0)": ComObject(Value=com_date(date(2026, 10, 31))),
    }
    with excel(book) as press:
        assert press("why") == "Items!C2: AGING_BUCKET gives 91+ d."


def test_a_column_of_a_table_is_read(app, book):
    sheet = book.Worksheets[0]
    sheet.ListObjects.append(ComObject(Name="Docs", Range=sheet.Range("A1:C3"), ShowTotals=True))
    sheet.formulas[2, 3] = "=AGING_BUCKET(Docs[due],$F$1)"
    with excel(book) as press:
        press("why")
    place = next(row for row in table(book) if row[0] == "'  due_on")
    assert "Items!B2)" in place[4]


def test_a_plain_cell_is_refused_with_the_cure(app, book):
    Range(book.Worksheets[0], 1, 1).Select()
    with excel(book) as press:
        assert "Select a cell with one" in press("why")


def settled(app: App) -> bool:
    return (app.ScreenUpdating, app.Calculation, app.StatusBar) == (True, AUTOMATIC, False)


def test_screen_and_calculation_come_back(app, book):
    with excel(book) as press:
        press("why")
    assert ("ScreenUpdating", False) in app.states
    assert ("Calculation", MANUAL) in app.states
    assert settled(app)


def test_screen_and_calculation_come_back_after_an_error(app, book, monkeypatch):
    def fails(*_):
        assert app.Calculation == MANUAL
        raise RuntimeError("broken")

    monkeypatch.setattr("receivables.actions.why.explain", fails)
    app.StatusBar = "Receivables: reading"
    with excel(book) as press:
        assert press("why") == "This is our fault, not yours: RuntimeError: broken."
    assert settled(app)


def test_calculation_that_was_manual_stays_manual(app, book):
    app.Calculation = MANUAL
    with excel(book) as press:
        press("why")
    assert app.Calculation == MANUAL


def test_the_screen_comes_back_even_if_calculation_cannot(app, book, monkeypatch):
    class Stubborn(App):
        def __setattr__(self, name, value):
            if name == "Calculation" and value == AUTOMATIC and self.__dict__.get("strict"):
                raise RuntimeError("Excel is busy")
            super().__setattr__(name, value)

    stubborn = Stubborn()
    book.Application = stubborn
    for sheet in book.Worksheets:
        sheet.Application = stubborn
    Range(book.Worksheets[0], 2, 3).Select()
    stubborn.strict = True
    with excel(book) as press:
        press("why")
    assert stubborn.ScreenUpdating is True


def test_an_unsaved_workbook_is_refused_with_the_cure(app, book):
    book.Path, book.FullName = "", "Book1"
    with excel(book) as press:
        assert press("check") == "ledger.xlsx was never saved. Save it, then press again."


def test_unsaved_changes_are_refused_with_the_cure(app, book):
    book.Saved = False
    with excel(book) as press:
        assert "has changes that are not saved" in press("freeze")


def test_a_workbook_in_the_cloud_is_refused_with_the_cure(app, book):
    book.FullName = "https://firm.sharepoint.com/ledger.xlsx"
    with excel(book) as press:
        assert "Save a copy in a folder of this computer" in press("check")


def test_settings_opens_the_sheet(app, book):
    sheet = book.sheet("Settings")
    sheet.put("A1", ("name", "value"), ("language", "zh"), ("bass", "due"))
    with excel(book) as press:
        assert press("settings") == "ledger.xlsx 已设置 2 项。 未识别、未使用:bass。"
    assert sheet.active == 1


def test_settings_without_a_sheet_lists_every_setting(app, book):
    with excel(book) as press:
        assert "has no sheet Settings" in press("settings")
    assert ["'base", "'due"] in [row[:2] for row in table(book)]


def test_the_as_of_date_is_asked_for(app, book):
    with excel(book) as press:
        assert press("refresh") == (
            "No as-of date. Give it when asked, or as a row as_of of the sheet Settings."
        )
    assert app.asked[0]["Prompt"] == "As-of date (2026-10-31)"


def test_refresh_reads_the_file_and_opens_the_report(app, book, tmp_path):
    save(tmp_path / "ledger.xlsx", LEDGER)
    book.sheet("Settings").put("A1", ("name", "value"), ("as_of", com_date(date(2026, 10, 31))))
    with excel(book) as press:
        line = press("refresh")
    assert line.startswith("ledger report 2026-10-31.xlsx: 3 open items")
    assert [each.Name for each in app.Workbooks.opened] == ["ledger report 2026-10-31.xlsx"]
    assert any(name == "StatusBar" and "writing" in str(text).lower() for name, text in app.states)
    assert settled(app)


def test_check_speaks_the_language_of_the_sheet_settings(book, tmp_path):
    save(tmp_path / "ledger.xlsx", LEDGER)
    sheet = book.sheet("Settings")
    sheet.put("A1", ("name", "value"), ("language", "zh"))
    with excel(book) as press:
        assert press("check").startswith("ledger.xlsx:读入 6 行")
    assert "'错误" in [row[0] for row in table(book)]
    assert any("不是" in str(row[5]) for row in table(book))


def test_freeze_prints_and_opens_the_copy(app, book, tmp_path):
    save(tmp_path / "ledger.xlsx", {"S": [["2026-09-30", '=AGING_DAYS(A1,"2026-10-31")']]})
    app.answer = "2026-10-31"
    with excel(book) as press:
        line = press("freeze")
    assert line.endswith("The PDF stands beside it.")
    names = [each.Name for each in app.Workbooks.opened]
    assert names == ["ledger frozen 2026-10-31.xlsx"] * 2
    assert app.Workbooks.opened[0].printed == [str(tmp_path / "ledger frozen 2026-10-31.pdf")]
    assert app.Workbooks.opened[0].closed == 1


def test_a_chinese_ribbon_gets_chinese(book):
    with excel(book) as press:
        assert press("why", "zh") == "Items!C2: AGING_BUCKET 的结果为 31-60 d。"


def test_function_help_explains_the_function_of_the_cell(app, book):
    with excel(book) as press:
        assert press("function_help").startswith("AGING_BUCKET(due_on, as_of, [edges]")


def test_pdf_is_printed_by_excel_and_its_copy_closed(app, book, tmp_path):
    (tmp_path / "copy.xlsx").write_bytes(b"")
    with excel(book):
        from receivables_addin.excel.excel_host import active_host

        with active_host() as host:
            assert host.export_pdf(tmp_path / "copy.xlsx", tmp_path / "copy.pdf")
    copy = app.Workbooks.opened[0]
    assert copy.printed == [str(tmp_path / "copy.pdf")]
    assert copy.closed == 1


def test_no_workbook_is_no_exception(book):
    with excel(book) as press:
        import xlwings._xlwindows as backend

        backend.BOOK_CALLER = None
        assert press("check").startswith("Excel does not answer")


def test_every_action_has_its_code():
    from receivables.actions import ACTIONS

    for action in ACTIONS:
        assert find_action(action.id) is action
