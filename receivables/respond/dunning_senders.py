"""Who writes: the letterheads of the own companies, from the tables Companies and BankAccounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from receivables.ledger.keys import fold
from receivables.ledger.model import Ledger
from receivables.respond.letters.letter import BankAccount, Sender
from receivables.respond.letters.plain import address_lines

_TEXTS = (
    "country", "registration_no", "tax_no", "contact", "phone", "email", "website",
    "dispute_email", "dispute_address", "data_protection", "signatory",
)  # fmt: skip


def senders(ledger: Ledger) -> dict[str, Sender]:
    """Letterhead by company, folded; the key "" where Companies has one row only, for every company.

    A bank account without a company is everybody's, one without a currency takes any.
    """
    rows = list(ledger["companies"].iter_rows(named=True))
    accounts = list(ledger["bank_accounts"].iter_rows(named=True))
    found = {fold(row["company"] or ""): _sender(row, accounts) for row in rows}
    if len(rows) == 1:
        found.setdefault("", next(iter(found.values())))
    return found


def sender_of(company: str, known: Mapping[str, Sender]) -> Sender:
    """Letterhead of a company; only its name where Companies does not have it.

    >>> sender_of("DE01", {}).name
    'DE01'
    """
    found = known.get(fold(company)) or known.get("") or Sender(company)
    return replace(found, company=company)


def _sender(row: Mapping[str, Any], accounts: list[dict[str, Any]]) -> Sender:
    company, name = row["company"] or "", row["name"] or row["company"] or ""
    own = [one for one in accounts if fold(one["company"] or "") in {"", fold(company)}]
    return Sender(
        name=name,
        address=address_lines(row["address"] or ""),
        accounts=tuple(_account(one, name) for one in own),
        company=company,
        **{text: row[text] or "" for text in _TEXTS},
    )


def _account(row: Mapping[str, Any], name: str) -> BankAccount:
    return BankAccount(
        currency=row["currency"] or "",
        bank=row["bank"] or "",
        account=row["account"] or "",
        bic=row["bic"] or "",
        holder=row["holder"] or name,
        branch=row["branch"] or "",
    )


def last_payments(details: pl.DataFrame, as_of: date) -> dict[str, date]:
    """Day of the last payment of each customer, as posted up to a day: customer_key → day.

    Args:
        details: every posting (`OpenItems.details`).
        as_of: day of the question.
    """
    rows = details.filter(pl.col("table") == "payments", pl.col("posted_on") <= as_of)
    return dict(rows.group_by("customer_key").agg(pl.col("posted_on").max()).iter_rows())
