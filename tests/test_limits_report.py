"""The sheets Limits, Approvals due, Reviews, Admission, Framework, and their commands over one ledger."""

import json
from datetime import date

import openpyxl
import pytest
from typer.testing import CliRunner

from receivables.assess.approvals import append
from receivables.book.report_file import write
from receivables.cli import app
from receivables.refresh import load
from receivables.refresh.limits import admission_job, approvals_job, limits_job, reviews_job
from receivables.report.admission_sheet import admission_sheet
from receivables.report.approvals_sheet import approvals_sheet
from receivables.report.credit_tables import AdmissionData, ApprovalsData, LimitsData, ReviewsData
from receivables.report.framework_sheet import framework_sheet
from receivables.report.limits_sheet import limits_sheet
from receivables.report.page import Page
from receivables.report.reviews_sheet import reviews_sheet
from receivables.settings import Settings
from tests.report_sample import sample

AS_OF = date(2026, 10, 31)
TABLES = {
    "Customers": """customer_id,name,country,group_id,registration_no,salesperson,since
00123,Nord GmbH,DE,G1,HRB 5,Ida,2026-09-01
00124,Süd AG,DE,G1,HRB 6,Ida,2019-01-01
00125,上海一号,CN,,91310000X,Wu,2020-01-01
""",
    "Documents": """document_no,customer_id,kind,issued_on,due_on,amount,currency
R1,00123,invoice,2026-09-01,2026-10-01,700.00,EUR
R2,00124,invoice,2026-09-01,2026-10-01,1000.00,EUR
R3,00125,invoice,2026-09-01,2026-11-30,1000.01,EUR
""",
    "Orders": """order_no,customer_id,ordered_on,amount,currency
A1,00124,2026-10-15,0.01,EUR
A2,00125,2026-11-01,5000.00,EUR
""",
    "Limits": """customer_id,kind,amount,currency,valid_from,component
00123,own,1000.00,EUR,2026-01-01,
00124,own,1000.00,EUR,2026-01-01,
00125,own,900.00,EUR,2026-01-01,
00125,own,1000.01,EUR,2026-10-01,
G1,group,2500.00,EUR,2026-01-01,
00124,component,0.01,EUR,2026-01-01,orders
""",
    "Overrides": """customer_id,kind,value,decided_by,decided_on
00124,terms,90,Ida,2026-10-02
""",
    "Training": """person,course,held_on
Wu,Credit for sales,2026-03-01
""",
}
APPROVALS = [
    {"approval_no": "F1", "customer_id": "00125", "kind": "limit", "amount": 100001, "currency": "EUR",
     "requested_by": "Ida", "requested_on": date(2026, 9, 20), "decided_by": "Mo",
     "decided_on": date(2026, 9, 21), "decision": "granted"},
    {"approval_no": "F2", "customer_id": "00124", "kind": "limit", "amount": 200000, "currency": "EUR",
     "requested_by": "Ida", "requested_on": date(2026, 10, 30)},
    {"approval_no": "V1", "customer_id": "00124", "kind": "review", "currency": "EUR",
     "decided_by": "Mo", "decided_on": date(2026, 10, 20), "decision": "granted"},
]  # fmt: skip
TIERS = "role,up_to,currency,signatures\nManager,1000,EUR,1\nCommittee,,EUR,2\n"


def approvals_csv(rows) -> str:
    """Rows as a file has them: amounts in major units."""
    names = sorted({name for row in rows for name in row})
    lines = [",".join(names)]
    for row in rows:
        told = row | ({"amount": f"{row['amount'] / 100:.2f}"} if row.get("amount") else {})
        lines.append(",".join("" if told.get(name) is None else str(told[name]) for name in names))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("credit") / "ledger"
    path.mkdir()
    rows: list[dict] = []
    for row in APPROVALS:
        rows.append(append(rows, row))
    for name, text in (TABLES | {"Approvals": approvals_csv(rows)}).items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    (path.parent / "tiers.csv").write_text(TIERS)
    return path


def run(*args) -> dict:
    answer = CliRunner().invoke(app, [*map(str, args), "--as-of", "2026-10-31", "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


def test_limits_from_the_command_line(folder) -> None:
    found = run("limits", folder)
    rows = {row["customer_id"]: row for row in found["rows"]}
    told = {
        number: (row["exposure"], row["state"], row["binding"]) for number, row in rows.items()
    }
    assert told == {
        "00123": ("700.00", "alert", "own"),
        "00124": ("1000.01", "hold", "own"),
        "00125": ("1000.01", "alert", "own"),
    }
    assert found["counts"] == {"hold": 1, "alert": 2, "none set": 0, "unlimited": 0, "within": 0}
    assert found["groups"][0]["exposure"] == "1700.01"
    without = run("limits", folder, "--leave-out", "orders")
    assert {row["state"] for row in without["rows"]} == {"alert"}


def test_a_policy_and_suggestions_from_the_command_line(folder) -> None:
    path = folder.parent / "policy.csv"
    path.write_text("name,value\nalert_share,0.71\n")
    rows = run("limits", folder, "--policy", path, "--suggest")["rows"]
    assert {row["customer_id"]: row["state"] for row in rows}["00123"] == ""
    assert all("suggested" in row for row in rows)


def test_approvals_from_the_command_line(folder) -> None:
    found = run("approvals", folder, "--tiers", folder.parent / "tiers.csv")
    assert [row["approval_no"] for row in found["waiting"]] == ["F1", "F2"]
    assert [row["customer_id"] for row in found["unapproved"]] == ["00125"]
    assert found["chain"]["holds"]
    assert len(found["chain"]["last_hash"]) == 64
    assert {issue["code"] for issue in found["issues"]} == {
        "limit_signatures",
        "limit_before_approvals",
    }
    without = run("approvals", folder)
    assert [row["approval_no"] for row in without["waiting"]] == ["F2"]
    assert without["unapproved"] == []


def test_tiers_named_in_the_settings(folder, tmp_path) -> None:
    """A file in the folder of the ledger; never one that a workbook names elsewhere."""
    own = tmp_path / "ledger"
    own.mkdir()
    for file in folder.iterdir():
        (own / file.name).write_bytes(file.read_bytes())
    for place in (own / "approval_tiers.csv", tmp_path / "tiers.csv"):
        place.write_text(TIERS)
    plain = [issue["code"] for issue in run("check", own)["issues"]]
    (own / "settings.toml").write_text('approval_tiers = "approval_tiers.csv"\n')
    asked = run("approvals", folder, "--tiers", folder.parent / "tiers.csv")
    assert run("approvals", own)["waiting"] == asked["waiting"]
    assert [issue["code"] for issue in run("check", own)["issues"]] == plain
    for elsewhere in ("../tiers.csv", "none.csv"):
        (own / "settings.toml").write_text(f'approval_tiers = "{elsewhere}"\n')
        answer = CliRunner().invoke(app, ["approvals", str(own), "--as-of", "2026-10-31"])
        assert answer.exit_code == 2
        assert "without a folder" in answer.output


def test_a_forged_row_in_the_file_is_found(folder, tmp_path) -> None:
    for file in folder.iterdir():
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text.replace("2000.00", "9000.00"), encoding="utf-8")
    found = run("approvals", tmp_path)
    assert [row["approval_no"] for row in found["chain"]["breaks"]] == ["F2"]
    assert "approval_chain" in {issue["code"] for issue in found["issues"]}


def test_reviews_and_admission_from_the_command_line(folder) -> None:
    found = run("reviews", folder)
    assert {row["customer_id"]: row["reasons"] for row in found["rows"]} == {
        "00123": "never reviewed, limit",
        "00125": "never reviewed, limit",
    }
    assert {row["person"]: row["state"] for row in found["training"]} == {
        "Ida": "none",
        "Wu": "valid",
    }
    [new] = run("admit", folder)["rows"]
    assert (new["customer_id"], new["decision"]) == ("00123", "conditional")
    assert new["url"] == "https://www.handelsregister.de/"


@pytest.mark.parametrize("command", ["limits", "approvals", "reviews", "admit"])
def test_every_command_prints_for_people(folder, command) -> None:
    answer = CliRunner().invoke(app, [command, str(folder), "--as-of", "2026-10-31"])
    assert answer.exit_code == 0, answer.output
    assert "2026-10-31" in answer.output
    assert {"admit": "00123"}.get(
        command, "Ida" if command == "reviews" else "00124"
    ) in answer.output


@pytest.fixture(scope="module", params=["en", "zh"])
def book(request, folder, tmp_path_factory):
    books = load(folder, values={"language": request.param}, as_of=AS_OF)
    limits, reviews = limits_job(books, AS_OF), reviews_job(books, AS_OF)
    asked = approvals_job(books, AS_OF)
    page = Page(sample(4, 1, settings=Settings(language=request.param)))
    specs = [
        limits_sheet(page, LimitsData(limits.frame, limits.groups, limits.counted, limits.counts())),
        approvals_sheet(
            page,
            ApprovalsData(
                asked.waiting, asked.unapproved, asked.overrides, asked.by_salesperson, "holds",
                asked.last_hash,
            ),
        ),
        reviews_sheet(page, ReviewsData(reviews.frame, reviews.training)),
        admission_sheet(page, AdmissionData(admission_job(books, AS_OF))),
        framework_sheet(page),
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("sheets") / "limits.xlsx"
    write(specs, path)
    return request.param, openpyxl.load_workbook(path), asked


def texts(sheet) -> set[str]:
    return {
        str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    }


def test_the_limits_sheet(book) -> None:
    language, found, _ = book
    sheet = found[{"en": "Limit use", "zh": "额度使用"}[language]]
    assert {"Limit_use", "Group_limits", "Exposure_components"} <= set(sheet.tables)
    first = int(sheet.tables["Limit_use"].ref.split(":")[0][1:])
    rows = [
        [cell.value for cell in row]
        for row in sheet.iter_rows(min_row=first + 1, max_row=first + 3)
    ]
    assert rows[0][:2] == {"en": ["above the limit", "own"], "zh": ["超限", "自有"]}[language]
    assert {row[2] for row in rows} == {"00123", "00124", "00125"}
    assert 1000.01 in rows[0]


def test_the_other_sheets(book) -> None:
    language, found, asked = book
    names = {
        "en": ["Approvals due", "Reviews", "Admission", "Framework"],
        "zh": ["待审批", "复审", "准入", "评估框架"],
    }[language]
    approvals, reviews, admission, framework = (texts(found[name]) for name in names)
    assert any(asked.last_hash in text for text in approvals), "the hash is printed"
    assert {"F2", "00124", "Ida", "90"} <= approvals
    assert {"en": "never reviewed, 70 % of the limit", "zh": "从未复审, 额度使用率 70%"}[
        language
    ] in reviews
    assert {"en": "none on record", "zh": "无记录"}[language] in reviews
    assert {"https://www.handelsregister.de/", "HRB 5"} <= admission
    assert "CREDIT_LIMIT, LIMIT_USABLE" in framework
