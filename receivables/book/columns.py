"""Columns of our tables that come in, are worded anew, or are shown for the first time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape

from receivables.book.blocks import FoundBlock
from receivables.book.old_rows import OldRows
from receivables.book.package import attributes
from receivables.book.sheet_xml import HELD, SheetXml
from receivables.book.table_part import Area, TableColumn, TablePart
from receivables.report.spec import TableSpec

_TABLE_COLUMN = re.compile(rb"<((?:\w+:)?)tableColumn\b[^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*/>")


def widened(block: FoundBlock, xml: SheetXml, limit: int) -> tuple[FoundBlock, list[str]]:
    """The block with the columns that it did not have, at its right end, and what to tell.

    A column that its user deleted stays away. Where something stands to the right of the table, a
    new column is left out.

    Args:
        block: a table of ours that is there.
        xml: its sheet.
        limit: first column to the right that another table takes in the same rows; 0 = none.
    """
    table = block.table
    if table is None or not isinstance(block.block, TableSpec):
        return block, []
    lacking = [column for column in block.block.columns if column.name not in block.columns]
    deleted = [column.label for column in lacking if column.name in block.labels]
    new = [column for column in lacking if column.name not in block.labels]
    notes = [f"{table.name}: you deleted the column {label}; it stays away." for label in deleted]
    if not new:
        return block, notes
    right = table.area.right + len(new)
    if (limit and right >= limit) or _taken(xml, block.top, table.area, right):
        names = ", ".join(column.label for column in new)
        notes.append(
            f"{table.name}: no room for {names} to the right of the table. Move what stands there, "
            "save and run again."
        )
        return block, notes
    number = max(column.id for column in table.columns)
    columns = dict(block.columns)
    added = []
    for step, column in enumerate(new, 1):
        columns[column.name] = table.area.right + step
        added.append(TableColumn(number + step, _free(column.label, table)))
    area = replace(table.area, right=right)
    wide = replace(table, area=area, columns=(*table.columns, *added))
    return replace(block, table=wide, columns=columns), notes


def _taken(xml: SheetXml, top: int, area: Area, right: int) -> bool:
    cells = xml.cells(top, area.bottom)
    there = cells.only((cells.column > area.right) & (cells.column <= right))
    return bool(there.row.size) and bool(there.xml().str.contains(HELD).any())


def _free(label: str, table: TablePart) -> str:
    taken = {flat(column.name) for column in table.columns}
    return label if flat(label) not in taken else f"{label} "


def flat(label: str) -> str:
    r"""A heading for comparison: a line break has several spellings.

    >>> flat("Days_x000a_past due") == flat("days\npast due")
    True
    """
    return re.sub(r"_x000[aAdD]_|\s+", " ", label).strip().casefold()


def reworded(block: FoundBlock) -> dict[str, str]:
    """Our columns whose heading we word anew: those that still bear our old one."""
    table = block.table
    if table is None or not isinstance(block.block, TableSpec) or block.state != "here":
        return {}
    names = {table.column(index): column.name for index, column in enumerate(table.columns)}
    taken = {flat(name) for name in names.values()}
    found = {}
    for column in block.block.columns:
        now = names.get(block.columns.get(column.name, 0))
        if now is None or flat(now) == flat(column.label) or flat(column.label) in taken:
            continue
        if flat(now) == flat(block.labels.get(column.name, now)):
            found[column.name] = column.label
    return found


def with_columns(xml: bytes, table: TablePart, names: Mapping[int, str]) -> bytes:
    """A table's part with new columns, and columns worded anew (by id)."""
    known = set()

    def worded(match: re.Match[bytes]) -> bytes:
        number = int(attributes(match[0])["id"])
        known.add(number)
        if number not in names:
            return match[0]
        return re.sub(
            rb'\bname="[^"]*"',
            lambda _: b'name="%s"' % _attribute(names[number]),
            match[0],
            count=1,
        )

    xml = _TABLE_COLUMN.sub(worded, xml)
    prefix = re.search(rb"<((?:\w+:)?)tableColumns\b", xml)
    start = prefix[1] if prefix else b""
    added = b"".join(
        b'<%stableColumn id="%d" name="%s"/>' % (start, column.id, _attribute(column.name))
        for column in table.columns
        if column.id not in known
    )
    if not added:
        return xml
    end = b"</%stableColumns>" % start
    xml = xml.replace(end, added + end, 1)
    return re.sub(
        rb'(<(?:\w+:)?tableColumns\b[^>]*?\bcount=")\d+"',
        rb'\g<1>%d"' % len(table.columns), xml, count=1,
    )  # fmt: skip


def _attribute(text: str) -> bytes:
    return escape(text).replace("\n", "_x000a_").encode()


def hidden_in(before: bytes) -> set[int]:
    """Columns of a sheet that are hidden."""
    found: set[int] = set()
    for tag in _COLUMN.findall(before):
        given = attributes(tag)
        if given.get("hidden") in {"1", "true"}:
            found |= set(range(int(given["min"]), min(int(given["max"]), 16_384) + 1))
    return found


def was_blank(old: OldRows, column: int) -> bool:
    """Whether a column of a table held nothing."""
    cells = old.rest(column).drop_nulls()
    return not cells.str.contains(HELD).any()
