"""What Excel would repair in a workbook: parts, links, rows, tables, styles, names that do not fit."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise

from lxml import etree

from receivables.book.refs import column_of
from receivables.ledger.xlsxparts import resolved
from tests.zoo.bag import TAIL, Bag

HEAD = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData".split()  # noqa: SIM905 (as TAIL)
)
LEGACY = ("vml", "bin", "png", "jpeg", "jpg", "data", "emf")


def faults(bag: Bag) -> list[str]:
    """Everything that is wrong with a workbook, in words."""
    return [
        *_parts(bag),
        *_book(bag),
        *(fault for part in _sheets(bag) for fault in _sheet(bag, part)),
    ]


def _local(element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _root(bag: Bag, part: str):
    return etree.fromstring(bag.parts[part])


def _all(root, name: str) -> list:
    return [element for element in root.iter() if _local(element) == name]


def _relations(bag: Bag, part: str) -> dict[str, tuple[str, str]]:
    folder, _, name = part.rpartition("/")
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in bag.parts:
        return {}
    return {
        item.get("Id"): (item.get("Type").rpartition("/")[2], resolved(folder, item.get("Target")))
        for item in _root(bag, rels)
        if item.get("TargetMode") != "External" and not item.get("Target").startswith("#")
    }


def _parts(bag: Bag) -> Iterator[str]:
    types = _root(bag, "[Content_Types].xml")
    overrides = [item.get("PartName")[1:] for item in types if _local(item) == "Override"]
    endings = {item.get("Extension").lower() for item in types if _local(item) == "Default"}
    yield from (
        f"type of {name}, which is not there" for name in overrides if name not in bag.parts
    )
    yield from (f"{name} declared twice" for name in {*overrides} if overrides.count(name) > 1)
    for name, data in bag.parts.items():
        if name not in overrides and name.rpartition(".")[2].lower() not in endings:
            yield f"{name} has no type"
        if not name.lower().endswith(LEGACY):
            try:
                etree.fromstring(data)
            except etree.XMLSyntaxError as fault:
                yield f"{name}: {fault}"
        if name.endswith(".rels"):
            folder, _, owner = name.rpartition("/_rels/")
            owner = posixpath.join(folder, owner.removesuffix(".rels")) if folder else ""
            ids = re.findall(rb'\bId="([^"]*)"', data)
            if len(ids) != len(set(ids)):
                yield f"{name}: the same id twice"
            if owner and owner not in bag.parts:
                yield f"{name} belongs to no part"
            for kind, target in _relations(bag, owner).values() if owner else ():
                if target not in bag.parts:
                    yield f"{owner} points to {target} ({kind}), which is not there"


def _sheets(bag: Bag) -> dict[str, str]:
    held = _relations(bag, "xl/workbook.xml")
    found = {}
    for sheet in _all(_root(bag, "xl/workbook.xml"), "sheet"):
        number = next(value for name, value in sheet.attrib.items() if name.endswith("}id"))
        if held[number][0] == "worksheet":
            found[held[number][1]] = sheet.get("name")
    return found


def _book(bag: Bag) -> Iterator[str]:
    root = _root(bag, "xl/workbook.xml")
    sheets = _all(root, "sheet")
    for name in ("name", "sheetId"):
        values = [sheet.get(name).casefold() for sheet in sheets]
        if len(set(values)) != len(values):
            yield f"sheets with the same {name}: {values}"
    names = [(n.get("name").casefold(), n.get("localSheetId")) for n in _all(root, "definedName")]
    yield from (f"name {name[0]} twice" for name in {*names} if names.count(name) > 1)
    for name, local in names:
        if local is not None and int(local) >= len(sheets):
            yield f"name {name} belongs to no sheet"
    order = [_local(item) for item in root if _local(item)]
    if len(set(order)) != len(order):
        yield f"workbook elements twice: {order}"
    tables = [
        _root(bag, part) for part in bag.parts if re.fullmatch(r"xl/tables/[^/]+\.xml", part)
    ]
    for what in ("id", "displayName"):
        values = [table.get(what).casefold() for table in tables]
        if len(set(values)) != len(values):
            yield f"tables with the same {what}: {values}"


def _sheet(bag: Bag, part: str) -> Iterator[str]:
    root = _root(bag, part)
    order = [_local(item) for item in root if _local(item) not in {"", "AlternateContent"}]
    places = [[*HEAD, *TAIL].index(name) for name in order]
    if places != sorted(places):
        yield f"{part}: elements in a wrong order: {order}"
    singles = [name for name in order if name != "conditionalFormatting"]
    if len(set(singles)) != len(singles):
        yield f"{part}: elements twice: {order}"
    for group in root:
        count = group.get("count") if _local(group) != "sheetData" else None
        if count is not None and int(count) != len(group):
            yield f"{part}: {_local(group)} counts {count}, holds {len(group)}"
        if (
            _local(group) in TAIL
            and _local(group)[-1] == "s"
            and not len(group)
            and not group.attrib
        ):
            yield f"{part}: {_local(group)} is empty"
    cells: dict[str, str] = {}
    yield from _rows(bag, part, root, cells)
    yield from _areas(part, root)
    yield from _tables(bag, part, root, cells)
    yield from _notes(bag, part)


def _rows(bag: Bag, part: str, root, cells: dict[str, str]) -> Iterator[str]:
    styles = _root(bag, "xl/styles.xml")
    looks = len(next(item for item in styles if _local(item) == "cellXfs"))
    shared = _root(bag, "xl/sharedStrings.xml") if "xl/sharedStrings.xml" in bag.parts else ()
    texts = ["".join(t.text or "" for t in _all(item, "t")) for item in shared]
    last = 0
    for row in next(item for item in root if _local(item) == "sheetData"):
        number = int(row.get("r"))
        if number <= last:
            yield f"{part}: row {number} after row {last}"
        last = number
        columns = [column_of(cell.get("r").rstrip("0123456789")) for cell in row]
        if columns != sorted(set(columns)):
            yield f"{part}: cells of row {number} in a wrong order"
        for cell in row:
            if cell.get("r").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != row.get("r"):
                yield f"{part}: {cell.get('r')} in row {number}"
            if int(cell.get("s", "0")) >= looks:
                yield f"{part}: {cell.get('r')} has an unknown style"
            value = next((item.text for item in cell if _local(item) == "v"), None)
            if cell.get("t") == "s":
                if int(value) >= len(texts):
                    yield f"{part}: {cell.get('r')} has an unknown text"
                value = texts[int(value)] if int(value) < len(texts) else ""
            if any(_local(item) == "f" and not item.text and not item.attrib for item in cell):
                yield f"{part}: {cell.get('r')} has an empty formula"
            cells[cell.get("r")] = "".join(t.text or "" for t in _all(cell, "t")) or value or ""
    dxfs = next((item for item in styles if _local(item) == "dxfs"), ())
    for rule in _all(root, "cfRule"):
        if rule.get("dxfId") and int(rule.get("dxfId")) >= len(dxfs):
            yield f"{part}: a rule has an unknown style"


def _corners(ref: str) -> tuple[int, int, int, int]:
    (left, top), (right, bottom) = (
        (column_of(corner.rstrip("0123456789")), int(corner.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")))
        for corner in (ref.replace("$", "").split(":") * 2)[:2]
    )
    return left, top, right, bottom


def _overlap(one: str, two: str) -> bool:
    a, b = _corners(one), _corners(two)
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _areas(part: str, root) -> Iterator[str]:
    for element in root.iter():
        for name in ("sqref", "ref"):
            text = element.get(name) if isinstance(element.tag, str) else None
            if text is not None and not re.fullmatch(r"[A-Z0-9: ]+", text):
                yield f"{part}: {_local(element)} {name}={text!r}"
    merges = [merge.get("ref") for merge in _all(root, "mergeCell")]
    for place, one in enumerate(merges):
        yield from (
            f"{part}: merged {one} and {two}" for two in merges[:place] if _overlap(one, two)
        )


def _tables(bag: Bag, part: str, root, cells: dict[str, str]) -> Iterator[str]:
    held = [target for kind, target in _relations(bag, part).values() if kind == "table"]
    if len(held) != len(_all(root, "tablePart")):
        yield f"{part}: {len(held)} tables, {len(_all(root, 'tablePart'))} named"
    refs = []
    for name in held:
        table = _root(bag, name)
        left, top, right, bottom = _corners(table.get("ref"))
        columns = _all(table, "tableColumn")
        ids = [column.get("id") for column in columns]
        if len(columns) != right - left + 1 or len(set(ids)) != len(ids):
            yield f"{name}: {len(columns)} columns in {table.get('ref')}, ids {ids}"
        if bottom - top < 1:
            yield f"{name}: no row for data in {table.get('ref')}"
        labels = [column.get("name") for column in columns]
        if len({label.casefold() for label in labels}) != len(labels):
            yield f"{name}: two columns of one name: {labels}"
        heads = {column_of(cell.rstrip("0123456789")): cells[cell] for cell in cells
                 if int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == top}  # fmt: skip
        for place, label in enumerate(labels, start=left):
            if heads.get(place, "") != label.replace("_x000a_", "\n"):
                yield f"{name}: heading {heads.get(place)!r} for column {label!r}"
        yield from (
            f"{name}: filter {item.get('ref')} outside {table.get('ref')}"
            for item in table
            if _local(item) == "autoFilter" and not _overlap(item.get("ref"), table.get("ref"))
        )
        refs.append(table.get("ref"))
    merged = [merge.get("ref") for merge in _all(root, "mergeCell")]
    for one, two in pairwise(sorted(refs, key=_corners)):
        if _overlap(one, two):
            yield f"{part}: tables {one} and {two} overlap"
    yield from (f"{part}: {m} merged across {r}" for r in refs for m in merged if _overlap(m, r))


def _notes(bag: Bag, part: str) -> Iterator[str]:
    held = _relations(bag, part).values()
    refs = [
        comment.get("ref")
        for kind, target in held
        if kind == "comments"
        for comment in _all(_root(bag, target), "comment")
    ]
    boxes = [
        (int(row), int(column))
        for kind, target in held
        if kind == "vmlDrawing"
        for shape in re.findall(
            r'ObjectType="Note".*?</x:ClientData>', bag.text(target), re.DOTALL
        )
        for row, column in [re.search(r"<x:Row>(\d+).*<x:Column>(\d+)", shape, re.DOTALL).groups()]
    ]
    places = [(_corners(ref)[1] - 1, _corners(ref)[0] - 1) for ref in refs]
    if sorted(places) != sorted(boxes) or len(set(places)) != len(places):
        yield f"{part}: comments {refs}, boxes {boxes}"
