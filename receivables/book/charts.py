"""Stored points of charts: viewers that do not calculate show them, so they must be the new figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from lxml import etree

from receivables.book.around_xml import Element, child, edit, local, named
from receivables.book.package import Package
from receivables.book.refs import column_of, references

MOST_POINTS = 32_000
"""Points of a series that a chart shows."""

_CACHES = {
    "numRef": "numCache", "strRef": "strCache", "multiLvlStrRef": "multiLvlStrCache",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Cells of a sheet, counted from 1."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int


def refresh_charts(book: Package, sheets: Mapping[str, str]) -> int:
    """Put what the cells hold now into the charts that show cells of these sheets.

    Args:
        book: the workbook, its rows written.
        sheets: parts of the sheets that were filled, by name.

    Returns:
        How many charts changed.
    """
    cells = _Cells(book, {name.casefold(): part for name, part in sheets.items()})
    parts = [name for name in book.names() if re.search(r"(?:^|/)charts/[^/]+\.xml$", name)]
    return sum(edit(book, part, lambda root: _refreshed(root, cells)) for part in parts)


def _refreshed(root: Element, cells: _Cells) -> bool:
    changed = False
    for ref in named(root, *_CACHES):
        changed |= _series(ref, cells)
    for dimension in named(root, "numDim", "strDim"):
        changed |= _dimension(dimension, cells)
    return changed


def _series(ref: Element, cells: _Cells) -> bool:
    """A reference of a classic chart and its stored points."""
    formula, cache = child(ref, "f"), child(ref, _CACHES[local(ref)])
    block = cells.block(formula.text if formula is not None else "")
    if cache is None or block is None:
        return False
    grid = cells.grid(block)
    old = etree.tostring(cache)
    if local(ref) == "multiLvlStrRef":
        _put_levels(cache, grid)
    else:
        _put_points(cache, [text for row in grid for text in row], number=local(ref) == "numRef")
    return bool(etree.tostring(cache) != old)


def _put_points(cache: Element, texts: Sequence[str], *, number: bool) -> None:
    """`ptCount` and one `pt` for each cell that holds something."""
    count = child(cache, "ptCount")
    if count is None:
        return
    count.set("val", str(len(texts)))
    _replace_points(cache, count, texts, number=number)


def _put_levels(cache: Element, grid: Sequence[Sequence[str]]) -> None:
    """Captions of several columns, the innermost first."""
    count, levels = child(cache, "ptCount"), [item for item in cache if local(item) == "lvl"]
    if count is None:
        return
    count.set("val", str(len(grid)))
    width = len(grid[0]) if grid else 0
    for level, column in zip(levels, range(width - 1, -1, -1), strict=False):
        _replace_points(level, None, [row[column] for row in grid], number=False)


def _replace_points(
    parent: Element, after: Element | None, texts: Sequence[str], *, number: bool
) -> None:
    old = [item for item in parent if local(item) == "pt"]
    formats = {item.get("idx"): item.get("formatCode") for item in old}
    space = parent.tag.rpartition("}")[0] + "}"
    place = parent.index(after) + 1 if after is not None else 0
    for item in old:
        parent.remove(item)
    for index, text in enumerate(texts[:MOST_POINTS]):
        if not text or (number and not _is_number(text)):
            continue
        point = etree.Element(f"{space}pt", idx=str(index))
        if formats.get(str(index)):
            point.set("formatCode", formats[str(index)])
        etree.SubElement(point, f"{space}v").text = text
        parent.insert(place, point)
        place += 1


def _dimension(dimension: Element, cells: _Cells) -> bool:
    """Stored points of the newer kinds of chart (waterfall, treemap, histogram)."""
    formula, level = child(dimension, "f"), child(dimension, "lvl")
    block = cells.block(formula.text if formula is not None else "")
    if level is None or block is None or block.left != block.right:
        return False
    old = etree.tostring(level)
    texts = [row[0] for row in cells.grid(block)]
    space = level.tag.rpartition("}")[0] + "}"
    for point in list(level):
        level.remove(point)
    level.set("ptCount", str(len(texts)))
    for index, text in enumerate(texts[:MOST_POINTS]):
        if text and (local(dimension) == "strDim" or _is_number(text)):
            etree.SubElement(level, f"{space}pt", idx=str(index)).text = text
    return bool(etree.tostring(level) != old)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class _Cells:
    """What the cells of filled sheets hold, read row by row from their parts."""

    def __init__(self, book: Package, sheets: Mapping[str, str]) -> None:
        self.book, self.sheets = book, sheets
        self.starts: dict[str, dict[int, int]] = {}
        self.shared: list[str] | None = None

    def block(self, formula: str | None) -> Block | None:
        """The cells that a chart's formula means, where they stand on one of the sheets."""
        found = list(references(formula or ""))
        if len(found) != 1 or found[0].external or found[0].last_sheet:
            return None
        if found[0].sheet.casefold() not in self.sheets:
            return None
        corners = re.findall(r"\$?([A-Z]{1,3})\$?(\d+)", found[0].text.rpartition("!")[2].upper())
        if not corners or len(found[0].text) != len((formula or "").strip()):
            return None
        (left, top), (right, bottom) = corners[0], corners[-1]
        return Block(
            found[0].sheet.casefold(), int(top), column_of(left), int(bottom), column_of(right)
        )

    def grid(self, block: Block) -> list[list[str]]:
        """Text of each cell as the file stores it; empty for a blank one."""
        part = self.sheets[block.sheet]
        xml = self.book.part(part)
        starts = self._starts(part, xml)
        return [
            self._row(xml, starts[row], block) if row in starts else [""] * _width(block)
            for row in range(block.top, min(block.bottom, block.top + MOST_POINTS - 1) + 1)
        ]

    def _starts(self, part: str, xml: bytes) -> dict[int, int]:
        if part not in self.starts:
            self.starts[part] = {int(match[1]): match.start() for match in _rows(xml)}
        return self.starts[part]

    def _row(self, xml: bytes, start: int, block: Block) -> list[str]:
        texts = [""] * _width(block)
        end = _ROW_END.search(xml, start)
        for match in _CELL.finditer(xml, start, end.start() if end else len(xml)):
            column = column_of(match[2].decode())
            if block.left <= column <= block.right:
                texts[column - block.left] = self._text(match[1] + match[3], match[4] or b"")
        return texts

    def _text(self, tag: bytes, inside: bytes) -> str:
        kind = re.search(rb'\bt="(\w+)"', tag)
        value = re.search(rb"<(?:\w+:)?v\b[^>/]*>([^<]*)<", inside)
        if kind and kind[1] == b"inlineStr":
            return _plain(inside)
        text = unescape(value[1].decode("utf-8", "replace")) if value else ""
        if kind and kind[1] == b"s" and text:
            return self._shared()[int(text)]
        return text

    def _shared(self) -> list[str]:
        if self.shared is None:
            xml = self.book.part("xl/sharedStrings.xml")
            self.shared = [_plain(item[0]) for item in _STRING.finditer(xml)]
        return self.shared


def _rows(xml: bytes) -> Iterator[re.Match[bytes]]:
    prefix = re.search(rb"<(\w+:)?sheetData\b", xml)
    return re.finditer(rb'<%srow\b[^>]*?\br="(\d+)"' % ((prefix and prefix[1]) or b""), xml)


def _width(block: Block) -> int:
    return block.right - block.left + 1


def _plain(xml: bytes) -> str:
    spoken = re.sub(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", b"", xml, flags=re.DOTALL)
    return unescape(b"".join(_PIECE.findall(spoken)).decode("utf-8", "replace"))


_ROW_END = re.compile(rb"</(?:\w+:)?row>|<(?:\w+:)?row\b[^>]*/>")
_CELL = re.compile(
    rb'<(?:\w+:)?c\b([^>]*?)\br="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)', re.DOTALL
)
_STRING = re.compile(rb"<(?:\w+:)?si\b[^>]*>.*?</(?:\w+:)?si>|<(?:\w+:)?si/>", re.DOTALL)
_PIECE = re.compile(rb"<(?:\w+:)?t\b[^>/]*>([^<]*)<")
