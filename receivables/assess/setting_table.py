"""Setting tables (Scorecard, Grades) from rows with headings: every column known, every row placed."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from receivables.cells.coerce import is_blank, to_number, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, LedgerFileError
from receivables.ledger.spelling import fold

Rows = Sequence[Sequence[Any]]
BESIDE = ("source", "as_of", "note", "checked_on")
"""Columns a table may have beside its own; they say where a row comes from."""


class SettingRow(dict[str, Any]):
    """One row by column, and where it stands."""

    def __init__(self, where: str, cells: dict[str, Any]) -> None:
        super().__init__(cells)
        self.where = where

    def number(self, column: str) -> float | None:
        """Number of a column, None if blank.

        Raises:
            BadValueError: not a number; names the row and the column.
        """
        cell = self[column]
        if is_blank(cell):
            return None
        pass_through(cell)
        try:
            return to_number(cell)
        except BadValueError as fault:
            raise BadValueError(f"{self.where}, {column}: {fault}") from None

    def needed(self, column: str) -> float:
        """Number of a column that may not be blank."""
        number = self.number(column)
        if number is None:
            raise BadValueError(f"{self.where}: {column} is blank. Fill it in.")
        return number

    def text(self, column: str) -> str:
        """Text of a column, empty if blank."""
        return "" if is_blank(self[column]) else to_text(self[column])


def setting_rows(
    table: str, rows: Rows, needed: Sequence[str], optional: Sequence[str] = ()
) -> list[SettingRow]:
    """The rows below the headings; blank rows fall away.

    Raises:
        BadValueError: a heading is missing, unknown or there twice, or there are no rows.

    >>> setting_rows("Grades", [["Grade", "from score"], [1, 90]], ["grade", "from_score"])
    [{'grade': 1, 'from_score': 90}]
    """
    known = {fold(name): name for name in (*needed, *optional, *BESIDE)}
    columns = [_column(table, heading, known) for heading in rows[0]]
    for name in needed:
        if name not in columns:
            raise BadValueError(
                f"{table} has no column '{name}'. It has the headings {', '.join(needed)}."
            )
    double = next((name for name in columns if columns.count(name) > 1), "")
    if double:
        raise BadValueError(f"{table} has two columns '{double}'. Leave one.")
    found = [
        SettingRow(
            f"{table}, row {number}",
            dict.fromkeys(optional) | dict(zip(columns, cells, strict=True)),
        )
        for number, cells in enumerate(rows[1:], 2)
        if not all(is_blank(cell) for cell in cells)
    ]
    if not found:
        raise BadValueError(f"{table} has headings and no rows. Add its rows.")
    return found


def csv_rows(path: Path) -> list[list[str]]:
    """Headings and rows of a CSV file.

    Raises:
        LedgerFileError: there is no such file, or it is not text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = [row for row in csv.reader(handle) if row]
    except FileNotFoundError:
        raise LedgerFileError(f"{path}: no such file.") from None
    except UnicodeDecodeError:
        raise LedgerFileError(f"{path}: not a text file in UTF-8. Save it as CSV UTF-8.") from None
    if not rows:
        raise LedgerFileError(f"{path}: the file is empty.")
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            raise LedgerFileError(
                f"{path}, row {number}: {len(row)} cells under {width} headings."
            )
    return rows


def rows_of_tables(tables: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Headings and rows of an array of tables, as TOML and JSON hold a setting table.

    >>> rows_of_tables([{"grade": 1, "from_score": 50}, {"grade": 2, "class": "C"}])
    [['grade', 'from_score', 'class'], [1, 50, None], [2, None, 'C']]
    """
    columns = list(dict.fromkeys(name for table in tables for name in table))
    return [columns, *([table.get(name) for name in columns] for table in tables)]


def _column(table: str, heading: Any, known: dict[str, str]) -> str:
    text = "" if is_blank(heading) else to_text(heading)
    if fold(text) in known:
        return known[fold(text)]
    near = difflib.get_close_matches(fold(text), known, n=1)
    hint = f"Did you mean '{known[near[0]]}'?" if near else "Remove the column."
    raise BadValueError(f"{table} has an unknown column '{text}'. {hint}")
