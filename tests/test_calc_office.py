"""The functions in a real headless LibreOffice: values, errors, arrays, sizes, and the local process."""

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from receivables_addin.calc import hostfile
from receivables_addin.calc.menu import command
from receivables_addin.calc.names import EXTENSION

from receivables.actions import ACTIONS, GROUPS
from receivables.cells import REGISTRY
from tests.calc_office import CalcOffice, calc_office, prepare
from tests.calc_sheets import ERROR_NUMBERS

DUE, AS_OF = 46295, 46326  # 30 September and 31 October 2026
ROWS = 1_048_576
BUCKET = f"AGING_BUCKET({DUE};{AS_OF})"


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[CalcOffice]:
    with calc_office(tmp_path_factory.mktemp("office")) as found:
        yield found


@pytest.fixture
def sheet(office) -> CalcOffice:
    """A new document with three open items: due date, amount, bucket."""
    office.ask("open")
    items = [[DUE, 100, "31-60 d"], [AS_OF, 200, "Current"], [DUE + 1, 50, "1-30 d"]]
    office.ask("fill", sheet="Data", blocks=[[0, 0, items], [0, 5, [["31-60 d", 7]]]])
    return office


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (f"={BUCKET}", "31-60 d"),
        ("=AGING_BUCKET(Data.A1;DATE(2026;10;31))", "31-60 d"),
        ('=AGING_BUCKET("2026-09-30";"2026-10-31")', "31-60 d"),
        (f"=AGING_BUCKET({DUE};{AS_OF};;;;2)", "30-59 d"),
        (f"=AGING_BUCKET({DUE};{AS_OF};{{10;31;60}})", "11-31 d"),
        (f"=aging_bucket({DUE};{AS_OF})", "31-60 d"),
        # a blank cell reaches an add-in as 0, which no date is
        (f"=AGING_BUCKET(Data.Z9;{AS_OF})", "No due date"),
        (f'=AGING_BUCKET("";{AS_OF};;Data.A1;0)', "31-60 d"),
        # what other functions make of an answer
        (f'=IF({BUCKET}="31-60 d";"yes";"no")', "yes"),
        (f"=MATCH({BUCKET};Data.C1:C3;0)", 1),
        (f"=VLOOKUP({BUCKET};Data.F1:G1;2;0)", 7),
        (f"=SUMIF(Data.C1:C3;{BUCKET};Data.B1:B3)", 100),
        (f"=ROUND(DSO(1000;3000;90);0)+AGING_DAYS({DUE};{AS_OF})", 61),
        (f'=SWITCH({BUCKET};"31-60 d";1;2)', 1),
        ("=DSO(DSO(1000;1000;90);1000;90)", 8.1),
        ("=TYPE(DSO(1;3;90))", 1),
    ],
)
def test_one_value(sheet, formula, value) -> None:
    assert sheet.value(formula) == value


@pytest.mark.parametrize(
    ("call", "code", "number"),
    [
        ("DSO(1;0;90)", "#DIV/0!", 2),
        ('DSO("x";1;90)', "#VALUE!", 3),
        ("DSO(-1;1;90)", "#NUM!", 6),
        (f'AGING_DAYS("";{AS_OF})', "#N/A", 7),
    ],
)
def test_an_error_is_an_error_of_calc(sheet, call, code, number) -> None:
    assert sheet.value(f"={call}") == {"error": ERROR_NUMBERS[code]}
    assert sheet.value(f"=ERROR.TYPE({call})") == number
    assert sheet.value(f'=IFERROR({call};"caught")') == "caught"
    assert sheet.value(f"=ISNA({call})") == (code == "#N/A")


def test_an_error_given_comes_through(sheet) -> None:
    assert sheet.value("=DSO(NA();1;90)") == {"error": ERROR_NUMBERS["#N/A"]}
    assert sheet.value("=DSO(1/0;1;90)") == {"error": ERROR_NUMBERS["#DIV/0!"]}


def test_an_error_in_a_range_stops_calc_itself(sheet) -> None:
    """Err:504 before any call; docs/calc.md says so."""
    sheet.ask("formulas", sheet="Data", cells=[[1, 1, "=1/0", None]])
    assert sheet.value("=CONCENTRATION_TOP(Data.B1:B3)") == {"error": 504}
    assert sheet.value("=CONCENTRATION_TOP(IFERROR(Data.B1;0))") == 1


def test_a_missing_argument_is_named_not_guessed(sheet) -> None:
    assert sheet.value(f"=AGING_BUCKET({DUE})") == {"error": ERROR_NUMBERS["#VALUE!"]}
    assert sheet.value("=DSO(1;2;3;TRUE();5)") == {"error": 504}


def test_numbers_in_array_context(sheet) -> None:
    assert sheet.value(f"=SUMPRODUCT(AGING_DAYS(Data.A1:A3;{AS_OF})*Data.B1:B3)") == 4600
    assert sheet.value(f"=MAX(AGING_INDEX(Data.A1:A3;{AS_OF}))") == 2
    cells = [
        [0, 0, f"=AGING_DAYS(Data.A1:A4;{AS_OF})", [4, 1]],
        [0, 3, f"=AGING_DAYS(TRANSPOSE(Data.A1:A3);{AS_OF})", [1, 3]],
    ]
    sheet.ask("formulas", sheet="Array", cells=cells)
    column, row = sheet.ask("read", sheet="Array", blocks=[[0, 0, 4, 1], [0, 3, 1, 3]])
    assert column == [[31], [0], [30], [""]]
    assert row == [[31, 0, 30]]


def test_a_fault_in_a_column_marks_its_row(sheet) -> None:
    sheet.ask("fill", sheet="Data", blocks=[[1, 0, [["soon"]]]])
    assert sheet.table(f"=AGING_DAYS(Data.A1:A3;{AS_OF})", 1, 1) != []  # a new document: no data
    sheet.ask("fill", sheet="Data", blocks=[[0, 0, [[DUE], ["soon"], [DUE + 1]]]])
    sheet.ask(
        "formulas", sheet="Marks", cells=[[0, 0, f"=AGING_DAYS(Data.A1:A3;{AS_OF})", [3, 1]]]
    )
    shown = sheet.ask("read", sheet="Marks", blocks=[[0, 0, 3, 1]])[0]
    assert shown == [[31], [{"error": ERROR_NUMBERS["#VALUE!"]}], [30]]


def test_text_in_array_context_is_refused(sheet) -> None:
    """Calc would show it and find it equal to nothing: SUMIF over it gives 0 without a word."""
    refused = {"error": ERROR_NUMBERS["#VALUE!"]}
    assert sheet.value(f'=SUMPRODUCT((AGING_BUCKET(Data.A1:A3;{AS_OF})="31-60 d")*1)') == refused
    # what to do instead: the number of the bucket, or one formula a row
    assert sheet.value(f"=SUMPRODUCT((AGING_INDEX(Data.A1:A3;{AS_OF})=2)*Data.B1:B3)") == 100


def test_a_table_in_cells(sheet) -> None:
    sheet.ask("formulas", sheet="Table", cells=[[0, 0, "=RESERVE_REVENUE(1000000)", [5, 4]]])
    shown = sheet.ask("read", sheet="Table", blocks=[[0, 0, 5, 4]])[0]
    assert shown[1] == ["least", 0.005, 5000, ""]
    assert shown[4] == [{"error": ERROR_NUMBERS["#N/A"]}] * 4
    assert sheet.value("=INDEX(RESERVE_REVENUE(1000000);3;3)") == 10000
    assert sheet.value("=SUM(Table.C2:C4)") == 35000
    assert sheet.value('=IFERROR(RESERVE_REVENUE(-1);"caught")') == "caught"


def test_what_the_page_says_of_text_in_a_table(sheet) -> None:
    """A fault of this Calc: text that an add-in gives in an array equals only text put together anew."""
    sheet.ask("formulas", sheet="Table", cells=[[0, 0, "=RESERVE_REVENUE(1000000)", [4, 4]]])
    assert sheet.value('=COUNTIF(Table.A1:A4;"least")') == 0
    assert sheet.value('=SUMPRODUCT((Table.A2:A4&""="least")*Table.C2:C4)') == 5000
    alone = [[0, 6, "=INDEX(RESERVE_REVENUE(1000000);2;1)", None]]
    sheet.ask("formulas", sheet="Table", cells=alone)
    assert sheet.value('=COUNTIF(Table.G1:G1;"least")') == 1
    assert sheet.value('=MATCH("least";Table.G1:G1;0)') == 1


def test_whole_columns(sheet) -> None:
    formula = f'=AGING_SUM(Data.B1:B{ROWS};Data.A1:A{ROWS};{AS_OF};"31-60 d")'
    assert sheet.value(formula) == 100


def test_twenty_thousand_formulas(sheet) -> None:
    count = 20_000
    sheet.ask("tile", sheet="Many", count=count, row=[DUE])
    sheet.ask("formulas", sheet="Many", cells=[[0, 1, f"=AGING_DAYS(A1;{AS_OF})", None]])
    sheet.ask("fill_down", sheet="Many", row=0, column=1, count=count)
    assert sheet.ask("read_column", sheet="Many", row=0, column=1, count=count) == [31] * count
    sheet.ask("fill", sheet="Many", blocks=[[count - 1, 0, [[AS_OF]]]])
    assert sheet.value(f"=SUM(Many.B1:B{count})") == 31 * (count - 1)


@pytest.mark.parametrize("count", [100_000, ROWS])
def test_a_tall_range(sheet, count) -> None:
    sheet.ask("tile", sheet="Tall", count=count, row=[DUE, 2])
    formula = f'=AGING_SUM(Tall.B1:B{count};Tall.A1:A{count};{AS_OF};"31-60 d")'
    assert sheet.value(formula) == 2 * count


def test_a_killed_process_is_replaced(sheet) -> None:
    assert sheet.value(f"={BUCKET}") == "31-60 d"
    before = sheet.workers()
    sheet.kill_workers()
    # what was asked before is remembered; another call needs a process
    assert sheet.value(f"={BUCKET}") == "31-60 d"
    assert sheet.value("=AGING_DAYS(46290;46326)") == 36
    assert len(before) == len(sheet.workers()) == 1
    assert before != sheet.workers()


def test_who_does_not_know_the_token_learns_nothing(sheet) -> None:
    sheet.value(f"={BUCKET}")
    run_file = next((sheet.host_file.parent / "run").glob("worker-*.json"))
    assert run_file.stat().st_mode & 0o077 == 0
    port = json.loads(run_file.read_text())["port"]
    with socket.create_connection(("127.0.0.1", port), timeout=15) as stranger:
        stranger.sendall(b"RECEIVABLES" + bytes(200))
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while part := stranger.recv(4096):
                said += part
    assert b"31-60" not in said
    assert sheet.value(f"={BUCKET}") == "31-60 d"


def test_the_function_wizard(office) -> None:
    office.value(f"={BUCKET}")
    known = office.ask("describe")
    for name, spec in REGISTRY.items():
        assert known[name]["description"] == spec.summary
        shown = known[name]["arguments"]
        assert [argument[0] for argument in shown] == [arg.name for arg in spec.args]
        for arg, (_, text, _) in zip(spec.args, shown, strict=True):
            assert text.endswith(" Required.") == arg.required


def test_the_function_wizard_in_chinese(office) -> None:
    path = "/org.openoffice.Office.CalcAddIns/AddInInfo/org.receivables.Functions/AddInFunctions"
    names = ["agingBucket/Description", "agingBucket/Parameters/dueOn/Description"]
    shown = office.ask("texts", path=path, language="zh-CN", names=names)
    spec = REGISTRY["AGING_BUCKET"]
    assert shown[names[0]] == spec.text("summary", "zh")
    assert shown[names[1]].startswith(spec.text("due_on", "zh"))
    assert office.ask("texts", path=path, language="de", names=names)[names[0]] == spec.summary


def test_the_menu_is_there_and_every_entry_has_somebody_who_does_it(office) -> None:
    menus = office.ask("children", path="/org.openoffice.Office.Addons/AddonUI/OfficeMenuBar")
    assert menus == ["org.receivables.calc.menu"]
    for action in ACTIONS:
        assert office.ask("resolves", url=command(action))


def test_what_a_user_sees_of_menu_and_toolbar(office) -> None:
    office.ask("open", hidden=False)
    assert f"private:resource/toolbar/addon_{EXTENSION}.toolbar" in office.ask("shown")
    groups = {group.id: group.label_en for group in GROUPS}
    wanted: dict[str, list[str]] = {}
    for group, label in groups.items():
        entries = [action.label_en for action in ACTIONS if action.group == group]
        if entries:
            wanted[label] = entries
    assert office.ask("menu", title="Receivables") == wanted


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("check", "save"),
        ("refresh", "save"),
        ("undo", "save"),
        ("freeze", "save"),
        ("settings", "Settings"),
        ("letters_plan", "save"),
        ("letters_preview", "save"),
        ("letters_make", "save"),
        ("letters_drafts", "save"),
        ("why", "AGING_BUCKET"),
        ("function_help", "AGING_BUCKET"),
    ],
)
def test_a_press_on_the_menu_reaches_its_action(office, action, told) -> None:
    office.ask("open", hidden=False)
    office.ask("formulas", sheet="Sheet1", cells=[[1, 1, f"={BUCKET}", None]])
    office.ask("select", sheet="Sheet1", row=1, column=1)
    assert told.lower() in office.press(f"service:org.receivables.Job?{action}").lower()


def test_every_action_is_pressed_above() -> None:
    (marks,) = test_a_press_on_the_menu_reaches_its_action.pytestmark
    assert {action for action, _ in marks.args[1]} == {action.id for action in ACTIONS}


def test_two_offices_at_once(tmp_path) -> None:
    with ExitStack() as stack:
        one = stack.enter_context(calc_office(tmp_path / "one"))
        two = stack.enter_context(calc_office(tmp_path / "two"))
        assert one.value(f"={BUCKET}") == two.value(f"={BUCKET}") == "31-60 d"
        assert one.workers() != two.workers()
        one.stop()
        assert not one.workers()
        assert two.value("=DSO(1000;3000;90)") == 30


def test_nothing_is_left_of_an_office_that_was_killed(tmp_path) -> None:
    office = CalcOffice(*prepare(tmp_path))
    try:
        assert office.value(f"={BUCKET}") == "31-60 d"
        (worker,) = office.workers()
        office.kill()
        deadline = time.monotonic() + 10
        while office.workers() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not office.workers(), f"process {worker} is left"
        assert not list((office.host_file.parent / "run").glob("worker-*.json"))
    finally:
        office.kill()


def test_without_a_python_cells_say_not_available_and_the_office_goes_on(tmp_path) -> None:
    profile, host = prepare(tmp_path)
    host.unlink()
    office = CalcOffice(profile, host)
    try:
        assert office.value(f"={BUCKET}") == {"error": ERROR_NUMBERS["#N/A"]}
        assert office.value("=1+1") == 2
        hostfile.write(hostfile.HostFile(), host)
        time.sleep(2.1)  # it does not try again at once
        assert office.value(f"={BUCKET}") == "31-60 d"
        (worker,) = office.workers()
        os.kill(worker, signal.SIGSTOP)
        hostfile.write(hostfile.HostFile(), host)
        os.kill(worker, signal.SIGCONT)
        assert office.value(f"={BUCKET}") == "31-60 d"
        office.stop()
        assert not office.workers()
    finally:
        office.kill()
