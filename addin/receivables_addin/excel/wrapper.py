"""VBA of the cell functions, from the registry: what a formula calls, and the texts of its help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from receivables.cells import ArgSpec, FunctionSpec
from receivables.errors import ReceivablesError
from receivables.resources import asset_path
from receivables_addin.excel.project import Module

CELLS = "ReceivablesCells"
SOURCES = (
    Module("ReceivablesValues", "standard"),
    Module("ReceivablesPython", "standard"),
    Module("ReceivablesWatch", "class"),
)
"""Modules written by hand, below `addin/excel/cells`: values, the Python process, its watch."""

MAX_LINE = 1023
MAX_MODULE = 48_000
"""Characters after which a further module begins; VBA stops at 64 K."""
MAX_HELP = 255
TOO_HEAVY = "table"
"""Shape that is not computed while the wizard is open: it calls at every key."""

TAKEN = {"array", "asked", "joined", "rest", "isobject", "inwizard"}
"""What a wrapper itself calls: an argument of that name would hide it."""


class WrapperError(ReceivablesError):
    """A function that VBA could not carry; the developer reads this at build."""


def modules(specs: Iterable[FunctionSpec]) -> tuple[Module, ...]:
    """Every module that the cell functions need in the add-in, in the order of the editor.

    Raises:
        WrapperError: a name or a line that VBA refuses.
    """
    ordered = sorted(specs, key=lambda spec: spec.name)
    parts = [
        Module(f"{CELLS}{number or ''}", "standard", body)
        for number, body in enumerate(_bodies(ordered))
    ]
    parts += [Module(part.name, part.kind, _source(part)) for part in SOURCES]
    return tuple(parts)


def help_rows(specs: Iterable[FunctionSpec], language: str = "en") -> list[list[str]]:
    """Name, category, description and one text per argument: what the wizard shows, in a language."""
    return [
        [spec.name, category(spec), wizard(spec.text("summary", language))]
        + [wizard(spec.text(arg.name, language)) for arg in spec.args]
        for spec in sorted(specs, key=lambda spec: spec.name)
    ]


def category(spec: FunctionSpec) -> str:
    """Category of the function wizard: one for each line of defence."""
    return f"Receivables: {spec.family.capitalize()}"


def wizard(text: str) -> str:
    """A text on one line, cut at what the wizard can show."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_HELP else f"{line[: MAX_HELP - 3]}..."


def _bodies(specs: Sequence[FunctionSpec]) -> list[str]:
    bodies = [""]
    for spec in specs:
        text = wrapper(spec)
        if len(bodies[-1]) + len(text) > MAX_MODULE:
            bodies.append("")
        bodies[-1] += text
    return [f"Option Explicit\n{body}" for body in bodies]


def wrapper(spec: FunctionSpec) -> str:
    """The VBA function that a formula calls.

    Raises:
        WrapperError: an argument name that VBA refuses, or a line over 1,023 characters.
    """
    check(spec)
    fixed = spec.args[:-1] if spec.varargs else spec.args
    given = f"Array({', '.join(arg.name for arg in fixed)})"
    lines = [f"Public Function {spec.name}({', '.join(_parameters(spec))}) As Variant"]
    if any(arg.type.shape == TOO_HEAVY for arg in spec.args):
        lines.append("    If InWizard() Then Exit Function")
    if spec.varargs:
        lines += ["    Dim rest As Variant", f"    rest = {spec.args[-1].name}"]
        given = f"Joined({given}, rest)"
    lines += [f'    {spec.name} = Asked("{spec.name}", {given})', "End Function"]
    long = [line for line in lines if len(line) > MAX_LINE]
    if long:
        raise WrapperError(
            f"{spec.name}: a line of VBA has {len(long[0])} characters, 1,023 at most."
        )
    return "\n" + "\n".join(lines) + "\n"


def check(spec: FunctionSpec) -> None:
    """Refuse names that would break the whole VBA module.

    Raises:
        WrapperError: two arguments alike but for their case, or a name that hides what we call.
    """
    names = [arg.name.lower() for arg in spec.args]
    for name in names:
        if names.count(name) > 1 or name in TAKEN or name == spec.name.lower():
            raise WrapperError(f"{spec.name}: VBA cannot have the argument {name}. Rename it.")


def _parameters(spec: FunctionSpec) -> list[str]:
    return [_parameter(arg, last=spec.varargs and arg is spec.args[-1]) for arg in spec.args]


def _parameter(arg: ArgSpec, *, last: bool) -> str:
    if last:
        return f"ParamArray {arg.name}() As Variant"
    return f"{'' if arg.required else 'Optional '}{arg.name} As Variant"


def _source(part: Module) -> str:
    suffix = "cls" if part.kind == "class" else "bas"
    return asset_path("excel", f"cells/{part.name}.{suffix}").read_text(encoding="ascii")
