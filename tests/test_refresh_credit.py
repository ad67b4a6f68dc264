"""The credit manager's part of the month-end report, from the demo's ledger to the sheets."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.errors import SettingsError
from receivables.refresh import load, refresh_job
from receivables.refresh.credit_found import ask
from receivables.refresh.credit_pack import TABLES, holds_credit, with_credit
from receivables.refresh.month_end import report_data
from receivables.report.build import build
from receivables.report.credit_data import TASKS
from receivables.report.labels import label
from receivables.resources import data_rows
from receivables.transfer.rules import rule
from tests.report_book import opened, table_rows

AS_OF = date(2026, 10, 31)
SINCE = date(2026, 9, 30)
ALL = [
    "This week", "Dashboard", "Grades", "Limit use", "Warnings", "Countries", "Insurance deadlines",
    "Instruments", "Approvals due", "Reviews", "Admission", "Order holds", "Plan status",
    "Dispute clocks", "Limitation",
]  # fmt: skip
CREDIT = [name for name in ALL if name != "Dashboard"]
"""Sheets that only a ledger of the credit manager gets."""
TASK = {name: label(f"task.{name}", "en") for name in TASKS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    write_folder(build_firm(), made)
    return made


@pytest.fixture(scope="module")
def books(folder):
    return load(folder, as_of=AS_OF)


@pytest.fixture(scope="module")
def found(books):
    return ask(books, AS_OF, SINCE)


@pytest.fixture(scope="module")
def report(books, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.xlsx"
    refresh_job(books, AS_OF, path)
    return path


@pytest.fixture(scope="module")
def book(report):
    return opened(report, data_only=True)


@pytest.fixture(scope="module")
def totals(book):
    return table_rows(book, "This week", "This_week_totals")


def counted(totals, task: str) -> int:
    return sum(row["Tasks"] for row in totals if row["Task"] == TASK[task])


def test_every_sheet_of_the_credit_manager_is_there_in_the_order_of_the_table(book):
    order = [
        row["en"] for row in sorted(data_rows("sheets.csv"), key=lambda row: int(row["order"]))
    ]
    assert [name for name in book.sheetnames if name in ALL] == ALL
    assert book.sheetnames == [name for name in order if name in book.sheetnames]


def test_the_week_counts_what_the_jobs_found(totals, found):
    until = AS_OF + timedelta(int(rule("week_days")) - 1)
    items = found.insurance.items
    urgent = items.filter(pl.col("action") != "", pl.col("act_by") <= until)
    assert urgent.height
    assert counted(totals, "insurer") == urgent.height
    assert counted(totals, "hold") == found.holds.filter(pl.col("state") == "hold").height > 0
    assert counted(totals, "promise") == found.promises.height > 0
    assert counted(totals, "approval") == found.approvals.waiting.height > 0
    assert counted(totals, "review") == found.reviews.frame.height > 0
    assert counted(totals, "insolvency") == found.insolvencies.height > 0
    breached = found.plans.filter((pl.col("state") == "breached") | pl.col("blocked"))
    assert counted(totals, "plan") == breached.height > 0
    pressing = found.disputes.filter(pl.col("due_on") <= until)
    assert counted(totals, "dispute") == pressing.height > 0


def test_the_insurers_week_is_that_of_the_command(found):
    """The sheet looks as far ahead as `receivables insurance`, and back at what is overdue."""
    until = AS_OF + timedelta(int(rule("week_days")) - 1)
    urgent = found.insurance.items.filter(pl.col("action") != "", pl.col("act_by") <= until)
    assert urgent["document_no"].to_list() == found.insurance.week()["document_no"].to_list()


def test_amounts_of_a_kind_stand_apart_by_currency(totals, found):
    rows = {row["Currency"]: row["Amount"] for row in totals if row["Task"] == TASK["promise"]}
    sums = found.promises.group_by("currency").agg(pl.col("amount").sum())
    assert rows == {code: pytest.approx(minor / 100) for code, minor in sums.iter_rows()}
    keys = [(row["Task"], row["Currency"]) for row in totals]
    assert len(keys) == len(set(keys))


def test_the_list_begins_with_the_insurer_and_then_with_the_oldest(book):
    rows = table_rows(book, "This week", "This_week")
    kinds = [row["Task"] for row in rows]
    first = kinds.count(TASK["insurer"])
    assert set(kinds[:first]) == {TASK["insurer"]}
    days = [row["Act by"].date() if row["Act by"] else AS_OF for row in rows]
    assert days[:first] == sorted(days[:first])
    assert days[first:] == sorted(days[first:])
    for row in rows:
        left = (row["Act by"].date() - AS_OF).days if row["Act by"] else None
        assert row["Days left"] == left
        wanted = "now" if left is None else "overdue" if left < 0 else "this week"
        assert row["When"] == wanted


def test_every_task_links_to_a_sheet_of_the_report(book, report):
    rows = table_rows(book, "This week", "This_week")
    assert {row["Sheet"] for row in rows} <= {*book.sheetnames}
    live = {row["Sheet"] for row in table_rows(opened(report), "This week", "This_week")}
    assert '=HYPERLINK("#\'Order holds\'!A1","Order holds")' in live


def test_the_aging_gains_columns_and_no_rows(books, found, book):
    plain = report_data(books, AS_OF)
    data = with_credit(plain, books, AS_OF)
    own = ["credit_limit", "limit_used", "insured", "grade"]
    assert data.aging.drop(own).equals(plain.aging)
    assert data.items.drop("report_by", "act_by").equals(plain.items)
    limits = found.limits.frame.filter(pl.col("limit").is_not_null())
    for customer, currency, limit in limits.select("customer_id", "currency", "limit").iter_rows():
        mine = data.aging.filter(customer_id=customer, currency=currency)
        assert set(mine["credit_limit"]) <= {limit}
    grades = dict(found.grades.frame.select("customer_id", "grade").iter_rows())
    for customer, grade in data.aging.select("customer_id", "grade").iter_rows():
        assert grade == grades.get(customer)
    by_currency = data.aging.group_by("currency").agg(pl.col("insured").sum())
    insured = found.insurance.buyers.group_by("currency").agg(pl.col("insured").sum())
    assert dict(by_currency.iter_rows()) == dict(insured.iter_rows())
    heading = table_rows(book, "Aging", "Aging")[0]
    assert {"Limit", "% used", "Grade"} <= {*heading}


def test_a_limit_in_another_currency_is_not_shown_as_this_one(books, found):
    data = with_credit(report_data(books, AS_OF), books, AS_OF).aging
    limits = found.limits.frame.select("customer_id", "currency")
    other = data.join(limits, on=["customer_id", "currency"], how="anti")
    assert other.height
    assert other["credit_limit"].null_count() == other.height


def test_open_items_carry_the_day_to_report(books, found):
    items = with_credit(report_data(books, AS_OF), books, AS_OF).items
    given = items.filter(pl.col("report_by").is_not_null())
    covered = found.insurance.items.filter(pl.col("insured") > 0, pl.col("notify").is_not_null())
    days = dict(covered.select("document_no", "notify").iter_rows())
    assert given.height > 10
    for number, day in given.select("document_no", "report_by").iter_rows():
        assert days[number] == day


def test_issues_of_the_jobs_join_those_of_the_ledger_once(books, found):
    data = with_credit(report_data(books, AS_OF), books, AS_OF)
    assert list(data.issues)[: len(books.issues)] == list(books.issues)
    assert {*found.warnings.issues, *found.countries.issues} <= {*data.issues}
    assert len(found.issues) > 0
    assert len(data.issues) == len({*data.issues})


def without(folder: Path, target: Path, *tables: str) -> Path:
    """The demo's folder without some of its files."""
    names = {
        path.stem.casefold().replace("_", "").replace(" ", ""): path for path in folder.iterdir()
    }
    gone = {
        names[table.replace("_", "")].name for table in tables if table.replace("_", "") in names
    }
    shutil.copytree(folder, target, ignore=lambda _path, _files: gone)
    return target


@pytest.mark.parametrize(
    ("table", "sheets"),
    [
        ("insurance_policies", {"Insurance deadlines"}),
        ("orders", {"Order holds"}),
        ("approvals", {"Reviews"}),
        ("limits", set()),
    ],
)
def test_a_sheet_goes_with_its_table(folder, tmp_path, table, sheets):
    books = load(without(folder, tmp_path / "ledger", table), as_of=AS_OF)
    assert not books.ledger[table].height
    made = {spec.label for spec in build(with_credit(report_data(books, AS_OF), books, AS_OF))}
    assert {*ALL} - made == sheets | ({"Limit use", "Admission"} if table == "limits" else set())


def test_a_ledger_without_these_tables_gives_the_plain_report(folder, tmp_path):
    books = load(without(folder, tmp_path / "ledger", *TABLES), as_of=AS_OF)
    assert not holds_credit(books)
    plain, asked = tmp_path / "plain.xlsx", tmp_path / "asked.xlsx"
    refresh_job(books, AS_OF, plain, credit=False)
    refresh_job(books, AS_OF, asked)
    assert plain.read_bytes() == asked.read_bytes()
    assert not {*opened(plain).sheetnames} & {*CREDIT}


def test_it_can_be_asked_for_and_refused(folder, books, tmp_path):
    bare = load(without(folder, tmp_path / "ledger", *TABLES), as_of=AS_OF)
    path = tmp_path / "more.xlsx"
    refresh_job(bare, AS_OF, path, pack=False, credit=True)
    assert {"Dashboard", "Grades", "Warnings", "Countries"} <= {*opened(path).sheetnames}
    refresh_job(books, AS_OF, path, pack=False)
    assert not {*opened(path).sheetnames} & {*CREDIT}


def test_home_countries_get_no_export_terms(books):
    home = replace(books, settings=replace(books.settings, home_countries="Germany, CN"))
    told = ask(home, AS_OF, SINCE).countries.frame
    own = told.filter(pl.col("alpha2").is_in(["DE", "CN"]))
    assert own.height
    assert own["terms_cap"].null_count() == own.height
    assert told.filter(pl.col("alpha2") == "FR")["terms_cap"].to_list() == [90]
    wrong = replace(books, settings=replace(books.settings, home_countries="Germny"))
    with pytest.raises(SettingsError, match="home_countries: There is no country 'Germny'"):
        ask(wrong, AS_OF, SINCE)


def test_the_dashboard_says_what_the_sheets_say(book, found):
    dashboard = {name: table_rows(book, "Dashboard", name) for name in book["Dashboard"].tables}
    warned = dashboard["Dashboard_warnings"][0]
    assert [warned[name] for name in ("Red", "Yellow", "Blue")] == [
        *found.warnings.counts().values()
    ]
    limits = dashboard["Dashboard_limits"][0]
    assert limits["Above the limit"] == found.limits.counts()["hold"]
    assert limits["Reviews due"] == found.reviews.frame.height
    held = found.holds.filter(pl.col("state") == "hold").height
    assert sum(row["Held"] for row in dashboard["Dashboard_orders"]) == held
    classes = {row["Class"]: row["Customers"] for row in dashboard["Dashboard_classes"]}
    graded = found.grades.frame.drop_nulls("class")["class"].to_list()
    assert classes == {name: graded.count(name) for name in sorted(set(graded))}
    owed = {row["Currency"]: row["Open"] for row in dashboard["Dashboard_receivables"]}
    aging = {row["Currency"]: row["Open"] for row in table_rows(book, "Aging", "Aging_totals")}
    assert owed == pytest.approx(aging)


def test_the_command_takes_the_switch(folder, books, tmp_path):
    from receivables.cli import app

    path = tmp_path / "report.xlsx"
    asked = ["refresh", str(folder), "--as-of", "2026-10-31", "--out", str(path), "--json"]
    shown = CliRunner().invoke(app, [*asked, "--no-credit"])
    assert shown.exit_code == 0, shown.output
    assert not {*opened(path).sheetnames} & {*CREDIT}
    assert json.loads(shown.stdout)["issues"] == len(books.issues)


def test_chinese_sheets_have_chinese_words(folder, tmp_path):
    path = tmp_path / "report.xlsx"
    books = load(folder, as_of=AS_OF, values={"language": "zh"})
    refresh_job(books, AS_OF, path, pack=False, credit=True)
    book = opened(path, data_only=True)
    rows = table_rows(book, "本周事项", "This_week")
    assert {row["事项"] for row in rows} == {label(f"task.{name}", "zh") for name in TASK}
    assert {row["工作表"] for row in rows} <= {*book.sheetnames}
