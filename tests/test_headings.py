"""Headings: found under titles, in two languages, never two for one column."""

from __future__ import annotations

import polars as pl
import pytest

from receivables.ledger.grid import ROW, Area, Grid, letters
from receivables.ledger.headings import Headings, find
from receivables.ledger.mapping import TableMapping
from receivables.ledger.schema import tables
from receivables.ledger.spelling import fold, known_columns, table_named


def grid(*rows: list[str | None], merges: tuple[Area, ...] = ()) -> Grid:
    width = max(map(len, rows))
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    frame = pl.DataFrame(padded, schema={f"c{i}": pl.String for i in range(width)}, orient="row")
    numbered = frame.with_columns(pl.Series(ROW, range(1, len(rows) + 1), dtype=pl.Int64))
    return Grid("ledger.xlsx", "Documents", numbered, letters(1, width), merges=merges)


def found(
    *rows: list[str | None], merges: tuple[Area, ...] = (), part: TableMapping | None = None
) -> Headings:
    headings = find(grid(*rows, merges=merges), "documents", part or TableMapping())
    assert headings is not None
    return headings


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Invoice No.", "document_no"),
        ("INVOICE  NUMBER", "document_no"),
        ("Rechnungs-Nr.", "document_no"),
        ("单据编号", "document_no"),
        (" 单据 编号 ", "document_no"),
        ("Amount (EUR)", "amount"),
        ("Betrag in EUR", "amount"),
        ("价税合计(元)", "amount"),
        ("Amount", "amount"),
        ("amount", "amount"),
        ("Due date (dd.mm.yyyy)", "due_on"),
        ("due_on", "due_on"),
        ("Amount (weird)", ""),
        ("Colour", ""),
    ],
)
def test_one_heading(heading: str, column: str) -> None:
    headings = found(["Customer", "Invoice date", heading])
    assert headings.names[2] == (column or heading)
    assert (column in headings.claimed) is bool(column)


def test_title_rows_are_passed_over() -> None:
    headings = found(
        ["Open items"],
        ["as of", "2026-10-31"],
        ["Amount in EUR"],
        ["Invoice no", "Customer", "Date", "Amount"],
        ["R1", "C", "x", "5"],
    )
    assert headings.row == 4
    assert headings.position == 4
    assert headings.names == ["document_no", "customer_id", "issued_on", "amount"]


def test_a_title_does_not_join_the_heading_below_it() -> None:
    headings = found(
        ["Open items"], ["Colour", "Invoice no", "Customer", "Amount"], ["red", "R1", "C", "5"]
    )
    assert headings.names[0] == "Colour"


def test_two_rows_read_downwards_and_upwards() -> None:
    merges = (Area("", 1, 2, 1, 3),)
    headings = found(
        ["Invoice no", "Date", None, "Amount"],
        [None, "Invoice", "Due", None],
        ["R1", "2026-09-03", "2026-10-03", "5"],
        merges=merges,
    )
    assert headings.names == ["document_no", "issued_on", "due_on", "amount"]
    assert headings.row == 2


def test_data_never_joins_the_headings() -> None:
    headings = found(["Invoice no", "Customer", "Date", "Amount"], ["7", "C", "2026-09-03", "5"])
    assert headings.row == 1


def test_a_second_claim_is_reported_and_kept_under_its_own_name() -> None:
    headings = found(["Invoice no", "Amount", "Betrag", "Amount", "Text", "Text", None])
    assert headings.names == [
        "document_no",
        "amount",
        "Betrag",
        "Amount",
        "Text",
        "Text (2)",
        "column 7",
    ]
    assert sorted(headings.clashes) == [(2, "amount", "Amount"), (3, "amount", "Amount")]


def test_the_own_name_beats_a_synonym_before_it() -> None:
    headings = found(["Invoice no", "Betrag", "amount"])
    assert headings.claimed["amount"] == 2
    assert headings.clashes == [(1, "amount", "amount")]


def test_extra_columns_never_take_a_name_of_ours() -> None:
    part = TableMapping(columns={"document_no": "No", "amount": "Open balance"})
    headings = found(["No", "Open balance", "amount", "_row"], part=part)
    assert headings.names == ["document_no", "amount", "amount (2)", "_row (2)"]
    assert headings.clashes == []


def test_currency_of_the_amount() -> None:
    assert found(["Invoice no", "Customer", "Amount (usd)"]).currency == "USD"
    assert found(["Invoice no", "Customer", "Amount"]).currency == ""


def test_heading_row_of_the_mapping() -> None:
    rows = (
        ["Invoice no", "Customer", "Amount"],
        ["old", "old", "1"],
        ["Invoice no", "Customer", "Betrag"],
        ["R1", "C", "5"],
    )
    assert found(*rows, part=TableMapping(heading_row=3)).texts[2] == "Betrag"


def test_nothing_is_found_in_a_plain_list() -> None:
    assert find(grid(["a", "b"], ["1", "2"]), "documents", TableMapping()) is None


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("Documents", "documents"),
        ("应收单", "documents"),
        ("tblPayments", "payments"),
        ("Kunden", "customers"),
        ("SETTINGS", "settings"),
        ("汇率", "rates"),
        ("Aging", ""),
        ("Sheet1", ""),
        ("Open items", ""),
    ],
)
def test_names_of_sheets(name: str, table: str) -> None:
    assert table_named(name) == table


def test_every_table_is_recognised_by_its_own_name() -> None:
    for table in tables():
        assert table_named(table) == table
        assert known_columns(table)


def test_our_result_sheets_are_no_input() -> None:
    from receivables.resources import data_rows

    # The journal of letters is written by us and read again, from either side.
    rows = [row for row in data_rows("sheets.csv") if row["id"] not in {"letters", "letter_items"}]
    names = [row[key] for row in rows for key in ("en", "zh")]
    assert [name for name in names if table_named(name)] == []


def test_fold_keeps_letters_of_every_script() -> None:
    assert fold("Fälligkeit:") == "fälligkeit"
    assert fold("客户(编码)") == "客户编码"
    assert fold("N° client") == fold("n°client")
