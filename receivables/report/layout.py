"""Where every block stands, and the cell addresses behind the formula patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlsxwriter.utility import xl_col_to_name, xl_range_abs, xl_rowcol_to_cell

from receivables.report.spec import Block, ChartSpec, Place, SheetSpec, TableSpec, TextSpec

_REFERENCE = re.compile(r"\[@(\w+)\]|(\w+)\[(\w+)(?:@(\d+))?\]")


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


def letter(column: int) -> str:
    """Spreadsheet letters of a zero-based column.

    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    return str(xl_col_to_name(column))
