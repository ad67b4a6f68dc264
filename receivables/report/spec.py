"""What a result sheet is, in words a writer can render: blocks of tables, charts and text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

Kind = Literal[
    "text", "wrap", "link", "date", "money", "percent", "rate", "ratio", "number", "int", "flag"
]
ChartKind = Literal["column", "share", "bar", "line", "columns", "stack", "steps"]

ROW_PIXELS = 20
"""Height of a row of a sheet."""
SHEET_ROWS = 1_048_576
"""Rows of a sheet in the xlsx format."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of a result table.

    `name` is the column of the frame, `label` the heading in the report's language. `formula` names
    the frame column that holds a formula pattern per row; the values of `name` are then its stored
    results. `total` asks for a sum above the heading, `bar` for a data bar, `strong` for bold
    figures that print nil as 0.00 and not as a dash. `width` 0 fits the content, 1 lets a text run
    over into empty cells.
    """

    name: str
    label: str
    kind: Kind = "text"
    width: float = 0.0
    total: bool = False
    formula: str = ""
    bar: bool = False
    strong: bool = False
    currency_column: str = ""
    """Column that names this money column's currency, where it is not the table's."""
    ratio: tuple[str, str] | None = None
    """Two money columns: the total line shows the sum of the first ÷ the sum of the second."""
    typed: bool = False
    """Filled in by the user: a refresh keeps what stands there with its row, and gives no value."""
    unused: bool = False
    """Nothing to show yet: the column is made hidden, and shown when it is first filled."""
    hidden: bool = False
    """Made hidden and kept so: a help for formulas."""


@dataclass(frozen=True, slots=True)
class Tint:
    """Shade a column where another column of the row holds one of these texts."""

    column: str
    where: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A native table: unique name, typed columns, one frame row each.

    Money columns are int64 minor units of `currency`, or of the currency named per row in
    `currency_column`. Totals stand above the headings, one line per currency: there they stay in
    view, follow the filter and do not move when rows come in. Formula patterns know `[@col]` (same
    row), `Table[col]` (the whole column of a table on any sheet) and `Table[col@2]` (its third row).
    """

    name: str
    columns: tuple[ColumnSpec, ...]
    frame: pl.DataFrame
    currency: str = ""
    currency_column: str = ""
    title: str = ""
    notes: tuple[str, ...] = ()
    total_label: str = ""
    tint: Tint | None = None
    filter: bool = True
    light: str = ""
    """Column that holds one of the three states of the light."""
    shown: str = ""
    """Hidden column that is 1 where the filter shows the row: totals of several currencies ask it."""
    key: tuple[str, ...] = ()
    """Columns that say which row is which, so that a user's note stays with it; () = by place."""

    @property
    def names(self) -> list[str]:
        """Column names from left to right."""
        return [column.name for column in self.columns]

    @property
    def total_currencies(self) -> list[str]:
        """Currencies that get a total line."""
        if self.frame.is_empty() or not any(column.total for column in self.columns):
            return []
        if not self.currency_column:
            return [self.currency]
        return sorted(self.frame[self.currency_column].drop_nulls().unique().to_list())


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """A native chart bound to the cells of a table.

    `column`: the columns `series` of the first row side by side; `share`: one 100 % bar per row,
    split by the columns `series`; `bar`: one bar per row for the first `limit` rows; `line`: one
    line per column of `series` over the rows; `columns`: the same as columns side by side; `stack`:
    bars of the rows, the columns on top of each other; `steps`: columns that begin where the one
    before ended, the first column of `series` being the invisible foot. `beside` places it to the
    right of the table, not below the last block; `at` (row, column, rows, columns) on those cells
    of the sheet, in nobody's way.
    """

    kind: ChartKind
    title: str
    table: str
    series: tuple[str, ...]
    category: str = ""
    rows: int = 15
    limit: int = 0
    beside: bool = False
    at: tuple[int, int, int, int] | None = None
    number: str = ""
    """Number format of the axis; "" = the kind's own."""
    dates: str = "yyyy-mm"
    """Number format of the days along a `line`."""
    words: str = ""
    """What it shows, for those who do not see it; "" = its title."""
    colours: tuple[str, ...] = ()
    """Of `columns`, `stack` and `steps`: one per series, or per point of a single series."""


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """A picture (PNG at 96 dots per inch) below the block before it.

    `words` says what it shows, for those who do not see it. It is made smaller, never larger, to be
    as wide as the columns of the sheet or `width` pixels, whichever is less.
    """

    name: str
    data: bytes
    words: str
    width: int = 1100
    at: tuple[int, int, int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Pixels across and down, as the PNG says itself."""
        return int.from_bytes(self.data[16:20], "big"), int.from_bytes(self.data[20:24], "big")

    @property
    def rows(self) -> int:
        """Rows of the sheet that it may cover."""
        across, down = self.size
        return -(-min(self.width, across) * down // (across * ROW_PIXELS)) + 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a text line: a value, or a formula pattern with `value` as its stored result."""

    column: int
    value: str | int | float | date
    style: str = "plain"
    formula: str = ""
    until: int = 0
    """Last column of a merged cell, 0 = not merged."""


@dataclass(frozen=True, slots=True)
class TextSpec:
    """Lines of text outside any table: titles, notes, the light, the sign-off."""

    lines: tuple[tuple[Cell, ...], ...]


Block = TableSpec | ChartSpec | PictureSpec | TextSpec


@dataclass(frozen=True, slots=True)
class Overflow:
    """All rows of a table too long for a sheet, kept in a parquet file beside the workbook."""

    name: str
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Screen:
    """The first rows and columns of a sheet as one screen and one printed page.

    Every column is `width` characters wide, whatever stands in it; charts and pictures lie on the
    grid with `at`; what stands below feeds them and is not printed.
    """

    rows: int
    columns: int
    width: float
    zoom: int = 100


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """One result sheet."""

    id: str
    label: str
    blocks: tuple[Block, ...]
    header: tuple[str, str, str]
    footer: tuple[str, str, str]
    paper: str
    as_of: date
    frozen: str = ""
    """Table whose heading row stays in view; empty = the first text block."""
    frozen_columns: int = 0
    repeat: bool = True
    """Whether the frozen heading row is printed on every page."""
    light_states: tuple[str, str, str] = ("", "", "")
    """Texts of the light: ties out, ties out without a control account, does not tie out; an empty
    one colours nothing."""
    overflow: tuple[Overflow, ...] = ()
    screen: Screen | None = None
    hidden: bool = False
    """Nothing to show yet: a new workbook hides the sheet until it is first filled."""

    @property
    def tables(self) -> Iterator[TableSpec]:
        """The tables from top to bottom."""
        return (block for block in self.blocks if isinstance(block, TableSpec))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands on its sheet: zero-based rows and columns."""

    sheet: str
    top: int
    bottom: int
    """First free row below."""
    heading: int = 0
    first: int = 0
    last: int = 0
    columns: dict[str, int] = field(default_factory=dict)
