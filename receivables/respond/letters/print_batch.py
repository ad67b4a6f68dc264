"""Letters for the printer: PDFs of one language each, with the list of what lies in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from receivables.respond.letters.environment import Templates
from receivables.respond.letters.letter import LANGUAGES, Letter
from receivables.respond.letters.locale import locale
from receivables.respond.letters.pdf import Printer, tongue
from receivables.respond.letters.plain import clean
from receivables.respond.letters.render import Refusal, refusals, write
from receivables.respond.letters.tables import words
from receivables.respond.letters.wording import Composed, Composer

BATCH = 50
"""Letters in one PDF: a single document of 10,000 takes 9 GB of memory."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One file for the printer."""

    file: Path
    language: str
    letter_ids: tuple[str, ...]
    refusals: tuple[Refusal, ...] = ()


def print_batch(
    letters: Iterable[Letter], folder: Path, templates: Path | None = None, batch: int = BATCH
) -> Iterator[Printed]:
    """Writes `print-<language>-<number>.pdf`: a cover list, then the letters in their order.

    At most one batch of each language is held at a time. Letters that cannot be made are named
    with the file of their language; if nothing else is in it, its path is the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    press = _Press(folder, templates)
    waiting: dict[str, list[Letter]] = {}
    refused: dict[str, list[Refusal]] = {}
    for letter in letters:
        faults = refusals(letter)
        refused.setdefault(letter.language, []).extend(faults)
        if faults:
            continue
        queue = waiting.setdefault(letter.language, [])
        queue.append(letter)
        if len(queue) == batch:
            yield press.run(letter.language, queue, refused.pop(letter.language, []))
            waiting[letter.language] = []
    for language in sorted({*waiting, *refused}, key=_order):
        left, faults = waiting.get(language, []), refused.get(language, [])
        if left or faults:
            yield press.run(language, left, faults)


class _Press:
    def __init__(self, folder: Path, templates: Path | None) -> None:
        self.folder = folder
        self.composer = Composer(templates)
        self.printer = Printer(Templates(templates))
        self.number: dict[str, int] = {}

    def run(self, language: str, letters: list[Letter], faults: list[Refusal]) -> Printed:
        if not letters:
            return Printed(self.folder, language, (), tuple(faults))
        number = self.number[language] = self.number.get(language, 0) + 1
        composed = [self.composer.compose(letter) for letter in letters]
        made = self.printer.print(composed, cover(composed, number))
        path = write(self.folder, f"print-{language}-{number:03d}.pdf", made)
        return Printed(path, language, tuple(one.letter_id for one in letters), tuple(faults))


def _order(language: str) -> tuple[int, str]:
    return (LANGUAGES.index(language) if language in LANGUAGES else len(LANGUAGES), language)


def cover(letters: list[Composed], number: int) -> dict[str, Any]:
    """The list in front of a batch: number, customer, name, currency, amount, first page."""
    first = letters[0].letter
    said, names = words(first.language), locale(first.language)
    keys = ("letter_no", "customer_id", "cover_customer", "currency", "payable", "cover_page")
    return {
        "title": f"{said['cover_title']} {number}",
        "line": f"{clean(first.sender.name)} · {names.day(first.issued_on)} · "
        f"{said['cover_letters']}: {len(letters)}",
        **tongue(first.language),
        "headings": [said[key] for key in keys],
        "rows": [_row(composed) for composed in letters],
    }


def _row(composed: Composed) -> list[str]:
    letter, shown = composed.letter, composed.view
    amount = locale(letter.language).amount(letter.payable, letter.currency)
    customer = shown["customer"]
    return [shown["letter"]["no"], customer["id"], customer["name"], letter.currency, amount]
