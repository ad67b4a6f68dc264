"""A workbook in a fake Excel: the COM members that xlwings and our host ask for, and no other."""

# ruff: noqa: N802, N803 - the names are those of COM

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.xlwings_fake import pywin32
from tests.xlwings_fake.excel import ComObject
from tests.xlwings_fake.session import windows

AUTOMATIC, MANUAL = -4105, -4135


def corner(address: str) -> tuple[int, int]:
    signs, digits = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", address).groups()
    column = 0
    for sign in signs:
        column = column * 26 + ord(sign) - 64
    return int(digits), column


def letters(column: int) -> str:
    text = ""
    while column:
        column, place = divmod(column - 1, 26)
        text = chr(65 + place) + text
    return text


class Paint(ComObject):
    """Interior: what is set is written down with the cells it was set for."""

    def __setattr__(self, name: str, value: Any) -> None:
        cells = self.__dict__["cells"]
        cells.Worksheet.painted.append((cells.Address, name, value))


class Range(ComObject):
    """Cells of a sheet."""

    def __init__(self, sheet: Sheet, top: int, left: int, rows: int = 1, columns: int = 1) -> None:
        super().__init__(Worksheet=sheet, Parent=sheet, Row=top, Column=left)
        self.Rows, self.Columns = ComObject(Count=rows), ComObject(Count=columns)
        self.Count = rows * columns
        self.Application, self.Font = sheet.Application, ComObject(Bold=False)
        self._oleobj_ = pywin32.PyIDispatch(pywin32.RANGE)
        self.Interior = Paint(cells=self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "NumberFormat":
            self.Worksheet.painted.append((self.Address, name, value))
        super().__setattr__(name, value)

    @property
    def Address(self) -> str:
        last = f"${letters(self.Column + self.Columns.Count - 1)}${self.Row + self.Rows.Count - 1}"
        first = f"${letters(self.Column)}${self.Row}"
        return first if self.Count == 1 else f"{first}:{last}"

    def __call__(self, row: int, column: int) -> Range:
        return Range(self.Worksheet, self.Row + row - 1, self.Column + column - 1)

    def _places(self) -> list[list[tuple[int, int]]]:
        return [
            [(self.Row + row, self.Column + column) for column in range(self.Columns.Count)]
            for row in range(self.Rows.Count)
        ]

    @property
    def Value(self) -> Any:
        rows = tuple(
            tuple(self.Worksheet.cells.get(place) for place in row) for row in self._places()
        )
        return rows[0][0] if self.Count == 1 else rows

    @Value.setter
    def Value(self, values: Any) -> None:
        rows = values if isinstance(values, tuple) else ((values,),)
        self.Worksheet.written.append(self.Address)
        for places, row in zip(self._places(), rows, strict=True):
            self.Worksheet.cells.update(zip(places, row, strict=True))

    @property
    def Formula2(self) -> str:
        return self.Worksheet.formulas[self.Row, self.Column]

    @property
    def HasFormula(self) -> bool:
        return (self.Row, self.Column) in self.Worksheet.formulas

    @property
    def HasSpill(self) -> bool:
        return (self.Row, self.Column) in self.Worksheet.spilled

    @property
    def SpillParent(self) -> Range:
        return Range(self.Worksheet, *self.Worksheet.spilled[self.Row, self.Column])

    def Select(self) -> None:
        self.Application.ActiveCell = self


class Rows(ComObject):
    """Whole rows of a sheet."""

    def Insert(self, Shift: int, CopyOrigin: int) -> None:
        assert (Shift, CopyOrigin) == (-4121, 0)
        self.sheet.shift(self.first, self.last - self.first + 1)

    def Delete(self, Shift: int) -> None:
        assert Shift == -4162
        for place in [place for place in self.sheet.cells if self.first <= place[0] <= self.last]:
            del self.sheet.cells[place]
        self.sheet.shift(self.last + 1, self.first - self.last - 1)


class Columns(ComObject):
    """Columns of a sheet."""

    def __call__(self, number: int) -> ComObject:
        return self.sheet.columns.setdefault(number, ComObject(Hidden=True))


class ListObject(ComObject):
    """A table; rows that are put in between its rows make it longer, as in Excel."""

    def Resize(self, area: Range) -> None:
        assert area.Row == self.Range.Row, "Excel refuses to move the headings"
        self.Range = area

    def moved(self, row: int, count: int) -> None:
        area = self.Range
        bottom = area.Row + area.Rows.Count
        if row <= area.Row:
            self.Range = Range(
                area.Worksheet, area.Row + count, area.Column, area.Rows.Count, area.Columns.Count
            )
        elif row - min(count, 0) <= bottom and row - max(-count, 0) < bottom:
            self.Range = Range(
                area.Worksheet, area.Row, area.Column, area.Rows.Count + count, area.Columns.Count
            )


class ListObjects(list):
    """Tables of a sheet."""

    def Add(self, kind: int, area: Range, _link: None, headings: int) -> ListObject:
        assert (kind, headings) == (1, 1)
        self.append(listed("Table1", area))
        return self[-1]


def listed(name: str, area: Range, filtered: bool = False) -> ListObject:
    """A table as Excel has it."""
    found = ListObject(Name=name, Range=area, ShowTotals=False, ShowAutoFilter=True, TableStyle="")
    found.AutoFilter = ComObject(FilterMode=filtered, shown=0)
    found.AutoFilter.ShowAllData = lambda: setattr(found.AutoFilter, "FilterMode", False)
    return found


class Sheet(ComObject):
    """A sheet; `evaluated` holds what Excel would make of an expression."""

    def __init__(self, book: Book, name: str) -> None:
        super().__init__(Parent=book, Application=book.Application, Name=name, Visible=-1)
        self.ListObjects = ListObjects()
        self.written: list[str] = []
        """Every range that was written, one entry for each time."""
        self.painted: list[tuple[str, str, Any]] = []
        self.columns: dict[int, ComObject] = {}
        self.cells: dict[tuple[int, int], Any] = {}
        self.formulas: dict[tuple[int, int], str] = {}
        self.spilled: dict[tuple[int, int], tuple[int, int]] = {}
        self.evaluated: dict[str, Any] = {}
        self.active = 0

    def put(self, address: str, *rows: tuple[Any, ...]) -> None:
        top, left = corner(address)
        for down, row in enumerate(rows):
            for right, value in enumerate(row):
                self.cells[top + down, left + right] = value

    def Cells(self, row: int, column: int) -> Range:
        return Range(self, row, column)

    def Range(self, first: Any, last: Any = None) -> Range:
        if isinstance(first, str):
            first, _, other = first.partition(":")
            (top, left), (bottom, right) = corner(first), corner(other or first)
            return Range(self, top, left, bottom - top + 1, right - left + 1)
        rows, columns = last.Row - first.Row + 1, last.Column - first.Column + 1
        return Range(self, first.Row, first.Column, rows, columns)

    @property
    def UsedRange(self) -> Range:
        rows, columns = zip(*self.cells, strict=True) if self.cells else ((1,), (1,))
        return Range(self, 1, 1, max(rows), max(columns))

    @property
    def Columns(self) -> Columns:
        return Columns(AutoFit=pywin32.nothing, sheet=self)

    def Rows(self, address: str) -> Rows:
        first, last = map(int, address.split(":"))
        return Rows(sheet=self, first=first, last=last)

    def shift(self, row: int, count: int) -> None:
        """Rows from `row` on stand lower by `count`; tables go with them."""
        self.cells = {
            (place[0] + (count if place[0] >= row else 0), place[1]): value
            for place, value in self.cells.items()
        }
        for table in self.ListObjects:
            table.moved(row if count > 0 else row + count, count)

    def Evaluate(self, expression: str) -> Any:
        return self.evaluated[expression]

    def Activate(self) -> None:
        self.active += 1


class Sheets(list):
    """Worksheets."""

    Count = property(len)

    def Add(self, After: Sheet) -> Sheet:
        assert After is self[-1]
        return After.Parent.sheet(f"Sheet{len(self) + 1}")

    def __call__(self, key: Any) -> Sheet:
        found = [sheet for n, sheet in enumerate(self, 1) if key in (n, sheet.Name)]
        if not found:
            raise pywin32.ComError(-2147352565, "no such sheet", None, None)
        return found[0]


class Names(list):
    """Defined names of a workbook."""

    def Add(self, Name: str, RefersTo: str, Visible: bool) -> None:
        assert Visible is False
        self.append(ComObject(Name=Name, RefersTo=RefersTo))


class Book(ComObject):
    """A workbook; `path` is empty before it was first saved, `screen` is a file with what it shows."""

    def __init__(self, app: App, name: str, path: str = "", saved: bool = True) -> None:
        super().__init__(Application=app, Name=name, Path=path, Saved=saved, printed=[], closed=0)
        self.FullName = f"{path}/{name}" if path else name
        self.Worksheets = self.Sheets = Sheets()
        self.Names, self.screen = Names(), Path(self.FullName)

    def sheet(self, name: str) -> Sheet:
        self.Worksheets.append(Sheet(self, name))
        return self.Worksheets[-1]

    @property
    def ActiveSheet(self) -> Sheet:
        return self.Worksheets[0]

    def SaveCopyAs(self, target: str) -> None:
        shutil.copy(self.screen, target)

    def ExportAsFixedFormat(self, kind: int, target: str) -> None:
        assert kind == 0
        self.printed.append(target)

    def Close(self, SaveChanges: bool) -> None:
        assert SaveChanges is False
        self.closed += 1


class Books(ComObject):
    """Application.Workbooks."""

    def __init__(self, app: App) -> None:
        super().__init__(app=app, opened=[], added=[])

    def __iter__(self) -> Iterator[Book]:
        return iter(self.added)

    def __call__(self, name: str) -> Book:
        raise pywin32.ComError(-2147352565, f"{name} is not open", None, None)

    def Add(self) -> Book:
        book = Book(self.app, f"Book{len(self.added) + 1}")
        book.sheet("Sheet1")
        self.added.append(book)
        return book

    def Open(self, fullname: str, *_: Any, **__: Any) -> Book:
        self.opened.append(Book(self.app, Path(fullname).name, str(Path(fullname).parent)))
        return self.opened[-1]


class App(ComObject):
    """Excel; `said` are its message boxes, `states` every change of what must come back."""

    def __init__(self, answer: Any = False) -> None:
        super().__init__(Hwnd=1, Version="16.0", ActiveCell=None, said=[], states=[], asked=[])
        self.Workbooks = Books(self)
        self.Application = self
        self.answer, self.EnableEvents = answer, True
        self.AutoCorrect = ComObject(AutoFillFormulasInLists=True, AutoExpandListRange=True)
        self.ActiveWindow = ComObject(ScrollRow=1, ScrollColumn=1, RangeSelection=None)
        self.ScreenUpdating, self.Calculation, self.StatusBar = True, AUTOMATIC, False
        self.states.clear()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in {"ScreenUpdating", "Calculation", "StatusBar"}:
            self.__dict__["states"].append((name, value))
        super().__setattr__(name, value)

    def InputBox(self, **given: Any) -> Any:
        self.asked.append(given)
        return self.answer


@contextmanager
def excel(book: Book) -> Iterator[Callable[[str], str]]:
    """Press buttons of the ribbon: `press("check")` with this workbook in front."""
    with windows():
        backend = sys.modules["xlwings._xlwindows"]
        for name in ("MB_OK", "MB_OKCANCEL", "MB_YESNO", "MB_YESNOCANCEL",
                     "MB_ICONINFORMATION", "MB_ICONWARNING"):  # fmt: skip
            setattr(sys.modules["win32con"], name, 0)

        def message_box(_window: int, text: str, _title: str, _style: int) -> int:
            book.Application.said.append(text)
            return 1

        sys.modules["win32api"].MessageBox = message_box
        from receivables_addin.excel.buttons import run

        backend.BOOK_CALLER = book
        yield run
