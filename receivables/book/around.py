"""Everything that points to rows of a sheet that moves: moved with them, or the workbook is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from html import escape, unescape

from receivables.book.around_formulas import Shift, mentions, shift_rows
from receivables.book.around_sheet import move_sheet, shift_location
from receivables.book.around_xml import Element, around_rows, edit, named, split_sheet
from receivables.book.comments import LostComment, move_comments
from receivables.book.drawings import move_anchors, move_control, move_legacy, move_text_links
from receivables.book.package import Package, inserted, prefix_of
from receivables.book.pivots import move_pivot, move_pivot_sources
from receivables.book.refs import GONE, RowMap, references, shift_area, shift_rule
from receivables.book.refuse import sheet_parts
from receivables.ledger.xlsxparts import relations_of

WORKBOOK = "xl/workbook.xml"


@dataclass(frozen=True, slots=True)
class Moved:
    """What the user should hear of: comments without a row, and formulas that lost a cell."""

    comments: tuple[LostComment, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    """Place and text, as it was, of each formula that pointed to a row that is gone."""


def move_around(
    book: Package, maps: Mapping[str, tuple[str, RowMap]], ours: Collection[str] = ()
) -> Moved:
    """Move what points to rows of sheets, before the rows themselves are moved.

    Formulas in rows are moved as text; rows and cells keep their addresses, and rows of our tables
    are left alone, for the one who writes them anew.

    Args:
        book: the workbook.
        maps: name and rows of each sheet that changes, by the sheet's part.
        ours: table parts that the caller writes himself.

    Raises:
        Refused: something cannot be moved faithfully.
    """
    sheets = sheet_parts(book)
    shift = Shift(dict(maps.values()), tuple(sheets))
    if all(rows.identity for rows in shift.maps.values()):
        return Moved()
    lost: list[LostComment] = []
    for sheet, part in sheets.items():
        rows = shift.maps.get(sheet, RowMap())
        if not rows.identity:
            lost += move_comments(book, part, rows)
        _sheet(book, sheet, part, shift)
        _related(book, sheet, part, shift, ours)
    _names(book, shift)
    move_pivot_sources(book, shift)
    _parameters(book, shift)
    return Moved(tuple(lost), tuple(shift.broken))


def mark_calc(book: Package) -> None:
    """Have every program calculate anew when it opens the workbook, in an order of its own."""
    for item in book.relations(WORKBOOK):
        if item.kind == "calcChain":
            book.remove(item.target, WORKBOOK)
    xml = book.part(WORKBOOK)
    found = re.search(rb"<(?:\w+:)?calcPr\b[^>]*?(/?)>", xml)
    if found is None:
        book.put(WORKBOOK, _with_calc(xml))
        return
    tag = found[0]
    if re.search(rb'fullCalcOnLoad="(?:1|true)"', tag):
        return
    tag = re.sub(rb'\s+fullCalcOnLoad="[^"]*"', b"", tag)
    tag = re.sub(rb"\s*(/?)>$", rb' fullCalcOnLoad="1"\1>', tag)
    book.put(WORKBOOK, xml[: found.start()] + tag + xml[found.end() :])


def _with_calc(xml: bytes) -> bytes:
    """A workbook part with `calcPr` at the place that the format asks for."""
    prefix = prefix_of(xml, b"workbook")
    tag = b'<%scalcPr fullCalcOnLoad="1"/>' % prefix
    for name in (b"definedNames", b"externalReferences", b"functionGroups", b"sheets"):
        ends = [b"</%s%s>" % (prefix, name), b"<%s%s/>" % (prefix, name)]
        place = max(xml.rfind(end) + len(end) if end in xml else -1 for end in ends)
        if place > 0:
            return xml[:place] + tag + xml[place:]
    return inserted(xml, b"workbook", tag)


def _sheet(book: Package, sheet: str, part: str, shift: Shift) -> None:
    """The sheet part: formulas in its rows, and what stands around them."""
    sheet_xml = split_sheet(book.part(part))
    moved = sheet_xml._replace(rows=shift_rows(sheet_xml.rows, sheet, shift))
    own = shift.maps.get(sheet)
    moves = own is not None and not own.identity
    if moves or mentions(sheet_xml.before + sheet_xml.after, shift):
        moved = around_rows(part, moved, lambda root: move_sheet(root, sheet, shift))
    if moved != sheet_xml:
        book.put(part, b"".join(moved))


def _related(book: Package, sheet: str, part: str, shift: Shift, ours: Collection[str]) -> None:
    """Parts that belong to a sheet."""
    rows = shift.maps.get(sheet, RowMap())
    changes: dict[str, Callable[[Element], bool]] = {
        "ctrlProp": lambda root: move_control(root, sheet, shift),
        "pivotTable": lambda root: move_pivot(root, rows),
        "table": lambda root: _table(root, sheet, shift),
        "tableSingleCells": lambda root: _single_cells(root, rows),
    }
    for item in book.relations(part):
        if item.external:
            continue
        if item.kind == "drawing":
            _drawing(book, sheet, item.target, shift)
        elif item.kind == "vmlDrawing":
            xml = book.part(item.target)
            moved = move_legacy(xml, sheet, shift)
            if moved != xml:
                book.put(item.target, moved)
        elif item.kind in changes and item.target not in ours:
            edit(book, item.target, changes[item.kind])


def _drawing(book: Package, sheet: str, part: str, shift: Shift) -> None:
    """A drawing: where its shapes stand, what they show and lead to, and its charts."""
    rows = shift.maps.get(sheet, RowMap())

    def change(root: Element) -> bool:
        moved = not rows.identity and move_anchors(root, rows)
        return move_text_links(root, sheet, shift) or moved

    edit(book, part, change)
    _links(book, part, sheet, shift)
    for item in book.relations(part):
        if item.kind in {"chart", "chartEx"} and not item.external:
            _chart(book, sheet, item.target, shift)


def _links(book: Package, part: str, sheet: str, shift: Shift) -> None:
    """Links of shapes to a place in the workbook (`#Aging!A5`)."""
    name = relations_of(part)
    xml = book.part(name)

    def moved(match: re.Match[bytes]) -> bytes:
        old = unescape(match[2].decode("utf-8", "replace"))
        new = shift_location(old, sheet, shift)
        return match[0] if new == old else match[1] + escape(new).encode() + match[3]

    changed = re.sub(rb'(\bTarget="#)([^"]*)(")', moved, xml)
    if changed != xml:
        book.put(name, changed)


def _chart(book: Package, sheet: str, part: str, shift: Shift) -> None:
    """Areas that a chart shows; shapes inside it may show the text of a cell."""
    if mentions(book.part(part), shift):
        edit(book, part, lambda root: _chart_areas(root, sheet, shift))
    for item in book.relations(part):
        if item.kind == "chartUserShapes":
            edit(book, item.target, lambda root: move_text_links(root, sheet, shift))


def _chart_areas(root: Element, sheet: str, shift: Shift) -> bool:
    changed = False
    for area in named(root, "f"):
        if area.text:
            new = shift.formula(_whole(area.text, shift), sheet, f"{sheet}, a chart")
            new = area.text if new == _whole(area.text, shift) else new
            changed |= new != area.text
            area.text = new
    return changed


def _whole(text: str, shift: Shift) -> str:
    """The only row of a table, as a chart shows it, is the whole table."""
    found = next(references(text), None)
    if found is None or found.text != text or ":" in text or found.external:
        return text
    cell = text.rpartition("!")[2]
    row = cell.rpartition("$")[2]
    rows = next(
        (m for name, m in shift.maps.items() if name.casefold() == found.sheet.casefold()), None
    )
    return f"{text}:{cell}" if rows and row.isdigit() and rows.alone(int(row)) else text


def _table(root: Element, sheet: str, shift: Shift) -> bool:
    """A table of the user's: its place, its filter, and the formulas of its columns."""
    rows = shift.maps.get(sheet, RowMap())
    changed = False
    for element in [root, *named(root, "autoFilter", "sortState", "sortCondition")]:
        old = element.get("ref")
        new = shift_area(old, rows) if old else old
        if new and new != old:
            element.set("ref", new)
            changed = True
    for formula in named(root, "calculatedColumnFormula", "totalsRowFormula"):
        if formula.text:
            new = shift.formula(formula.text, sheet, f"{sheet}, table {root.get('displayName')}")
            changed |= new != formula.text
            formula.text = new
    return changed


def _single_cells(root: Element, rows: RowMap) -> bool:
    """Cells that are filled from XML, one by one."""
    changed = False
    for cell in named(root, "singleXmlCell"):
        new = shift_area(cell.get("r", ""), rows)
        if new and new != cell.get("r"):
            cell.set("r", new)
            changed = True
    return changed


def _names(book: Package, shift: Shift) -> None:
    """Defined names, print areas and titles among them."""
    xml = book.part(WORKBOOK)

    def moved(match: re.Match[bytes]) -> bytes:
        old = unescape(match[3].decode("utf-8", "replace"))
        name = re.search(rb'\bname="([^"]*)"', match[1])
        place = f"name {name[1].decode() if name else ''}"
        shift.check_through(old, place)
        new = shift_rule(old, "", shift.maps, 0, 0)
        if new.count(GONE) > old.count(GONE):
            shift.broken.append((place, old))
        return match[0] if new == old else match[1] + escape(new, quote=False).encode() + match[4]

    changed = re.sub(rb"(<((?:\w+:)?definedName)\b[^>]*>)([^<]*)(</\2>)", moved, xml)
    if changed != xml:
        book.put(WORKBOOK, changed)


def _parameters(book: Package, shift: Shift) -> None:
    """Cells that queries take their parameters from."""

    def change(root: Element) -> bool:
        changed = False
        for parameter in named(root, "parameter"):
            old = parameter.get("cell")
            if old:
                new = shift.formula(old, "", "the parameter of a connection")
                changed |= new != old
                parameter.set("cell", new)
        return changed

    if "xl/connections.xml" in book.names():
        edit(book, "xl/connections.xml", change)
