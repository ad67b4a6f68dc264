"""The VBA of the cell functions: its text, and the same text run in LibreOffice."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Annotated

import pytest
from receivables_addin.excel import wrapper
from receivables_addin.excel.package import Sheet, Workbook
from receivables_addin.excel.project import Module, Project

from receivables.cells import Amount, Amounts, Arg, load_functions
from receivables.cells.declare import build_spec
from tests.calc_office import python_with_uno

HERE = Path(__file__).parent
SPECS = load_functions()
GOLDEN = HERE / "golden" / "excel_wrapper.bas"

CHOSEN = ("AGING_BUCKET", "AGING_DAYS", "AGING_SUM", "FX_EXPOSURE")
"""Optional-heavy, scalar, column, table; `total` below takes any number of ranges."""

EXCEL_ONLY = ((".Worksheet.Parent.Date1904", ".Worksheet.Name = Empty"), (".Value2", ".Value"))
"""Members that LibreOffice's Range does not have, and what stands for them."""

FORMULAS = {
    "=AGING_DAYS(46295,46326)": 31.0,
    "=AGING_INDEX(1,2)": "Error 2042",  # LibreOffice shows an error value of VBA as this text
    "=RESERVE_EXPLAIN(1,2)": "step",
    '=AGING_BUCKET(B1,"x")': "String 10; String x; blank; blank; blank; blank",
    '=AGING_BUCKET(B9,TRUE,"a")': "blank; Double 1; String a; blank; blank; blank",
    '=AGING_SUM(B1:C3,B1:B3,B2,"Current")': (
        "3 x 2 from 10; 3 x 1 from 10; String 20; String Current; blank; blank; blank; blank"
    ),
    '=AGING_SUM(B:B,C:C,1,"all")': (
        "11 x 1 from 10; 11 x 1 from ; Double 1; String all; blank; blank; blank; blank"
    ),
    "=TOTAL(7,B1:B3,2,B1)": "Double 7; 3 x 1 from 10; Double 2; String 10",
    "=TOTAL(7)": "Double 7",
}
"""A formula and what its cell shows."""


MACROS = {"DSO_COUNTBACK_EXPLAIN", "RESERVE_EXPLAIN", "AGING_YEARS", "AGING_DAYS", "DSO"}
"""Functions that are called as macros: an array comes back whole, an error as nothing."""


def total(
    first: Annotated[Amount, Arg("an amount", "money")],
    *more: Annotated[Amounts, Arg("further amounts", "money")],
) -> Annotated[Amount, Arg("their sum", "money")]:
    """Sum of any number of ranges."""
    return first + sum(amount or 0 for amounts in more for amount in amounts)


TOTAL = build_spec("TOTAL", "monitor", total)


def test_the_wrapper_is_as_read() -> None:
    text = wrapper.modules([*(SPECS[name] for name in CHOSEN), TOTAL])[0].source()
    assert text.replace("\r\n", "\n") == GOLDEN.read_text(encoding="ascii")


def test_every_function_has_its_wrapper_and_help() -> None:
    modules = wrapper.modules(SPECS.values())
    cells = "".join(module.body for module in modules if module.name.startswith(wrapper.CELLS))
    for language in ("en", "zh"):
        for name, _, summary, *texts in wrapper.help_rows(SPECS.values(), language):
            assert f"Public Function {name}(" in cells
            assert len(texts) == len(SPECS[name].args)
            assert all(0 < len(text) <= 255 and "\n" not in text for text in (summary, *texts))


def test_nothing_is_volatile() -> None:
    for module in wrapper.modules(SPECS.values()):
        assert "volatile" not in module.body.lower()


def test_modules_stay_below_what_vba_takes(monkeypatch) -> None:
    monkeypatch.setattr(wrapper, "MAX_MODULE", 2_000)
    modules = [m for m in wrapper.modules(SPECS.values()) if m.name.startswith(wrapper.CELLS)]
    assert [module.name for module in modules[:2]] == ["ReceivablesCells", "ReceivablesCells1"]
    assert all(len(module.body) < 2_100 for module in modules)
    found = [line for m in modules for line in m.body.splitlines() if "Public Function" in line]
    assert len(found) == len(SPECS)


@pytest.mark.parametrize("name", ["asked", "total", "rest"])
def test_an_argument_that_would_hide_what_we_call_is_refused(name) -> None:
    namespace: dict = {"Annotated": Annotated, "Amount": Amount, "Arg": Arg}
    exec(
        f"def f({name}: Annotated[Amount, Arg('an amount', 'money')])"
        " -> Annotated[Amount, Arg('it', 'money')]:\n    'An amount.'\n",
        namespace,
    )
    with pytest.raises(wrapper.WrapperError, match=f"cannot have the argument {name}"):
        wrapper.modules([build_spec("TOTAL", "monitor", namespace["f"])])


def test_a_text_is_cut_to_what_the_wizard_shows() -> None:
    assert wrapper.wizard(" a\n b ") == "a b"
    assert wrapper.wizard("x" * 300) == "x" * 252 + "..."


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> dict:
    """The generated and the hand-written modules in one start of the office, Python stood in for."""
    folder = tmp_path_factory.mktemp("wrapper")
    path = folder / "cells.xlsm"
    path.write_bytes(workbook().packed(".xlsm"))
    macros = [
        ["ReceivablesCells.DSO_COUNTBACK_EXPLAIN", [1, 2, 3]],
        ["ReceivablesCells.RESERVE_EXPLAIN", [1, 2]],
        ["ReceivablesCells.AGING_YEARS", [1, 2]],
        ["ReceivablesCells.AGING_DAYS", [1, 2]],
        ["ReceivablesCells.DSO", [1, 2, 3]],
        ["ReceivablesCells.AGING_DAYS", [1, 2]],
        ["ReceivablesCells.DSO", [4, 5, 6]],
        ["ReceivablesPython.Notes", []],
    ]
    document = {"path": str(path), "macros": [], "sheet": "Twin", "area": "A1:A14"}
    job = {
        "profile": str(folder / "profile"),
        "documents": [document, {**document, "macros": macros}],
    }
    done = subprocess.run(
        [python_with_uno(), HERE / "excel_office.py"],
        input=json.dumps(job), capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    typed, called = json.loads(done.stdout)
    return {"cells": typed["cells"], "said": called["said"]}


def workbook() -> Workbook:
    names = [text[1:].partition("(")[0] for text in FORMULAS]
    specs = [SPECS[name] for name in {*names, *MACROS} - {"TOTAL"}]
    made = {module.name: module.body for module in wrapper.modules([*specs, TOTAL])}
    values = made["ReceivablesValues"]
    for excel, office_word in EXCEL_ONLY:
        assert excel in values
        values = values.replace(excel, office_word)
    stand_in = (HERE / "excel_vba" / "ReceivablesPython.bas").read_text(encoding="ascii")
    modules = (
        Module("ThisWorkbook", "workbook"),
        Module("TwinSheet", "sheet"),
        Module("ReceivablesCells", "standard", made["ReceivablesCells"]),
        Module("ReceivablesValues", "standard", values),
        Module("ReceivablesPython", "standard", stand_in),
    )
    column = [["", number] for number in ("10", "20", "30")]
    rows = [
        [formula, *column[row][1:]] if row < len(column) else [formula]
        for row, formula in enumerate(FORMULAS)
    ]
    rows += [["last", "", ""], ["", "", "99"]]
    sheet = Sheet("Twin", "TwinSheet", rows, formulas=True)
    return Workbook([sheet], Project("Cells", modules).vba_project_bin())


@pytest.mark.parametrize(("row", "formula"), list(enumerate(FORMULAS)))
def test_a_formula_shows(office, row, formula) -> None:
    assert office["cells"][row][0] == FORMULAS[formula]


def test_a_lost_process_is_told_once_and_the_rest_only_wait(office) -> None:
    *answers, notes = office["said"][3:]
    assert answers == [31.0, None, None, None]
    assert notes == "failed: the process is gone|wanted|wanted|"


def test_arrays_are_read_for_errors_only_where_the_flag_says_so(office) -> None:
    clean, marked, text = office["said"][:3]
    assert clean == [["step", "result"], ["month", 12.5]]
    assert marked == [["step", "\x01odd"], [None, 7.0]]
    assert text == "\x01text"
