"""The jobs on a ledger from the command line: what is printed and the JSON scripts rely on."""

import json
import re
import shlex

import pytest
from typer.testing import CliRunner

from receivables.cli import app

LEDGER = {
    "customers.csv": """customer_id,name,country,intercompany
00123,"=Müller [GmbH]",DE,no
C2,Acme,FR,no
""",
    "documents.csv": """document_no,customer_id,kind,issued_on,due_on,currency,amount,salesperson
R1,00123,invoice,2026-08-31,2026-09-30,EUR,1100.10,Ann
R2,00123,invoice,2026-09-15,2026-10-15,EUR,50.00,Bo
G1,00123,credit_note,2026-09-20,2026-09-20,EUR,-20.00,Ann
R3,C2,invoice,2026-10-20,2026-11-19,EUR,0.01,Ann
R4,C2,invoice,2026-11-02,2026-12-02,EUR,999.00,Ann
R5,C2,invoice,2026-10-01,2026-10-31,EUR,plenty,Ann
""",
    "payments.csv": """payment_no,customer_id,paid_on,entered_on,currency,amount,document_no
P1,00123,2026-10-15,2026-10-15,EUR,40.00,R1
P2,00123,2026-11-05,2026-10-30,EUR,60.10,R1
P3,C2,2026-10-30,2026-10-30,EUR,7.00,
""",
    "controls.csv": """as_of,currency,balance
2026-10-31,EUR,1083.11
""",
}


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def answer(*arguments: str):
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def mistake(*arguments: str) -> str:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert done.stderr.startswith("receivables: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("receivables: ").strip()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("books")
    for name, text in LEDGER.items():
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def dollars(tmp_path_factory) -> str:
    """The same ledger with an invoice in a second currency, and its rate."""
    folder = tmp_path_factory.mktemp("dollars")
    for name, text in LEDGER.items():
        (folder / name).write_text(
            text.replace(
                "R5,C2,invoice,2026-10-01,2026-10-31,EUR,plenty",
                "R5,C2,invoice,2026-10-01,2026-10-31,USD,100.00",
            ),
            encoding="utf-8",
        )
    (folder / "rates.csv").write_text("date,from,to,rate\n2026-10-31,USD,EUR,0.80\n")
    return str(folder)


AS_OF = ("--as-of", "2026-10-31")


# -- aging ----------------------------------------------------------------------------------


def test_aging_json_has_the_shape_scripts_rely_on(ledger) -> None:
    found = answer("aging", ledger, *AS_OF)
    assert found["as_of"] == "2026-10-31"
    assert found["currency"] == "EUR"
    labels = ["Current", "1-30 d", "31-60 d", "61-90 d", "91+ d", "No due date"]
    assert found["buckets"] == labels
    assert found["rows"][0] == {
        "key": "00123",
        "name": "=Müller [GmbH]",
        "open": "1090.10",
        "unapplied": "-20.00",
        "over_30": "1060.10",
        "buckets": dict(
            zip(labels, ["0.00", "50.00", "1060.10", "0.00", "0.00", "0.00"], strict=True)
        ),
    }
    assert found["total"]["open"] == "1083.11"
    assert found["total"]["buckets"]["Current"] == "0.01"
    tie = found["tie_out"]
    assert {
        name: tie[name]
        for name in (
            "currency",
            "read",
            "used",
            "after_as_of",
            "set_aside",
            "unreadable",
            "settled",
            "open",
            "buckets",
            "ledger_balance",
            "control_account",
            "difference",
        )
    } == {
        "currency": "EUR",
        "read": "2022.01",
        "used": "1083.11",
        "after_as_of": "938.90",
        "set_aside": "0.00",
        "unreadable": 1,
        "settled": "0.00",
        "open": "1083.11",
        "buckets": "1083.11",
        "ledger_balance": "1083.11",
        "control_account": "1083.11",
        "difference": "0.00",
    }
    assert found["issues"] >= 1


def test_aging_for_people(ledger) -> None:
    done = run("aging", ledger, *AS_OF)
    assert done.exit_code == 0
    assert re.search(r"00123 +=Müller \[GmbH\] +1,090\.10 +-20\.00 +1,060\.10 ", done.stdout)
    assert "EUR DOES NOT TIE: read 2,022.01 = used 1,083.11 + later 938.90" in done.stdout
    assert (
        "Without a readable amount: 1 row. Control account 1,083.11, difference 0.00."
        in done.stdout
    )


def test_the_command_that_lists_the_issues_works(ledger) -> None:
    done = run("aging", ledger, *AS_OF)
    count, command = re.search(
        r"(\d+) issues?\. To see them: receivables (.+)", done.stdout
    ).groups()
    listed = run(*shlex.split(command))
    assert listed.exit_code == 0
    assert "'plenty' in amount is not an amount." in listed.stdout
    assert len(answer(*shlex.split(command))["issues"]) == int(count)


@pytest.mark.parametrize(
    ("options", "key", "amount"),
    [
        (["--by", "salesperson"], "Bo", "50.00"),
        (["--by", "country"], "FR", "-6.99"),
        (["--by", "customer,salesperson"], "00123 / Ann", "1040.10"),
        (["--by", "customer", "--by", "salesperson"], "00123 / Bo", "50.00"),
        (["--where", "salesperson=Bo"], "00123", "50.00"),
        (["--where", "country=de"], "00123", "1090.10"),
    ],
)
def test_groups_and_filters(ledger, options, key, amount) -> None:
    rows = answer("aging", ledger, *AS_OF, *options)["rows"]
    assert {row["key"]: row["open"] for row in rows}[key] == amount


def test_options_reach_the_aging(ledger) -> None:
    older = answer(
        "aging", ledger, "--as-of", "2026-10-30", "--day-on-edge", "older", "--edges", "30"
    )
    assert older["buckets"] == ["Current", "1-29 d", "30+ d", "No due date"]
    assert older["rows"][0]["buckets"]["30+ d"] == "1060.10"
    issued = answer("aging", ledger, *AS_OF, "--base", "issued")
    assert issued["rows"][0]["buckets"]["61-90 d"] == "1060.10"
    own = answer("aging", ledger, *AS_OF, "--credits", "own")
    assert own["rows"][0]["buckets"]["31-60 d"] == "1040.10"
    assert own["rows"][0]["unapplied"] == "0.00"


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_engines_give_the_same_figures(ledger, engine) -> None:
    assert answer("aging", ledger, *AS_OF, "--engine", engine) == answer("aging", ledger, *AS_OF)


def test_settings_file_and_option(ledger, tmp_path) -> None:
    settings = tmp_path / "s.toml"
    settings.write_text('edges = "45"\n')
    assert answer("aging", ledger, *AS_OF, "--settings", str(settings))["buckets"][1] == "1-45 d"
    both = answer("aging", ledger, *AS_OF, "--settings", str(settings), "--edges", "60")
    assert both["buckets"][1] == "1-60 d"


def test_several_currencies_are_blocks_of_their_own(dollars) -> None:
    found = answer("aging", dollars, *AS_OF)
    assert [block["currency"] for block in found["currencies"]] == ["EUR", "USD"]
    assert [block["total"]["open"] for block in found["currencies"]] == ["1083.11", "100.00"]
    assert "rows" not in found
    printed = run("aging", dollars, *AS_OF).stdout
    assert "EUR ties to the control account: read 2,022.01 = used 1,083.11" in printed
    assert "USD adds up (no control balance given): read 100.00" in printed
    assert "Aging as of 2026-10-31, EUR" in printed
    assert "Aging as of 2026-10-31, USD" in printed


def test_one_reporting_currency(dollars) -> None:
    found = answer("aging", dollars, *AS_OF, "--currency", "EUR")
    assert (found["currency"], found["total"]["open"]) == ("EUR", "1163.11")
    assert (
        "USD 100.00 at 0.8 of 2026-10-31 = EUR 80.00"
        in run("aging", dollars, *AS_OF, "--currency", "EUR").stdout
    )
    missing = mistake("aging", dollars, *AS_OF, "--currency", "CNY")
    assert "to CNY on or before 2026-10-31. Add a row to the Rates table" in missing


def test_prior_period_and_later_receipts(ledger) -> None:
    found = answer(
        "aging", ledger, *AS_OF, "--prior", "2026-09-30", "--subsequent-to", "2026-11-10"
    )
    change = {row["key"]: row["change"] for row in found["prior"]["rows"]}
    assert change["00123"] == "-40.00"
    assert found["subsequent"]["until"] == "2026-11-10"
    received = {row["document_no"]: row["received"] for row in found["subsequent"]["items"]}
    assert received["R1"] == "60.10"
    printed = run(
        "aging", ledger, *AS_OF, "--prior", "2026-09-30", "--subsequent-to", "2026-11-10"
    ).stdout
    assert "Came in up to 2026-11-10" in printed
    assert re.search(r"1,090\.10 +-40\.00 +-20\.00", printed)


# -- open items, statement ------------------------------------------------------------------


def test_open_json(ledger) -> None:
    found = answer("open", ledger, *AS_OF)
    rows = {row["document_no"]: row for row in found["rows"]}
    assert set(rows) == {"R1", "R2", "G1", "R3", "P3"}
    assert rows["R1"] == {
        "document_no": "R1",
        "instalment": None,
        "customer_id": "00123",
        "kind": "invoice",
        "issued_on": "2026-08-31",
        "due_on": "2026-09-30",
        "currency": "EUR",
        "amount": "1100.10",
        "paid": "40.00",
        "credited": "0.00",
        "open": "1060.10",
        "days_past_due": 31,
        "bucket": "31-60 d",
    }


def test_open_with_payments_in_hand(ledger) -> None:
    rows = {row["document_no"]: row for row in answer("open", ledger, *AS_OF, "--future")["rows"]}
    assert (rows["R1"]["future_payments"], rows["R1"]["remaining"]) == ("60.10", "1000.00")
    assert re.search(
        r"1,060\.10 +60\.10 +1,000\.00", run("open", ledger, *AS_OF, "--future").stdout
    )


def test_statement(ledger, tmp_path) -> None:
    found = answer("statement", ledger, "00123", *AS_OF)
    assert found["accounts"][0]["closing"] == "1090.10"
    assert "1,090.10" in run("statement", ledger, "00123", *AS_OF).stdout
    page = tmp_path / "statement.html"
    done = run("statement", ledger, "00123", *AS_OF, "--format", "html", "--out", str(page))
    assert str(page) in done.stdout
    assert "=Müller [GmbH]" in page.read_text(encoding="utf-8")
    assert "No posting for the customer 'C9'" in mistake("statement", ledger, "C9", *AS_OF)


# -- check ----------------------------------------------------------------------------------


def test_check_lists_place_fault_and_cure(ledger) -> None:
    found = answer("check", ledger)
    fault = next(issue for issue in found["issues"] if issue["level"] == "error")
    assert (fault["code"], fault["file"], fault["cell"], fault["value"]) == (
        "amount_text",
        "documents.csv",
        "G7",
        "plenty",
    )
    assert found["rows"]["documents"] == {"read": 6, "used": 5, "set_aside": 1}
    printed = run("check", ledger).stdout
    assert "documents.csv G7" in printed
    assert "1 error, " in printed


def test_check_levels_and_limit(ledger, tmp_path) -> None:
    assert "not in this list" not in run("check", ledger, "--level", "error").stdout
    assert "raise --limit" in run("check", ledger, "--limit", "0").stdout
    assert "--level loud: give one of error, warning, note." in mistake(
        "check", ledger, "--level", "loud"
    )


# -- month end ------------------------------------------------------------------------------


def test_refresh_writes_a_workbook(ledger, tmp_path) -> None:
    out = tmp_path / "report.xlsx"
    done = run("refresh", ledger, *AS_OF, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert out.is_file()
    assert f"{out}: 5 open items" in done.stdout
    assert re.search(r"EUR +red +2,022\.01 +938\.90", done.stdout)
    assert answer("refresh", ledger, *AS_OF, "--out", str(out))["files"] == [str(out)]


def test_demo(tmp_path) -> None:
    done = run("demo", "--out", str(tmp_path / "demo"))
    assert done.exit_code == 0, done.output
    for name in ("ledger.xlsx", "report.xlsx", "letters-preview/index.html"):
        assert (tmp_path / "demo" / name).is_file()
    assert "letters-preview/index.html: the letters that are due" in "".join(
        done.stdout.split("\n")
    )
    assert "Look at the sheet Close" in done.stdout
    assert "To see them: receivables check" in done.stdout


# -- mistakes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["aging", "LEDGER", "--as-of", "31/10/2026"],
            "--as-of: '31/10/2026' does not say which part",
        ),
        (
            ["aging", "LEDGER", "--as-of", "2026-02-30"],
            "--as-of: '2026-02-30' is not a day of the calendar",
        ),
        (["aging", "LEDGER"], "Missing option '--as-of'"),
        (
            ["aging", "LEDGER", *AS_OF, "--match-cutoff", "soon"],
            "--match-cutoff: 'soon' is not a date.",
        ),
        (
            ["aging", "LEDGER", *AS_OF, "--match-cutoff", "2026-01-01"],
            "Matching cut-off 2026-01-01 lies before",
        ),
        (["aging", "LEDGER", *AS_OF, "--by", "custommer"], "There is no column 'custommer'"),
        (["aging", "LEDGER", *AS_OF, "--edges", "60,30"], "The edges must rise: 30 follows 60."),
        (
            ["aging", "LEDGER", *AS_OF, "--base", "paid"],
            "Setting base: 'paid' is not one of due, issued.",
        ),
        (["aging", "LEDGER", *AS_OF, "--engine", "abacus"], "There is no engine 'abacus'."),
        (["aging", "LEDGER", *AS_OF, "--where", "country"], "--where country: write column=value"),
        (["aging", "LEDGER", *AS_OF, "--map", "none.toml"], "none.toml: no such mapping file."),
        (["aging", "none.xlsx", *AS_OF], "none.xlsx: no such file."),
        (
            ["aging", "LEDGER", "--as-of", "2020-01-01"],
            "Nothing was posted on or before 2020-01-01",
        ),
        (["refresh", "LEDGER", *AS_OF], "there are no result sheets of receivables in it"),
    ],
)
def test_one_clear_line(ledger, arguments, line) -> None:
    assert line in mistake(*[ledger if word == "LEDGER" else word for word in arguments])


def test_a_workbook_that_is_not_ours_stays(ledger, tmp_path) -> None:
    out = tmp_path / "report.xlsx"
    out.write_bytes(b"somebody's work")
    before = out.read_bytes()
    assert str(out) in mistake("refresh", ledger, *AS_OF, "--out", str(out))
    assert out.read_bytes() == before


def test_no_progress_bar_without_a_terminal(ledger) -> None:
    assert run("aging", ledger, *AS_OF).stderr == ""
