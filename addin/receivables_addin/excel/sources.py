"""Texts of VBA modules: our own, and the part of xlwings that the add-in needs, made safe."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from receivables.resources import asset_path
from receivables_addin.excel.conditions import resolve
from receivables_addin.excel.lint import GUARD
from receivables_addin.excel.project import Kind, Module, ProjectError

PROJECT_NAME = "receivables"
"""Of the settings: our sheet and our file, apart from those of a user's own xlwings."""

PROCEDURE = re.compile(
    r"^(?:Public |Private )?(Function|Sub) (\w+)\(.*?^End \1$\n?", re.DOTALL | re.MULTILINE
)
PUBLIC = ("XLPy", "GetConfig", "FileExists", "CreateGUID")
"""Procedures of xlwings that other modules of ours call."""

KEPT = (
    *PUBLIC, "GetConfigFilePath", "GetConfigFromSheet", "GetConfigFromFile", "WScript",
    "FileExistsOnWindows", "ParentFolder", "ExpandEnvironmentStrings", "SheetExists",
)  # fmt: skip
"""Procedures of xlwings taken as they are, but for the changes below."""

REPLACED = ("XLPyCommand", "XLPyLoadDLL")
"""Procedures of xlwings for which `xlwings_changed.bas` has ours."""

NOTE = """\
' A part of xlwings, changed by the receivables project: settings come from the add-in and the user
' only, never from a workbook; procedures that start programs or take code are left out."""

CONDITIONS = {
    "Mac": False,
    **{
        f'App = "Microsoft {name}"': name == "Excel"
        for name in ("Excel", "Word", "Access", "PowerPoint")
    },
}
"""Cell functions exist in Excel on Windows only, so the other branches are left out."""

FORBIDDEN = (
    "ActiveWorkbook", "ActiveSheet", "LICENSE_KEY", "PYTHONPATH", "CONDA", "pythonw", '".py"',
    "xlwings.pro", "GetDirectory", "cmd.exe", ".Run", "Shell(",
)  # fmt: skip
"""What would let a workbook, or a folder it lies in, choose what runs."""


def vba_folder() -> Path:
    """Where our VBA texts stand."""
    return asset_path("excel", "vba")


def own_module(file: str) -> Module:
    """A module of ours by its file in addin/excel/vba."""
    text = (vba_folder() / file).read_text(encoding="utf-8")
    kind: Kind = "workbook" if file == "ThisWorkbook.cls" else "standard"
    if kind == "workbook":
        return Module("ThisWorkbook", kind, text)
    return from_export(text)


def from_export(text: str) -> Module:
    """A standard module from the text the VBA editor exports.

    >>> from_export('Attribute VB_Name = "Texts"').name
    'Texts'

    Raises:
        ProjectError: it does not begin with its name.
    """
    first, _, body = text.lstrip("\ufeff").replace("\r\n", "\n").partition("\n")
    name = re.fullmatch(r'Attribute VB_Name = "(.*)"', first.rstrip())
    if not name:
        raise ProjectError(f"a module begins with {first!r}, not with Attribute VB_Name.")
    return Module(name[1], "standard", body)


def xlwings_module(text: str | None = None) -> Module:
    """The module `xlwings`: declarations and procedures of the installed version, made safe.

    Every change must find its place exactly once, so that a new xlwings stops the build instead
    of bringing back what was taken out.

    Raises:
        ProjectError: xlwings differs from what the changes were written for.
    """
    whole = from_export(xlwings_text() if text is None else text)
    plain = resolve(whole.body, CONDITIONS)
    procedures = {match[2]: match[0] for match in PROCEDURE.finditer(plain)}
    missing = [name for name in (*KEPT, *REPLACED) if name not in procedures]
    if missing:
        raise ProjectError(f"xlwings has no {', '.join(missing)} any more. Review the add-in.")
    head = plain[: next(PROCEDURE.finditer(plain)).start()].rstrip()
    changed = (vba_folder() / "xlwings_changed.bas").read_text(encoding="utf-8")
    taken = (_shut(procedures[name].rstrip(), name) for name in KEPT)
    body = "\n\n".join([f"{NOTE}\n{_private_declares(head)}", *taken, changed])
    return Module(whole.name, "standard", _made_safe(body, set(procedures)))


def _shut(procedure: str, name: str) -> str:
    """Keep a procedure away from formulas, which can call every public function of an add-in."""
    first, _, rest = procedure.partition("\n")
    if name not in PUBLIC:
        return f"Private {first.removeprefix('Public ')}\n{rest}"
    return f"{first}\n    {GUARD} ' not for formulas\n{rest}"


def _private_declares(head: str) -> str:
    return re.sub(
        r"^( *)(?:Private )?(Declare|Const) ", r"\1Private \2 ", head, flags=re.MULTILINE
    )


@cache
def xlwings_text() -> str:
    """The VBA that the installed xlwings brings for add-ins (BSD licence, notice inside).

    Raises:
        ProjectError: xlwings is not installed.
    """
    found = find_spec("xlwings")  # not imported: a build needs one file of it
    if found is None or found.origin is None:
        raise ProjectError("xlwings is not installed. Run: pip install xlwings")
    return Path(found.origin).with_name("xlwings_custom_addin.bas").read_text(encoding="utf-8")


def _made_safe(body: str, procedures: set[str]) -> str:
    name = 'PROJECT_NAME As String = "myaddin"'
    body = replace_once(body, name, name.replace("myaddin", PROJECT_NAME))
    body = replace_once(
        body, "In Range(sht.", "In sht.Range(sht."
    )  # the active sheet is not asked
    body = cut(body, "            'Workbook Sheet Config\n", "            'Add-in Sheet Config")
    body = cut(body, "    ' Directory Config\n", "    ' User Config\n")
    body = replace_once(body, "(sheet -> directory -> user", "(sheet of the add-in -> user")
    found = [word for word in FORBIDDEN if word in body]
    gone = procedures - set(KEPT) - set(REPLACED)
    found += sorted(word for word in gone if re.search(rf"\b{word}\b", body))
    if found:
        raise ProjectError(f"xlwings still uses {', '.join(found)}. Review the add-in.")
    return body


def replace_once(text: str, old: str, new: str) -> str:
    """Replace a text that must be there exactly once.

    Raises:
        ProjectError: it is not there, or more than once.
    """
    if text.count(old) != 1:
        raise ProjectError(
            f"{old.strip()!r} stands {text.count(old)} times in the VBA of xlwings, not once. "
            "Review the add-in for this version of xlwings."
        )
    return text.replace(old, new)


def cut(text: str, start: str, end: str) -> str:
    """Remove what stands from one text up to another, each there exactly once."""
    replace_once(text, end, end)
    replace_once(text, start, start)
    first, last = text.index(start), text.index(end)
    if first > last:
        raise ProjectError(f"{end.strip()!r} comes before {start.strip()!r}. Review the add-in.")
    return text[:first] + text[last:]
