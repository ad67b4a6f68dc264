"""The hand-over file of a customer, through the command line."""

import csv
import hashlib
import io
import json
import zipfile

import pypdf
import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.respond.hand_over import Part, packed

CUSTOMERS = """customer_id,name,address,email,language,country,registration_no
00123,Müller & Söhne GmbH,"Kai 1
20457 Hamburg",ar@mueller.example.com,en,DE,HRB 9
00124,Other Ltd,"1 High Street
Leeds",ar@other.example.com,en,GB,
"""
DOCUMENTS = """document_no,customer_id,kind,issued_on,due_on,amount,currency,insured
R1,00123,invoice,2026-08-01,2026-09-01,1234.56,EUR,{insured}
=R2,00123,invoice,2026-08-05,2026-09-05,800.00,EUR,{insured}
R3,00123,invoice,2026-10-20,2026-11-30,99.00,EUR,
C1,00123,credit_note,2026-10-21,,-50.00,EUR,
U1,00123,invoice,2026-08-05,2026-09-05,70.00,USD,
N1,00123,invoice,2026-12-01,2026-12-31,5000.00,EUR,
O1,00124,invoice,2026-08-01,2026-09-01,40.00,EUR,
"""
COMPANIES = """company,name,address,country,email
,Hansen GmbH,"Speicherkai 7
20457 Hamburg",DE,ar@hansen.example.com
"""
TABLES = {
    "BankAccounts": "bank,account\nKontorbank,DE89 3704 0044 0532 0130 00\n",
    "Promises": "promise_no,customer_id,document_no,made_on,pay_on,amount,currency\nP1,00123,R1,2026-09-10,2026-09-20,500,EUR\nP2,00124,O1,2026-09-10,2026-09-20,5,EUR\nP3,00123,R1,2026-11-05,2026-11-20,5,EUR\n",
    "Disputes": "dispute_no,customer_id,document_no,amount,currency,reason,opened_on\nD1,00123,R1,34.56,EUR,short delivery,2026-09-15\n",
    "Plans": "plan_no,customer_id,amount,currency,agreed_on\nZ1,00123,1200,EUR,2026-12-24\n",
    "PlanInstalments": "plan_no,instalment,due_on,amount,currency\nZ1,1,2027-01-15,600,EUR\nZ1,2,2027-02-15,600,EUR\n",
}  # fmt: skip
POLICY = """policy_no,insurer,valid_from,valid_to,insured_share,currency
POL-1,Euler,2026-01-01,2026-12-31,0.9,EUR
"""
LIMITS = """customer_id,kind,amount,currency,valid_from
00123,insured,100000,EUR,2026-01-01
"""
CONSENT = "customer_id,on,kind,note\n00123,2026-10-15,insurer consent,{note}\n"


def books(folder, *, insured=False, consent=""):
    ledger = folder / "books"
    ledger.mkdir()
    tables = TABLES | {"Customers": CUSTOMERS, "Companies": COMPANIES}
    tables["Documents"] = DOCUMENTS.replace("{insured}", "yes" if insured else "")
    if insured:
        tables |= {"InsurancePolicies": POLICY, "Limits": LIMITS}
    if consent:
        tables["Events"] = CONSENT.format(note=consent)
    for name, text in tables.items():
        (ledger / f"{name}.csv").write_text(text, encoding="utf-8")
    return ledger


def call(*args):
    result = CliRunner().invoke(app, [*map(str, args)])
    return result.exit_code, result.output


def told(*args):
    code, text = call(*args, "--json")
    assert code == 0, text
    return json.loads(text)


def hand_over(ledger, out, *more, to="collector"):
    agency = ("--agency", "Inkasso Nord") if to == "collector" else ()
    return (
        "hand-over", ledger, "--customer", "00123", "--to", to, *agency,
        "--as-of", "2026-10-31", "--out", out, *more,
    )  # fmt: skip


def table(package, name):
    text = package.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_file_of_a_customer(tmp_path):
    ledger, out = books(tmp_path), tmp_path / "a.zip"
    found = told(*hand_over(ledger, out))
    assert found["files"] == [
        "00-cover.txt", "disputes.csv", "invoices.csv", "notice-EUR.pdf", "notice-USD.pdf",
        "promises.csv", "statement-EUR.pdf", "statement-USD.pdf",
    ]  # fmt: skip
    package = zipfile.ZipFile(out)
    rows = table(package, "invoices.csv")
    assert [(row["document_no"], row["open"], row["disputed"], row["days_overdue"]) for row in rows] == [
        ("R1", "1234.56", "34.56", "60"), ("'=R2", "800.00", "0.00", "56"),
        ("R3", "99.00", "0.00", ""), ("C1", "-50.00", "0.00", ""), ("U1", "70.00", "0.00", "56"),
    ]  # fmt: skip
    assert [row["promise_no"] for row in table(package, "promises.csv")] == ["P1"]
    assert [row["amount"] for row in table(package, "disputes.csv")] == ["34.56"]
    cover = package.read("00-cover.txt").decode("utf-8-sig")
    assert "EUR: 2083.56 open, of which 2000.00 overdue and undisputed, 34.56 disputed" in cover
    assert hashlib.sha256(package.read("invoices.csv")).hexdigest() in cover
    notice = pypdf.PdfReader(io.BytesIO(package.read("notice-EUR.pdf"))).pages[0].extract_text()
    assert "Inkasso Nord" in notice
    statement = pypdf.PdfReader(io.BytesIO(package.read("statement-EUR.pdf"))).pages[0]
    assert "2,083.56" in statement.extract_text()


def test_the_same_books_give_the_same_bytes_and_the_past_does_not_change(tmp_path):
    ledger, one, two = books(tmp_path), tmp_path / "1.zip", tmp_path / "2.zip"
    told(*hand_over(ledger, one))
    with (ledger / "Documents.csv").open("a", encoding="utf-8") as stream:
        stream.write("N2,00123,invoice,2026-12-02,2026-12-31,1.00,EUR,\n")
    told(*hand_over(ledger, two))
    assert one.read_bytes() == two.read_bytes()
    assert told(*hand_over(ledger, one))["changed"] is False


def test_letters_issued_go_along_and_a_lost_or_altered_one_is_named(tmp_path):
    ledger, out = books(tmp_path), tmp_path / "a.zip"
    made = told(
        "letters", ledger, "--as-of", "2026-10-31", "--bank-to", "2026-10-31", "--approve", "--format", "txt,docx",
        "--out", tmp_path / "sent", "--at", "2026-11-02T09:00", "--by", "Chen",
    )["made"]  # fmt: skip
    assert len(made) == 3
    found = told(*hand_over(ledger, out))
    package = zipfile.ZipFile(out)
    mine = {row["letter_id"] for row in table(package, "journal.csv")}
    assert len(mine) == 2
    assert {name for name in found["files"] if name.startswith("letters/")} == {
        f"letters/{number}.{form}" for number in mine for form in ("txt", "docx")
    }
    assert found["missing"] == []
    one, two = sorted(mine)
    (tmp_path / "sent" / f"{one}.txt").unlink()
    (tmp_path / "sent" / f"{two}.txt").write_text("another text", encoding="utf-8")
    found = told(*hand_over(ledger, out))
    assert f"letters/{two}.txt" not in found["files"]
    assert sorted(text.partition(":")[0] for text in found["missing"]) == [
        f"{one}.txt",
        f"{two}.txt",
    ]
    assert any("checksum" in text for text in found["missing"])


def test_insured_debt_waits_for_the_insurer(tmp_path):
    ledger, out = books(tmp_path, insured=True), tmp_path / "a.zip"
    code, text = call(*hand_over(ledger, out))
    assert code == 2
    assert "record the insurer’s consent to the hand-over" in text
    assert not out.exists()
    assert call(*hand_over(ledger, out, to="insurer"))[0] == 0
    names = zipfile.ZipFile(out).namelist()
    assert not any(name.startswith("notice") for name in names)


@pytest.mark.parametrize(("note", "allowed"), [("hand-over agreed, EK-7", True), ("instalment plan", False)])  # fmt: skip
def test_a_recorded_consent_opens_the_way(tmp_path, note, allowed):
    ledger = books(tmp_path, insured=True, consent=note)
    assert call(*hand_over(ledger, tmp_path / "a.zip"))[0] == (0 if allowed else 2)


def test_a_foreign_zip_or_a_missing_name_is_refused(tmp_path):
    ledger, out = books(tmp_path), tmp_path / "a.zip"
    out.write_bytes(packed([Part("notes.txt", b"mine", "")]))
    before = out.read_bytes()
    code, text = call(*hand_over(ledger, out))
    assert (code, out.read_bytes()) == (2, before)
    assert "left as it is" in text
    code, text = call("hand-over", ledger, "--customer", "00123", "--to", "collector", "--as-of", "2026-10-31", "--out", tmp_path / "b.zip")  # fmt: skip
    assert code == 2
    assert "--agency" in text
    code, text = call("hand-over", ledger, "--customer", "00999", "--to", "insurer", "--as-of", "2026-10-31", "--out", tmp_path / "b.zip")  # fmt: skip
    assert code == 2
    assert "00999" in text
