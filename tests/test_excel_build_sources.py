"""What the add-in takes from xlwings, and that no workbook can choose what runs."""

from __future__ import annotations

import re

import pytest
from receivables_addin.excel.build import all_functions, project, settings_rows
from receivables_addin.excel.conditions import resolve
from receivables_addin.excel.lint import GUARD, HARMLESS, procedures
from receivables_addin.excel.project import Module, ProjectError
from receivables_addin.excel.sources import (
    FORBIDDEN,
    PUBLIC,
    from_export,
    own_module,
    xlwings_module,
    xlwings_text,
)


@pytest.fixture(scope="module")
def xlwings() -> Module:
    return xlwings_module()


@pytest.fixture(scope="module")
def whole() -> tuple[Module, ...]:
    return project(all_functions()).modules


def code(module: Module) -> str:
    """The text without its comments."""
    return "\n".join(line for line in module.body.splitlines() if not line.strip().startswith("'"))


# --- the licence


def test_the_licence_of_xlwings_stays_and_the_change_is_said(xlwings) -> None:
    text = xlwings.source()
    assert "xlwings is distributed under a BSD 3-clause license." in text
    assert "Copyright (C) 2014-present, Zoomer Analytics LLC." in text
    assert "'THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS" in text
    assert "A part of xlwings, changed by the receivables project" in text


# --- safety


@pytest.mark.parametrize("word", FORBIDDEN)
def test_what_lets_a_workbook_choose_is_in_xlwings_and_gone_in_ours(xlwings, word) -> None:
    assert word in xlwings_text() or word in {"ActiveSheet", "Shell("}
    assert word not in xlwings.body


@pytest.mark.parametrize(
    "word", ["RunPython", "RunFrozenPython", "ExecuteWindows", "ImportPythonUDFs", "PythonCommand"]
)
def test_nothing_that_takes_code_or_a_program_is_left(whole, word) -> None:
    assert all(word not in code(module) for module in whole)


def test_settings_come_from_the_add_in_and_the_user_only(xlwings) -> None:
    body = code(xlwings)
    sheets = set(re.findall(r"GetConfigFromSheet\(([^)]*)\)", body))
    assert sheets == {"wb As Workbook", "ThisWorkbook"}
    assert set(re.findall(r"SheetExists\((\w+),", body)) == {"ThisWorkbook"}
    assert re.findall(r"FileExists\((\w+)\(\)\)", body) == ["GetConfigFilePath"]
    assert 'Environ("USERPROFILE") & "\\." & PROJECT_NAME' in body


def test_the_users_own_xlwings_is_left_alone(xlwings) -> None:
    assert 'Public Const PROJECT_NAME As String = "receivables"' in xlwings.body
    assert "myaddin" not in xlwings.body


def test_the_library_is_loaded_by_its_full_path_before_it_is_called(xlwings) -> None:
    """A bare name would be looked for in the current directory, beside a workbook."""
    calls = re.findall(r"LoadLibrary\((.*?)\) <>", code(xlwings))
    assert len(calls) == 2
    assert all(call.endswith('"\\" & XLPyDLLName') for call in calls)
    (joins,) = (
        match[0]
        for match in re.finditer(r"^Function XLPy\(\).*?^End Function", xlwings.body, re.DOTALL | re.MULTILINE)
    )  # fmt: skip
    assert joins.index("XLPyLoadDLL") < joins.index("XLPyDLLActivateAuto")


def test_a_formula_reaches_nothing_but_the_functions(whole) -> None:
    """Excel lets a formula of any workbook call every public function of an add-in."""
    cells = {spec.name for spec in all_functions()}
    for module in whole:
        for found in procedures(module):
            if module.kind == "standard" and found.public and found.kind == "Function":
                assert found.name in cells or found.name in HARMLESS or module.name == "xlwings"


def test_public_procedures_of_xlwings_answer_no_formula(xlwings) -> None:
    public = [found.name for found in procedures(xlwings) if found.public]
    assert public == list(PUBLIC)
    for name in public:
        head = rf"^(?:Public )?Function {name}\(.*\n +{re.escape(GUARD)}"
        assert re.search(head, xlwings.body, re.MULTILINE), name
    assert not re.search(r"^\s*(Public )?Declare", xlwings.body, re.MULTILINE)


def test_python_starts_without_the_current_directory_on_its_path(whole) -> None:
    (text,) = (code(module) for module in whole if module.name == "ReceivablesPython")
    (command,) = re.findall(r'& """ (-[^"]*) -m " & SERVER_MODULE', text)
    assert "-P" in command.split() or "-I" in command.split()


def test_the_settings_sheet_names_no_interpreter() -> None:
    keys = {key for key, _ in settings_rows()}
    assert keys == {
        "ADD_WORKBOOK_TO_PYTHONPATH", "USE UDF SERVER", "RECEIVABLES VERSION", "XLWINGS VERSION",
    }  # fmt: skip
    assert dict(settings_rows())["ADD_WORKBOOK_TO_PYTHONPATH"] == "false"


def test_opening_touches_no_workbook_of_the_user() -> None:
    events = code(own_module("ThisWorkbook.cls")) + code(own_module("Startup.bas"))
    # whether there is one, not what is in it
    events = events.replace("ActiveWorkbook Is Nothing", "")
    for word in ("ActiveWorkbook", "ActiveSheet", "ActiveCell", "Selection", "Wb."):
        assert word not in events
    assert events.count("On Error Resume Next") == events.count("Private Sub ") + 2


def statement(line: str) -> str:
    """What a line does, without the condition it does it under."""
    if line.lstrip().startswith("Do While"):
        return ""
    return line.partition(" Then")[2] if line.lstrip().startswith(("If ", "ElseIf ")) else line


def test_one_macro_changes_a_cell_and_looks_whether_it_is_empty(whole) -> None:
    writing = [
        (module.name, statement(line).strip())
        for module in whole
        for line in code(module).splitlines()
        if re.search(r"\.(Value2?|Formula\w*) = |ClearContents", statement(line))
    ]
    assert writing == [
        ("Ribbon", "ActiveCell.ClearContents"),
        ("Ribbon", "cell.Formula2 = text"),
        ("Ribbon", "cell.Formula = text"),
    ]
    (ribbon,) = (code(module) for module in whole if module.name == "Ribbon")
    entered = 'Enter ActiveCell, "=" & what & "()"'
    assert ribbon.index('If ActiveCell.Formula <> "" Then') < ribbon.index(entered)


# --- changes fail loudly with another xlwings


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('PROJECT_NAME As String = "myaddin"', 'PROJECT_NAME As String = "other"', "0 times"),
        ("    ' Directory Config", "    ' Folder Config", "0 times"),
        ("            'Workbook Sheet Config", "            'Of the workbook", "0 times"),
        ("    ' User Config", "    ' Directory Config\n    ' User Config", "2 times"),
        ("Function XLPy()", "Function XLPython()", "has no XLPy any more"),
        ("Function GetConfig(", "Function ReadConfig(", "has no GetConfig any more"),
        ("    ' Defaults", "    CheckConda LICENSE_KEY", "still uses LICENSE_KEY, CheckConda"),
        ("    ' Defaults", "    Set wb = ActiveWorkbook", "still uses ActiveWorkbook"),
        ("#If VBA7 Then", "", "#Else without #If"),
    ],
)
def test_a_changed_xlwings_stops_the_build(old, new, message) -> None:
    assert old in xlwings_text()
    with pytest.raises(ProjectError, match=message):
        xlwings_module(xlwings_text().replace(old, new))


def test_a_module_without_its_name_is_refused() -> None:
    with pytest.raises(ProjectError, match="not with Attribute VB_Name"):
        from_export("Option Explicit\n")


# --- conditions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#If Mac Then\na\n#Else\nb\n#End If", "b"),
        ("#If Not Mac Then\na\n#Else\nb\n#End If", "a"),
        ("#If Win Then\na\n#ElseIf Mac Then\nb\n#Else\nc\n#End If", "a"),
        ("#If Mac Then\na\n#ElseIf Win Then\nb\n#Else\nc\n#End If", "b"),
        ("#If Mac Then\na\n#ElseIf Mac Then\nb\n#Else\nc\n#End If", "c"),
        ("#If Mac Then ' note\na\n#End If ' end\nb", "b"),
        ("#If VBA7 Then\na\n#Else\nb\n#End If", "#If VBA7 Then\na\n#Else\nb\n#End If"),
        ("#If VBA7 Then\n#If Mac Then\na\n#End If\nb\n#End If", "#If VBA7 Then\nb\n#End If"),
        ("#If Mac Then\n#If VBA7 Then\na\n#Else\nb\n#End If\n#End If\nc", "c"),
        ("#Const App = 1\na", "#Const App = 1\na"),
    ],
)
def test_the_branch_that_applies_stays(text, expected) -> None:
    assert resolve(text, {"Mac": False, "Win": True}) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#If Mac Then\na", "without #End If"),
        ("#End If", "#End If without #If"),
        ("#Else", "#Else without #If"),
        ("#If Mac Then\n#ElseIf VBA7 Then\n#End If", "cannot tell whether VBA7 holds"),
    ],
)
def test_conditions_that_cannot_be_read(text, message) -> None:
    with pytest.raises(ProjectError, match=message):
        resolve(text, {"Mac": False})


def test_a_function_from_the_menu_is_entered_without_an_at_sign() -> None:
    """`Formula` makes `=@AGING_REPORT()` of it in an Excel that spills, which shows one cell."""
    entering = code(own_module("Ribbon.bas")).partition("Sub Enter(")[2]
    assert entering.index("cell.Formula2 = text") < entering.index("cell.Formula = text")
