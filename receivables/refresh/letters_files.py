"""Files that belong to a whole run: pages to look through before, print batches after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from receivables.refresh.books import Books
from receivables.refresh.letters import Choices, journal_of, planning
from receivables.refresh.letters_answer import LettersAnswer
from receivables.refresh.letters_run import Run
from receivables.respond.dunning_journal import ISSUED, RENDERED, Journal
from receivables.respond.letters import gallery
from receivables.respond.letters.letter import Letter
from receivables.respond.letters.print_batch import print_batch


def preview_pages(answer: LettersAnswer, folder: Path) -> LettersAnswer:
    """Pages of every letter that would be made, with an index by language, level and customer.

    Args:
        answer: of a preview.
        folder: made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    good = [letter for letter in answer.letters if letter.letter_id not in answer.refused]
    return replace(answer, files=tuple(map(str, gallery.write(good, folder))))


def batches(books: Books, answer: LettersAnswer, run: Run, choices: Choices) -> LettersAnswer:
    """One PDF per language with its cover list, of every letter of the day that was made.

    A run that died and was taken up again prints the letters of both attempts.

    Args:
        books: the loaded ledger.
        answer: of the run.
        run: journal and folder.
        choices: those of the run.
    """
    journal = journal_of(books, run.store)
    letters = letters_of_day(books, answer, journal, choices)
    if not (answer.made or answer.finished):
        return answer
    return replace(answer, files=tuple(map(str, print_batch(letters, run.folder))))


def letters_of_day(
    books: Books, answer: LettersAnswer, journal: Journal, choices: Choices
) -> list[Letter]:
    """Letters of the day that the journal knows as made, planned once more without themselves."""
    rows = journal.letters
    today = pl.col("cut_off") == answer.as_of
    made = set(rows.filter(today, pl.col("state").is_in([ISSUED, RENDERED]))["letter_id"])
    without = Journal(rows.filter(~(today & pl.col("letter_id").is_in(list(made)))), journal.items)
    found = planning(books, answer.as_of, without, choices).letters
    return [letter for number, letter in found.items() if number in made]
