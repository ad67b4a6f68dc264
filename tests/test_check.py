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
from tests.check_cases import CASES, ONE, D, P
from tests.rawledger import raw_ledger


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


@settings(max_examples=60, deadline=None)
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
