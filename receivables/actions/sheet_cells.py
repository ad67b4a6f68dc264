"""Values and formulas of a workbook file, cell by cell, with the difference between blank and not calculated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from receivables.actions.areas import Area, parse_area
from receivables.cells import CellError
from receivables.errors import LedgerFileError, NotAvailableError
from receivables.ledger.container import check_zip, kind_of, load, read_part
from receivables.ledger.grid import column_number
from receivables.ledger.xlsxparts import CELL, TAG, Parts, SheetFacts, open_parts, sheet_facts


class StoredCell(NamedTuple):
    """What a file holds of one cell; `calculated` is False for a formula without stored result."""

    row: int
    column: int
    formula: str
    value: Any
    calculated: bool


@dataclass(slots=True)
class SharedFormula:
    """A formula that a file writes once for many cells, and the cell it is written for."""

    text: str
    cell: str


class WorkbookFile:
    """An xlsx or xlsm file, read only."""

    def __init__(self, path: Path) -> None:
        data = load(path)
        if kind_of(path, data) != "zip":
            raise LedgerFileError(f"{path}: not an xlsx workbook. Save it as .xlsx and try again.")
        self.path = path
        self.book = check_zip(path, data)
        if "xl/workbook.xml" not in self.book.namelist():
            raise LedgerFileError(f"{path}: not an xlsx workbook. Save it as .xlsx and try again.")
        self.parts: Parts = open_parts(path, self.book)
        self._facts: dict[str, SheetFacts] = {}
        self._shared: dict[str, dict[str, SharedFormula]] = {}
        self._used: dict[str, tuple[int, int]] = {}

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets, in their order."""
        return list(self.parts.sheets)

    def facts(self, sheet: str) -> SheetFacts:
        """A sheet's part and what is known of it.

        Raises:
            NotAvailableError: no sheet of that name.
        """
        name = next((known for known in self.sheets if known.casefold() == sheet.casefold()), "")
        if name not in self._facts:
            found = sheet_facts(self.parts, name) if name else None
            if found is None:
                raise NotAvailableError(
                    f"{self.path.name} has no sheet '{sheet}'. Its sheets: {', '.join(self.sheets)}."
                )
            self._facts[name] = found
        return self._facts[name]

    def tables(self) -> dict[str, Area]:
        """Excel Tables by name, headings included, totals rows not."""
        found = {}
        for sheet in self.sheets:
            if "worksheets/" in self.parts.sheets[sheet]:
                for area in self.facts(sheet).areas:
                    last = area.bottom - area.totals
                    found[area.name] = Area(sheet, area.top, area.left, last, area.right)
        return found

    def names(self) -> dict[str, str]:
        """Defined names with what they stand for, as text."""
        xml = read_part(self.path, self.book, "xl/workbook.xml").decode("utf-8", "replace")
        pairs = re.findall(r'<(?:\w+:)?definedName\b[^>]*\bname="([^"]*)"[^>]*>([^<]*)<', xml)
        return {unescape(name).casefold(): unescape(text) for name, text in pairs}

    def cells(self, area: Area) -> Iterator[StoredCell]:
        """Stored cells of an area, row by row; what the file does not mention is blank."""
        xml = self.facts(area.sheet).xml
        start = re.search(rb'<row\b[^>]*\br="%d"' % area.top, xml)
        row = 0
        for match in _ROW.finditer(xml, start.start() if start and area.top > 1 else 0):
            number = TAG_R.search(match[1])
            row = int(number[1]) if number else row + 1
            if row > area.bottom:
                return
            if row >= area.top and match[2]:
                yield from self._row(area, row, match[2])

    def used(self, sheet: str) -> tuple[int, int]:
        """Last row and column of a sheet that the file mentions."""
        if sheet not in self._used:
            self._used[sheet] = self._extent(sheet)
        return self._used[sheet]

    def formula(self, sheet: str, address: str) -> str:
        """Formula of one cell without the equals sign; empty for a plain value."""
        area = parse_area(address)
        if area is None:
            raise NotAvailableError(f"'{address}' is no cell. Write it as C5.")
        found = next(self.cells(Area(sheet, area.top, area.left, area.top, area.left)), None)
        return found.formula if found else ""

    def _extent(self, sheet: str) -> tuple[int, int]:
        xml = self.facts(sheet).xml
        rows = re.findall(rb'<row\b[^>]*\br="(\d+)"', xml[max(xml.rfind(b"<row"), 0) :])
        last_row = int(rows[-1]) if rows else xml.count(b"<row")
        columns = set(re.findall(rb'<c\b[^>]*?\br="([A-Z]+)', xml))
        last = max(columns, key=lambda name: (len(name), name), default=b"A").decode()
        area = parse_area(f"{last}1")
        return max(last_row, 1), area.right if area else 1

    def _row(self, area: Area, row: int, xml: bytes) -> Iterator[StoredCell]:
        column = 0
        for match in CELL.finditer(xml):
            place = _LETTERS.search(match[1])
            column = _number(place[1]) if place else column + 1
            if area.left <= column <= area.right:
                tag = dict(TAG.findall(match[1]))
                yield self._stored(area.sheet, row, column, tag, match[2] or b"")
            elif column > area.right:
                return

    def _stored(
        self, sheet: str, row: int, column: int, tag: dict[bytes, bytes], inside: bytes
    ) -> StoredCell:
        kind = tag.get(b"t", b"n").decode()
        value = _VALUE.search(inside)
        text = unescape(value[1].decode("utf-8", "replace")) if value else ""
        formula = self._formula(sheet, row, column, inside)
        held = bool(text) or (kind == "str" and value is not None) or kind == "inlineStr"
        found = self._value(kind, text, inside, int(tag.get(b"s", b"0"))) if held else None
        return StoredCell(row, column, formula, found, held or not formula)

    def _formula(self, sheet: str, row: int, column: int, inside: bytes) -> str:
        match = FORMULA.search(inside)
        if not match:
            return ""
        text = unescape((match[2] or b"").decode("utf-8", "replace"))
        attributes = dict(TAG.findall(match[1]))
        if text or attributes.get(b"t") != b"shared":
            return text
        shared = self.shared(sheet).get(attributes.get(b"si", b"").decode())
        if not shared:
            return ""
        return translated(shared, Area("", row, column, row, column).address)

    def shared(self, sheet: str) -> dict[str, SharedFormula]:
        """Formulas of a sheet that are written once for many cells, by their number."""
        if sheet not in self._shared:
            self._shared[sheet] = shared_formulas(self.facts(sheet).xml)
        return self._shared[sheet]

    def _value(self, kind: str, text: str, inside: bytes, style: int) -> Any:
        if kind == "s":
            return self._strings[int(text)]
        if kind == "inlineStr":
            return _text(inside)
        if kind == "b":
            return text == "1"
        if kind == "e":
            return CellError(text)
        if kind == "n":
            number = float(text)
            return self._day(number) if style in self._date_styles else number
        return text

    def _day(self, number: float) -> date | float:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

        epoch = CALENDAR_MAC_1904 if self.parts.date1904 else CALENDAR_WINDOWS_1900
        try:
            found = from_excel(number, epoch)
        except (OverflowError, ValueError):
            return number
        return found if isinstance(found, datetime) else number

    @cached_property
    def _strings(self) -> list[str]:
        from openpyxl.utils.escape import unescape as unescape_codes

        if "xl/sharedStrings.xml" not in self.book.namelist():
            return []
        xml = read_part(self.path, self.book, "xl/sharedStrings.xml")
        return [unescape_codes(_text(item)) for item in _STRING.findall(xml)]

    @cached_property
    def _date_styles(self) -> set[int]:
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

        if "xl/styles.xml" not in self.book.namelist():
            return set()
        xml = read_part(self.path, self.book, "xl/styles.xml").decode("utf-8", "replace")
        own = {
            int(number): unescape(code)
            for tag in re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", xml)
            for number in re.findall(r'numFmtId="(\d+)"', tag)
            for code in re.findall(r'formatCode="([^"]*)"', tag)
        }
        cells = re.search(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", xml, re.DOTALL)
        styles = re.findall(r"<(?:\w+:)?xf\b[^>]*>", cells[0]) if cells else []
        formats = (re.search(r'numFmtId="(\d+)"', tag) for tag in styles)
        codes = (
            own.get(int(found[1]), BUILTIN_FORMATS.get(int(found[1]), "")) if found else ""
            for found in formats
        )
        return {index for index, code in enumerate(codes) if code and is_date_format(code)}


def shared_formulas(xml: bytes) -> dict[str, SharedFormula]:
    """Formulas of a sheet part that are written once for many cells."""
    found = {}
    for match in _SHARED.finditer(xml):
        attributes = dict(TAG.findall(match[2]))
        if attributes.get(b"t") == b"shared":
            text = unescape(match[3].decode("utf-8", "replace"))
            found[attributes[b"si"].decode()] = SharedFormula(text, match[1].decode())
    return found


def translated(shared: SharedFormula, cell: str) -> str:
    """A shared formula as it reads in another cell.

    >>> translated(SharedFormula("DSO(A2,B2,$F$1)", "C2"), "C5")
    'DSO(A5,B5,$F$1)'
    """
    from openpyxl.formula.translate import Translator

    moved: str = Translator(f"={shared.text}", shared.cell).translate_formula(cell)
    return moved[1:]


def _text(xml: bytes) -> str:
    spoken = re.sub(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", b"", xml, flags=re.DOTALL)
    return unescape(b"".join(_PIECE.findall(spoken)).decode("utf-8", "replace"))


@cache
def _number(letter: bytes) -> int:
    return column_number(letter.decode())


_LETTERS = re.compile(rb'\br="([A-Z]+)')
FORMULA = re.compile(rb"<f\b([^>]*?)(?:/>|>([^<]*)</f>)")
TAG_R = re.compile(rb'\br="(\d+)"')
_ROW = re.compile(rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_VALUE = re.compile(rb"<v\b[^>/]*>([^<]*)</v>")
_STRING = re.compile(rb"<(?:\w+:)?si\b[^>]*>(.*?)</(?:\w+:)?si>|<(?:\w+:)?si/>", re.DOTALL)
_PIECE = re.compile(rb"<(?:\w+:)?t\b[^>]*>([^<]*)<")
_SHARED = re.compile(rb'<c\b[^>]*?\br="([A-Z]+\d+)"[^>]*>\s*<f\b([^>]*)>([^<]+)</f>')
