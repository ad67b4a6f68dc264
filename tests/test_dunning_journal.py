"""The journal: what it remembers, what a crash tears off, and what a spreadsheet may not compute."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from receivables.errors import LedgerFileError
from receivables.refresh import load
from receivables.respond.dunning_csv import CsvJournal
from receivables.respond.dunning_journal import (
    CANCELLED,
    DROPPED,
    ISSUED,
    PLANNED,
    RENDERED,
    STATES,
    Journal,
    free_number,
    ledger_journal,
    letter_number,
    row_of,
)
from receivables.respond.dunning_level import Standing
from tests.ledgers import day, ledger


def letter(number="L1", state=ISSUED, level=1, on="10-31", **more):
    own = {"letter_id": number, "kind": "dunning", "company": "DE01", "customer_id": "00123", "currency": "EUR", "level": level, "cut_off": day(on), "state": state, "amount": 1000_00}  # fmt: skip
    return row_of("letters", **own | more)


def line(number="L1", document="R1", level=1, **more):
    own = {"letter_id": number, "document_no": document, "level": level, "open": 1000_00, "currency": "EUR"}  # fmt: skip
    return row_of("letter_items", **own | more)


def test_what_is_written_is_read_back(tmp_path):
    store = CsvJournal(tmp_path / "letters")
    row = letter(customer_id="=cmd|' /C calc'!A0", company="+DE", reason='He said "no",\nthen\tpaid', amount=123456789)  # fmt: skip
    store.append([row], [line(document="-00123"), line(document="'quoted", currency="JPY", open=98)])  # fmt: skip
    found = store.read()
    [back] = found.letters.to_dicts()
    assert back == row | {"reason": 'He said "no", then\tpaid'}
    assert found.items["document_no"].to_list() == ["-00123", "'quoted"]
    assert found.items["open"].to_list() == [1000_00, 98]
    text = (tmp_path / "letters" / "letters.csv").read_text(encoding="utf-8-sig")
    cells = [cell for cell in text.replace('"', "").splitlines()[1].split(",") if cell]
    assert not [cell for cell in cells if cell[0] in "=+-@"]


def test_of_a_letter_the_last_row_counts(tmp_path):
    store = CsvJournal(tmp_path)
    store.append([letter(state=PLANNED), letter("L2", state=PLANNED)], [line(), line("L2", "R2")])
    store.append([letter(state=RENDERED)])
    store.append([letter(state=ISSUED)])
    found = store.read()
    assert dict(found.letters.select("letter_id", "state").iter_rows()) == {"L1": ISSUED, "L2": PLANNED}  # fmt: skip
    assert found.items.height == 2
    assert (tmp_path / "letters.csv").read_text().count("\n") == 5


def test_nothing_read_from_a_folder_that_is_not_there(tmp_path):
    assert CsvJournal(tmp_path / "none").read().letters.is_empty()


@pytest.mark.parametrize("torn", [1, 5, 40, 60])
def test_a_torn_line_is_not_there_and_the_next_row_begins_anew(tmp_path, torn):
    store = CsvJournal(tmp_path)
    store.append([letter(), letter("L2")], [line()])
    path = tmp_path / "letters.csv"
    path.write_bytes(path.read_bytes()[:-torn])
    assert store.read().letters["letter_id"].to_list() == ["L1"]
    store.append([letter("L3")])
    assert store.read().letters["letter_id"].to_list() == ["L1", "L3"]


def test_items_without_a_letter_are_not_counted(tmp_path):
    store = CsvJournal(tmp_path)
    store.append([], [line()])
    assert store.read().items.is_empty()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("100.00", "a hundred", "row 2, amount: 'a hundred' cannot be read"),
        ("2026-10-31", "31.10.26", "row 2, cut_off"),
        ("state", "status", "the column state is gone"),
    ],
)
def test_a_journal_that_was_edited_badly_stops_the_run(tmp_path, before, after, told):
    store = CsvJournal(tmp_path)
    store.append([letter(amount=100_00)])
    path = tmp_path / "letters.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace(before, after, 1))
    with pytest.raises(LedgerFileError, match="journal of letters cannot be read") as fault:
        store.read()
    assert told in str(fault.value)


def test_two_runs_at_once_are_refused(tmp_path):
    store = CsvJournal(tmp_path)
    with store.alone(), pytest.raises(LedgerFileError, match="another run"), CsvJournal(tmp_path).alone():  # fmt: skip
        pass
    with store.alone():
        pass


def of(letters, items):
    empty = Journal()
    return Journal.of(
        pl.DataFrame(letters, schema=empty.letters.schema, orient="row"),
        pl.DataFrame(items, schema=empty.items.schema, orient="row"),
    )


def test_only_issued_letters_raise_a_level():
    for state in STATES:
        found = of([letter(state=state)], [line()]).standings()
        key = ("DE01", "00123", "r1", 0)
        known = {key: Standing(1, 1, date(2026, 10, 31))} if state == ISSUED else {}
        assert found == known, state


def test_standing_is_the_highest_level_with_its_number_and_last_day():
    rows = [letter("A", on="09-01"), letter("B", on="09-15", level=2), letter("C", on="10-01", level=2)]  # fmt: skip
    items = [line("A"), line("B", level=2), line("C", level=2), line("C", "R2", level=None)]
    assert of(rows, items).standings() == {
        ("DE01", "00123", "r1", 0): Standing(2, 2, day("10-01"))
    }


def test_courtesy_notes_are_no_level_and_no_last_letter():
    found = of([letter(level=0)], [line(level=0)])
    assert not found.standings()
    assert not found.last_letters()
    assert found.reminded() == {("DE01", "00123", "r1", 0)}


def test_the_last_run_forgets_what_was_taken_back():
    rows = [letter("A", on="10-01"), letter("B", on="10-15", state=CANCELLED), letter("C", on="10-16", state=DROPPED)]  # fmt: skip
    assert of(rows, []).last_run == day("10-01")
    assert of(rows, []).up_to(day("09-30")).letters.is_empty()


def test_a_number_taken_back_is_not_given_again():
    gone = of([letter(state=CANCELLED), letter("L2", state=DROPPED)], []).taken_back()
    assert free_number("L1", gone) == ("L1-2", "L1")
    both = of([letter(state=CANCELLED), letter("L1-2", state=CANCELLED)], []).taken_back()
    assert free_number("L1", both) == ("L1-3", "L1-2")
    assert free_number("L2", gone) == ("L2", "")


def test_the_number_follows_from_what_the_letter_is_about():
    def number(**more):
        own = {"kind": "dunning", "company": "DE01", "customer_id": "00123", "currency": "EUR", "policy": "standard", "level": 3, "cut_off": day("10-31"), "documents": [("R1", 0), ("R2", 1)]}  # fmt: skip
        return letter_number(**own | more)

    assert number() == number(customer_id=" 00123 ", documents=[("r2", 1), ("R1", 0)])
    others = [
        number(company="CN01"), number(customer_id="0123"), number(currency="USD"), number(policy="uk"),
        number(level=2), number(cut_off=day("10-30")), number(documents=[("R1", 0)]), number(kind="statement"),
        number(documents=[("R1", 0), ("R2", 2)]),
    ]  # fmt: skip
    assert len({number(), *others}) == len(others) + 1
    assert number().startswith("20261031-3-")
    assert number().isascii()


def test_the_ledgers_own_tables_and_the_files_beside_it_are_one_journal(tmp_path):
    own = ledger_journal(ledger(letters=[letter(state=None, kind=None)], letter_items=[line()]))
    assert own.state("L1") == ISSUED
    store = CsvJournal(tmp_path)
    store.append([letter(state=CANCELLED), letter("L2")], [line("L2")])
    both = own.and_then(store.read())
    assert (both.state("L1"), both.state("L2"), both.state("L3")) == (CANCELLED, ISSUED, "")


def test_a_ledger_folder_reads_the_journal_as_a_table(tmp_path):
    """The csv files are what the reader of ledgers understands."""
    (tmp_path / "documents.csv").write_text("document_no,customer_id,kind,issued_on,due_on,amount,currency\nR1,C1,invoice,2026-09-01,2026-10-01,100.00,EUR\n")  # fmt: skip
    CsvJournal(tmp_path).append([letter()], [line()])
    books = load(tmp_path)
    found = ledger_journal(books.ledger)
    assert found.letters.select("letter_id", "customer_id", "amount", "cut_off").row(0) == ("L1", "00123", 1000_00, day("10-31"))  # fmt: skip
    assert found.standings() == {("DE01", "00123", "r1", 0): Standing(1, 1, day("10-31"))}
