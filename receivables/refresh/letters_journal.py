"""The journal of letters in the living workbook: read from its sheets, and entered there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import InvalidOperation
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl

from receivables import money
from receivables.book.fill import fill
from receivables.book.identity import read_columns
from receivables.book.package import Package
from receivables.book.refuse import check_file, check_free
from receivables.book.save import Saved, save, sha256_of
from receivables.book.structure import render
from receivables.book.table_rows import table_rows
from receivables.errors import BadValueError, LedgerFileError
from receivables.refresh.books import Books
from receivables.refresh.refresh_log import is_living, typed_cell
from receivables.refresh.refreshes import UNDONE, read_journal, write_journal
from receivables.refresh.snapshots import folder_of
from receivables.report.data import AGING_SCHEMA, ITEMS_SCHEMA, NEVER, ReportData
from receivables.report.labels import label, sheet, terms
from receivables.report.letters_data import LettersData
from receivables.report.letters_sheet import (
    HEADINGS,
    ITEMS,
    LETTERS,
    WORDS,
    items_sheet,
    letters_sheet,
)
from receivables.report.page import Page
from receivables.report.spec import SheetSpec
from receivables.respond.dunning_csv import CsvJournal
from receivables.respond.dunning_journal import (
    ISSUED,
    STATES,
    Journal,
    JournalStore,
    ledger_journal,
    schema,
)
from receivables.settings import Settings

FOLDER = "letters"
"""Folder of the journal in LEDGER.receivables."""
LANGUAGES = ("en", "zh")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
MONEY = {LETTERS: "amount", ITEMS: "open"}


def store_of(books: Books, folder: Path | None = None) -> CsvJournal:
    """The journal beside the ledger: LEDGER.receivables/letters, or a folder of the user's.

    Of a ledger that was read from a copy, the folder lies beside the ledger itself.

    Raises:
        BadValueError: a database, which has no folder beside it, and none was given.
    """
    return CsvJournal(folder or folder_of(books.home) / FOLDER)


def journal_of(books: Books, store: JournalStore | None) -> Journal:
    """What the ledger's own tables, the workbook's sheets and the journal beside it know together."""
    known = ledger_journal(books.ledger).and_then(workbook_journal(books.path))
    return known.and_then(store.read()) if store else known


def journal_known(books: Books) -> Journal:
    """The journal of a ledger; of a database, which has no folder beside it, its own tables."""
    try:
        return journal_of(books, store_of(books))
    except BadValueError:
        return journal_of(books, None)


def letters_data(books: Books) -> LettersData:
    """The whole journal for the report."""
    journal = journal_known(books)
    return LettersData(journal.letters, journal.items)


def workbook_journal(path: str | Path) -> Journal:
    """The journal that stands on the sheets Letters and Letter items of a living workbook.

    A state that nobody can read counts as issued: better no letter than one twice.

    Raises:
        LedgerFileError: a cell was changed so that it cannot be read.
    """
    place = Path(path)
    if "://" in str(path) or not is_living(place):
        return Journal()
    return Journal.of(_table(place, LETTERS), _table(place, ITEMS))


def enter(books: Books, journal: Journal) -> str:
    """Write the journal into the sheets of the living workbook; what stands there already stays.

    No backup is made: only rows are added that the journal beside the workbook holds, too.

    Args:
        books: the ledger.
        journal: everything that is known.

    Returns:
        Why it could not be entered and what happens next; blank where it stands there.
    """
    if "://" in books.home:
        return ""
    return enter_in(Path(books.home), folder_of(books.home), journal, books.settings)


def enter_in(path: Path, folder: Path, journal: Journal, settings: Settings) -> str:
    """`enter`, where there is a workbook and no ledger was loaded.

    Args:
        path: the workbook.
        folder: of the ledger's snapshots.
        journal: everything that is known.
        settings: language and paper of the sheets.
    """
    if not journal.letters.height or not is_living(path):
        return ""
    try:
        saved = _entered(path, journal, settings)
    except LedgerFileError as fault:
        return (
            f"{fault} The letters are journaled in {folder / FOLDER}; the next refresh or the next run of "
            "letters enters them in the workbook."
        )
    if saved:
        _still_undoable(folder, saved)
    return ""


def letters_known(path: Path, folder: Path) -> Journal:
    """What a workbook and the journal beside it know together."""
    return workbook_journal(path).and_then(CsvJournal(folder / FOLDER).read())


def language_of(path: Path) -> str:
    """Language of the result sheets of a workbook."""
    with ZipFile(path) as archive:
        columns = read_columns(Package(path, archive))
    headings = "".join(label for rows in columns.values() for _, _, label in rows)
    return "zh" if _CHINESE.search(headings) else "en"


def journal_sheets(journal: Journal, settings: Settings) -> list[SheetSpec]:
    """The two sheets as a living workbook has them, whatever its date."""
    data = ReportData(
        as_of=NEVER, settings=settings, bucket_labels=(), tie_outs=(),
        aging=pl.DataFrame(schema=AGING_SCHEMA), items=pl.DataFrame(schema=ITEMS_SCHEMA),
    )  # fmt: skip
    page, told = Page(data, living=True), LettersData(journal.letters, journal.items)
    return [letters_sheet(page, told), items_sheet(page, told)]


def _entered(path: Path, journal: Journal, settings: Settings) -> Saved | None:
    """The saved workbook; None where nothing had to be written."""
    check_file(path)
    expected = sha256_of(path.resolve())
    specs, stream = journal_sheets(journal, settings), BytesIO()
    made = render(specs, stream)
    last = journal.letters["cut_off"].max()
    with ZipFile(path) as archive, ZipFile(stream) as donor:
        book = Package(path, archive)
        check_free(book, [table.name for spec in specs for table in spec.tables])
        filled = fill(
            book, Package(Path("donor.xlsx"), donor), specs,
            as_of=last if isinstance(last, date) else NEVER, made=made,
        )  # fmt: skip
        return save(book, path, expected=expected) if filled.changed else None


def _still_undoable(folder: Path, saved: Saved) -> None:
    """A refresh stays undoable after letters were entered: nothing else was changed."""
    rows = read_journal(folder)
    standing = [number for number, row in enumerate(rows) if row.state != UNDONE]
    if standing and rows[standing[-1]].after == saved.before:
        number = standing[-1]
        rows[number] = replace(rows[number], after=saved.after)
        write_journal(folder, rows)


def _table(path: Path, name: str) -> pl.DataFrame:
    english = sheet(name, "en")[1]
    found = table_rows(path, name, english, _headings(name))
    words = {
        column: {text: code for language in LANGUAGES for code, text in terms(prefix, language).items()}
        for column, prefix in WORDS.items()
    }  # fmt: skip
    rows = [_row(path, name, row, words) for row in found.iter_rows(named=True)]
    return pl.DataFrame([row for row in rows if row], schema=schema(name), orient="row")


def _headings(name: str) -> dict[str, str]:
    return {
        label(HEADINGS.get(column, column), language): column
        for language in LANGUAGES
        for column in schema(name)
    }


def _row(
    path: Path, name: str, cells: Mapping[str, str | None], words: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """A row as the journal has it; empty where no letter is named."""
    number = cells.get("letter_id")
    if not number:
        return {}
    row = {column: _cell(path, name, column, cells) for column in schema(name)}
    for column, known in words.items():
        if column in row:
            row[column] = known.get(row[column] or "", row[column])
    if "state" in row and row["state"] not in STATES:
        row["state"] = ISSUED
    if "cut_off" in row and row["cut_off"] is None:
        raise _unreadable(path, name, number, "cut_off", cells)
    return row


def _cell(path: Path, name: str, column: str, cells: Mapping[str, str | None]) -> Any:
    text, kind = cells.get(column), schema(name)[column]
    if text in (None, ""):
        return None
    if column == MONEY[name]:
        try:
            return money.to_minor(text or "", cells.get("currency") or money.NO_CURRENCY)
        except (ValueError, InvalidOperation):
            raise _unreadable(path, name, cells["letter_id"], column, cells) from None
    return typed_cell(text, kind, path)


def _unreadable(
    path: Path, name: str, number: str | None, column: str, cells: Mapping[str, str | None]
) -> LedgerFileError:
    text = cells.get(column) or ""
    return LedgerFileError(
        f"{path}, sheet {sheet(name, 'en')[0]}, letter {number}: '{text}' in the column {column} cannot be "
        "read. Correct the cell; without the journal letters could go out twice."
    )
