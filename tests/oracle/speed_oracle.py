"""Speed of collection as a clerk would work it out, row by row. It imports nothing of the product.

A clerk replays the ledger for each month end (`ledger_oracle`) and notes, for every piece of money
that found a document, the day it was paid and the day it was matched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tests.oracle.ledger_oracle import FAR, NIL, Clerk, Matching, Row


@dataclass
class Taken:
    """Money that found a document or one of its instalments."""

    row: str
    amount: Decimal
    paid_on: date
    known_on: date


@dataclass
class Notary(Clerk):
    """A clerk who also notes which money found which row, and when."""

    paid_on: dict[str, date] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)

    def _settle(self, claims, by_doc):
        claims.sort(key=lambda claim: (claim[0], claim[1]))
        sign = {row.id: 1 if row.amount > 0 else -1 for rows in by_doc.values() for row in rows}
        left = {name: max(worth * sign[name], NIL) for name, worth in self.worth.items()}
        gave: dict[str, Decimal] = {}
        given = []
        for known, _, source, doc, amount, part in list(claims):
            give = min(amount, left[source.id])
            left[source.id] -= give
            gave[source.id] = gave.get(source.id, NIL) + give
            given.append((known, source, doc, give, part))
        owed: dict[str, Decimal] = {}
        found: dict[str, list] = {}
        for known, source, doc, give, part in given:
            if doc not in owed:
                total = sum((self.worth[row.id] for row in by_doc[doc]), NIL) * -sign[source.id]
                owed[doc] = max(total - gave.get(by_doc[doc][0].id, NIL), NIL)
            take = min(give, owed[doc])
            owed[doc] -= take
            first = by_doc[doc][0]
            if take and first.amount > 0 and not first.is_money:
                found.setdefault(doc, []).append((known, source, take, part))
        for doc, takes in found.items():
            self._note(by_doc[doc], takes)
        return super()._settle(claims, by_doc)

    def _note(self, rows, takes) -> None:
        room = {row.id: self.worth[row.id] for row in rows}
        for named in (True, False):
            for known, source, take, part in takes:
                if bool(part) != named:
                    continue
                ordered = sorted(rows, key=lambda row: (row.due_on or FAR, self.rows.index(row)))
                rest = take
                for row in [row for row in ordered if not part or row.id == part]:
                    fits = min(rest, room[row.id])
                    room[row.id] -= fits
                    rest -= fits
                    if fits and source.is_money:
                        self.taken.append(Taken(row.id, fits, self.paid_on[source.id], known))


@dataclass
class Month:
    """What one month end shows."""

    receivables: Decimal = NIL
    current: Decimal = NIL
    paid: Decimal = NIL
    paid_days: Decimal = NIL
    dated: Decimal = NIL
    beyond: Decimal = NIL
    late_days: Decimal = NIL
    due: int = 0
    late: int = 0


def month(
    rows: list[Row],
    matchings: list[Matching],
    issued: dict[str, date],
    book: dict[str, str],
    start: date,
    end: date,
) -> dict[str, Month]:
    """Each book at a month end; `issued` is the issue (or payment) date, `book` the book of a row."""
    clerk = Notary(rows, matchings, end, end, paid_on=issued)
    standing = clerk.standing()
    by_id = {row.id: row for row in rows}
    found = {name: Month() for name in book.values()}
    last: dict[str, date] = {}
    for taken in clerk.taken:
        last[taken.row] = max(last.get(taken.row, taken.paid_on), taken.paid_on)
        if not start < taken.known_on <= end:
            continue
        of, row = found[book[taken.row]], by_id[taken.row]
        of.paid += taken.amount
        of.paid_days += taken.amount * (taken.paid_on - issued[row.id]).days
        if row.due_on:
            late = (taken.paid_on - row.due_on).days
            of.dated += taken.amount
            of.beyond += taken.amount * late
            of.late_days += taken.amount * max(late, 0)
    for name, state in standing.items():
        of, row = found[book[name]], by_id[name]
        of.receivables += state.open
        if state.open > 0 and row.due_on and row.due_on >= end:
            of.current += state.open
        owed = state.open + state.paid
        if row.is_money or row.amount < 0 or not row.due_on:
            continue
        if start < row.due_on <= end and owed > 0:
            of.due += 1
            settled = end if state.open > 0 else last.get(name, row.due_on)
            of.late += settled > row.due_on
    return found
