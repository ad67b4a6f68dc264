"""Checks of the Python that answers Excel, and of the DLL that starts it."""

from __future__ import annotations

from pathlib import Path

from receivables_addin.excel import interpreter
from receivables_addin.excel.case import (
    NEEDS_RECORD,
    NEEDS_REGISTRY,
    Case,
    finding,
    not_checked,
    ok,
)
from receivables_addin.findings import Finding, State

SILENT = "the interpreter does not answer"
BENDING = ("PYTHONHOME", "PYTHONPATH")
"""Variables that make Python load other files than its own."""


def python_is_there(case: Case) -> Finding:
    """The interpreter named in the settings exists."""
    if case.python is None:
        return not_checked("interpreter", NEEDS_RECORD)
    shown = case.profile.short(case.python)
    if not case.python.is_file():
        return finding("interpreter", "fail", f"{shown} is not there")
    return ok("interpreter", shown)


def python_starts(case: Case) -> Finding:
    """It starts and answers in time."""
    if case.python is None or not case.python.is_file():
        return not_checked("interpreter_runs", "there is no interpreter")
    if case.answer is None:
        return finding("interpreter_runs", "fail", case.trouble)
    answer = case.answer
    system = "" if answer.windows else ", not a Python for Windows"
    return ok("interpreter_runs", f"Python {answer.python}, {answer.bits} bit{system}")


def not_from_the_store(case: Case) -> Finding:
    """Its base installation is not a Store package."""
    if case.answer is None:
        return not_checked("store_python", SILENT)
    state: State = "fail" if interpreter.from_the_store(case.answer.base) else "ok"
    return finding("store_python", state, case.profile.short(Path(case.answer.base)))


def package_is_the_same(case: Case) -> Finding:
    """The package that answers is the one that built the add-in."""
    return _version(case, "package", "receivables")


def xlwings_is_the_same(case: Case) -> Finding:
    """So is xlwings: the DLL's name carries its version."""
    return _version(case, "xlwings", "xlwings")


def _version(case: Case, check: str, package: str) -> Finding:
    if case.record is None or case.answer is None:
        return not_checked(check, SILENT if case.record else NEEDS_RECORD)
    found = case.answer.receivables if package == "receivables" else case.answer.xlwings
    built = case.record.program if package == "receivables" else case.record.xlwings
    seen = f"{package} {found or 'is missing'}, add-in built with {built}"
    return finding(check, "ok" if found == built else "fail", seen)


def pywin32_imports(case: Case) -> Finding:
    """pywin32, without which xlwings cannot serve Excel, can be imported."""
    if case.answer is None:
        return not_checked("pywin32", SILENT)
    if not case.answer.windows:
        return not_checked("pywin32", "the interpreter is not a Python for Windows")
    state: State = "ok" if case.answer.pywin32 == "ok" else "fail"
    return finding("pywin32", state, case.answer.pywin32)


def functions_load(case: Case) -> Finding:
    """The cell functions load in the way the add-in loads them, and answer."""
    if case.answer is None:
        return not_checked("functions", SILENT)
    good = case.answer.functions.endswith(" functions")
    return finding("functions", "ok" if good else "fail", case.answer.functions)


def libraries_load(case: Case) -> Finding:
    """The compiled packages that reports need load on this machine."""
    if case.answer is None:
        return not_checked("libraries", SILENT)
    state: State = "ok" if case.answer.libraries == "ok" else "fail"
    return finding("libraries", state, case.answer.libraries)


def nothing_bends_python(case: Case) -> Finding:
    """No variable of the environment sends Python elsewhere."""
    if case.environment is None:
        return not_checked("environment", "needs the variables of the Windows user")
    found = [f"{name}={case.environment[name]}" for name in BENDING if case.environment.get(name)]
    return finding("environment", "warn" if found else "ok", "; ".join(found) or "none is set")


def bits_are_known(case: Case) -> Finding:
    """Whether Excel wants the DLL of 32 or of 64 bit."""
    if case.profile.registry is None:
        return not_checked("excel_bits", NEEDS_REGISTRY)
    bits = interpreter.excel_bits(case.profile.registry)
    if bits is None:
        return not_checked("excel_bits", "the registry does not say; 64 is taken")
    return ok("excel_bits", f"{bits} bit")


def dll_is_there(case: Case) -> Finding:
    """The DLL stands in one of the two folders where the add-in looks."""
    if case.record is None or case.python is None:
        return not_checked("dll", NEEDS_RECORD)
    bits = interpreter.excel_bits(case.profile.registry) or 64
    name = interpreter.dll_name(case.record.xlwings, bits)
    if case.dll is not None:
        return ok("dll", case.profile.short(case.dll))
    if case.answer is not None and not case.answer.windows:
        return not_checked("dll", f"{name} belongs to a Python for Windows, this one is not")
    folders = interpreter.dll_folders(case.python)
    others = sorted(path.name for folder in folders for path in folder.glob("xlwings*.dll"))
    seen = f"{name} is not in {' or '.join(map(case.profile.short, folders))}"
    return finding("dll", "fail", f"{seen}; there: {', '.join(others)}" if others else seen)


CHECKS = {
    "interpreter": python_is_there,
    "interpreter_runs": python_starts,
    "store_python": not_from_the_store,
    "package": package_is_the_same,
    "xlwings": xlwings_is_the_same,
    "pywin32": pywin32_imports,
    "functions": functions_load,
    "libraries": libraries_load,
    "environment": nothing_bends_python,
    "excel_bits": bits_are_known,
    "dll": dll_is_there,
}
