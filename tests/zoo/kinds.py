"""The same workbook as other programs save it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.zoo.bag import MAIN, Bag

STRICT = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "http://purl.oclc.org/ooxml/officeDocument/relationships",
    "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties": "http://purl.oclc.org/ooxml/officeDocument/extendedProperties",
    "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes": "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
    "http://schemas.openxmlformats.org/drawingml/2006/": "http://purl.oclc.org/ooxml/drawingml/",
}  # fmt: skip


def mac_dates(bag: Bag) -> Bag:
    """A workbook that counts its days from 1904."""
    bag.swap("xl/workbook.xml", "<workbookPr ", '<workbookPr date1904="1" ')
    part = bag.sheet("Aging")
    days = re.compile(r'(<c r="C\d+" s="5"><v>)(\d+)(</v>)')
    text = days.sub(lambda cell: f"{cell[1]}{int(cell[2]) - 1462}{cell[3]}", bag.text(part))
    assert text != bag.text(part)
    bag.parts[part] = text.encode()
    return bag


def strict(bag: Bag) -> Bag:
    """Saved as Strict Open XML: other names for every namespace."""
    for name, data in bag.parts.items():
        if name.endswith((".xml", ".rels")):
            text = data.decode()
            for old, new in STRICT.items():
                text = text.replace(old, new)
            bag.parts[name] = text.encode()
    bag.swap("xl/workbook.xml", "<workbook ", '<workbook conformance="strict" ')
    return bag


def prefixed(bag: Bag) -> Bag:
    """Elements under a prefix, as some libraries write them."""
    for name in [*bag.parts]:
        text = bag.text(name) if name.endswith(".xml") else ""
        if f'xmlns="{MAIN}"' in text:
            text = text.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
            text = re.sub(r"<(/?)(?=[A-Za-z])(?![A-Za-z]+:)", r"<\1x:", text)
            bag.parts[name] = text.encode()
    return bag


def with_mark(bag: Bag) -> Bag:
    """Parts that begin with a byte order mark, lines that end as on Windows."""
    for name in [*bag.parts]:
        if re.fullmatch(r"xl/(worksheets/sheet\d+|workbook)\.xml", name):
            text = bag.text(name).replace('standalone="yes"?>\n', 'standalone="yes"?>\r\n')
            bag.parts[name] = b"\xef\xbb\xbf" + text.encode()
    return bag


def without_tables(bag: Bag) -> Bag:
    """As a program exports that knows no tables: cells and names are there, the tables are gone."""
    for name in [*bag.parts]:
        if name.startswith("xl/tables/"):
            del bag.parts[name]
        elif name.endswith((".xml", ".rels")):
            text = re.sub(r"<tableParts.*?</tableParts>", "", bag.text(name))
            text = re.sub(
                r"<Relationship [^>]*/tables/[^>]*/>|<Override [^>]*/tables/[^>]*/>", "", text
            )
            bag.parts[name] = text.encode()
    return bag


def by_libreoffice(bag: Bag, folder: Path) -> Bag:
    """Opened and saved by LibreOffice."""
    path = folder / "before.xlsx"
    path.write_bytes(bag.content())
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless",
         "--convert-to", "xlsx", "--outdir", str(folder / "saved"), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return Bag.of((folder / "saved" / "before.xlsx").read_bytes())
