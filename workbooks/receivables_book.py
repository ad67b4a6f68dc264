"""Build the workbooks to start from: plain in English and Chinese, and with buttons.

`python -m workbooks.receivables_book`
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from receivables_addin.excel.project import Module, Project
from receivables_addin.excel.sources import from_export

from receivables.book.new_book import new_book, sheet_count
from receivables.book.start import BUTTON_ROW
from receivables.book.start_texts import said

FOLDER = Path(__file__).parent
FILES = {"receivables.xlsx": "en", "receivables-zh.xlsx": "zh", "receivables.xlsm": "en"}
SOURCE = FOLDER / "buttons.bas"
VBA_NAME = "ReceivablesBook"
BUTTONS = ("refresh", "letters", "check", "undo")
_WIDTH, _HEIGHT = 118, 30


def build(folder: Path = FOLDER) -> list[Path]:
    """Write the workbooks; the same program gives the same bytes."""
    written = []
    for name, language in FILES.items():
        path = folder / name
        path.write_bytes(content(name, language))
        written.append(path)
    return written


def content(name: str, language: str) -> bytes:
    """One of the workbooks."""
    buttons = with_buttons(language) if name.endswith(".xlsm") else None
    return new_book(values={"language": language}, buttons=buttons)


def project(sheets: int) -> Project:
    """The VBA project: the workbook, its sheets, the buttons' module."""
    modules = (
        Module("ThisWorkbook", "workbook", "Option Explicit"),
        *(Module(f"Sheet{number}", "sheet", "Option Explicit") for number in range(1, sheets + 1)),
        from_export(SOURCE.read_text(encoding="utf-8")),
    )
    return Project(VBA_NAME, modules, "Buttons of the receivables workbook")


def with_buttons(language: str) -> Callable[[Any, Any], None]:
    """What puts the buttons on Start, and the macros behind them into the workbook."""

    def put(workbook: Any, sheet: Any) -> None:
        code = project(sheet_count(language)).vba_project_bin()
        workbook.add_vba_project(BytesIO(code), is_stream=True)
        workbook.set_vba_name("ThisWorkbook")
        for place, action in enumerate(BUTTONS):
            options = {
                "macro": f"Receivables{action.capitalize()}",
                "caption": said(f"button.{action}", language),
                "width": _WIDTH, "height": _HEIGHT,
                "x_offset": place * (_WIDTH + 14), "y_offset": 2,
            }  # fmt: skip
            sheet.insert_button(BUTTON_ROW, 2, options)

    return put


if __name__ == "__main__":
    for made in build():
        print(made)
