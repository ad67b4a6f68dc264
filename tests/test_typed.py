"""Typed columns: what each cell becomes, and which cell is named when it becomes nothing."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.errors import SettingsError
from receivables.ledger.check import check
from receivables.ledger.mapping import Mapping, TableMapping
from receivables.settings import Settings
from tests.rawledger import raw_ledger

HEAD = "document_no,customer_id,kind,issued_on,currency,amount"


def documents(rows: str, *, suffix: str = "csv", **options):
    return check(raw_ledger(suffix=suffix, documents=f"{HEAD}\n{rows}"), **options)


def codes(ledger, level: str = "error") -> list[tuple[str, str]]:
    return [(issue.code, issue.cell) for issue in ledger.issues if issue.level == level]


def mapping(**part) -> Mapping:
    return Mapping({"documents": TableMapping(**part)})


@pytest.mark.parametrize(
    ("texts", "minor"),
    [
        (["1.234,56", "1.234"], [123456, 123400]),
        (["1,234.56", "1,234"], [123456, 123400]),
        (["12.5", "7"], [1250, 700]),
    ],
)
def test_the_other_amounts_decide_the_decimal_mark(texts, minor):
    rows = "\n".join(f'R{at},C,invoice,2026-01-01,EUR,"{text}"' for at, text in enumerate(texts))
    assert documents(rows)["documents"]["amount"].to_list() == minor


def test_an_undecided_amount_names_the_mapping_key():
    ledger = documents('R1,C,invoice,2026-01-01,EUR,"1,234"\nR2,C,invoice,2026-01-01,EUR,5')
    issue = next(issue for issue in ledger.issues if issue.level == "error")
    assert (issue.code, issue.cell, issue.value) == ("amount_ambiguous", "F2", "1,234")
    assert "1.234 or 1234" in issue.message or "1234 or 1.234" in issue.message
    assert "decimal" in issue.cure
    assert ledger.set_aside["amount"].to_list() == [None]


@pytest.mark.parametrize(("mark", "minor"), [(".", 123400), (",", None)])
def test_the_mapping_decides(mark, minor):
    ledger = documents('R1,C,invoice,2026-01-01,EUR,"1,234"', mapping=mapping(decimal=mark))
    found = ledger["documents"]["amount"].to_list()
    assert found == ([minor] if minor else [])
    assert codes(ledger) == ([] if minor else [("amount_decimals", "F2")])


def test_numbers_of_a_workbook_have_a_point():
    ledger = documents("R1,C,invoice,2026-01-01,KWD,1.234", suffix="xlsx")
    assert ledger["documents"]["amount"].to_list() == [1234]
    ledger = documents("R1,C,invoice,2026-01-01,EUR,1.234", suffix="xlsx")
    assert codes(ledger) == [("amount_decimals", "F2")]


def test_text_among_the_numbers_of_a_workbook():
    rows = 'R1,C,invoice,2026-01-01,EUR,"1.234,56"\nR2,C,invoice,2026-01-01,EUR,17.5'
    ledger = documents(rows, suffix="xlsx")
    assert ledger["documents"]["amount"].to_list() == [123456, 1750]
    ledger = documents(rows + "\nR3,C,invoice,2026-01-01,EUR,1.234", suffix="xlsx")
    assert codes(ledger) == [("amount_ambiguous", "F4")]


def test_a_mapped_mark_in_a_workbook_is_that_of_the_text_cells():
    rows = "R1,C,invoice,2026-01-01,EUR,1.234\nR2,C,invoice,2026-01-01,EUR,17.5"
    ledger = documents(rows, suffix="xlsx", mapping=mapping(decimal=","))
    assert ledger["documents"]["amount"].to_list() == [123400, 1750]


def test_minor_units_follow_the_currency():
    ledger = documents(
        "R1,C,invoice,2026-01-01,JPY,1234\nR2,C,invoice,2026-01-01,KWD,1.5\nR3,C,invoice,2026-01-01,€,2"
    )
    assert ledger["documents"].select("currency", "amount").rows() == [
        ("JPY", 1234), ("KWD", 1500), ("EUR", 200),
    ]  # fmt: skip


def test_a_currency_in_the_amount_that_contradicts_the_row():
    ledger = documents("R1,C,invoice,2026-01-01,EUR,USD 5.00")
    assert codes(ledger) == [("amount_currency", "F2")]
    assert ledger.set_aside["amount"].to_list() == [500]


def test_currency_named_in_the_amounts_only():
    ledger = check(
        raw_ledger(
            documents="document_no,customer_id,kind,issued_on,amount\nR1,C,invoice,2026-01-01,JPY 500"
        )
    )
    assert ledger["documents"].select("currency", "amount").rows() == [("JPY", 500)]


@pytest.mark.parametrize(("default", "code"), [("CHF", "CHF"), ("", "XXX")])
def test_no_currency_column(default, code):
    raw = raw_ledger(
        documents="document_no,customer_id,kind,issued_on,amount\nR1,C,invoice,2026-01-01,5"
    )
    ledger = check(raw, settings=Settings(default_currency=default))
    assert ledger["documents"]["currency"].to_list() == [code]
    notes = [issue.code for issue in ledger.issues if issue.code == "currency_none"]
    assert notes == ([] if default else ["currency_none"])


def test_constants_fill_what_the_file_leaves_out():
    raw = raw_ledger(
        documents="document_no,customer_id,kind,issued_on,amount\nR1,C,invoice,2026-01-01,5"
    )
    ledger = check(raw, mapping(constants={"currency": "USD", "company": "A1"}))
    assert ledger["documents"].select("currency", "company").rows() == [("USD", "A1")]


def test_company_and_account_are_never_null():
    row = documents("R1,C,invoice,2026-01-01,EUR,5")["documents"].row(0, named=True)
    assert (row["company"], row["account"]) == ("", "")


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Rechnung", "invoice"), ("销售发票", "invoice"), ("Credit Memo", "credit_note"),
     ("GUTSCHRIFT", "credit_note"), ("write-off", "write_off"), ("Storno", "reversal")],
)  # fmt: skip
def test_kinds_in_other_words(word, kind):
    assert documents(f"R1,C,{word},2026-01-01,EUR,5")["documents"]["kind"].to_list() == [kind]


def test_codes_need_a_mapping():
    row = "R1,C,RV,2026-01-01,EUR,5"
    ledger = documents(row)
    assert codes(ledger) == [("choice_unknown", "C2")]
    assert ledger.set_aside.select("code", "amount").rows() == [("choice_unknown", 500)]
    ledger = documents(row, mapping=mapping(kinds={"rv": "invoice"}))
    assert ledger["documents"]["kind"].to_list() == ["invoice"]


def test_no_kinds_at_all_go_by_the_sign():
    raw = raw_ledger(
        documents="document_no,customer_id,issued_on,currency,amount\nR1,C,2026-01-01,EUR,5\nR2,C,2026-01-01,EUR,-5"
    )
    ledger = check(raw)
    assert ledger["documents"].select("kind", "amount").rows() == [
        ("invoice", 500), ("credit_note", -500),
    ]  # fmt: skip
    assert ("kind_by_sign", "") in codes(ledger, "note")


def test_other_types():
    raw = raw_ledger(
        documents=f"{HEAD},instalment,insured,secured_share,due_on,extra\n"
        "00123,C,invoice,2026-01-01,EUR,5,2/3,ja,80%,31.01.2026,hello\n"
        "00124,C,invoice,2026-01-01,EUR,5,x,maybe,80,soon,#N/A"
    )
    ledger = check(raw)
    rows = ledger["documents"]
    assert rows["document_no"].to_list() == ["00123", "00124"]
    assert rows["instalment"].to_list() == [2, None]
    assert rows["insured"].to_list() == [True, None]
    assert rows["secured_share"].to_list() == [0.8, None]
    assert rows["due_on"].to_list() == [date(2026, 1, 31), None]
    assert rows["extra"].to_list() == ["hello", "#N/A"]
    assert sorted(codes(ledger, "warning")) == [
        ("date_text", "J3"), ("flag_unknown", "H3"), ("number_text", "G3"), ("share_range", "I3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        (["03/04/2026", "25/04/2026"], [date(2026, 4, 3), date(2026, 4, 25)]),
        (["03/04/2026", "04/25/2026"], [date(2026, 3, 4), date(2026, 4, 25)]),
        (["20260403", "46115"], [date(2026, 4, 3), date(2026, 4, 3)]),
    ],
)
def test_a_proof_in_the_column_fixes_day_and_month(dates, read):
    rows = "\n".join(f"R{at},C,invoice,{text},EUR,5" for at, text in enumerate(dates))
    assert documents(rows)["documents"]["issued_on"].to_list() == read


def test_ambiguous_dates_name_both_readings_and_the_cure():
    ledger = documents("R1,C,invoice,03/04/2026,EUR,5")
    issue = next(issue for issue in ledger.issues if issue.level == "error")
    assert (issue.code, issue.cell, issue.value) == ("date_ambiguous", "D2", "03/04/2026")
    assert "2026-04-03 or 2026-03-04" in issue.message
    assert "date_format" in issue.cure
    assert ledger.set_aside["amount"].to_list() == [500]


@pytest.mark.parametrize(
    ("form", "read"), [("dd/mm/yyyy", date(2026, 4, 3)), ("%m/%d/%Y", date(2026, 3, 4))]
)
def test_the_mapping_fixes_day_and_month(form, read):
    ledger = documents("R1,C,invoice,03/04/2026,EUR,5", mapping=mapping(date_format=form))
    assert ledger["documents"]["issued_on"].to_list() == [read]


def test_a_format_that_is_none():
    with pytest.raises(SettingsError, match="date_format 'day first'"):
        documents("R1,C,invoice,03/04/2026,EUR,5", mapping=mapping(date_format="day first"))


def test_contradicting_dates_are_reported_on_the_rarer_rows():
    ledger = documents(
        "R1,C,invoice,13/02/2026,EUR,5\nR2,C,invoice,14/02/2026,EUR,6\n"
        "R3,C,invoice,02/13/2026,EUR,7\nR4,C,invoice,02/03/2026,EUR,8"
    )
    assert codes(ledger) == [("date_ambiguous", "D5"), ("date_conflict", "D4")]
    assert ledger["documents"]["document_no"].to_list() == ["R1", "R2"]


def test_another_column_of_the_file_may_prove_the_order():
    raw = raw_ledger(documents=f"{HEAD},due_on\nR1,C,invoice,03/04/2026,EUR,5,25/04/2026")
    ledger = check(raw)
    assert ledger["documents"]["issued_on"].to_list() == [date(2026, 4, 3)]
    assert [issue.code for issue in ledger.issues if issue.code == "date_order"] == ["date_order"]


def test_a_column_that_is_missing_altogether():
    ledger = check(
        raw_ledger(
            documents="document_no,kind,issued_on,currency,amount\nR1,invoice,2026-01-01,EUR,5"
        )
    )
    assert [issue.code for issue in ledger.issues if issue.level == "error"] == ["column_missing"]
    assert ledger.set_aside.select("code", "amount").rows() == [("column_missing", 500)]


def test_the_name_stands_in_for_a_number():
    raw = raw_ledger(
        documents="document_no,customer_name,kind,issued_on,currency,amount\nR1,Acme,invoice,2026-01-01,EUR,5"
    )
    ledger = check(raw)
    assert ledger["documents"]["customer_id"].to_list() == ["Acme"]
    assert ledger["customers"].select("customer_id", "name").rows() == [("Acme", "Acme")]


def test_helper_keys():
    raw = raw_ledger(
        documents=f"{HEAD}\nＲ1 ,C 1,invoice,2026-01-01,EUR,5",
        payments="payment_no,customer_id,paid_on,currency,amount,document_no\nP 1,c 1,2026-01-02,EUR,5,r1",
        allocations="credit_no,document_no,amount,applied_on\nP 1,R1,5,2026-01-03",
    )
    ledger = check(raw)
    assert ledger["documents"].select("customer_key", "document_key").rows() == [("c 1", "r1")]
    assert ledger["payments"].select("customer_key", "payment_key", "document_key").rows() == [
        ("c 1", "p 1", "r1")
    ]
    assert ledger["allocations"].select("credit_key", "document_key", "currency").rows() == [
        ("p 1", "r1", "EUR")
    ]


def test_allocations_take_the_minor_unit_of_their_document():
    raw = raw_ledger(
        documents=f"{HEAD}\nR1,C,invoice,2026-01-01,JPY,500\nR2,C,invoice,2026-01-01,EUR,5",
        allocations="credit_no,document_no,amount,applied_on\nP1,R1,500,2026-01-03\nP1,R2,5,2026-01-03",
    )
    assert check(raw)["allocations"]["amount"].to_list() == [500, 500]


def test_rates_stay_exact():
    raw = raw_ledger(
        documents=f"{HEAD}\nR1,C,invoice,2026-01-01,EUR,5",
        rates='date,from,to,rate\n2026-01-01,eur,USD,1.085\n2026-01-01,EUR,CNY,"7,8125"\n2026-01-01,EUR,JPY,0',
    )
    ledger = check(raw)
    assert ledger["rates"].select("from", "rate").rows() == [("EUR", "1.085"), ("EUR", "7.8125")]
    assert codes(ledger) == [("rate_not_positive", "D4")]


def test_months_of_sales():
    raw = raw_ledger(
        documents=f"{HEAD}\nR1,C,invoice,2026-01-01,EUR,5",
        sales="month,net\n2026-10,100\n2026-11-30,50",
    )
    rows = check(raw)["sales"]
    assert rows.select("month", "currency", "net").rows() == [
        (date(2026, 10, 1), "EUR", 10000), (date(2026, 11, 30), "EUR", 5000),
    ]  # fmt: skip


def test_every_table_is_there_and_typed():
    from receivables.ledger.frame_types import typed_schema
    from receivables.ledger.schema import tables

    ledger = documents("R1,C,invoice,2026-01-01,EUR,5")
    for table in tables():
        schema = ledger[table].schema
        assert {name: schema[name] for name in typed_schema(table)} == typed_schema(table), table
