"""The command `dso`: the JSON scripts rely on, the table people see, mistakes in one line."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import BadValueError
from receivables.refresh import dso_job, load
from receivables.refresh.dso import METHODS, measures_of

LEDGER = {
    "documents.csv": """document_no,customer_id,kind,issued_on,due_on,currency,amount,tax_amount
R1,00123,invoice,2026-01-10,2026-02-09,EUR,70.00,10.00
R2,00123,invoice,2026-02-10,2026-03-12,EUR,80.00,10.00
R3,C2,invoice,2026-03-10,2026-04-09,EUR,100.00,10.00
R4,C2,invoice,2026-04-02,2026-05-02,EUR,999.00,
""",
    "payments.csv": """payment_no,customer_id,paid_on,currency,amount,document_no
P1,00123,2026-03-20,EUR,38.00,R1
""",
}
MARCH = ("--as-of", "2026-03-31")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("books")
    for name, text in LEDGER.items():
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def run(*arguments: str):
    return CliRunner().invoke(app, ["dso", *arguments])


def answer(*arguments: str):
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_json_has_the_shape_scripts_rely_on(ledger) -> None:
    found = answer(ledger, *MARCH)
    assert set(found) == {"as_of", "by", "month_days", "measures", "rows", "notes", "issues"}
    assert (found["as_of"], found["by"], found["month_days"]) == (
        "2026-03-31",
        "month",
        "calendar",
    )
    row = found["rows"][-1]
    assert {
        name: row[name]
        for name in (
            "key",
            "currency",
            "month_end",
            "days",
            "basis",
            "source",
            "receivables",
            "sales",
        )
    } == {
        "key": "",
        "currency": "EUR",
        "month_end": "2026-03-31",
        "days": 31,
        "basis": "gross/gross",
        "source": "documents",
        "receivables": "212.00",
        "sales": "100.00",
    }
    assert row["countback"] == pytest.approx(73.171428, abs=1e-6)
    assert row["rolling_3"] == pytest.approx(76.32)
    assert row["rolling_6"] is None
    assert "rolling_6: fewer than 6 months" in row["missing"]
    assert [note["code"] for note in found["notes"]] == ["speed_months"]
    json.dumps(found, allow_nan=False)


def test_thirty_days_and_one_method(ledger) -> None:
    found = answer(ledger, *MARCH, "--month-days", "30", "--method", "countback")
    assert found["measures"] == ["countback"]
    assert found["rows"][-1]["countback"] == pytest.approx(73.714285, abs=1e-6)
    assert "dso" not in found["rows"][-1]


def test_by_customer_net_and_months(ledger) -> None:
    found = answer(ledger, *MARCH, "--by", "customer", "--basis", "net", "--months", "2")
    rows = {(row["key"], row["month_end"]): row for row in found["rows"]}
    assert set(rows) == {(key, f"2026-{month}") for key in ("00123", "C2") for month in ("02-28", "03-31")}  # fmt: skip
    assert rows["C2", "2026-03-31"]["sales"] == "90.00"
    assert rows["C2", "2026-03-31"]["basis"] == "net/net"
    assert rows["00123", "2026-03-31"]["receivables"] == "97.43", "32 × 6/7 + 70, half up"


def test_the_table_says_what_is_not_available_and_why(ledger) -> None:
    done = run(ledger, *MARCH, "--method", "simple,countback,rolling")
    assert done.exit_code == 0, done.output
    assert "73.17" in done.stdout
    assert "76.32" in done.stdout
    assert "n/a" in done.stdout
    assert "rolling_12: fewer than 12 months of sales are known" in done.stdout
    assert "true_dso" not in done.stdout, "reasons of measures that were not asked for"
    assert "12 months were asked for, 3 are shown" in done.stdout


def test_a_later_month_changes_nothing_earlier(ledger) -> None:
    march = answer(ledger, *MARCH)["rows"]
    april = answer(ledger, "--as-of", "2026-04-30")["rows"]
    assert april[: len(march)] == march


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--by", "week"), "month, company, customer"),
        (("--method", "fast"), "simple, countback"),
        (("--month-days", "31"), "calendar or 30"),
        (("--basis", "vat"), "gross, net"),
        (("--months", "0"), "1 or more"),
        (("--grace", "-1"), "0 or more"),
    ],
)
def test_mistakes(ledger, arguments, text) -> None:
    done = run(ledger, *MARCH, *arguments)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert done.stderr.startswith("receivables: ")
    assert text in done.stderr


def test_before_the_ledger(ledger) -> None:
    done = run(ledger, "--as-of", "2026-01-30")
    assert done.exit_code == 2
    assert "no month end up to 2026-01-30" in done.stderr


def test_the_job_by_itself(ledger) -> None:
    books = load(ledger, as_of=date(2026, 3, 31))
    found = dso_job(books, date(2026, 3, 31), methods=("late", "true"))
    assert found.measures == ("true_dso", "late_rate", "late_rate_amount")
    assert found.notes[0].cure
    assert {name for names in METHODS.values() for name in names} == set(measures_of(["all"]))
    with pytest.raises(BadValueError, match="calendar or 30"):
        dso_job(books, date(2026, 3, 31), month_days="28")
