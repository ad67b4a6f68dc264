"""The add-in as a macro workbook that LibreOffice can run: Excel's own parts are replaced by stand-ins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from receivables.cells import FunctionSpec
from receivables.resources import asset_path
from receivables_addin.excel.build import all_functions, project, sheets
from receivables_addin.excel.package import Sheet, Workbook
from receivables_addin.excel.project import Module, Project
from receivables_addin.excel.sources import from_export

ENDING = ".xlsm"
SHEET = "Twin"
OPTIONS = "Application.MacroOptions Macro:=what, Description:=summary, Category:=category"
REPLACED = (
    ("As IRibbonControl", "As Object"),
    ("WithEvents ", ""),
    (
        f"{OPTIONS}, ArgumentDescriptions:=arguments",
        'NoteHelp what, summary, category, Join(arguments, "|")',
    ),
    (OPTIONS, 'NoteHelp what, summary, category, ""'),
)
"""What LibreOffice has no word for, and what stands for it."""

OFFICE_WORDS = ("base",)
"""Names of arguments that VBA takes and LibreOffice's Basic does not."""

LEFT_OUT = ("ReceivablesWatch",)
"""Listens to events that LibreOffice does not have."""


def build_twin(target: Path, formulas: Sequence[str] = (), language: str = "") -> Path:
    """Write the twin: the add-in's own modules, sheets and wrapper, with the formulas in column A.

    LibreOffice cannot open an .xlam, and it compiles a project as a whole: one `Declare` of Windows
    and every function answers nothing.
    """
    specs = all_functions()
    column = [*formulas] or [""]
    cells = [[text, language if row == 0 else ""] for row, text in enumerate(column)]
    book = Workbook(
        sheets=[Sheet(SHEET, "TwinSheet", cells, formulas=True), *sheets(specs)],
        vba_project=twin_project(specs).vba_project_bin(),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(book.packed(ENDING))
    return target


def twin_project(specs: Sequence[FunctionSpec]) -> Project:
    """The add-in's project with stand-ins for what only Excel on Windows has."""
    whole = project(specs)
    folder = asset_path("excel", "twin")
    stand_ins = [
        from_export(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.bas"))
    ]
    stand_ins += [
        Module(path.stem, "class", path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.cls"))
    ]
    replaced = {*LEFT_OUT, *(module.name for module in stand_ins)}
    kept = [_for_office(module) for module in whole.modules if module.name not in replaced]
    twin_sheet = Module("TwinSheet", "sheet")
    return Project(whole.name, (kept[0], twin_sheet, *kept[1:], *stand_ins), whole.description)


def _for_office(module: Module) -> Module:
    body = module.body
    for excel, office in REPLACED:
        body = body.replace(excel, office)
    for word in OFFICE_WORDS:
        body = re.sub(rf"\b{word}\b", f"{word}_", body)
    return Module(module.name, module.kind, body)
