"""The invented firm as a whole: its shape, its totals, and no dirt but the dirt that is listed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from receivables.demo import build_firm
from receivables.demo.oddities import MISSING_FROM_LEDGER, ODDITIES
from receivables.demo.tables import build_books

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def firm():
    return build_firm()


@pytest.fixture(scope="module")
def cases():
    return build_books().cases


def rows(frame: pl.DataFrame, **equal) -> list[dict]:
    return frame.filter(**equal).to_dicts()


def one(frame: pl.DataFrame, **equal) -> dict:
    (found,) = rows(frame, **equal)
    return found


def usable(row: dict) -> bool:
    return row["currency"] is not None and row["amount"] != "tbc"


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_size_and_span(firm):
    documents = firm["documents"]
    assert firm["customers"].filter(pl.col("status") != "prospect").height == 80
    assert 2500 <= documents.height <= 4000
    assert documents["posted_on"].min() == date(2024, 11, 1)
    assert date(2026, 11, 1) < documents["posted_on"].max() <= date(2026, 11, 6)
    months = documents.drop_nulls("posted_on")["posted_on"].dt.strftime("%Y-%m").unique()
    assert months.len() == 25
    assert set(documents["company"].drop_nulls()) == {"DE01", "CN01"}
    assert set(documents["currency"].drop_nulls()) == {"EUR", "CNY", "USD", "JPY"}


def test_customers_are_filled_for_later_questions(firm):
    customers = firm["customers"]
    always = ("name", "country", "language", "email", "address", "contact", "legal_form", "size")
    for column in (*always, "industry", "market", "since", "salesperson", "governing_law"):
        assert customers[column].null_count() == 0, column
    assert set(customers["language"]) == {"de", "en", "es", "fr", "zh"}
    assert set(customers["legal_form"]) == {"company", "sole_trader", "consumer", "public_body"}
    assert set(customers["market"]) == {"mature", "new", "high_risk"}
    assert customers["email"].str.ends_with(".example.com").all()
    assert customers["customer_id"].str.contains(r"^00\d{3}$").all()


def test_group_has_a_head_and_three_subsidiaries(firm):
    group = firm["customers"].filter(pl.col("group_id") == "00110")
    assert group["customer_id"].to_list() == ["00110", "00111", "00112", "00113"]


def test_two_intercompany_customers_on_their_own_accounts(firm):
    inside = firm["customers"].filter("intercompany")
    assert inside["customer_id"].to_list() == ["00146", "00180"]
    sold = firm["documents"].filter(pl.col("customer_id").is_in(["00146", "00180"]))
    assert set(sold["account"]) == {"1270", "112299"}
    assert sold.height > 40


def test_a_few_customers_make_most_of_the_sales(firm):
    sold = (
        firm["documents"]
        .filter(
            pl.col("kind") == "invoice", pl.col("currency") == "EUR", pl.col("amount") != "tbc"
        )
        .with_columns(pl.col("amount").str.replace_all(",", "").cast(pl.Decimal(18, 2)))
        .group_by("customer_id")
        .agg(pl.col("amount").sum())
        .sort("amount", descending=True)
    )
    share = float(sold["amount"].head(9).sum() / sold["amount"].sum())
    assert 0.4 < share < 0.8


@pytest.mark.parametrize(
    ("behaviour", "customer_id", "early", "late"),
    [("prompt", "00101", 5, 12), ("worsening", "00118", 12, 40), ("slow", "00125", 24, 40)],
)
def test_customers_pay_in_their_manner(firm, behaviour, customer_id, early, late):
    """Mean days past due when paid, in the first and the last year."""
    paid = _days_late(firm, customer_id)
    first = paid.filter(pl.col("due_on") < date(2025, 11, 1))["days"].mean()
    last = paid.filter(pl.col("due_on") >= date(2026, 3, 1))["days"].mean()
    assert first <= late if behaviour != "worsening" else first < 30 < last
    if behaviour == "prompt":
        assert max(first, last) <= late
    if behaviour == "slow":
        assert min(first, last) >= 15


def _days_late(firm, customer_id: str) -> pl.DataFrame:
    dues = firm["documents"].filter(pl.col("customer_id") == customer_id)
    single = firm["payments"].select("document_no", on="paid_on").drop_nulls()
    runs = firm["allocations"].select("document_no", on="applied_on")
    return (
        dues.join(pl.concat([single, runs]), on="document_no")
        .drop_nulls("due_on")
        .with_columns((pl.col("on") - pl.col("due_on")).dt.total_days().alias("days"))
    )


def test_broken_customers_stop_paying_and_are_blocked(firm):
    broken = rows(firm["customers"], credit_hold=True)
    assert [row["customer_id"] for row in broken] == ["00109", "00130", "00153", "00168"]
    paid = firm["payments"].filter(pl.col("customer_id") == "00130")
    assert paid["paid_on"].max() < date(2026, 8, 1)
    late = firm["documents"].filter(
        pl.col("customer_id") == "00130", pl.col("issued_on") > date(2026, 8, 31)
    )
    assert late.is_empty()


# Totals


def _ledger_balance(firm, company, account, currency, as_of) -> Decimal:
    """Documents less payments less bills, of the rows a careful reader would use."""
    total, seen = Decimal(0), set()
    book = {"company": company, "account": account, "currency": currency}
    for row in rows(firm["documents"], **book):
        identity = tuple(row.values())
        if row["posted_on"] <= as_of and usable(row) and identity not in seen:
            total += number(row["amount"])
        seen.add(identity)
    for row in rows(firm["payments"], **book):
        sign = 1 if row["kind"] in ("bounced", "refund") else -1
        total += sign * number(row["amount"]) if row["posted_on"] <= as_of else 0
    in_payments = set(firm["payments"]["reference"])
    for row in rows(firm["bills"], **book):
        if row["bill_no"] not in in_payments:
            total -= number(row["amount"]) if row["received_on"] <= as_of else 0
            back = row["dishonoured_on"]
            total += number(row["amount"]) if back and back <= as_of else 0
    return total


def test_controls_tie_in_every_account_but_the_one_explained(firm):
    controls = rows(firm["controls"], kind="receivable")
    assert {row["as_of"] for row in controls} == {
        date(2026, 8, 31),
        date(2026, 9, 30),
        date(2026, 10, 31),
    }
    assert len(controls) == 3 * 10
    differences = {}
    for row in controls:
        key = (row["company"], row["account"], row["currency"], row["as_of"])
        gap = _ledger_balance(firm, *key) - Decimal(row["balance"])
        if gap:
            differences[key] = gap
    assert differences == {("DE01", "1200", "EUR", AS_OF): -Decimal(MISSING_FROM_LEDGER)}


def test_sales_are_the_documents_of_the_month(firm):
    kinds = ["invoice", "debit_note", "credit_note", "retention", "reversal"]
    for month, company, currency in (
        (date(2025, 12, 31), "CN01", "CNY"),
        (date(2026, 6, 30), "DE01", "EUR"),
        (date(2026, 9, 30), "DE01", "USD"),
    ):
        posted = (
            firm["documents"]
            .unique(maintain_order=True)
            .filter(
                pl.col("kind").is_in(kinds),
                pl.col("company") == company,
                pl.col("currency") == currency,
                pl.col("posted_on").dt.month_end() == month,
            )
        )
        gross = sum(number(row["amount"]) for row in posted.to_dicts())
        tax = sum(number(row["tax_amount"] or "0") for row in posted.to_dicts())
        row = one(firm["sales"], month=month, company=company, currency=currency)
        assert (Decimal(row["gross"]), Decimal(row["net"])) == (gross, gross - tax)
    assert firm["sales"]["month"].n_unique() == 24


# Dirty rows


def test_every_oddity_is_there(firm, cases):
    documents, payments = firm["documents"], firm["payments"]

    def row_of(case: str) -> dict:
        return one(documents, document_no=cases[case][0])

    assert set(ODDITIES) <= set(cases)
    assert row_of("amount stored as text")["amount"] == "2,480.50"
    assert row_of("amount that is no number")["amount"] == "tbc"
    first, second = rows(documents, document_no=cases["duplicate document"][0])
    assert first == second
    wrong = row_of("due before issue")
    assert wrong["due_on"] < wrong["issued_on"]
    stray = one(payments, payment_no=cases["payment to an unknown document"][0])
    assert stray["document_no"] not in set(documents["document_no"])
    known = set(firm["customers"]["customer_id"])
    assert row_of("unknown customer")["customer_id"] == "00199" not in known
    assert row_of("near-duplicate customer key")["customer_id"] == "123"
    assert "00123" in known
    assert row_of("missing currency")["currency"] is None
    total = documents.row(-1, named=True)
    assert (total["document_no"], total["customer_id"]) == ("Total", None)
    above = [row["amount"] for row in documents.head(-1).to_dicts()]
    plain = [Decimal(text) for text in above if text not in ("tbc", "2,480.50")]
    assert Decimal(total["amount"]) == sum(plain)


def test_no_other_row_is_dirty(firm, cases):
    dirty = {no for case in ODDITIES for no in cases[case]}
    clean = firm["documents"].filter(~pl.col("document_no").is_in(dirty))
    known = set(firm["customers"]["customer_id"])
    assert clean["document_no"].len() == clean.select("document_no", "instalment").unique().height
    assert set(clean["customer_id"]) <= known
    assert clean["amount"].str.contains(r"^-?\d+(\.\d\d)?$").all()
    assert clean["currency"].null_count() == 0
    assert clean.filter(pl.col("due_on") < pl.col("issued_on")).is_empty()
    numbers = set(firm["documents"]["document_no"])
    named = firm["payments"].filter(~pl.col("payment_no").is_in(dirty))["document_no"]
    assert set(named.drop_nulls()) <= numbers
    assert set(firm["allocations"]["document_no"]) <= numbers
    assert firm["payments"]["payment_no"].is_unique().all()


def test_no_document_is_matched_for_more_than_it_is_worth_but_where_scripted(firm, cases):
    meant = {no for numbers in cases.values() for no in numbers}
    paid = pl.concat(
        [
            firm["payments"].filter(pl.col("kind") == "payment").select("document_no", "amount"),
            firm["allocations"].select("document_no", "amount"),
        ]
    ).drop_nulls()
    totals: dict[str, Decimal] = {}
    for no, amount in paid.iter_rows():
        totals[no] = totals.get(no, Decimal(0)) + Decimal(amount)
    worth: dict[str, Decimal] = {}
    for row in firm["documents"].filter(~pl.col("document_no").is_in(meant)).to_dicts():
        worth[row["document_no"]] = worth.get(row["document_no"], 0) + Decimal(row["amount"])
    assert [no for no, total in totals.items() if no in worth and total > worth[no]] == []
