"""Talks UNO for the tests: runs under the system's Python, takes one JSON request a line, answers so.

Usage: python3 calc_driver.py PIPE
"""

import json
import sys
import time

import uno
from com.sun.star.accessibility.AccessibleRole import MENU_BAR
from com.sun.star.beans import NamedValue, PropertyValue
from com.sun.star.sheet.FillDirection import TO_BOTTOM

TEXT = 2


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def parts(thing):
    """What a screen reader finds inside something."""
    inside = thing.getAccessibleContext()
    return [
        inside.getAccessibleChild(index).getAccessibleContext()
        for index in range(inside.getAccessibleChildCount())
    ]


class Driver:
    """The requests a test may make; each method is one, its parameters are the request's fields."""

    def __init__(self, pipe):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.doc = None

    def service(self, name, *arguments):
        manager = self.context.ServiceManager
        if arguments:
            return manager.createInstanceWithArgumentsAndContext(name, arguments, self.context)
        return manager.createInstanceWithContext(name, self.context)

    def open(self, url="private:factory/scalc", hidden=True):
        self.close()
        self.doc = self.desktop.loadComponentFromURL(url, "_blank", 0, properties(Hidden=hidden))

    def beside(self, url="private:factory/scalc"):
        """A second workbook, while the first stays the one that is asked."""
        self.second = self.desktop.loadComponentFromURL(url, "_blank", 0, properties(Hidden=True))

    def close_beside(self):
        self.second.close(True)

    def select(self, sheet, row, column):
        """A click on a cell."""
        cell = self.sheet(sheet).getCellByPosition(column, row)
        self.doc.getCurrentController().select(cell)

    def close(self):
        if self.doc is not None:
            self.doc.close(True)
            self.doc = None

    def save(self, url, filter_name):
        self.doc.storeToURL(url, properties(FilterName=filter_name))

    def save_as(self, url, filter_name, password=""):
        """The document goes on under the new name."""
        more = {}
        if password:
            key = (NamedValue("OOXPassword", password), NamedValue("CryptoType", "Standard"))
            more["EncryptionData"] = uno.Any("[]com.sun.star.beans.NamedValue", key)
        self.doc.storeAsURL(url, properties(FilterName=filter_name, **more))

    def store(self):
        """The document under the name it has."""
        self.doc.store()

    def is_modified(self):
        return self.doc.isModified()

    def automatic(self, on):
        self.doc.enableAutomaticCalculation(on)

    def sheet(self, name):
        if not self.doc.Sheets.hasByName(name):
            self.doc.Sheets.insertNewByName(name, self.doc.Sheets.Count)
        return self.doc.Sheets.getByName(name)

    def block(self, sheet, row, column, height, width):
        return self.sheet(sheet).getCellRangeByPosition(
            column, row, column + width - 1, row + height - 1
        )

    def fill(self, sheet, blocks):
        """Values as a user has them in cells; None leaves a cell blank."""
        for row, column, data in blocks:
            target = self.block(sheet, row, column, len(data), len(data[0]))
            target.setDataArray(tuple(map(tuple, data)))

    def tile(self, sheet, count, row):
        """The same row in that many rows from the top, copied by the office itself."""
        done = min(count, 4096)
        self.block(sheet, 0, 0, done, len(row)).setDataArray((tuple(row),) * done)
        page = self.sheet(sheet)
        while done < count:
            size = min(done, count - done)
            source = self.block(sheet, 0, 0, size, len(row)).getRangeAddress()
            page.copyRange(page.getCellByPosition(0, done).getCellAddress(), source)
            done += size

    def formulas(self, sheet, cells):
        """Formula text typed into cells, English names and semicolons; a size makes an array formula."""
        started = time.monotonic()
        for row, column, text, size in cells:
            if size:
                self.block(sheet, row, column, *size).setArrayFormula(text)
            else:
                self.sheet(sheet).getCellByPosition(column, row).setFormula(text)
        return time.monotonic() - started

    def fill_down(self, sheet, row, column, count):
        started = time.monotonic()
        self.block(sheet, row, column, count, 1).fillAuto(TO_BOTTOM, 1)
        return time.monotonic() - started

    def calculate(self):
        started = time.monotonic()
        self.doc.calculateAll()
        return time.monotonic() - started

    def read(self, sheet, blocks):
        """Results of blocks: a number, a text, or `{"error": code}`."""
        page = self.sheet(sheet)
        return [
            [
                [self.cell(page.getCellByPosition(column + j, row + i)) for j in range(width)]
                for i in range(height)
            ]
            for row, column, height, width in blocks
        ]

    def read_column(self, sheet, row, column, count):
        """Values of many cells in one call; errors come as None."""
        data = self.block(sheet, row, column, count, 1).getDataArray()
        return [line[0] if line[0] != () else None for line in data]

    @staticmethod
    def cell(cell):
        if cell.getError():
            return {"error": cell.getError()}
        if cell.FormulaResultType2 == TEXT:
            return cell.getString()
        # a blank in an array has the value 0 and shows nothing
        return cell.getValue() or (0.0 if cell.getString() else "")

    def formula(self, sheet, row, column):
        return self.sheet(sheet).getCellByPosition(column, row).getFormula()

    def describe(self):
        """What the function wizard knows of every function."""
        listed = self.service("com.sun.star.sheet.FunctionDescriptions")
        found = {}
        for index in range(listed.getCount()):
            one = {item.Name: item.Value for item in listed.getByIndex(index)}
            found[one["Name"]] = {
                "category": one["Category"],
                "description": one["Description"],
                "arguments": [
                    [a.Name, a.Description, a.IsOptional] for a in one["Arguments"] or ()
                ],
            }
        return found

    def texts(self, path, language, names):
        """Properties of a configuration node in a language of the office."""
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        view = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationAccess",
            properties(nodepath=path, Locale=language),
        )
        return {name: view.getByHierarchicalName(name) for name in names}

    def configure(self, path, name, value):
        """An option of the office."""
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        node = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationUpdateAccess", properties(nodepath=path)
        )
        node.setPropertyValue(name, value)
        node.commitChanges()

    def children(self, path):
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        view = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationAccess", properties(nodepath=path)
        )
        return list(view.ElementNames)

    def shown(self):
        """What stands around the document: menu, toolbars, status bar."""
        layout = self.doc.getCurrentController().getFrame().LayoutManager
        return [
            e.ResourceURL for e in layout.getElements() if layout.isElementVisible(e.ResourceURL)
        ]

    def menu(self, title):
        """Entries of a menu of the menu bar, with those below them, as a screen reader meets them."""
        window = self.doc.getCurrentController().getFrame().getContainerWindow()
        bar = next(part for part in parts(window) if part.getAccessibleRole() == MENU_BAR)
        menu = next(part for part in parts(bar) if part.getAccessibleName() == title)
        return {
            part.getAccessibleName(): [entry.getAccessibleName() for entry in parts(part)]
            for part in parts(menu)
        }

    def dispatch(self, url):
        """A press on a menu entry, by its command."""
        helper = self.service("com.sun.star.frame.DispatchHelper")
        frame = self.doc.getCurrentController().getFrame()
        helper.executeDispatch(frame, url, "_self", 0, ())

    def resolves(self, url):
        """Whether the frame knows who does a command."""
        parsed = uno.createUnoStruct("com.sun.star.util.URL")
        parsed.Complete = url
        _, parsed = self.service("com.sun.star.util.URLTransformer").parseStrict(parsed)
        frame = self.doc.getCurrentController().getFrame()
        return frame.queryDispatch(parsed, "_self", 0) is not None

    def terminate(self):
        self.close()
        try:
            self.desktop.terminate()
        except Exception:  # noqa: BLE001 - the bridge falls while the office says goodbye
            return


def main():
    driver = Driver(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"result": getattr(driver, request.pop("op"))(**request)}
        except Exception as fault:  # noqa: BLE001 - told to the test that asked
            answer = {"fault": f"{type(fault).__name__}: {fault}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
