"""Formulas of an Excel workbook that Calc did not understand when it loaded them, entered again.

LibreOffice 7.4 knows a function of an extension in a file only by its long name; the name that is typed
it keeps in small letters and shows #NAME?. Typing the formula again is enough.
"""

from __future__ import annotations

import contextlib
import functools
import re
from typing import NamedTuple

from com.sun.star.sheet.CellFlags import FORMULA
from com.sun.star.sheet.FillDirection import TO_BOTTOM

from receivables_office import rewrite
from receivables_office.document import untouched

SLOW = 10000
"""Formulas typed one by one at the most; each takes about half a millisecond."""

WORTH_FILLING = 4
"""Equal formulas below each other that are filled down rather than typed."""


class Run(NamedTuple):
    """Formulas of one column that are one formula filled down."""

    column: int
    top: int
    bottom: int


_REFERENCE = re.compile(
    r"\"[^\"]*\"|'[^']*'"
    r"|(?<![\w$])(?P<column>\$?[A-Za-z]{1,3})(?P<row>[1-9]\d{0,6})(?![\w(.])"
)
_CALLED = re.compile(r"([\w.]+)\s*\(")


class Reentry:
    """One document on its way to formulas that are understood."""

    def __init__(self, document, names):
        self.document, self.names = document, names
        self.entered = self.left = 0

    def run(self):
        """Enter what is not understood; the document then counts as changed no more than before."""
        plans = [(sheet, *self.plan(sheet)) for sheet in self.document.Sheets]
        named = [*self.named(), *self.conditions()]
        if not named and not any(runs or arrays for _, runs, arrays in plans):
            return self
        with untouched(self.document), held(self.document):
            for put, content in named:
                put(content)
            allowance = SLOW
            for sheet, runs, arrays in plans:
                allowance = self.enter(sheet, runs, arrays, allowance)
            if named:
                self.document.calculateAll()
        return self

    def plan(self, sheet):
        """What to enter on a sheet: columns of formulas, and array formulas by their range."""
        runs, arrays, seen = [], [], set()
        for area in sheet.queryContentCells(FORMULA).getRangeAddresses():
            cells = sheet.getCellRangeByPosition(
                area.StartColumn, area.StartRow, area.EndColumn, area.EndRow
            )
            rows = cells.getFormulaArray()
            for across in range(len(rows[0])):
                texts = [row[across] for row in rows]
                column = area.StartColumn + across
                runs += self.runs(column, area.StartRow, texts)
                for down, text in enumerate(texts):
                    place = (area.StartRow + down, column)
                    if text.startswith("{") and place not in seen and self.unknown(text):
                        # `getArrayFormula` would separate arguments as the user's language does
                        arrays.append((self.array(sheet, *place, seen), self.typed(text[1:-1])))
        return runs, arrays

    def runs(self, column, top, texts):
        """Formulas of one column, those below each other that are the same as one run."""
        found, last = [], None
        for row, text in enumerate(texts, top):
            if text.startswith("{") or not self.unknown(text):
                last = None
                continue
            form = relative(text, row)
            if form == last:
                found[-1] = found[-1]._replace(bottom=row)
            else:
                found.append(Run(column, row, row))
            last = form
        return found

    def array(self, sheet, row, column, seen):
        """Range of the array formula that a cell belongs to; its cells are marked as seen."""
        cursor = sheet.createCursorByRange(sheet.getCellByPosition(column, row))
        cursor.collapseToCurrentArray()
        place = cursor.getRangeAddress()
        seen.update(
            (down, across)
            for down in range(place.StartRow, place.EndRow + 1)
            for across in range(place.StartColumn, place.EndColumn + 1)
        )
        return cursor

    def enter(self, sheet, runs, arrays, allowance):
        """Enter the formulas of a sheet; how many more may be typed one by one."""
        if sheet.isProtected():
            self.left += len(arrays) + sum(run.bottom - run.top + 1 for run in runs)
            return allowance
        for cells, text in arrays:
            cells.setArrayFormula(text)
        self.entered += len(arrays)
        for run in runs:
            for part in alike(sheet, run):
                count = part.bottom - part.top + 1
                if count >= WORTH_FILLING and self.filled(sheet, part):
                    self.entered += count
                elif count <= allowance:
                    self.type(sheet, part)
                    allowance -= count
                    self.entered += count
                else:
                    self.left += count
        return allowance

    def filled(self, sheet, run):
        """Fill a formula down; whether every cell then has the formula it had."""
        cells = sheet.getCellRangeByPosition(run.column, run.top, run.column, run.bottom)
        before = [row[0] for row in cells.getFormulaArray()]
        sheet.getCellByPosition(run.column, run.top).setFormula(self.typed(before[0]))
        cells.fillAuto(TO_BOTTOM, 1)
        after = [row[0] for row in cells.getFormulaArray()]
        if [self.typed(text) for text in after] == [self.typed(text) for text in before]:
            return True
        cells.setFormulaArray(tuple((text,) for text in before))
        return False

    def type(self, sheet, run):
        """Enter the formulas of a run as they are."""
        cells = sheet.getCellRangeByPosition(run.column, run.top, run.column, run.bottom)
        cells.setFormulaArray(tuple((self.typed(row[0]),) for row in cells.getFormulaArray()))

    def named(self):
        """Named formulas that are not understood: what sets one, and its new content."""
        holders = [self.document.NamedRanges]
        holders += [sheet.NamedRanges for sheet in self.document.Sheets]
        for holder in holders:
            for name in holder.getElementNames():
                item = holder.getByName(name)
                if self.unknown(item.getContent()):
                    yield item.setContent, self.typed(item.getContent())

    def conditions(self):
        """Conditions of formats that are not understood: what sets one, and its new formula."""
        for sheet in self.document.Sheets:
            for listed in sheet.ConditionalFormats.getConditionalFormats():
                for index in range(listed.getCount()):
                    entry = listed.getByIndex(index)
                    for part in ("Formula1", "Formula2"):
                        text = getattr(entry, part, "")
                        if self.unknown(text):
                            yield functools.partial(setattr, entry, part), self.typed(text)

    def unknown(self, text):
        """Whether a formula calls a function of ours under another name than Calc's own."""
        for word in _CALLED.findall(text):
            written = word.encode()
            if self.names.find(written) and written.upper() not in self.names.full:
                return self.typed(text) != text
        return False

    def typed(self, text):
        """A formula as a user types it."""
        escaped = text.replace("&", "&amp;").encode()
        return self.names.in_formula(escaped, rewrite.EXCEL)[0].decode().replace("&amp;", "&")


def uses_ours(document, names):
    """Whether a cell of a document calls a function of ours."""
    for sheet in document.Sheets:
        for cells in sheet.queryContentCells(FORMULA):
            for row in cells.getFormulaArray():
                for text in row:
                    if any(names.find(word.encode()) for word in _CALLED.findall(text)):
                        return True
    return False


def relative(text, row):
    """A formula with its rows counted from its own, so that one filled down reads the same everywhere."""

    def counted(match):
        if match["row"] is None:
            return match[0]
        return "{}[{}]".format(match["column"], int(match["row"]) - row)

    return _REFERENCE.sub(counted, text)


def alike(sheet, run):
    """Parts of a run whose cells look the same: filling down takes the looks of the first cell along."""
    cells = sheet.getCellRangeByPosition(run.column, run.top, run.column, run.bottom)
    formats = cells.getCellFormatRanges()
    for index in range(formats.getCount()):
        place = formats.getByIndex(index).getRangeAddress()
        yield run._replace(top=place.StartRow, bottom=place.EndRow)


@contextlib.contextmanager
def held(document):
    """Nothing is painted or calculated until all is entered."""
    automatic = document.isAutomaticCalculationEnabled()
    document.enableAutomaticCalculation(False)
    document.addActionLock()
    try:
        yield
    finally:
        document.removeActionLock()
        document.enableAutomaticCalculation(automatic)
