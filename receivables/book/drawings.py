"""Shapes, pictures, charts and controls that lie over a sheet: they keep their place beside a table."""

from __future__ import annotations

import re
from html import escape, unescape

from receivables.book.around_formulas import Shift
from receivables.book.around_xml import Element, child, named
from receivables.book.refs import LAST_ROW, RowMap

LOW = 3
"""Rows that a shape may cover and still belong to one row of a table, as a tick box does."""


def move_anchors(root: Element, rows: RowMap) -> bool:
    """Move all anchors of a tree that have a `from` with a row; their size in rows stays.

    What lies over a row of a table goes with its key, what is higher or beside keeps its place. A
    shape whose row is gone stays where it was: nothing is taken away.
    """
    changed = False
    for start in named(root, "from"):
        anchor = start.getparent()
        if anchor.get("editAs") == "absolute":
            continue
        row, column = child(start, "row"), child(start, "col")
        if row is None or column is None:
            continue
        old = int(row.text)
        end = child(anchor, "to")
        last = child(end, "row") if end is not None else None
        height = int(last.text) - old if last is not None else 0
        new = moved_row(rows, old, int(column.text), height)
        if new != old:
            row.text = str(new)
            if last is not None:
                last.text = str(new + height)
            changed = True
    return changed


def moved_row(rows: RowMap, row: int, column: int, height: int) -> int:
    """New row of a shape, all counted from 0."""
    place = rows.place(row + 1)
    if height <= LOW:
        place = rows.point(row + 1, column + 1) or place
    return min(place, LAST_ROW - height) - 1


def move_text_links(root: Element, sheet: str, shift: Shift) -> bool:
    """Shapes that show the text of a cell."""
    changed = False
    for shape in named(root, "sp"):
        link = shape.get("textlink")
        if link:
            new = shift.formula(link, sheet, f"{sheet}, a shape")
            changed |= new != link
            shape.set("textlink", new)
    return changed


def move_control(root: Element, sheet: str, shift: Shift) -> bool:
    """Properties of a form control: the cell it is linked to, its list and its text."""
    changed = False
    for name in ("fmlaLink", "fmlaRange", "fmlaTxbx", "fmlaGroup"):
        old = root.get(name)
        if old:
            new = shift.formula(old, sheet, f"{sheet}, a control")
            changed |= new != old
            root.set(name, new)
    return changed


def move_legacy(xml: bytes, sheet: str, shift: Shift) -> bytes:
    """A legacy drawing (VML, not always well formed) with the boxes of notes and controls moved."""
    rows = shift.maps.get(sheet, RowMap())

    def shape(match: re.Match[bytes]) -> bytes:
        data = _FORMULA.sub(lambda found: _moved_formula(found, sheet, shift), match[0])
        if rows.identity:
            return data
        return _moved_note(data, rows) if b'"Note"' in data else _moved_box(data, rows)

    return _DATA.sub(shape, xml)


def _moved_formula(match: re.Match[bytes], sheet: str, shift: Shift) -> bytes:
    old = unescape(match[2].decode("utf-8", "replace"))
    new = shift.formula(old, sheet, f"{sheet}, a control")
    return match[0] if new == old else match[1] + escape(new, quote=False).encode() + match[3]


def _moved_note(data: bytes, rows: RowMap) -> bytes:
    """The box of a note goes with its cell."""
    row, column = (_number(data, name) for name in (b"Row", b"Column"))
    new = rows.point(row + 1, column + 1)
    if new is None or new == row + 1:
        return data
    down = new - 1 - row
    data = re.sub(rb"(<x:Row>\s*)\d+", lambda found: found[1] + str(new - 1).encode(), data)
    return _ANCHOR.sub(lambda found: _anchor(found, down), data)


def _moved_box(data: bytes, rows: RowMap) -> bytes:
    found = _ANCHOR.search(data)
    if not found or re.search(rb"<x:MoveWithCells\s*>\s*False", data):
        return data
    numbers = [int(float(text)) for text in found[2].split(b",")]
    if len(numbers) != 8:
        return data
    new = moved_row(rows, numbers[2], numbers[0], numbers[6] - numbers[2])
    return _ANCHOR.sub(lambda match: _anchor(match, new - numbers[2]), data)


def _anchor(match: re.Match[bytes], down: int) -> bytes:
    """`column, x, row, y` of two corners, with both rows moved."""
    texts = match[2].split(b",")
    if len(texts) != 8 or not down:
        return match[0]
    for place in (2, 6):
        lead = texts[place][: len(texts[place]) - len(texts[place].lstrip())]
        texts[place] = lead + str(max(int(float(texts[place])) + down, 0)).encode()
    return match[1] + b",".join(texts) + match[3]


def _number(data: bytes, name: bytes) -> int:
    match = re.search(rb"<x:%s>\s*(\d+)" % name, data)
    return int(match[1]) if match else 0


_DATA = re.compile(rb"<x:ClientData\b.*?</x:ClientData>", re.DOTALL)
_ANCHOR = re.compile(rb"(<x:Anchor>)([^<]*)(</x:Anchor>)")
_FORMULA = re.compile(
    rb"(<x:Fmla(?:Link|Range|Txbx|Pict|Group)>)([^<]*)(</x:Fmla(?:Link|Range|Txbx|Pict|Group)>)"
)
