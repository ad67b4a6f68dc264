"""Checking: each fault is reported with its cell, and every row and amount is accounted for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.ledger.check import check
from receivables.ledger.findings import texts
from receivables.ledger.mapping import Mapping
from receivables.ledger.model import Ledger
from receivables.settings import Settings
from tests.rawledger import raw_ledger

D = "document_no,customer_id,kind,issued_on,currency,amount"
P = "payment_no,customer_id,paid_on,currency,amount,document_no"
ONE = f"{D}\nR1,C1,invoice,2026-01-10,EUR,100"

CASES = {
    "duplicate row": (
        {"documents": f"{ONE}\nR2,C1,invoice,2026-01-10,EUR,5\nR1,C1,invoice,2026-01-10,EUR,100"},
        [("duplicate_row", "error", "A4", "R1")],
        [("documents", 10000)],
    ),
    "duplicate number": (
        {"documents": f"{ONE}\nr1 ,c1,invoice,2026-02-10,EUR,70"},
        [("duplicate_number", "error", "A3", "r1")],
        [("documents", 7000)],
    ),
    "number of another customer": (
        {"documents": f"{ONE}\nR1,C2,invoice,2026-02-10,EUR,70"},
        [("number_shared", "warning", "A3", "R1")],
        [],
    ),
    "due before issue": (
        {"documents": f"{D},due_on\nR1,C1,invoice,2026-01-10,EUR,100,2026-01-09"},
        [("due_before_issue", "warning", "G2", "2026-01-09")],
        [],
    ),
    "payment before invoice": (
        {"documents": ONE, "payments": f"{P}\nP1,C1,2026-01-09,EUR,100,R1"},
        [("paid_before_issue", "warning", "C2", "2026-01-09")],
        [],
    ),
    "payment of an unknown document": (
        {"documents": ONE, "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,R9"},
        [("unknown_document", "warning", "F2", "R9")],
        [],
    ),
    "payment of a document spelt otherwise": (
        {"documents": ONE, "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,R-01"},
        [("unknown_document", "warning", "F2", "R-01")],
        [],
    ),
    "payment of a document with noughts": (
        {
            "documents": ONE.replace("R1", "00123"),
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,123",
        },
        [("document_spelling", "warning", "F2", "123")],
        [],
    ),
    "payment of a document set aside": (
        {
            "documents": f"{ONE}\nR2,C1,invoice,2026-01-10,EUR,tbc",
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,R2",
        },
        [("amount_text", "error", "F3", "tbc"), ("document_aside", "warning", "F2", "R2")],
        [("documents", None)],
    ),
    "credit to an unknown document": (
        {
            "documents": f"{D},applies_to\nR1,C1,invoice,2026-01-10,EUR,100,\nG1,C1,credit_note,2026-01-11,EUR,-5,R7"
        },
        [("unknown_document", "warning", "G3", "R7")],
        [],
    ),
    "allocations": (
        {
            "documents": ONE,
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,60,",
            "allocations": "credit_no,document_no,amount,applied_on\nP1,R1,40,2026-01-20\nP1,R1,30,2026-01-21\nP9,R9,1,2026-01-20",
        },
        [
            ("over_allocated", "warning", "C3", "P1"),
            ("unknown_credit", "warning", "A4", "P9"),
            ("unknown_document", "warning", "B4", "R9"),
        ],
        [],
    ),
    "unknown customer": (
        {"customers": "customer_id,name\nC2,Two", "documents": ONE},
        [("unknown_customer", "warning", "B2", "C1")],
        [],
    ),
    "customer twice": (
        {"customers": "customer_id,name\nC1,One\nc1,Uno", "documents": ONE},
        [("customer_twice", "error", "A3", "c1")],
        [("customers", 0)],
    ),
    "near customer numbers": (
        {
            "documents": f"{D}\nR1,00123,invoice,2026-01-10,EUR,100\nR2,123,invoice,2026-01-10,EUR,100"
        },
        [("near_key", "warning", "B3", "123")],
        [],
    ),
    "one customer number in several spellings": (
        {
            "documents": f"{D}\nR1,abc,invoice,2026-01-10,EUR,100\nR2,ＡＢＣ,invoice,2026-01-10,EUR,100"
        },
        [("key_spelling", "note", "B2", "abc")],
        [],
    ),
    "near names": (
        {
            "customers": "customer_id,name\nC1,Müller GmbH\nC2,MUELLER G.m.b.H.\nC3,Müller AG",
            "documents": ONE,
        },
        [("near_name", "warning", "B3", "MUELLER G.m.b.H.")],
        [],
    ),
    "one name in several spellings": (
        {
            "documents": f"{D},customer_name\nR1,C1,invoice,2026-01-10,EUR,100,Acme\nR2,C1,invoice,2026-01-10,EUR,100,ACME"
        },
        [("name_spellings", "note", "G2", "C1")],
        [],
    ),
    "near document numbers": (
        {"documents": f"{ONE}\nR-1,C1,invoice,2026-01-10,EUR,100"},
        [("near_document", "warning", "A3", "R-1")],
        [],
    ),
    "amounts that are none": (
        {
            "documents": f"{D}\nR1,C1,invoice,2026-01-10,EUR,abc\nR2,C1,invoice,2026-01-10,EUR,NaN\n"
            "R3,C1,invoice,2026-01-10,EUR,\nR4,C1,invoice,2026-01-10,EUR,9e20\nR5,C1,invoice,2026-01-10,EUR,0"
        },
        [
            ("amount_text", "error", "F2", "abc"),
            ("amount_text", "error", "F3", "NaN"),
            ("amount_missing", "error", "F4", ""),
            ("amount_absurd", "error", "F5", "9e20"),
            ("amount_zero", "note", "F6", "0"),
        ],
        [("documents", None)] * 4,
    ),
    "currency missing and unknown": (
        {"documents": f"{ONE}\nR2,C1,invoice,2026-01-10,,5\nR3,C1,invoice,2026-01-10,EURO$,6"},
        [("currency_missing", "error", "E3", ""), ("currency_unknown", "error", "E4", "EURO$")],
        [("documents", 500), ("documents", 600)],
    ),
    "missing keys": (
        {
            "documents": f"{ONE}\n,C1,invoice,2026-01-10,EUR,5\nR3,,invoice,2026-01-10,EUR,6\nR4,#N/A,invoice,2026-01-10,EUR,7"
        },
        [
            ("key_missing", "error", "A3", ""),
            ("key_missing", "error", "B4", ""),
            ("key_error", "error", "B5", "#N/A"),
        ],
        [("documents", 500), ("documents", 600), ("documents", 700)],
    ),
    "a bad date that matters and one that does not": (
        {
            "documents": f"{D},due_on\nR1,C1,invoice,soon,EUR,100,2026-01-09\nR2,C1,invoice,2026-01-10,EUR,100,soon"
        },
        [("date_text", "error", "D2", "soon"), ("date_text", "warning", "G3", "soon")],
        [("documents", 10000)],
    ),
    "total row": (
        {"documents": f"{ONE}\nR2,C1,credit_note,2026-01-10,EUR,-40\n,,,,,60"},
        [("total_row", "error", "F4", "60")],
        [("documents", 6000)],
    ),
    "totals of blocks and of all": (
        {
            "documents": f"{ONE}\nR2,C1,invoice,2026-01-10,EUR,40\n,,,,,140\n"
            "R3,C2,invoice,2026-01-10,EUR,7\nR4,C2,invoice,2026-01-10,EUR,8\n,,,,,15\n,,,,,155"
        },
        [("total_row", "error", f"F{row}", "") for row in (4, 7, 8)],
        [("documents", 14000), ("documents", 1500), ("documents", 15500)],
    ),
    "no total": (
        {"documents": f"{ONE}\n,C1,invoice,2026-01-10,EUR,99"},
        [("key_missing", "error", "A3", "")],
        [("documents", 9900)],
    ),
    "reversal of another amount": (
        {
            "documents": f"{D},reverses\nR1,C1,invoice,2026-01-10,EUR,100,\nS1,C1,reversal,2026-01-11,EUR,90,R1"
        },
        [("reversal_amount", "warning", "F3", "90.00")],
        [],
    ),
    "reversal of nothing": (
        {
            "documents": f"{D},reverses\nR1,C1,invoice,2026-01-10,EUR,100,\nS1,C1,reversal,2026-01-11,EUR,90,R7"
        },
        [("unknown_reversed", "warning", "G3", "R7")],
        [],
    ),
    "bill among the payments": (
        {
            "documents": ONE,
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,R1\nB2,C1,2026-01-19,EUR,100,R1",
            "bills": "bill_no,customer_id,amount,currency,received_on,state\nB2,C1,100,EUR,2026-01-19,dishonoured\nB3,C1,100,EUR,2026-01-19,held",
        },
        [("bill_twice", "note", "A2", "B2"), ("bill_bounced", "warning", "F2", "B2")],
        [],
    ),
    "names like formulas": (
        {
            "customers": "customer_id,name\nC1,=1+1\nC2,@home\nC3,+cmd\nC4,-2+3 Ltd\nC5,-5\nC6,Plain",
            "documents": ONE,
        },
        [("formula_text", "note", f"B{row}", "") for row in (2, 3, 4)],
        [],
    ),
    "payments twice": (
        {
            "documents": ONE,
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,10,R1\nP1,C1,2026-01-19,EUR,20,\nP1,C1,2026-01-19,EUR,10,R1",
        },
        [("duplicate_payment", "error", "A4", "P1")],
        [("payments", -1000)],
    ),
    "payment without a number": (
        {
            "documents": ONE,
            "payments": f"{P}\n,C1,2026-01-19,EUR,10,R1\nP2,C1,2026-01-19,EUR,10,R1",
        },
        [("payment_no_missing", "warning", "A2", "")],
        [],
    ),
    "payments set aside count against the balance": (
        {
            "documents": ONE,
            "payments": f"{P},kind\nP1,C1,bad,EUR,10,R1,payment\nP2,C1,bad,EUR,10,R1,bounced",
        },
        [("date_text", "error", "C2", "bad"), ("date_text", "error", "C3", "bad")],
        [("payments", -1000), ("payments", 1000)],
    ),
    "undated paid amount": (
        {"documents": f"{D},paid_amount\nR1,C1,invoice,2026-01-10,EUR,100,30"},
        [("paid_undated", "error", "G2", "30.00")],
        [("documents", -3000)],
    ),
    "paid more than the amount": (
        {
            "documents": f"{D},paid_amount,settled_on\nR1,C1,invoice,2026-01-10,EUR,100,130,2026-02-01"
        },
        [("paid_too_much", "warning", "G2", "130.00")],
        [],
    ),
    "settled before issue": (
        {"documents": f"{D},settled_on\nR1,C1,invoice,2026-01-10,EUR,100,2026-01-01"},
        [("paid_before_issue", "warning", "G2", "2026-01-01")],
        [],
    ),
    "both signs in one kind": (
        {"documents": f"{ONE}\nR2,C1,invoice,2026-01-10,EUR,-5\nR3,C1,invoice,2026-01-10,EUR,5"},
        [("signs_mixed", "warning", "F3", "-5")],
        [],
    ),
}


def found(ledger: Ledger) -> list[tuple[str, str, str, str]]:
    return [(issue.code, issue.level, issue.cell, issue.value) for issue in ledger.issues]


@pytest.mark.parametrize("name", CASES)
def test_fault(name):
    tables, wanted, aside = CASES[name]
    ledger = check(raw_ledger(**tables))
    issues = found(ledger)
    for code, level, cell, value in wanted:
        assert any(item[:3] == (code, level, cell) and value in item[3] for item in issues), (
            code,
            cell,
            issues,
        )
    expected = {code for code, *_ in wanted}
    quiet = {"no_customers", "unknown_document", "signs_turned"}
    assert {code for code, *_ in issues} - quiet <= expected, issues
    assert ledger.set_aside.select("table", "amount").rows() == aside
    for code in expected:
        assert sum(item[0] == code for item in issues) == sum(item[0] == code for item in wanted)


def test_every_message_says_what_where_and_what_to_do():
    for tables, _, _ in CASES.values():
        for language in ("en", "zh"):
            for issue in check(raw_ledger(**tables), settings=Settings(language=language)).issues:
                assert "{" not in issue.message + issue.cure
                assert issue.message
                assert issue.cure
                assert issue.file.endswith(".csv"), issue


def test_a_clean_ledger_has_nothing_to_report():
    ledger = check(
        raw_ledger(
            customers="customer_id,name,terms_days\nC1,One,30",
            documents=f"{D},due_on\nR1,C1,invoice,2026-01-10,EUR,100,2026-02-09",
            payments=f"{P}\nP1,C1,2026-01-19,EUR,100,R1",
        )
    )
    assert ledger.issues == []
    assert ledger.set_aside.is_empty()


def test_credit_notes_typed_positive_are_turned():
    ledger = check(
        raw_ledger(
            documents=f"{D},tax_amount\nR1,C1,invoice,2026-01-10,EUR,100,19\nG1,C1,credit_note,2026-01-11,EUR,30,5"
        )
    )
    assert ledger["documents"].select("amount", "tax_amount").rows() == [
        (10000, 1900),
        (-3000, -500),
    ]
    assert ("signs_turned", "note", "", "") in found(ledger)


def test_credit_notes_of_both_signs_stay_as_typed():
    ledger = check(
        raw_ledger(
            documents=f"{D}\nG1,C1,credit_note,2026-01-10,EUR,-10\nG2,C1,credit_note,2026-01-11,EUR,30\nG3,C1,credit_note,2026-01-11,EUR,-20"
        )
    )
    assert ledger["documents"]["amount"].to_list() == [-1000, 3000, -2000]
    assert ("signs_mixed", "warning", "F3", "30") in found(ledger)


def test_a_reversal_goes_against_its_target():
    ledger = check(
        raw_ledger(
            documents=f"{D},reverses\nR1,C1,invoice,2026-01-10,EUR,100,\nS1,C1,reversal,2026-01-11,EUR,100,R1\n"
            "G1,C1,credit_note,2026-01-11,EUR,-30,\nS2,C1,reversal,2026-01-11,EUR,-30,G1"
        )
    )
    assert ledger["documents"]["amount"].to_list() == [10000, -10000, -3000, 3000]


def test_payments_typed_negative_throughout_are_money_received():
    rows = f"{P}\nP1,C1,2026-01-19,EUR,-60,R1\nP2,C1,2026-01-19,EUR,-40,R1"
    ledger = check(raw_ledger(documents=ONE, payments=rows))
    assert ledger["payments"]["amount"].to_list() == [6000, 4000]


def test_a_single_negative_payment_is_money_going_back():
    ledger = check(raw_ledger(documents=ONE, payments=f"{P}\nP1,C1,2026-01-19,EUR,-60,R1"))
    assert ledger["payments"]["amount"].to_list() == [-6000]


def test_bounced_payments_are_a_size():
    rows = f"{P},kind\nP1,C1,2026-01-19,EUR,60,R1,payment\nP2,C1,2026-01-20,EUR,-60,R1,bounced"
    ledger = check(raw_ledger(documents=ONE, payments=rows))
    assert ledger["payments"]["amount"].to_list() == [6000, 6000]


def test_posting_and_due_dates_are_filled():
    ledger = check(
        raw_ledger(
            customers="customer_id,name,terms_days\nC1,One,net 30\nC2,Two,",
            documents=f"{D},posted_on\nR1,C1,invoice,2026-01-10,EUR,100,\nR2,C2,invoice,2026-01-10,EUR,100,2026-02-01\n"
            "G1,C1,credit_note,2026-01-10,EUR,-5,",
            payments=f"{P}\nP1,C1,2026-01-19,EUR,100,R1",
        )
    )
    assert ledger["documents"].select("posted_on", "due_on").rows() == [
        (date(2026, 1, 10), date(2026, 2, 9)),
        (date(2026, 2, 1), None),
        (date(2026, 1, 10), None),
    ]
    assert ledger["payments"]["posted_on"].to_list() == [date(2026, 1, 19)]


def test_customers_that_only_documents_name():
    ledger = check(
        raw_ledger(
            customers="customer_id,name\nC2,Two",
            documents=f"{D},customer_name\nR1,C1,invoice,2026-01-10,EUR,100,One",
        )
    )
    assert ledger["customers"].select("customer_id", "name", "customer_key").rows() == [
        ("C2", "Two", "c2"), ("C1", "One", "c1"),
    ]  # fmt: skip


def test_future_dates():
    raw = raw_ledger(documents=f"{ONE}\nR2,C1,invoice,2026-03-01,EUR,5")
    ledger = check(raw, Mapping(extracted_on=date(2026, 2, 28)))
    assert ("future_date", "warning", "D3", "2026-03-01") in found(ledger)
    assert not [
        i
        for i in check(raw, Mapping(extracted_on=date(2026, 3, 1))).issues
        if i.code == "future_date"
    ]
    later = check(raw, as_of=date(2026, 1, 31))
    issue = next(issue for issue in later.issues if issue.code == "after_as_of")
    assert (issue.level, issue.message) == (
        "note",
        "1 rows of documents are dated after 2026-01-31.",
    )


def test_an_extract_dates_what_was_paid():
    raw = raw_ledger(documents=f"{D},paid_amount\nR1,C1,invoice,2026-01-10,EUR,100,30")
    ledger = check(raw, Mapping(extracted_on=date(2026, 2, 28), ledger_kind="open_items"))
    assert ledger["documents"]["paid_amount"].to_list() == [3000]
    assert (ledger.kind, ledger.extracted_on) == ("open_items", date(2026, 2, 28))


def test_a_cut_column():
    names = [
        f"Handelsgesellschaft {word} und Söhne"[:30] for word in ("Ahrens", "Berger", "Conrad")
    ]
    customers = "customer_id,name\n" + "\n".join(
        f"C{n},{name}" for n, name in enumerate([*names, "Kurz KG"])
    )
    ledger = check(raw_ledger(customers=customers, documents=ONE))
    issue = next(issue for issue in ledger.issues if issue.code == "cut_text")
    assert (issue.cell, issue.column) == ("B2", "name")
    assert "3 different texts in name end at exactly 30 signs" in issue.message


@pytest.mark.parametrize(
    "texts", [["Order No 01", "Order No 02", "Order No 03", "x"], ["A b", "C d e", "F"]]
)
def test_columns_that_are_not_cut(texts):
    rows = "\n".join(f"C{n},{text}" for n, text in enumerate(texts))
    ledger = check(raw_ledger(customers=f"customer_id,name\n{rows}", documents=ONE))
    assert "cut_text" not in {issue.code for issue in ledger.issues}


def test_settings_of_the_workbook():
    raw = raw_ledger(
        documents="document_no,customer_id,kind,issued_on,amount\nR1,C1,invoice,2026-01-10,5"
    )
    raw.settings = {"default_currency": "CHF", "day_on_egde": "older", "top_n": "many"}
    ledger = check(raw)
    assert ledger["documents"]["currency"].to_list() == ["CHF"]
    issues = {issue.code: issue for issue in ledger.issues}
    assert "day_on_edge" in issues["unknown_setting"].cure
    assert issues["unknown_setting"].sheet == "Settings"
    assert "whole number" in issues["bad_setting"].message
    assert (
        check(raw, settings=Settings(default_currency="USD"))["documents"]["currency"][0] == "USD"
    )


def test_issues_beyond_the_cap_are_counted():
    rows = "\n".join(f"R{n},C1,invoice,2026-01-10,EUR,x" for n in range(30))
    ledger = check(raw_ledger(documents=f"{D}\n{rows}"), settings=Settings(max_issue_rows=10))
    texts_ = [issue for issue in ledger.issues if issue.code == "amount_text"]
    more = next(issue for issue in ledger.issues if issue.code == "more_of_kind")
    assert len(texts_) == 10
    assert more.message == "… and 20 more of this kind (amount_text)."
    assert ledger.set_aside.height == 30


def test_a_fault_at_row_five_thousand():
    rows = [f"R{n},C1,invoice,2026-01-10,EUR,{n}.50" for n in range(2, 6000)]
    rows[4998] = "R5000,C1,invoice,2026-01-10,EUR,12O.50"
    ledger = check(raw_ledger(documents="\n".join([D, *rows])))
    assert ("amount_text", "error", "F5000", "12O.50") in found(ledger)
    assert ledger["documents"].height == 5997


def test_every_code_of_a_check_has_a_text():
    assert {code for _, wanted, _ in CASES.values() for code, *_ in wanted} <= set(texts())


AMOUNTS = st.sampled_from(
    ["100", "-5.50", "1,234.00", "(7)", "abc", "", "0", "9e20", "#N/A", "3.333", "12.10-"]
)
ROWS = st.tuples(
    st.sampled_from(["R1", "R2", "r3", "00123", "123", "", "R4", "R5", "R6"]),
    st.sampled_from(["C1", "C2", "", "00123", "123"]),
    st.sampled_from(["invoice", "credit_note", "reversal", "Gutschrift", "RV", "", "write_off"]),
    st.sampled_from(["2026-01-10", "2026-02-30", "", "31.01.2026"]),
    st.sampled_from(["EUR", "JPY", "", "QQQ"]),
    AMOUNTS,
)
PAID = st.tuples(
    st.sampled_from(["P1", "P2", "", "P3"]),
    st.sampled_from(["C1", "C2", ""]),
    st.sampled_from(["2026-01-10", "never", ""]),
    st.sampled_from(["EUR", "", "QQQ"]),
    AMOUNTS,
    st.sampled_from(["R1", "", "R9"]),
    st.sampled_from(["payment", "bounced", "", "refund", "advance", "??"]),
)


def size(text: str, currency: str) -> int | None:
    """Independent reading of the few amounts above: size in minor units, None where there is none."""
    known = {
        "100": "100",
        "-5.50": "5.5",
        "1,234.00": "1234",
        "(7)": "7",
        "0": "0",
        "12.10-": "12.1",
    }
    if text not in known:
        return None
    value = Decimal(known[text]) * (1 if currency == "JPY" else 100)
    return int(value) if value == int(value) else None


@settings(max_examples=120, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=12), st.lists(PAID, max_size=8))
def test_every_row_and_amount_is_accounted_for(rows, paid):
    def lines(head, body):
        return "\n".join([head, *(",".join(f'"{cell}"' for cell in row) for row in body)])

    raw = raw_ledger(documents=lines(D, rows), payments=lines(f"{P},kind", paid))
    ledger = check(raw)
    for table, body, at, code_at in (("documents", rows, 5, 4), ("payments", paid, 4, 3)):
        aside = ledger.set_aside.filter(pl.col("table") == table)
        used = ledger[table]
        assert used.height + aside.height == len(body)
        places = sorted(used["_row"].to_list() + aside["_row"].to_list())
        assert places == list(range(2, len(body) + 2))
        blank = all(not row[code_at] for row in body)
        read = dict(used.select("_row", "amount").rows()) | dict(
            aside.select("_row", "amount").rows()
        )
        for row_no, row in enumerate(body, 2):
            currency = "" if blank else row[code_at]
            assert (read[row_no] is None) == (size(row[at], currency) is None), row
            assert read[row_no] is None or abs(read[row_no]) == size(row[at], currency)
