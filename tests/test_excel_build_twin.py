"""The add-in's own VBA run in a real office: its twin, where stand-ins take the place of Windows."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from receivables_addin.excel.build import all_functions, help_rows, sheets
from receivables_addin.excel.package import Sheet, Workbook
from receivables_addin.excel.project import Module, Project
from receivables_addin.excel.sources import PROCEDURE, xlwings_module
from receivables_addin.excel.twin import SHEET, build_twin, twin_project

from receivables.actions import ACTIONS
from tests.calc_office import python_with_uno

SCRIPT = Path(__file__).with_name("excel_office.py")
FORMULAS = ["=AGING_DAYS(46295,46326,46265,30)", '=DSO(1000,"12,000",360,TRUE)']
PRESSED = "Press.Pressed"


def in_office(profile: Path, *documents: dict) -> list[dict]:
    job = {"profile": str(profile), "documents": documents}
    done = subprocess.run(
        [python_with_uno(), str(SCRIPT)],
        input=json.dumps(job), capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, dict]:
    """What the twin does in English and in Chinese, from one start of the office."""
    folder = tmp_path_factory.mktemp("twin")
    presses = [["ReceivablesAction", f"action_{action.id}", action.id] for action in ACTIONS]
    presses += [["ReceivablesRetry", "start_python", ""]]
    presses += [["ReceivablesLabel", f"action_{action.id}", action.id] for action in ACTIONS]
    presses += [["ReceivablesTip", "action_check", "check"]]
    presses += [["ReceivablesFunctionTip", "function_AGING_BUCKET", "AGING_BUCKET"]]
    presses += [["ReceivablesTopic", "topic_monitor_aging", "topic_aging"]]
    presses += [["ReceivablesLabel", "no_such_key", ""]]
    macros = [[PRESSED, press] for press in presses] + [["Startup.StartReceivables", []]] * 2
    documents = [
        {
            "path": str(build_twin(folder / f"{language}.xlsm", FORMULAS, language)),
            "macros": macros, "sheet": SHEET, "area": "A1:G400",
        }
        for language in ("en", "zh")
    ]  # fmt: skip
    for name, body in (("taken", taken_from_xlwings()), ("broken", "Sub A(\nEnd Function")):
        path = build_beside(folder / f"{name}.xlsm", Module("Checked", "standard", body))
        documents.append({"path": str(path), "macros": [], "sheet": SHEET, "area": "A1:A2"})
    keys = ("en", "zh", "taken", "broken")
    return dict(zip(keys, in_office(folder / "profile", *documents), strict=True))


def taken_from_xlwings() -> str:
    """The module xlwings as it is in the add-in, without the declarations of Windows' libraries."""
    body = xlwings_module().body
    return "\n".join(match[0].replace("Public ", "") for match in PROCEDURE.finditer(body))


def build_beside(target: Path, module: Module) -> Path:
    """The twin with one more module: if that does not compile, no function of the twin answers."""
    specs = all_functions()
    whole = twin_project(specs)
    project = Project(whole.name, (*whole.modules, module))
    cells = Sheet(SHEET, "TwinSheet", [[text] for text in FORMULAS], formulas=True)
    book = Workbook([cells, *sheets(specs)], project.vba_project_bin())
    target.write_bytes(book.packed(".xlsm"))
    return target


def noted(answer: dict) -> list[list[str]]:
    return [row[3:] for row in answer["cells"] if row[3]]


def test_the_office_takes_every_module_as_vba(answers) -> None:
    assert answers["en"]["vba"]
    names = sorted(module.name for module in twin_project(all_functions()).modules)
    assert answers["en"]["modules"] == names


def test_a_formula_reaches_its_function_through_the_generated_wrapper(answers) -> None:
    column = [row[0] for row in answers["en"]["cells"][: len(FORMULAS)]]
    assert column == ["AGING_DAYS(46295;46326;46265;30)", "DSO(1000;12,000;360;1)"]


def test_what_is_taken_from_xlwings_compiles(answers) -> None:
    assert answers["taken"]["cells"] == [["AGING_DAYS(46295;46326;46265;30)"], ["DSO(1000;12,000;360;1)"]]  # fmt: skip
    assert answers["broken"]["cells"] == [[""], [""]], (
        "the check notices a text that does not compile"
    )


def test_a_button_reaches_its_action(answers) -> None:
    done = [said for what, said, *_ in noted(answers["en"]) if what == "action"]
    assert done == [action.id for action in ACTIONS]


def test_the_retry_button_and_the_start_reach_python(answers) -> None:
    done = [said for what, said, *_ in noted(answers["en"]) if what == "python"]
    assert done == ["retry", "start", "start"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_labels_and_tips_in_the_language_of_the_user(answers, language) -> None:
    said = [text for text in answers[language]["said"] if text]
    labels = [action.label(language) for action in ACTIONS]
    tips = [ACTIONS[0].help(language)] if ACTIONS[0].id == "check" else []
    summary = next(spec for spec in all_functions() if spec.name == "AGING_BUCKET")
    topic = {"en": "Aging", "zh": "账龄"}[language]
    assert said == [*labels, *tips, summary.text("summary", language), topic, "no_such_key"]


@pytest.mark.parametrize(("language", "column"), [("en", 2), ("zh", 3)])
def test_every_function_is_told_to_the_wizard_once(answers, language, column) -> None:
    """Two starts, one registration; texts of all functions and arguments, in order."""
    told = [
        row for row in noted(answers[language]) if "!" in row[0]
    ]  # a cell swallows the first quote
    rows = help_rows(all_functions())[1:]
    expected = []
    for name, argument, *texts in rows:
        if not argument:
            heading = texts[column - 2], texts[column]
            expected.append([f"{language}.xlsm'!{name}", *heading, []])
        else:
            expected[-1][3].append(texts[column - 2])
    assert told == [[*row, "|".join(arguments)] for *row, arguments in expected]
