"""Account for every row read, and hold the open items against the books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.engines import collect
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.ledger.posted import Posted
from receivables.ledger.postings import BOOK

PART_OF_A_ROW = "paid_undated"
"""Set aside is the undated payment noted on a document; the document itself is used."""

SUMS = ("after_as_of", "set_aside", "used", "settled", "open", "ledger_balance")


@dataclass(frozen=True, slots=True)
class TieOut:
    """One block of the tie-out, signed minor units of `currency`.

    read = used + after_as_of + set_aside; used = settled + open; open = buckets = ledger_balance;
    difference = open − control_account (None where no control balance is given).
    `settled` is money noted on the documents themselves (flat exports, dishonoured bills): what
    documents and payments settle between each other is nil by nature.
    """

    company: str
    account: str
    currency: str
    read: int
    used: int
    after_as_of: int
    set_aside: int
    unreadable: int
    settled: int
    open: int
    buckets: int
    ledger_balance: int
    control_account: int | None = None
    difference: int | None = None
    debits: int = 0
    """Open items above nil …"""
    credits: int = 0
    """… and below: debits + credits = open."""

    @property
    def adds_up(self) -> bool:
        """Whether the block's own sums agree (whatever the control account says)."""
        return (
            self.read == self.used + self.after_as_of + self.set_aside
            and self.used == self.open + self.settled
            and self.open == self.buckets == self.ledger_balance
        )

    @property
    def light(self) -> str:
        """`green`: all agrees with the books; `amber`: no control balance; else `red`."""
        if not self.adds_up or self.unreadable or self.difference:
            return "red"
        return "amber" if self.control_account is None else "green"

    def to_json(self) -> dict[str, Any]:
        """The block with amounts as decimal text."""
        shown = {}
        for name in self.__slots__:
            value = getattr(self, name)
            is_amount = name not in {"company", "account", "currency", "unreadable"}
            shown[name] = (
                money.text(value, self.currency) if is_amount and value is not None else value
            )
        return shown | {"light": self.light}


def tie_out(
    ledger: Ledger,
    posted: Posted,
    opened: OpenItems,
    aged: pl.DataFrame | None = None,
) -> list[TieOut]:
    """Tie-out per company, account and currency, as SCHEMA §5 asks.

    Args:
        ledger: the checked ledger with what was set aside.
        posted: the linked ledger.
        opened: open items in document currency.
        aged: an aging with the columns of the book and `open`; its total is `buckets`.
    """
    controls = _controls(ledger["controls"], opened.as_of)
    keys = [name for name in BOOK if controls.is_empty() or (controls[name] != "").any()]
    keys = [*keys, *([] if "currency" in keys else ["currency"])]
    rows = _moved(posted, opened.as_of)
    parts = [
        rows.group_by(keys).agg(pl.col("after_as_of", "used", "settled", "ledger_balance").sum()),
        _open(opened).group_by(keys).agg(pl.col("open", "debits", "credits").sum()),
        _set_aside(ledger).group_by(keys).agg(pl.col("set_aside", "unreadable").sum()),
    ]
    if aged is not None:
        parts.append(aged.group_by(keys).agg(pl.col("open").sum().alias("buckets")))
    balance = controls.group_by(keys).agg(pl.col("balance").sum().alias("control_account"))
    blocks = _outer([*parts, balance], keys)
    return [_block(row, with_buckets=aged is not None) for row in blocks.iter_rows(named=True)]


def by_currency(blocks: Iterable[TieOut]) -> list[TieOut]:
    """The same tie-out summed to one block per currency.

    The control balance is kept only where every book of the currency has one.
    """
    found: dict[str, list[TieOut]] = {}
    for block in blocks:
        found.setdefault(block.currency, []).append(block)
    return [
        _summed(name, found[name]) for name in sorted(found, key=lambda name: (not name, name))
    ]


def _summed(currency: str, blocks: Sequence[TieOut]) -> TieOut:
    def total(name: str) -> int:
        return sum(getattr(block, name) for block in blocks)

    controlled = all(block.control_account is not None for block in blocks)
    sums = {
        name: total(name) for name in (*SUMS, "read", "unreadable", "buckets", "debits", "credits")
    }
    return TieOut(
        company="",
        account="",
        currency=currency,
        control_account=total("control_account") if controlled else None,
        difference=total("difference") if controlled else None,
        **sums,
    )


def _moved(posted: Posted, as_of: date) -> pl.DataFrame:
    """Rows as posted, by book: what is in, what comes later, and the balance by plain addition."""
    is_in = pl.col("posted_on") <= pl.lit(as_of)
    noted = (
        posted.adjustments.filter(pl.col("external") & (pl.col("ready_on") <= pl.lit(as_of)))
        .group_by("item")
        .agg(pl.col("amount").sum().alias("noted"))
    )
    return (
        posted.details.select("item", *BOOK, "amount", "posted_on")
        .join(noted, on="item", how="left")
        .with_columns(pl.col("noted").fill_null(0))
        .select(
            *BOOK,
            pl.when(is_in).then("amount").otherwise(0).alias("used"),
            pl.when(is_in).then(0).otherwise("amount").alias("after_as_of"),
            (-pl.col("noted")).alias("settled"),
            (pl.when(is_in).then("amount").otherwise(0) + pl.col("noted")).alias("ledger_balance"),
        )
    )


def _open(opened: OpenItems) -> pl.DataFrame:
    items = collect(opened.items.select("party", "open"))
    return items.join(opened.parties.select("party", *BOOK), on="party", how="left").with_columns(
        pl.when(pl.col("open") > 0).then("open").otherwise(0).alias("debits"),
        pl.when(pl.col("open") < 0).then("open").otherwise(0).alias("credits"),
    )


def _set_aside(ledger: Ledger) -> pl.DataFrame:
    moving = pl.col("table").is_in(("documents", "payments", "bills"))
    whole_row = pl.col("code") != PART_OF_A_ROW
    unreadable = pl.col("amount").is_null() | ~whole_row
    return ledger.set_aside.filter(moving).select(
        pl.col(BOOK).fill_null(""),
        pl.when(whole_row).then(pl.col("amount").fill_null(0)).otherwise(0).alias("set_aside"),
        unreadable.cast(pl.Int64).alias("unreadable"),
    )


def _controls(controls: pl.DataFrame, as_of: date) -> pl.DataFrame:
    kind = pl.col("kind").fill_null("receivable")
    return (
        controls.filter((pl.col("as_of") == pl.lit(as_of)) & (kind == "receivable"))
        .with_columns(pl.col(BOOK).fill_null(""))
        .select(*BOOK, "balance")
    )


def _outer(parts: Sequence[pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    whole = pl.concat([part.select(keys) for part in parts]).unique()
    whole = whole.sort(pl.col("currency") == "", *keys[::-1])
    for part in parts:
        whole = whole.join(part, on=list(keys), how="left", maintain_order="left")
    return whole


def _block(row: dict[str, Any], *, with_buckets: bool) -> TieOut:
    values = {name: row.get(name) or 0 for name in (*SUMS, "unreadable", "debits", "credits")}
    control = row["control_account"]
    return TieOut(
        company=row.get("company", ""),
        account=row.get("account", ""),
        currency=row["currency"],
        read=values["used"] + values["after_as_of"] + values["set_aside"],
        buckets=(row["buckets"] or 0) if with_buckets else values["open"],
        control_account=control,
        difference=None if control is None else values["open"] - control,
        **values,
    )
