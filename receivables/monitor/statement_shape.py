"""The shape of a statement of account, and its form as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from receivables import money


@dataclass(frozen=True, slots=True)
class Line:
    """One posting: `amount` as it acts on the balance, `balance` after it, in minor units."""

    on: date
    kind: str
    document_no: str
    instalment: str
    reference: str
    due_on: date | None
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One item that is still open; `days_past_due` is negative before the due date."""

    document_no: str
    instalment: str
    kind: str
    issued_on: date | None
    due_on: date | None
    days_past_due: int | None
    amount: int
    open: int


@dataclass(frozen=True, slots=True)
class Account:
    """The account with one company in one currency: closing = opening + Σ lines = Σ open."""

    company: str
    currency: str
    opening: int
    lines: tuple[Line, ...]
    closing: int
    charges: int
    settlements: int
    """Σ of the negative lines, as a negative amount."""
    overdue: int
    unapplied: int
    aged: dict[str, int]
    """Bucket label → amount; with `unapplied` it adds up to the closing balance."""
    open_items: tuple[OpenLine, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """Statement of account of one customer from `start` to `as_of`, both days included."""

    customer_id: str
    name: str
    about: dict[str, str]
    as_of: date
    start: date | None
    language: str
    accounts: tuple[Account, ...]

    def to_json(self) -> dict[str, Any]:
        """The statement with ISO dates and amounts as decimal text."""
        return {
            "customer_id": self.customer_id,
            "name": self.name,
            **self.about,
            "start": _iso(self.start),
            "as_of": _iso(self.as_of),
            "language": self.language,
            "accounts": [_account_json(account) for account in self.accounts],
        }


def clean(text: object) -> str:
    r"""Text on one line, without control characters: what a ledger holds is data.

    >>> clean(" A\nB\x07 ")
    'A B'
    """
    shown = (sign if sign.isprintable() else " " for sign in str(text or ""))
    return " ".join("".join(shown).split())


def _account_json(account: Account) -> dict[str, Any]:
    def shown(minor: int) -> str:
        return money.text(minor, account.currency)

    totals = ("opening", "charges", "settlements", "closing", "overdue", "unapplied")
    return {
        "company": account.company,
        "currency": account.currency,
        **{name: shown(getattr(account, name)) for name in totals},
        "lines": [
            {
                "date": _iso(line.on),
                "kind": line.kind,
                "document_no": line.document_no,
                "instalment": line.instalment,
                "reference": line.reference,
                "due_on": _iso(line.due_on),
                "amount": shown(line.amount),
                "balance": shown(line.balance),
            }
            for line in account.lines
        ],
        "aged": {label: shown(amount) for label, amount in account.aged.items()},
        "open_items": [
            {
                "document_no": item.document_no,
                "instalment": item.instalment,
                "kind": item.kind,
                "issued_on": _iso(item.issued_on),
                "due_on": _iso(item.due_on),
                "days_past_due": item.days_past_due,
                "amount": shown(item.amount),
                "open": shown(item.open),
            }
            for item in account.open_items
        ],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
