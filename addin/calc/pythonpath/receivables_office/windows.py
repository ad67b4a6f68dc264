"""The office around a document: message boxes, forms, the status bar, new and opened documents."""

from __future__ import annotations

import json
import os

import uno
from com.sun.star.awt.MessageBoxType import INFOBOX
from com.sun.star.beans import PropertyValue

TITLE = "Receivables"
WIDEST = 12000
"""Width of a column in hundredths of a millimetre, beyond which its text is wrapped."""

WIDTH, LINE, MARGIN = 220, 14, 6
OK, CANCEL = 1, 2
BOLD = 150.0


class Windows:
    """The desktop.

    Without a screen a box would wait for ever: then nothing is asked, and what would be told is
    appended to the file that RECEIVABLES_TOLD names.
    """

    def __init__(self, context):
        self.context = context
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.indicator = None

    def service(self, name):
        """A service of the office."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def language(self):
        """Language of the menus, such as `zh-CN`."""
        place = PropertyValue(Name="nodepath", Value="/org.openoffice.Setup/L10N")
        settings = self.service("com.sun.star.configuration.ConfigurationProvider")
        access = "com.sun.star.configuration.ConfigurationAccess"
        return settings.createInstanceWithArguments(access, (place,)).getByName("ooLocale")

    def write_table(self, title, rows):
        """A new document with the table; texts stay texts, whatever they begin with."""
        document = self.desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, ())
        sheet = document.Sheets.getByIndex(0)
        sheet.setName("".join(sign for sign in title if sign not in "[]*?:/\\'")[:31] or TITLE)
        width = max(len(row) for row in rows)
        cells = tuple(
            tuple(as_cell(cell) for cell in [*row, *[None] * (width - len(row))]) for row in rows
        )
        area = sheet.getCellRangeByPosition(0, 0, width - 1, len(cells) - 1)
        area.setDataArray(cells)
        for column in area.getColumns():
            column.OptimalWidth = True
            column.Width = min(column.Width, WIDEST)
        area.IsTextWrapped = True
        sheet.getCellRangeByPosition(0, 0, width - 1, 0).CharWeight = BOLD
        document.setModified(False)
        return f"{document.Title}!{sheet.getName()}"

    def open(self, path):
        """Open a file in a window of its own."""
        self.desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, ())

    def pdf(self, source, target):
        """Print a file to PDF."""
        hidden = PropertyValue(Name="Hidden", Value=True)
        url = uno.systemPathToFileUrl(source)
        document = self.desktop.loadComponentFromURL(url, "_blank", 0, (hidden,))
        if document is None:
            return False
        try:
            kind = PropertyValue(Name="FilterName", Value="calc_pdf_Export")
            document.storeToURL(uno.systemPathToFileUrl(target), (kind,))
        finally:
            document.close(True)
        return True

    def progress(self, what, done, total):
        """The status bar; an empty text clears it."""
        if not what:
            self.idle()
            return
        frame = self.desktop.getCurrentFrame()
        if self.indicator is None and frame is not None:
            self.indicator = frame.createStatusIndicator()
            self.indicator.start(what, total)
        if self.indicator is not None:
            self.indicator.setText(what)
            self.indicator.setValue(done)

    def idle(self):
        """Nothing is going on any more."""
        if self.indicator is not None:
            self.indicator.end()
            self.indicator = None

    def tell(self, text):
        """A message box."""
        parent = self.parent()
        if parent is None:
            note(text)
            return
        box = self.service("com.sun.star.awt.Toolkit").createMessageBox(
            parent, INFOBOX, OK, TITLE, text
        )
        box.execute()

    def ask(self, title, questions):
        """A form with one line for each question; None if the user gave up."""
        parent = self.parent()
        if parent is None:
            return None
        model = self.service("com.sun.star.awt.UnoControlDialogModel")
        height = MARGIN * 3 + LINE * (2 * len(questions) + 1)
        place(model, 60, 60, WIDTH, height)
        model.Title = title
        for index, question in enumerate(questions):
            top = MARGIN + 2 * LINE * index
            width = WIDTH - 2 * MARGIN
            add(model, "FixedText", f"label{index}", top, width, Label=question["label"])
            add(model, "Edit", question["name"], top + LINE - 4, width, Text=question["default"])
        buttons = (("ok", OK, "OK", MARGIN), ("cancel", CANCEL, "Cancel", WIDTH // 2))
        for name, kind, label, left in buttons:
            part = add(
                model, "Button", name, height - LINE - MARGIN, 60, PushButtonType=kind, Label=label
            )
            part.PositionX = left
        dialog = self.service("com.sun.star.awt.UnoControlDialog")
        dialog.setModel(model)
        dialog.createPeer(self.service("com.sun.star.awt.Toolkit"), parent)
        try:
            if dialog.execute() != OK:
                return None
            return {
                question["name"]: dialog.getControl(question["name"]).getText()
                for question in questions
            }
        finally:
            dialog.dispose()

    def parent(self):
        """The window that boxes belong to; None without a screen."""
        frame = self.desktop.getCurrentFrame()
        return None if frame is None or without_screen() else frame.getContainerWindow()


def without_screen():
    """Whether this office runs headless."""
    if "RECEIVABLES_TOLD" in os.environ:
        return True
    try:
        with open("/proc/self/cmdline", "rb") as line:
            return b"--headless" in line.read().split(b"\0")
    except OSError:
        return False


def note(text):
    """Append what nobody can see to a file, where one is named."""
    name = os.environ.get("RECEIVABLES_TOLD")
    if name:
        with open(name, "a", encoding="utf-8") as handle:
            handle.write(json.dumps(text, ensure_ascii=False) + "\n")


def as_cell(value):
    """A value of JSON as a cell takes it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, dict):
        return value.get("error", "")
    return "" if value is None else str(value)


def add(model, kind, name, top, width, **properties):
    """A control on a form."""
    part = model.createInstance(f"com.sun.star.awt.UnoControl{kind}Model")
    place(part, MARGIN, top, width, LINE - 2)
    for key, value in properties.items():
        setattr(part, key, value)
    model.insertByName(name, part)
    return part


def place(part, left, top, width, height):
    """Position and size on a form."""
    part.PositionX, part.PositionY, part.Width, part.Height = left, top, width, height
