"""The command `letters` from a folder of csv files: previewed, made once, killed, taken back."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from email import policy
from email.parser import BytesParser

import pypdf
import pytest
from typer.testing import CliRunner

from receivables.cli import app

CUSTOMERS = """customer_id,name,address,email,language,country
00123,Müller & Söhne GmbH,"Kai 1
20457 Hamburg",ar@mueller.example.com,de,DE
00124,上海灯具有限公司,上海市浦东新区 1 号,ar@sh.example.com,zh,CN
00125,Harrowgate Ltd,"1 High Street
Leeds",,en,GB
"""
DOCUMENTS = """document_no,customer_id,kind,issued_on,due_on,amount,currency
R1,00123,invoice,2026-09-01,2026-10-01,"1234,56",EUR
R2,00124,invoice,2026-09-01,2026-10-01,"8000,00",EUR
R3,00125,invoice,2026-09-01,2026-10-05,"99,00",EUR
R4,00123,invoice,2026-10-30,2026-11-30,"10,00",EUR
"""
COMPANIES = """company,name,address,country,registration_no,contact,email
,Hansen GmbH,"Speicherkai 7
20457 Hamburg",DE,HRB 1,Lena Brandt,ar@hansen.example.com
"""
ACCOUNTS = "bank,account,currency\nKontorbank,DE89 3704 0044 0532 0130 00,EUR\n"


@pytest.fixture
def folder(tmp_path):
    ledger = tmp_path / "books"
    ledger.mkdir()
    tables = {"Customers": CUSTOMERS, "Documents": DOCUMENTS, "Companies": COMPANIES, "BankAccounts": ACCOUNTS}  # fmt: skip
    for name, text in tables.items():
        (ledger / f"{name}.csv").write_text(text, encoding="utf-8")
    return ledger


def call(*args):
    result = CliRunner().invoke(app, ["letters", *map(str, args)])
    return result.exit_code, result.output


def told(*args):
    code, text = call(*args, "--json")
    assert code == 0, text
    return json.loads(text)


def test_preview_then_approve_twice(folder, tmp_path):
    seen = told(folder, "--as-of", "2026-10-31", "--preview", "--out", tmp_path / "look")
    assert [row["customer_id"] for row in seen["letters"]] == ["00124", "00123", "00125"]
    assert seen["totals"] == [{"currency": "EUR", "letters": 3, "left_out": 0, "overdue": "9333.56", "demanded": "9333.56"}]  # fmt: skip
    assert (tmp_path / "look" / "index.html").is_file()
    assert not folder.with_name("books.receivables").exists()
    out = tmp_path / "out"
    ask = (folder, "--as-of", "2026-10-31", "--approve", "--out", out, "--by", "Chen", "--at", "2026-11-02T09:00")  # fmt: skip
    first = told(*ask, "--format", "eml,pdf")
    assert len(first["made"]) == 3
    assert {path.suffix for path in out.iterdir()} == {".eml", ".pdf"}
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    again = told(*ask, "--format", "eml,pdf")
    assert (again["made"], again["finished"]) == ([], [])
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before
    assert {row["why"] for row in again["why_not"]} == {"last letter too recent"}


def test_the_letter_holds_what_the_plan_says(folder, tmp_path):
    out = tmp_path / "out"
    first = told(folder, "--as-of", "2026-10-31", "--approve", "--out", out, "--format", "eml,pdf", "--only", "00123")  # fmt: skip
    [number] = first["made"]
    mail = BytesParser(policy=policy.default).parsebytes((out / f"{number}.eml").read_bytes())
    assert "mueller.example.com" in mail["To"]
    text = mail.get_body(("plain",)).get_content()
    assert "1.234,56" in text
    assert "R1" in text
    page = pypdf.PdfReader(out / f"{number}.pdf").pages[0].extract_text()
    assert number in page
    assert "Müller & Söhne GmbH" in page


def test_a_form_that_cannot_be_made_is_told_and_the_others_are_made(folder, tmp_path):
    out = tmp_path / "out"
    first = told(folder, "--as-of", "2026-10-31", "--approve", "--out", out, "--format", "eml,docx", "--only", "00125")  # fmt: skip
    [number] = first["made"]
    assert [path.name for path in out.iterdir()] == [f"{number}.docx"]
    assert list(first["refused"]) == [number]


def test_print_batches_hold_each_letter_once(folder, tmp_path):
    out = tmp_path / "out"
    ask = (folder, "--as-of", "2026-10-31", "--approve", "--out", out, "--format", "print")
    first = told(*ask, "--only", "00123")
    second = told(*ask)
    assert [len(answer["made"]) for answer in (first, second)] == [1, 2]
    assert [path.split("/")[-2:] for path in first["files"]] == [["print-2026-10-31-1", "print-de-001.pdf"]]  # fmt: skip
    names = {path.split("/")[-1] for path in second["files"]}
    assert names == {"print-en-001.pdf", "print-zh-CN-001.pdf"}
    assert told(*ask)["files"] == []


def test_cancelled_and_written_anew(folder, tmp_path):
    ask = (folder, "--as-of", "2026-10-31", "--approve", "--out", tmp_path, "--format", "txt", "--only", "00123")  # fmt: skip
    [number] = told(*ask)["made"]
    assert call(folder, "--cancel", number, "--reason", "wrong person")[0] == 0
    assert told(*ask)["made"] == [f"{number}-2"]


def test_drafts_are_sent_by_number_or_all(folder, tmp_path):
    told(folder, "--as-of", "2026-10-31", "--approve", "--draft", "--out", tmp_path, "--format", "txt")  # fmt: skip
    assert len(told(folder, "--issue", "all")["issued"]) == 3
    assert call(folder, "--issue", "all")[1].startswith("Sent: none")


@pytest.mark.parametrize(
    ("more", "told_"),
    [
        (["--preview", "--approve"], "Give one of --preview"),
        ([], "--as-of is missing"),
        (["--as-of", "2026-10-31", "--approve"], "--out is missing"),
        (["--as-of", "2026-10-31", "--format", "fax"], "has no form 'fax'"),
        (["--cancel", "X", "--reason", "r"], "X: the journal has no such letter"),
        (["--as-of", "2026-10-31", "--at", "noon"], "--at noon: write the time"),
        (["--as-of", "2026-10-31", "--only", "00999"], "no letter is due to this customer"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(folder, more, told_):
    code, text = call(folder, *more)
    assert code == 2
    assert told_ in " ".join(text.split())


def test_the_table_on_the_terminal(folder):
    code, text = call(folder, "--as-of", "2026-10-31")
    assert code == 0
    assert "EUR: 3 letters demand 9,333.56 of 9,333.56 overdue; 0 customers are left out." in text


@pytest.mark.parametrize("wait", [0.0, 0.1])
def test_a_process_that_is_killed_leaves_no_gap_and_no_double(folder, tmp_path, wait):
    """The real thing: SIGKILL once the journal has its first line."""
    many = DOCUMENTS.splitlines()[0] + "\n" + "".join(f'R{n},C{n},invoice,2026-09-01,2026-10-01,"{n + 100},00",EUR\n' for n in range(600))  # fmt: skip
    newest = 'Z,C0,invoice,2026-10-30,2026-12-30,"1,00",EUR\n'
    people = "customer_id,name,address,language\n" + "".join(f"C{n},Firm {n},Street {n},en\n" for n in range(600))  # fmt: skip
    (folder / "Documents.csv").write_text(many + newest, encoding="utf-8")
    (folder / "Customers.csv").write_text(people, encoding="utf-8")
    out, journal = tmp_path / "out", folder.with_name("books.receivables") / "letters" / "letters.csv"  # fmt: skip
    ask = [str(folder), "--as-of", "2026-10-31", "--approve", "--out", str(out), "--format", "docx,txt"]  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "receivables", "letters", *ask], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
    deadline = time.monotonic() + 60
    while not journal.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(wait)
    process.kill()
    process.communicate()
    answer = told(*ask)
    done = len(answer["made"]) + len(answer["finished"])
    rows = [line.split(",") for line in journal.read_text(encoding="utf-8-sig").splitlines()]
    state = {row[0]: row[10] for row in rows[1:]}
    assert set(state.values()) == {"issued"}
    assert len(state) == 600
    assert done <= 600
    names = sorted(path.name for path in out.iterdir())
    assert names == sorted(f"{number}.{form}" for number in state for form in ("docx", "txt"))
