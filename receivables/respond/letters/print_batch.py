"""Letters for the printer: PDFs of one language each, with the list of what lies in them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from receivables.respond.letters.environment import Templates
from receivables.respond.letters.letter import LANGUAGES, Letter
from receivables.respond.letters.locale import locale
from receivables.respond.letters.pdf import Printer, tongue
from receivables.respond.letters.plain import clean
from receivables.respond.letters.render import Refusal, refusals, side_by_side, write
from receivables.respond.letters.tables import words
from receivables.respond.letters.wording import Composed, Composer

BATCH = 100
"""Letters in one PDF: a single document of 10,000 takes 9 GB of memory."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One file for the printer."""

    file: Path
    language: str
    letter_ids: tuple[str, ...]
    refusals: tuple[Refusal, ...] = ()


def print_batch(
    letters: Iterable[Letter],
    folder: Path,
    templates: Path | None = None,
    batch: int = BATCH,
    workers: int = 0,
) -> Iterator[Printed]:
    """Writes `print-<language>-<number>.pdf`: a cover list, then the letters in their order.

    A few batches are held at a time. Letters that cannot be made are named with the next file of
    their language; if nothing else is in it, its path is the folder.

    Args:
        letters: any number, in the order of printing.
        folder: made if missing.
        templates: a folder of own templates.
        batch: letters in one file.
        workers: threads; 0 = one for each processor, two at most.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = threading.local()

    def one(job: _Job) -> Printed:
        if not hasattr(own, "press"):
            own.press = _Press(folder, templates)
        made: Printed = own.press.run(job)
        return made

    count = workers or min(2, os.cpu_count() or 1)
    yield from side_by_side(one, _jobs(letters, batch), count, ahead=1)


@dataclass(frozen=True, slots=True)
class _Job:
    language: str
    number: int
    letters: tuple[Letter, ...]
    refusals: tuple[Refusal, ...]


def _jobs(letters: Iterable[Letter], batch: int) -> Iterator[_Job]:
    waiting: dict[str, list[Letter]] = {}
    refused: dict[str, list[Refusal]] = {}
    numbers: dict[str, int] = {}

    def job(language: str) -> _Job:
        ready = tuple(waiting.pop(language, ()))
        numbers[language] = numbers.get(language, 0) + bool(ready)
        return _Job(language, numbers[language], ready, tuple(refused.pop(language, ())))

    for letter in letters:
        faults = refusals(letter)
        if faults:
            refused.setdefault(letter.language, []).extend(faults)
            continue
        queue = waiting.setdefault(letter.language, [])
        queue.append(letter)
        if len(queue) == batch:
            yield job(letter.language)
    for language in sorted({*waiting, *refused}, key=_order):
        yield job(language)


class _Press:
    """One thread's own templates and compiler."""

    def __init__(self, folder: Path, templates: Path | None) -> None:
        self.folder = folder
        self.composer = Composer(templates)
        self.printer = Printer(Templates(templates))

    def run(self, job: _Job) -> Printed:
        if not job.letters:
            return Printed(self.folder, job.language, (), job.refusals)
        composed = [self.composer.compose(letter) for letter in job.letters]
        made = self.printer.print(composed, cover(composed, job.number))
        self.printer.forget()
        path = write(self.folder, f"print-{job.language}-{job.number:03d}.pdf", made)
        return Printed(
            path, job.language, tuple(one.letter_id for one in job.letters), job.refusals
        )


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
