"""The insured limit that was in force on the day of a shipment: a later cut leaves it untouched."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from receivables.cells.coerce import to_text
from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.choices import choice_of
from receivables.ledger.schema import tables
from receivables.ledger.spelling import known_columns
from receivables.transfer.headed import Rows, read_cell, records

TABLE = "limits"
KINDS = ("own", "insured", "group", "component")


class Limit(NamedTuple):
    """One row of the table Limits; no first day = always, no last day = until another begins."""

    customer_id: str
    kind: str
    amount: Decimal
    currency: str
    valid_from: date | None
    valid_to: date | None

    def covers(self, day: date) -> bool:
        """Whether it was in force on a day, first and last included."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


def limits_of(rows: Rows) -> list[Limit]:
    """Limits of a headed range (customer_id, kind, amount, valid_from, valid_to).

    Raises:
        BadValueError: no amount, an amount below 0, a limit that ends before it begins.
    """
    found = []
    for number, record in enumerate(records(rows, known_columns(TABLE), "limits"), 2):
        where = f"limits, row {number}"
        read = {
            name: read_cell(cell, tables()[TABLE][name], where) for name, cell in record.items()
        }
        found.append(_limit(read, where))
    return found


def limit_at(
    limits: Sequence[Limit], shipped_on: date, customer_id: str = "", kind: str = "insured"
) -> Limit:
    """The limit of a customer on a day: of those in force, the one that began last.

    A limit begins on its `valid_from`: shipments before that day keep the earlier limit, so a cut
    never reaches back. A row that names no customer or no kind holds for every one.

    Raises:
        NotAvailableError: none was in force; that is not a limit of 0.
        BadValueError: two began on the same day.

    >>> rows = [["amount", "valid_from"], [250000, "2026-01-01"], [100000, "2026-07-01"]]
    >>> [int(limit_at(limits_of(rows), day).amount) for day in (date(2026, 6, 30), date(2026, 7, 1))]
    [250000, 100000]
    """
    key = fold_key(customer_id)
    mine = [
        one for one in limits
        if one.kind in {"", kind} and (not one.customer_id or fold_key(one.customer_id) == key)
    ]  # fmt: skip
    if not customer_id and len({fold_key(one.customer_id) for one in mine}) > 1:
        raise BadValueError("The limits are of several customers. Give customer_id.")
    running = [one for one in mine if one.covers(shipped_on)]
    if not running:
        who = f" of {customer_id}" if customer_id else ""
        raise NotAvailableError(
            f"No {kind} limit{who} was in force on {shipped_on}. Add its row to the limits, with an "
            "amount of 0 if cover was refused."
        )
    last = max(one.valid_from or date.min for one in running)
    newest = [one for one in running if (one.valid_from or date.min) == last]
    if len({(one.amount, one.currency) for one in newest}) > 1:
        raise BadValueError(
            f"Two {kind} limits begin on {last}: {', '.join(f'{one.amount:f}' for one in newest)}. "
            "End one of them, or correct its first day."
        )
    return newest[0]


def kind_of(text: str) -> str:
    """Kind of limit that a word names, in either language.

    Raises:
        BadValueError: an unknown kind.

    >>> kind_of("信保额度")
    'insured'
    """
    found = choice_of(TABLE, "kind", text)
    if found is None:
        raise BadValueError(f"'{text}' is no kind of limit. Use {', '.join(KINDS)}.")
    return found


def fold_key(text: str) -> str:
    """A key as `ledger.keys` compares it, without the engine behind that: 00123 stays 00123."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _limit(read: dict[str, Any], where: str) -> Limit:
    amount = read.get("amount")
    if amount is None:
        raise BadValueError(f"{where}: the amount is blank. Give it, 0 if cover was refused.")
    if amount < 0:
        raise BadValueError(f"{where}: the limit {amount:f} is below 0. Correct it.")
    begins, ends = read.get("valid_from"), read.get("valid_to")
    if begins and ends and ends < begins:
        raise BadValueError(
            f"{where}: it ends on {ends}, before it begins on {begins}. Correct one."
        )
    customer = read.get("customer_id")
    return Limit(
        "" if customer is None else to_text(customer), read.get("kind") or "", amount,
        read.get("currency") or "", begins, ends,
    )  # fmt: skip
