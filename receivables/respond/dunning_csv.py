"""The journal as two csv files that are only ever added to; what a crash tore off is not there."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl

from receivables import money
from receivables.errors import LedgerFileError
from receivables.respond.dunning_journal import Journal, schema

LOCK = ".lock"
FILES = {"letters": "letters.csv", "letter_items": "letter_items.csv"}
MONEY = {"letters": "amount", "letter_items": "open"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


class CsvJournal:
    """A journal in a folder: rows are appended and synced, the last row of a letter is its state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self) -> Journal:
        """Everything that is complete on disk.

        Raises:
            LedgerFileError: a heading is gone, or a cell was changed so that it cannot be read.
        """
        return Journal.of(*(self._table(name) for name in FILES))

    def append(
        self, letters: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """Add rows; the items are on disk before the first letter is.

        Raises:
            LedgerFileError: the folder cannot be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, rows in (("letter_items", items), ("letters", letters)):
                self._add(name, rows)
        except OSError as fault:
            raise LedgerFileError(
                f"{fault.filename or self.folder}: cannot be written ({fault.strerror}). Close it in "
                "other programs and run again: what was made is known, nothing is made twice."
            ) from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While this is entered no other run makes letters; the lock ends with the program.

        Raises:
            LedgerFileError: another run is at work.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = (self.folder / LOCK).open("a+b")
        except OSError as fault:
            raise LedgerFileError(
                f"{self.folder}: cannot be written ({fault.strerror})."
            ) from None
        with handle:
            try:
                _lock(handle.fileno())
            except OSError:
                raise LedgerFileError(
                    f"{self.folder}: another run is making letters. Wait until it is over."
                ) from None
            yield

    def _add(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for row in rows:
            writer.writerow(_cells(name, row))
        if not text.getvalue():
            return
        path = self.folder / FILES[name]
        with path.open("a+b") as handle:
            _cut_torn_line(handle)
            if not handle.tell():
                handle.write(f"\ufeff{','.join(schema(name))}\n".encode())
            handle.write(text.getvalue().encode())
            handle.flush()
            os.fsync(handle.fileno())

    def _table(self, name: str) -> pl.DataFrame:
        path = self.folder / FILES[name]
        columns = schema(name)
        if not path.exists():
            return pl.DataFrame(schema=columns)
        whole, _, _ = path.read_bytes().rpartition(b"\n")
        try:
            lines = list(csv.DictReader(io.StringIO(whole.decode("utf-8-sig"), newline="")))
        except (UnicodeDecodeError, csv.Error) as fault:
            raise _damaged(path, f"it is no csv text: {fault}") from None
        for column in columns:
            if lines and column not in lines[0]:
                raise _damaged(path, f"the column {column} is gone")
        rows = [_row(name, path, number, line) for number, line in enumerate(lines, 2)]
        return pl.DataFrame(rows, schema=columns, orient="row")


def _lock(number: int) -> None:
    """Lock a file as long as it is open; the system lets go when the program dies."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _cells(name: str, row: Mapping[str, Any]) -> list[str]:
    return [_cell(name, row, column) for column in schema(name)]


def _cell(name: str, row: Mapping[str, Any], column: str) -> str:
    value = row[column]
    if value is None:
        return ""
    if column == MONEY[name]:
        return money.text(value, row["currency"] or money.NO_CURRENCY)
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).splitlines())
    # a spreadsheet that opens the file must not compute what a customer is called
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _row(name: str, path: Path, number: int, line: Mapping[str, Any]) -> list[Any]:
    currency = _text(line["currency"]) or money.NO_CURRENCY
    found: list[Any] = []
    for column, kind in schema(name).items():
        text = _text(line[column])
        try:
            if not text:
                found.append(None)
            elif column == MONEY[name]:
                found.append(money.to_minor(text, currency))
            elif kind == pl.Date():
                found.append(date.fromisoformat(text))
            else:
                found.append(int(text) if kind == pl.Int64() else text)
        except (ValueError, InvalidOperation):
            raise _damaged(path, f"row {number}, {column}: '{text}' cannot be read") from None
    return found


def _text(cell: str | None) -> str:
    text = cell or ""
    return text.removeprefix("'")


def _cut_torn_line(handle: Any) -> None:
    """Drop what stands behind the last line end: a program that died was still writing it."""
    end = handle.seek(0, os.SEEK_END)
    at = end
    while at:
        start = max(0, at - 65_536)
        handle.seek(start)
        found = handle.read(at - start).rfind(b"\n")
        if found >= 0:
            at = start + found + 1
            break
        at = start
    if at < end:
        handle.truncate(at)
    handle.seek(at)


def _damaged(path: Path, why: str) -> LedgerFileError:
    return LedgerFileError(
        f"{path}: the journal of letters cannot be read: {why}. Restore the file from a backup; "
        "without it letters could go out twice."
    )
