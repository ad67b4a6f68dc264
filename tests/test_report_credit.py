"""The sheets This week and Dashboard from figures that are given, recalculated by LibreOffice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from receivables.book.report_file import write
from receivables.refresh.this_week import this_week
from receivables.report.build import build
from receivables.report.credit_data import TASKS, WEEK_SCHEMA, CreditData, DashboardData, WeekData
from receivables.report.dashboard_sheet import KINDS
from receivables.report.labels import label
from receivables.report.this_week_sheet import MOST
from receivables.settings import Settings
from receivables.transfer.rules import rule
from tests.report_book import opened, recalculated, table_rows
from tests.report_sample import AS_OF, sample

UNTIL = AS_OF + timedelta(6)
SHEETS = {
    "insurer": "insurance_deadlines", "hold": "order_holds", "promise": "open_items",
    "approval": "approvals", "review": "reviews",
}  # fmt: skip


def task(kind: str, days: int | None, **more) -> dict:
    """One thing to do, so many days from the as-of date; None = now."""
    act_by = None if days is None else AS_OF + timedelta(days)
    own = {
        "task": kind, "act_by": act_by, "days_left": days, "customer_id": "00123", "name": "=1+1",
        "what": f"{kind} of A&B <Ltd>", "currency": "EUR", "amount": 100_05, "who": "Li",
        "sheet": SHEETS[kind],
    }  # fmt: skip
    return own | more


WEEK = [
    task("review", -90, amount=None, currency=None),
    task("hold", None, amount=70_00),
    task("insurer", 3),
    task("insurer", -1, currency="JPY", amount=5_000),
    task("promise", -2, amount=1_00),
    task("promise", -2, amount=2_00),
    task("approval", 0),
]


def week(rows) -> WeekData:
    return WeekData(pl.DataFrame(rows, schema=WEEK_SCHEMA, orient="row"), UNTIL)


def written(tmp_path, rows, language="en", **parts):
    path = tmp_path / "report.xlsx"
    credit = CreditData(week=week(rows), **parts)
    data = sample(8, 2, credit=credit, settings=Settings(language=language))
    write(build(data), path)
    return path


def listed(path, language="en") -> list[dict]:
    name = {"en": "This week", "zh": "本周事项"}[language]
    return table_rows(opened(path, data_only=True), name, "This_week")


def totalled(path) -> dict[tuple, dict]:
    rows = table_rows(opened(path, data_only=True), "This week", "This_week_totals")
    return {(row["Task"], row["Currency"]): row for row in rows}


def test_the_insurer_comes_first_then_the_oldest_then_the_dearest(tmp_path):
    rows = listed(written(tmp_path, WEEK))
    words = {name: label(f"task.{name}", "en") for name in TASKS}
    order = ["insurer", "insurer", "review", "promise", "promise", "hold", "approval"]
    assert [row["Task"] for row in rows] == [words[name] for name in order]
    assert [row["Amount"] for row in rows] == [5000, 100.05, None, 2, 1, 70, 100.05]
    states = ["overdue", "this week", "overdue", "overdue", "overdue", "now", "this week"]
    assert [row["When"] for row in rows] == states
    assert rows[0]["Name"] == "=1+1"
    assert rows[0]["Customer"] == "00123"


def test_totals_keep_currencies_apart(tmp_path):
    found = totalled(written(tmp_path, WEEK))
    assert len(found) == 6
    insurer = label("task.insurer", "en")
    assert found[insurer, "EUR"]["Amount"] == 100.05
    assert found[insurer, "JPY"]["Amount"] == 5000
    promises = found[label("task.promise", "en"), "EUR"]
    assert (promises["Tasks"], promises["Overdue"], promises["Amount"]) == (2, 2, 3)
    assert promises["Next day"].date() == AS_OF - timedelta(2)
    assert found[label("task.review", "en"), None]["Amount"] is None


def test_more_than_the_list_shows_is_counted_and_said(tmp_path):
    many = [task("review", n, amount=n * 100) for n in range(MOST + 3)]
    path = written(tmp_path, [*many, task("hold", None)])
    rows = listed(path)
    assert len(rows) == MOST + 1
    review = totalled(path)[label("task.review", "en"), "EUR"]
    assert review["Tasks"] == MOST + 3
    assert review["Amount"] == sum(range(MOST + 3))
    texts = [cell.value for row in opened(path)["This week"].iter_rows() for cell in row]
    assert (
        f"review: {MOST} of {MOST + 3} are listed here, all of them on their own sheet." in texts
    )


def nearly(row: list) -> list:
    """LibreOffice keeps 15 digits of a number, and the empty text of a formula as such."""
    return [
        float(f"{value:.14g}") if isinstance(value, float) else None if value == "" else value
        for value in row
    ]


def test_links_and_figures_survive_recalculation(tmp_path):
    frame = pl.DataFrame({"currency": ["EUR", "JPY"], "open": [123_45, 500], "dso": [45.5, None]})
    path = written(tmp_path, WEEK, dashboard=DashboardData((("receivables", frame),)))
    stored, fresh = opened(path, data_only=True), recalculated(path, tmp_path)
    for name in ("This week", "Dashboard"):
        was = [[cell.value for cell in row] for row in stored[name].iter_rows()]
        now = [[cell.value for cell in row] for row in fresh[name].iter_rows()]
        assert [nearly(row) for row in now] == [nearly(row) for row in was], name
    links = [row["Sheet"] for row in table_rows(fresh, "This week", "This_week")]
    assert links[0] == "Insurance deadlines"


def test_who_is_left_out_where_nobody_is_named(tmp_path):
    assert "Who" not in listed(written(tmp_path, [task("hold", None, who=None)]))[0]


def test_a_part_that_is_not_there_gets_no_sheet():
    plain = build(sample(4, 1))
    empty = build(sample(4, 1, credit=CreditData()))
    assert [spec.id for spec in empty] == [spec.id for spec in plain]


def test_the_dashboard_shows_each_kind_as_what_it_is(tmp_path):
    text = {"class": "A", "currency": "EUR"}
    whole = {
        name: text.get(name, 12 if kind in {"int", "money"} else 0.5)
        for name, kind in KINDS.items()
    }
    path = written(tmp_path, WEEK, dashboard=DashboardData((("orders", pl.DataFrame([whole])),)))
    row = table_rows(opened(path, data_only=True), "Dashboard", "Dashboard_orders")[0]
    assert len(row) == len(KINDS)
    for name, kind in KINDS.items():
        shown = row[label(f"dashboard.{name}", "en")]
        assert shown == (0.12 if kind == "money" else whole[name]), name


def test_in_chinese(tmp_path):
    rows = listed(written(tmp_path, WEEK, "zh"), "zh")
    assert [row["时限"] for row in rows[:2]] == ["已逾期", "本周"]
    assert rows[0]["工作表"] == "保险时限"


@pytest.mark.parametrize(("days", "there"), [(-400, True), (0, True), (6, True), (7, False)])
def test_the_week_begins_today_and_has_seven_days(days, there):
    assert int(rule("week_days")) == 7
    part = pl.DataFrame([task("review", days)], schema=WEEK_SCHEMA).drop("days_left")
    found = this_week([part], AS_OF)
    assert found.until == UNTIL
    assert found.frame["days_left"].to_list() == ([days] if there else [])


def test_what_has_no_day_is_due_now():
    found = this_week([pl.DataFrame({"task": ["hold"], "customer_id": ["1"]})], AS_OF).frame
    assert found.schema == WEEK_SCHEMA
    assert found.row(0, named=True)["act_by"] is None
    assert this_week([], date(2026, 10, 31)).frame.is_empty()


def test_aging_and_open_items_show_what_is_known(tmp_path):
    """Limit, share used, insured and grade are in no total; a column without a value is not there."""
    data = sample(8, 2)
    first = pl.int_range(pl.len()) == 0
    aging = data.aging.with_columns(
        credit_limit=pl.when(first).then(pl.lit(5_000_00, pl.Int64)), limit_used=pl.when(first).then(0.75),
        insured=pl.lit(None, pl.Int64), grade=pl.when(first).then(pl.lit(7, pl.Int64)),
    )  # fmt: skip
    items = data.items.with_columns(
        report_by=pl.when(first).then(AS_OF), act_by=pl.lit(None, pl.Date)
    )
    path = tmp_path / "report.xlsx"
    write(build(replace(data, aging=aging, items=items)), path)
    book = opened(path, data_only=True)
    tables = [name for name in book["Aging"].tables if name != "Aging_totals"]
    rows = [row for name in tables for row in table_rows(book, "Aging", name)]
    assert "Insured" not in rows[0]
    mine = [(row["Limit"], row["% used"], row["Grade"]) for row in rows if row["Limit"]]
    assert mine == [(5000, 0.75, 7)]
    assert "Limit" not in table_rows(book, "Aging", "Aging_totals")[0]
    items = table_rows(book, "Open items", "Open_items")
    assert "Act by" not in items[0]
    assert [
        row["Report to insurer by"].date() for row in items if row["Report to insurer by"]
    ] == [AS_OF]
