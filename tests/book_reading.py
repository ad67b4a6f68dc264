"""Whether a workbook's parts agree with each other, as a strict reader would ask; and its cells."""

import io
import re
import zipfile

from lxml import etree
from openpyxl import load_workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def cells_of(data: bytes) -> dict[str, dict[str, object]]:
    """Contents of every filled cell by sheet and address."""
    book = load_workbook(io.BytesIO(data))
    return {
        sheet.title: {
            cell.coordinate: cell.value
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book
    }


def tables_of(data: bytes) -> dict[str, str]:
    """Area of every table."""
    book = load_workbook(io.BytesIO(data))
    return {table.displayName: table.ref for sheet in book for table in sheet.tables.values()}


def faults(data: bytes) -> list[str]:
    """What a spreadsheet program would call damage."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = book.namelist()
        if len(names) != len(set(names)):
            found.append("a part is there twice")
        parts = {name: book.read(name) for name in names}
    trees = {
        name: etree.fromstring(content)
        for name, content in parts.items()
        if name.endswith((".xml", ".rels"))
    }
    found += _content_types(trees)
    for name in trees:
        if name.endswith(".rels"):
            found += _targets(name, trees)
    styles = len(trees["xl/styles.xml"].findall(f"{MAIN}cellXfs/{MAIN}xf"))
    rules = len(trees["xl/styles.xml"].findall(f"{MAIN}dxfs/{MAIN}dxf"))
    sheets = trees["xl/workbook.xml"].findall(f"{MAIN}sheets/{MAIN}sheet")
    for name in trees["xl/workbook.xml"].findall(f"{MAIN}definedNames/{MAIN}definedName"):
        if int(name.get("localSheetId", "0")) >= len(sheets):
            found.append(f"name {name.get('name')} of a sheet that is not there")
        if "#REF!" in (name.text or ""):
            found.append(f"name {name.get('name')}: {name.text}")
    keys = [
        (n.get("name"), n.get("localSheetId"))
        for n in trees["xl/workbook.xml"].iter(f"{MAIN}definedName")
    ]
    found += [f"name {key} twice" for key in set(keys) if keys.count(key) > 1]
    for name, tree in trees.items():
        if tree.tag == f"{MAIN}worksheet":
            found += _sheet(name, tree, styles, rules, trees)
    numbers = [tree.get("id") for tree in trees.values() if tree.tag == f"{MAIN}table"]
    if len(numbers) != len(set(numbers)):
        found.append(f"tables share a number: {sorted(numbers)}")
    return found


def _content_types(trees):
    known = trees["[Content_Types].xml"]
    overrides = [item.get("PartName") for item in known if item.get("PartName")]
    endings = {item.get("Extension", "").lower() for item in known}
    for name in overrides:
        if overrides.count(name) > 1:
            yield f"{name}: two content types"
        if name.lstrip("/").endswith(".xml") and name.lstrip("/") not in trees:
            yield f"{name}: a content type without part"
    for name in trees:
        if f"/{name}" not in overrides and name.rpartition(".")[2].lower() not in endings:
            yield f"{name}: no content type"


def _targets(name, trees):
    folder = name.replace("_rels/", "").rpartition("/")[0]
    seen = set()
    for item in trees[name]:
        if item.get("Id") in seen:
            yield f"{name}: {item.get('Id')} twice"
        seen.add(item.get("Id"))
        if item.get("TargetMode") == "External":
            continue
        target = _resolved(folder, item.get("Target"))
        if target.endswith(".xml") and target not in trees:
            yield f"{name}: {target} is not there"


def _resolved(folder, target):
    if target.startswith("/"):
        return target[1:]
    steps = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            steps.pop()
        else:
            steps.append(step)
    return "/".join(steps)


def _sheet(name, tree, styles, rules, trees):
    shown = {}
    last = 0
    for row in tree.find(f"{MAIN}sheetData"):
        number = int(row.get("r"))
        if number <= last:
            yield f"{name}: row {number} after row {last}"
        last, before = number, 0
        for cell in row:
            match = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r"))
            column = _number(match[1])
            if int(match[2]) != number or column <= before:
                yield f"{name}: cell {cell.get('r')} in row {number} after column {before}"
            before = column
            if int(cell.get("s", "0")) >= styles:
                yield f"{name}: {cell.get('r')} has a format that is not there"
            shown[column, number] = "".join(cell.itertext())
    for rule in tree.iter(f"{MAIN}cfRule"):
        if int(rule.get("dxfId", "-1")) >= rules:
            yield f"{name}: a rule with a format that is not there"
    rels = trees.get(name.replace("worksheets/", "worksheets/_rels/") + ".rels")
    targets = {} if rels is None else {item.get("Id"): item.get("Target") for item in rels}
    areas = []
    parts = tree.find(f"{MAIN}tableParts")
    if parts is not None and int(parts.get("count", len(parts))) != len(parts):
        yield f"{name}: {len(parts)} tables, not {parts.get('count')}"
    for part in tree.iter(f"{MAIN}tablePart"):
        target = _resolved("xl/worksheets", targets[part.get(f"{LINKS}id")])
        yield from _table(target, trees[target], shown, areas, trees)


def _table(name, table, shown, areas, trees):
    first, last = table.get("ref").split(":")
    left, top = _place(first)
    right, bottom = _place(last)
    columns = [item.get("name") for item in table.iter(f"{MAIN}tableColumn")]
    if len(columns) != right - left + 1 or len({c.casefold() for c in columns}) != len(columns):
        yield f"{name}: columns {columns} for {table.get('ref')}"
    if int(table.find(f"{MAIN}tableColumns").get("count", len(columns))) != len(columns):
        yield f"{name}: count of columns"
    for index, label in enumerate(columns):
        text = shown.get((left + index, top), "")
        if "xl/sharedStrings.xml" not in trees and _flat(text) != _flat(label):
            yield f"{name}: heading {text!r} of column {label!r}"
    if bottom - top < 1 + int(table.get("totalsRowCount", "0")):
        yield f"{name}: no row in {table.get('ref')}"
    for other in areas:
        if left <= other[2] and right >= other[0] and top <= other[3] and bottom >= other[1]:
            yield f"{name}: {table.get('ref')} over another table"
    areas.append((left, top, right, bottom))


def _flat(text):
    return re.sub(r"_x000[aA]_|\s+", " ", text)


def _place(address):
    match = re.fullmatch(r"([A-Z]+)(\d+)", address)
    return _number(match[1]), int(match[2])


def _number(letters):
    number = 0
    for sign in letters:
        number = number * 26 + ord(sign) - 64
    return number
