"""The demo ledger through the program: faults found, balances tied, cases opened as the page says."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from receivables.demo import build_firm, write_folder, write_workbook
from receivables.demo.oddities import ODDITIES
from receivables.demo.tables import build_books
from receivables.ledger.check import check
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.ledger.read import read

MONTH_ENDS = [date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)]
BOOK = ("company", "account", "currency")

FAULTS = {
    # oddity: code of the issue, level
    "amount that is no number": ("amount_text", "error"),
    "duplicate document": ("duplicate_row", "error"),
    "missing currency": ("currency_missing", "error"),
    "total row": ("total_skipped", "note"),
    "due before issue": ("due_before_issue", "warning"),
    "payment to an unknown document": ("unknown_document", "warning"),
    "unknown customer": ("unknown_customer", "warning"),
    "near-duplicate customer key": ("near_key", "warning"),
}


@pytest.fixture(scope="module")
def cases():
    return build_books().cases


@pytest.fixture(scope="module", params=["workbook", "folder"])
def ledger(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / (
        "ledger.xlsx" if request.param == "workbook" else "l"
    )
    (write_workbook if request.param == "workbook" else write_folder)(build_firm(), path)
    return check(read(path))


@pytest.fixture(scope="module")
def posted(ledger):
    return link(ledger)


@pytest.fixture(scope="module")
def items(posted):
    return open_items(posted, date(2026, 10, 31)).frame()


def test_every_oddity_is_found_and_nothing_else(ledger):
    assert set(FAULTS) == set(ODDITIES) - {"amount stored as text"}
    found = {(issue.code, issue.level) for issue in ledger.issues}
    assert set(FAULTS.values()) <= found
    assert {code for code, level in found if level != "note"} == {
        code for code, level in FAULTS.values() if level != "note"
    }


def test_every_table_is_read_row_by_row(ledger):
    firm = build_firm()
    dirty = {"customers": 2, "documents": -4}  # made from documents; set aside, and the total
    for table in firm.keys() - {"settings"}:
        assert ledger[table].height == firm[table].height + dirty.get(table, 0), table


def test_rows_set_aside_are_the_three_meant(ledger, cases):
    meant = ("missing currency", "amount that is no number", "duplicate document")
    aside = dict(ledger.set_aside.select("document_no", "amount").iter_rows())
    assert aside == dict(
        zip((cases[case][0] for case in meant), (186_340, None, 154_700), strict=True)
    )


def test_the_amount_stored_as_text_is_read(ledger, cases):
    (no,) = cases["amount stored as text"]
    assert (
        ledger["documents"].row(by_predicate=pl.col("document_no") == no, named=True)["amount"]
        == 248_050
    )


def test_open_items_tie_to_the_control_accounts(ledger, posted):
    assert posted.issues == ()
    gaps = {}
    for as_of in MONTH_ENDS:
        opened = open_items(posted, as_of).frame().group_by(BOOK).agg(pl.col("open").sum())
        control = ledger["controls"].filter(as_of=as_of, kind="receivable")
        both = opened.join(control.select(*BOOK, "balance"), on=BOOK, how="full", coalesce=True)
        for row in both.fill_null(0).iter_rows(named=True):
            if row["open"] != row["balance"]:
                gaps[as_of, *(row[name] for name in BOOK)] = row["open"] - row["balance"]
    assert gaps == {(date(2026, 10, 31), "DE01", "1200", "EUR"): -186_340}


@pytest.mark.parametrize(
    ("case", "opens"),
    [
        ("credit note on its own invoice", {720_000}),
        ("credit note on another invoice", {476_000}),
        ("standing credit note", {-238_000}),
        ("credit note older than its invoice", {384_000}),
        ("credit note larger than what is open", {-40_000}),
        ("credit note after the cut-off", {952_000}),
        ("write-off", set()),
        ("recovery of a write-off", set()),
        ("write-off of a rest", set()),
        ("reversal", {609_000}),
        ("retention", {2_500_000}),
        ("journal", {-75_000, 75_000}),
        ("deposit", {12_000_000}),
        ("part-payments", {221_200}),
        ("over-payment", {-30_000}),
        ("one cent left", {1}),
        ("cash on account", {-400_000}),
        ("advance", {-238_000, -8_000_000}),
        ("cash before month end, matched after", {1_190_000, 595_000, -1_785_000}),
        ("bounced payment", {540_000}),
        ("refund of a credit note", set()),
        ("post-dated cheques", {1_800_000}),
        ("instalments, first come first paid", {1_000_000, 3_000_000}),
        ("instalments, paid too much", {-20_000}),
        ("subsequent receipt", {1_309_000}),
        ("bill held", set()),
        ("bill paid", set()),
        ("bill endorsed", set()),
        ("bill discounted", set()),
        ("bill dishonoured", {15_000_000}),
        ("bill in Bills and in Payments", set()),
    ],
)
def test_cases_open_as_the_page_says(items, cases, case, opens):
    mine = items.filter(
        pl.any_horizontal(
            pl.col(key).is_in(cases[case]) for key in ("document_no", "payment_no", "bill_no")
        )
    )
    assert set(mine["open"]) == opens


def test_cheques_and_late_matching_clear_their_invoices_later(posted, cases):
    late = open_items(posted, date(2026, 10, 31), match_cutoff=date(2026, 11, 4)).frame()
    assert late.filter(
        pl.col("document_no").is_in(cases["cash before month end, matched after"])
    ).is_empty()
    cheques = open_items(posted, date(2027, 1, 15)).frame()
    assert cheques.filter(pl.col("document_no").is_in(cases["post-dated cheques"])).is_empty()
