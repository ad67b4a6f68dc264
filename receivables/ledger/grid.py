"""One sheet, file or database table as it was found: cells of text, each row with its number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from receivables.errors import Issue, Level

ROW = "_row"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a sheet, rows and columns counted from 1, both ends included."""

    name: str
    top: int
    left: int
    bottom: int
    right: int
    totals: int = 0
    """Total rows at the foot of an Excel Table."""


@dataclass(slots=True)
class Grid:
    """Cells as text (null = blank) in columns `c0`, `c1` …, and `_row`, the number a user sees."""

    file: str
    sheet: str
    frame: pl.DataFrame
    letters: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    """Names of the columns where the source has them (database, parquet)."""
    merges: tuple[Area, ...] = ()
    areas: tuple[Area, ...] = ()
    date1904: bool = False
    notes: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    stored_as_number: Callable[[list[tuple[int, int]]], list[bool]] | None = None
    """Says for cells (row, column index) whether the workbook holds a number there."""

    @property
    def columns(self) -> list[str]:
        """Names of the cell columns."""
        return [name for name in self.frame.columns if name != ROW]

    def cell(self, row: int, index: int) -> str:
        """Address of a cell; `row 17` where the source has no column letters."""
        return f"{self.letters[index]}{row}" if index < len(self.letters) else f"row {row}"

    def report(self, code: str, level: Level, message: str, cure: str, **where: str) -> None:
        """Add an Issue about this sheet."""
        self.issues.append(
            Issue(
                code=code,
                level=level,
                table=where.get("table", ""),
                file=self.file,
                sheet=self.sheet,
                cell=where.get("cell", ""),
                column=where.get("column", ""),
                value=where.get("value", ""),
                message=message,
                cure=cure,
            )
        )


def letters(first: int, count: int) -> tuple[str, ...]:
    """Spreadsheet letters of columns, the first counted from 1.

    >>> letters(26, 3)
    ('Z', 'AA', 'AB')
    """
    return tuple(_letter(number) for number in range(first, first + count))


def column_number(letter: str) -> int:
    """Number of a spreadsheet column.

    >>> column_number("A"), column_number("AB"), column_number("XFD")
    (1, 28, 16384)
    """
    number = 0
    for sign in letter:
        number = number * 26 + ord(sign) - 64
    return number


def tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Cells that hold only blanks become null; rows that hold nothing go, the others keep their number."""
    cells = pl.col([name for name in frame.columns if name != ROW])
    blank = cells.str.strip_chars(" \t\r\n\u00a0\u3000\u200b\ufeff") == ""
    frame = frame.with_columns(pl.when(blank).then(None).otherwise(cells).name.keep())
    return frame.filter(pl.any_horizontal(cells.is_not_null()))


def _letter(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
