"""Find our blocks and columns again in a workbook that its user has changed: names and a part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import count

from receivables.book.package import Package, attributes
from receivables.ledger.result_sheets import ANCHOR
from receivables.report.spec import Block, ChartSpec, PictureSpec, SheetSpec, TableSpec

_COLUMNS = "customXml/item{}.xml"
_PROPERTIES_NAME = "customXml/itemProps{}.xml"
_NAMESPACE = "urn:receivables:columns"
_ID = "{6E1C0B52-3D0F-4C55-9A55-7D1B6F0A9C01}"
"""Identity of the part among custom parts; any fixed value will do."""
_PROPERTIES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    f'<ds:datastoreItem ds:itemID="{_ID}" '
    'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs>'
    f'<ds:schemaRef ds:uri="{_NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Columns = Mapping[str, Sequence[tuple[str, int, str]]]
"""Table name → our column name, id of the tableColumn, label as we wrote it."""


def anchor_name(sheet_id: str, block: str) -> str:
    """Defined name that marks the area of a block.

    >>> anchor_name("aging", "Aging_totals")
    '_rcv_aging_Aging_totals'
    """
    return f"{ANCHOR}{sheet_id}_{block}"


def block_names(spec: SheetSpec) -> Iterator[tuple[str, Block]]:
    """Blocks of a sheet with their names: a table's own, else the kind and its number from the top."""
    numbers = {kind: count(1) for kind in ("text", "chart", "picture")}
    for block in spec.blocks:
        if isinstance(block, TableSpec):
            yield block.name, block
        else:
            kind = {ChartSpec: "chart", PictureSpec: "picture"}.get(type(block), "text")
            yield f"{kind}{next(numbers[kind])}", block


def columns_of(tables: Sequence[TableSpec]) -> dict[str, list[tuple[str, int, str]]]:
    """Columns of fresh tables, whose ids count from 1."""
    return {
        table.name: [
            (column.name, number, column.label) for number, column in enumerate(table.columns, 1)
        ]
        for table in tables
    }


def read_columns(book: Package) -> dict[str, list[tuple[str, int, str]]]:
    """Columns as the workbook remembers them; empty where another program dropped the part."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for tag in re.findall(rb"<(?:table|column)\b[^>]*>", book.part(_part(book))):
        given = attributes(tag)
        if tag.startswith(b"<table"):
            columns = found.setdefault(given["name"], [])
        else:
            columns.append((given["name"], int(given["id"]), given["label"]))
    return found


def put_columns(book: Package, columns: Columns) -> None:
    """Remember the columns in the workbook; one that remembers them already is not touched."""
    if read_columns(book) == {table: list(rows) for table, rows in columns.items()}:
        return
    part = _part(book)
    new = not book.part(part)
    book.put(part, _xml(columns).encode())
    if new:
        properties = book.free_name(_PROPERTIES_NAME)
        book.put(properties, _PROPERTIES.encode())
        book.declare_extension("xml", "application/xml")
        book.declare(
            properties,
            "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        )
        book.relate("xl/workbook.xml", "customXml", part)
        book.relate(part, "customXmlProps", properties)


def _part(book: Package) -> str:
    """Our part: spreadsheet programs number the custom parts anew when they save."""
    mark = f'"{_NAMESPACE}"'.encode()
    for relation in book.relations("xl/workbook.xml"):
        if relation.kind == "customXml" and mark in book.part(relation.target)[:200]:
            return relation.target
    return book.free_name(_COLUMNS)


def _xml(columns: Columns) -> str:
    rows = "".join(
        f'<table name="{_text(table)}">'
        + "".join(
            f'<column name="{_text(name)}" id="{number}" label="{_text(label)}"/>'
            for name, number, label in found
        )
        + "</table>"
        for table, found in columns.items()
    )
    return f'{_HEAD}<tables xmlns="{_NAMESPACE}">{rows}</tables>'


def _text(value: str) -> str:
    """Text of an attribute; a line break would be read back as a blank."""
    return escape(value).replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")
