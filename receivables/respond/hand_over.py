"""The hand-over file of a customer: tables, letters and statement in one zip that is always the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.frame_types import typed_schema
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.respond.dunning_items import Debt
from receivables.respond.dunning_journal import Journal, schema

COVER = "00-cover.txt"
RECORDED = {
    "promises": "made_on", "disputes": "opened_on", "plans": "agreed_on", "contacts": "on",
    "events": "on", "bills": "received_on",
}  # fmt: skip
"""Tables of which the customer's rows go along → the day by which a row must have been there."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_EPOCH = (1980, 1, 1, 0, 0, 0)

INVOICES = (
    "company", "document_no", "instalment", "kind", "issued_on", "due_on", "days_overdue", "currency",
    "amount", "paid", "credited", "open", "disputed", "dispute_reason", "reference", "last_level",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the zip and what it is."""

    name: str
    content: bytes
    what: str

    @property
    def sha256(self) -> str:
        """Checksum that the cover names."""
        return hashlib.sha256(self.content).hexdigest()


def packed(parts: Iterable[Part]) -> bytes:
    """A zip in the order of the names, without the time of its making: the same content, the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for part in sorted(parts, key=lambda one: one.name):
            info = zipfile.ZipInfo(part.name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            package.writestr(info, part.content)
    return stream.getvalue()


def invoice_rows(
    listed: Iterable[Debt], levels: Mapping[Any, Any], as_of: date
) -> list[dict[str, Any]]:
    """Open debts as rows of the invoices list; amounts as exact text in major units.

    Args:
        listed: debits and credits.
        levels: standing by item key (`Journal.standings`).
        as_of: day of the list.
    """
    rows = []
    for debt in sorted(listed, key=_order):
        standing = levels.get(debt.key)
        row = {
            name: getattr(debt, name)
            for name in INVOICES
            if name not in {"days_overdue", "last_level"}
        }
        row |= {"days_overdue": (debt.open > 0 and debt.days(as_of)) or None, "last_level": standing.level if standing else None}  # fmt: skip
        row |= {"instalment": debt.instalment or None}
        rows.append(_amounts(row, ("amount", "paid", "credited", "open", "disputed")))
    return rows


def _order(debt: Debt) -> tuple[Any, ...]:
    """By account, debts before credits, oldest first."""
    due = debt.due_on or date.max
    return debt.company, debt.currency, debt.open < 0, due, debt.document_no, debt.instalment


def recorded_rows(
    ledger: Ledger, table: str, customer_key: str, as_of: date
) -> list[dict[str, Any]]:
    """Rows of one customer in a table of claims that were there by a day, as the ledger has them."""
    frame = ledger[table]
    day = pl.col(RECORDED[table])
    mine = frame.filter(
        folded(frame["customer_id"]) == customer_key, day.is_null() | (day <= as_of)
    )
    return [_typed(table, row) for row in mine.iter_rows(named=True)]


def instalment_rows(ledger: Ledger, plans: Iterable[str]) -> list[dict[str, Any]]:
    """Instalments of some plans."""
    frame = ledger["plan_instalments"]
    mine = frame.filter(pl.col("plan_no").is_in(list(plans))).sort("plan_no", "instalment")
    return [_typed("plan_instalments", row) for row in mine.iter_rows(named=True)]


def journal_rows(
    journal: Journal, customer_key: str, as_of: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Letters to one customer up to a day with their states, and their items."""
    letters = journal.up_to(as_of).letters
    mine = letters.filter(folded(letters["customer_id"]) == customer_key).sort(
        "cut_off", "letter_id"
    )
    items = journal.items.join(mine, on="letter_id", how="semi").sort(
        "letter_id", "document_no", "instalment"
    )
    return (
        [_amounts(row, ("amount",)) for row in mine.select(*schema("letters")).to_dicts()],
        [_amounts(row, ("open",)) for row in items.select(*schema("letter_items")).to_dicts()],
    )


def table(rows: list[dict[str, Any]], columns: Iterable[str] = ()) -> bytes:
    r"""Rows as csv that a spreadsheet opens: UTF-8 with its mark, no text that would be computed.

    >>> table([{"document_no": "=1+1", "open": "5.00"}]).decode("utf-8-sig")
    "document_no,open\r\n'=1+1,5.00\r\n"
    """
    names = list(columns) or list(rows[0] if rows else ())
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([_cell(name, row.get(name)) for name in names] for row in rows)
    return text.getvalue().encode("utf-8-sig")


_MONEY = frozenset({"amount", "paid", "credited", "open", "disputed", "paid_amount"})


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    text = " ".join(str(value).splitlines())
    guarded = isinstance(value, str) and name not in _MONEY and text.startswith(_FORMULA)
    return f"'{text}" if guarded else text


def _amounts(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    currency = row.get("currency") or money.NO_CURRENCY
    told = {name: money.text(row[name], currency) for name in names if row.get(name) is not None}
    return {**row, **told}


def _typed(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without our columns of place; amounts as text."""
    own = {key: row[key] for key in typed_schema(name) if not key.startswith("_")}
    return _amounts(own, _MONEY & {key for key, value in own.items() if isinstance(value, int)})
