"""VBA of the cell functions, from the registry: what a formula calls, and its help in the wizard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from receivables.cells import ArgSpec, FunctionSpec
from receivables.errors import ReceivablesError
from receivables.resources import asset_path
from receivables_addin.excel.project import Module

CELLS = "ReceivablesCells"
HELP = "ReceivablesHelp"
SOURCES = (
    Module("ReceivablesValues", "standard"),
    Module("ReceivablesPython", "standard"),
    Module("ReceivablesWatch", "class"),
)
"""Modules written by hand, below `addin/excel/cells`: values, the Python process, its watch."""

XLWINGS_CHANGES = (
    ("    If DEBUG_UDFS = True Then", "    If True Then"),
    (
        'XLPyCommand = "{506e67c3-55b5-48c3-a035-eed5deea7d6d}"',
        "XLPyCommand = PythonServerId()",
    ),
)
"""Old and new text in xlwings' own module: its DLL joins our process and never starts one."""

MAX_LINE = 1023
MAX_MODULE = 48_000
"""Characters after which a further module begins; VBA stops at 64 K."""
MAX_HELP = 255
HELP_PER_SUB = 25
"""Functions per procedure: a VBA procedure may have 64 K compiled."""

SCREEN_TABLES = {"table"}
"""Shapes that are too heavy for the wizard, which calls at every key."""

TAKEN = {"array", "asked", "joined", "rest", "isobject", "inwizard"}
"""What a wrapper itself calls: an argument of that name would hide it."""


class WrapperError(ReceivablesError):
    """A function that VBA could not carry; the developer reads this at build."""


def modules(specs: Iterable[FunctionSpec]) -> tuple[Module, ...]:
    """Every module that the cell functions need in the add-in, in the order of the editor."""
    ordered = sorted(specs, key=lambda spec: spec.name)
    parts = [
        Module(f"{CELLS}{number or ''}", "standard", body)
        for number, body in enumerate(_bodies(ordered))
    ]
    parts += [Module(part.name, part.kind, _source(part)) for part in SOURCES]
    parts += [
        Module(f"{HELP}{number or ''}", "standard", body)
        for number, body in enumerate(_help_bodies(ordered))
    ]
    return tuple(parts)


def vba_module(specs: Iterable[FunctionSpec]) -> str:
    """The wrapper of the functions as one VBA module, with the attribute that names it.

    Raises:
        WrapperError: a name or a line that VBA refuses, or more functions than one module holds.
    """
    return _single(CELLS, _bodies(sorted(specs, key=lambda spec: spec.name)))


def register_sub(specs: Iterable[FunctionSpec]) -> str:
    """The module with `RegisterFunctions`, which tells Excel's function wizard the help in English.

    Excel may refuse help for a hidden workbook, so a refusal is passed over: the functions work without.

    Raises:
        WrapperError: more functions than one module holds.
    """
    return _single(HELP, _help_bodies(sorted(specs, key=lambda spec: spec.name)))


def _single(name: str, bodies: Sequence[str]) -> str:
    if len(bodies) != 1:
        raise WrapperError(f"{name} needs {len(bodies)} VBA modules: use modules().")
    return Module(name, "standard", bodies[0]).source()


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


def literal(text: str) -> str:
    """A VBA expression for a text; what is not ASCII is spelt out, whatever the code page.

    >>> print(literal('as of the "day" − 1'))
    "as of the ""day"" " & ChrW$(8722) & " 1"
    """
    parts = [""]
    for letter in text:
        if letter.isascii():
            parts[-1] += letter.replace('"', '""')
        else:
            # ChrW takes a signed 16-bit number
            parts += [f"ChrW$({_signed(unit)})" for unit in _units(letter)] + [""]
    return (
        " & ".join(part if part.startswith("ChrW$(") else f'"{part}"' for part in parts if part)
        or '""'
    )


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
    if any(arg.type.shape in SCREEN_TABLES for arg in spec.args):
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


def _help_bodies(specs: Sequence[FunctionSpec]) -> list[str]:
    chunks = [specs[start : start + HELP_PER_SUB] for start in range(0, len(specs), HELP_PER_SUB)]
    bodies = []
    for number, chunk in enumerate(chunks, 1):
        lines = ["Option Explicit", "Option Private Module", ""]
        lines += _help_head(len(chunks)) if number == 1 else []
        lines += [f"Public Sub RegisterFunctions{number}()", "    On Error Resume Next"]
        lines += [line for spec in chunk for line in _registered(spec)]
        bodies.append("\n".join([*lines, "End Sub"]) + "\n")
    return bodies


def _help_head(chunks: int) -> list[str]:
    return [
        "Public Sub RegisterFunctions()",
        *(f"    RegisterFunctions{number}" for number in range(1, chunks + 1)),
        "End Sub",
        "",
        "Public Sub RegisterFunction(ByVal what As String, ByVal group As String, ByVal text As String, _",
        "        ByVal arguments As Variant)",
        '    Application.MacroOptions Macro:="\'" & ThisWorkbook.Name & "\'!" & what, Description:=text, _',
        "        Category:=group, ArgumentDescriptions:=arguments",
        "End Sub",
        "",
    ]


def _registered(spec: FunctionSpec) -> list[str]:
    name, group, text, *arguments = (literal(item) for item in help_rows([spec])[0])
    return [
        f"    RegisterFunction {name}, {group}, _",
        f"        {text}, Array( _",
        *(
            f"        {item}{', _' if number < len(arguments) else ')'}"
            for number, item in enumerate(arguments, 1)
        ),
    ]


def _units(letter: str) -> list[int]:
    data = letter.encode("utf-16-le")
    return [int.from_bytes(data[at : at + 2], "little") for at in range(0, len(data), 2)]


def _signed(unit: int) -> int:
    return unit - 0x10000 if unit > 0x7FFF else unit
