"""Disputes in cells: the clocks of a complaint, and what of a debt nobody disputes."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from receivables.cells import Amount, Amounts, Arg, Day, Days, Table, cell
from receivables.errors import BadValueError, ReceivablesError
from receivables.respond import disputes


@cell("DISPUTE_SLA", family="respond")
def dispute_sla(
    opened_on: Annotated[Days, Arg("day of the complaint, or a column of them", "date")],
    as_of: Annotated[Day, Arg("day of the question", "date")],
    acknowledged_on: Annotated[
        Days | None, Arg("day of our written acknowledgement", "date")
    ] = None,
    decided_on: Annotated[Days | None, Arg("day on which we decided", "date")] = None,
    closed_on: Annotated[Days | None, Arg("day on which it was settled", "date")] = None,
) -> Annotated[
    Table,
    Arg(
        "step, due_on, done_on, days_left, state; of several disputes the next step of each",
        "table",
    ),
]:
    """Clocks of a dispute: acknowledge within 48 hours, decide in 21 days, resolve in 45, escalate after 90.

    Days left = due date − as_of, below 0 when late; the last day itself is in time.

    Raises:
        BadValueError: a date before the complaint; columns of different lengths.

    >>> [[row[0], str(row[1]), row[3], row[4]] for row in dispute_sla([date(2026, 10, 1)], date(2026, 10, 22))[1:3]]
    [['acknowledge', '2026-10-03', -19, 'late'], ['handle', '2026-10-22', 0, 'open']]
    """
    columns = [_column(days, len(opened_on), name) for name, days in (
        ("acknowledged_on", acknowledged_on), ("decided_on", decided_on), ("closed_on", closed_on))]  # fmt: skip
    if len(opened_on) == 1 and opened_on[0]:
        found = disputes.clocks(opened_on[0], as_of, *(column[0] for column in columns))
        return [list(disputes.HEADINGS), *(list(one) for one in found)]
    table: list[list[Any]] = [list(disputes.HEADINGS)]
    for number, (day, *ends) in enumerate(zip(opened_on, *columns, strict=True), 1):
        table.append(_next(day, as_of, ends, number))
    return table


@cell("UNDISPUTED_BALANCE", family="respond")
def undisputed_balance(
    open_amount: Annotated[
        Amounts, Arg("open amount, or a column of documents; credits below 0", "money")
    ],
    disputed: Annotated[
        Amounts | None,
        Arg("disputed part of each document; blank = none, more than open = all of it", "money"),
    ] = None,
    unapplied: Annotated[
        Amount | None, Arg("unapplied cash and credit notes beside the documents", "money")
    ] = None,
) -> Annotated[Amount, Arg("what can be asked for now", "money")]:
    """Undisputed balance = Σ (open − disputed, at least 0) − unapplied credits, at least 0; it stays payable.

    Raises:
        BadValueError: columns of different lengths.
        DomainError: a disputed amount below 0.

    >>> undisputed_balance([Decimal(1000), Decimal(500)], [Decimal(300), None], Decimal(100))
    Decimal('1100')
    """
    parts = disputed if disputed is not None else [None] * len(open_amount)
    return disputes.undisputed(open_amount, parts, unapplied or Decimal(0))


def _column(days: list[date | None] | None, count: int, name: str) -> list[date | None]:
    if not days:
        return [None] * count
    if len(days) != count:
        raise BadValueError(f"{name} has {len(days)} rows, opened_on has {count}. Give as many.")
    return days


def _next(day: date | None, as_of: date, ends: list[date | None], number: int) -> list[Any]:
    if day is None:
        return [None] * len(disputes.HEADINGS)
    try:
        found = disputes.clocks(day, as_of, *ends)
    except ReceivablesError as fault:
        raise type(fault)(f"row {number}: {fault}") from None
    return list(disputes.next_clock(found) or found[-1])
