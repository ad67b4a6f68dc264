"""Files that belong to a whole run: pages to look through before, print batches after."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import polars as pl

from receivables.refresh.books import Books
from receivables.refresh.letters import Choices, planning
from receivables.refresh.letters_answer import LettersAnswer
from receivables.refresh.letters_journal import journal_of
from receivables.refresh.letters_run import Run
from receivables.report.target import replacing
from receivables.respond.dunning_csv import CsvJournal
from receivables.respond.dunning_journal import ISSUED, RENDERED, Journal
from receivables.respond.letters.gallery import write_gallery
from receivables.respond.letters.letter import Letter
from receivables.respond.letters.print_batch import print_batch

PRINTED = "printed.csv"
"""Beside the journal: letter and the folder of the batch that it was printed in."""


def preview_pages(answer: LettersAnswer, folder: Path, templates: Path | None = None) -> LettersAnswer:  # fmt: skip
    """Pages of every letter that would be made, with an index by language, level and customer.

    Args:
        answer: of a preview.
        folder: made if it is not there.
        templates: a folder of own templates.
    """
    folder.mkdir(parents=True, exist_ok=True)
    title = f"Letters as of {answer.as_of}"
    made = write_gallery(answer.letters, folder, templates, title)
    return replace(answer, files=(str(made.index),))


def batches(
    books: Books, answer: LettersAnswer, run: Run, choices: Choices, templates: Path | None = None
) -> LettersAnswer:
    """One PDF per language with its cover list, of the letters of the day not printed before.

    A run that died and was taken up again prints the letters of both attempts, once.

    Args:
        books: the loaded ledger.
        answer: of the run.
        run: journal and folder.
        choices: those of the run.
        templates: a folder of own templates.
    """
    store = run.store if isinstance(run.store, CsvJournal) else CsvJournal(run.folder)
    with run.store.alone():
        printed = _printed(store.folder / PRINTED)
        letters = [
            letter
            for letter in letters_of_day(books, answer, journal_of(books, run.store), choices)
            if letter.letter_id not in printed
        ]
        if not letters:
            return answer
        before = {name for name in printed.values() if name.startswith(f"print-{answer.as_of}-")}
        name = f"print-{answer.as_of}-{len(before) + 1}"
        made = list(print_batch(letters, run.folder / name, templates))
        _note(store.folder / PRINTED, [(letter.letter_id, name) for letter in letters])
    refused: defaultdict[str, list[str]] = defaultdict(list)
    for one in made:
        for fault in one.refusals:
            refused[fault.letter_id].append(fault.message)
    told = {**answer.refused, **{number: " ".join(each) for number, each in refused.items()}}
    files = tuple(str(one.file) for one in made if one.file.is_file())
    return replace(answer, files=files, refused=told)


def letters_of_day(
    books: Books, answer: LettersAnswer, journal: Journal, choices: Choices
) -> list[Letter]:
    """Letters of the day that the journal knows as made, planned once more without themselves."""
    rows = journal.letters
    today = (pl.col("cut_off") == answer.as_of) & pl.col("state").is_in([ISSUED, RENDERED])
    made = set(rows.filter(today)["letter_id"])
    found = planning(books, answer.as_of, Journal(rows.filter(~today), journal.items), choices)
    return [letter for number, letter in found.letters.items() if number in made]


def _printed(path: Path) -> dict[str, str]:
    """Letter → batch; a line that a crash tore off is not there."""
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8").rpartition("\n")[0]
    return {row[0]: row[1] for row in csv.reader(text.splitlines()) if len(row) > 1}


def _note(path: Path, rows: list[tuple[str, str]]) -> None:
    text = "".join(f"{number},{name}\n" for number, name in rows)
    kept = "".join(f"{number},{name}\n" for number, name in _printed(path).items())
    with replacing(path) as stream:
        stream.write((kept + text).encode())
