"""A spreadsheet document: its cells, tables and settings, read without leaving a trace."""

from __future__ import annotations

import contextlib

import uno
from com.sun.star.table.CellContentType import FORMULA

ERRORS = {
    521: "#NULL!", 532: "#DIV/0!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 503: "#NUM!",
    504: "#REF!", 32767: "#N/A",
}  # fmt: skip
FORMULAS_WITH_ERROR = 4
SETTINGS = ("settings", "设置")
LARGEST_RESULT = 10000
"""Cells of an expression's result that are read."""


class Workbook:
    """The document in front; it may be no spreadsheet at all."""

    def __init__(self, document, windows):
        self.document, self.windows = document, windows
        self.is_book = document is not None and document.supportsService(
            "com.sun.star.sheet.SpreadsheetDocument"
        )

    def described(self):
        """Name, file and active cell."""
        if not self.is_book:
            return {"name": "", "path": None, "saved": True, "selection": None}
        url = self.document.getURL()
        return {
            "name": self.document.Title,
            "path": uno.fileUrlToSystemPath(url) if url.startswith("file:") else None,
            "saved": bool(url) and not self.document.isModified(),
            "selection": self.selection(),
        }

    def selection(self):
        """The first cell of what is selected."""
        cell = self.selected_cell()
        if cell is None:
            return None
        place = cell.getCellAddress()
        sheet = cell.getSpreadsheet().getName()
        return {
            "sheet": sheet,
            "address": cell.AbsoluteName.rpartition(".")[2].replace("$", ""),
            "formula": cell.getFormula() if cell.getType() == FORMULA else "",
            "value": self.values(
                sheet, place.Row + 1, place.Column + 1, place.Row + 1, place.Column + 1
            ),
        }

    def selected_cell(self):
        """A cell, or None where a drawing is selected or nobody looks at the document."""
        controller = self.document.getCurrentController()
        selected = controller.getSelection() if controller else None
        if selected is None:
            return None
        if selected.supportsService("com.sun.star.sheet.SheetCellRanges"):
            selected = selected.getByIndex(0) if selected.getCount() else None
        if selected is None or not hasattr(selected, "getCellByPosition"):
            return None
        return selected.getCellByPosition(0, 0)

    def settings(self):
        """Names and values of the sheet Settings: its first two columns."""
        for sheet in self.document.Sheets:
            if sheet.getName().casefold() in SETTINGS:
                rows = self.used(sheet).getDataArray()
                return {
                    str(row[0]).strip(): row[1]
                    for row in rows
                    if len(row) > 1 and row[0] != "" and row[1] != ""
                    and str(row[0]).casefold() not in ("name", "setting", "名称", "设置")
                }  # fmt: skip
        return {}

    def language(self):
        """The language that the sheet Settings asks for; empty without one."""
        return str(self.settings().get("language", "")) if self.is_book else ""

    def tables(self):
        """Database ranges: sheet, top, left, bottom, right."""
        found = {}
        ranges = self.document.DatabaseRanges
        for name in ranges.getElementNames():
            area = ranges.getByName(name).getDataArea()
            sheet = self.document.Sheets.getByIndex(area.Sheet).getName()
            found[name] = [
                sheet, area.StartRow + 1, area.StartColumn + 1, area.EndRow + 1, area.EndColumn + 1,
            ]  # fmt: skip
        return found

    def values(self, sheet, top, left, bottom, right):
        """Values of an area, cut to what is used; None is blank, an error a dict with its code."""
        page = self.document.Sheets.getByName(sheet)
        end = self.used(page).getRangeAddress()
        bottom = max(top, min(bottom, end.EndRow + 1))
        right = max(left, min(right, end.EndColumn + 1))
        cells = page.getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)
        rows = values_of(cells)
        return rows[0][0] if (top, left) == (bottom, right) else rows

    def evaluate(self, expression, sheet):
        """Value of an expression, calculated in the far corner of its sheet and wiped out again."""
        page = self.document.Sheets.getByName(sheet)
        last = page.getRangeAddress()
        with untouched(self.document):
            corner = page.getCellByPosition(last.EndColumn, last.EndRow)
            rows, columns = (
                size_of(corner, f"={name}({expression})") for name in ("ROWS", "COLUMNS")
            )
            if rows * columns > LARGEST_RESULT:
                raise ValueError(f"{expression} gives more than {LARGEST_RESULT:,} cells")
            block = page.getCellRangeByPosition(
                last.EndColumn - columns + 1, last.EndRow - rows + 1, last.EndColumn, last.EndRow
            )
            try:
                block.setArrayFormula("=" + expression)
                found = values_of(block)
            finally:
                block.setArrayFormula("")
                block.clearContents(1023)
        return found[0][0] if rows == columns == 1 else found

    def show_sheet(self, name):
        """Bring a sheet to the front."""
        sheets = self.document.Sheets
        if not sheets.hasByName(name):
            return False
        controller = self.document.getCurrentController()
        if controller:
            controller.setActiveSheet(sheets.getByName(name))
        return True

    @staticmethod
    def used(sheet):
        """From A1 to the last used cell."""
        cursor = sheet.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        end = cursor.getRangeAddress()
        return sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)


def values_of(cells):
    """Rows of values; `getDataArray` shows an error as nothing, so errors are asked for."""
    rows = [[None if cell == "" else cell for cell in row] for row in cells.getDataArray()]
    start = cells.getRangeAddress()
    wrong = cells.queryFormulaCells(FORMULAS_WITH_ERROR)
    for area in wrong.getRangeAddresses():
        for row in range(area.StartRow, area.EndRow + 1):
            for column in range(area.StartColumn, area.EndColumn + 1):
                down, across = row - start.StartRow, column - start.StartColumn
                number = cells.getCellByPosition(across, down).getError()
                rows[down][across] = {"error": ERRORS.get(number, "#VALUE!")}
    return rows


def size_of(cell, formula):
    """A count that a formula gives over whole ranges; 1 where it gives none."""
    cell.setArrayFormula(formula)
    count = 1 if cell.getError() else int(cell.getValue())
    cell.setArrayFormula("")
    return max(count, 1)


@contextlib.contextmanager
def untouched(document):
    """The document neither remembers what is done meanwhile, nor counts as changed by it."""
    modified = document.isModified()
    undo = document.getUndoManager()
    undo.lock()
    document.lockControllers()
    try:
        yield
    finally:
        document.unlockControllers()
        undo.unlock()
        document.setModified(modified)
