"""Where every block stands, and the cell addresses behind the formula patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl
from xlsxwriter.utility import xl_col_to_name, xl_range_abs, xl_rowcol_to_cell

from receivables.report.spec import Block, ChartSpec, Place, SheetSpec, TableSpec, TextSpec

_REFERENCE = re.compile(r"\[@(\w+)\]|(\w+)\[(\w+)(?:@(\d+))?\]")
_ROW_MARK = "\x00"


def layout(spec: SheetSpec) -> list[tuple[Block, Place]]:
    """Blocks of a sheet from top to bottom with their rows."""
    placed: list[tuple[Block, Place]] = []
    tables: dict[str, Place] = {}
    row = 0
    for block in spec.blocks:
        if isinstance(block, TextSpec):
            place = Place(spec.label, row, row + len(block.lines))
        elif isinstance(block, TableSpec):
            place = _table_place(spec.label, block, row)
            tables[block.name] = place
        elif block.at:
            place = Place(spec.label, block.at[0], row)
        elif isinstance(block, ChartSpec) and block.beside:
            top = tables[block.table].first
            place = Place(spec.label, top, max(row, top + block.rows + 1))
        else:
            place = Place(spec.label, row, row + block.rows + 1)
        placed.append((block, place))
        row = place.bottom
    return placed


def _table_place(sheet: str, table: TableSpec, top: int) -> Place:
    heading = top + bool(table.title) + len(table.notes) + len(table.total_currencies)
    first = heading + 1
    last = first + max(table.frame.height, 1) - 1
    columns = {name: index for index, name in enumerate(table.names)}
    return Place(sheet, top, last + 2, heading, first, last, columns)


class References:
    """Resolve formula patterns to plain cell ranges, which every spreadsheet program reads alike."""

    def __init__(self, specs: Iterable[SheetSpec]) -> None:
        self.sheets = {spec.id: layout(spec) for spec in specs}
        self.tables = {
            block.name: place
            for placed in self.sheets.values()
            for block, place in placed
            if isinstance(block, TableSpec)
        }

    @classmethod
    def at(cls, tables: Mapping[str, Place]) -> References:
        """References to tables that stand elsewhere than in a fresh workbook."""
        made = cls(())
        made.tables.update(tables)
        return made

    def column(self, table: str, column: str, only: str | None = None) -> str:
        """Absolute address of the data cells of a column, or one of them, with its sheet."""
        place = self.tables[table]
        index = place.columns[column]
        first, last = place.first, place.last
        if only is not None:
            first = last = first + int(only)
        area = xl_range_abs(first, index, last, index)
        sheet = place.sheet.replace("'", "''")
        return f"'{sheet}'!{area}"

    def resolve(self, pattern: str, table: str = "", row: int = 0) -> str:
        """Formula text of a pattern; `table` and `row` (zero-based) give `[@col]` its meaning."""

        def address(found: re.Match[str]) -> str:
            same_row, name, column, only = found.groups()
            if same_row:
                return str(xl_rowcol_to_cell(row, self.tables[table].columns[same_row]))
            return self.column(name, column, only)

        return _REFERENCE.sub(address, pattern)

    def formulas(self, table: str, patterns: pl.Series) -> pl.Series:
        """Formula texts of a table's rows; null where a column that they name is not there."""
        first = self.tables[table].first + 1
        known = {pattern: self._parts(table, pattern) for pattern in patterns.unique().to_list()}
        if not any(known.values()):
            return pl.repeat(None, len(patterns), dtype=pl.String, eager=True)
        texts = patterns.replace_strict(
            {pattern: parts for pattern, parts in known.items() if pattern},
            default=None,
            return_dtype=pl.String,
        )
        numbers = pl.int_range(first, first + len(patterns), eager=True).cast(pl.String)
        row = pl.DataFrame({"text": texts, "row": numbers})
        filled = pl.col("text").str.replace_all(_ROW_MARK, pl.col("row"), literal=True)
        return row.select(filled).to_series()

    def _parts(self, table: str, pattern: str | None) -> str | None:
        """A pattern with everything but the row's own number in it."""
        if not pattern:
            return None
        columns = self.tables[table].columns

        def address(found: re.Match[str]) -> str:
            same_row, name, column, only = found.groups()
            if same_row:
                return letter(columns[same_row]) + _ROW_MARK
            return self.column(name, column, only)

        try:
            return _REFERENCE.sub(address, pattern)
        except KeyError:
            return None


def letter(column: int) -> str:
    """Spreadsheet letters of a zero-based column.

    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    return str(xl_col_to_name(column))
