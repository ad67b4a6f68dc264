"""What the user gives for the reserve: files read, faults named, nothing assumed."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner

from receivables.cli import app
from receivables.demo import build_firm, write_folder
from receivables.errors import BadValueError, DomainError
from receivables.monitor.reserve_policy import load_policy, policy_of
from receivables.monitor.write_off import laws
from receivables.resources import data_rows
from tests.reserve_books import SAMPLE

DAY = date(2026, 10, 31)
CSV = (
    "Bucket,Loss rate,Source\n" + "".join(f"{n},{r},sample\n" for n, r in SAMPLE.items()) + ",,\n"
)


def test_rates_of_a_csv_file(tmp_path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(CSV, encoding="utf-8-sig")
    found = load_policy(path).at(DAY)
    assert {name: row.rate for name, row in found.items()}["91+ d"] == Decimal("0.106")


def test_the_sample_of_the_documents_can_be_read() -> None:
    found = load_policy(Path(__file__).parents[1] / "docs" / "reserve_sample.csv").at(DAY)
    assert set(found) == set(SAMPLE)
    assert all("sample" in row.source for row in found.values())


def test_rates_of_a_sheet(tmp_path) -> None:
    path = tmp_path / "rates.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("ReserveMatrix")
        sheet.write_row(0, 0, ["账龄", "计提比例", "来源"])
        sheet.write_row(1, 0, ["Current", 0.003, "自有历史"])
        case = book.add_worksheet("ReserveSpecific")
        case.write_row(0, 0, ["客户编码", "rate", "reason"])
        case.write_row(1, 0, ["00168", 0.8, "破产"])
    policy = load_policy(path)
    assert policy.at(DAY)["Current"].source == "自有历史"
    assert policy.specific[0].customer_id == "00168"


def test_everything_in_toml(tmp_path) -> None:
    path = tmp_path / "reserve.toml"
    path.write_text(
        """
        method = "cecl"
        overlay = 1.10
        overlay_reason = "orders fall"
        public = false
        [accounts]
        impairment_loss = "6702"
        [accounts.DE01]
        impairment_loss = 4730
        [[matrix]]
        bucket = "Current"
        rate = 0.003
        valid_from = 2026-01-01
        [[scenarios]]
        name = "base"
        weight = 1
        factor = 1
        """,
        encoding="utf-8",
    )
    policy = load_policy(path)
    assert policy.overlay == Decimal("1.10")
    assert policy.public is False
    assert policy.accounts == {"impairment_loss": "6702", "DE01.impairment_loss": "4730"}
    assert policy.at(date(2025, 12, 31)) == {}


ROW = {"bucket": "Current", "rate": "1%"}


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"matrix": [{"bucket": "Current"}]}, BadValueError, "row 1: rate is blank. There is no default"),
        ({"matrix": [{"rate": "1%"}]}, BadValueError, "bucket is blank"),
        ({"matrix": [{**ROW, "rate": "abc"}]}, BadValueError, "'abc' is not a number"),
        ({"matrix": [{**ROW, "rate": "NaN"}]}, BadValueError, "not a number"),
        ({"matrix": [{**ROW, "rate": "101%"}]}, DomainError, "between 0 and 1"),
        ({"matrix": [{**ROW, "rate": "-1%"}]}, DomainError, "between 0 and 1"),
        ({"matrix": [ROW, ROW]}, BadValueError, "'Current' stands twice"),
        ({"matrix": [{**ROW, "sorce": "x"}]}, BadValueError, "Did you mean 'source'"),
        ({"matrixx": []}, BadValueError, "Did you mean 'matrix'"),
        ({"overlay": 0}, DomainError, "above 0"),
        ({"months": 0}, BadValueError, "whole number above 0"),
        ({"public": "no"}, BadValueError, "true or false"),
        ({"framework": "HGB"}, BadValueError, "framework is one of"),
        ({"collections_until": "03/04/2026"}, BadValueError, "collections_until"),
        ({"loss_given_default": "1.5"}, DomainError, "between 0 and 1"),
        ({"scenarios": [{"name": "a", "weight": "0.9", "factor": "1"}]}, DomainError, "0.9, not 1"),
        ({"specific": [{"customer_id": "C1"}]}, BadValueError, "a rate or an amount"),
        ({"specific": [{"customer_id": "C1", "rate": "1", "amount": "5"}]}, BadValueError, "one of the two"),
        ({"specific": [{"customer_id": "C1", "amount": "-5"}]}, DomainError, "negative"),
        ({"netting": [{"kind": "secured", "reason": " ", "decided_by": "x"}]}, BadValueError, "needs a reason"),
        ({"netting": [{"kind": "insured", "reason": "r", "decided_by": "x"}]}, BadValueError, "insured share"),
        ({"netting": [{"kind": "hope", "reason": "r", "decided_by": "x"}]}, BadValueError, "neither secured"),
        ({"accounts": {"impairement_loss": "1"}}, BadValueError, "Did you mean 'impairment_loss'"),
    ],
)  # fmt: skip
def test_faults_are_named(values, error, message) -> None:
    with pytest.raises(error, match=message):
        policy_of(values)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("none.csv", None, "no such file"),
        ("bad.toml", "x = ", "not a TOML file"),
        ("rates.pdf", "x", "give a .csv, .toml or .xlsx file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, text, message) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(BadValueError, match=message):
        load_policy(path)


def test_no_loss_rate_is_shipped() -> None:
    """Rules of the reserve are ranges and dates with a source, never a rate by bucket."""
    rows = data_rows("reserve_rules.csv")
    assert {row["rule"].split("_")[0] for row in rows} == {"buffer", "asu"}
    assert all(row["source"] and row["as_of"] for row in rows)


def test_write_off_tests_have_a_source_and_say_when_unconfirmed() -> None:
    rows = data_rows("write_off_tests.csv")
    assert set(laws()) == {"CN", "UK", "policy"}
    assert all(row["source"] and row["as_of"] and row["text_zh"] for row in rows)
    assert {row["confirmed"] for row in rows if row["law"] in {"CN", "UK"}} == {"no"}


@pytest.fixture(scope="module")
def firm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reserve_cli")
    write_folder(build_firm(), folder / "ledger")
    (folder / "rates.csv").write_text(CSV, encoding="utf-8")
    return folder


def run(*arguments):
    return CliRunner().invoke(app, ["reserve", *map(str, arguments)])


def test_the_command_prints_json(firm) -> None:
    done = run(firm / "ledger", "--as-of", DAY, "--rates", firm / "rates.csv", "--json")
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert shown["ties"] is True
    block = next(
        b for b in shown["currencies"] if (b["company"], b["currency"]) == ("DE01", "EUR")
    )
    steps = {name: Decimal(text) for name, text in block["bridge"].items()}
    taken = sum(steps[name] for name in ("intercompany", "advances", "dilution", "specific"))
    assert steps["aging_total"] + steps["reclassed"] - taken == steps["ecl_base"]
    assert sum(Decimal(line["exposure"]) for line in block["pool"]) == steps["ecl_base"]
    books = {item["company"]: item for item in shown["allowances"]}
    assert books["DE01"]["booked"] == "68900.00"
    assert {line["account"] for line in shown["journal"] if line["role"] == "allowance"} == {
        "1231",
        "1246",
    }


def test_the_command_prints_a_page(firm) -> None:
    done = run(firm / "ledger", "--as-of", DAY, "--rates", firm / "rates.csv")
    assert done.exit_code == 0, done.output
    for words in (
        "= ECL base",
        "Allowance required, 2026-09-30 to 2026-10-31",
        "Proposed journal",
    ):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "None are shipped"),
        (["--method", "magic"], "There is no method 'magic'"),
        (["--method", "roll", "--months", "60"], "The history of 60 months begins on"),
        (["--prior", "2026-11-30"], "does not lie before"),
    ],
)
def test_one_clear_line_on_a_mistake(firm, arguments, message) -> None:
    done = run(firm / "ledger", "--as-of", DAY, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
