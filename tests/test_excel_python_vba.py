"""The VBA that starts, watches and restarts Python, run in LibreOffice with Windows stood in for."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest
from receivables_addin.excel import wrapper
from receivables_addin.excel.package import Sheet, Workbook
from receivables_addin.excel.project import Module, Project

from receivables.cells import load_functions
from receivables.resources import data_path
from tests.calc_office import python_with_uno

HERE = Path(__file__).parent
STAND_INS = HERE / "excel_vba"
PYTHON = r"C:\Users\O'Brien\my venv\python.exe"
CLSID = "{11111111-2222-3333-4444-555555555555}"
CLEAN = 0
RETRY = 4

EXCEL_ONLY = (
    ('CreateObject("WScript.Shell").Run ServerCommand(), 0, False', "RunHidden ServerCommand()"),
    ("Application.OnTime nextLook, LookName(), , False", 'Note "timer off"'),
    ("Application.OnTime nextLook, ", "Later "),
    ("Application.OnTime Now, ", "Later "),
    ("FileExists(", "IsThere("),  # LibreOffice has a function of that name
    ("FirstLine(readyFile)", "ReadyLine(readyFile)"),
    ("MsgBox(Message(), vbRetryCancel + vbExclamation, TITLE)", "Box(Message())"),
    ("If Not Application.UserControl Then Exit Sub", ""),
    ("Application.CalculateFull", 'Note "calculate all"'),
    ('" --excel " & Application.Hwnd', '" --excel 4711"'),
    ("As ReceivablesWatch", "As Object"),
    ("Set watch = New ReceivablesWatch", "Set watch = New Collection"),
    ("Set watch.App = Application", 'Note "watching"'),
    ("changed = Now", "changed = Clock()"),
    ("changed, Now)", "changed, Clock())"),
    ("Now - changed", "Clock() - changed"),
    ("If ActiveWorkbook Is Nothing Then", "If False Then"),
    ('"BOOK_CALLER", ActiveWorkbook', '"BOOK_CALLER", "book"'),
    ("python.Call(", "python.Press("),  # LibreOffice keeps that word for itself
    ("UiLanguage()", '"en"'),
    ("MsgBox Err.Description, vbExclamation, TITLE", 'Note "failed " & Err.Description'),
)
"""What only Excel on Windows has, and what stands for it; each must occur, so that none is forgotten."""

START = ["ReceivablesPython.StartPython"]
LOOK = ["ReceivablesPython.LookForPython"]
CALCULATED = ["ReceivablesPython.AfterCalculate"]
TELL = ["ReceivablesPython.TellOnce"]
RETRIED = ["ReceivablesPython.RetryPython"]
PRESS = ["ReceivablesPython.RunInPython", "check"]
PENDING = ["ReceivablesPython.RunPending"]
STOP = ["ReceivablesPython.StopPython"]
CELL = ["ReceivablesCells.AGING_DAYS", 1, 2]
LOST_CELL = ["ReceivablesCells.DSO", 1, 2, 3]
BUSY_CELL = ["ReceivablesCells.DSO_BEST", 1, 2, 3]
HOUR = ["Machine.Pass", 3600.0]
MINUTE = ["Machine.Pass", 60.0]
SECOND = ["Machine.Pass", 1.0]
LATER = "timer ReceivablesPython."


def world(ready="", path=PYTHON, refused="", box=CLEAN) -> list:
    """What Windows and the user answer from here on."""
    return ["Machine.Answer", ready, path, refused, float(box)]


def box(reason: str) -> str:
    """The one message: the reason, since when, the cure."""
    cure = r"python_cure(%LOCALAPPDATA%\receivables\doctor.cmd)"
    return f"box {reason} /  / python_since(TIME) / {cure}"


COMMAND = f'run "{PYTHON}" -P -B -m receivables_addin.excel.server --clsid {CLSID} --ready "'
CALL = "call receivables_addin.excel.binding "

SCENARIOS = {
    "a start, and the first cell": (
        [world(), START, LOOK, world("ready"), LOOK, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython", f"{LATER}LookForPython",
         f"joined {CLSID}", f"{CALL}AGING_DAYS"],
        31.0,
    ),
    "a cell before Python is there waits for it": (
        [world(), START, CELL, CALCULATED, world("ready"), LOOK, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}", "calculate all",
         f"{CALL}AGING_DAYS"],
        31.0,
    ),
    "no Python and no formula: nobody is bothered": (
        [world(path=""), START, CALCULATED],
        ["watching"],
        None,
    ),
    "no Python: any number of cells, one message": (
        [world(path=r"C:\gone\python.exe"), START, CELL, CELL, CALCULATED, TELL, CELL,
         CALCULATED, TELL, CELL],
        ["watching", f"{LATER}TellOnce",
         box(r"python_moved(C:\gone\python.exe)")],
        None,
    ),
    "a path that is no full path is not started": (
        [world(path="python.exe"), START, CELL, CALCULATED, TELL],
        ["watching", f"{LATER}TellOnce",
         box("python_path(python.exe)")],
        None,
    ),
    "Windows refuses to start it": (
        [world(refused="run"), START, CELL, CALCULATED, TELL],
        ["watching", f"{LATER}TellOnce",
         box("python_forbidden(Permission denied)")],
        None,
    ),
    "Python starts and cannot answer": (
        [world(), START, CELL, world("ImportError: no pywin32"), LOOK, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython",
         box("python_fault(ImportError: no pywin32)")],
        None,
    ),
    "the library cannot join": (
        [world(), START, CELL, world("ready", refused="join"), LOOK],
        ["watching", COMMAND, f"{LATER}LookForPython",
         box("python_unreachable(Could not activate Python COM server)")],
        None,
    ),
    "Retry in the message starts again": (
        [world(path="", box=RETRY), START, CELL, CALCULATED, TELL, world(), START],
        ["watching", f"{LATER}TellOnce",
         box("python_unknown({0})"),
         f"{LATER}StartPython", COMMAND, f"{LATER}LookForPython"],
        None,
    ),
    "Start Python after the cure": (
        [world(path=""), START, world(), RETRIED, world("ready"), LOOK, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}", "calculate all",
         f"{CALL}AGING_DAYS"],
        31.0,
    ),
    "lost soon after the start: told, not tried for ever": (
        [world("ready"), START, LOOK, LOST_CELL, CELL, CALCULATED, TELL, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}", f"{CALL}DSO",
         f"{LATER}TellOnce",
         box("python_stopped(The remote server machine does not exist (462))")],
        None,
    ),
    "lost after an hour: started anew by itself, and calculated again": (
        [world("ready"), START, LOOK, HOUR, LOST_CELL, CELL, CALCULATED, START, LOOK, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}", f"{CALL}DSO",
         f"{LATER}StartPython", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}",
         "calculate all", f"{CALL}AGING_DAYS"],
        31.0,
    ),
    "Python says nothing: a minute and no longer": (
        [world(), START, CELL, MINUTE, LOOK, SECOND, LOOK, LOOK],
        ["watching", COMMAND, f"{LATER}LookForPython", f"{LATER}LookForPython",
         box("python_silent(60)")],
        None,
    ),
    "busy for a moment is not lost": (
        [world("ready"), START, LOOK, BUSY_CELL, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}", f"{CALL}DSO_BEST",
         f"{CALL}AGING_DAYS"],
        31.0,
    ),
    "a button pressed before Python is there is done then": (
        [world(), START, PRESS, world("ready"), LOOK, PENDING, PENDING],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}", "calculate all",
         f"{LATER}RunPending", "press check in en"],
        None,
    ),
    "a button that cannot be done is forgotten": (
        [world(), START, PRESS, world("no pywin32"), LOOK, world("ready"), RETRIED, LOOK],
        ["watching", COMMAND, f"{LATER}LookForPython",
         box("python_fault(no pywin32)"), COMMAND, f"{LATER}LookForPython", f"joined {CLSID}",
         "calculate all"],
        None,
    ),
    "a button finds Python gone: told, and the next press starts it": (
        [world("ready"), START, LOOK, world(refused="gone"), PRESS, world("ready"), PRESS, LOOK,
         PENDING],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}",
         "failed The remote server machine does not exist",
         COMMAND, f"{LATER}LookForPython", f"joined {CLSID}", "calculate all",
         f"{LATER}RunPending", "press check in en"],
        None,
    ),
    "Start Python where Python is gone and no cell noticed": (
        [world("ready"), START, LOOK, RETRIED, world(refused="gone"), RETRIED, world("ready"),
         LOOK, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}",
         COMMAND, f"{LATER}LookForPython", f"joined {CLSID}", "calculate all",
         f"{CALL}AGING_DAYS"],
        31.0,
    ),
    "Excel closes": (
        [world("ready"), START, LOOK, STOP, CELL],
        ["watching", COMMAND, f"{LATER}LookForPython", f"joined {CLSID}",
         "exec import receivables_addin.excel.server as s; s.stop()"],
        None,
    ),
    "Excel closes while Python starts": (
        [world(), START, STOP],
        ["watching", COMMAND, f"{LATER}LookForPython", "timer off"],
        None,
    ),
}  # fmt: skip
"""What happens, what Windows and the user notice of it, and what the last cell shows."""


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> dict[str, tuple[list[str], object]]:
    """Every scenario in a workbook of its own, one start of the office."""
    folder = tmp_path_factory.mktemp("machine")
    content = workbook().packed(".xlsm")
    documents = []
    for number, (steps, _, _) in enumerate(SCENARIOS.values()):
        path = folder / f"{number}.xlsm"
        path.write_bytes(content)
        macros = [[step[0], step[1:]] for step in steps] + [["Machine.Notes", []]]
        documents.append({"path": str(path), "macros": macros, "sheet": "Twin", "area": "A1:A1"})
    job = {"profile": str(folder / "profile"), "documents": documents}
    done = subprocess.run(
        [python_with_uno(), HERE / "excel_office.py"],
        input=json.dumps(job), capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {
        scenario: (answer["said"][-1].split("|")[:-1], answer["said"][-2])
        for scenario, answer in zip(SCENARIOS, json.loads(done.stdout), strict=True)
    }


def workbook() -> Workbook:
    specs = [load_functions()[name] for name in ("AGING_DAYS", "DSO", "DSO_BEST")]
    made = {module.name: module.body for module in wrapper.modules(specs)}
    python = made["ReceivablesPython"]
    for excel, office_words in EXCEL_ONLY:
        assert excel in python, excel
        python = python.replace(excel, office_words)
    modules = (
        Module("ThisWorkbook", "workbook"),
        Module("TwinSheet", "sheet"),
        Module("ReceivablesCells", "standard", made["ReceivablesCells"]),
        Module("ReceivablesValues", "standard", made["ReceivablesValues"]),
        Module("ReceivablesPython", "standard", python),
        Module("Machine", "standard", (STAND_INS / "Machine.bas").read_text("ascii")),
        Module("TwinServer", "class", (STAND_INS / "TwinServer.cls").read_text("ascii")),
    )
    sheet = Sheet("Twin", "TwinSheet", [["x"]])
    return Workbook([sheet], Project("Twin", modules).vba_project_bin())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_happens(office, scenario) -> None:
    _, expected, shown = SCENARIOS[scenario]
    noted, last = office[scenario]
    assert [plain(line) for line in noted] == expected
    assert last == shown


def plain(line: str) -> str:
    """A note without what differs from run to run: the hour, the folder of the ready file."""
    line = re.sub(r"python_since\([^)]*\)", "python_since(TIME)", line)
    command, ready, _ = line.partition(' --ready "')
    return command + ready


def test_every_message_is_there_in_both_languages() -> None:
    with data_path("ribbon_texts.csv").open(encoding="utf-8", newline="") as handle:
        texts = {row["key"]: (row["en"], row["zh"]) for row in csv.DictReader(handle)}
    source = {module.name: module.body for module in wrapper.modules([])}["ReceivablesPython"]
    keys = [key for key in texts if key.startswith("python_")]
    assert keys
    for key in keys:
        english, chinese = texts[key]
        assert f'Say("{key}")' in source, f"nobody says {key}"
        assert english.count("{0}") == chinese.count("{0}") == source.count(f'Filled(Say("{key}")')
    assert source.count('"python_') == len(keys), "a text is missing in ribbon_texts.csv"
