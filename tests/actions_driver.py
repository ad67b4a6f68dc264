"""Presses buttons in a running office: runs under the Python that has UNO, prints one JSON answer.

Usage: python3 actions_driver.py PIPE STEPS.json
"""

import json
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue


class Driver:
    """One visible document at a time; each method is a step."""

    def __init__(self, pipe):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.doc = None

    def service(self, name):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def open(self, url="private:factory/scalc"):
        self.doc = self.desktop.loadComponentFromURL(url, "_blank", 0, ())

    def fill(self, sheet, cells):
        """Values and formulas typed into cells."""
        if not self.doc.Sheets.hasByName(sheet):
            self.doc.Sheets.insertNewByName(sheet, self.doc.Sheets.Count)
        page = self.doc.Sheets.getByName(sheet)
        for address, value in cells.items():
            cell = page.getCellRangeByName(address)
            if isinstance(value, str) and value[:1] == "=":
                cell.setFormula(value)
            elif isinstance(value, str):
                cell.setString(value)
            else:
                cell.setValue(value)

    def save(self, url, filter_name):
        """Save under a name, as a user does: the document then is that file."""
        self.doc.storeAsURL(url, (PropertyValue(Name="FilterName", Value=filter_name),))

    def select(self, sheet, address):
        page = self.doc.Sheets.getByName(sheet)
        self.doc.CurrentController.setActiveSheet(page)
        self.doc.CurrentController.select(page.getCellRangeByName(address))

    def press(self, action):
        """What the menu does; the document that the action opened, if any, by its cells."""
        before = {self.key(each) for each in self.documents()}
        frame = self.doc.CurrentController.Frame
        frame.activate()
        dispatcher = self.service("com.sun.star.frame.DispatchHelper")
        dispatcher.executeDispatch(frame, f"service:org.receivables.Job?{action}", "", 0, ())
        time.sleep(0.1)
        fresh = [each for each in self.documents() if self.key(each) not in before]
        return [self.shown(each) for each in fresh]

    def documents(self):
        found = self.desktop.Components.createEnumeration()
        while found.hasMoreElements():
            yield found.nextElement()

    @staticmethod
    def key(document):
        return document.RuntimeUID

    @staticmethod
    def shown(document):
        sheet = document.Sheets.getByIndex(0)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(True)
        rows = cursor.getDataArray()
        return {
            "title": document.Title,
            "sheet": sheet.Name,
            "rows": [list(row) for row in rows[:40]],
        }

    def setting(self, name, value):
        """A setting typed into its row of the sheet Settings."""
        page = self.doc.Sheets.getByName("Settings")
        rows = page.getCellRangeByName("A1:A400").getDataArray()
        row = [cell for (cell,) in rows].index(name)
        page.getCellByPosition(1, row).setString(value)

    def own_column(self, table, heading, row, note):
        """A column added at the right end of a table, with a note in one of its rows (from 1)."""
        area = self.doc.DatabaseRanges.getByName(table).getDataArea()
        area.EndColumn += 1
        page = self.doc.Sheets.getByIndex(area.Sheet)
        page.getCellByPosition(area.EndColumn, area.StartRow).setString(heading)
        page.getCellByPosition(area.EndColumn, area.StartRow + row).setString(note)
        self.doc.DatabaseRanges.getByName(table).setDataArea(area)

    def rows(self, table):
        """What a table shows, headings first."""
        area = self.doc.DatabaseRanges.getByName(table).getDataArea()
        page = self.doc.Sheets.getByIndex(area.Sheet)
        cells = page.getCellRangeByPosition(
            area.StartColumn, area.StartRow, area.EndColumn, area.EndRow
        )
        return [list(row) for row in cells.getDataArray()]

    def undo_titles(self):
        return list(self.doc.getUndoManager().getAllUndoActionTitles())

    def store(self):
        self.doc.store()

    def view(self):
        """The sheet, the selected cell and the first row that is seen."""
        controller = self.doc.CurrentController
        return [
            controller.ActiveSheet.Name,
            controller.Selection.AbsoluteName,
            controller.getFirstVisibleRow(),
        ]

    def compare(self, url, skipped=()):
        """Cells of all sheets that a file holds otherwise, once both are calculated; its tables too."""
        hidden = PropertyValue(Name="Hidden", Value=True)
        other = self.desktop.loadComponentFromURL(url, "_blank", 0, (hidden,))
        other.calculateAll()
        self.doc.calculateAll()
        try:
            found = [self.doc.Sheets.ElementNames == other.Sheets.ElementNames]
            for name in other.Sheets.ElementNames:
                if name not in skipped:
                    found += self.different(name, other)
            mine, theirs = self.doc.DatabaseRanges, other.DatabaseRanges
            for name in theirs.ElementNames:
                if mine.hasByName(name) and str(mine.getByName(name).DataArea) != str(
                    theirs.getByName(name).DataArea
                ):
                    found.append([name, "area"])
            return found
        finally:
            other.close(True)

    def different(self, name, other):
        pages = [document.Sheets.getByName(name) for document in (self.doc, other)]
        ends = []
        for page in pages:
            cursor = page.createCursor()
            cursor.gotoEndOfUsedArea(False)
            ends.append(cursor.getRangeAddress())
        right = max(end.EndColumn for end in ends)
        bottom = max(end.EndRow for end in ends)
        cells = [page.getCellRangeByPosition(0, 0, right, bottom) for page in pages]
        for kind in ("getFormulaArray", "getDataArray"):
            mine, theirs = (getattr(each, kind)() for each in cells)
            for row, (ours, wanted) in enumerate(zip(mine, theirs, strict=True), 1):
                for column, (one, two) in enumerate(zip(ours, wanted, strict=True), 1):
                    if one != two:
                        yield [name, kind, row, column, one, two]

    def modified(self):
        return self.doc.isModified()

    def formulas(self, sheet, address):
        return self.doc.Sheets.getByName(sheet).getCellRangeByName(address).getFormula()


if __name__ == "__main__":
    driver = Driver(sys.argv[1])
    steps = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    print(json.dumps([getattr(driver, name)(**given) for name, given in steps]))
