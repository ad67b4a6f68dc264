"""The tables of input columns: complete, and no heading claimed twice."""

from __future__ import annotations

import csv

import pytest

from receivables.ledger.choices import choice_of, choice_words, word
from receivables.ledger.findings import texts
from receivables.ledger.frame_types import POLARS_TYPES, typed_schema
from receivables.ledger.schema import tables
from receivables.money import exponents
from receivables.resources import data_path, data_rows

TABLES = ["customers", "documents", "payments", "allocations", "orders", "bills", "rates", "sales", "controls", "limits", "statements", "ratings", "country_ratings", "events", "contracts", "insurance_policies", "plans", "plan_instalments", "disputes", "promises", "approvals", "overrides", "contacts", "training", "companies", "bank_accounts", "letters", "letter_items"]  # fmt: skip


def test_every_table_is_there():
    assert sorted(tables()) == sorted(TABLES)


@pytest.mark.parametrize(
    "row", data_rows("columns.csv"), ids=lambda r: f"{r['table']}.{r['column']}"
)
def test_every_column_is_complete(row):
    assert row["type"] in POLARS_TYPES
    assert row["required"] in {"yes", "no"}
    for name in ("synonyms_en", "synonyms_zh", "help_en", "help_zh"):
        assert row[name].strip(), name
    assert bool(row["choices"]) == (row["type"] == "choice")
    assert (row["type"] == "amount") <= (row["unit"] in {"currency", "local currency"})


@pytest.mark.parametrize("table", TABLES)
def test_no_heading_is_claimed_twice(table):
    claims: dict[str, str] = {}
    for column in tables()[table].values():
        for text in {word(text) for text in (column.name, *column.synonyms)}:
            assert claims.setdefault(text, column.name) == column.name, text
            assert text, column.name


def test_types_of_a_checked_table():
    schema = typed_schema("documents")
    assert str(schema["amount"]) == "Int64"
    assert str(schema["document_no"]) == "String"
    assert list(schema)[-2:] == ["_source", "_row"]


@pytest.mark.parametrize(
    "row", data_rows("choices.csv"), ids=lambda r: f"{r['column']}.{r['choice']}"
)
def test_every_word_of_a_choice_leads_to_it(row):
    assert row["choice"] in tables()[row["table"]][row["column"]].choices
    for text in (
        row["label_en"],
        row["label_zh"],
        *row["words_en"].split("|"),
        *row["words_zh"].split("|"),
    ):
        assert choice_of(row["table"], row["column"], text) == row["choice"], text


def test_every_choice_has_words():
    for table, columns in tables().items():
        for column in columns.values():
            assert set(choice_words(table, column.name).values()) == set(column.choices)
            worded = {row["choice"] for row in data_rows("choices.csv")
                      if (row["table"], row["column"]) == (table, column.name)}  # fmt: skip
            assert worded == set(column.choices), (table, column.name)


def test_currencies():
    rows = data_rows("currencies.csv")
    assert len(rows) == len(exponents()) > 150
    for row in rows:
        assert all(row.values()), row
        assert row["currency"].isascii()
        assert len(row["currency"]) == 3
    assert [exponents()[code] for code in ("EUR", "JPY", "KWD", "CLF", "XXX")] == [2, 0, 3, 4, 2]


def test_words_for_currencies_lead_to_codes():
    for row in data_rows("currency_words.csv"):
        assert all(row.values())
        assert set(row["currencies"].split("|")) <= set(exponents())
        assert row["word"] == row["word"].upper()


@pytest.mark.parametrize("code", sorted(texts()))
def test_every_issue_is_worded_in_both_languages(code):
    row = texts()[code]
    assert row["level"] in {"error", "warning", "note", "varies"}
    for name in ("message_en", "message_zh", "cure_en", "cure_zh"):
        assert row[name].strip().endswith((".", "?", "}", "。", "？")), name
    for part in ("message", "cure"):
        holes = [sorted(_holes(row[f"{part}_{language}"])) for language in ("en", "zh")]
        assert set(holes[1]) <= set(holes[0]) | {"column", "table"}


def test_issue_codes_are_unique():
    with data_path("issues.csv").open(encoding="utf-8", newline="") as handle:
        codes = [row["code"] for row in csv.DictReader(handle)]
    assert len(codes) == len(set(codes))


def _holes(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
