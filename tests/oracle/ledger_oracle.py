"""A ledger kept row by row in Decimal, as a clerk would. It imports nothing of the product.

The rules in words:

1. A row is there from its posting day on.
2. A row that undoes or re-opens another one (a reversal, a bounced payment, a recovery) changes
   what that other row is worth from the day both are posted, and is itself worth nothing then.
3. A matching counts from the day both rows are posted and the matching is known.
4. In the order of that day (then allocations, then rows that name their document themselves) each
   credit gives until it is used up, then each document takes until it is paid. What a document
   cannot take, the credit keeps.
5. Instalments: a matching that names one fills that one first; the rest fills the oldest first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

NIL = Decimal(0)
FAR = date(2200, 12, 31)


@dataclass
class Row:
    """One posted row: a document, an instalment or a payment, signed as it moves the balance."""

    id: str
    doc: str
    amount: Decimal
    posted_on: date
    due_on: date | None = None
    is_money: bool = False
    names: str | None = None
    undoes: str | None = None
    settled_on: date | None = None


@dataclass
class Matching:
    """An allocation: so much of one credit for one document (or one instalment of it)."""

    credit: str
    doc: str
    amount: Decimal
    known_on: date
    part: str | None = None


@dataclass
class Standing:
    """What the oracle says of one row."""

    open: Decimal = NIL
    paid: Decimal = NIL


@dataclass
class Clerk:
    """Replays the rows for one as-of date."""

    rows: list[Row]
    matchings: list[Matching]
    as_of: date
    cutoff: date
    worth: dict[str, Decimal] = field(default_factory=dict)
    paid: dict[str, Decimal] = field(default_factory=dict)

    def standing(self) -> dict[str, Standing]:
        there = [row for row in self.rows if row.posted_on <= self.as_of]
        by_id = {row.id: row for row in there}
        by_doc: dict[str, list[Row]] = {}
        for row in there:
            by_doc.setdefault(row.doc, []).append(row)
        all_docs: dict[str, list[Row]] = {}
        for row in self.rows:
            all_docs.setdefault(row.doc, []).append(row)
        self.worth = {row.id: row.amount for row in there}
        self.paid = {row.id: NIL for row in there}
        claims: list[tuple[date, int, Row, str, Decimal, str | None]] = []
        allocated = {matching.credit for matching in self.matchings}
        order = 0
        for matching in self.matchings:
            order += 1
            credit, targets = by_id.get(matching.credit), by_doc.get(matching.doc)
            if credit is None or targets is None or len(targets) < len(all_docs[matching.doc]):
                continue
            known = max(matching.known_on, credit.posted_on, *(row.posted_on for row in targets))
            if known <= self.cutoff:
                claims.append((known, order, credit, matching.doc, matching.amount, matching.part))
        for row in there:
            if row.settled_on and max(row.settled_on, row.posted_on) <= self.as_of:
                self.worth[row.id] -= row.amount
                self.paid[row.id] += row.amount
        for undoing in (False, True):
            for row in self.rows:
                target = row.undoes if undoing else (None if row.undoes else row.names)
                if target is None:
                    continue
                order += 1
                targets = by_doc.get(target, [])
                if row.id not in by_id or not targets or len(targets) < len(all_docs[target]):
                    continue
                if row.id in allocated and not undoing:
                    continue
                same_sign = (row.amount > 0) == (targets[0].amount > 0)
                if same_sign or (undoing and len(targets) == 1):
                    first = targets[0].id
                    self.worth[first] += row.amount
                    self.worth[row.id] -= row.amount
                    if row.is_money:
                        self.paid[first] -= row.amount
                        self.paid[row.id] += row.amount
                else:
                    known = max(row.posted_on, *(one.posted_on for one in targets))
                    claims.append((known, order, row, target, abs(row.amount), None))
        return self._settle(claims, by_doc)

    def _settle(self, claims, by_doc) -> dict[str, Standing]:
        claims.sort(key=lambda claim: (claim[0], claim[1]))
        sign = {row.id: 1 if row.amount > 0 else -1 for rows in by_doc.values() for row in rows}
        left = {name: max(worth * sign[name], NIL) for name, worth in self.worth.items()}
        given = []
        gave: dict[str, Decimal] = {}
        for _, _, source, doc, amount, part in claims:
            give = min(amount, left[source.id])
            left[source.id] -= give
            gave[source.id] = gave.get(source.id, NIL) + give
            given.append((source, doc, give, part))
        owed: dict[str, Decimal] = {}
        got: dict[str, list[tuple[Decimal, str | None, bool]]] = {}
        used: dict[str, Decimal] = {}
        for source, doc, give, part in given:
            if doc not in owed:
                direction = -sign[source.id]
                total = sum((self.worth[row.id] for row in by_doc[doc]), NIL) * direction
                owed[doc] = max(total - gave.get(by_doc[doc][0].id, NIL), NIL)
            take = min(give, owed[doc])
            owed[doc] -= take
            used[source.id] = used.get(source.id, NIL) + take
            if take:
                got.setdefault(doc, []).append((take, part, source.is_money))
        return self._spread(by_doc, got, used)

    def _spread(self, by_doc, got, used) -> dict[str, Standing]:
        result = {}
        for doc, rows in by_doc.items():
            takes = got.get(doc, [])
            received = sum((take for take, _, _ in takes), NIL)
            money = sum((take for take, _, is_money in takes if is_money), NIL)
            whole = received + sum((used.get(row.id, NIL) for row in rows), NIL)
            size = {row.id: abs(self.worth[row.id]) for row in rows}
            settled = dict.fromkeys(size, NIL)
            if len(rows) > 1:
                for take, part, _ in takes:
                    if part:
                        fits = min(take, size[part] - settled[part])
                        settled[part] += fits
            rest = whole - sum(settled.values(), NIL)
            ordered = sorted(rows, key=lambda row: (row.due_on or FAR, self.rows.index(row)))
            if len(rows) > 1:
                for row in ordered:
                    fits = min(rest, size[row.id] - settled[row.id])
                    settled[row.id] += fits
                    rest -= fits
            settled[rows[0].id] += rest
            for row in ordered:
                direction = -1 if self.worth[row.id] < 0 else 1
                cash = min(money, settled[row.id]) if len(rows) > 1 else money
                money -= cash
                result[row.id] = Standing(
                    open=self.worth[row.id] - direction * settled[row.id],
                    paid=self.paid[row.id] + direction * cash,
                )
        return result


def replay(
    rows: list[Row], matchings: list[Matching], as_of: date, cutoff: date | None = None
) -> dict[str, Standing]:
    """What every row owes as of a date."""
    return Clerk(rows, matchings, as_of, cutoff or as_of).standing()
