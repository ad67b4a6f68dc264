"""Debts as dunning sees them: what is open, and which part nobody may demand today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables.ledger.keys import fold, folded
from receivables.ledger.open import OpenItems
from receivables.respond.dunning_journal import ItemKey
from receivables.respond.promises import WITHDRAWN


@dataclass(slots=True)
class Debt:
    """One open debit, money in minor units. The parts that are taken out fill up as claims are read.

    open − since − disputed − promised − planned = claim: what a letter may demand. `since` was paid
    after the as-of date and is in the ledger already.
    """

    item: int
    company: str
    customer_key: str
    customer_id: str
    currency: str
    document_no: str
    instalment: int
    kind: str
    reference: str
    issued_on: date | None
    posted_on: date | None
    due_on: date | None
    amount: int
    paid: int
    credited: int
    open: int
    policy: str = ""
    hold_until: date | None = None
    since: int = 0
    disputed: int = 0
    dispute_reason: str = ""
    promised: int = 0
    planned: int = 0
    draft: str = ""

    @property
    def claim(self) -> int:
        """What may be demanded."""
        return self.open - self.since - self.disputed - self.promised - self.planned

    @property
    def key(self) -> ItemKey:
        """Company, customer, document, instalment."""
        return self.company, self.customer_key, fold(self.document_no), self.instalment

    def days(self, as_of: date) -> int:
        """Days past due; 0 on the due date and before, and where there is none."""
        return max(0, (as_of - self.due_on).days) if self.due_on else 0

    def overdue(self, as_of: date) -> bool:
        """Past its due date; a debt without one may be, so it is not passed over."""
        return self.due_on is None or self.due_on < as_of

    def why(self, as_of: date) -> str:
        """Reason why nothing of it is demanded; empty where something is."""
        if self.due_on is None:
            return "no_due_date"
        if self.draft:
            return "draft"
        if self.hold_until and self.hold_until >= as_of:
            return "item_held"
        if self.claim > 0:
            return ""
        parts = {"paid_since": self.since, "disputed": self.disputed, "plan": self.planned, "promised": self.promised}  # fmt: skip
        return next((reason for reason, part in parts.items() if part > 0), "paid_since")


def debts(opened: OpenItems, *, later: Mapping[int, int] | None = None) -> list[Debt]:
    """Every open debit of the ledger, as-of amounts, with what came since.

    Args:
        opened: open items as of a date.
        later: item → open at the last day that the ledger knows; one that is not there is settled.
            None = nothing later is known.
    """
    found = _read(opened, pl.col("open") > 0)
    if later is not None:
        for debt in found:
            debt.since = max(0, debt.open - max(0, later.get(debt.item, 0)))
    return found


def credits_of(opened: OpenItems) -> list[Debt]:
    """Unapplied payments and credit notes; `open` is negative."""
    return _read(opened, pl.col("open") < 0)


class Index:
    """Debts by document and by customer, oldest first."""

    def __init__(self, found: Collection[Debt]) -> None:
        self.items = {debt.item: debt for debt in found}
        self._documents: defaultdict[tuple[str, str], list[Debt]] = defaultdict(list)
        self._customers: defaultdict[str, list[Debt]] = defaultdict(list)
        for debt in sorted(found, key=lambda one: (one.due_on or date.max, one.item)):
            self._documents[debt.customer_key, fold(debt.document_no)].append(debt)
            self._customers[debt.customer_key].append(debt)

    def meant(self, row: Mapping[str, Any]) -> Iterator[Debt]:
        """Debts that a row of Disputes, Promises or Plans speaks of."""
        document = fold(row.get("document_no") or "")
        customer = row["customer_key"]
        listed = self._documents[customer, document] if document else self._customers[customer]
        for debt in listed:
            company, part = row.get("company") or "", row.get("instalment")
            currency = row.get("currency") if not document else None
            if (
                company in {"", debt.company}
                and part in {None, debt.instalment}
                and currency in {None, "", debt.currency}
            ):
                yield debt


def take_disputes(index: Index, frame: pl.DataFrame, disputes: pl.DataFrame, as_of: date) -> None:
    """Disputed parts: the document's own dispute, else those of Disputes; open on the day.

    A dispute without an amount is about all of it.

    Args:
        index: the debts.
        frame: open items with the document's own dispute columns.
        disputes: the Disputes table.
        as_of: day of the question; a dispute counts until the day before it is closed.
    """
    own = _own_disputes(frame, as_of)
    for row in _keyed(disputes).iter_rows(named=True):
        closed = row["closed_on"]
        if row["opened_on"] > as_of or (closed and closed <= as_of):
            continue
        left = abs(row["amount"]) if row["amount"] is not None else None
        for debt in index.meant(row):
            if debt.item in own:
                continue
            part = debt.claim if left is None else min(left, debt.claim)
            debt.disputed += part
            debt.dispute_reason = debt.dispute_reason or row["reason"] or ""
            left = None if left is None else left - part
    for item, told in own.items():
        if told and item in index.items:
            debt, (amount, reason) = index.items[item], told
            debt.disputed = debt.claim if amount is None else min(abs(amount), debt.claim)
            debt.dispute_reason = reason


def take_promises(index: Index, frame: pl.DataFrame, promises: pl.DataFrame, as_of: date) -> None:
    """Promised parts whose day has not gone by; the latest promise for a debt stands.

    A promise without an amount is for all of it; one for the account holds what was posted by the
    day it was made, oldest first. The promised day itself still counts as kept.
    """
    latest = (
        _keyed(promises)
        .with_columns(document_key=folded(promises["document_no"]))
        .filter(pl.col("made_on") <= as_of)
        .sort("made_on", "pay_on", "_row", maintain_order=True)
        .unique(["customer_key", "document_key", "instalment", "company"], keep="last", maintain_order=True)
    )  # fmt: skip
    spoken: set[int] = set()
    for row in latest.iter_rows(named=True):
        meant = [debt for debt in index.meant(row) if _then(debt, row)]
        spoken |= {debt.item for debt in meant} if row["document_no"] else set()
        ended = (row["state"] or "").strip().casefold() in WITHDRAWN
        if row["pay_on"] is None or row["pay_on"] < as_of or ended:
            continue
        comparable = row["currency"] in {None, ""} or all(d.currency == row["currency"] for d in meant)  # fmt: skip
        left = row["amount"] if comparable else None
        for debt in meant:
            part = debt.claim if left is None else min(left, debt.claim)
            debt.promised += part
            left = None if left is None else left - part
    _own_promises(index, frame, as_of, spoken)


def take_plans(index: Index, lines: pl.DataFrame) -> None:
    """Debts under an instalment plan in good standing.

    Args:
        index: the debts.
        lines: customer_key, company, document_no (null = everything posted by `agreed_on`), currency,
            agreed_on; one row per plan and document.
    """
    for row in lines.iter_rows(named=True):
        for debt in index.meant(row | {"instalment": None}):
            if row["document_no"] or _posted_by(debt, row["agreed_on"]):
                debt.planned += debt.claim


def take_drafts(found: Collection[Debt], drafts: Mapping[ItemKey, str]) -> None:
    """Debts on a letter that is made and not sent."""
    for debt in found:
        debt.draft = drafts.get(debt.key, "")


_WANTED = (
    "item", "company", "customer_key", "customer_id", "currency", "document_no", "payment_no",
    "instalment", "kind", "po_no", "order_no", "issued_on", "posted_on", "due_on", "amount", "paid",
    "credited", "open",
)  # fmt: skip


_AS_THEY_ARE = ("item", "issued_on", "posted_on", "due_on", "amount", "paid", "credited", "open")


def _read(opened: OpenItems, which: pl.Expr) -> list[Debt]:
    frame = opened.frame().filter(which)
    own = {"dunning_policy": pl.String, "dunning_hold_until": pl.Date}
    documents = opened.details.select(
        "item", *((pl.col(name) if name in opened.details.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in own.items())
    )  # fmt: skip
    listed = frame.select(name for name in _WANTED if name in frame.columns)
    rows = listed.join(documents, on="item", how="left", maintain_order="left")
    return [_debt(row) for row in rows.iter_rows(named=True)]


def _debt(row: Mapping[str, Any]) -> Debt:
    number = row.get("document_no") or row.get("payment_no") or ""
    return Debt(
        company=row["company"] or "",
        customer_key=row["customer_key"] or "",
        customer_id=row["customer_id"] or "",
        currency=row["currency"] or "",
        document_no=number,
        instalment=int(row.get("instalment") or 0),
        kind=row.get("kind") or "",
        reference=row.get("po_no") or row.get("order_no") or "",
        policy=row["dunning_policy"] or "",
        hold_until=row["dunning_hold_until"],
        **{name: row[name] for name in _AS_THEY_ARE},
    )


def _keyed(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(
        customer_key=folded(table["customer_id"]),
        instalment=pl.col("instalment").cast(pl.Int64, strict=False),
    )


def _then(debt: Debt, row: Mapping[str, Any]) -> bool:
    return bool(row["document_no"]) or _posted_by(debt, row["made_on"])


def _posted_by(debt: Debt, day: date | None) -> bool:
    return day is None or debt.posted_on is None or debt.posted_on <= day


def _own_disputes(frame: pl.DataFrame, as_of: date) -> dict[int, tuple[int | None, str] | None]:
    """Item → amount and reason of the document's own dispute; None where it is not open."""
    if "disputed_on" not in frame.columns:
        return {}
    found: dict[int, tuple[int | None, str] | None] = {}
    for row in frame.filter(pl.col("disputed_on").is_not_null()).iter_rows(named=True):
        until = row.get("disputed_until")
        alive = row["disputed_on"] <= as_of and (until is None or until >= as_of)
        told = (row.get("disputed_amount"), row.get("dispute_reason") or "")
        found[row["item"]] = told if alive else None
    return found


def _own_promises(index: Index, frame: pl.DataFrame, as_of: date, spoken: set[int]) -> None:
    """Promises that stand on the document itself, where Promises has no row of that document."""
    if "promised_on" not in frame.columns:
        return
    rows = frame.filter(pl.col("promised_on") >= as_of, ~pl.col("item").is_in(list(spoken)))
    for row in rows.iter_rows(named=True):
        debt = index.items.get(row["item"])
        if debt:
            amount = row.get("promised_amount")
            debt.promised += debt.claim if amount is None else min(amount, debt.claim)
