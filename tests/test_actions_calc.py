"""The buttons in a real headless LibreOffice: menu commands dispatched, files and new documents looked at."""

import json
import subprocess
from pathlib import Path

import openpyxl
import pytest
from receivables_addin.calc import buttons
from receivables_addin.calc.office_host import OfficeHost

from receivables.actions import Form, Question
from receivables.errors import BadValueError
from tests.calc_office import calc_office, python_with_uno
from tests.frozen_sample import read

DRIVER = Path(__file__).with_name("actions_driver.py")
CELLS = {
    "A1": "due", "A2": 46295, "A3": "03/04/2026", "F1": 46326,
    "B2": '=IFERROR(AGING_BUCKET(A2;$F$1);"")',
    "B3": "=AGING_BUCKET(A2-60;EDATE($F$1;0))",
    "B4": "=AGING_DAYS(A3;$F$1)",
    "B5": "=SUMPRODUCT(AGING_DAYS(A2:A2+{0|1};$F$1))",
    "B6": "=A2*2",
}  # fmt: skip
SETTINGS = {"A1": "name", "B1": "value", "A2": "as_of", "B2": "2026-10-31"}
DOCUMENTS = {
    "A1": "document_no", "B1": "customer_id", "C1": "kind", "D1": "issued_on", "E1": "due_on",
    "F1": "currency", "G1": "amount", "A2": "R1", "B2": "00123", "C2": "invoice",
    "D2": "2026-08-31", "E2": "2026-09-30", "F2": "EUR", "G2": 100.25,
    "A3": "R2", "B3": "00123", "C3": "invoice", "D3": "2026-08-31", "E3": "2026-09-30",
    "F3": "EUR", "G3": "many",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """What the steps gave by name, what was told, and the folder the files are in."""
    folder = tmp_path_factory.mktemp("actions")
    url = folder.as_uri()
    steps = {
        "open": ["open", {}],
        "cells": ["fill", {"sheet": "Sheet1", "cells": CELLS}],
        "settings": ["fill", {"sheet": "Settings", "cells": SETTINGS}],
        "unsaved": ["press", {"action": "freeze"}],
        "ods": ["save", {"url": f"{url}/book.ods", "filter_name": "calc8"}],
        "B2": ["select", {"sheet": "Sheet1", "address": "B2"}],
        "why nested": ["press", {"action": "why"}],
        "B3": ["select", {"sheet": "Sheet1", "address": "B3:C9"}],
        "why others": ["press", {"action": "why"}],
        "B4": ["select", {"sheet": "Sheet1", "address": "B4"}],
        "why error": ["press", {"action": "why"}],
        "B5": ["select", {"sheet": "Sheet1", "address": "B5"}],
        "why array": ["press", {"action": "why"}],
        "modified": ["modified", {}],
        "help": ["press", {"action": "function_help"}],
        "own settings": ["press", {"action": "settings"}],
        "freeze ods": ["press", {"action": "freeze"}],
        "xlsx": ["save", {"url": f"{url}/book.xlsx", "filter_name": "Calc MS Excel 2007 XML"}],
        "freeze xlsx": ["press", {"action": "freeze"}],
        "open ledger": ["open", {}],
        "documents": ["fill", {"sheet": "Documents", "cells": DOCUMENTS}],
        "more settings": ["fill", {"sheet": "Settings", "cells": SETTINGS}],
        "ledger": ["save", {"url": f"{url}/ledger.ods", "filter_name": "calc8"}],
        "check": ["press", {"action": "check"}],
        "refresh": ["press", {"action": "refresh"}],
    }
    (folder / "steps.json").write_text(json.dumps(list(steps.values())), encoding="utf-8")
    with calc_office(folder) as running:
        told = running.told
        done = subprocess.run(
            [python_with_uno(), str(DRIVER), running.pipe, str(folder / "steps.json")],
            capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    pressed = [name for name, (step, _) in steps.items() if step == "press"]
    results = dict(zip(steps, json.loads(done.stdout), strict=True))
    return results, dict(zip(pressed, lines, strict=True)), folder


def rows_of(results: list[dict]) -> dict[str, list]:
    """Rows of the one new document by their first cell."""
    (shown,) = results
    return {str(row[0]).strip(): row for row in reversed(shown["rows"])}


def test_why_explains_a_call_inside_another_function(office):
    results, told, _ = office
    assert told["why nested"] == "Sheet1!B2: AGING_BUCKET gives 31-60 d."
    rows = rows_of(results["why nested"])
    assert rows["Sheet1!B2"][1] == '=IFERROR(AGING_BUCKET(A2;$F$1);"")'
    assert rows["due_on"][1:4] == ["A2", "46295", "2026-09-30"]


def test_calc_calculates_what_is_none_of_ours(office):
    results, told, _ = office
    assert told["why others"] == "Sheet1!B3: AGING_BUCKET gives 91+ d."
    rows = rows_of(results["why others"])
    assert rows["due_on"][1:4] == ["A2-60", "46235", "2026-08-01"]
    assert rows["as_of"][3] == "2026-10-31"


def test_an_expression_over_a_range_gives_a_range(office):
    results, told, _ = office
    assert rows_of(results["why array"])["due_on"][2] == "2 × 1: 46295, 46296"
    assert told["why array"] == "Sheet1!B5: AGING_DAYS gives 2 × 1: 31, 30."


def test_an_error_tells_its_reason(office):
    _, told, _ = office
    assert told["why error"].startswith("Sheet1!B4: AGING_DAYS: #VALUE!: due_on: '03/04/2026'")


def test_asking_leaves_no_trace_in_the_document(office):
    assert office[0]["modified"] is False


def test_an_unsaved_document_is_refused_with_the_cure(office):
    assert "was never saved. Save it, then press again." in office[1]["unsaved"]


def test_help_and_settings(office):
    _, told, _ = office
    assert told["help"].startswith("AGING_DAYS(due_on, as_of")
    assert told["own settings"] == "book.ods has 1 settings of its own."


def test_a_saved_ods_is_frozen(office):
    _, told, folder = office
    copy = folder / "book frozen 2026-10-31.ods"
    assert told["freeze ods"].startswith(f"{copy.name}: 4 formulas on 1 sheet(s) are values now")
    text = read(copy)["content.xml"].decode()
    assert "RECEIVABLES" not in text
    assert text.count("<office:annotation") == 4
    assert 'table:formula="of:=#VALUE!"' in text
    assert 'table:formula="of:=[.A2]*2"' in text


def test_an_xlsx_that_calc_saved_is_frozen_printed_and_opened(office):
    results, told, folder = office
    copy = folder / "book frozen 2026-10-31.xlsx"
    assert told["freeze xlsx"].endswith("The PDF stands beside it.")
    assert copy.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    sheet = openpyxl.load_workbook(copy)["Sheet1"]
    assert [sheet[cell].value for cell in ("B2", "B3", "B4", "B5")] == [
        "31-60 d",
        "91+ d",
        "#VALUE!",
        61,
    ]
    assert sheet["B6"].value == "=A2*2"
    assert "=AGING_BUCKET(A2-60,EDATE($F$1,0))" in sheet["B3"].comment.text
    assert results["freeze xlsx"][0]["title"] == copy.name


def test_check_shows_the_issues_in_a_new_document(office):
    results, told, _ = office
    assert told["check"].startswith("ledger.ods: 2 rows read, 1 set aside; ")
    (shown,) = results["check"]
    assert shown["sheet"] == "Issues"
    assert ["error", "Documents", "row 3"] in [row[:3] for row in shown["rows"]]


def test_refresh_writes_and_opens_the_report_of_the_date_in_settings(office):
    results, told, folder = office
    report = folder / "ledger report 2026-10-31.xlsx"
    assert report.is_file()
    assert told["refresh"].startswith(f"{report.name}: 1 open items")
    assert results["refresh"][0]["title"] == report.name


def host(answers: dict, **context) -> OfficeHost:
    return OfficeHost(
        {"language": "zh-CN", "path": None, **context}, lambda op, _args: answers[op]
    )


def test_requests_and_answers_of_the_host():
    asked = host({"ask": {"as_of": "2026-10-31"}, "tables": {"Docs": ["S", 1, 1, 9, 3]}})
    assert asked.language == "zh"
    assert asked.ask(Form("x", (Question("as_of", "?"),))) == {"as_of": "2026-10-31"}
    assert str(asked.tables()["Docs"]) == "S!A1:C9"


def test_an_action_never_raises_into_the_office():
    def broken(_op, _args):
        raise RuntimeError("gone")

    context = {"name": "book.ods", "path": "book.ods", "saved": True}
    assert buttons.run("settings", context, broken) == {
        "error": "This is our fault, not yours: RuntimeError: gone."
    }
    assert "no action 'nonsense'" in buttons.run("nonsense", context, broken)["error"]


def test_what_the_office_cannot_do_is_told():
    def refuses(_op, _args):
        raise BadValueError("the sheet is protected")

    context = {"selection": {"sheet": "S", "address": "B2", "formula": "=DSO(A1*2;1;1)"}}
    assert buttons.run("why", context, refuses) == {
        "error": "DSO, receivables = A1*2: the sheet is protected"
    }
