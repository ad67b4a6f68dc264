"""The job and command `grade`: what is printed, the JSON, the sheet, and the same grade in a cell."""

import csv
import json
from datetime import date

import openpyxl
import polars as pl
import pytest
import receivables_udfs  # noqa: F401 - declares the functions
from typer.testing import CliRunner

from receivables.assess.factor_rows import FACTORS
from receivables.assess.scorecard import Scorecard
from receivables.book.report_file import write
from receivables.cells import find_function
from receivables.cli import app
from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.errors import BadValueError
from receivables.refresh import load
from receivables.refresh.grade import grade_job, previous_quarter_end
from receivables.report.credit_tables import GradesData
from receivables.report.grades_sheet import grades_sheet
from receivables.report.page import Page
from receivables.settings import Settings
from tests.report_sample import sample

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo")
    write_folder(build_firm(), path)
    return path


@pytest.fixture(scope="module")
def answer(folder):
    return grade_job(load(folder, as_of=AS_OF), AS_OF)


def run(*arguments: str):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_factor_row_typed_into_a_cell_gives_the_same_grade(answer) -> None:
    """What `grade` prints of a customer, typed under its headings, is graded alike."""
    spec = find_function("CREDIT_GRADE_ROW")
    rows = json.loads(json.dumps(answer.to_json()))["rows"]
    graded = [row for row in rows if row["grade"] is not None]
    assert len({row["grade"] for row in graded}) > 5
    for row in graded:
        names, values = zip(*row["factors"].items(), strict=True)
        assert spec.call([list(values)], [list(names)]) == row["grade"], row["customer_id"]


def test_the_quarter_before_stands_beside(folder, answer) -> None:
    earlier = grade_job(load(folder, as_of=AS_OF), date(2026, 9, 30))
    then = dict(earlier.frame.select("customer_id", "grade").iter_rows())
    assert answer.before == date(2026, 9, 30)
    for row in answer.frame.iter_rows(named=True):
        assert row["grade_before"] == then.get(row["customer_id"])
        if row["grade"] is not None and row["grade_before"] is not None:
            assert row["change"] == row["grade"] - row["grade_before"]
    assert answer.frame["change"].drop_nulls().n_unique() > 2


def test_quarter_ends() -> None:
    assert previous_quarter_end(date(2026, 1, 1)) == date(2025, 12, 31)
    assert previous_quarter_end(date(2026, 12, 31)) == date(2026, 9, 30)


def test_spread_and_migration_add_up(answer) -> None:
    spread = answer.distribution()
    assert spread["grade"].to_list() == list(range(1, 11))
    assert spread["customers"].sum() == answer.frame["grade"].drop_nulls().len()
    both = answer.frame.drop_nulls(["grade", "grade_before"]).height
    assert answer.migration().drop("grade_before").sum_horizontal().sum() == both


def test_the_first_quarter_has_no_before(folder) -> None:
    books = load(folder)
    first = books.posted.details["posted_on"].min()
    early = grade_job(books, first.replace(day=28))
    assert early.before is None
    assert early.frame["grade_before"].null_count() == early.frame.height


def test_the_command_prints_and_gives_json(folder, answer) -> None:
    shown = run("grade", folder, "--as-of", "2026-10-31")
    assert shown.exit_code == 0, shown.output
    assert "Grades as of 2026-10-31, before: 2026-09-30" in shown.stdout
    undone = answer.frame["grade"].null_count()
    assert f"{undone} customers without a grade" in shown.stdout
    told = json.loads(run("grade", folder, "--as-of", "2026-10-31", "--json").stdout)
    assert told == json.loads(json.dumps(answer.to_json()))
    assert list(told["rows"][0]["factors"]) == list(FACTORS)


def test_your_own_scorecard_and_mistakes(folder, tmp_path) -> None:
    own = tmp_path / "own.csv"
    rows = [["factor", "from", "to", "points", "weight", "reason"]]
    rows += [["late_rate", "", 0.5, 100, 100, ""], ["late_rate", 0.5, "", 0, "", "late"]]
    with own.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows(rows)
    told = json.loads(
        run("grade", folder, "--as-of", "2026-10-31", "--scorecard", own, "--json").stdout
    )
    assert {row["score"] for row in told["rows"]} == {0.0, 100.0, None}
    with own.open("a", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerow(["mood", "", "", 50, 0.1, ""])
    rows[1][4] = rows[2][4] = 90
    foreign = Scorecard.from_rows([*rows, ["mood", None, None, 50, 5, ""]])
    with pytest.raises(BadValueError, match="factors that a ledger does not hold: mood"):
        grade_job(load(folder), AS_OF, scorecard=foreign)
    wrong = run("grade", folder, "--as-of", "2026-10-31", "--before", "2026-10-31")
    assert (wrong.exit_code, "is not before 2026-10-31" in wrong.stderr) == (2, True)


def test_a_list_of_open_items_says_what_is_missing(tmp_path) -> None:
    (tmp_path / "customers.csv").write_text("customer_id,name\nC1,One\n", encoding="utf-8")
    (tmp_path / "documents.csv").write_text(
        "document_no,customer_id,kind,issued_on,due_on,currency,amount\n"
        "R1,C1,invoice,2026-08-31,2026-09-30,EUR,500\n",
        encoding="utf-8",
    )
    mapping = tmp_path / "map.toml"
    mapping.write_text('ledger_kind = "open_items"\nextracted_on = 2026-10-31\n', encoding="utf-8")
    found = grade_job(load(tmp_path, map_file=mapping), AS_OF)
    [row] = found.frame.to_dicts()
    assert (row["grade"], row["worst_age"], row["late_rate"]) == (None, 31.0, None)
    assert "late_rate (25)" in row["problem"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sheet(answer, tmp_path, language) -> None:
    page = Page(sample(4, 1, settings=Settings(language=language)))
    data = GradesData(answer.frame, answer.distribution(), answer.migration(), answer.before)
    path = tmp_path / "grades.xlsx"
    write([grades_sheet(page, data)], path)
    book = openpyxl.load_workbook(path)
    worksheet = book[{"en": "Grades", "zh": "客户评级"}[language]]
    assert {"Grades_list", "Grade_spread", "Grade_migration"} <= set(worksheet.tables)
    first, last = worksheet.tables["Grades_list"].ref.split(":")
    rows = [[cell.value for cell in row] for row in worksheet[first:last]]
    graded = answer.frame.filter(pl.col("grade").is_not_null())
    worst = graded["grade"].max()
    assert rows[1][2] == worst
    assert {row[0] for row in rows[1:]} == set(answer.frame["customer_id"])
    undone = answer.frame.filter(pl.col("grade").is_null())
    assert [row[8] for row in rows[-undone.height :]] == undone.sort("customer_id")[
        "problem"
    ].to_list()
    assert worksheet._charts
