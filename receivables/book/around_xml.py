"""Change a part of a package as a tree, and leave it byte for byte where nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from lxml import etree

from receivables.book.package import Package
from receivables.book.refuse import Refused

Element: TypeAlias = Any
"""An element of lxml, which has no public type for it."""


def parse(name: str, xml: bytes) -> Element:
    """The tree of a part.

    Raises:
        Refused: the part is not well formed, or tries to read other files.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        raise Refused(
            f"part {name} of the workbook is damaged. Open the workbook in a spreadsheet, let it "
            "repair, save it and run again. Nothing was changed."
        ) from None
    if root.getroottree().docinfo.doctype:
        raise Refused(
            f"part {name} of the workbook holds a document type, which no spreadsheet writes. "
            "Save the workbook anew in a spreadsheet and run again. Nothing was changed."
        )
    return root


def local(element: Element) -> str:
    """Name of an element without its namespace; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def named(root: Element, *names: str) -> Iterator[Element]:
    """Elements of these names, in whatever namespace a program put them."""
    return (element for element in list(root.iter("{*}*")) if local(element) in names)


def child(element: Element, name: str) -> Element | None:
    """First child of a name."""
    return next((found for found in element if local(found) == name), None)


def serialised(root: Element, old: bytes) -> bytes:
    """A tree as bytes behind the declaration that the part had."""
    declaration = re.match(rb"\s*(?:\xef\xbb\xbf)?<\?xml[^>]*\?>\s*", old)
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return (declaration[0] if declaration else b"") + body


def edit(book: Package, part: str, change: Callable[[Element], bool]) -> bool:
    """Change a part; `change` says whether it did."""
    xml = book.part(part)
    if not xml:
        return False
    root = parse(part, xml)
    if not change(root):
        return False
    book.put(part, serialised(root, xml))
    return True


class Split(NamedTuple):
    """A sheet part in three: what stands around its rows, and the rows."""

    before: bytes
    rows: bytes
    after: bytes


def split_sheet(xml: bytes) -> Split:
    """Cut a sheet part at its rows, `<sheetData>` with its tags."""
    match = re.search(rb"<(\w+:)?sheetData\b[^>]*>", xml)
    if not match:
        return Split(xml, b"", b"")
    if match[0].endswith(b"/>"):
        return Split(xml[: match.start()], match[0], xml[match.end() :])
    closing = b"</" + (match[1] or b"") + b"sheetData>"
    end = xml.rfind(closing) + len(closing)
    return Split(xml[: match.start()], xml[match.start() : end], xml[end:])


def around_rows(part: str, sheet: Split, change: Callable[[Element], bool]) -> Split:
    """A sheet part changed around its rows; the rows themselves are never parsed."""
    prefix = re.match(rb"<(\w+:)?", sheet.rows)
    stub = b"<" + (prefix[1] or b"" if prefix else b"") + b"sheetData/>" if sheet.rows else b""
    old = sheet.before + stub + sheet.after
    root = parse(part, old)
    if not change(root):
        return sheet
    new = serialised(root, old)
    if not stub:
        return Split(new, b"", b"")
    before, _, after = new.partition(stub)
    return Split(before, sheet.rows, after)
