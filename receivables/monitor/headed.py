"""Rows of a range with headings: each read under the names of its columns, faults with their row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from receivables.cells.coerce import to_text
from receivables.errors import BadValueError, ReceivablesError
from receivables.ledger.spelling import fold

Row = Mapping[str, Any]
Found = TypeVar("Found")


def words(headings: Mapping[str, str]) -> dict[str, str]:
    """Folded heading → column, of columns with their headings parted by `|`.

    >>> words({"sector": "sector|industry|行业"})["行业"]
    'sector'
    """
    return {fold(word): name for name, texts in headings.items() for word in texts.split("|")}


def named(
    table: Sequence[Sequence[Any]], known: Mapping[str, str], needed: Sequence[str], what: str
) -> list[tuple[int, Row]]:
    """Rows under the names of their columns, with the number of the row in the range.

    Blank rows are passed over; columns of unknown headings are left out.

    Raises:
        BadValueError: a heading is missing or stands there twice.

    >>> named([["Industry", "note"], ["steel", "x"]], words({"sector": "industry"}), ["sector"], "a table")
    [(2, {'sector': 'steel'})]
    """
    names = [known.get(fold(to_text("" if cell is None else cell)), "") for cell in table[0]]
    missing = [name for name in needed if name not in names]
    if missing:
        raise BadValueError(
            f"The range is not {what}: the heading {missing[0]} is missing. Row 1 holds the headings."
        )
    twice = next((name for name in names if name and names.count(name) > 1), "")
    if twice:
        raise BadValueError(f"Two headings of the range mean {twice}. Keep one.")
    return [
        (number, {name: cell for name, cell in zip(names, row, strict=True) if name})
        for number, row in enumerate(table[1:], 2)
        if any(cell is not None for cell in row)
    ]


def each(rows: Sequence[tuple[int, Row]], read: Callable[[Row], Found]) -> list[Found]:
    """Every row read; a fault names its row.

    Raises:
        ReceivablesError: the first fault, of the kind that `read` raised.

    >>> each([(2, {"kind": None})], lambda row: given(row, "kind"))
    Traceback (most recent call last):
    receivables.errors.BadValueError: row 2 of the range: kind is blank. Fill it in, or leave the row out.
    """
    found = []
    for number, row in rows:
        try:
            found.append(read(row))
        except ReceivablesError as fault:
            raise type(fault)(f"row {number} of the range: {fault}") from None
    return found


def given(row: Row, name: str) -> Any:
    """A cell of the row that must not be blank.

    Raises:
        BadValueError: it is blank.

    >>> given({"kind": "Lawsuit"}, "kind")
    'Lawsuit'
    """
    if row.get(name) is None:
        raise BadValueError(f"{name} is blank. Fill it in, or leave the row out.")
    return row[name]
