"""Insured debt: no plan, waiver or hand-over until the insurer's consent is recorded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import polars as pl

from receivables.errors import BadValueError
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.spelling import fold
from receivables.resources import data_rows

CONSENT_WORDS = frozenset(
    fold(word)
    for word in (
        "insurer consent", "insurer_consent", "consent of insurer", "consent of the insurer",
        "insurer agrees", "保险人同意", "信保同意", "Zustimmung des Versicherers", "accord de l'assureur",
    )
)  # fmt: skip
"""Kinds of event that record a consent; the note may name what it is for."""


@dataclass(frozen=True, slots=True)
class Consents:
    """Who has insured debt, and for whom the insurer agreed to what."""

    insured: frozenset[str] = frozenset()
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    """customer_key → action → reference."""

    def blocked(self, customer_key: str, action: str) -> str:
        """Why an action must wait; empty when it may go ahead.

        Args:
            customer_key: folded customer number.
            action: plan, waiver, hand_over.

        >>> known = Consents(frozenset({"c1"}), {"c1": {"plan": "EK-7"}})
        >>> known.blocked("c1", "plan"), known.blocked("c2", "hand_over")
        ('', '')
        >>> known.blocked("c1", "hand_over")
        'insured debt: record the insurer’s consent to the hand-over to a collector or lawyer first'
        """
        if action not in actions():
            raise BadValueError(
                f"'{action}' is no action on insured debt. Use {', '.join(actions())}."
            )
        if customer_key not in self.insured:
            return ""
        given = self.given.get(customer_key, {})
        if given.get(action) or given.get("any"):
            return ""
        what = actions()[action]["label_en"]
        return (
            f"insured debt: record the insurer’s consent to the {what[0].lower()}{what[1:]} first"
        )


def consents(ledger: Ledger, insured: Collection[str], as_of: date) -> Consents:
    """Consents recorded by a day: in Plans (insurer_consent) and as events.

    An event of the kind "insurer consent" counts for the actions its note names, for any if it names none.

    Args:
        ledger: Plans and Events.
        insured: customer_keys with insured debt as of the day.
        as_of: day of the question.
    """
    given: dict[str, dict[str, str]] = {}
    for key, reference in _of_plans(ledger, as_of).iter_rows():
        given.setdefault(key, {})["plan"] = reference
    for key, kind, note in _of_events(ledger, as_of).iter_rows():
        if fold(kind or "") in CONSENT_WORDS:
            for action in _named(note or ""):
                given.setdefault(key, {})[action] = note or kind
    return Consents(frozenset(insured), given)


def insured_customers(items: pl.DataFrame) -> frozenset[str]:
    """customer_keys whose debt is insured, of the items of `transfer.insurance_ledger`."""
    return frozenset(items.filter(pl.col("insured") > 0)["customer_key"].drop_nulls().to_list())


@cache
def actions() -> dict[str, dict[str, str]]:
    """Actions that need a consent (`data/insured_actions.csv`), by their code."""
    return {row["action"]: row for row in data_rows("insured_actions.csv")}


def _named(note: str) -> list[str]:
    """Actions that a note names; `any` where it names none."""
    text = fold(note)
    found = [
        code
        for code, row in actions().items()
        if code != "any" and any(fold(word) in text for word in row["words"].split("|"))
    ]
    return found or ["any"]


def _of_plans(ledger: Ledger, as_of: date) -> pl.DataFrame:
    frame = ledger["plans"]
    told = frame.with_columns(folded(frame["customer_id"]).alias("key"))
    begun = pl.col("agreed_on").is_null() | (pl.col("agreed_on") <= as_of)
    given = pl.col("insurer_consent").fill_null("").str.strip_chars() != ""
    return told.filter(begun, given).select("key", "insurer_consent")


def _of_events(ledger: Ledger, as_of: date) -> pl.DataFrame:
    frame = ledger["events"]
    known = pl.coalesce("known_on", "on") <= as_of
    return frame.with_columns(folded(frame["customer_id"]).alias("key")).filter(known).select("key", "kind", "note")  # fmt: skip
