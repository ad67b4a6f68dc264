"""Mapping files: every key is known, a proposal reads back, and what is open is asked."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from receivables.errors import LedgerFileError, SettingsError
from receivables.ledger.mapping import Mapping, TableMapping, load_mapping, mapping_from
from receivables.ledger.propose import propose
from receivables.ledger.read import read

DATA = Path(__file__).parent / "data"
FULL = Mapping(
    {
        "documents": TableMapping(
            file="x.csv",
            sheet=("Jan", "Feb"),
            heading_row=4,
            date_format="dd-mm-yyyy",
            decimal=",",
            encoding="cp1252",
            sections="customer_id",
            sign_column="D/C",
            debit="Soll",
            credit="Haben",
            columns={"amount": 'Betrag "brutto"\n', "document_no": "单据编号"},
            constants={"currency": "USD"},
            kinds={"RV": "invoice", "Credit Memo": "credit_note"},
            signs={"H": "-", "S": "+"},
        ),
        "payments": TableMapping(from_table="documents"),
    },
    ledger_kind="open_items",
    extracted_on=dt.date(2026, 9, 30),
    name="map.toml",
)


def test_every_field_survives_writing_and_reading(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(FULL.to_toml(), encoding="utf-8")
    assert load_mapping(path) == FULL


@pytest.mark.parametrize("name", ["ibm_ar", "sap", "quickbooks", "kingdee"])
def test_shipped_mappings_survive_too(name: str, tmp_path: Path) -> None:
    mapping = load_mapping(DATA / f"{name}.toml")
    path = tmp_path / f"{name}.toml"
    path.write_text(mapping.to_toml(), encoding="utf-8")
    assert load_mapping(path) == mapping


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"documnets": {}}, "there is no key or table 'documnets'. Did you mean 'documents'?"),
        ({"documents": {"shet": "a"}}, "there is no key 'shet'. Did you mean 'sheet'?"),
        (
            {"documents": {"columns": {"amuont": "a"}}},
            "there is no column 'amuont'. Did you mean 'amount'?",
        ),
        ({"documents": {"columns": {"Invoice number": "a"}}}, "Did you mean 'document_no'?"),
        ({"documents": {"columns": "a"}}, "columns is a table"),
        (
            {"documents": {"kinds": {"RV": "invoce"}}},
            "kinds: there is no kind 'invoce'. Did you mean 'invoice'? ('RV')",
        ),
        ({"documents": {"decimal": ";"}}, "decimal ';' is not"),
        ({"documents": {"heading_row": 0}}, "heading_row '0' is not a row number"),
        ({"documents": {"signs": {"H": "minus"}}}, "write '+' or '-'"),
        ({"documents": {"signs": {"H": "-"}}}, "signs need sign_column"),
        (
            {"payments": {"from": "document"}},
            "there is no table 'document'. Did you mean 'documents'?",
        ),
        ({"ledger_kind": "open"}, "ledger_kind 'open' is not one of full, open_items"),
        ({"extracted_on": "yesterday"}, "extracted_on 'yesterday' is not a date"),
    ],
)
def test_what_is_wrong_is_said(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as fault:
        mapping_from(values)
    assert message in str(fault.value)


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such mapping file"):
        load_mapping(tmp_path / "no.toml")
    (tmp_path / "bad.toml").write_text("[documents\n")
    with pytest.raises(SettingsError, match="not a readable TOML file"):
        load_mapping(tmp_path / "bad.toml")


def test_payments_of_a_flat_export_keep_the_formats_of_the_documents() -> None:
    mapping = mapping_from(
        {
            "documents": {
                "date_format": "dd-mm-yyyy",
                "decimal": ",",
                "constants": {"currency": "USD", "kind": "invoice"},
            }
        }
    )
    assert mapping["payments"].date_format == "dd-mm-yyyy"
    assert mapping["payments"].decimal == ","
    assert mapping["payments"].constants == {"currency": "USD"}
    assert mapping["orders"] == TableMapping()


def test_payments_from_documents_become_settled_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("No,Cust,Dt,Amt,Cleared,Got\nA,C,2026-09-03,5,2026-09-30,4\n")
    columns = {"document_no": "No", "customer_id": "Cust", "issued_on": "Dt", "amount": "Amt"}
    paid = {"from": "documents", "columns": {"paid_on": "Cleared", "amount": "Got"}}
    ledger = read(
        tmp_path / "a.csv", mapping_from({"documents": {"columns": columns}, "payments": paid})
    )
    frame = ledger.tables["documents"].frame
    assert frame.select("settled_on", "paid_amount").row(0) == ("2026-09-30", "4")
    assert "payments" not in ledger.tables


def test_customers_from_documents(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "No,Cust,Firm,Dt,Amt\nA,C,,2026-09-03,5\nB,C,Acme,2026-09-03,5\nD,E,Beta,2026-09-03,5\n"
    )
    columns = {"document_no": "No", "customer_id": "Cust", "issued_on": "Dt", "amount": "Amt"}
    customers = {"from": "documents", "columns": {"customer_id": "Cust", "name": "Firm"}}
    ledger = read(
        tmp_path / "a.csv",
        mapping_from({"documents": {"columns": columns}, "customers": customers}),
    )
    frame = ledger.tables["customers"].frame
    assert frame.select("customer_id", "name").rows() == [("C", "Acme"), ("E", "Beta")]


def test_a_proposal_reads_the_file_it_was_made_from(tmp_path: Path) -> None:
    text = "Invoice no;Kunde;Rechnungsdatum;Betrag;Bezahlt am;Farbe\nR1;C;25.09.2026;1,50;02.10.2026;rot\n"
    (tmp_path / "a.csv").write_text(text)
    proposal = propose(tmp_path / "a.csv")
    written = proposal.to_toml()
    assert 'not mapped: "Farbe" (rot)' in written
    assert "constants.currency" in written
    (tmp_path / "map.toml").write_text(written, encoding="utf-8")
    mapping = load_mapping(tmp_path / "map.toml")
    assert mapping["documents"].columns == {
        "document_no": "Invoice no",
        "customer_id": "Kunde",
        "issued_on": "Rechnungsdatum",
        "amount": "Betrag",
        "settled_on": "Bezahlt am",
    }
    assert mapping["documents"].date_format == "dd/mm/yyyy"
    assert mapping["payments"].from_table == "documents"
    fresh, mapped = read(tmp_path / "a.csv"), read(tmp_path / "a.csv", mapping)
    assert fresh.tables["documents"].frame.equals(mapped.tables["documents"].frame)


def test_ambiguous_dates_are_asked_with_both_readings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "Invoice no,Customer,Date,Amount,Type\nR1,C,03/09/2026,5,RV\nR2,C,04/09/2026,5,RV\n"
    )
    written = propose(tmp_path / "a.csv").to_toml()
    assert '# issued_on: "03/09/2026" may be day/month or month/day' in written
    assert '# date_format = "dd/mm/yyyy"' in written
    assert '# date_format = "mm/dd/yyyy"' in written
    assert '# kinds."RV" = "invoice"' in written


def test_a_proposal_for_unknown_headings_names_what_is_required(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Zahl,Wer,Wann,Wieviel\nR1,C,2026-09-03,5\n")
    written = propose(tmp_path / "a.csv").to_toml()
    assert 'not mapped: "Wieviel" (5)' in written
    assert '# columns.amount = "?"' in written


def test_a_proposal_for_an_unreadable_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n")
    with pytest.raises(LedgerFileError, match="no row of it looks like headings"):
        propose(tmp_path / "a.csv")


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[1] / "docs" / "reading.md").read_text(encoding="utf-8")
    for item in dataclasses.fields(TableMapping):
        key = "from" if item.name == "from_table" else item.name
        assert f"`{key}`" in page, key
