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

    def modified(self):
        return self.doc.isModified()

    def formulas(self, sheet, address):
        return self.doc.Sheets.getByName(sheet).getCellRangeByName(address).getFormula()


if __name__ == "__main__":
    driver = Driver(sys.argv[1])
    steps = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    print(json.dumps([getattr(driver, name)(**given) for name, given in steps]))
