"""Letters of the invented firm: three months already sent, and the preview of the next run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from receivables.errors import BadValueError
from receivables.refresh.books import Books
from receivables.refresh.letters import approve_job, preview_job
from receivables.refresh.letters_files import preview_pages
from receivables.refresh.letters_journal import store_of
from receivables.refresh.letters_run import Run
from receivables.respond.letters.letter import LANGUAGES
from receivables.respond.letters.render import Renderer

SENT = (date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30))
"""Month ends whose letters went out: without them every letter would be the first."""
FOLDER, PREVIEW = "letters", "letters-preview"


@dataclass(frozen=True, slots=True)
class DemoLetters:
    """The page to look at, letters by language, and why there is none."""

    index: Path | None = None
    languages: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Path and counts."""
        return {
            "preview": str(self.index) if self.index else None,
            "letters": dict(self.languages),
            "note": self.note,
        }


def send_earlier_letters(books: Books, folder: Path) -> None:
    """Make the letters of three month ends as e-mails and journal them; an existing journal stays.

    Args:
        books: the demo ledger.
        folder: of the demo.
    """
    store = store_of(books)
    if store.read().letters.height:
        return
    renderer = Renderer(["eml"])
    for day in SENT:
        run = Run(store, renderer, folder / FOLDER, f"{day}T18:00:00", "Lena Brandt")
        approve_job(books, day, run)


def preview_letters(books: Books, as_of: date, folder: Path) -> DemoLetters:
    """Pages of the letters of the as-of date, in the languages of the customers.

    Args:
        books: the demo ledger.
        as_of: its cut-off.
        folder: of the demo.
    """
    try:
        answer = preview_job(books, as_of, store_of(books))
    except BadValueError as fault:  # the user went on with the demo and made later letters
        return DemoLetters(note=str(fault))
    shown = preview_pages(answer, folder / PREVIEW)
    counts = Counter(letter.language for letter in shown.letters)
    languages = {code: counts[code] for code in LANGUAGES if counts[code]}
    return DemoLetters(Path(shown.files[0]), languages)
