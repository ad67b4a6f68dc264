"""The sheet Dunning and the tasks of This week say what the plan says, in two languages."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date

import polars as pl
import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.refresh import load, refresh_job
from receivables.refresh.letters import approve_job, planning, preview_job
from receivables.refresh.letters_run import Run
from receivables.refresh.letters_week import dunning_found, letter_tasks
from receivables.refresh.month_end import report_data
from receivables.report.dunning_sheet import dunning_sheet
from receivables.report.page import Page
from receivables.respond.dunning_csv import CsvJournal
from receivables.respond.dunning_journal import Journal
from receivables.respond.dunning_level import reasons
from tests.dunning_books import TextRenderer, books_of
from tests.ledgers import invoice
from tests.report_book import opened, table_rows

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("dunning") / "ledger"
    write_folder(build_firm(), path)
    return path


@pytest.fixture(scope="module")
def books(folder):
    return load(folder, as_of=AS_OF)


@pytest.fixture(scope="module")
def report(books, tmp_path_factory):
    path = tmp_path_factory.mktemp("dunning") / "report.xlsx"
    refresh_job(books, AS_OF, path, pack=False, credit=True)
    return opened(path, data_only=True)


def sums(rows, column):
    found: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        found[row["Currency"]] += row[column] or 0
    return {currency: pytest.approx(amount) for currency, amount in found.items()}


def test_letters_and_left_out_are_everybody_overdue(books, report):
    due = table_rows(report, "Dunning", "Dunning")
    rest = table_rows(report, "Dunning", "Dunning_left_out")
    plan = planning(books, AS_OF, Journal()).frame
    assert len(due) == plan.filter(pl.col("outcome") != "none").height
    assert len(rest) == plan.filter(pl.col("outcome") == "none").height
    opened_items = books.open(AS_OF).frame().filter(pl.col("open") > 0)
    late = opened_items.filter(pl.col("due_on").is_null() | (pl.col("due_on") < AS_OF))
    who = {
        (row["Customer"], row["Currency"])
        for row in [*rest, *(row for row in due if row["Level"])]
    }
    assert who == set(late.select("customer_id", "currency").iter_rows())


def test_every_reason_has_its_words_and_a_cure(report):
    rest = table_rows(report, "Dunning", "Dunning_left_out")
    known = {row["text_en"] for row in reasons().values()}
    assert all({*row["Why not"].split("; ")} <= known and row["What to do"] for row in rest)


def test_each_letter_due_is_a_task_of_this_week(books, report):
    due = [row for row in table_rows(report, "Dunning", "Dunning") if row["Level"]]
    tasks = letter_tasks(dunning_found(books, AS_OF), "en")
    assert tasks.height == len(due)
    assert tasks["amount"].sum() > 0
    totals = table_rows(report, "This week", "This_week_totals")
    told = {row["Currency"]: row["Amount"] for row in totals if row["Task"] == "letter due"}
    assert sums(due, "Payable") == told
    shown = [
        row for row in table_rows(report, "This week", "This_week") if row["Task"] == "letter due"
    ]
    assert len(shown) == min(len(due), 25)
    assert shown[0]["What"].startswith("reminder, level 1: ")


def test_in_chinese(books):
    data = report_data(load(books.path, as_of=AS_OF, values={"language": "zh"}), AS_OF)
    sheet = dunning_sheet(Page(data), dunning_found(books, AS_OF))
    assert sheet.label == "催收"
    told = {row["reasons"] for row in list(sheet.tables)[1].frame.iter_rows(named=True)}
    assert {"有争议; 分期计划履行中", "已进入破产程序,停止催收"} <= told
    assert all("dunning" not in column.label for table in sheet.tables for column in table.columns)


def test_the_report_of_a_past_day_shows_what_was_known_then(tmp_path):
    books = books_of([invoice("R1", 100_00)], path=tmp_path / "ledger.xlsx")
    store = CsvJournal(tmp_path / "ledger.xlsx.receivables" / "letters")
    approve_job(books, AS_OF, Run(store, TextRenderer(), tmp_path / "out"))
    after = dunning_found(books, AS_OF).frame
    assert after["reasons"].to_list() == ["too_soon"]
    before = dunning_found(books, date(2026, 10, 30)).frame
    assert (before["outcome"].to_list(), before["level"].to_list()) == (["letter"], [1])


def test_a_firm_that_writes_no_letters_gets_no_sheet():
    books = books_of([invoice("R1", 100_00)])
    books.ledger.tables.pop("companies")
    assert dunning_found(books, AS_OF) is None
    assert letter_tasks(None, "en").is_empty()


def test_the_demo_writes_in_five_languages_at_every_run(folder, books, tmp_path):
    answer = preview_job(books, AS_OF, CsvJournal(tmp_path))
    assert {letter.language for letter in answer.letters} == {"de", "en", "es", "fr", "zh-CN"}
    assert not answer.refused
    result = CliRunner().invoke(app, ["letters", str(folder), "--as-of", "2026-10-31", "--json"])
    told = json.loads(result.stdout)
    assert len(told["letters"]) == len(answer.letters)
    why = {code for row in told["why_not"] for code in row["reasons"].split("+")}
    assert {
        "insolvent",
        "held",
        "promised",
        "plan",
        "disputed",
        "paid_since",
        "credits",
        "below_minimum",
        "consumer",
        "no_address",
        "intercompany",
        "no_due_date",
    } <= why
