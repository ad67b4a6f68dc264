"""The jobs from file to answer: every figure against plain addition, on every engine."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.errors import NotAvailableError, SettingsError
from receivables.refresh import aging_job, check_job, load, open_job, refresh_job, statement_job

HERE = Path(__file__).parent
REAL = HERE.parents[1] / "shared/data/ibm_ar/WA_Fn-UseC_-Accounts-Receivable.csv"
AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_folder(build_firm(), folder)
    return folder


@pytest.fixture(scope="module")
def books(demo):
    return load(demo, as_of=AS_OF)


def late_payments(rows: int = 300) -> str:
    """A flat export as the public sample has it: m/d/yyyy, padded numbers, settled dates."""
    draw = random.Random(7)
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(
        ["customerID", "invoiceNumber", "InvoiceDate", "DueDate", "InvoiceAmount", "SettledDate"]
    )
    for number in range(rows):
        issued = date(2012, 1, 3) + timedelta(days=draw.randrange(690))
        settled = issued + timedelta(days=draw.randrange(10, 75))
        days = [issued, issued + timedelta(days=30), settled]
        shown = [f"{day.month}/{day.day}/{day.year}" for day in days]
        amount = f"{draw.randrange(500, 13000) / 100:.2f}"
        write.writerow(
            [f"{draw.randrange(40):04}-C", f"{number:010}", *shown[:2], amount, shown[2]]
        )
    return out.getvalue()


@pytest.fixture(scope="module")
def flat_exports(tmp_path_factory) -> list[Path]:
    made = tmp_path_factory.mktemp("flat") / "late_payments.csv"
    made.write_text(late_payments())
    return [made, *([REAL] if REAL.exists() else [])]


@pytest.mark.parametrize("as_of", [date(2012, 6, 30), date(2013, 3, 31), date(2013, 11, 30)])
def test_a_flat_export_ties_to_plain_addition(flat_exports, as_of):
    for path in flat_exports:
        books = load(path, map_file=HERE / "data" / "ibm_ar.toml")
        answer = aging_job(books, as_of).to_json()
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))

        def day(text: str) -> date:
            return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007

        def total(picked) -> str:
            return f"{sum((Decimal(row['InvoiceAmount']) for row in picked), Decimal(0)):.2f}"

        issued = [row for row in rows if day(row["InvoiceDate"]) <= as_of]
        unpaid = [row for row in issued if day(row["SettledDate"]) > as_of]
        late = [row for row in unpaid if day(row["DueDate"]) <= as_of - timedelta(days=30)]
        tie = answer["tie_out"]
        assert tie["read"] == total(rows)
        assert tie["used"] == total(issued)
        assert tie["open"] == tie["buckets"] == tie["ledger_balance"] == total(unpaid)
        assert Decimal(tie["settled"]) == Decimal(tie["used"]) - Decimal(tie["open"])
        assert answer["total"]["over_30"] == total(late)
        assert tie["unreadable"] == 0


def test_json_of_an_aging_has_the_promised_keys(books):
    whole = aging_job(books, AS_OF).to_json()
    assert {"as_of", "currencies", "issues"} <= set(whole)
    block = whole["currencies"][0]
    assert {"currency", "buckets", "rows", "total", "tie_out"} <= set(block)
    assert set(block["rows"][0]) == {"key", "name", "open", "unapplied", "over_30", "buckets"}
    names = (
        "currency read used after_as_of set_aside unreadable settled open buckets ledger_balance "
        "control_account difference"
    )
    assert set(names.split()) <= set(block["tie_out"])
    json.dumps(whole)


@pytest.mark.parametrize("engine", ["duckdb", "pandas", "pyspark"])
def test_every_engine_gives_the_same_answer(demo, books, engine):
    other = load(demo, as_of=AS_OF, engine=engine)
    for job in (
        lambda b: aging_job(b, AS_OF).to_json(),
        lambda b: aging_job(b, AS_OF, by=("salesperson", "country")).to_json(),
        lambda b: open_job(b, AS_OF).to_json(),
    ):
        assert job(other) == job(books)


@pytest.mark.parametrize("mode", ["separate", "own", "oldest"])
def test_credit_modes_have_one_total(demo, books, mode):
    other = load(demo, values={"credits": mode})
    totals = [block["total"]["open"] for block in aging_job(books, AS_OF).to_json()["currencies"]]
    found = aging_job(other, AS_OF).to_json()["currencies"]
    assert [block["total"]["open"] for block in found] == totals
    for block in found:
        parts = [Decimal(amount) for amount in block["total"]["buckets"].values()]
        parts.append(Decimal(block["total"]["unapplied"]))
        assert sum(parts) == Decimal(block["total"]["open"])


def test_reporting_currency_adds_converted_items_and_bridges(demo):
    answer = aging_job(load(demo, values={"currency": "EUR", "local_currency": "EUR"}), AS_OF)
    block = answer.to_json()
    lines = block["bridge"]
    assert Decimal(block["tie_out"]["open"]) == sum(Decimal(line["closing"]) for line in lines)
    assert block["total"]["open"] == block["tie_out"]["open"]
    tie = {name: Decimal(block["tie_out"][name]) for name in ("read", "used", "open", "settled")}
    assert tie["used"] == tie["open"] + tie["settled"]


def test_a_currency_without_rate_names_the_row_to_add(tmp_path):
    (tmp_path / "documents.csv").write_text(
        "document_no,customer_id,kind,issued_on,due_on,currency,amount\n"
        "A,C1,invoice,2026-10-01,2026-10-31,GBP,100.00\n"
    )
    books = load(tmp_path, values={"currency": "EUR"})
    with pytest.raises(NotAvailableError, match=r"No rate GBP to EUR on or before 2026-10-31"):
        aging_job(books, AS_OF)


def test_before_the_first_posting_is_refused(books):
    with pytest.raises(NotAvailableError, match="Nothing was posted on or before 2020-01-01"):
        aging_job(books, date(2020, 1, 1))


def test_an_open_item_list_is_not_back_dated():
    books = load(HERE / "data" / "sap.txt", map_file=HERE / "data" / "sap.toml")
    assert aging_job(books, date(2026, 9, 30)).to_json()["tie_out"]["open"] == "140601.46"
    for as_of in (date(2026, 9, 29), date(2026, 10, 1)):
        with pytest.raises(NotAvailableError, match="list of open items extracted on 2026-09-30"):
            open_job(books, as_of)


def test_unknown_setting_is_refused(demo):
    with pytest.raises(SettingsError, match="Did you mean 'day_on_edge'"):
        load(demo, values={"day_on_egde": "older"})


def test_rows_added_later_do_not_change_the_past(demo, books):
    before = load(demo)
    cut = date(2026, 8, 31)
    kept = {
        "documents": before.ledger["documents"].filter(pl.col("posted_on") <= cut),
        "payments": before.ledger["payments"].filter(pl.col("posted_on") <= cut),
    }
    before.ledger.tables.update(kept)
    from receivables.ledger.link import link
    from receivables.ledger.open import open_items

    then = open_items(link(before.ledger), cut).frame().select("document_no", "open")
    now = books.open(cut).frame().select("document_no", "open")
    assert then.sort(pl.all()).equals(now.sort(pl.all()))


def test_check_accounts_for_every_row(books):
    answer = check_job(books)
    for counts in answer.rows.values():
        assert counts["read"] == counts["used"] + counts["set_aside"]
    assert answer.counts()["error"] == books.ledger.set_aside.height
    json.dumps(answer.to_json())


def test_check_counts_the_rows_of_a_file_not_the_customers_it_made(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id,name\nC1,Acme\nC2,Beta\n")
    (tmp_path / "documents.csv").write_text(
        "document_no,customer_id,kind,issued_on,due_on,currency,amount\n"
        "A,C1,invoice,2026-10-01,2026-10-31,EUR,100.00\n"
        "B,C9,invoice,2026-10-01,2026-10-31,EUR,100.00\n"
    )
    answer = check_job(load(tmp_path))
    assert answer.rows["customers"] == {"read": 2, "used": 2, "set_aside": 0}
    assert [issue.code for issue in answer.issues] == ["unknown_customer"]


def test_future_payments_show_what_remains(tmp_path):
    (tmp_path / "documents.csv").write_text(
        "document_no,customer_id,kind,issued_on,due_on,currency,amount\n"
        "A,C1,invoice,2026-10-01,2026-10-31,EUR,100.00\n"
    )
    (tmp_path / "payments.csv").write_text(
        "payment_no,customer_id,paid_on,entered_on,currency,amount,document_no\n"
        "P,C1,2026-11-15,2026-10-20,EUR,60.00,A\n"
        "Q,C1,2026-11-20,2026-11-20,EUR,40.00,A\n"
    )
    (row,) = open_job(load(tmp_path), AS_OF, future=True).to_json()["rows"]
    assert (row["open"], row["future_payments"], row["remaining"]) == ("100.00", "60.00", "40.00")
    assert (row["days_past_due"], row["bucket"]) == (0, "Current")


def test_subsequent_receipts_and_prior_period(books):
    answer = aging_job(
        books, AS_OF, prior=date(2026, 9, 30), subsequent_to=date(2026, 11, 10)
    ).to_json()
    assert any(Decimal(item["received"]) for item in answer["subsequent"]["items"])
    block = answer["currencies"][0]
    earlier = aging_job(books, date(2026, 9, 30)).to_json()["currencies"][0]
    before = sum(Decimal(row["open"]) for row in block["prior"]["rows"])
    assert before == Decimal(earlier["total"]["open"])


def test_a_name_like_a_formula_stays_text_in_the_report(tmp_path):
    (tmp_path / "documents.csv").write_text(
        "document_no,customer_id,customer_name,kind,issued_on,due_on,currency,amount\n"
        "A,=1+1,=CMD(),invoice,2026-10-01,2026-10-31,EUR,100.00\n"
        "B,@C2,+49 Handel,invoice,2026-10-01,2026-10-31,EUR,100.00\n"
    )
    out = tmp_path / "report.xlsx"
    refresh_job(load(tmp_path), AS_OF, out)
    import openpyxl

    sheet = openpyxl.load_workbook(out)["Open items"]
    kinds = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds["=1+1"] == "s"
    assert kinds["@C2"] == "s"


def test_statement_closes_with_the_open_items(books):
    customer = books.open(AS_OF).frame()["customer_id"][0]
    found = statement_job(books, customer, AS_OF)
    items = books.open(AS_OF).frame().filter(pl.col("customer_id") == customer)
    sums = dict(items.group_by("currency").agg(pl.col("open").sum()).iter_rows())
    for account in found.accounts:
        assert account.closing == sums.get(account.currency, 0)


@pytest.mark.parametrize("edges", ["30,60,90", "audit", "cn"])
@pytest.mark.parametrize("base", ["due", "issued"])
def test_open_items_and_aging_agree_in_every_bucket(demo, edges, base):
    books = load(demo, values={"edges": edges, "base": base, "credits": "own"})
    items = open_job(books, AS_OF).frame
    sums = items.group_by("currency", "bucket").agg(pl.col("open").sum())
    table = aging_job(books, AS_OF).table
    spans = zip(table.labels, table.bucket_columns, strict=True)
    found = {
        (row["currency"], label): row[column]
        for label, column in spans
        for row in table.totals().iter_rows(named=True)
        if row[column]
    }
    assert {(code, label): amount for code, label, amount in sums.iter_rows() if amount} == found
