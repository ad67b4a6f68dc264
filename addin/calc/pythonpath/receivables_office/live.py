"""A refresh of the open document: rows moved, then its cells made those of a refreshed copy.

The copy is opened out of sight; its formulas, formats and texts are then in Calc's own terms.
"""

from __future__ import annotations

import contextlib

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.sheet.CellFlags import FORMULA
from com.sun.star.table import CellRangeAddress

from receivables_office.reentry import held

EXCEL, EXCEL_MACROS = "Calc MS Excel 2007 XML", "Calc MS Excel 2007 VBA XML"
LOOKS = (
    "CellBackColor", "CharColor", "CharWeight", "CharWeightAsian", "CharPosture", "CharHeight",
    "CharHeightAsian", "CharFontName", "CharUnderline", "HoriJustify", "VertJustify",
    "IsTextWrapped", "ParaIndent", "TopBorder", "BottomBorder", "LeftBorder", "RightBorder",
)  # fmt: skip
"""Properties of cells that make a look, number formats apart."""


class Live:
    """The open document, as a refresh sees it."""

    def __init__(self, document, desktop):
        self.document, self.desktop = document, desktop

    def save_copy(self, path):
        """Write the document as it stands to an Excel file elsewhere; it stays what and where it is."""
        name = EXCEL_MACROS if path.lower().endswith(".xlsm") else EXCEL
        kind = PropertyValue(Name="FilterName", Value=name)
        self.document.storeToURL(uno.systemPathToFileUrl(path), (kind,))
        return True

    def apply(self, plan):
        """Do what a plan says (`LivePlan.to_json`); Undo of the office does not take it back."""
        hidden = PropertyValue(Name="Hidden", Value=True)
        url = uno.systemPathToFileUrl(plan["copy"])
        copy = self.desktop.loadComponentFromURL(url, "_blank", 0, (hidden,))
        if copy is None:
            raise ValueError("the refreshed copy cannot be opened")
        try:
            with without_undo(self.document), same_view(self.document), held(self.document):
                Refresh(self.document, copy).run(plan)
            self.document.calculateAll()
        finally:
            copy.close(True)


class Refresh:
    """One document on its way to what its refreshed copy holds."""

    def __init__(self, document, copy):
        self.document, self.copy = document, copy
        self.sheets, self.fresh = document.Sheets, copy.Sheets
        self.formats = {}

    def run(self, plan):
        """The steps in their order."""
        for name in plan["added"]:
            self.sheets.insertNewByName(name, self.sheets.Count)
        for name, row, count in plan["moves"]:
            rows = self.sheets.getByName(name).Rows
            if count > 0:
                rows.insertByIndex(row - 1, count)
            else:
                rows.removeByIndex(row - 1, -count)
        for name, *corners in plan["cells"]:
            self.fill(*self.pair(name, corners))
        for name, *corners in plan["blocks"]:
            self.paint(*self.pair(name, corners))
        for name, sheet, top, left, bottom, right, new in plan["tables"]:
            self.table(name, self.address(sheet, top, left, bottom, right), new)
        for name, sheet, *corners in plan["anchors"]:
            self.anchor(name, self.pair(sheet, corners)[0])
        for name, column in plan["columns"]:
            self.sheets.getByName(name).Columns.getByIndex(column - 1).IsVisible = True
        for name in plan["sheets"]:
            self.sheets.getByName(name).IsVisible = True

    def pair(self, name, corners):
        """The same cells here and in the copy; corners count from 1."""
        top, left, bottom, right = (place - 1 for place in corners)
        return [
            sheets.getByName(name).getCellRangeByPosition(left, top, right, bottom)
            for sheets in (self.sheets, self.fresh)
        ]

    def fill(self, here, there):
        """Values as one array, then the formulas among them."""
        here.setDataArray(there.getDataArray())
        sheet = here.getSpreadsheet()
        for place in there.queryContentCells(FORMULA).getRangeAddresses():
            corners = (place.StartColumn, place.StartRow, place.EndColumn, place.EndRow)
            formulas = there.getSpreadsheet().getCellRangeByPosition(*corners).getFormulaArray()
            sheet.getCellRangeByPosition(*corners).setFormulaArray(formulas)

    def paint(self, here, there):
        """Number formats and looks, one group of equal cells after the other."""
        sheet = here.getSpreadsheet()
        groups = there.getUniqueCellFormatRanges()
        for index in range(groups.getCount()):
            group = groups.getByIndex(index)
            cells = self.document.createInstance("com.sun.star.sheet.SheetCellRanges")
            addresses = group.getRangeAddresses()
            for address in addresses:
                address.Sheet = sheet.getRangeAddress().Sheet
            cells.addRangeAddresses(addresses, False)
            cells.setPropertyValue("NumberFormat", self.number_format(group.NumberFormat))
            for name in LOOKS:
                look = group.getPropertyValue(name)
                if look is not None and look != cells.getPropertyValue(name):
                    cells.setPropertyValue(name, look)

    def number_format(self, key):
        """The number of a format of the copy in this document."""
        if key not in self.formats:
            known = self.copy.NumberFormats.getByKey(key)
            formats = self.document.NumberFormats
            number = formats.queryKey(known.FormatString, known.Locale, False)
            if number < 0:
                number = formats.addNew(known.FormatString, known.Locale)
            self.formats[key] = number
        return self.formats[key]

    def table(self, name, address, new):
        """The area of a table; Calc calls a table a database range."""
        ranges = self.document.DatabaseRanges
        if ranges.hasByName(name):
            ranges.getByName(name).setDataArea(address)
        elif new:
            ranges.addNewByName(name, address)
            ranges.getByName(name).AutoFilter = True

    def address(self, sheet, top, left, bottom, right):
        """An area as the office has it."""
        number = self.sheets.getByName(sheet).getRangeAddress().Sheet
        return CellRangeAddress(number, left - 1, top - 1, right - 1, bottom - 1)

    def anchor(self, name, cells):
        """A name that marks a block."""
        names = self.document.NamedRanges
        content = cells.AbsoluteName
        if names.hasByName(name):
            names.getByName(name).setContent(content)
        else:
            start = cells.getCellByPosition(0, 0).getCellAddress()
            names.addNewByName(name, content, start, 0)


@contextlib.contextmanager
def without_undo(document):
    """Nothing that is done meanwhile can be undone, nor what was done before in other rows.

    LibreOffice 7.4 dies when it undoes cells set as one array over formulas of a group.
    """
    undo = document.getUndoManager()
    undo.lock()
    document.lockControllers()
    try:
        yield
    finally:
        document.unlockControllers()
        undo.unlock()
        undo.clear()


@contextlib.contextmanager
def same_view(document):
    """The user finds the sheet, the cells and the scroll position that he left."""
    controller = document.getCurrentController()
    if controller is None:
        yield
        return
    sheet, selected = controller.getActiveSheet(), controller.getSelection()
    panes = [controller.getByIndex(place) for place in range(controller.getCount())]
    corners = [(pane.getFirstVisibleColumn(), pane.getFirstVisibleRow()) for pane in panes]
    place = selected.getRangeAddress() if hasattr(selected, "getRangeAddress") else None
    try:
        yield
    finally:
        controller.setActiveSheet(sheet)
        if place is not None:
            controller.select(
                sheet.getCellRangeByPosition(
                    place.StartColumn, place.StartRow, place.EndColumn, place.EndRow
                )
            )
        for pane, (column, row) in zip(panes, corners, strict=True):
            pane.setFirstVisibleColumn(column)
            pane.setFirstVisibleRow(row)
