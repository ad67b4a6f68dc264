"""Build the Excel add-in receivables.xlam from its text sources, on any system."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import receivables
from receivables.actions import GROUPS
from receivables.cells import REGISTRY, FunctionSpec, load_functions
from receivables.resources import asset_path
from receivables_addin.excel import lint, ribbon, wrapper
from receivables_addin.excel.package import Sheet, Workbook
from receivables_addin.excel.project import Module, Project, ProjectError
from receivables_addin.excel.sources import PROJECT_NAME, own_module, xlwings_module

FILE = "receivables.xlam"
VBA_NAME = "ReceivablesAddin"
DESCRIPTION = "Credit control inside the spreadsheet"
OWN_MODULES = ("Ribbon.bas", "Startup.bas", "Texts.bas")
SHEET_MODULES = {f"{PROJECT_NAME}.conf": "ConfSheet", "Texts": "TextSheet", "Help": "HelpSheet"}


def build_addin(target: Path) -> Path:
    """Write the add-in; the same program gives the same bytes.

    Raises:
        ProjectError: a text that Excel could not load, or a place that cannot be written.
    """
    ending = Path(FILE).suffix
    if target.suffix.lower() != ending:
        raise ProjectError(f"{target} must end in {ending}: Excel goes by the ending. Rename it.")
    content = addin_content()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except OSError as fault:
        raise ProjectError(
            f"{target} cannot be written ({fault.strerror}). Close Excel, or choose another place."
        ) from None
    return target


def addin_content() -> bytes:
    """The bytes of the add-in."""
    specs = all_functions()
    wanted = ribbon.icons(specs)
    book = Workbook(
        sheets=sheets(specs),
        vba_project=project(specs).vba_project_bin(),
        ribbon=ribbon.ribbon_xml(specs),
        icons={name: asset_path("excel", f"icons/{name}.png").read_bytes() for name in wanted},
    )
    return book.packed(Path(FILE).suffix)


def all_functions() -> list[FunctionSpec]:
    """Every declared function, by name."""
    load_functions()
    return sorted(REGISTRY.values(), key=lambda spec: spec.name)


def project(specs: Sequence[FunctionSpec]) -> Project:
    """The VBA project: events, the sheets' modules, our modules, xlwings, the functions.

    Raises:
        ProjectError: a rule of VBA is broken.
    """
    modules = (
        own_module("ThisWorkbook.cls"),
        *(Module(name, "sheet") for name in SHEET_MODULES.values()),
        *(own_module(file) for file in OWN_MODULES),
        xlwings_module(),
        *wrapper.modules(specs),
    )
    lint.check(modules, [spec.name for spec in specs])
    return Project(VBA_NAME, modules, DESCRIPTION)


def sheets(specs: Sequence[FunctionSpec]) -> list[Sheet]:
    """Settings, and every text in English and Chinese, which the code page of VBA could not hold."""
    rows: dict[str, Sequence[Sequence[str]]] = {
        f"{PROJECT_NAME}.conf": settings_rows(),
        "Texts": [("key", "en", "zh"), *ribbon.texts()],
        "Help": help_rows(specs),
    }
    return [
        Sheet(name, SHEET_MODULES[name], content, hidden=name != f"{PROJECT_NAME}.conf")
        for name, content in rows.items()
    ]


def settings_rows() -> list[tuple[str, str]]:
    """Settings of the add-in itself; which Python it starts stands in the user's own file.

    Booleans are text: a boolean cell would reach VBA in the language of Windows.
    """
    return [
        ("ADD_WORKBOOK_TO_PYTHONPATH", "false"),
        ("USE UDF SERVER", "true"),
        ("RECEIVABLES VERSION", receivables.__version__),
        ("XLWINGS VERSION", version("xlwings")),
    ]


def help_rows(specs: Sequence[FunctionSpec]) -> list[tuple[str, ...]]:
    """Help of the function wizard: a row for the function, then one for each argument."""
    lines = {group.id: group for group in GROUPS}
    rows: list[tuple[str, ...]] = [("function", "argument", "en", "zh", "group en", "group zh")]
    english, chinese = (wrapper.help_rows(specs, language) for language in ("en", "zh"))
    for spec, en, zh in zip(specs, english, chinese, strict=True):
        group_zh = f"应收账款:{lines[spec.family].label_zh}"
        rows.append((spec.name, "", en[2], zh[2], en[1], group_zh))
        arguments = zip(spec.args, en[3:], zh[3:], strict=True)
        rows += [(spec.name, arg.name, text, text_zh) for arg, text, text_zh in arguments]
    return rows
