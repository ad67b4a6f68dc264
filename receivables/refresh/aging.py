"""The job `aging`: who owes how much for how long, tied to the books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.difference import SCHEMA, behind
from receivables.ledger.engines import collect
from receivables.ledger.fx import Bridge
from receivables.ledger.open import OpenItems
from receivables.ledger.postings import BOOK
from receivables.ledger.tieout import TieOut, by_currency, tie_out
from receivables.monitor.aging import AgingTable, age
from receivables.monitor.prior import compare
from receivables.monitor.receipts import Receipts, subsequent
from receivables.rates import Rates
from receivables.refresh.books import Books

TIE_OUT_KEYS = (
    "currency", "read", "used", "after_as_of", "set_aside", "unreadable", "settled", "open",
    "buckets", "ledger_balance", "control_account", "difference", "light",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AgingAnswer:
    """An aging with its tie-out per book (company, account, currency), in document currency.

    `table` is in the reporting currency where one was asked for; `bridge` then leads to it.
    """

    as_of: date
    match_cutoff: date
    currency: str
    table: AgingTable
    books: list[TieOut]
    bridge: list[Bridge]
    revaluation: list[Bridge]
    unmatched: dict[str, tuple[int, int]]
    behind: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))
    rates: Rates = field(default_factory=Rates)
    prior: pl.DataFrame | None = None
    prior_as_of: date | None = None
    receipts: Receipts | None = None
    receipt_items: pl.DataFrame = field(default_factory=pl.DataFrame)
    issues: int = 0

    def ties(self) -> list[TieOut]:
        """One tie-out per currency of the table; in the reporting currency it comes by the bridge."""
        blocks = by_currency(self.books)
        if not self.currency or [block.currency for block in blocks] == [self.currency]:
            return blocks
        return [converted(blocks, self.bridge, self.currency, self.rates, self.as_of)]

    def to_json(self) -> dict[str, Any]:
        """One block, or `currencies` with a block for each."""
        blocks = [self._block(tie) for tie in self.ties()]
        head: dict[str, Any] = {"as_of": self.as_of.isoformat()}
        if self.match_cutoff != self.as_of:
            head["match_cutoff"] = self.match_cutoff.isoformat()
        tail: dict[str, Any] = {"issues": self.issues}
        if self.bridge:
            tail["bridge"] = [bridge_json(line) for line in self.bridge]
        if self.revaluation:
            tail["revaluation"] = [bridge_json(line) for line in self.revaluation]
        if self.receipts:
            tail["subsequent"] = self._receipts_json()
        if len(blocks) == 1:
            return head | blocks[0] | tail
        return head | {"currencies": blocks} | tail

    def _block(self, tie: TieOut) -> dict[str, Any]:
        block = self.table.block(tie.currency)
        shown = tie.to_json()
        block["tie_out"] = {name: shown[name] for name in TIE_OUT_KEYS}
        block["books"] = [
            own.to_json() | {"behind": self._behind_json(own)}
            for own in self.books
            if self.bridge or own.currency == tie.currency
        ]
        if self.match_cutoff != self.as_of and tie.currency in self.unmatched:
            then, now = self.unmatched[tie.currency]
            block["unapplied_at_as_of"] = money.text(then, tie.currency)
            block["unapplied_at_match_cutoff"] = money.text(now, tie.currency)
        if self.prior is not None:
            block["prior"] = self._prior_json(tie.currency)
        return block

    def _behind_json(self, tie: TieOut) -> list[dict[str, Any]]:
        """Documents that may stand behind the difference of a book."""
        own = self.behind.filter(pl.col(name) == getattr(tie, name) for name in BOOK)
        return [
            {
                name: value.isoformat() if isinstance(value, date) else value
                for name, value in row.items()
                if name not in {*BOOK, "amount"}
            }
            | {
                "amount": money.text(row["amount"], tie.currency)
                if row["amount"] is not None
                else None
            }
            for row in own.iter_rows(named=True)
        ]

    def _prior_json(self, currency: str) -> dict[str, Any]:
        assert self.prior is not None
        rows = self.prior.filter(pl.col("currency") == currency)
        return {
            "as_of": self.prior_as_of.isoformat() if self.prior_as_of else None,
            "rows": [
                {
                    "key": row["key"],
                    "open": money.text(row["open_prior"], currency),
                    "change": money.text(row["open_change"], currency),
                    "state": row["state"],
                }
                for row in rows.iter_rows(named=True)
            ],
        }

    def _receipts_json(self) -> dict[str, Any]:
        assert self.receipts is not None
        rows = []
        for row in self.receipt_items.iter_rows(named=True):
            code = row["currency"]
            amounts = ("open", "received", "credited", "matched_later", "remaining")
            rows.append(
                {name: row[name] for name in ("document_no", "instalment", "customer_id")}
                | {"currency": code}
                | {name: money.text(row[name], code) for name in amounts}
                | {name: row[name] and row[name].isoformat() for name in ("first_on", "last_on")}
            )
        return {"until": self.receipts.until.isoformat(), "items": rows}


def aging_job(
    books: Books,
    as_of: date,
    *,
    by: Sequence[str] = ("customer",),
    where: Mapping[str, str | Sequence[str]] | None = None,
    intercompany: str = "include",
    match_cutoff: date | None = None,
    prior: date | None = None,
    subsequent_to: date | None = None,
) -> AgingAnswer:
    """Aging as of a date with its tie-out, and beside it the prior period or later receipts.

    Args:
        books: the loaded ledger; its settings name edges, base, credits and currency.
        as_of: balance date.
        by: customer, group, salesperson, country, document, or any column.
        where: column → values to keep.
        intercompany: include, exclude or only.
        match_cutoff: matchings entered up to this day count.
        prior: earlier date to compare with.
        subsequent_to: list what came in after the as-of date up to this day.
    """
    opened = books.open(as_of, match_cutoff)
    reported, bridge = books.reported(as_of, match_cutoff)
    ties = tied(books, opened)
    options: dict[str, Any] = {"where": where, "intercompany": intercompany}
    table = aged(books, reported, by, **options)
    return AgingAnswer(
        as_of=as_of,
        match_cutoff=opened.match_cutoff,
        currency=books.settings.currency,
        table=table,
        books=ties,
        behind=behind(ties, books.ledger, books.posted, as_of),
        bridge=bridge,
        revaluation=books.revaluation(opened),
        unmatched=_unmatched(books, opened),
        rates=books.rates(),
        issues=len(books.issues),
        **(_before(books, table, prior, by, options) if prior else {}),
        **(_after(books, opened, subsequent_to) if subsequent_to else {}),
    )


def aged(books: Books, opened: OpenItems, by: Sequence[str], **options: Any) -> AgingTable:
    """An aging with the settings of the run."""
    mode = books.settings.credits
    return age(opened, buckets=books.buckets(), base=books.base(), by=by, credits=mode, **options)


def tied(books: Books, opened: OpenItems) -> list[TieOut]:
    """Tie-out of the open items in document currency, with the aging of the settings."""
    whole = aged(books, opened, ("company", "account"))
    return tie_out(books.ledger, books.posted, opened, whole.frame)


def converted(
    blocks: Sequence[TieOut], bridge: Sequence[Bridge], currency: str, rates: Rates, as_of: date
) -> TieOut:
    """Tie-out of several currencies in the reporting one.

    `open` adds the converted items; what is not open is converted as a total at the same rate.
    An amount set aside for want of a currency cannot be converted: it counts as unreadable.

    Raises:
        NotAvailableError: a currency without rate.
    """

    def moved(name: str) -> int:
        amounts = [(getattr(block, name), block.currency) for block in blocks if block.currency]
        return sum(
            money.convert(amount, rates.find(own, currency, as_of).value, own, currency)
            for amount, own in amounts
            if amount
        )

    total = sum(line.closing for line in bridge)
    after, aside, settled = moved("after_as_of"), moved("set_aside"), moved("settled")
    return TieOut(
        company="",
        account="",
        currency=currency,
        read=total + settled + after + aside,
        used=total + settled,
        after_as_of=after,
        set_aside=aside,
        unreadable=sum(block.unreadable + bool(not block.currency) for block in blocks),
        settled=settled,
        open=total,
        buckets=total,
        ledger_balance=total,
        debits=0,
        credits=0,
    )


def bridge_json(line: Bridge) -> dict[str, Any]:
    """A line of the bridge with amounts as decimal text."""
    carrying, unrealised = line.carrying, line.unrealised
    return {
        "company": line.company,
        "account": line.account,
        "currency": line.currency,
        "open": money.text(line.open, line.currency),
        "reporting": line.reporting,
        "rate": line.rate,
        "rate_on": line.rate_on.isoformat(),
        "how": line.how,
        "carrying": None if carrying is None else money.text(carrying, line.reporting),
        "closing": money.text(line.closing, line.reporting),
        "unrealised": None if unrealised is None else money.text(unrealised, line.reporting),
        "rounding": money.text(line.rounding, line.reporting),
        "items_without_carrying": line.without_carrying,
    }


def _unmatched(books: Books, opened: OpenItems) -> dict[str, tuple[int, int]]:
    """Unapplied credits per currency as matched on the as-of date, and by the cut-off."""
    if opened.match_cutoff == opened.as_of:
        return {}

    def sums(items: OpenItems) -> dict[str, int]:
        frame = collect(items.items.select("party", "open")).filter(pl.col("open") < 0)
        named = frame.join(items.parties.select("party", "currency"), on="party")
        return dict(named.group_by("currency").agg(pl.col("open").sum()).iter_rows())

    then, now = sums(books.open(opened.as_of, opened.as_of)), sums(opened)
    return {name: (then.get(name, 0), now.get(name, 0)) for name in sorted({*then, *now})}


def _before(
    books: Books, table: AgingTable, prior: date, by: Sequence[str], options: Mapping[str, Any]
) -> dict[str, Any]:
    earlier, _ = books.reported(prior)
    return {
        "prior": compare(table, aged(books, earlier, by, **options)),
        "prior_as_of": prior,
    }


def _after(books: Books, opened: OpenItems, until: date) -> dict[str, Any]:
    found = subsequent(books.posted, opened, until, engine=books.engine)
    names = opened.frame().select(
        "item", "document_no", "instalment", "customer_id", "name", "currency"
    )
    items = found.items.join(names, on="item", how="left").sort("customer_id", "item")
    return {"receipts": found, "receipt_items": items}
