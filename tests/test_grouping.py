"""Grouping and filtering an aging by any column, on every embedded engine."""

import pytest

from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.monitor.aging import age
from tests.aging_frames import AS_OF, ENGINES, MIXED, item, opened, table
from tests.ledgers import ledger
from tests.test_open import invoice


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("customer", {("EUR", "00123"): 3_761, ("EUR", "123"): -667, ("EUR", "Z9"): 9_007_199_254_740_993, ("JPY", "00123"): 9}),
        (("company", "customer"), {("EUR", "A / 00123"): 3_760, ("EUR", "B / 00123"): 1, ("EUR", "A / 123"): -667, ("EUR", "A / Z9"): 9_007_199_254_740_993, ("JPY", "A / 00123"): 9}),
        ("salesperson", {("EUR", "Wei"): 3_094, ("EUR", ""): 9_007_199_254_740_993, ("JPY", "Wei"): 9}),
        ("country", {("EUR", "SE"): 3_761, ("EUR", "GB"): -667, ("EUR", "DE"): 9_007_199_254_740_993, ("JPY", "SE"): 9}),
        ("currency", {("EUR", "EUR"): 9_007_199_254_744_087, ("JPY", "JPY"): 9}),
        ("account", {("EUR", "1200"): 3_094, ("EUR", "1210"): 9_007_199_254_740_993, ("JPY", "1200"): 9}),
        ((), {("EUR", "EUR"): 9_007_199_254_744_087, ("JPY", "JPY"): 9}),
    ],
)  # fmt: skip
def test_group_by_any_key(engine, by, keys):
    aged = age(opened(MIXED, engine), by=by)
    assert {(row[0], row[1]): row[2] for row in table(aged, "currency", "key", "open")} == keys


def test_group_by_a_column_of_the_documents(engine):
    details = {"Projekt": ["p"] * 5 + ["q", None, "", "q", "q"]}
    aged = age(opened(MIXED, engine, details), by="projekt")
    assert {row[:2]: row[2] for row in table(aged, "currency", "Projekt", "open")} == {
        ("EUR", "p"): 3_760, ("EUR", "q"): 9_007_199_254_741_327, ("EUR", ""): -1_000, ("JPY", ""): 9,
    }  # fmt: skip


def test_two_columns_of_the_documents_and_a_third_as_filter(engine):
    details = {
        "project": ["p", "p", "q", "q", "q"],
        "site": ["n", "s", "n", "s", "s"],
        "state": ["x", "x", "x", "y", "x"],
    }
    rows = [item(number, 1, 5, 10**number) for number in range(5)]
    aged = age(opened(rows, engine, details), by=("project", "site"), where={"state": "x"})
    assert table(aged, "key", "open") == [
        ("q / s", 10_000),
        ("q / n", 100),
        ("p / s", 10),
        ("p / n", 1),
    ]
    assert aged.left_out.rows() == [("EUR", 1_000)]


def test_one_customer_in_two_spellings_is_one_row():
    book = [
        invoice("A", 100, customer_id="ab1", company="X"),
        invoice("B", 20, customer_id="AB1 ", company="Y"),
    ]
    found = open_items(link(ledger(documents=book)), AS_OF)
    assert table(age(found), "key", "open", "b1") == [("AB1 ", 120, 120)]


def test_the_document_names_its_salesperson_else_the_customer():
    details = {"salesperson": ["Ada"] + [None] * 9}
    aged = age(
        opened(MIXED, details=details),
        by="salesperson",
        where={"currency": "EUR", "country": "SE"},
    )
    assert table(aged, "key", "open") == [("Ada", 10_000), ("Wei", -6_239)]


def test_by_document_names_what_the_row_is():
    aged = age(
        opened(MIXED),
        by="document",
        where={"customer": "00123", "currency": "EUR", "company": "A"},
    )
    row = aged.frame.row(1, named=True)
    assert (row["key"], row["document_no"], row["instalment"], row["customer_id"]) == (
        "D2/2",
        "D2",
        "2",
        "00123",
    )
    assert (row["name"], row["due_on"], row["issued_on"]) == (
        "Ångström AB",
        "2026-09-30",
        "2026-06-01",
    )


def test_two_documents_of_one_number_stay_two_rows():
    rows = [item(1, 1, 5, 100), item(2, 1, 5, 50)]
    aged = age(
        opened(rows, details={"document_no": ["X", "X"], "instalment": [None, None]}),
        by="document",
    )
    assert table(aged, "key", "open") == [("X", 100), ("X", 50)]


def test_columns_of_the_user_cannot_collide_with_ours():
    extra = {
        name: ["x"] * 10 for name in ("open", "slot", "key", "amount", "b0", "v:slot", "kept")
    }
    for name in extra:
        aged = age(opened(MIXED, details=extra), by=name)
        assert aged.totals()["open"].to_list() == [9_007_199_254_744_087, 9]
        assert set(aged.frame["key"]) == {"x"}


def test_filters_keep_and_say_what_they_left_out(engine):
    aged = age(opened(MIXED, engine), where={"country": [" se", "GB"]})
    assert aged.totals().select("currency", "open").rows() == [("EUR", 3_094), ("JPY", 9)]
    assert aged.left_out.rows() == [("EUR", 9_007_199_254_740_993)]
    assert aged.block("EUR")["left_out"] == "90071992547409.93"
    assert "left_out" not in aged.block("JPY")
    one = age(opened(MIXED, engine), where={"document": "d1"}, credits="oldest")
    assert one.totals().select("currency", "open").rows() == [("EUR", 0)]


@pytest.mark.parametrize(
    ("choice", "there", "left"),
    [
        ("include", 9_007_199_254_744_087, {}),
        ("exclude", 3_094, {"EUR": 9_007_199_254_740_993}),
        ("only", 9_007_199_254_740_993, {"EUR": 3_094, "JPY": 9}),
    ],
)
def test_intercompany_apart(choice, there, left):
    aged = age(opened(MIXED), intercompany=choice)
    total = aged.totals().row(0, named=True)
    assert total["open"] == there
    assert total["intercompany"] == (0 if choice == "exclude" else 9_007_199_254_740_993)
    assert dict(aged.left_out.rows()) == left
