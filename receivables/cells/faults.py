"""Error values of cells: what a spreadsheet shows where there is no answer, and why."""

from __future__ import annotations

from dataclasses import dataclass

from receivables.errors import ReceivablesError

ERRORS = frozenset(
    {"#N/A", "#VALUE!", "#NUM!", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!"}
)
"""What a spreadsheet shows in a cell without a value."""


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value of a cell, with the sentence that explains it.

    >>> str(CellError("#N/A", "No due date."))
    '#N/A No due date.'
    """

    code: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.why}".strip()


class IncomingError(ReceivablesError):
    """An argument that was an error value already; it goes through unchanged."""

    def __init__(self, error: CellError) -> None:
        super().__init__(error.why)
        self.error = error


def pass_through(cell: object) -> None:
    """Raise the error value that a cell holds, as a value or as the text a host hands over.

    >>> pass_through("#N/A")
    Traceback (most recent call last):
    receivables.cells.faults.IncomingError
    """
    if type(cell) is CellError:
        raise IncomingError(cell)
    if type(cell) is str and cell[:1] == "#" and cell in ERRORS:
        raise IncomingError(CellError(cell))
