"""Make letters so that a run that dies anywhere goes on later, with nothing twice and nothing missing."""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from receivables.errors import BadValueError
from receivables.respond.dunning_journal import (
    DROPPED,
    ISSUED,
    PLANNED,
    RENDERED,
    Journal,
    JournalStore,
    row_of,
)
from receivables.respond.letters.letter import Letter
from receivables.respond.letters.render import Rendered

BATCH = 200
"""Letters between two writes to the journal."""
STAGING = ".making"
"""Folder in which a letter's files lie until the journal knows them."""

Progress = Callable[[str, int, int], None]


class Renders(Protocol):
    """Makes the files of one letter in a folder; `letters.render.Renderer` is ours."""

    def render(self, letter: Letter, folder: Path) -> Rendered:
        """Write them whole or not at all; a letter without files was refused."""
        ...


@dataclass(frozen=True, slots=True)
class Run:
    """Where and by whom letters are made; `at` is the time for the journal, as text."""

    store: JournalStore
    renderer: Renders
    folder: Path
    at: str = ""
    by: str = ""
    draft: bool = False
    progress: Progress | None = None
    notes: list[str] = field(default_factory=list)
    """What the user should hear of, beside what was made."""


@dataclass(slots=True)
class Outcome:
    """Numbers of the letters made, of those that an earlier attempt had made, of those dropped.

    `refused`: number → why a letter, or one form of it, could not be made.
    """

    made: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def make_letters(
    letters: Sequence[Letter],
    replaces: Mapping[str, str],
    journal: Journal,
    run: Run,
) -> Outcome:
    """Plan, render and issue letters; the journal is written before each step that shows outside.

    All are planned first. Then in batches: files are rendered apart, the journal notes their names
    and sums, they move to their place, the journal notes that they are issued. Whatever step a crash
    cuts off, the next run finds it in the journal and goes on behind it.

    Args:
        letters: what the plan of the day asks for, unfinished ones of an earlier attempt included.
        replaces: number of a letter → number of the cancelled one whose place it takes.
        journal: what is known so far.
        run: journal, renderer, folder.
    """
    found = Outcome()
    ready = _ready(letters, journal, run.folder)
    found.finished += ready
    todo = [letter for letter in letters if letter.letter_id not in ready]
    _finish(ready.values(), run)
    rows = {letter.letter_id: _row(letter, replaces, run) for letter in todo}
    run.store.append(rows.values(), [line for letter in todo for line in _lines(letter)])
    for start in range(0, len(todo), BATCH):
        found.made += _batch(todo[start : start + BATCH], rows, run, found.refused)
        if run.progress:
            run.progress("letters", min(start + BATCH, len(todo)), len(todo))
    shutil.rmtree(run.folder / STAGING, ignore_errors=True)
    return found


def drop(rows: Iterable[Mapping[str, Any]], run: Run, state: str, reason: str) -> list[str]:
    """Take unfinished letters out of the way: their files go, the journal says why.

    Args:
        rows: rows of the journal.
        run: journal and folder.
        state: dropped, or replaced.
        reason: for the journal.
    """
    listed = list(rows)
    for row in listed:
        for path in _files(row, run.folder):
            path.unlink(missing_ok=True)
    run.store.append([dict(row) | {"state": state, "reason": reason} for row in listed])
    return [row["letter_id"] for row in listed]


def unfinished(journal: Journal) -> list[dict[str, Any]]:
    """Rows of the journal that are planned or rendered."""
    return list(journal.in_state(PLANNED, RENDERED).iter_rows(named=True))


def _ready(letters: Iterable[Letter], journal: Journal, folder: Path) -> dict[str, dict[str, Any]]:
    """Letters that an earlier attempt rendered and that demand today what they demanded then."""
    rendered = {row["letter_id"]: row for row in journal.in_state(RENDERED).iter_rows(named=True)}
    lines: defaultdict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for line in journal.items.iter_rows(named=True) if rendered else ():
        lines[line["letter_id"]].add(_told(line))
    return {
        letter.letter_id: row
        for letter in letters
        if (row := rendered.get(letter.letter_id))
        and lines[letter.letter_id] == {_told(line) for line in _lines(letter)}
        and _complete(row, folder)
    }


def _told(line: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a letter says of an item: a letter that says the same of the same items is the same."""
    return line["document_no"], line["instalment"] or 0, line["level"], line["open"]


def _finish(rows: Iterable[Mapping[str, Any]], run: Run) -> None:
    """Put files that are complete in their place and issue the letters."""
    listed = list(rows)
    for row in listed:
        _into_place(row, run.folder)
    _issue(listed, run)


def _batch(
    batch: Sequence[Letter], rows: dict[str, dict[str, Any]], run: Run, refused: dict[str, str]
) -> list[str]:
    staging = run.folder / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    done, over = [], []
    for letter in batch:
        row = rows[letter.letter_id]
        made = run.renderer.render(letter, staging)
        if made.refusals:
            refused[letter.letter_id] = " ".join(one.message for one in made.refusals)
        if not made.files:
            over.append(row | {"state": DROPPED, "reason": refused[letter.letter_id]})
            continue
        files = [_below(file, staging) for file in made.files]
        sums = [_sum(staging / file) for file in files]
        row |= {"state": RENDERED, "file": "|".join(files), "sha256": "|".join(sums)}
        done.append(row)
    run.store.append([*over, *done])
    _finish(done, run)
    return [row["letter_id"] for row in done]


def _issue(rows: Iterable[Mapping[str, Any]], run: Run) -> None:
    if not run.draft:
        run.store.append([dict(row) | {"state": ISSUED, "approved_by": run.by, "sent_at": run.at} for row in rows])  # fmt: skip


def _into_place(row: Mapping[str, Any], folder: Path) -> None:
    for name in (row["file"] or "").split("|"):
        source, target = folder / STAGING / name, folder / name
        if name and source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)


def _complete(row: Mapping[str, Any], folder: Path) -> bool:
    """Whether every file of a rendered letter is there, in its place or beside, as it was written."""
    names, sums = (row["file"] or "").split("|"), (row["sha256"] or "").split("|")
    places = [next((p for p in (folder / name, folder / STAGING / name) if p.is_file()), None) for name in names]  # fmt: skip
    return all(place and _sum(place) == found for place, found in zip(places, sums, strict=True))


def _row(letter: Letter, replaces: Mapping[str, str], run: Run) -> dict[str, Any]:
    return row_of(
        "letters",
        letter_id=letter.letter_id,
        kind=letter.kind,
        company=letter.sender.company,
        customer_id=letter.customer.customer_id,
        currency=letter.currency,
        policy=letter.policy,
        level=letter.level,
        stage=letter.stage,
        language=letter.language,
        cut_off=letter.cut_off,
        state=PLANNED,
        amount=letter.overdue,
        created_at=run.at or None,
        replaces=replaces.get(letter.letter_id) or None,
    )


def _lines(letter: Letter) -> Iterator[dict[str, Any]]:
    for item in letter.items:
        yield row_of(
            "letter_items",
            letter_id=letter.letter_id,
            document_no=item.document_no,
            instalment=int(item.instalment) if item.instalment else None,
            level=item.level or (0 if letter.level == 0 else None),
            open=item.open,
            currency=letter.currency,
        )


def _files(row: Mapping[str, Any], folder: Path) -> list[Path]:
    """Files of a journal row, those only that lie below the folder."""
    names = [name for name in (row["file"] or "").split("|") if name]
    places = [folder / part / name for name in names for part in ("", STAGING)]
    return [place for place in places if place.resolve().is_relative_to(folder.resolve())]


def _below(file: Path, folder: Path) -> str:
    place = file.resolve()
    if not place.is_relative_to(folder.resolve()):
        raise BadValueError(f"{file}: a letter may not lie outside the folder {folder}.")
    return place.relative_to(folder.resolve()).as_posix()


def _sum(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
