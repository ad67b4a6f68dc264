"""The job `letter`: one letter of another kind than dunning, about a customer's account as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from receivables.errors import BadValueError
from receivables.ledger.keys import fold
from receivables.refresh.books import Books
from receivables.refresh.claims import consents_of
from receivables.respond.account_letter import Wanted, account_letters
from receivables.respond.letters.letter import Letter
from receivables.respond.letters.render import Refusal, Renderer

NEEDS_CONSENT = {
    "plan_offer": "plan",
    "plan_confirmation": "plan",
    "collections_handover": "hand_over",
}
"""Kinds of letter that change what an insurer covers → the action that needs its consent."""


@dataclass(frozen=True, slots=True)
class LetterMade:
    """Files of the letters and what could not be made."""

    letters: tuple[Letter, ...]
    files: tuple[Path, ...]
    refusals: tuple[Refusal, ...]

    def to_json(self) -> dict[str, Any]:
        """Numbers, files, refusals."""
        return {
            "letters": [one.letter_id for one in self.letters],
            "files": [str(path) for path in self.files],
            "refused": [one.message for one in self.refusals],
        }


def require_consent(books: Books, customer: str, as_of: date, action: str) -> None:
    """Refuse what must wait for the insurer.

    Args:
        books: the loaded ledger.
        customer: customer number.
        as_of: day of the question.
        action: plan, waiver, hand_over.

    Raises:
        BadValueError: insured debt without a consent recorded by the day.
    """
    why = consents_of(books, as_of).blocked(fold(customer), action)
    if why:
        raise BadValueError(
            f"Customer {customer}: {why}: in Events a row of the kind 'insurer consent' whose note "
            "names it, or for a plan the column insurer_consent of Plans."
        )


def account_letter_job(
    books: Books, customer: str, as_of: date, wanted: Wanted, renderer: Renderer, folder: Path
) -> LetterMade:
    """Make a letter for each company and currency of a customer; nothing is journaled.

    Args:
        books: the loaded ledger.
        customer: customer number.
        as_of: cut-off.
        wanted: kind, dates, facts.
        renderer: forms and templates.
        folder: made if it is not there.

    Raises:
        BadValueError: a plan or hand-over of insured debt without the insurer's consent.
        NotAvailableError: no such customer or plan, or nothing open.
    """
    action = NEEDS_CONSENT.get(wanted.kind)
    if action:
        require_consent(books, customer, as_of, action)
    letters = account_letters(books.ledger, books.open(as_of), customer, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    return rendered(letters, renderer, folder)


def rendered(letters: Sequence[Letter], renderer: Renderer, folder: Path) -> LetterMade:
    """Letters as files."""
    made = [renderer.render(letter, folder) for letter in letters]
    files = tuple(path for one in made for path in one.files)
    return LetterMade(tuple(letters), files, tuple(why for one in made for why in one.refusals))
