"""The Close sheet: one cent turns the light, in the stored results and recalculated."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from receivables.book.report_file import write
from receivables.ledger.tieout import by_currency
from receivables.report.build import build
from tests import report_sample
from tests.report_book import BAD, GOOD, NEUTRAL, light, opened, recalculated, table_rows
from tests.report_sample import sample


def test_checks_on_close_are_nil_and_the_light_says_so(tmp_path):
    path = tmp_path / "report.xlsx"
    write(build(sample()), path)
    book = opened(path, data_only=True)
    rows = table_rows(book, "Close", "Tie_out_books")
    assert len(rows) == 6
    assert {row["Aging − open"] for row in rows} == {row["Items − open"] for row in rows} == {0}
    assert {row["Company"]: row["Status"] for row in rows} == {"1000": GOOD, "2000": NEUTRAL}
    assert light(book) == NEUTRAL


def changed(**changes):
    """The sample's tie-outs, control given everywhere, with fields of the first block changed."""
    ties = [replace(tie, control_account=tie.ledger_balance) for tie in sample().tie_outs]
    return (replace(ties[0], **changes), *ties[1:])


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, GOOD),
        ({"unreadable": 1}, BAD),
        ({"settled": changed()[0].settled + 1}, BAD),
        ({"read": changed()[0].read - 1}, BAD),
        ({"ledger_balance": changed()[0].open - 1, "control_account": changed()[0].open - 1}, BAD),
        ({"control_account": changed()[0].ledger_balance + 1}, BAD),
        ({"control_account": None}, NEUTRAL),
    ],
)
def test_one_cent_turns_the_light_stored_and_recalculated(changes, state, tmp_path):
    path = tmp_path / "report.xlsx"
    write(build(sample(tie_outs=changed(**changes))), path)
    assert light(opened(path, data_only=True)) == state
    if state == BAD and ("settled" in changes or "unreadable" in changes):
        assert light(recalculated(path, tmp_path)) == state


def test_a_row_missing_from_a_sheet_shows_as_its_difference(tmp_path):
    data = sample()
    lost = data.items.filter(pl.col("document_no") != "00000010")
    gone = data.items.filter(pl.col("document_no") == "00000010")
    path = tmp_path / "report.xlsx"
    write(build(sample(items=lost)), path)
    book = opened(path, data_only=True)
    (row,) = (row for row in table_rows(book, "Close", "Tie_out_books") if row["Items − open"])
    assert row["Items − open"] == -gone["open"][0] / 100
    assert light(book) == BAD


def test_control_balances_per_currency_only_still_tie(tmp_path):
    """The tie-out names no company then, while Aging and Open items do."""
    ties = by_currency(sample().tie_outs)
    path = tmp_path / "report.xlsx"
    write(build(sample(tie_outs=[replace(tie, control_account=tie.open) for tie in ties])), path)
    book = opened(path, data_only=True)
    assert {row["Status"] for row in table_rows(book, "Close", "Tie_out_books")} == {GOOD}
    assert light(recalculated(path, tmp_path)) == GOOD


def test_accounts_that_look_like_numbers_or_patterns_are_compared_as_text(tmp_path):
    """SUMIFS takes 00123 for 123 and `*` for anything: the light would lie."""
    data = sample()
    accounts = pl.Series("account", ["00123", "123", "*", ">0"] * (data.items.height // 4))
    items = data.items.with_columns(accounts)
    labels = data.bucket_labels
    changes = {"items": items, "aging": report_sample.aging(items, labels)}
    path = tmp_path / "report.xlsx"
    write(build(sample(**changes, tie_outs=report_sample.tie_outs(items))), path)
    for book in (opened(path, data_only=True), recalculated(path, tmp_path)):
        rows = table_rows(book, "Close", "Tie_out_books")
        assert {row["Account"] for row in rows} == {"00123", "123", "*", ">0"}
        assert (
            {row["Aging − open"] for row in rows} == {row["Items − open"] for row in rows} == {0}
        )


def test_bridge_without_carrying_amount_shows_no_difference(tmp_path):
    lines = [replace(line, carrying=None) for line in sample().bridge]
    path = tmp_path / "report.xlsx"
    write(build(sample(bridge=lines)), path)
    rows = table_rows(opened(path), "Close", "Bridge")
    assert {row["Unrealised difference"] for row in rows} == {None}
