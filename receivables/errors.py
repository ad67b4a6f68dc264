"""Two kinds of error: call faults are raised, data faults are collected as Issues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Level = Literal["error", "warning", "note"]


class ReceivablesError(Exception):
    """A call that cannot be answered. The message says what is wrong, where, and what to do.

    `cell` is what a spreadsheet shows instead of a number.
    """

    cell: ClassVar[str] = "#VALUE!"


class BadValueError(ReceivablesError):
    """An argument of the wrong type, shape or currency."""

    cell = "#VALUE!"


class DomainError(ReceivablesError):
    """A number outside the range in which the measure is defined."""

    cell = "#NUM!"


class NotAvailableError(ReceivablesError):
    """No data, an unknown key or too little history."""

    cell = "#N/A"


class ZeroDivideError(ReceivablesError):
    """A ratio whose denominator is zero."""

    cell = "#DIV/0!"


class LedgerFileError(ReceivablesError):
    """A file that cannot be read at all: missing, locked, encrypted, damaged, not a table."""


class SettingsError(ReceivablesError):
    """An unknown or impossible setting."""


def sentence(fault: Exception) -> str:
    """What a user is told of a fault, whichever program shows it: never a traceback.

    >>> sentence(FileNotFoundError(2, "No such file", "ledger.xlsx"))
    'ledger.xlsx: No such file.'
    """
    if isinstance(fault, ReceivablesError):
        return str(fault)
    if isinstance(fault, OSError):
        return f"{fault.filename or ''}: {fault.strerror or fault}.".removeprefix(": ")
    return f"This is our fault, not yours: {type(fault).__name__}: {fault}."


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault found in the user's data, with the place and the cure.

    Level `error` means that the row was set aside; `warning` that it was used and needs a look;
    `note` that the program decided something the reader should know.
    """

    code: str
    level: Level
    table: str
    file: str
    sheet: str
    cell: str
    column: str
    value: str
    message: str
    cure: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.file, self.sheet, self.cell) if part)
        return f"{where}: {self.message} {self.cure}".strip()
