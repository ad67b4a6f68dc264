"""Rows of a result table as they stand in a workbook, by our column names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import fastexcel
import polars as pl

from receivables.book.blocks import anchors, sheet_entries, tables_of
from receivables.book.identity import anchor_name, read_columns
from receivables.book.package import Package
from receivables.book.table_part import TablePart


def table_rows(path: Path, sheet_id: str, table: str, headings: Mapping[str, str]) -> pl.DataFrame:
    """A table of ours as text; no rows and no columns where it is not there.

    It is found after its user renamed it, its sheet or its headings.

    Args:
        path: the workbook.
        sheet_id: of our sheet.
        table: our name of the table.
        headings: heading → our column name, for a workbook that does not remember its columns.
    """
    try:
        with ZipFile(path) as archive:
            book = Package(path, archive)
            found = _found(book, sheet_id, table)
            remembered = {number: name for name, number, _ in read_columns(book).get(table, ())}
    except (OSError, BadZipFile, KeyError):
        return pl.DataFrame()
    if found is None:
        return pl.DataFrame()
    names = {
        column.name: remembered.get(column.id) or headings[column.name]
        for column in found.columns
        if column.id in remembered or column.name in headings
    }
    try:
        frame: pl.DataFrame = (
            fastexcel.read_excel(path).load_table(found.name, dtypes="string").to_polars()
        )
    except Exception:  # noqa: BLE001 - the reader's errors have no common public base
        return pl.DataFrame()
    frame = frame.select(name for name in names if name in frame.columns).rename(
        names, strict=False
    )
    return frame.filter(pl.any_horizontal(pl.all().is_not_null()))


def _found(book: Package, sheet_id: str, table: str) -> TablePart | None:
    entries = sheet_entries(book)
    known = tables_of(book, entries)
    if table.casefold() in known:
        return known[table.casefold()]
    sheet, area = anchors(book).get(anchor_name(sheet_id, table), ("", None))
    parts = {entry.part for entry in entries if entry.name == sheet}
    return next(
        (
            one
            for one in known.values()
            if area and one.sheet in parts and area.top <= one.area.top <= area.bottom
        ),
        None,
    )
