"""Ranges with headings as a ledger: the same reading, checking and linking as for a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from receivables.cells.coerce import choice_words, to_day, to_text
from receivables.cells.faults import CellError
from receivables.errors import BadValueError, Issue, LedgerFileError, NotAvailableError

if TYPE_CHECKING:
    from receivables.ledger.grid import Grid
    from receivables.ledger.model import Ledger
    from receivables.ledger.posted import Posted

Rows = Sequence[Sequence[Any]]
DECIDING = frozenset(
    {"due_on", "issued_on", "posted_on", "paid_on", "applied_on", "entered_on", "instalment"}
)
"""Columns that move an amount to another bucket or day when they are read as empty."""
BACKDATED = (
    "An open-item list without clearing dates shows one day only and cannot be back-dated. "
    "Give AGING_OPEN the documents with their payments, or use the list's own date."
)


@dataclass(frozen=True, slots=True)
class Books:
    """A ledger built from ranges: checked tables and the linked rows."""

    ledger: Ledger
    posted: Posted


def books(ranges: Mapping[str, Rows | None], as_of: date) -> Books:
    """Check and link ranges by table name; a row that cannot be used makes the call fail.

    A cell has no list of issues beside it, so a row set aside would vanish without a word.

    Raises:
        BadValueError: a heading is missing or a row cannot be read; names the row.
    """
    from receivables.ledger.check import check
    from receivables.ledger.link import link
    from receivables.ledger.mapping import Mapping as Headings
    from receivables.ledger.read import read_grids

    grids = [grid(name, rows) for name, rows in ranges.items() if rows]
    try:
        raw = read_grids("the range", grids, Headings(), lambda *_: None)
    except LedgerFileError as fault:
        raise BadValueError(
            f"{fault}".replace("Write a mapping with 'map' and name", "Name")
        ) from None
    ledger = check(raw, as_of=as_of)
    posted = link(ledger)
    refuse([*ledger.issues, *posted.issues])
    return Books(ledger, posted)


def grid(name: str, rows: Rows) -> Grid:
    """A range as a sheet of text named after its table; row 1 holds the headings."""
    import polars as pl

    from receivables.ledger.grid import ROW, Grid, tidy

    columns = {
        f"c{index}": pl.Series([cell_text(row[index]) for row in rows], dtype=pl.String)
        for index in range(len(rows[0]))
    }
    numbers = pl.Series(range(1, len(rows) + 1), dtype=pl.Int64)
    return Grid(file="", sheet=name, frame=tidy(pl.DataFrame({**columns, ROW: numbers})))


def cell_text(cell: Any) -> str | None:
    """A cell as text without loss: dates ISO, numbers plain, blanks none.

    >>> cell_text(1e15), cell_text(0.1), cell_text(date(2026, 10, 31)), cell_text(None)
    ('1000000000000000', '0.1', '2026-10-31', None)
    """
    if cell is None or type(cell) is str:
        return cell
    if type(cell) is float:
        text = repr(cell)
        return text.removesuffix(".0") if "e" not in text else format(Decimal(text), "f")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, CellError):
        return cell.code
    return to_text(cell)


def refuse(issues: Sequence[Issue]) -> None:
    """Fail on the first row set aside or with a date that had to be read as empty."""
    faults = [issue for issue in issues if issue.level == "error" or _is_unread(issue)]
    if faults:
        first = faults[0]
        where = " ".join(filter(None, [first.sheet, first.cell]))
        more = f" ({len(faults) - 1} more like it)" if len(faults) > 1 else ""
        raise BadValueError(f"{where}: {first.message} {first.cure}{more}")


def _is_unread(issue: Issue) -> bool:
    unread = issue.code.startswith("date_") or issue.code in {"cell_error", "number_text"}
    return unread and issue.level == "warning" and issue.column in DECIDING


def open_list(rows: Rows, as_of: date) -> list[list[Any]]:
    """An open-item list as documents: the open amount is the amount, everything is posted by as_of.

    Columns for the original and the settled amount go, once there is one for the open amount.
    A list without document numbers or issue dates gets the row's number and the as-of date.

    Raises:
        NotAvailableError: the list is of another day than `as_of`.
    """
    words = choice_words("item_heading")
    roles = [words.get(to_text(heading or "").casefold(), "") for heading in rows[0]]
    for index, role in enumerate(roles):
        if role == "as_of":
            _same_day(rows, index, as_of)
    has_open = "open" in roles
    kept = [
        index
        for index, role in enumerate(roles)
        if role != "as_of" and not (has_open and role == "settled")
    ]
    table = [[row[index] for index in kept] for row in rows]
    if has_open:
        table[0][kept.index(roles.index("open"))] = "amount"
    return _completed(table, as_of)


def is_open_list(rows: Rows) -> bool:
    """Whether the headings name an open amount: a list of one day, not a history."""
    words = choice_words("item_heading")
    return any(words.get(to_text(heading or "").casefold()) == "open" for heading in rows[0])


def names(rows: Rows, column: str) -> bool:
    """Whether a heading of documents names a column, by itself or through a synonym."""
    from receivables.ledger.spelling import fold, known_columns

    known = known_columns("documents")
    return any(known.get(fold(to_text(heading or ""))) == column for heading in rows[0])


def _completed(table: list[list[Any]], as_of: date) -> list[list[Any]]:
    if not names(table, "document_no"):
        _add(table, "document_no", lambda number: f"row {number}")
    if not names(table, "issued_on"):
        _add(table, "issued_on", lambda _number: as_of)
    if not names(table, "posted_on"):
        _add(table, "posted_on", lambda _number: as_of)
    return table


def _add(table: list[list[Any]], heading: str, value: Any) -> None:
    table[0].append(heading)
    for number, row in enumerate(table[1:], 2):
        row.append(value(number))


def _same_day(rows: Rows, index: int, as_of: date) -> None:
    for row in rows[1:]:
        if row[index] is not None and to_day(row[index]) != as_of:
            raise NotAvailableError(f"The list is as of {to_day(row[index])}. {BACKDATED}")


def check_not_later(found: Books, as_of: date) -> None:
    """Refuse an open-item list that holds rows of a later day: it was drawn up after `as_of`."""
    for table in ("documents", "payments"):
        frame = found.ledger[table]
        days = [name for name in ("issued_on", "paid_on", "posted_on") if name in frame.columns]
        for name in days:
            latest: Any = frame[name].max()
            if latest is not None and latest > as_of:
                row = frame.filter(frame[name] == latest)["_row"][0]
                raise NotAvailableError(
                    f"Row {row} of the list has the {name} {latest}, after {as_of}. {BACKDATED}"
                )
