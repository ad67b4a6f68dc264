"""What templates may print: every value of a letter as text, under its declared name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from receivables import money
from receivables.resources import asset_path
from receivables.respond.letters.interest_words import in_language
from receivables.respond.letters.letter import Fact, Letter, Recipient, Sender
from receivables.respond.letters.locale import Locale, locale
from receivables.respond.letters.notices import notices
from receivables.respond.letters.plain import clean
from receivables.respond.letters.tables import words

View = dict[str, Any]
"""Nested dicts of text, lists of text and flags. Templates calculate nothing."""


@cache
def declared() -> dict[str, Any]:
    """`templates/variables.toml`: names with type, example and meaning; facts of each kind."""
    return tomllib.loads(asset_path("templates", "variables.toml").read_text(encoding="utf-8"))


def view(letter: Letter) -> View:
    """Values of a letter for its templates: cleaned, formatted, nothing left to calculate.

    Text that does not apply is empty, so a template asks `if total.interest`.
    """
    names = locale(letter.language)
    return {
        "letter": _letter(letter, names),
        "sender": _sender(letter.sender),
        "customer": _customer(letter.customer),
        "total": _totals(letter, names),
        "interest": _interest(letter, names),
        "has": {
            "items": bool(letter.items),
            "one_item": len(letter.items) == 1,
            "disputed": bool(letter.disputed),
            "not_due": bool(letter.not_due),
            "credits": bool(letter.credits),
            "segments": bool(letter.interest and letter.interest.segments),
            "charges": letter.charges > 0,
            "balance_owed": letter.balance > 0,
            "enclosures": bool(letter.enclosures),
        },
        "fact": _facts(letter, names),
        "notices": [clean(text) for text in notices(letter)],
        "enclosures": [clean(path.name) for path in letter.enclosures],
        "words": words(letter.language),
    }


def missing_facts(letter: Letter) -> list[str]:
    """Facts that this kind of letter needs and does not have."""
    asked = declared()["fact"].get(letter.kind, {})
    return [
        name
        for name, fact in asked.items()
        if fact["required"] and letter.facts.get(name, "") in {"", None}
    ]


def _letter(letter: Letter, names: Locale) -> View:
    return {
        "no": clean(letter.letter_id),
        "kind": letter.kind,
        "stage": letter.stage,
        "level": str(letter.level) if letter.level else "",
        "date": names.day(letter.issued_on),
        "cut_off": names.day(letter.cut_off),
        "pay_by": names.day(letter.pay_by),
        "last_payment": names.day(letter.last_payment_on),
        "currency": letter.currency,
        "language": letter.language,
    }


@lru_cache(maxsize=200)
def _sender(sender: Sender) -> View:
    shown = {
        name: clean(getattr(sender, name))
        for name in (
            "name", "country", "registration_no", "tax_no", "contact", "phone", "email", "website",
            "dispute_email", "dispute_address", "data_protection", "signatory",
        )
    }  # fmt: skip
    shown["dispute_email"] = shown["dispute_email"] or shown["email"]
    return {**shown, "address": [clean(line) for line in sender.address]}


def _customer(customer: Recipient) -> View:
    return {
        "id": clean(customer.customer_id),
        "name": clean(customer.name),
        "address": [clean(line) for line in customer.address],
        "country": clean(customer.country),
        "registration_no": clean(customer.registration_no),
        "contact": clean(customer.contact),
        "email": clean(customer.email),
        "legal_form": customer.legal_form,
    }


def _totals(letter: Letter, names: Locale) -> View:
    amounts = {
        "overdue": letter.overdue,
        "disputed": letter.in_dispute,
        "not_due": letter.falling_due,
        "unapplied": letter.unapplied,
        "interest": letter.interest.amount if letter.interest else 0,
        "fee": letter.fee,
        "fixed_sum": letter.fixed_sum,
        "charges": letter.charges,
        "instalments": sum(part.amount for part in letter.instalments),
    }
    shown = {
        name: names.money_of(minor, letter.currency) if minor else ""
        for name, minor in amounts.items()
    }
    return {
        **shown,
        "payable": names.money_of(letter.payable, letter.currency),
        "balance": names.money_of(letter.balance, letter.currency),
        "payable_words": in_words(letter.payable, letter),
        "balance_words": in_words(abs(letter.balance), letter),
    }


def in_words(minor: int, letter: Letter) -> str:
    """大写金额 in Chinese letters; nothing in the others, or for a currency without words."""
    if letter.language != "zh-CN":
        return ""
    return _in_words(minor, letter.currency)


@lru_cache(maxsize=20_000)
def _in_words(minor: int, currency: str) -> str:
    from receivables.errors import ReceivablesError
    from receivables.respond.words import amount_in_words

    try:
        return amount_in_words(money.to_decimal(minor, currency), currency, "zh")
    except ReceivablesError:
        return ""


def _interest(letter: Letter, names: Locale) -> View:
    due = letter.interest
    return {
        "scheme": in_language(clean(due.scheme), letter.language) if due else "",
        "rate": in_language(clean(due.rate), letter.language) if due else "",
        "basis": in_language(clean(due.basis), letter.language) if due else "",
        "from": names.day(due.from_on) if due else "",
        "to": names.day(due.to_on) if due else "",
    }


def _facts(letter: Letter, names: Locale) -> View:
    """Facts of the kind as text by their declared type; optional ones that are missing are empty."""
    asked: Mapping[str, Any] = declared()["fact"].get(letter.kind, {})
    return {
        name: _fact(letter.facts.get(name, ""), fact["type"], letter, names)
        for name, fact in asked.items()
    }


def _fact(value: Fact, kind: str, letter: Letter, names: Locale) -> str:
    if value == "" or value is None:
        return ""
    if kind == "day" and isinstance(value, date):
        return names.day(value)
    if kind == "money" and isinstance(value, int):
        return names.money_of(value, letter.currency)
    return clean(str(value))
