"""A range read by its headings: above the values, or beside them as pairs of name and value."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from receivables.cells.coerce import is_blank, to_amount, to_day, to_flag, to_number, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, DomainError, ReceivablesError
from receivables.ledger.choices import choice_of
from receivables.ledger.schema import Column
from receivables.ledger.spelling import fold

Rows = Sequence[Sequence[Any]]
Record = dict[str, Any]


def records(
    rows: Rows, known: Mapping[str, str], what: str, *, strict: bool = False
) -> list[Record]:
    """Cells by column, one record per row; the side with more known headings holds them.

    Args:
        rows: cells of the range.
        known: folded heading → column.
        what: name of the range in messages.
        strict: an unknown heading is a mistake, not a column to pass over.

    Raises:
        BadValueError: no heading is known, one is unknown (strict) or stands there twice.

    >>> known = {"amount": "amount", "shippedon": "shipped_on"}
    >>> records([["Shipped on", "Amount"], ["2026-06-01", 5]], known, "invoice")
    [{'shipped_on': '2026-06-01', 'amount': 5}]
    >>> records([["Amount", 5], ["Shipped on", "2026-06-01"]], known, "invoice")
    [{'amount': 5, 'shipped_on': '2026-06-01'}]
    """
    table = [list(row) for row in rows]
    across = [list(column) for column in zip(*table, strict=True)]
    beside, above = _score(across[0], known), _score(table[0], known)
    if len(table) == 1 or beside > above or (beside == above and not _words(table[0])):
        table = across
    names = [_named(cell, known, what, strict=strict) for cell in table[0]]
    if not any(names):
        raise BadValueError(
            f"{what} has no heading that is known. Give a range whose first row or first column "
            f"names {', '.join(dict.fromkeys(known.values()))}."
        )
    double = next((name for name in names if name and names.count(name) > 1), "")
    if double:
        raise BadValueError(f"{what} has two headings for {double}. Leave one.")
    found = [
        {name: cell for name, cell in zip(names, row, strict=True) if name} for row in table[1:]
    ]
    return [row for row in found if not all(is_blank(cell) for cell in row.values())]


def one_record(rows: Rows, known: Mapping[str, str], what: str, *, strict: bool = False) -> Record:
    """The only record of a range.

    Raises:
        BadValueError: the range has none, or several.
    """
    found = records(rows, known, what, strict=strict)
    if len(found) != 1:
        raise BadValueError(
            f"{what} holds {len(found)} rows of values. Give headings with one row, or names with "
            "one column of values."
        )
    return found[0]


def read_cell(cell: Any, column: Column, what: str = "") -> Any:
    """A cell as the type of its column; None if blank.

    Raises:
        ReceivablesError: it cannot be read; names the range and the column.

    >>> from receivables.ledger.schema import tables
    >>> read_cell("90%", tables()["insurance_policies"]["insured_share"])
    0.9
    """
    if is_blank(cell):
        return None
    pass_through(cell)
    try:
        return _READERS.get(column.type, _text)(cell, column)
    except ReceivablesError as fault:
        where = f"{what}, {column.name}" if what else column.name
        raise type(fault)(f"{where}: {fault}") from None


def share(cell: Any, _column: Column | None = None) -> float:
    """A share between 0 and 1.

    >>> share(90)
    Traceback (most recent call last):
    receivables.errors.DomainError: 90 is not between 0 and 1. 90 means 90 %? Then write 90% or 0.9.
    """
    number = to_number(cell)
    if 0 <= number <= 1:
        return number
    if 1 < number <= 100:
        raise DomainError(
            f"{number:g} is not between 0 and 1. {number:g} means {number:g} %? "
            f"Then write {number:g}% or {number / 100:g}."
        )
    raise DomainError(f"{number:g} is not a share between 0 and 1. Correct it.")


def _score(cells: Sequence[Any], known: Mapping[str, str]) -> int:
    return sum(isinstance(cell, str) and fold(cell) in known for cell in cells)


def _words(cells: Sequence[Any]) -> bool:
    """Whether all cells are texts or blank, as headings are."""
    return all(isinstance(cell, str) or is_blank(cell) for cell in cells)


def _named(cell: Any, known: Mapping[str, str], what: str, *, strict: bool) -> str:
    text = "" if is_blank(cell) else to_text(cell)
    name = known.get(fold(text), "")
    if name or not strict or not text:
        return name
    near = difflib.get_close_matches(fold(text), known, n=1)
    hint = f"Did you mean '{known[near[0]]}'?" if near else "Leave it out of the range."
    raise BadValueError(f"{what} has an unknown heading '{text}'. {hint}")


def _text(cell: Any, _column: Column) -> str:
    return to_text(cell)


def _whole(cell: Any, _column: Column) -> int:
    number = to_number(cell)
    if number < 0 or number != int(number):
        raise BadValueError(f"{to_text(cell)} is not a whole number of 0 or more.")
    return int(number)


def _number(cell: Any, _column: Column) -> float:
    number = to_number(cell)
    if number < 0:
        raise DomainError(f"{number:g} is below 0.")
    return number


def _choice(cell: Any, column: Column) -> str:
    found = choice_of(column.table, column.name, to_text(cell))
    if found is None:
        raise BadValueError(f"'{to_text(cell)}' is not one of {', '.join(column.choices)}.")
    return found


_READERS: dict[str, Any] = {
    "amount": lambda cell, _column: to_amount(cell),
    "date": lambda cell, _column: to_day(cell),
    "flag": lambda cell, _column: to_flag(cell),
    "share": share,
    "integer": _whole,
    "number": _number,
    "choice": _choice,
}
