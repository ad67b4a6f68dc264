"""The shapes that pass between reading, checking and opening the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from receivables.errors import Issue
from receivables.ledger.frame_types import LOCATION, typed_schema

SET_ASIDE_SCHEMA: dict[str, pl.DataType] = {
    "table": pl.String(),
    "code": pl.String(),
    "company": pl.String(),
    "account": pl.String(),
    "currency": pl.String(),
    "customer_id": pl.String(),
    "document_no": pl.String(),
    "amount": pl.Int64(),
    "amount_text": pl.String(),
    **LOCATION,
}
"""Rows not used. `amount` is signed minor units as the row would have counted, null = unreadable."""


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet, file or database table that was read."""

    file: str
    sheet: str
    table: str
    heading_row: int
    letters: dict[str, str]
    """Column name → spreadsheet letter, so that an Issue can name the cell."""
    rows: int = 0
    date1904: bool = False
    notes: tuple[str, ...] = ()
    """What was detected: encoding, delimiter, decimal mark, skipped title and total rows."""

    def cell(self, row: int, column: str) -> str:
        """Address of a cell as the user sees it; `row 17` where there are no letters."""
        letter = self.letters.get(column, "")
        return f"{letter}{row}" if letter else f"row {row}"


@dataclass(frozen=True, slots=True)
class RawTable:
    """One input table as text: canonical column names, extra columns under their own heading.

    `frame` holds strings (null = blank cell, `#N/A` = a cell in error) plus `_source` and `_row`.
    """

    name: str
    frame: pl.DataFrame


@dataclass(slots=True)
class RawLedger:
    """Everything read, before a single value was interpreted."""

    tables: dict[str, RawTable]
    sources: list[Source]
    issues: list[Issue] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    """Settings table of the workbook or `settings.toml` of a folder: name → text."""


@dataclass(slots=True)
class Ledger:
    """Checked, typed tables. Every table of `columns.csv` is there, empty if the file has none."""

    tables: dict[str, pl.DataFrame]
    sources: list[Source]
    issues: list[Issue] = field(default_factory=list)
    set_aside: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SET_ASIDE_SCHEMA))
    kind: str = "full"
    extracted_on: date | None = None

    def __getitem__(self, table: str) -> pl.DataFrame:
        if table not in self.tables:
            self.tables[table] = pl.DataFrame(schema=typed_schema(table))
        return self.tables[table]

    def place(self, source: int, row: int, column: str = "") -> tuple[str, str, str]:
        """File, sheet and cell of a row."""
        found = self.sources[source]
        return found.file, found.sheet, found.cell(row, column)


def worst(issues: Iterable[Issue]) -> str:
    """The gravest level among the issues, empty if there are none."""
    levels = {issue.level for issue in issues}
    return next((level for level in ("error", "warning", "note") if level in levels), "")
