"""The statement of account: every posting, the running balance, what is open, and how it prints."""

import json
from html.parser import HTMLParser

import pytest

from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.monitor.buckets import Buckets
from receivables.monitor.statement import statement
from receivables.monitor.statement_print import Sender, bucket_label, grid, labels, render, width
from receivables.resources import data_rows
from tests.ledgers import day, ledger
from tests.test_open import allocation, credit, invoice, payment

CUSTOMER = {
    "customer_id": "00123", "name": "Müller & Söhne <KG>", "address": "Am Markt 1\n20457 Hamburg",
    "language": "de", "tax_no": "DE1",
}  # fmt: skip
MINE = {"customer_id": "00123"}


def small():
    return {
        "customers": [CUSTOMER, {"customer_id": "123", "name": "Other"}],
        "documents": [
            invoice("A", 10_000, "08-01", "08-31", **MINE, po_no="PO-7"),
            invoice("B", 5_000, "09-10", "10-10", **MINE),
            credit("K", 1_000, "09-20", "B", **MINE),
            invoice("C", 700, "10-20", None, **MINE),
            invoice("F", 99, "11-01", "12-01", **MINE),
            invoice("J", 300, "10-05", "11-05", **MINE, currency="JPY"),
            invoice("X", 77, "10-05", "11-05", customer_id="123"),
        ],
        "payments": [
            payment("P1", 10_000, "09-01", "A", **MINE),
            payment("P1x", 10_000, "09-05", kind="bounced", reverses="P1", **MINE),
            payment("P2", 2_500, "10-15", kind="on_account", **MINE),
        ],
    }


def made(tables=None, as_of="10-31", customer="00123", engine="polars", **options):
    posted = link(ledger(**(tables or small())))
    return statement(posted, open_items(posted, day(as_of), engine=engine), customer, **options)


def account(found, currency="EUR"):
    return next(account for account in found.accounts if account.currency == currency)


def test_every_posting_in_the_order_of_its_day_with_the_running_balance():
    eur = account(made())
    assert [
        (line.on, line.kind, line.document_no, line.amount, line.balance) for line in eur.lines
    ] == [
        (day("08-01"), "invoice", "A", 10_000, 10_000),
        (day("09-01"), "payment", "P1", -10_000, 0),
        (day("09-05"), "bounced", "P1x", 10_000, 10_000),
        (day("09-10"), "invoice", "B", 5_000, 15_000),
        (day("09-20"), "credit_note", "K", -1_000, 14_000),
        (day("10-15"), "on_account", "P2", -2_500, 11_500),
        (day("10-20"), "invoice", "C", 700, 12_200),
    ]
    assert (eur.opening, eur.charges, eur.settlements, eur.closing) == (0, 25_700, -13_500, 12_200)
    assert eur.lines[0].reference == "PO-7"
    assert eur.lines[4].reference == "B"


def test_opening_balance_before_the_start_and_the_day_itself_inside():
    for start, opening, first in (
        ("09-10", 10_000, "B"),
        ("09-11", 15_000, "K"),
        ("08-01", 0, "A"),
    ):
        eur = account(made(start=day(start)))
        assert (eur.opening, eur.lines[0].document_no, eur.closing) == (opening, first, 12_200)
        assert eur.closing == eur.opening + sum(line.amount for line in eur.lines)


def test_open_items_and_aging_add_up_to_the_closing_balance():
    eur = account(made())
    assert [(item.document_no, item.days_past_due, item.amount, item.open) for item in eur.open_items] == [
        ("A", 61, 10_000, 10_000), ("B", 21, 5_000, 4_000), ("C", None, 700, 700), ("P2", None, -2_500, -2_500),
    ]  # fmt: skip
    assert eur.aged == {
        "Current": 0,
        "1-30 d": 4_000,
        "31-60 d": 0,
        "61-90 d": 10_000,
        "91+ d": 0,
        "No due date": 700,
    }
    assert eur.unapplied == -2_500
    assert eur.overdue == 14_000
    assert (
        sum(eur.aged.values()) + eur.unapplied
        == eur.closing
        == sum(item.open for item in eur.open_items)
    )


def test_buckets_without_amount_are_printed_only_from_current_on():
    eur = account(made(buckets=Buckets.parse("30", forward="30")))
    assert list(eur.aged) == ["Current", "1-30 d", "31+ d", "No due date"]
    jpy = account(made(buckets=Buckets.parse("30", forward="30")), "JPY")
    assert list(jpy.aged) == ["Due in 1-30 d", "Current", "1-30 d", "31+ d"]


def test_each_currency_and_company_has_its_own_account():
    tables = small()
    tables["documents"].append(invoice("S", 40, "10-01", "10-31", **MINE, company="Süd"))
    found = made(tables)
    assert [(one.company, one.currency, one.closing) for one in found.accounts] == [
        ("", "EUR", 12_200),
        ("", "JPY", 300),
        ("Süd", "EUR", 40),
    ]
    assert [one.currency for one in made(tables, currency="JPY").accounts] == ["JPY"]
    assert [one.company for one in made(tables, company="Süd").accounts] == ["Süd"]


def test_nothing_posted_later_is_there():
    tables = small()
    later = made(tables, as_of="09-04")
    assert [line.document_no for line in account(later).lines] == ["A", "P1"]
    assert account(later).closing == 0
    assert made(tables, as_of="07-31").accounts == ()
    assert render(made(tables, as_of="07-31")).startswith("Statement of account")


def test_money_noted_on_the_document_and_a_dishonoured_bill_are_lines():
    tables = {
        "documents": [invoice("A", 100, settled_on=day("09-20"), paid_amount=60), invoice("B", 50)],
        "bills": [{"bill_no": "W1", "kind": "bank", "amount": 50, "received_on": day("09-15"), "matures_on": day("10-15"),
                   "state": "dishonoured", "document_no": "B"}],
    }  # fmt: skip
    eur = account(made(tables, customer="C1"))
    assert [(line.on, line.kind, line.document_no, line.amount) for line in eur.lines] == [
        (day("09-01"), "invoice", "A", 100),
        (day("09-01"), "invoice", "B", 50),
        (day("09-15"), "bill", "W1", -50),
        (day("09-20"), "noted_payment", "A", -60),
        (day("10-15"), "dishonoured", "W1", 50),
    ]
    assert eur.closing == 90 == sum(item.open for item in eur.open_items)


def test_many_events_still_end_at_the_sum_of_what_is_open():
    documents = [
        invoice(f"I{n}", 100 + n, f"0{n % 9 + 1}-1{n % 7}", "10-15", instalment=None)
        for n in range(30)
    ]
    documents += [credit(f"K{n}", 35, "09-25", f"I{n}") for n in range(0, 30, 4)]
    payments = [payment(f"P{n}", 60 + 3 * n, f"10-{n + 1:02}", f"I{n}") for n in range(28)]
    allocations = [allocation(f"P{n}", f"I{n}", 20, f"10-{n + 2:02}") for n in range(0, 28, 3)]
    tables = {"documents": documents, "payments": payments, "allocations": allocations}
    for as_of in ("05-12", "09-30", "10-10", "10-31"):
        eur = account(made(tables, as_of=as_of, customer="C1"))
        assert eur.closing == sum(item.open for item in eur.open_items)
        assert eur.closing == sum(eur.aged.values()) + eur.unapplied


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_every_engine_prints_the_same(engine):
    assert made(engine=engine) == made()


def test_fold_finds_the_customer_but_never_drops_a_zero():
    assert made(customer=" ００123 ").name == "Müller & Söhne <KG>"
    assert made(customer="123").name == "Other"
    assert made().about == {"address": "Am Markt 1 20457 Hamburg", "tax_no": "DE1"}


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"customer": "0123"}, NotAvailableError, "No posting for the customer '0123'. Did you mean '00123'"),
        ({"customer": "Other"}, NotAvailableError, "Did you mean '123'"),
        ({"customer": "zzz"}, NotAvailableError, "Give the customer number"),
        ({"company": "Nord"}, NotAvailableError, "Accounts: (none) EUR, (none) JPY"),
        ({"start": day("11-01")}, BadValueError, "starts 2026-11-01, after its last day 2026-10-31"),
        ({"language": "fr"}, BadValueError, "no statement in 'fr'"),
    ],
)  # fmt: skip
def test_faulty_calls_say_what_to_do(options, kind, message):
    with pytest.raises(kind) as fault:
        made(**options)
    assert message in str(fault.value)


def test_json_has_decimal_text_and_iso_dates():
    found = made(start=day("10-01")).to_json()
    assert json.loads(json.dumps(found)) == found
    eur, jpy = found["accounts"]
    assert (found["start"], found["as_of"], found["customer_id"]) == (
        "2026-10-01",
        "2026-10-31",
        "00123",
    )
    assert (eur["opening"], eur["closing"], eur["aged"]["61-90 d"]) == (
        "140.00",
        "122.00",
        "100.00",
    )
    assert (jpy["closing"], jpy["lines"][0]["amount"]) == ("300", "300")
    assert eur["lines"][-1] == {
        "date": "2026-10-20", "kind": "invoice", "document_no": "C", "instalment": "", "reference": "",
        "due_on": None, "amount": "7.00", "balance": "122.00",
    }  # fmt: skip


def test_text_page():
    text = render(
        made(start=day("10-01"), currency="EUR"),
        "text",
        Sender("Seller Ltd", ("1 High St",), ("Ann",), ("IBAN 1",)),
    )
    assert (
        text
        == """\
Statement of account

Seller Ltd
1 High St

Customer: Müller & Söhne <KG>
Customer no.: 00123
Am Markt 1 20457 Hamburg
Tax no.: DE1
Period: 2026-10-01 - 2026-10-31

Currency  Opening balance  Charges  Payments and credits  Closing balance  Past due
-----------------------------------------------------------------------------------
EUR                140.00     7.00                -25.00           122.00    140.00


EUR  Activity

Opening balance: 140.00
Date        Transaction  Document  Reference  Due  Debit  Credit  Balance
-------------------------------------------------------------------------
2026-10-15  On account   P2                                25.00   115.00
2026-10-20  Invoice      C                          7.00           122.00
Closing balance: 122.00

EUR  Open items

Document  Transaction  Issued      Due         Days past due  Amount    Open
----------------------------------------------------------------------------
A         Invoice      2026-08-01  2026-08-31             61  100.00  100.00
B         Invoice      2026-09-10  2026-10-10             21   50.00   40.00
C         Invoice      2026-10-20                               7.00    7.00
P2        On account   2026-10-15                             -25.00  -25.00

EUR  Aged summary

Current                  0.00
1-30 d                  40.00
31-60 d                  0.00
61-90 d                100.00
91+ d                    0.00
No due date              7.00
Credits and unapplied  -25.00
Total                  122.00

Postings after 2026-10-31 are not shown. Please tell us if your books differ.

Bank details: IBAN 1
Contact: Ann
"""
    )


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts = [], []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - given by the parser
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data.strip())


def test_html_page_shows_ledger_text_as_text():
    tables = small()
    tables["documents"][0] |= {"po_no": "<script>alert(1)</script>{{ 7*7 }}"}
    tables["payments"][2] |= {"payment_no": "P2\n<b>"}
    source = render(made(tables), "html")
    page = Page()
    page.feed(source)
    assert "script" not in page.tags
    assert "b" in page.tags
    assert "<script>alert(1)</script>{{ 7*7 }}" in page.texts
    assert "P2 <b>" in page.texts
    assert "Müller & Söhne <KG>" in page.texts
    assert {"122.00", "300"} <= set(page.texts)
    assert "http" not in source


def test_chinese_page():
    text = render(made(language="zh", buckets=Buckets.parse("30", forward="30")))
    for wording in (
        "对账单",
        "客户编号: 00123",
        "期末余额: 122.00",
        "贷项通知",
        "逾期1-30天",
        "逾期31天及以上",
        "1-30天内到期",
        "无到期日",
    ):
        assert wording in text
    chinese = data_rows("statement.csv")
    assert all(row["en"] and row["zh"] and row["zh"] != row["en"] for row in chinese)


@pytest.mark.parametrize(
    ("spoken", "language"),
    [("zh", "zh"), ("zh-CN", "zh"), ("中文", "zh"), ("de", "en"), (None, "en")],
)
def test_language_of_the_customer(spoken, language):
    tables = small()
    tables["customers"] = [CUSTOMER | {"language": spoken}]
    assert made(tables).language == language
    assert made(tables, language="en").language == "en"


@pytest.mark.parametrize("edges", ["30,60", "1,2", "audit"])
def test_every_bucket_has_a_chinese_label(edges):
    for side in ("younger", "older"):
        if (edges, side) != ("1,2", "older"):
            found = Buckets.parse(edges, day_on_edge=side, forward="30,60").labels
            assert all(bucket_label(label, "zh") != label for label in found)
            assert [bucket_label(label, "en") for label in found] == list(found)


def test_a_ledger_without_currency_does_not_print_its_code():
    tables = {"documents": [invoice("A", 10_000, currency="XXX")]}
    text = render(made(tables, customer="C1"))
    assert "XXX" not in text
    assert "Currency not stated" in text


def test_kinds_have_names_in_both_languages():
    kinds = {
        "invoice",
        "reversal",
        "payment",
        "bounced",
        "refund",
        "bill",
        "noted_payment",
        "dishonoured",
    }
    assert all(kinds <= set(labels(language)) for language in ("en", "zh"))


def test_columns_line_up_with_chinese_signs():
    shown = grid([("发票", "1.00"), ("Invoice", "20.00")], 1, ("类型", "金额"))
    assert len({width(row) for row in shown.splitlines()}) == 1
    assert grid([], 1) == ""


def test_unknown_form():
    with pytest.raises(BadValueError, match="cannot be printed as 'pdf': give one of text, html"):
        render(made(), "pdf")
