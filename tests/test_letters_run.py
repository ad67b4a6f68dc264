"""The run: made once, whatever is killed where; taken back with a trace; never backwards in time."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from receivables.errors import BadValueError, SettingsError
from receivables.refresh import letters_run
from receivables.refresh.letters import (
    Choices,
    approve_job,
    cancel_job,
    issue_job,
    known_until,
    own_policies,
    preview_job,
)
from receivables.refresh.letters_journal import journal_of
from receivables.refresh.letters_run import Run
from receivables.respond.dunning_csv import CsvJournal
from receivables.respond.dunning_journal import CANCELLED, DROPPED, ISSUED, RENDERED, REPLACED
from receivables.settings import Settings
from tests.dunning_books import AS_OF, TextRenderer, books_of, customer
from tests.ledgers import day, invoice, payment

NOW = "2026-11-02T09:00:00"


def documents(count=5):
    """One invoice of a day overdue for each customer, and a second for the first."""
    rows = [invoice(f"R{n}", 100_00 * n, due="10-20", customer_id=f"C{n}") for n in range(1, count + 1)]  # fmt: skip
    return [*rows, invoice("X1", 50_00, due="10-25", customer_id="C1")]


def run_in(folder, **more):
    own = {"store": CsvJournal(folder / "journal"), "renderer": TextRenderer(), "folder": folder / "out", "at": NOW, "by": "Chen"}  # fmt: skip
    return Run(**own | more)


def files(folder):
    root = folder / "out"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}  # fmt: skip


def states(folder):
    rows = CsvJournal(folder / "journal").read().letters
    return {(row["letter_id"], row["state"], row["amount"], row["file"], row["sha256"]) for row in rows.to_dicts()}  # fmt: skip


def test_approved_twice_is_made_once(tmp_path):
    books, run = books_of(documents()), run_in(tmp_path)
    first = approve_job(books, AS_OF, run)
    before = files(tmp_path), states(tmp_path)
    again = approve_job(books, AS_OF, run)
    assert (len(first.made), again.made, again.finished, again.letters) == (5, (), (), ())
    assert (files(tmp_path), states(tmp_path)) == before
    assert len(run.renderer.calls) == 5
    assert {row[1] for row in states(tmp_path)} == {ISSUED}
    assert sum(row[2] for row in states(tmp_path)) == 1500_00 + 50_00
    assert set(again.frame["reasons"]) == {"too_soon"}


def test_the_journal_says_who_when_and_which_files(tmp_path):
    answer = approve_job(books_of([invoice("R1", 100_00)]), AS_OF, run_in(tmp_path))
    [row] = CsvJournal(tmp_path / "journal").read().letters.to_dicts()
    assert (row["approved_by"], row["sent_at"], row["created_at"]) == ("Chen", NOW, NOW)
    assert row["file"] == f"{answer.made[0]}.txt"
    assert len(row["sha256"]) == 64
    assert (row["cut_off"], row["level"], row["stage"], row["policy"]) == (AS_OF, 1, "reminder", "standard")  # fmt: skip


def test_the_next_run_goes_one_level_up(tmp_path):
    books, run = books_of([invoice("R1", 100_00)]), run_in(tmp_path)
    levels = []
    for on in ("10-31", "11-06", "11-13", "11-20", "11-27", "12-31"):
        answer = approve_job(books, day(on), run, Choices(bank_to=day("12-31")))
        levels.append(tuple(letter.level for letter in answer.letters) or answer.frame["reasons"][0])  # fmt: skip
    assert levels == [(1,), (2,), (3,), (4,), "not_reached", (5,)]
    assert approve_job(books, date(2027, 3, 1), run, Choices(bank_to=date(2027, 3, 1))).frame["reasons"][0] == "last_level"  # fmt: skip


class Killed(BaseException):
    """What kill -9 is to a test."""


class Clock:
    """Counts the steps of a run and kills it at one of them."""

    def __init__(self, at=None):
        self.at, self.steps = at, 0

    def tick(self):
        self.steps += 1
        if self.steps == self.at:
            raise Killed

    def around(self, function):
        def stepped(*args, **more):
            self.tick()
            found = function(*args, **more)
            self.tick()
            return found

        return stepped


class MortalJournal(CsvJournal):
    """Dies before, between and behind the writes to its two files."""

    def __init__(self, folder, clock):
        super().__init__(folder)
        self._add = clock.around(super()._add)


def attempt(folder, books, clock, monkeypatch, **more):
    """One run that dies at the clock's step; True if it came to its end."""
    renderer = TextRenderer()
    renderer.render = clock.around(renderer.render)
    run = run_in(folder, store=MortalJournal(folder / "journal", clock), renderer=renderer, **more)
    with monkeypatch.context() as patch:
        patch.setattr(letters_run, "BATCH", 2)
        patch.setattr(Path, "replace", clock.around(Path.replace))
        try:
            approve_job(books, AS_OF, run)
        except Killed:
            return False
    return True


def test_killed_at_any_step_and_resumed_is_the_uninterrupted_run(tmp_path, monkeypatch):
    books = books_of(documents(5))
    whole = Clock()
    assert attempt(tmp_path / "whole", books, whole, monkeypatch)
    expected = files(tmp_path / "whole"), states(tmp_path / "whole")
    assert whole.steps > 40
    for step in range(1, whole.steps + 1):
        folder = tmp_path / str(step)
        assert not attempt(folder, books, Clock(step), monkeypatch), step
        assert attempt(folder, books, Clock(), monkeypatch)
        assert (files(folder), states(folder)) == expected, step


def test_killed_twice_and_with_a_torn_line(tmp_path, monkeypatch):
    books = books_of(documents(4))
    whole = Clock()
    attempt(tmp_path / "whole", books, whole, monkeypatch)
    expected = files(tmp_path / "whole"), states(tmp_path / "whole")
    for first, second in itertools.product(range(3, whole.steps, 7), range(2, 12, 4)):
        folder = tmp_path / f"{first}-{second}"
        attempt(folder, books, Clock(first), monkeypatch)
        torn = folder / "journal" / "letters.csv"
        if torn.exists():
            torn.write_bytes(torn.read_bytes() + b"20261031-1-HALF,dunn")
        attempt(folder, books, Clock(second), monkeypatch)
        assert attempt(folder, books, Clock(), monkeypatch)
        assert (files(folder), states(folder)) == expected, (first, second)


def test_a_payment_between_the_crash_and_the_next_attempt(tmp_path, monkeypatch):
    """The paid letter is dropped, its files are gone; the part-paid one demands what is left."""
    before = books_of(documents(3))
    whole = Clock()
    attempt(tmp_path / "whole", before, whole, monkeypatch)
    paid = [payment("P1", 200_00, "10-30", "R2", customer_id="C2"), payment("P2", 100_00, "10-30", "R3", customer_id="C3")]  # fmt: skip
    after = books_of(documents(3), payments=paid)
    for step in range(1, whole.steps):
        folder = tmp_path / str(step)
        attempt(folder, before, Clock(step), monkeypatch)
        issued = {row[0] for row in states(folder) if row[1] == ISSUED}
        assert attempt(folder, after, Clock(), monkeypatch)
        journal = CsvJournal(folder / "journal").read()
        rows = {row["customer_id"]: row for row in journal.letters.to_dicts() if row["state"] == ISSUED}  # fmt: skip
        if not {row["letter_id"] for row in rows.values() if row["customer_id"] == "C2"} & issued:
            assert "C2" not in rows
        if rows["C3"]["letter_id"] not in issued:
            assert rows["C3"]["amount"] == 200_00
        names = {row["file"] for row in rows.values()}
        assert set(files(folder)) == names, step
        assert {row["state"] for row in journal.letters.to_dicts()} <= {ISSUED, DROPPED}


def test_only_some_customers_and_the_rest_later(tmp_path):
    books, run = books_of(documents(3)), run_in(tmp_path)
    some = approve_job(books, AS_OF, run, Choices(only={"c2"}))
    assert [letter.customer.customer_id for letter in some.letters] == ["C2"]
    rest = approve_job(books, AS_OF, run)
    assert {letter.customer.customer_id for letter in rest.letters} == {"C1", "C3"}
    with pytest.raises(BadValueError, match=r"--only C2: no letter is due to this customer \(too_soon\)"):  # fmt: skip
        preview_job(books, AS_OF, run.store, Choices(only={"C2"}))
    with pytest.raises(BadValueError, match="nothing of theirs is overdue"):
        preview_job(books, AS_OF, run.store, Choices(only={"Z9"}))


def test_runs_go_forward_in_time(tmp_path):
    books, run = books_of(documents(2)), run_in(tmp_path)
    approve_job(books, AS_OF, run)
    for job in (lambda: approve_job(books, day("10-30"), run), lambda: preview_job(books, day("10-30"), run.store)):  # fmt: skip
        with pytest.raises(BadValueError, match="2026-10-31 were made already, so 2026-10-30 is over"):  # fmt: skip
            job()


def test_a_preview_writes_nothing(tmp_path):
    answer = preview_job(books_of(documents(2)), AS_OF, CsvJournal(tmp_path / "journal"))
    assert len(answer.letters) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_letter_taken_back_is_written_anew_under_its_own_number(tmp_path):
    books, run = books_of([invoice("R1", 100_00)]), run_in(tmp_path)
    [number] = approve_job(books, AS_OF, run).made
    cancel_job(books, number, "wrong contact", run)
    assert journal_of(books, run.store).state(number) == CANCELLED
    [again] = approve_job(books, AS_OF, run).made
    assert again == f"{number}-2"
    rows = {row["letter_id"]: row for row in run.store.read().letters.to_dicts()}
    assert rows[number]["reason"] == f"wrong contact (Chen, {NOW})"
    assert (rows[again]["replaces"], rows[again]["level"], rows[again]["state"]) == (number, 1, ISSUED)  # fmt: skip
    with pytest.raises(BadValueError, match="is cancelled already"):
        cancel_job(books, number, "again", run)
    with pytest.raises(BadValueError, match="has no such letter"):
        cancel_job(books, "L0", "why", run)
    with pytest.raises(BadValueError, match="Say why"):
        cancel_job(books, again, " ", run)


def test_drafts_count_only_once_they_are_sent(tmp_path):
    books, run = books_of(documents(2)), run_in(tmp_path, draft=True)
    first = approve_job(books, AS_OF, run)
    assert {row[1] for row in states(tmp_path)} == {RENDERED}
    assert approve_job(books, AS_OF, run).finished == first.made
    later = preview_job(books, day("11-10"), run.store, Choices(bank_to=day("11-10")))
    assert set(later.frame["reasons"]) == {"draft"}
    sent = issue_job(books, [first.made[0]], run)
    assert sent == [first.made[0]]
    assert issue_job(books, [], run) == [first.made[1]]
    with pytest.raises(BadValueError, match="not among the drafts"):
        issue_job(books, [first.made[0]], run)
    later = preview_job(books, day("11-10"), run.store, Choices(bank_to=day("11-10")))
    assert {letter.level for letter in later.letters} == {2}


def test_approving_the_same_day_sends_the_drafts_without_making_them_again(tmp_path):
    books = books_of(documents(2))
    approve_job(books, AS_OF, run_in(tmp_path, draft=True))
    run = run_in(tmp_path)
    answer = approve_job(books, AS_OF, run)
    assert (len(answer.finished), answer.made, run.renderer.calls) == (2, (), [])
    assert {row[1] for row in states(tmp_path)} == {ISSUED}


def test_a_draft_whose_file_was_changed_is_made_again(tmp_path):
    books = books_of([invoice("R1", 100_00)])
    [number] = approve_job(books, AS_OF, run_in(tmp_path, draft=True)).made
    path = tmp_path / "out" / f"{number}.txt"
    path.write_text("tampered")
    answer = approve_job(books, AS_OF, run_in(tmp_path))
    assert (answer.made, answer.finished) == ((number,), ())
    assert path.read_text().startswith(number)


@pytest.mark.parametrize(("mode", "made"), [("stay", 0), ("replace", 1), ("block", 0)])
def test_an_older_draft_stays_or_is_replaced(tmp_path, mode, made):
    (tmp_path / "own.csv").write_text(f"level,stage,days,drafts\n1,reminder,1,{mode}\n")
    own = {"settings": Settings(dunning_levels="own.csv"), "path": tmp_path / "ledger.xlsx"}
    run = run_in(tmp_path, draft=True)
    [old] = approve_job(books_of([invoice("R1", 100_00)], **own), AS_OF, run).made
    books = books_of([invoice("R1", 100_00), invoice("R2", 70_00, due="11-19")], **own)
    answer = approve_job(books, day("11-20"), run, Choices(bank_to=day("11-20")))
    assert run.store.read().state(old) == (REPLACED if made else RENDERED)
    assert (tmp_path / "out" / f"{old}.txt").exists() == (not made)
    documents = [[item.document_no for item in letter.items] for letter in answer.letters]
    assert documents == {"stay": [["R2"]], "replace": [["R1", "R2"]], "block": []}[mode]


def test_a_refused_letter_is_told_and_tried_again(tmp_path):
    books = books_of(documents(3))
    bad = run_in(tmp_path, renderer=TextRenderer(refuse=frozenset({"C2"})))
    answer = approve_job(books, AS_OF, bad)
    assert (len(answer.made), list(answer.refused.values())) == (2, ["no"])
    assert run_in(tmp_path).store.read().state(next(iter(answer.refused))) == DROPPED
    good = approve_job(books, AS_OF, run_in(tmp_path))
    assert [letter.customer.customer_id for letter in good.letters] == ["C2"]
    assert len(good.made) == 1


def test_names_of_customers_lead_nowhere(tmp_path):
    evil = "../../etc/passwd\n=cmd|'!A1 {{7*7}} " + "x" * 300
    rows = [invoice("../R1", 100_00, customer_id=evil)]
    run = run_in(tmp_path)
    answer = approve_job(books_of(rows, [customer(evil)]), AS_OF, run)
    assert len(answer.made) == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{answer.made[0]}.txt"]
    assert approve_job(books_of(rows, [customer(evil)]), AS_OF, run).made == ()


def test_the_customer_changed_currency_between_runs(tmp_path):
    run = run_in(tmp_path)
    old = invoice("R1", 100_00, due="10-01")
    approve_job(books_of([old]), AS_OF, run)
    new = invoice("R2", 100_00, on="10-02", due="11-01", currency="USD")
    answer = approve_job(books_of([old, new]), day("11-08"), run, Choices(bank_to=day("11-08")))
    assert {(letter.currency, letter.level) for letter in answer.letters} == {("EUR", 2), ("USD", 1)}  # fmt: skip


@pytest.mark.parametrize(
    ("until", "as_of", "stale"),
    [
        ("10-28", "10-30", True), ("10-29", "10-30", False), ("10-29", "10-31", False),
        ("10-28", "10-31", True), ("10-29", "11-02", True), ("10-30", "11-02", False),
    ],
)  # fmt: skip
def test_a_ledger_older_than_one_working_day_writes_to_nobody(tmp_path, until, as_of, stale):
    """31 October is a Saturday: the bank of Thursday is enough for it, for Monday that of Friday."""
    books, store = books_of([invoice("R1", 100_00)], until=day(until)), CsvJournal(tmp_path)
    assert known_until(books) == day(until)
    answer = preview_job(books, day(as_of), store)
    assert (answer.frame["reasons"][0] == "stale") == stale
    assert preview_job(books, day(as_of), store, Choices(bank_to=day(as_of))).letters


def test_money_that_came_after_the_day_is_not_demanded(tmp_path):
    paid = [payment("P1", 100_00, "11-03", "R1"), payment("P2", 60_00, "11-03", "R2")]
    rows = [invoice("R1", 100_00), invoice("R2", 100_00)]
    answer = preview_job(books_of(rows, payments=paid), AS_OF, CsvJournal(tmp_path))
    [letter] = answer.letters
    assert [(item.document_no, item.open) for item in letter.items] == [("R2", 40_00)]
    assert answer.items.filter(pl.col("document_no") == "R1")["reason"].to_list() == ["paid_since"]


def test_own_levels_of_a_file_beside_the_ledger(tmp_path):
    (tmp_path / "own.csv").write_text("policy,level,stage,days\nstandard,1,final,1\n")
    own = Settings(dunning_levels="own.csv")
    books = books_of([invoice("R1", 100_00)], settings=own, path=tmp_path / "ledger.xlsx")
    [letter] = preview_job(books, AS_OF, CsvJournal(tmp_path / "j")).letters
    assert letter.stage == "final"
    for name in ("../own.csv", "none.csv"):
        wrong = books_of([invoice("R1", 1)], settings=Settings(dunning_levels=name), path=tmp_path / "ledger.xlsx")  # fmt: skip
        with pytest.raises(SettingsError, match="no file"):
            own_policies(wrong)


def test_a_missing_letterhead_and_an_unwritten_language_are_told(tmp_path):
    books = books_of([invoice("R1", 100_00)], [customer(language="sv", country="SE")])
    answer = preview_job(books, AS_OF, CsvJournal(tmp_path))
    assert answer.frame["note"].to_list() == ["language 'sv' is not written: English"]
    assert answer.letters[0].language == "en"
    books.ledger.tables.pop("companies")
    books.ledger.tables.pop("bank_accounts")
    bare = preview_job(books, AS_OF, CsvJournal(tmp_path))
    assert "Companies has no row" in bare.notes[0]
    assert len(bare.refused) == 1


PLAN = {"plan_no": "P1", "customer_id": "C1", "amount": 100_00, "currency": "EUR", "agreed_on": day("10-05")}  # fmt: skip


@pytest.mark.parametrize(
    ("paid", "state", "letters"),
    [(50_00, None, 0), (0, None, 1), (50_00, "withdrawn", 1)],
)
def test_a_plan_protects_as_long_as_it_is_kept(tmp_path, paid, state, letters):
    """The first instalment was due on 20 October; the grace of the plan is over on the 31st."""
    lines = [
        {"plan_no": "P1", "instalment": 1, "due_on": day("10-20"), "amount": 50_00, "currency": "EUR", "document_no": "R1", "paid_on": day("10-20"), "paid_amount": paid},
        {"plan_no": "P1", "instalment": 2, "due_on": day("11-20"), "amount": 50_00, "currency": "EUR", "document_no": "R1"},
    ]  # fmt: skip
    books = books_of([invoice("R1", 100_00)], plans=[PLAN | {"state": state}], plan_instalments=lines)  # fmt: skip
    answer = preview_job(books, AS_OF, CsvJournal(tmp_path))
    assert len(answer.letters) == letters
    assert answer.frame["reasons"].to_list() == ([""] if letters else ["plan"])
