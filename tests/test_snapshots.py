"""Closed periods on disk: what is kept, what is refused, and that nothing is written twice."""

from __future__ import annotations

import csv
import json
import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables.errors import BadValueError, LedgerFileError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.monitor.reported import as_reported, changes, state_of
from receivables.refresh import load, snapshots
from receivables.refresh.close import close_job
from tests.ledgers import invoice, ledger
from tests.test_movement import dates, ledgers_of_two

AUG, SEP, OCT = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)
HEADINGS = (
    "document_no", "company", "customer_id", "kind", "issued_on", "entered_on", "due_on",
    "currency", "amount", "applies_to",
)  # fmt: skip


def document(number, amount, on="2026-08-05", company="DE01", customer="00123", **more):
    row = dict.fromkeys(HEADINGS, "")
    row |= {
        "document_no": number,
        "company": company,
        "customer_id": customer,
        "kind": "invoice",
        "issued_on": on,
        "due_on": on,
        "currency": "EUR",
        "amount": amount,
    }
    return row | more


def paid(number, amount, on, document_no="", company="DE01", customer="00123", **more):
    return {
        "payment_no": number,
        "company": company,
        "customer_id": customer,
        "kind": "payment",
        "paid_on": on,
        "entered_on": "",
        "currency": "EUR",
        "amount": amount,
        "document_no": document_no,
    } | more


def books_of(folder: Path, documents, payments=(), **values):
    """A ledger of csv files as an accountant keeps it; loading it again reads what changed."""
    folder.mkdir(exist_ok=True)
    customers = [
        {"customer_id": name, "name": f"Customer {name}"}
        for name in sorted({row["customer_id"] for row in [*documents, *payments]})
    ]
    tables = {"customers": customers, "documents": documents, "payments": payments}
    for name, rows in tables.items():
        if rows:
            with (folder / f"{name}.csv").open("w", newline="") as handle:
                writer = csv.DictWriter(handle, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    return load(folder, values=values)


FIRST = [document("R1", "100.00"), document("R2", "50.00", "2026-09-10")]


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "books.receivables"


@pytest.fixture
def closed(tmp_path, place):
    """Books closed for August; the folder is theirs."""
    books = books_of(tmp_path / "books", FIRST)
    close_job(books, AUG, closed_at="2026-09-02T09:00:00")
    return books


def logged(place: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((place / "refresh_log.csv").read_text().splitlines()))


def test_a_snapshot_gives_back_what_was_written(closed, place):
    found = snapshots.read_snapshot(place, AUG)
    taken = snapshots.take(closed, AUG)
    assert found.same_as(taken)
    assert found.frame.equals(taken.frame)
    assert found.created_at == "2026-09-02T09:00:00"
    assert found.settings["edges"] == "30,60,90"
    assert (found.companies, found.open_items, found.frame["open"].sum()) == (("DE01",), 1, 10000)
    assert found.lineage == found.content_sha256
    assert [(row["month_end"], row["receivables"]) for row in found.measures] == [
        ("2026-08-31", "100.00")
    ]
    assert found.frame["customer_id"].to_list() == ["00123"]


def test_the_log_has_one_line_per_change_and_none_for_no_change(closed, place):
    for _ in range(2):
        assert close_job(closed, AUG).state == "unchanged"
    before = (place / "2026-08-31.parquet").stat().st_mtime_ns
    close_job(closed, AUG, reopen=True)
    assert (place / "2026-08-31.parquet").stat().st_mtime_ns == before
    rows = logged(place)
    assert [(row["action"], row["as_of"], row["postings"]) for row in rows] == [
        ("closed", "2026-08-31", "1")
    ]
    assert sorted(path.name for path in place.iterdir()) == [
        "2026-08-31.parquet",
        "refresh_log.csv",
    ]


def test_the_order_of_the_ledger_does_not_matter(tmp_path, closed, place):
    again = books_of(tmp_path / "books", FIRST[::-1])
    assert close_job(again, AUG).state == "unchanged"


def test_a_reopened_period_keeps_what_it_reported(tmp_path, closed, place):
    changed = books_of(tmp_path / "books", [*FIRST, document("R9", "7.00")])
    assert close_job(changed, AUG).state == "locked"
    assert snapshots.read_snapshot(place, AUG).frame.height == 1
    assert close_job(changed, AUG, reopen=True).state == "reopened"
    assert snapshots.read_snapshot(place, AUG).frame.height == 2
    assert pl.read_parquet(place / "2026-08-31.v1.parquet").height == 1
    assert snapshots.closed_dates(place) == [AUG]
    log = logged(place)
    assert [(row["action"], row["replaces"]) for row in log] == [
        ("closed", ""),
        ("reopened", "2026-08-31.v1.parquet"),
    ]


def test_other_settings_leave_a_closed_period_locked(tmp_path, closed):
    other = books_of(tmp_path / "books", FIRST, edges="15,45")
    locked = close_job(other, AUG)
    assert locked.state == "locked"
    assert locked.notes == ["Setting edges was '30,60,90' at the close and is '15,45'."]
    answer = close_job(other, SEP)
    assert answer.settings_changed == [{"name": "edges", "before": "30,60,90", "now": "15,45"}]


def test_a_setting_that_did_not_exist_at_the_close_is_no_change(closed, place):
    path = place / "2026-08-31.parquet"
    then = dict(snapshots.read_snapshot(place, AUG).settings)
    rewritten(path, settings={name: then[name] for name in list(then)[1:]})
    assert close_job(closed, AUG).state == "unchanged"


def rewritten(path: Path, frame=None, **head) -> None:
    """The file with another frame or other words in its head."""
    words = json.loads(pl.read_parquet_metadata(path)[snapshots.KEY]) | head
    whole = pl.read_parquet(path) if frame is None else frame
    whole.write_parquet(path, metadata={snapshots.KEY: json.dumps(words)})


def truncate(path):
    path.write_bytes(path.read_bytes()[:-200])


def cut_the_middle(path):
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\0" * 200 + content[300:])


def raise_an_amount(path):
    frame = pl.read_parquet(path)
    rewritten(path, frame.with_columns(open=pl.col("open") + 1))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (truncate, "the snapshot is damaged. Restore it from a backup"),
        (cut_the_middle, "the snapshot"),
        (lambda path: path.write_bytes(b"not parquet"), "the snapshot is damaged."),
        (lambda path: path.write_bytes(b""), "the snapshot is damaged."),
        (
            lambda path: pl.DataFrame({"a": [1]}).write_parquet(path),
            "this is no snapshot of receivables. Move it away and run again.",
        ),
        (raise_an_amount, "the snapshot was changed after it was written. Restore it"),
        (lambda path: rewritten(path, as_of="2026-07-31"), "the snapshot inside is of 2026-07-31"),
        (lambda path: rewritten(path, format=99), "which is newer than this"),
        (
            lambda path: rewritten(path, companies=["DE01", "FR07"]),
            "the snapshot of another ledger: it has the company FR07",
        ),
    ],
)
def test_a_bad_snapshot_is_refused_by_name_with_the_cure(closed, place, harm, words):
    path = place / "2026-08-31.parquet"
    harm(path)
    content = path.read_bytes()
    for as_of in (AUG, SEP):
        with pytest.raises(LedgerFileError) as refused:
            close_job(closed, as_of)
        assert str(refused.value).startswith(f"{path}: ")
        assert words in str(refused.value)
    assert path.read_bytes() == content
    assert snapshots.closed_dates(place) == [AUG]


def test_the_snapshot_of_another_ledger_with_the_same_company_is_refused(tmp_path, closed):
    other = books_of(tmp_path / "other", [document("Z1", "9.00"), document("Z2", "8.00")])
    with pytest.raises(LedgerFileError, match=r"none of its 1 postings is in .*other"):
        close_job(other, SEP, folder=tmp_path / "books.receivables")


def test_snapshots_of_two_series_in_one_folder_are_refused(tmp_path, closed, place):
    elsewhere = tmp_path / "elsewhere"
    close_job(books_of(tmp_path / "books", FIRST), SEP, folder=elsewhere)
    (elsewhere / "2026-09-30.parquet").rename(place / "2026-09-30.parquet")
    with pytest.raises(LedgerFileError, match="come from different series of closes"):
        close_job(closed, SEP)


def test_an_earlier_date_than_the_last_close_is_refused(closed, place):
    close_job(closed, OCT)
    with pytest.raises(LedgerFileError, match="2026-10-31 is closed already, and closing 2026-09"):
        close_job(closed, SEP)
    answer = close_job(closed, SEP, reopen=True)
    assert answer.state == "closed"
    assert answer.notes == [
        "2026-10-31 was closed on the earlier figures. Close it again with --reopen."
    ]
    (note,) = close_job(closed, OCT).notes
    assert note.startswith("2026-10-31 was closed before 2026-09-30 was closed as it stands now.")


def test_a_database_needs_a_folder():
    with pytest.raises(BadValueError, match="--snapshots DIR"):
        snapshots.folder_of("postgresql://server/books")


def test_other_files_in_the_folder_are_left_alone(closed, place):
    for name in ("notes.parquet", "20260131.parquet", "2026-13-01.parquet"):
        (place / name).write_text("mine")
    assert snapshots.closed_dates(place) == [AUG]
    assert close_job(closed, SEP).state == "closed"


def test_a_rate_of_the_period_counts_and_a_later_one_does_not(tmp_path, closed):
    rates = tmp_path / "books" / "rates.csv"
    rates.write_text("date,from,to,rate\n2026-10-15,USD,EUR,0.9\n")
    assert close_job(load(tmp_path / "books"), AUG).state == "unchanged"
    rates.write_text("date,from,to,rate\n2026-08-15,USD,EUR,0.9\n")
    answer = close_job(load(tmp_path / "books"), AUG)
    assert answer.state == "locked"
    assert answer.notes == ["Rates up to 2026-08-31 were changed after the close."]


def test_a_matching_entered_late_is_told_though_no_balance_differs(tmp_path):
    rows = [document("R1", "100.00"), document("R2", "50.00")]
    folder = tmp_path / "books"
    close_job(books_of(folder, rows, [paid("P1", "40.00", "2026-08-20")]), AUG)
    answer = close_job(books_of(folder, rows, [paid("P1", "40.00", "2026-08-20", "R1")]), AUG)
    assert answer.state == "locked"
    assert not any(answer.closed_before.customers["difference"])
    assert answer.closed_before.postings.is_empty()
    assert answer.notes[0].startswith("2 postings differ in what is open of them")


def test_a_payment_that_found_its_company_later_is_no_other_ledger(tmp_path):
    folder = tmp_path / "books"
    first = [document("R1", "100.00"), document("R2", "1.00", company="FR07")]
    close_job(books_of(folder, first, [paid("P1", "9.00", "2026-08-20", company="")]), AUG)
    second = books_of(folder, first, [paid("P1", "9.00", "2026-08-20", "R1", company="")])
    answer = close_job(second, SEP)
    assert answer.opening.explained
    assert sorted(answer.back_dated["amount"]) == [-900, 900]


def test_money_noted_on_a_document_after_the_close_is_a_change_of_it():
    on = date(2026, 10, 31)
    states = []
    for settled_on in (None, date(2026, 10, 20)):
        posted = link(ledger(documents=[invoice("N", 70, settled_on=settled_on)]))
        states.append(state_of(posted, open_items(posted, on)))
    found = changes(*states, on)
    assert found.select("state", "amount").rows() == [("changed", -70), ("changed", 0)]
    assert as_reported(*states, found)["matching"].to_list() == [0]


@settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(tables=ledgers_of_two(), on=dates, seed=st.integers(0, 1000))
def test_the_changes_explain_every_difference(tables, on, seed):
    """Leave rows out at random: what is missing is what the balances differ by."""
    draw = random.Random(seed)
    fewer = {
        "documents": [row for row in tables["documents"] if draw.random() < 0.7],
        "payments": [row for row in tables["payments"] if draw.random() < 0.7],
        "allocations": [row for row in tables["allocations"] if draw.random() < 0.7],
    }
    states = []
    for rows in (fewer, tables):
        posted = link(ledger(**rows))
        state = state_of(posted, open_items(posted, on))
        assert state["open"].sum() == state["amount"].sum() + state["noted"].sum()
        states.append(state)
    found = changes(*states, on)
    customers = as_reported(*states, found)
    assert customers["matching"].sum() == 0
    assert found["amount"].sum() == states[1]["open"].sum() - states[0]["open"].sum()
    gone = found.filter(pl.col("amount") != 0).height
    assert gone <= sum(len(tables[name]) - len(fewer[name]) for name in ("documents", "payments"))
    assert changes(states[1], states[1], on).is_empty()
