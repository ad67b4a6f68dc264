"""Every row read is accounted for, and the open items agree with the books."""

from __future__ import annotations

import polars as pl

from receivables.ledger.difference import behind
from receivables.ledger.link import link
from receivables.ledger.model import SET_ASIDE_SCHEMA
from receivables.ledger.open import open_items
from receivables.ledger.tieout import by_currency, tie_out
from tests.ledgers import day, invoice, ledger, payment


def blocks(aside=(), **tables):
    books = ledger(controls=tables.pop("controls", []), **tables)
    if aside:
        books.set_aside = pl.DataFrame(list(aside), schema=SET_ASIDE_SCHEMA, orient="row")
    posted = link(books)
    return tie_out(books, posted, open_items(posted, day("10-31")))


def control(balance: int, **more):
    row = {"company": "", "account": "", "currency": "EUR", "kind": "receivable"}
    return row | {"as_of": day("10-31"), "balance": balance} | more


def aside(amount: int | None, table: str = "documents"):
    return {
        "table": table,
        "code": "amount_text",
        "company": "",
        "account": "",
        "currency": "EUR",
        "amount": amount,
    }


LEDGER = {
    "documents": [invoice("A", 100), invoice("B", 50, on="11-02")],
    "payments": [payment("P", 30, "10-05", "A"), payment("Q", 20, "11-03", "A")],
}


def test_every_row_is_accounted_for():
    (block,) = blocks([aside(7), aside(-3, "payments"), aside(99, "rates")], **LEDGER)
    assert block.read == 100 + 50 - 30 - 20 + 7 - 3
    assert (block.used, block.after_as_of, block.set_aside) == (70, 30, 4)
    assert (block.open, block.buckets, block.ledger_balance, block.settled) == (70, 70, 70, 0)
    assert block.adds_up


def test_light_without_a_control_balance_is_amber():
    assert [block.light for block in blocks(**LEDGER)] == ["amber"]


def test_light_is_green_only_without_difference():
    (block,) = blocks(controls=[control(70)], **LEDGER)
    assert (block.difference, block.light) == (0, "green")
    (block,) = blocks(controls=[control(71)], **LEDGER)
    assert (block.difference, block.light) == (-1, "red")


def test_an_unreadable_amount_turns_the_light_red_whatever_the_sums():
    (block,) = blocks([aside(None)], controls=[control(70)], **LEDGER)
    assert (block.unreadable, block.difference, block.light) == (1, 0, "red")


def test_other_dates_and_other_accounts_are_no_control():
    controls = [
        control(1, as_of=day("09-30")),
        control(2, kind="allowance"),
    ]
    (block,) = blocks(controls=controls, **LEDGER)
    assert block.control_account is None


def test_money_noted_on_the_document_is_settled():
    (block,) = blocks(documents=[invoice("A", 100, settled_on=day("10-10"), paid_amount=40)])
    assert (block.read, block.used, block.settled, block.open) == (100, 100, 40, 60)
    assert block.adds_up


def test_books_are_kept_apart_and_summed_by_currency():
    documents = [
        invoice("A", 100, company="X", account="1"),
        invoice("B", 50, company="X", account="2"),
        invoice("C", 25, company="Y", account="1", currency="USD"),
    ]
    controls = [control(100, company="X", account="1"), control(40, company="X", account="2")]
    found = blocks(documents=documents, controls=controls)
    assert [(b.company, b.account, b.open, b.difference) for b in found] == [
        ("X", "1", 100, 0),
        ("X", "2", 50, 10),
        ("Y", "1", 25, None),
    ]
    assert [(b.currency, b.open, b.difference) for b in by_currency(found)] == [
        ("EUR", 150, 10),
        ("USD", 25, None),
    ]


def test_controls_without_accounts_are_held_against_the_company():
    documents = [
        invoice("A", 100, company="X", account="1"),
        invoice("B", 50, company="X", account="2"),
    ]
    (block,) = blocks(documents=documents, controls=[control(150, company="X")])
    assert (block.company, block.account, block.difference) == ("X", "", 0)


def behind_of(aside_rows=(), **tables):
    books = ledger(controls=tables.pop("controls"), **tables)
    books.set_aside = pl.DataFrame(list(aside_rows), schema=SET_ASIDE_SCHEMA, orient="row")
    posted = link(books)
    found = tie_out(books, posted, open_items(posted, day("10-31")))
    frame = behind(found, books, posted, day("10-31"))
    return frame.select("reason", "document_no", "amount", "explains").rows()


def test_a_difference_is_drilled_to_documents():
    late = invoice("L", 40, on="10-30", entered_on=day("11-04"))
    tables = {"documents": [invoice("A", 100), late]}
    assert behind_of(controls=[control(140)], **tables) == []
    assert behind_of(controls=[control(100)], **tables) == [
        ("entered_after", "L", 40, True),
        ("same_amount", "L", 40, True),
    ]
    rows = [aside(7) | {"document_no": "X"}, aside(5) | {"currency": "", "document_no": "Y"}]
    found = behind_of(rows, controls=[control(147)], **tables)
    assert found[0] == ("set_aside", "X", 7, True)
    assert ("no_currency", "Y", 5, False) in found
    assert ("entered_after", "L", 40, False) in found


def test_rows_explain_a_difference_together():
    rows = [aside(7) | {"document_no": "X"}, aside(3) | {"document_no": "Y"}]
    found = behind_of(rows, controls=[control(110)], documents=[invoice("A", 100)])
    assert found == [("set_aside", "X", 7, True), ("set_aside", "Y", 3, True)]


def test_an_undated_payment_on_a_document_is_no_row_but_turns_the_light_red():
    (block,) = blocks([aside(-40) | {"code": "paid_undated"}], **LEDGER)
    assert (block.set_aside, block.read, block.unreadable, block.light) == (0, 100, 1, "red")
