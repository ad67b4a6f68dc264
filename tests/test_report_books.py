"""The close pack made from the demo firm's books: every check on the sheets is nil."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.monitor.reserve_policy import policy_of
from receivables.refresh import load
from receivables.refresh.close import close_job
from receivables.refresh.pack import close_pack
from tests.report_book import opened, table_rows

SEP, OCT = date(2026, 9, 30), date(2026, 10, 31)
RATES = {"Current": "0.3%", "1-30 d": "1.6%", "31-60 d": "3.6%", "61-90 d": "6.6%",
         "91+ d": "10.6%", "No due date": "5%", "Dilution": "40%"}  # fmt: skip


def policy(**more):
    rows = [{"bucket": bucket, "rate": rate, "source": "sample"} for bucket, rate in RATES.items()]
    return policy_of({"matrix": rows} | more)


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack") / "demo"
    write_folder(build_firm(), folder)
    return load(folder, values={"materiality": "CNY=100000"}, as_of=OCT)


@pytest.fixture(scope="module")
def report(books, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("close")
    path = folder / "report.xlsx"
    close_job(books, SEP, folder=folder)
    close_job(books, OCT, folder=folder, out=path, policy=policy())
    return path


@pytest.fixture(scope="module")
def book(report):
    return opened(report, data_only=True)


def test_reserve_and_movement_tie_to_the_aging_sheet(book):
    bridge = table_rows(book, "Reserve", "Reserve_bridge")
    assert {row["Aging sheet − total"] for row in bridge} == {0}
    assert {row["Matrices − base"] for row in bridge} == {0}
    assert any(row["Less group companies"] for row in bridge)
    totals = table_rows(book, "Movement", "Movement_totals")
    assert {row["Aging sheet − closing"] for row in totals} == {0}
    marked = [row for row in table_rows(book, "Movement", "Balance_movement") if row["Above materiality"]]  # fmt: skip
    assert marked
    assert all(abs(row["Change"]) >= 100_000 and row["Currency"] == "CNY" for row in marked)


def test_opening_and_moves_give_the_closing_of_each_customer(book):
    for row in table_rows(book, "Movement", "Balance_movement"):
        parts = list(row.values())
        start, end = list(row).index("Opening"), list(row).index("Closing")
        assert sum(parts[start:end]) == pytest.approx(row["Closing"], abs=1e-4)


def test_years_of_age_add_up_to_the_aging(book):
    sums: dict[str, float] = {}
    for row in table_rows(book, "Disclosure", "Disclosure_years"):
        sums[row["Currency"]] = sums.get(row["Currency"], 0) + row["Closing"]
    aging = table_rows(book, "Aging", "Aging_totals")
    assert sums == pytest.approx({row["Currency"]: row["Open"] for row in aging})


def test_the_largest_debtors_carry_their_part_of_the_allowance(books):
    """One customer alone in its currency and pool carries all of it; all together, no more than all."""
    data = close_pack(books, OCT, SEP, policy=policy())
    top, pool = data["disclosure"].top, data["reserve"].pool
    by_currency = top.group_by("currency").agg(pl.col("allowance").sum(), pl.len())
    whole = dict(pool.group_by("currency").agg(pl.col("reserve").sum()).rows())
    assert by_currency.height == 4
    for currency, allowance, count in by_currency.rows():
        assert 0 < allowance <= whole[currency] + count


def test_a_case_is_in_the_allowance_of_its_customer(books):
    first = close_pack(books, OCT, SEP, policy=policy())["disclosure"].top.row(0, named=True)
    case = {"customer_id": first["customer_id"], "rate": "1", "reason": "insolvency"}
    data = close_pack(books, OCT, SEP, policy=policy(specific=[case]))
    again = data["disclosure"].top.row(0, named=True)
    assert again["customer_id"] == first["customer_id"]
    assert again["allowance"] == data["reserve"].cases["reserve"].sum() > first["allowance"]


def test_without_rates_the_bridge_stands_alone(books):
    data = close_pack(books, OCT, SEP)["reserve"]
    assert not data.rated
    assert data.pool.is_empty()
    assert data.bridge["aging_total"].sum() != 0


def test_rates_that_do_not_reach_are_named_on_the_sheet(books):
    rows = [{"bucket": "Current", "rate": "0.3%", "source": "sample"}]
    data = close_pack(books, OCT, SEP, policy=policy_of({"matrix": rows}))["reserve"]
    assert not data.rated
    assert "here is no loss rate for" in data.why_none


def test_speed_shows_the_firm_and_each_company(books):
    frame = close_pack(books, OCT, SEP)["speed"]
    assert set(frame["company"].unique()) == {"", "DE01", "CN01"}
    assert frame["month_end"].max() == OCT
    assert frame.filter(company="")["month_end"].n_unique() == 12


def test_the_close_names_the_open_difference_and_what_it_compares_with(book):
    found = [(row["Exception"], row["Where"]) for row in table_rows(book, "Close", "Open_exceptions")]  # fmt: skip
    assert ("difference to the control account", "DE01 1200") in found
    texts = [str(cell.value) for row in book["Close"].iter_rows() for cell in row]
    assert any("changed since the close of 2026-09-30" in text for text in texts)
