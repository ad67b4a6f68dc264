"""Every row of the case tables typed into a real LibreOffice, recalculated and read back."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from receivables_addin.calc import hostfile

from receivables.cells import REGISTRY
from tests.calc_office import CalcOffice, calc_office
from tests.calc_sheets import ARGUMENTS, RESULTS, Typed, differs
from tests.case_tables import rows_for

CASES = [case.values[0] for case in rows_for("calc")]


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[CalcOffice]:
    with calc_office(tmp_path_factory.mktemp("cases")) as found:
        yield found


@pytest.fixture(scope="module")
def places(office) -> list:
    """All cases typed; where each answer stands."""
    typed = Typed()
    for number, case in enumerate(CASES):
        typed.add(number, case)
    office.ask("automatic", on=False)
    office.ask("fill", sheet=ARGUMENTS, blocks=typed.blocks)
    office.ask("formulas", sheet=ARGUMENTS, cells=typed.argument_formulas)
    office.ask("formulas", sheet=RESULTS, cells=typed.formulas)
    return typed.places


@pytest.fixture(scope="module")
def shown(office, places) -> list:
    office.ask("calculate")
    return office.ask("read", sheet=RESULTS, blocks=places)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.id for case in rows_for("calc")])
def test_in_calc(shown, number) -> None:
    assert not differs(CASES[number], shown[number])


def test_every_function_has_a_row_for_calc() -> None:
    assert {case["function"] for case in CASES} == set(REGISTRY)


@pytest.fixture(scope="module")
def shown_wrong(office, places, shown) -> list:
    """The same sheet, computed by a process whose functions are all off by one."""
    office.host_file.parent.mkdir(exist_ok=True)
    program = office.host_file.parent / "broken_python"
    script = Path(__file__).parent / "calc_broken_worker.py"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(script)])} "$@"\n')
    program.chmod(0o700)
    hostfile.write(hostfile.HostFile(interpreter=str(program)), office.host_file)
    office.kill_workers()
    # short answers are remembered until another call finds the process gone
    office.ask("calculate")
    office.ask("calculate")
    return office.ask("read", sheet=RESULTS, blocks=places)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_function_that_is_off_by_one_is_noticed(shown_wrong, name) -> None:
    failed = [
        case
        for case, cells in zip(CASES, shown_wrong, strict=True)
        if case["function"] == name and differs(case, cells)
    ]
    assert failed, f"no case of {name} notices a wrong answer in Calc"
