"""Who may be written to at all: what is known of the customer, and every reason against a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.keys import folded
from receivables.ledger.open import OpenItems
from receivables.monitor.insolvent_customers import insolvent_customers
from receivables.respond.dunning_level import reasons
from receivables.respond.dunning_policy import Level, Policy

PERSONS = ("sole_trader", "consumer")


@dataclass(frozen=True, slots=True)
class Party:
    """A customer of one company, as Customers describes it."""

    company: str
    customer_key: str
    customer_id: str
    name: str = ""
    address: str = ""
    country: str = ""
    language: str = ""
    email: str = ""
    contact: str = ""
    registration_no: str = ""
    legal_form: str = ""
    governing_law: str = ""
    currency: str = ""
    intercompany: bool = False
    dunning_policy: str = ""
    dunning_hold_until: date | None = None
    min_letter_amount: int | None = None

    @property
    def person(self) -> bool:
        """A natural person: sole trader or consumer."""
        return self.legal_form in PERSONS


def parties(opened: OpenItems, customers: pl.DataFrame) -> dict[tuple[str, str], Party]:
    """Customers by company and key.

    Args:
        opened: open items, whose parties carry the columns of Customers.
        customers: the table itself, for the customer's own currency.
    """
    frame = opened.parties.unique(["company", "customer_key"], keep="first", maintain_order=True)
    names = [one.name for one in fields(Party) if one.name in frame.columns]
    keyed = customers.with_columns(key=folded(customers["customer_id"]))
    codes = {(row["company"] or "", row["key"]): row["currency"] for row in keyed.to_dicts()}
    found = {}
    for row in frame.select(names).iter_rows(named=True):
        told = {name: value for name, value in row.items() if value is not None}
        company, key = row["company"] or "", row["customer_key"]
        own = codes.get((company, key)) or codes.get(("", key)) or ""
        found[company, key] = Party(**told | {"company": company, "currency": own})
    return found


def insolvent(events: pl.DataFrame, as_of: date) -> frozenset[str]:
    """Customers whose insolvency was known as of a day."""
    return frozenset(insolvent_customers(events, as_of)["customer_key"])


def against(
    party: Party, policy: Policy | None, as_of: date, *, stayed: bool = False, stale: bool = False
) -> list[str]:
    """Reasons against any letter to a customer, gravest first.

    Args:
        party: the customer.
        policy: series that applies; None = one that nobody knows.
        as_of: day of the question; a hold counts up to and including its day.
        stayed: insolvency is known.
        stale: the ledger is older than the bank.

    >>> from receivables.respond.dunning_policy import policies
    >>> held = Party("", "c1", "C1", address="Kai 1", dunning_hold_until=date(2026, 10, 31))
    >>> against(held, policies()["standard"], date(2026, 10, 31)), against(held, policies()["none"], date(2026, 11, 1))
    (['held'], ['no_policy'])
    """
    applies = {
        "intercompany": party.intercompany,
        "unknown_policy": policy is None,
        "no_policy": policy is not None and not any(one.level for one in policy.levels),
        "insolvent": stayed,
        "held": party.dunning_hold_until is not None and party.dunning_hold_until >= as_of,
        "consumer": party.legal_form == "consumer" and not _writes_to_consumers(policy),
        "stale": stale,
        "no_address": not party.address.strip(),
    }
    return [code for code in reasons() if applies.get(code)]


def against_letter(
    party: Party, policy: Policy, level: Level, claim: int, credit: int, currency: str
) -> list[str]:
    """Reasons against one letter, once its level and amount are known.

    Credits of at least the debt leave nothing to demand; the smallest amount is inclusive and
    compared with the debt less the credits. The customer's own smallest amount is in the
    customer's currency and wins in it.

    Args:
        party: the customer.
        policy: series that applies.
        level: level of the letter.
        claim: what it demands, minor units.
        credit: unapplied credits, positive minor units.
        currency: of both.
    """
    least = policy.least(level, currency)
    if party.min_letter_amount is not None and party.currency in {"", currency}:
        least = party.min_letter_amount
    applies = {
        "credits": 0 < claim <= credit,
        "below_minimum": credit < claim and claim - credit < least,
        "person": party.person and not level.persons,
    }
    return [code for code in reasons() if applies.get(code)]


def text_of(codes: str, language: str) -> str:
    """Reasons in words.

    >>> text_of("disputed+promised", "en")
    'disputed; promise not yet due'
    """
    name = f"text_{'zh' if language == 'zh' else 'en'}"
    return "; ".join(reasons()[code][name] for code in codes.split("+") if code in reasons())


def cure_of(codes: str, language: str) -> str:
    """What to do about the first of some reasons."""
    first = codes.split("+", maxsplit=1)[0]
    return reasons()[first][f"cure_{'zh' if language == 'zh' else 'en'}"] if first else ""


def amount_text(minor: int, currency: str) -> str:
    """Amount and currency.

    >>> amount_text(123456, "EUR")
    '1234.56 EUR'
    """
    return f"{money.text(minor, currency or money.NO_CURRENCY)} {currency}".strip()


def company_policy(setting: str, company: str) -> str:
    """Policy of a company from the setting dunning_policy.

    >>> company_policy("DE01=de, CN01=cn", "CN01"), company_policy("uk", "X"), company_policy("DE01=de", "X")
    ('cn', 'uk', '')
    """
    named: Mapping[str, Any] = {
        (left.strip() if right else ""): (right or left).strip()
        for left, _, right in (part.partition("=") for part in setting.split(",") if part.strip())
    }
    return str(named.get(company) or named.get("") or "")


def _writes_to_consumers(policy: Policy | None) -> bool:
    return policy is not None and policy.consumers
