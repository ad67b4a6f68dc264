"""The journal of letters in the workbook: entered, read back, never forgotten; ticks on the sheet Dunning."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import BadValueError, LedgerFileError
from receivables.refresh import load
from receivables.refresh.in_place import refresh_in_place
from receivables.refresh.letters import (
    Choices,
    approve_job,
    cancel_job,
    issue_job,
    preview_job,
)
from receivables.refresh.letters_journal import (
    journal_known,
    store_of,
    workbook_journal,
)
from receivables.refresh.letters_run import Run
from receivables.refresh.undo import undo_job
from receivables.respond.dunning_journal import CANCELLED, ISSUED, RENDERED, Journal, row_of
from tests.dunning_books import TextRenderer
from tests.living_book import invoice, living, payment, rows_of
from tests.test_in_place import AT, OCT, SEP, everything, folder_of, type_into
from tests.zoo import lint
from tests.zoo.bag import Bag

NOW = "2026-11-02T09:00:00+01:00"
TABLES = {
    "Customers": [
        {"customer_id": number, "name": name, "address": "Street 1\nTown", "email": "a@example.com"}
        for number, name in (("00123", "Alpha"), ("00456", "=Beta"))
    ],
    "Companies": [{"company": "", "name": "Hansen GmbH", "address": "Kai 7\nHamburg", "country": "DE", "email": "ar@example.com"}],
    "BankAccounts": [{"company": "", "bank": "Kontorbank", "account": "DE89 3704 0044 0532 0130 00"}],
    "Documents": [
        invoice("R1", 500.25),
        invoice("R2", 300.5, "2026-08-20"),
        invoice("R3", 700, "2026-09-10", customer_id="00456"),
        invoice("R9", 5, "2026-10-30", customer_id="00456", due_on="2027-01-31"),
    ],
    "Payments": [payment("P1", 0.01, "2026-10-30")],
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = living(tmp_path_factory.mktemp("made") / "ledger.xlsx", OCT, TABLES)
    refresh_in_place(load(path), OCT, at=AT[OCT])
    return path


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(folder_of(made), folder_of(tmp_path / made.name))
    return Path(shutil.copy(made, tmp_path / made.name))


def run_of(path: Path, **more) -> Run:
    return Run(store_of(load(path)), TextRenderer(), path.parent / "out", NOW, "Chen", **more)


def approve(path: Path, on: date = OCT, **choices):
    return approve_job(load(path, as_of=on), on, run_of(path), Choices(**choices))


def tick(path: Path, customer: str, text: str) -> None:
    type_into(path, "Dunning", "Dunning", {"Customer": customer}, "Approve", text)


def same(one: Journal, other: Journal) -> bool:
    keys = ["letter_id", "document_no"]
    return one.letters.sort("letter_id").equals(
        other.letters.sort("letter_id")
    ) and one.items.sort(keys).equals(other.items.sort(keys))


def test_the_workbook_says_what_the_folder_says(book: Path) -> None:
    answer = approve(book)
    assert len(answer.made) == 2
    assert answer.notes == ()
    inside = workbook_journal(book)
    assert same(inside, store_of(load(book)).read())
    assert inside.letters["state"].to_list() == [ISSUED, ISSUED]
    assert inside.letters.sort("customer_id")["amount"].to_list() == [800_75, 700_00]
    assert rows_of(book, "Letters", "Letters")[0]["State"] == "sent"
    assert {row["Document"] for row in rows_of(book, "Letter items", "Letter_items")} == {"R1", "R2", "R3"}  # fmt: skip
    assert lint.faults(Bag.of(book.read_bytes())) == []


def test_a_workbook_without_its_folder_makes_no_letter_twice(book: Path) -> None:
    assert len(approve(book).made) == 2
    shutil.rmtree(folder_of(book))
    again = approve(book)
    assert (again.made, again.letters) == ((), ())
    assert set(again.frame["reasons"]) == {"too_soon"}


def test_twice_changes_no_byte_and_a_refresh_agrees(book: Path) -> None:
    approve(book)
    before = book.read_bytes()
    assert approve(book).made == ()
    assert book.read_bytes() == before
    refresh_in_place(load(book), OCT, at="2026-11-03T10:00:00")
    assert same(workbook_journal(book), store_of(load(book)).read())
    again = refresh_in_place(load(book), OCT, at="2026-11-03T11:00:00")
    assert not again.changed


def test_drafts_issued_and_letters_cancelled_stand_there_too(book: Path) -> None:
    books = load(book)
    numbers = approve_job(books, OCT, run_of(book, draft=True)).made
    assert set(workbook_journal(book).letters["state"]) == {RENDERED}
    issue_job(books, [numbers[0]], run_of(book))
    cancel_job(books, numbers[1], "=wrong address", run_of(book))
    states = {row["letter_id"]: row["state"] for row in workbook_journal(book).letters.to_dicts()}
    assert states == {numbers[0]: ISSUED, numbers[1]: CANCELLED}
    assert workbook_journal(book).letters.filter(letter_id=numbers[1])["reason"][0].startswith("=wrong")  # fmt: skip


def test_undo_takes_no_letter_back(book: Path) -> None:
    approve(book)
    undo_job(book)
    assert workbook_journal(book).letters["state"].to_list() == [ISSUED, ISSUED]
    shutil.rmtree(folder_of(book))
    assert approve(book).made == ()


def test_letters_do_not_stand_in_the_way_of_undo(book: Path) -> None:
    """Entering letters changes the workbook; the refresh before it can still be taken back."""
    refresh_in_place(load(book), SEP, at="2026-11-03T12:00:00")
    approve(book)
    assert undo_job(book).as_of == SEP
    assert undo_job(book).as_of == OCT
    assert journal_known(load(book)).letters.height == 2


def test_a_backup_put_back_by_hand_forgets_no_letter(book: Path) -> None:
    before = book.read_bytes()
    approve(book)
    book.write_bytes(before)
    assert workbook_journal(book).letters.height == 0
    assert approve(book).made == ()
    assert workbook_journal(book).letters.height == 2


@pytest.mark.parametrize("lock", ["~$ledger.xlsx", ".~lock.ledger.xlsx#"])
def test_a_workbook_open_elsewhere_gets_its_letters_later(book: Path, lock: str) -> None:
    mark = book.with_name(lock)
    mark.touch()
    before = book.read_bytes()
    answer = approve(book)
    assert len(answer.made) == 2
    assert "open" in answer.notes[-1]
    assert "next refresh" in answer.notes[-1]
    assert book.read_bytes() == before
    mark.unlink()
    refresh_in_place(load(book), OCT, at="2026-11-03T10:00:00")
    assert workbook_journal(book).letters.height == 2


def test_letters_are_entered_without_a_backup_or_litter(book: Path) -> None:
    before = {name for name, _ in everything(book.parent)}
    approve(book)
    new = {name for name, _ in everything(book.parent)} - before
    assert not [name for name in new if "backups" in str(name) or str(name).endswith(".tmp")]


def test_headings_and_sheets_renamed_by_the_user_are_read(book: Path) -> None:
    approve(book)
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["Letters"]
    area = sheet[sheet.tables["Letters"].ref]
    for cell in area[0]:
        if cell.value == "State":
            cell.value = "Zustand"
    for column in sheet.tables["Letters"].tableColumns:
        if column.name == "State":
            column.name = "Zustand"
    workbook.save(book)
    shutil.rmtree(folder_of(book))
    assert approve(book).made == ()


def test_a_day_that_cannot_be_read_is_said(book: Path) -> None:
    number = approve(book).made[0]
    type_into(book, "Letters", "Letters", {"Letter": number}, "As of", "soon")
    with pytest.raises(
        LedgerFileError, match=f"Letters, letter {number}: 'soon' in the column cut_off"
    ):
        workbook_journal(book)


def test_a_refresh_of_a_copy_reads_the_journal_beside_the_ledger(
    book: Path, tmp_path: Path
) -> None:
    home = tmp_path / "elsewhere"
    home.mkdir()
    copy = Path(shutil.copy(book, home / "copy.xlsx"))
    approve(book)
    refresh_in_place(load(copy), OCT, at="2026-11-03T10:00:00", ledger_path=book)
    assert workbook_journal(copy).letters.height == 2
    assert not folder_of(copy).exists()


STATES = [
    ("issued", "planned", "issued"), ("planned", "issued", "issued"), ("cancelled", "issued", "cancelled"),
    ("issued", "cancelled", "cancelled"), ("rendered", "dropped", "dropped"), ("dropped", "rendered", "rendered"),
    ("replaced", "rendered", "replaced"), ("issued", "dropped", "issued"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "later", "found"), STATES)
def test_of_two_journals_the_further_state_counts(first: str, later: str, found: str) -> None:
    def journal(state: str) -> Journal:
        frame = pl.DataFrame(
            [row_of("letters", letter_id="L1", customer_id="1", cut_off=OCT, state=state)],
            schema=Journal().letters.schema,
        )
        return Journal(frame, Journal().items)

    assert journal(first).and_then(journal(later)).state("L1") == found


@pytest.mark.parametrize("text", ["x", "yes", "TRUE", "✓", "是"])
def test_only_ticked_letters_are_made(book: Path, text: str) -> None:
    tick(book, "00456", text)
    preview = preview_job(load(book), OCT, store_of(load(book)))
    answer = approve(book)
    assert [one.customer.customer_id for one in answer.letters] == ["00456"]
    assert answer.made == tuple(one.letter_id for one in preview.letters)
    assert "ticked" in answer.notes[-1]
    again = approve(book)
    assert (again.made, again.not_taken) == ((), {})


def test_no_tick_makes_all_and_a_name_goes_before_a_tick(book: Path) -> None:
    tick(book, "00456", "no")
    assert len(preview_job(load(book), OCT, store_of(load(book))).letters) == 2
    tick(book, "00456", "x")
    assert [one.customer.customer_id for one in approve(book, only=["00123"]).letters] == ["00123"]


def test_a_tick_is_not_taken_once_the_letter_says_something_else(book: Path) -> None:
    tick(book, "00123", "x")
    tick(book, "00456", "later")
    type_into(book, "Documents", "Documents", {"document_no": "R2"}, "amount", 200)
    answer = approve(book)
    assert answer.made == ()
    changed, unclear = sorted(answer.not_taken.values())
    assert "'later' in the column Approve is neither yes nor no" in min(changed, unclear)
    assert "EUR 800.75 demanded, 800.74 payable" in max(changed, unclear)
    assert "EUR 700.25 demanded" in max(changed, unclear)


def test_a_tick_of_another_day_is_not_taken(book: Path) -> None:
    tick(book, "00456", "x")
    answer = approve(book, date(2026, 11, 2))
    assert answer.made == ()
    assert "Refresh the workbook as of that day" in next(iter(answer.not_taken.values()))


def test_the_command_says_what_was_ticked_and_runs_go_forward(book: Path) -> None:
    tick(book, "00456", "x")
    call = ["letters", str(book), "--as-of", "2026-10-31", "--approve", "--out", str(book.parent / "out"), "--format", "eml"]  # fmt: skip
    said = CliRunner().invoke(app, call)
    assert said.exit_code == 0, said.output
    assert "Only letters ticked on the sheet Dunning are made: 1." in said.output
    assert "Made 1," in said.output, said.output[-1500:]
    shutil.rmtree(folder_of(book))
    with pytest.raises(BadValueError, match="runs go forward in time"):
        approve(book, SEP)
