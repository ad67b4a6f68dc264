"""Rules of VBA that only Excel would check, and then drops the whole project: checked at build."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from receivables.cells.declare import reserved
from receivables_addin.excel.project import Module, ProjectError

LINE = 1023
CONTINUATIONS = 24
PARAMETERS = 60
PROCEDURE_BYTES = 64_000
"""A procedure may have 64 K when compiled; its text is about that size."""
MODULE_LINES = 65_534
IDENTIFIER = 255

HARMLESS = {
    "Say": "a text of the add-in",
    "FunctionHelp": "a text of the add-in",
    "UiLanguage": "en or zh",
    "PythonIsReady": "yes or no",
    "PythonServerId": "a number that only this Excel can use",
    "CallPython": "calls declared cell functions only, as their own formula would",
    "Asked": "the same, with the values of the cells",
    "Joined": "puts lists together",
    "InWizard": "yes or no",
}
"""Public functions that are not meant for cells, and why a formula may call them all the same."""

GUARD = 'If TypeName(Application.Caller) = "Range" Then Exit Function'
"""What every public function of a module begins with that formulas must not reach."""

OPENING = re.compile(
    r"(?:(?P<scope>Public|Private|Friend) )?(?:Static )?"
    r"(?P<kind>Sub|Function|Property (?:Get|Let|Set)) (?P<name>[^\s(]+?)[$%&!#@]? *\((?P<rest>.*)",
    re.IGNORECASE,
)
CLOSING = re.compile(r"End (Sub|Function|Property)\b", re.IGNORECASE)
PARAMETER = re.compile(r"(?:Optional |ByVal |ByRef |ParamArray )*([^\s($%&!#@]+)")


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure of a module."""

    module: str
    kind: str
    name: str
    public: bool
    arguments: tuple[str, ...]
    size: int


def check(modules: Sequence[Module], cells: Iterable[str]) -> None:
    """Refuse texts that Excel would not compile, or that offer formulas more than the functions.

    Args:
        modules: the whole project.
        cells: names of the functions meant for cells.

    Raises:
        ProjectError: every fault found, with module and line or procedure.
    """
    faults = [fault for module in modules for fault in _lines(module)]
    found = [procedure for module in modules for procedure in procedures(module)]
    faults += [fault for procedure in found for fault in _names(procedure)]
    faults += _twins(modules, found)
    faults += _open_to_formulas(modules, found, frozenset(name.upper() for name in cells))
    if faults:
        raise ProjectError("The VBA of the add-in would not load:\n" + "\n".join(faults))


def procedures(module: Module) -> Iterator[Procedure]:
    """The procedures of a module, in their order."""
    opening: re.Match[str] | None = None
    size = 0
    for line in logical_lines(module.body):
        if opening is None:
            opening, size = OPENING.match(line.strip()), 0
        size += len(line)
        if opening is not None and CLOSING.match(line.strip()):
            yield _procedure(module, opening, size)
            opening = None


def logical_lines(text: str) -> Iterator[str]:
    """Lines with their continuations joined."""
    joined = ""
    for line in text.splitlines():
        joined += line
        if joined.endswith(" _"):
            joined = joined[:-1]
            continue
        yield joined
        joined = ""


def _procedure(module: Module, found: re.Match[str], size: int) -> Procedure:
    inside = found["rest"].rpartition(")")[0] if ")" in found["rest"] else found["rest"]
    inside = re.sub(r'"[^"]*"', '""', inside)
    inside = re.split(r"\) As |\) *'", inside)[0]
    matches = (PARAMETER.match(part.strip()) for part in inside.split(",") if part.strip())
    return Procedure(
        module=module.name,
        kind=found["kind"].title(),
        name=found["name"],
        public=(found["scope"] or "Public").title() == "Public",
        arguments=tuple(match[1] for match in matches if match),
        size=size,
    )


def _lines(module: Module) -> Iterator[str]:
    lines = module.source().split("\r\n")
    run = 0
    for number, line in enumerate(lines, 1):
        run = run + 1 if line.endswith(" _") else 0
        if len(line) > LINE:
            yield f"{module.name}, line {number}: {len(line)} characters, at most {LINE}."
        if run == CONTINUATIONS + 1:
            yield f"{module.name}, line {number}: over {CONTINUATIONS} continuations."
    if len(lines) > MODULE_LINES:
        yield f"{module.name}: {len(lines)} lines, at most {MODULE_LINES}. Split it."
    opened = [line for line in lines if line.startswith(("VERSION ", "BEGIN"))]
    if opened:
        yield f"{module.name}: {opened[0]!r} belongs to an exported file, not into a project."


def _names(found: Procedure) -> Iterator[str]:
    where = f"{found.module}.{found.name}"
    for name in (found.name, *found.arguments):
        if reserved().get(name.upper(), "").startswith("VBA"):
            yield f"{where}: {name} is a word of VBA. Rename it."
        elif not (name[:1].isalpha() and name.replace("_", "a").isalnum() and name.isascii()):
            yield f"{where}: {name} is no name in VBA: a letter, then letters, digits or _."
        elif len(name) > IDENTIFIER:
            yield f"{where}: {name} is longer than {IDENTIFIER} characters."
    for name, count in Counter(name.lower() for name in found.arguments).items():
        if count > 1:
            yield f"{where}: two arguments are called {name}; VBA ignores case."
    if found.name.lower() in {name.lower() for name in found.arguments}:
        yield f"{where}: an argument has the name of its procedure."
    if len(found.arguments) > PARAMETERS:
        yield f"{where}: {len(found.arguments)} arguments, at most {PARAMETERS}."
    if found.size > PROCEDURE_BYTES:
        yield f"{where}: {found.size} characters, about {PROCEDURE_BYTES} at most. Split it."


def _twins(modules: Sequence[Module], found: Sequence[Procedure]) -> Iterator[str]:
    kinds = {module.name: module.kind for module in modules}
    inside = Counter((one.module, one.kind, one.name.lower()) for one in found)
    for (module, _, name), count in inside.items():
        if count > 1:
            yield f"{module}: two procedures are called {name}."
    shared = Counter(
        one.name.lower() for one in found if one.public and kinds[one.module] == "standard"
    )
    for name, count in shared.items():
        if count > 1:
            yield f"{name} is public in {count} modules: Excel cannot tell which is meant."
        if name in {module.name.lower() for module in modules}:
            yield f"{name} is a procedure and a module: in a cell it would show #NAME?."


def _open_to_formulas(
    modules: Sequence[Module], found: Sequence[Procedure], cells: frozenset[str]
) -> Iterator[str]:
    """A formula of any workbook can call each public function of a standard module."""
    guarded = {module.name: GUARD in module.body for module in modules}
    standard = {module.name for module in modules if module.kind == "standard"}
    for one in found:
        known = one.name.upper() in cells or one.name in HARMLESS or guarded[one.module]
        if one.kind == "Function" and one.public and one.module in standard and not known:
            yield (
                f"{one.module}.{one.name}: any formula could call it. "
                "Make it Private, a Sub, or name it in HARMLESS with the reason."
            )
