"""Three month ends of the demo firm, closed one after the other: they tie, chain and explain."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.errors import LedgerFileError
from receivables.monitor.movement import MOVES
from receivables.refresh import load
from receivables.refresh.close import close_job
from receivables.refresh.month_end import refresh_job
from tests.test_cli import mistake
from tests.test_snapshots import books_of, document, paid

AUG, SEP, OCT = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)
KEYS = ("company", "account", "currency", "customer_key")


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("firm") / "demo"
    write_folder(build_firm(), folder)
    return folder


def balances(answer, name) -> dict[tuple, int]:
    """A column of the movement by customer, nil left out."""
    return {row[:-1]: row[-1] for row in answer.movement.select(*KEYS, name).rows() if row[-1]}


def test_three_months_of_the_demo_firm_tie_and_chain(demo, tmp_path):
    books = load(demo, as_of=OCT)
    answers = [close_job(books, on, folder=tmp_path) for on in (AUG, SEP, OCT)]
    assert [answer.state for answer in answers] == ["closed"] * 3
    assert [answer.opening_on for answer in answers] == [date(2026, 7, 31), AUG, SEP]
    assert all(answer.adds_up for answer in answers)
    for early, late in pairwise(answers):
        assert balances(early, "closing") == balances(late, "reported")
        assert not any(late.movement["restated"])
        assert late.opening.postings.is_empty()
    for answer in answers:
        by_book = {(row["company"], row["account"], row["currency"]): row["closing"] for row in answer.books().iter_rows(named=True)}  # fmt: skip
        for tie in answer.ties:
            closing = by_book.get((tie.company, tie.account, tie.currency), 0)
            assert closing == tie.open == tie.ledger_balance
    assert answers[0].movement["reported"].is_null().all()


def test_the_demo_firm_against_plain_addition_of_its_own_tables(demo, tmp_path):
    """September of the Chinese company in CNY, added up from the csv files line by line."""
    answer = close_job(load(demo, as_of=OCT), SEP, folder=tmp_path)
    row = answer.books().filter(
        (pl.col("company") == "CN01")
        & (pl.col("currency") == "CNY")
        & (pl.col("account") == "1122")
    )

    def added(kinds) -> int:
        with (demo / "documents.csv").open(encoding="utf-8") as handle:
            rows = [
                line
                for line in csv.DictReader(handle)
                if (line["company"], line["currency"], line["account"]) == ("CN01", "CNY", "1122")
                and line["kind"] in kinds
                and "2026-09-01" <= (line["posted_on"] or line["issued_on"]) <= "2026-09-30"
            ]
        return int(sum((Decimal(line["amount"]) for line in rows), Decimal(0)) * 100)

    assert row["new"].item() == added({"invoice", "debit_note", "retention"})
    assert abs(row["credited"].item()) == abs(added({"credit_note"}))
    assert row["recovered"].item() == added({"recovery"})
    assert row["new"].item() > 0
    assert row["recovered"].item() > 0


AUGUST = [document("R1", "100.00"), document("R2", "60.00", customer="00999")]
SEPTEMBER = [document("R3", "40.00", "2026-09-05"), document("R4", "1.00", "2026-10-02")]
LATE = [
    document("R5", "7.00", "2026-08-20", entered_on="2026-09-15"),
    document("R6", "3.00", "2026-08-21", customer="00777"),
]
PAID = [paid("P1", "30.00", "2026-08-25", "R1", entered_on="2026-09-16")]


@pytest.fixture
def restated(tmp_path):
    """August closed; then an invoice and a payment back-dated into it, R6 without a word, R2 raised."""
    folder = tmp_path / "books"
    close_job(books_of(folder, AUGUST), AUG)
    raised = [AUGUST[0], document("R2", "65.00", customer="00999")]
    return books_of(folder, [*raised, *SEPTEMBER, *LATE], PAID)


def test_back_dated_postings_explain_the_opening(restated):
    answer = close_job(restated, SEP)
    customers = {row["customer_id"]: row for row in answer.opening.customers.to_dicts()}
    shown = ("reported", "now", "difference", "postings", "matching")
    assert {name: tuple(row[key] for key in shown) for name, row in customers.items()} == {
        "00123": (10000, 7700, -2300, -2300, 0),
        "00777": (0, 300, 300, 300, 0),
        "00999": (6000, 6500, 500, 500, 0),
    }
    listed = {
        (row["document_no"], row["state"], row["back_dated"], row["amount"])
        for row in answer.back_dated.to_dicts()
    }
    assert listed == {
        ("R5", "appeared", True, 700),
        ("P1", "appeared", True, -3000),
        ("R6", "appeared", False, 300),
        ("R2", "changed", False, -6000),
        ("R2", "changed", False, 6500),
    }
    assert answer.adds_up
    book = answer.books().row(0, named=True)
    assert (book["reported"], book["restated"], book["opening"]) == (16000, -1500, 14500)
    assert book["opening"] + book["new"] == book["closing"] == 18500


def test_a_closed_period_shows_what_it_reported_and_stays_as_it_was(restated, tmp_path):
    path = tmp_path / "books.receivables" / "2026-08-31.parquet"
    content = path.read_bytes()
    answer = close_job(restated, AUG)
    assert (answer.state, path.read_bytes()) == ("locked", content)
    assert answer.closed_before.customers["reported"].sum() == 16000
    assert answer.closed_before.customers["now"].sum() == 14500
    assert answer.closed_before.explained
    assert close_job(restated, AUG, reopen=True).state == "reopened"
    assert close_job(restated, AUG).state == "unchanged"
    assert close_job(restated, SEP).back_dated.is_empty()


def test_a_customer_who_vanished_keeps_his_line(tmp_path):
    folder = tmp_path / "books"
    close_job(books_of(folder, AUGUST), AUG)
    answer = close_job(books_of(folder, AUGUST[:1]), SEP)
    row = answer.movement.filter(pl.col("customer_id") == "00999").row(0, named=True)
    assert (row["reported"], row["restated"], row["opening"], row["closing"]) == (6000, -6000, 0, 0)  # fmt: skip
    assert row["name"] == "Customer 00999"
    assert answer.back_dated["state"].to_list() == ["vanished"]


def test_without_an_earlier_close_the_back_dated_list_goes_by_entered_on(tmp_path):
    books = books_of(tmp_path / "books", [*AUGUST, *LATE])
    answer = close_job(books, SEP)
    assert (answer.opening, answer.opening_on) == (None, AUG)
    assert answer.back_dated["document_no"].to_list() == ["R5"]
    assert answer.books()["reported"].to_list() == [None]


def test_the_first_month_of_a_ledger_opens_with_nothing(tmp_path):
    answer = close_job(books_of(tmp_path / "books", AUGUST), AUG)
    book = answer.books().row(0, named=True)
    assert (book["opening"], book["new"], book["closing"]) == (0, 16000, 16000)


def test_a_list_of_open_items_is_closed_without_a_movement(tmp_path):
    export = tmp_path / "list.csv"
    export.write_text(
        "document_no,customer_id,kind,issued_on,due_on,currency,amount\n"
        "R1,00123,invoice,2026-08-05,2026-09-05,EUR,100.00\n"
    )
    mapping = tmp_path / "list.toml"
    mapping.write_text('ledger_kind = "open_items"\nextracted_on = 2026-08-31\n')
    answer = close_job(load(export, map_file=mapping), AUG)
    assert (answer.state, answer.movement) == ("closed", None)
    assert answer.notes == ["A list of open items holds no postings: there is no movement to show."]  # fmt: skip
    assert answer.to_json()["movement"] is None


def test_unapplied_cash_off_the_oldest_debt(tmp_path):
    books = books_of(
        tmp_path / "books",
        [document("R1", "100.00"), document("R2", "60.00", "2026-09-10")],
        [paid("P1", "120.00", "2026-09-20")],
        unapplied="fifo",
    )
    answer = close_job(books, SEP)
    found = {row[3:5]: row[5] for row in answer.matrix.rows()}
    assert found["b1", "paid"] == 10000
    assert found["new", "paid"] == 2000
    assert not any(key[1] == "unapplied" for key in found)


def test_a_currency_without_rate_leaves_out_the_local_movement_only(tmp_path):
    rows = [document("R1", "100.00"), document("R2", "9.00", currency="USD")]
    books = books_of(tmp_path / "books", rows, local_currency="EUR")
    answer = close_job(books, AUG)
    assert answer.local is None
    assert answer.notes[0].startswith("The movement in local currency is left out. No rate USD")
    assert answer.adds_up


def test_the_report_is_written_beside(tmp_path):
    report = tmp_path / "report.xlsx"
    books = books_of(tmp_path / "books", [*AUGUST, *SEPTEMBER])
    answer = close_job(books, SEP, out=report)
    assert (answer.state, answer.files[0]) == ("closed", report)
    assert report.stat().st_size > 0
    assert refresh_job(books, SEP, report).open_items == 3


def test_a_report_that_cannot_be_written_leaves_the_period_open(tmp_path):
    books = books_of(tmp_path / "books", AUGUST)
    mine = tmp_path / "mine.xlsx"
    mine.write_text("a workbook of somebody else")
    with pytest.raises(LedgerFileError, match="not written by receivables"):
        close_job(books, AUG, out=mine)
    assert not (tmp_path / "books.receivables").exists()


# -- the command ----------------------------------------------------------------------------


def run(*arguments):
    done = CliRunner().invoke(app, ["close", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_json_of_three_months_chains(demo, tmp_path):
    answers = [
        json.loads(run(demo, "--as-of", on, "--snapshots", tmp_path, "--json"))
        for on in (AUG, SEP, OCT)
    ]
    for answer in answers:
        assert answer["adds_up"]
        for row in [*answer["movement"], *answer["customers"]]:
            moved = sum(Decimal(row[name]) for name in ("opening", *MOVES))
            assert moved == Decimal(row["closing"])
            assert Decimal(row["residual"]) == 0
    for early, late in pairwise(answers):
        closing = {row["company"] + row["account"] + row["currency"]: row["closing"] for row in early["movement"]}  # fmt: skip
        reported = {row["company"] + row["account"] + row["currency"]: row["reported"] for row in late["movement"]}  # fmt: skip
        assert closing == reported
    labels = {row["target"] for row in answers[2]["roll"]}
    assert {"Current", "1-30 d", "31-60 d", "paid"} <= labels
    assert answers[2]["local"]


def test_text_says_what_was_reported_and_why_it_differs(restated, tmp_path):
    shown = run(tmp_path / "books", "--as-of", SEP, "--closed-at", "2026-10-02 09:15")
    assert "Movement from 2026-08-31 to 2026-09-30" in shown
    assert "2026-08-31 as reported and as now known" in shown
    line = next(line for line in shown.splitlines() if "Customer 00999" in line)
    assert line.split()[-3:] == ["60.00", "65.00", "5.00"]
    assert "Postings that explain it, dated up to 2026-08-31" in shown
    assert "2026-09-30 closed: " in shown
    log = (tmp_path / "books.receivables" / "refresh_log.csv").read_text().splitlines()
    assert log[-1].startswith("2026-10-02T09:15:00,closed,2026-09-30,")
    locked = run(tmp_path / "books", "--as-of", AUG)
    assert "2026-08-31 is closed; it was NOT written again (--reopen would)" in locked


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--closed-at", "noon"), "--closed-at noon: write the time as 2026-11-02T09:15."),
        (("--rates", "rates.csv"), "--rates and --specific are for the report: add --out."),
    ],
)  # fmt: skip
def test_mistakes(tmp_path, options, message):
    books_of(tmp_path / "books", AUGUST)
    assert mistake("close", str(tmp_path / "books"), "--as-of", "2026-08-31", *options) == message
    assert not (tmp_path / "books.receivables").exists()
