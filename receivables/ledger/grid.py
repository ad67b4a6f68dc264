"""One sheet, file or database table as it was found: cells of text, each row with its number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import polars as pl

from receivables.errors import Issue, Level
from receivables.ledger.findings import texts

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


@dataclass(frozen=True, slots=True)
class Remark:
    """A fault found while reading: a row of `data/issues.csv` and the values of its sentences."""

    code: str
    values: dict[str, str]

    def worded(self, file: str, sheet: str, language: str) -> Issue:
        """The Issue in a language; `table`, `cell`, `column` and `value` say where."""
        text, values = texts()[self.code], self.values
        return Issue(
            code=self.code,
            level=cast("Level", values.get("level", text["level"])),
            table=values.get("table", ""),
            file=file,
            sheet=sheet,
            cell=values.get("cell", ""),
            column=values.get("column", ""),
            value=values.get("value", ""),
            message=text[f"message_{language}"].format_map(values),
            cure=text[f"cure_{language}"].format_map(values),
        )


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
    remarks: list[Remark] = field(default_factory=list)
    stored_as_number: Callable[[list[tuple[int, int]]], list[bool]] | None = None
    """Says for cells (row, column index) whether the workbook holds a number there."""

    @property
    def columns(self) -> list[str]:
        """Names of the cell columns."""
        return [name for name in self.frame.columns if name != ROW]

    def cell(self, row: int, index: int) -> str:
        """Address of a cell; `row 17` where the source has no column letters."""
        return f"{self.letters[index]}{row}" if index < len(self.letters) else f"row {row}"

    def remark(self, code: str, **values: object) -> None:
        """Note a fault of this sheet; `data/issues.csv` words it."""
        self.remarks.append(Remark(code, {name: str(value) for name, value in values.items()}))

    def issues(self, language: str = "en") -> list[Issue]:
        """The remarks as Issues."""
        return [remark.worded(self.file, self.sheet, language) for remark in self.remarks]


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
