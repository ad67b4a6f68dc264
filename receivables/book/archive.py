"""Notes whose row is gone from a result table: kept on a sheet of their own, never lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from receivables.book.blocks import sheet_entries, tables_of
from receivables.book.old_rows import OldRows, cell_texts
from receivables.book.package import Package
from receivables.book.sheet_xml import HELD
from receivables.report.labels import label
from receivables.report.spec import ColumnSpec, SheetSpec, TableSpec

SHEET = "archived_notes"
TABLE = "Archived_notes"
NAMES = ("archived_on", "sheet", "table", "row_key", "column", "note")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that a user had written beside a row."""

    sheet: str
    table: str
    key: str
    column: str
    text: str


def gone_rows(old: OldRows, match: pl.Series) -> list[int]:
    """Rows of the body (from 0) that no new row goes on from."""
    left = set(match.drop_nulls().to_list())
    return [row for row in range(old.count) if row not in left]


def lost_notes(old: OldRows, sheet: str, gone: Sequence[int]) -> Iterator[Note]:
    """What stood in the user's columns of rows that are gone.

    A row without a key was put in by the user: everything on it is his.
    """
    if not gone:
        return
    keys = old.keys
    own = _own_columns(old)
    held = set(np.flatnonzero(np.bincount(old.cells.row - old.table.first)).tolist())
    gone = [row for row in gone if row in held]
    nameless = {row for row in gone if keys is not None and not readable(keys[row])}
    for column, heading in _columns(old):
        rows = gone if column in own else sorted(nameless)
        if not rows:
            continue
        found = old.cells.only(
            (old.cells.column == column) & np.isin(old.cells.row - old.table.first, rows)
        )
        xml = found.xml()
        texts = cell_texts(xml, old.shared)
        full = xml.str.contains(HELD)
        for row, text, there in zip(found.row.tolist(), texts, full, strict=True):
            if there:
                key = "" if keys is None else readable(keys[row - old.table.first])
                yield Note(sheet, old.table.name, key, heading, text)


def _own_columns(old: OldRows) -> set[int]:
    typed = {
        old.block.columns[column.name]
        for column in old.spec.columns
        if column.typed and column.name in old.block.columns
    }
    return typed | set(old.block.own)


def _columns(old: OldRows) -> Iterator[tuple[int, str]]:
    for index, column in enumerate(old.table.columns):
        yield old.table.column(index), column.name


def readable(key: str) -> str:
    """A key of several columns in one text."""
    return key.strip("\x1f").replace("\x1f", " · ")


def archive_spec(book: Package, like: SheetSpec, notes: Sequence[Note], as_of: date) -> SheetSpec:
    """The sheet of archived notes: what is there stays as it is, the new ones come below.

    Args:
        book: the workbook that may have archived notes already.
        like: a sheet whose paper and language it takes.
        notes: what is to be added.
        as_of: the date of the refresh that found them without a row.
    """
    language = "zh" if _CHINESE.search(like.label) else "en"
    known = tables_of(book, sheet_entries(book)).get(TABLE.casefold())
    rows: list[tuple[str | None, ...]] = []
    if known:
        rows = [(None,) * len(NAMES)] * (known.last - known.first + 1)
    rows += [
        (as_of.isoformat(), note.sheet, note.table, note.key, note.column, note.text)
        for note in notes
    ]
    columns = tuple(
        ColumnSpec(
            name,
            label(f"archive.{name}", language),
            "wrap" if name == "note" else "text",
            typed=True,
        )
        for name in NAMES
    )
    frame = pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.String), orient="row")
    table = TableSpec(TABLE, columns, frame)
    title = label("archive.title", language)
    return SheetSpec(
        SHEET, title, (table,), like.header, like.footer, like.paper, as_of, frozen=TABLE
    )
