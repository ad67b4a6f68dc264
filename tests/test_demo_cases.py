"""Every scripted case of the invented firm, by the rows that make it up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from receivables.demo import build_firm
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


class Replay:
    """Open amounts by adding up what the tables say, row by row, in major units."""

    def __init__(self, firm):
        self.firm = firm
        self.documents = [row for row in firm["documents"].to_dicts() if usable(row)]
        self.payments = firm["payments"].to_dicts()

    def open(self, number: str, as_of: date = AS_OF) -> Decimal:
        """What one document still asks for, all instalments together, never below nil."""
        own = [row for row in self.documents if row["document_no"] == number]
        total = sum(Decimal(row["amount"]) for row in own if row["posted_on"] <= as_of)
        for row in self.documents:
            if number in (row["applies_to"], row["reverses"]) and row["posted_on"] <= as_of:
                total += Decimal(row["amount"])
        for row in self.payments:
            if row["document_no"] == number and row["posted_on"] <= as_of:
                back = rows(self.firm["payments"], reverses=row["payment_no"])
                total += Decimal(row["amount"]) * (1 if row["kind"] == "refund" else -1)
                total += sum(Decimal(b["amount"]) for b in back if b["posted_on"] <= as_of)
        for row in rows(self.firm["allocations"], document_no=number):
            total -= Decimal(row["amount"]) if row["applied_on"] <= as_of else 0
        return total


def usable(row: dict) -> bool:
    return row["currency"] is not None and row["amount"] != "tbc"


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@pytest.fixture(scope="module")
def replay(firm):
    return Replay(firm)


def test_credit_notes(firm, cases, replay):
    own, invoice = cases["credit note on its own invoice"]
    assert one(firm["documents"], document_no=own)["applies_to"] == invoice
    assert replay.open(invoice) == 7200

    other, second = cases["credit note on another invoice"]
    credit = one(firm["documents"], document_no=other)
    assert credit["applies_to"] is None
    assert one(firm["allocations"], credit_no=other)["document_no"] == second
    assert replay.open(second) == 4760

    (standing,) = cases["standing credit note"]
    assert one(firm["documents"], document_no=standing)["amount"] == "-2380.00"
    assert rows(firm["allocations"], credit_no=standing) == []

    older, invoice = cases["credit note older than its invoice"]
    dates = [one(firm["documents"], document_no=no)["issued_on"] for no in (older, invoice)]
    assert dates[0] < dates[1]
    assert one(firm["allocations"], credit_no=older)["document_no"] == invoice

    _, invoice, _ = cases["credit note larger than what is open"]
    assert replay.open(invoice) == -400

    after, invoice = cases["credit note after the cut-off"]
    assert one(firm["documents"], document_no=after)["posted_on"] == date(2026, 11, 4)
    assert replay.open(invoice) == 9520
    assert replay.open(invoice, date(2026, 11, 6)) == 0


def test_a_customer_in_credit(firm, cases, replay):
    (credit,) = cases["customer in credit"]
    customer = one(firm["documents"], document_no=credit)["customer_id"]
    posted = firm["documents"].filter(
        pl.col("customer_id") == customer, pl.col("posted_on") <= AS_OF
    )
    paid = firm["payments"].filter(pl.col("customer_id") == customer, pl.col("paid_on") <= AS_OF)
    assert sum(map(number, posted["amount"])) - sum(map(number, paid["amount"])) < 0


def test_write_off_recovery_and_reversal(firm, cases, replay):
    _, invoice = cases["write-off"]
    assert replay.open(invoice, date(2026, 3, 30)) == 45200
    assert replay.open(invoice, date(2026, 3, 31)) == 0
    back, payment, same = cases["recovery of a write-off"]
    assert same == invoice
    assert one(firm["documents"], document_no=back)["amount"] == "9040.00"
    assert one(firm["payments"], payment_no=payment)["document_no"] == invoice
    assert replay.open(invoice) == 0
    reversal, wrong, right = cases["reversal"]
    assert one(firm["documents"], document_no=reversal)["reverses"] == wrong
    assert (replay.open(wrong), replay.open(right)) == (0, 6090)
    rest, small, _ = cases["write-off of a rest"]
    assert one(firm["documents"], document_no=rest)["amount"] == "-285.00"
    assert replay.open(small) == 0


def test_retention_opening_journal_debit_note_deposit(firm, cases):
    def kind(case: str) -> dict:
        return one(firm["documents"], document_no=cases[case][0])

    assert kind("retention")["due_on"] == date(2027, 6, 15)
    old = kind("opening balance older than two years")
    assert (old["kind"], old["issued_on"], old["posted_on"]) == (
        "opening",
        date(2023, 11, 20),
        date(2024, 11, 1),
    )
    away, to = (one(firm["documents"], document_no=no) for no in cases["journal"])
    assert (away["amount"], to["amount"]) == ("-750.00", "750.00")
    assert away["kind"] == to["kind"] == "journal"
    assert kind("debit note")["kind"] == "debit_note"
    assert kind("deposit")["kind"] == "deposit"
    assert len(rows(firm["documents"], kind="opening")) > 10


def test_part_over_and_short_payments(cases, replay):
    assert replay.open(cases["part-payments"][0]) == Decimal("2212.00")
    assert replay.open(cases["over-payment"][1]) == -300
    assert replay.open(cases["one cent left"][0]) == Decimal("0.01")


def test_advances_on_account_and_late_matching(firm, cases, replay):
    first, invoice, second = cases["advance"]
    assert {one(firm["payments"], payment_no=no)["kind"] for no in (first, second)} == {"advance"}
    assert one(firm["allocations"], credit_no=first)["document_no"] == invoice
    assert rows(firm["allocations"], credit_no=second) == []
    (cash,) = cases["cash on account"]
    assert one(firm["payments"], payment_no=cash)["kind"] == "on_account"
    late, *invoices = cases["cash before month end, matched after"]
    assert one(firm["payments"], payment_no=late)["paid_on"] == date(2026, 10, 29)
    assert [replay.open(no) for no in invoices] == [11900, 5950]
    assert [replay.open(no, date(2026, 11, 3)) for no in invoices] == [0, 0]


def test_bounced_refunded_and_post_dated(firm, cases, replay):
    back, payment, invoice = cases["bounced payment"]
    assert one(firm["payments"], payment_no=back)["reverses"] == payment
    assert replay.open(invoice, date(2026, 9, 17)) == 0
    assert replay.open(invoice) == 5400
    refund, credit = cases["refund of a credit note"]
    assert one(firm["payments"], payment_no=refund)["kind"] == "refund"
    assert replay.open(credit) == 0
    first, second, invoice = cases["post-dated cheques"]
    dates = [one(firm["payments"], payment_no=no)["paid_on"] for no in (first, second)]
    assert dates == [date(2026, 12, 15), date(2027, 1, 15)]
    assert replay.open(invoice) == 18000


def test_instalments(firm, cases, replay):
    plan = cases["instalments, first come first paid"][0]
    parts = rows(firm["documents"], document_no=plan)
    assert [(row["instalment"], row["amount"]) for row in parts] == [
        (1, "30000.00"),
        (2, "30000.00"),
        (3, "30000.00"),
    ]
    assert replay.open(plan) == 40000
    assert replay.open(cases["instalments, paid too much"][0]) == -200


def test_bills_of_every_state(firm, cases):
    bills = firm["bills"]
    assert set(bills["state"]) == {"held", "endorsed", "discounted", "dishonoured", "paid"}
    assert set(bills["kind"]) == {"bank", "commercial"}
    back = one(bills, bill_no=cases["bill dishonoured"][0])
    assert back["dishonoured_on"] == date(2026, 10, 7)
    assert bills["bill_no"].str.len_chars().unique().to_list() == [30]
    twice, payment = cases["bill in Bills and in Payments"]
    assert one(firm["payments"], payment_no=payment)["reference"] == twice


def test_dates(firm, cases):
    dues = [
        (AS_OF - one(firm["documents"], document_no=no)["due_on"]).days
        for no in cases["days on the edges of buckets"]
    ]
    assert dues == [0, 1, 30, 31, 60, 61, 90, 91]
    for case, terms in (("no due date, terms known", 30), ("no due date, no terms", None)):
        row = one(firm["documents"], document_no=cases[case][0])
        assert row["due_on"] is None
        customer = one(firm["customers"], customer_id=row["customer_id"])
        assert customer["terms_days"] == terms
    invoice, payment, credit = cases["back-dated posting"]
    for table, key, no in (
        ("documents", "document_no", invoice),
        ("payments", "payment_no", payment),
        ("documents", "document_no", credit),
    ):
        row = one(firm[table], **{key: no})
        assert row["entered_on"].month > row["posted_on"].month


def test_cut_off_and_subsequent_receipts(firm, cases, replay):
    early = one(firm["documents"], document_no=cases["cut-off: invoiced before dispatch"][0])
    assert early["issued_on"] <= AS_OF < early["shipped_on"]
    late = one(firm["documents"], document_no=cases["cut-off: delivered before the month end"][0])
    assert late["delivered_on"] <= AS_OF < late["issued_on"]
    payment, invoice = cases["subsequent receipt"]
    assert one(firm["payments"], payment_no=payment)["paid_on"] == date(2026, 11, 4)
    assert (replay.open(invoice), replay.open(invoice, date(2026, 11, 6))) == (13090, 0)
    after = firm["payments"].filter(
        pl.col("paid_on").is_between(date(2026, 11, 1), date(2026, 11, 6))
    )
    assert after.height > 10


def test_disputes_and_promises_stand_on_open_invoices(firm, cases, replay):
    assert (firm["disputes"].height, firm["promises"].height) == (18, 14)
    for row in firm["disputes"].to_dicts():
        document = one(firm["documents"], document_no=row["document_no"])
        assert document["dispute_reason"] == row["reason"]
        assert document["disputed_until"] == row["closed_on"]
        assert replay.open(row["document_no"]) > 0
    assert set(firm["promises"]["state"]) == {"open", "broken"}
    assert len(cases["dispute settled"]) == 3


def test_limits_are_dated_and_cut_where_payment_stopped(firm):
    limits = firm["limits"]
    assert set(limits["kind"]) == {"own", "insured", "group", "component"}
    cut = rows(limits, customer_id="00130", kind="own")
    assert [row["valid_from"] for row in cut] == [date(2025, 1, 1), date(2026, 8, 1)]
    assert cut[1]["amount"] == "0.00"


def test_rates_of_every_month_end_say_that_they_are_invented(firm):
    rates = firm["rates"]
    assert set(rates["source"]) == {"invented"}
    assert rates["date"].n_unique() == 25
    assert set(rates["from"]) | set(rates["to"]) == {"EUR", "CNY", "USD", "JPY"}
