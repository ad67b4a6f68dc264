"""What the command `letter` is asked for, and what it answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from receivables import money
from receivables.respond.letter_cases import Terms
from receivables.respond.letters.letter import Letter


@dataclass(frozen=True, slots=True)
class Sample:
    """Which balances are asked to be confirmed: `letters.confirmations.pick`; `large` in major units."""

    count: int = 0
    large: Decimal | None = None
    in_credit: int = 0
    seed: str = ""


@dataclass(frozen=True, slots=True)
class KindChoices:
    """What the user says of letters of a kind; facts as typed."""

    only: Collection[str] = field(default_factory=frozenset)
    facts: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    issued_on: date | None = None
    pay_by: date | None = None
    terms: Terms | None = None
    sample: Sample | None = None


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """Letters of a kind as of a day: `already` were made before, `refused` cannot be: number → why.

    `picked` says why a balance is in the sample: number → large, sampled or credit.
    """

    kind: str
    as_of: date
    letters: tuple[Letter, ...]
    made: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    picked: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    issues: int = 0

    def to_json(self) -> dict[str, Any]:
        """Amounts as decimal text."""
        return {
            "kind": self.kind,
            "as_of": self.as_of.isoformat(),
            "letters": [self._row(letter) for letter in self.letters],
            "made": list(self.made),
            "already": list(self.already),
            "refused": dict(self.refused),
            "files": list(self.files),
            "notes": list(self.notes),
            "issues": self.issues,
        }

    def _row(self, letter: Letter) -> dict[str, Any]:
        return {
            "letter_id": letter.letter_id,
            "company": letter.sender.company,
            "customer_id": letter.customer.customer_id,
            "name": letter.customer.name,
            "language": letter.language,
            "currency": letter.currency,
            "balance": money.text(letter.balance, letter.currency),
            "items": len(letter.items) + len(letter.disputed) + len(letter.not_due),
            "picked": self.picked.get(letter.letter_id, ""),
            "already": letter.letter_id in self.already,
        }
