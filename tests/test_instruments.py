"""Sheets of the transfer line, and instruments where tables of cases do not reach."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import polars as pl
import pytest

from receivables.book.report_file import write
from receivables.errors import BadValueError, DomainError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.report.credit_tables import (
    BUYER_SCHEMA,
    COST_SCHEMA,
    INSTRUMENT_SCHEMA,
    ITEM_SCHEMA,
    DeadlinesData,
    HoldsData,
    InstrumentsData,
)
from receivables.report.deadlines_sheet import deadlines_sheet
from receivables.report.holds_sheet import holds_sheet
from receivables.report.instruments_sheet import instruments_sheet
from receivables.report.page import Page
from receivables.resources import data_rows
from receivables.respond.holds_ledger import HOLDS
from receivables.settings import Settings
from receivables.transfer.cost_terms import terms_of
from receivables.transfer.factoring import factoring
from receivables.transfer.fund import split
from receivables.transfer.instrument_cost import instrument_costs
from receivables.transfer.instruments import default_rules, instrument
from receivables.transfer.insurance_ledger import insurance
from tests.ledgers import day, invoice, ledger
from tests.report_sample import sample
from tests.test_tci_ledger import LIMIT, POLICY

AS_OF = date(2026, 10, 31)


def insured():
    documents = [
        invoice("00123", 100_000, "07-01", "08-05", shipped_on=day("07-01"), tax_amount=0),
        invoice("R2", 50_000, "07-01", "07-20", shipped_on=day("07-01"), tax_amount=0),
        invoice("R3", 70_000, "10-01", "11-20", shipped_on=day("10-01"), tax_amount=0),
    ]
    books = ledger(documents=documents, insurance_policies=[POLICY], limits=[LIMIT])
    posted = link(books)
    return insurance(posted, books, open_items(posted, AS_OF))


def holds():
    rows = [
        ("O1", "", "c1", "C1", "=1+1", day("10-20"), "EUR", 100, 900, 500, 20, "ok", "", None, None, ""),
        ("O2", "", "c1", "C1", "Two", day("10-21"), "EUR", 100, 1000, 500, 20, "hold", "overdue+limit", None, None, ""),
        ("O3", "", "c1", "C1", "Two", day("10-22"), "JPY", 100, 1000, 500, 20, "released", "limit", "Chen", day("10-30"), "x"),
    ]  # fmt: skip
    return HoldsData(pl.DataFrame(rows, schema=HOLDS, orient="row"))


def instruments():
    rows = [
        ("00123", "One", "DE", "mature", 3, "EUR", 500, 0, "open_account"),
        ("00124", "Two", "CN", None, None, "CNY", 400, 100, None),
    ]
    cost = [("factored", "EUR", 100, 60, 1, 2, 3, 6, 0.06, "with recourse"), ("insured", "EUR", 100, 60, None, None, None, None, None, "missing: pd")]  # fmt: skip
    return InstrumentsData(
        pl.DataFrame(rows, schema=INSTRUMENT_SCHEMA, orient="row"),
        pl.DataFrame(cost, schema=COST_SCHEMA, orient="row"),
    )


@pytest.fixture(scope="module", params=["en", "zh"])
def book(request, tmp_path_factory):
    page = Page(sample(4, 1, settings=Settings(language=request.param)))
    path = tmp_path_factory.mktemp("sheets") / "transfer.xlsx"
    found = insured()
    data = DeadlinesData(found.items, found.buyers)
    write([deadlines_sheet(page, data), instruments_sheet(page, instruments()), holds_sheet(page, holds())], path)  # fmt: skip
    return request.param, openpyxl.load_workbook(path)


def table(book, name):
    for sheet in book:
        if name in sheet.tables:
            return [[cell.value for cell in row] for row in sheet[sheet.tables[name].ref]]
    raise AssertionError(name)


def test_the_week_the_buyers_and_every_insured_debt(book) -> None:
    language, found = book
    week = table(found, "Insurance_deadlines")
    assert len(week) == 2
    assert {"00123", 1000.0, 900.0} <= set(week[1])
    report, stop, missed = {"en": ("report", "STOP", "missed"), "zh": ("申报", "停止", "已错过")}[language]  # fmt: skip
    assert report in week[1]
    assert table(found, "Insured_buyers")[1][0] == stop
    items = table(found, "Insured_items")
    assert len(items) == 4
    assert missed in [row[0] for row in items]
    reasons = {row[-1] for row in items[1:]}
    assert {"en": "reported late or not at all", "zh": "逾期申报或未申报"}[language] in reasons
    assert reasons & {None, ""}, "nothing speaks against the others"


def test_held_orders_stand_first_with_words_for_reasons(book) -> None:
    language, found = book
    rows = table(found, "Order_holds")
    assert [row[1] for row in rows[1:]] == ["O2", "O3", "O1"]
    words = {"en": "above the limit", "zh": "超额度"}[language]
    assert any(words in str(cell) for cell in rows[1])
    assert "=1+1" in rows[3]
    assert "Chen" in rows[2]


def test_instruments_name_what_is_not_known(book) -> None:
    language, found = book
    rows = table(found, "Instruments")
    silent = {"en": "class of market not said", "zh": "未注明市场类型"}[language]
    assert [row[-1] for row in rows[1:]] == [
        {"en": "open account", "zh": "赊销"}[language],
        silent,
    ]
    costs = table(found, "Instrument_costs")
    assert costs[2][-1] == "missing: pd"
    assert costs[2][7] is None, "no total without a term"


def test_frames_of_the_core_fit_the_sheets() -> None:
    found = insured()
    for frame, schema in ((found.items, ITEM_SCHEMA), (found.buyers, BUYER_SCHEMA)):
        assert {name: frame.schema[name] for name in schema} == schema


def test_long_tables_go_to_a_file_beside(tmp_path) -> None:
    found = insured()
    page = replace(Page(sample(4, 1)), row_limit=2)
    spec = deadlines_sheet(page, DeadlinesData(found.items, found.buyers))
    assert [one.name for one in spec.overflow] == ["insured_items"]


def test_terms_outside_published_ranges_are_used_and_named() -> None:
    terms = terms_of([["funding_rate", 0.05], ["pd", 0.01], ["lgd", 0.5], ["premium_rate", 0.03], ["insured_share", 0.9]])  # fmt: skip
    cost = instrument_costs(Decimal(100), 30, terms)[1]
    assert cost.charges == 3
    assert "premium_rate 0.03 is outside the usual 0.001 to 0.015" in cost.note


def test_recourse_decides_who_bears_the_loss() -> None:
    base = [["funding_rate", 0.05], ["pd", 0.01], ["lgd", 0.5], ["advance_rate", 0.9], ["fee_rate", 0.02], ["first_days", 30]]  # fmt: skip
    losses = [
        instrument_costs(Decimal(100), 30, terms_of([*base, *more]))[2].expected_loss
        for more in ([], [["recourse", "yes"]], [["recourse", "no"]])
    ]
    assert losses == [Decimal("0.5"), Decimal("0.5"), 0]


@pytest.mark.parametrize("name", ["year_days", "first_days", "step_days", "lc_quarter_days"])
def test_days_of_0_are_refused(name) -> None:
    with pytest.raises(BadValueError, match=f"{name} is 0"):
        terms_of([["funding_rate", 0.05], [name, 0]])


def test_a_cost_that_eats_the_advance_is_refused() -> None:
    terms = terms_of([["advance_rate", 0.1], ["fee_rate", 0.1], ["first_days", 30]])
    with pytest.raises(DomainError, match="eats up the advance"):
        factoring(Decimal(100), 30, terms)


def test_every_market_and_grade_has_an_instrument() -> None:
    markets = {rule.market for rule in default_rules()}
    found = {(market, grade): instrument(market, grade) for market in markets for grade in range(1, 11)}  # fmt: skip
    assert len(found) == 30
    assert {found["mature", grade] for grade in range(1, 7)} == {"open_account"}
    assert {found["mature", grade] for grade in range(7, 11)} == {"prepayment"}
    assert all(
        row["low"] <= row["high"] for row in data_rows("instrument_costs.csv") if row["low"]
    )


@pytest.mark.parametrize("total", [0, 1, 2, 99, 100, 101])
def test_shares_add_up_to_the_last_unit(total) -> None:
    for weights in ([1, 1, 1], [3, 2, 0], [7], [1, 2, 4, 8]):
        parts = split(total, [Decimal(one) for one in weights])
        assert sum(parts) == total
        assert all(abs(part - total * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True))  # fmt: skip
