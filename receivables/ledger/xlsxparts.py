"""What the reading library does not tell about an xlsx sheet: formats, formulas, hidden and merged cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

from receivables.errors import LedgerFileError
from receivables.ledger.container import read_part
from receivables.ledger.grid import Area, column_number
from receivables.ledger.result_sheets import result_sheets

MAX_CELLS = 60_000_000
"""Cells between the first and the last filled one. The library holds them all, 24 bytes each."""

TAG = re.compile(rb'\b([A-Za-z:]+)="([^"]*)"')
CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
VALUE = re.compile(rb"<v[^>]*>[^<]|<t[^>]*>[^<]")
PADDED = re.compile(r'^(?:"([^"]*)"|((?:\\.)+))?(0{2,})(?:;.*)?$')
FORMULA_ENDS = (b"</f></c>", b"</f><v></v></c>", b"</f><v/></c>", b"</f><v /></c>")
SHARED_ENDS = re.compile(rb"<f\b[^>]*/>(?:<v></v>|<v ?/>)?</c>")


@dataclass(slots=True)
class SheetFacts:
    """Facts of one sheet, rows and columns counted from 1."""

    xml: bytes
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: int = 0
    merges: list[Area] = field(default_factory=list)
    padded: dict[tuple[int, str, int], list[int]] = field(default_factory=dict)
    """(column, prefix, digits) → rows whose number is shown with leading zeros."""
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    """Formulas whose result the program that wrote the file did not store."""
    areas: list[Area] = field(default_factory=list)


@dataclass(slots=True)
class Parts:
    """The parts of a workbook that matter here."""

    path: Path
    book: ZipFile
    sheets: dict[str, str]
    hidden_sheets: set[str]
    date1904: bool
    pads: dict[int, tuple[str, int]]
    """Cell style → prefix and number of digits of its zero-padding format."""
    results: set[str] = field(default_factory=set)
    """Sheets that the program fills itself."""


def open_parts(path: Path, book: ZipFile) -> Parts:
    """Sheets and styles of an opened workbook."""
    main = next((n for n in book.namelist() if n.lower().endswith("workbook.xml")), "")
    xml = _plain(read_part(path, book, main))
    targets = _relations(path, book, main)
    sheets: dict[str, str] = {}
    hidden = set()
    for tag in re.findall(rb"<sheet\b[^>]*>", xml):
        attributes = _attributes(tag)
        name = unescape(attributes["name"])
        sheets[name] = targets.get(attributes.get("r:id") or attributes.get("id") or "", "")
        if attributes.get("state", "visible") != "visible":
            hidden.add(name)
    date1904 = re.search(rb'<workbookPr\b[^>]*date1904="(?:1|true)"', xml) is not None
    return Parts(path, book, sheets, hidden, date1904, _pads(path, book), result_sheets(xml))


def sheet_facts(parts: Parts, sheet: str) -> SheetFacts | None:
    """Facts of one sheet; None for a chart sheet or a sheet without part."""
    name = parts.sheets.get(sheet, "")
    if name not in parts.book.namelist() or "worksheets/" not in name:
        return None
    xml = _plain(read_part(parts.path, parts.book, name))
    facts = SheetFacts(xml)
    _check_extent(parts.path, sheet, xml)
    facts.hidden_rows = [_number(tag, "r") for tag in _hidden(xml, b"<row")]
    facts.hidden_columns = sum(
        1 for _ in _hidden(xml[: max(xml.find(b"<sheetData"), 0)], b"<col ")
    )
    facts.merges = _merges(xml)
    facts.padded = _padded(xml, parts.pads)
    facts.uncalculated = _uncalculated(xml)
    facts.areas = _areas(parts, name)
    return facts


def first_column(xml: bytes, row: int) -> int:
    """Column of the first cell with a value in a row, counted from 1; 0 if there is none."""
    start = xml.find(b'<row r="%d"' % row)
    if start < 0:
        return 0
    end = xml.find(b"</row>", start)
    for place, match in enumerate(CELL.finditer(xml, start, end), start=1):
        if match[2] and VALUE.search(match[2]):
            reference = _attributes(match[1]).get("r", "")
            return column_number(reference.rstrip("0123456789")) if reference else place
    return 0


def stored_as_number(xml: bytes, references: list[str]) -> list[bool]:
    """Whether each cell (`B17`, in the order of the sheet) holds a number, not text."""
    found = []
    position = 0
    for reference in references:
        place = xml.find(b' r="%s"' % reference.encode(), position)
        if place < 0:
            found.append(False)
            continue
        position = place
        kind = _attributes(xml[xml.rfind(b"<", 0, place) : xml.find(b">", place)]).get("t", "n")
        found.append(kind == "n")
    return found


def _padded(xml: bytes, pads: dict[int, tuple[str, int]]) -> dict[tuple[int, str, int], list[int]]:
    found: dict[tuple[int, str, int], list[int]] = {}
    for style, (prefix, digits) in pads.items():
        for letter, rows in _styled_numbers(xml, b' s="%d"' % style).items():
            found.setdefault((column_number(letter), prefix, digits), []).extend(rows)
    return found


def _styled_numbers(xml: bytes, style: bytes) -> dict[str, list[int]]:
    """Column letter → rows of the cells that hold a number in a style."""
    pieces = xml.split(style)
    references = []
    for before, after in pairwise(pieces):
        if after[:1] == b">" or after.startswith(b' t="n">'):
            references.append(before[before.rfind(b' r="', -18) + 4 : -1])
        elif not after.startswith((b"/>", b' t="')):
            references.append(b"?")  # another order of attributes
    if not all(map(bytes.isalnum, references)):
        references = _styled_slowly(xml, style)
    rows: dict[str, list[int]] = {}
    for reference in b" ".join(references).decode().split():
        letter = reference.rstrip("0123456789")
        rows.setdefault(letter, []).append(int(reference[len(letter) :]))
    return rows


def _styled_slowly(xml: bytes, style: bytes) -> list[bytes]:
    """The same where a program writes the attributes of a cell in another order."""
    found = []
    for place in _places(xml, style):
        tag = xml[xml.rfind(b"<", 0, place) : xml.find(b">", place) + 1]
        values = dict(TAG.findall(tag))
        number = (
            tag.startswith(b"<c ") and not tag.endswith(b"/>") and values.get(b"t", b"n") == b"n"
        )
        if number and values.get(b"r", b"").isalnum():
            found.append(values[b"r"])
    return found


def _uncalculated(xml: bytes) -> list[tuple[int, int]]:
    if not re.search(rb"<f[ >]", xml):
        return []
    ends = [place for sign in FORMULA_ENDS for place in _places(xml, sign)]
    ends += [match.start() for match in SHARED_ENDS.finditer(xml)] if b"/></c>" in xml else []
    found = set()
    for end in ends:
        start = xml.rfind(b"<c ", 0, end)
        tag = _attributes(xml[start : xml.find(b">", start)])
        if tag.get("t") == "str" and xml.startswith(b"</f><v>", end):
            continue  # a formula whose stored result is the empty text
        match = re.fullmatch(r"([A-Z]+)(\d+)", tag.get("r", ""))
        if match:
            found.add((int(match[2]), column_number(match[1])))
    return sorted(found)


def _hidden(xml: bytes, element: bytes) -> list[bytes]:
    places = _places(xml, b' hidden="')
    tags = (xml[xml.rfind(b"<", 0, place) : xml.find(b">", place)] for place in places)
    return [
        tag
        for tag in tags
        if tag.startswith(element) and _attributes(tag)["hidden"] in {"1", "true"}
    ]


def _merges(xml: bytes) -> list[Area]:
    start = xml.rfind(b"<mergeCells")
    if start < 0:
        return []
    return [
        _area("", ref.decode())
        for ref in re.findall(rb'<mergeCell\b[^>]*ref="([^"]+)"', xml[start:])
    ]


def _areas(parts: Parts, sheet_part: str) -> list[Area]:
    found = []
    for target in _relations(parts.path, parts.book, sheet_part).values():
        if "/tables/" in target and target in parts.book.namelist():
            xml = _plain(read_part(parts.path, parts.book, target))
            tag = re.search(rb"<table\b[^>]*>", xml)
            if tag:
                attributes = _attributes(tag[0])
                name = unescape(attributes.get("displayName", attributes.get("name", "")))
                found.append(
                    _area(name, attributes["ref"], int(attributes.get("totalsRowCount", "0")))
                )
    return found


def _area(name: str, reference: str, totals: int = 0) -> Area:
    ends = [re.fullmatch(r"([A-Z]+)(\d+)", end) for end in reference.replace("$", "").split(":")]
    first, last = ends[0], ends[-1]
    if not first or not last:
        return Area(name, 0, 0, 0, 0)
    return Area(
        name, int(first[2]), column_number(first[1]), int(last[2]), column_number(last[1]), totals
    )


def _check_extent(path: Path, sheet: str, xml: bytes) -> None:
    """Refuse a sheet with a stray cell so far away that the rectangle does not fit into memory."""
    dimension = re.search(rb'<dimension ref="([A-Z0-9:]+)"', xml[:4096])
    area = _area("", dimension[1].decode()) if dimension else Area("", 1, 1, 1 << 20, 1 << 14)
    if area.bottom * area.right < MAX_CELLS:
        return
    rows, right, far = 0, 0, ""
    for match in CELL.finditer(xml):
        if not match[2] or not VALUE.search(match[2]):
            continue
        reference = _attributes(match[1]).get("r", "A1")
        letter = reference.rstrip("0123456789")
        row, column = int(reference[len(letter) :]), column_number(letter)
        if row > rows or column > right:
            far = reference
        rows, right = max(rows, row), max(right, column)
    if rows * right > MAX_CELLS:
        raise LedgerFileError(
            f"{path}, sheet {sheet}: cell {far} holds something far outside the table, so the sheet spans "
            f"{rows:,} rows × {right:,} columns. Clear the stray cells and save."
        )


def _pads(path: Path, book: ZipFile) -> dict[int, tuple[str, int]]:
    name = next((n for n in book.namelist() if n.lower().endswith("styles.xml")), "")
    if not name:
        return {}
    xml = _plain(read_part(path, book, name))
    formats = {}
    for tag in re.findall(rb"<numFmt\b[^>]*>", xml):
        attributes = _attributes(tag)
        match = PADDED.match(unescape(attributes.get("formatCode", "")))
        if match:
            prefix = match[1] or (match[2] or "").replace("\\", "")
            formats[attributes["numFmtId"]] = (prefix, len(match[3]))
    cells = re.search(rb"<cellXfs\b.*?</cellXfs>", xml, re.DOTALL)
    styles = re.findall(rb"<xf\b[^>]*>", cells[0]) if cells and formats else []
    numbered = ((i, _attributes(tag).get("numFmtId", "")) for i, tag in enumerate(styles))
    return {index: formats[number] for index, number in numbered if number in formats}


def _relations(path: Path, book: ZipFile, part: str) -> dict[str, str]:
    folder, relations = part.rpartition("/")[0], relations_of(part)
    if relations not in book.namelist():
        return {}
    found = {}
    for tag in re.findall(rb"<Relationship\b[^>]*>", read_part(path, book, relations)):
        attributes = _attributes(tag)
        target = unescape(attributes.get("Target", ""))
        found[attributes.get("Id", "")] = resolved(folder, target)
    return found


def relations_of(part: str) -> str:
    """Name of the part that holds the relationships of a part.

    >>> relations_of("xl/worksheets/sheet1.xml")
    'xl/worksheets/_rels/sheet1.xml.rels'
    """
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


def resolved(folder: str, target: str) -> str:
    """Name of a part that a relationship of a part in a folder points to.

    >>> resolved("xl/worksheets", "../comments1.xml"), resolved("xl", "/xl/calcChain.xml")
    ('xl/comments1.xml', 'xl/calcChain.xml')
    """
    if target.startswith("/"):
        return target[1:]
    steps = folder.split("/")
    for step in target.split("/"):
        if step == "..":
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(filter(None, steps))


def _plain(xml: bytes) -> bytes:
    """The part without the name prefix that some exporters write (`<x:row>`)."""
    match = re.search(rb"<(\w+):(?:worksheet|workbook|styleSheet|table)\b", xml[:2048])
    if not match:
        return xml
    return xml.replace(b"<" + match[1] + b":", b"<").replace(b"</" + match[1] + b":", b"</")


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): value.decode("utf-8", "replace") for name, value in TAG.findall(tag)}


def _number(tag: bytes, name: str) -> int:
    text = _attributes(tag).get(name, "0")
    return int(text) if text.isdigit() else 0


def _places(xml: bytes, sign: bytes) -> list[int]:
    found = []
    place = xml.find(sign)
    while place >= 0:
        found.append(place)
        place = xml.find(sign, place + 1)
    return found
