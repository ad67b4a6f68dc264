"""The list of actions, and the command line as their host."""

import json
from pathlib import Path
from string import Formatter

import openpyxl
import pytest
from typer.testing import CliRunner

from receivables.actions import ACTIONS, GROUPS, Form, Question, find_action
from receivables.actions.file_host import FileHost, is_settings_sheet
from receivables.actions.function_help import overview
from receivables.actions.refresh import report_path
from receivables.actions.settings import template
from receivables.cli import app
from receivables.errors import BadValueError, NotAvailableError, ReceivablesError
from receivables.resources import data_rows
from receivables.settings import Settings

LEDGER = {
    "Customers": [["customer_id", "name"], ["00123", "Müller GmbH"], ["00124", "北京公司"]],
    "Documents": [
        ["document_no", "customer_id", "kind", "issued_on", "due_on", "currency", "amount"],
        ["R1", "00123", "invoice", "2026-08-31", "2026-09-30", "EUR", 100.25],
        ["R2", "00124", "invoice", "2026-09-30", "2026-10-31", "EUR", 50],
        ["R3", "00999", "invoice", "2026-09-30", "2026-10-30", "EUR", 7],
        ["R4", "00123", "invoice", "someday", "2026-10-30", "EUR", "many"],
    ],
}


@pytest.fixture
def ledger(tmp_path) -> Path:
    return save(tmp_path / "ledger.xlsx", LEDGER)


def save(path: Path, sheets: dict[str, list[list]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def do(name: str, path: Path | None, **choices):
    tables = {}
    host = FileHost(path, show=lambda title, rows: tables.setdefault(title, rows) and title)
    return find_action(name).run(host, choices), tables


def run(*arguments: object):
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_the_list_has_what_ribbon_and_menu_need():
    assert [action.id for action in ACTIONS] == [
        "check", "refresh", "undo", "freeze", "settings", "letters_plan", "letters_preview", "letters_make",
        "letters_drafts", "why", "function_help",
    ]  # fmt: skip
    assert [group.id for group in GROUPS] == [
        "ledger", "letters", "assess", "transfer", "monitor", "respond", "help",
    ]  # fmt: skip
    assert {action.group for action in ACTIONS} <= {group.id for group in GROUPS}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_worded_in_both_languages(action):
    assert action.label() != action.label("zh")
    assert action.help().endswith(".")
    assert action.help("zh").endswith("。")
    assert action.icon


@pytest.mark.parametrize("row", data_rows("action_texts.csv"), ids=lambda row: row["key"])
def test_every_sentence_has_the_same_values_in_both_languages(row):
    assert row["en"]
    assert row["zh"]
    english, chinese = (
        {name for _, name, *_ in Formatter().parse(row[key]) if name} for key in ("en", "zh")
    )
    assert english == chinese


def test_an_unknown_action_is_answered_with_the_nearest():
    with pytest.raises(NotAvailableError, match=r"no action 'refrsh'\. Did you mean refresh"):
        find_action("refrsh")
    assert find_action("Function-Help").id == "function_help"


def test_check_lists_what_is_wrong_gravest_first(ledger):
    report, tables = do("check", ledger)
    assert report.line == "ledger.xlsx: 6 rows read, 1 set aside; 2 errors, 1 warnings, 0 notes."
    rows = tables["Issues"]
    assert rows[0][:4] == ["Level", "Sheet", "Cell", "Column"]
    levels = [row[0] for row in rows[1:]]
    assert levels == sorted(levels)
    assert any(row[1:3] == ["Documents", "D5"] for row in rows)
    assert report.changed == ()


def test_refresh_writes_a_new_report_beside_the_ledger(ledger):
    before = ledger.read_bytes()
    report, _ = do("refresh", ledger, as_of="2026-10-31")
    written = ledger.with_name("ledger report 2026-10-31.xlsx")
    assert report.changed == (written,)
    assert report.line.startswith(f"{written.name}: 3 open items, ")
    assert "Aging" in openpyxl.load_workbook(written, read_only=True).sheetnames
    assert ledger.read_bytes() == before


def test_the_as_of_date_of_the_settings_sheet_is_taken(tmp_path):
    rows = [["name", "value"], ["as_of", "2026-10-31"]]
    path = save(tmp_path / "ledger.xlsx", {**LEDGER, "Settings": rows})
    report, _ = do("refresh", path)
    assert report.changed[0].name == "ledger report 2026-10-31.xlsx"
    assert "as_of" not in str(do("check", path)[1]["Issues"])


def test_a_date_that_is_none_is_refused(ledger):
    with pytest.raises(
        BadValueError, match=r"as_of: '31/10/2026' .*is not a date|as_of: '31/10/2026' does not"
    ):
        do("refresh", ledger, as_of="31/10/2026")


def test_the_command_line_names_the_option_it_misses(ledger):
    with pytest.raises(BadValueError, match="Add --as-of"):
        do("refresh", ledger)


def test_answers_given_as_options_are_taken():
    form = Form("x", (Question("as_of", "date"), Question("note", "note", "none")))
    host = FileHost(answers={"as_of": "2026-10-31"})
    assert host.ask(form) == {"as_of": "2026-10-31", "note": "none"}


def test_a_report_goes_where_it_is_asked_for(tmp_path):
    from datetime import date

    day = date(2026, 10, 31)
    assert (
        report_path(Path("a/ledger.csv"), day, tmp_path)
        == tmp_path / "ledger report 2026-10-31.xlsx"
    )
    assert report_path(Path("a/ledger.csv"), day, tmp_path / "x.xlsx") == tmp_path / "x.xlsx"


def test_settings_lists_everything_that_can_be_set(ledger):
    report, tables = do("settings", ledger)
    assert "has no sheet Settings" in report.line
    assert {row[0] for row in tables["Settings"][1:]} == {
        row["name"] for row in data_rows("settings.csv")
    }


def test_the_listed_settings_are_read_back_as_the_defaults(tmp_path):
    path = save(tmp_path / "ledger.xlsx", {**LEDGER, "Settings": template("zh")})
    report, tables = do("check", path)
    assert "2 errors, 1 warnings, 0 notes" in report.line
    assert not [row for row in tables["Issues"] if row[1] == "Settings"]
    host = FileHost(path)
    assert Settings().with_values(host.settings()) == Settings()


@pytest.mark.parametrize(("name", "known"), [("Settings", True), ("设置", True), ("Set", False)])
def test_sheets_of_settings(name, known):
    assert is_settings_sheet(name) is known


def test_function_help_for_one_and_for_all(ledger):
    report, tables = do("function_help", ledger, function="dso")
    assert report.line.startswith("DSO(receivables, credit_sales, days, [allow_credit]): ")
    assert [row[0] for row in tables["DSO"]][-1] == "Result"
    report, tables = do("function_help", ledger)
    assert f"{len(tables['Functions']) - 1} functions" in report.line
    assert {row[0] for row in overview("zh")[1:]} <= {group.label_zh for group in GROUPS}


def test_the_command_why_explains_without_a_workbook():
    done = run("why", "=DSO(10869,17674,90)", "--json")
    answer = json.loads(done.stdout)
    assert answer["line"] == "DSO gives 55.35."
    assert answer["tables"]["Why"][3][1:4] == ["10869", "10869", "10869"]


def test_the_command_why_explains_a_cell(tmp_path):
    path = save(tmp_path / "book.xlsx", {"S": [["2026-09-30", '=AGING_DAYS(A1,"2026-10-31")']]})
    done = run("why", "--workbook", path, "--cell", "B1")
    assert done.exit_code == 0
    assert "S!B1: AGING_DAYS gives 31." in done.stdout


def test_the_command_do_runs_every_button_on_a_file(ledger):
    assert run("do", "check", ledger).exit_code == 0
    done = run("do", "refresh", ledger, "--as-of", "2026-10-31")
    assert "ledger report 2026-10-31.xlsx" in done.stdout
    assert run("do", "settings", ledger).exit_code == 0
    assert "functions. Select a cell" in run("do", "function_help", ledger).stdout


def test_the_command_freeze_writes_a_copy_into_a_folder(tmp_path):
    path = save(tmp_path / "book.xlsx", {"S": [["2026-09-30", '=AGING_DAYS(A1,"2026-10-31")']]})
    (tmp_path / "out").mkdir()
    done = run(
        "freeze", path, "--as-of", "2026-10-31", "--out", tmp_path / "out", "--no-pdf", "--json"
    )
    answer = json.loads(done.stdout)
    copy = tmp_path / "out" / "book frozen 2026-10-31.xlsx"
    assert answer["changed"] == [str(copy)]
    assert openpyxl.load_workbook(copy)["S"]["B1"].value == 31


def test_a_fault_is_one_line_and_exit_code_2(tmp_path):
    done = run("do", "check", tmp_path / "missing.xlsx")
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1


def test_a_host_that_knows_no_pdf_says_so(tmp_path, monkeypatch):
    path = save(tmp_path / "book.xlsx", {"S": [["2026-09-30", '=AGING_DAYS(A1,"2026-10-31")']]})
    monkeypatch.setenv("PATH", "")
    report, _ = do("freeze", path, as_of="2026-10-31")
    assert "No PDF was printed" in report.line
    assert [each.suffix for each in report.changed] == [".xlsx"]


def test_errors_of_actions_are_ours(tmp_path):
    with pytest.raises(ReceivablesError):
        do("freeze", tmp_path)
