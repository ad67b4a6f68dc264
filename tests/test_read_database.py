"""A database gives the same text as the file it came from."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import adbc_driver_postgresql.dbapi as driver
import duckdb
import pytest

from receivables.errors import LedgerFileError
from receivables.ledger.mapping import mapping_from
from receivables.ledger.model import RawLedger
from receivables.ledger.read import read

TABLES = """
create table documents (document_no varchar(20), customer_id varchar(20), kind varchar(20), issued_on date,
    entered_on timestamp, amount numeric(18,2), currency char(3), "Order No" integer, secured_share double precision, insured boolean);
insert into documents values ('R1', '00123', 'invoice', '2026-09-03', '2026-09-03 10:11:12', 1234.10, 'EUR', 7, 0.1, true);
insert into documents values ('R2', '上海', 'invoice', null, null, -0.05, 'EUR', null, 1e-7, false);
create table customers (customer_id varchar(20), name varchar(80));
insert into customers values ('00123', 'O''Hara "Ltd"');
create table other_things (a integer);
"""
EXPECTED = {
    "document_no": ["R1", "R2"],
    "customer_id": ["00123", "上海"],
    "kind": ["invoice", "invoice"],
    "issued_on": ["2026-09-03", None],
    "entered_on": ["2026-09-03 10:11:12", None],
    "amount": ["1234.10", "-0.05"],
    "currency": ["EUR", "EUR"],
    "order_no": ["7", None],
    "secured_share": ["0.1", "0.0000001"],
    "insured": ["true", "false"],
}


def fill_postgres(url: str, script: str) -> None:
    with driver.connect(url) as base, base.cursor() as cursor:
        for statement in filter(None, map(str.strip, script.split(";"))):
            cursor.execute(statement)
        base.commit()


def check(ledger: RawLedger) -> None:
    frame = ledger.tables["documents"].frame
    assert {name: frame.get_column(name).to_list() for name in EXPECTED} == EXPECTED
    assert frame.get_column("_row").to_list() == [1, 2]
    assert ledger.sources[0].cell(2, "amount") == "row 2"
    names = ledger.tables["customers"].frame.get_column("name").to_list()
    assert names == ['O\'Hara "Ltd"']


def test_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "my ledger.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute(TABLES)
    check(read(f"duckdb:///{path}"))
    check(read(path))


def test_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    base = sqlite3.connect(path)
    base.executescript(TABLES)
    base.close()
    for where in (f"sqlite:///{path}", path):
        frame = read(where).tables["documents"].frame
        assert frame.get_column("amount").to_list() == ["1234.1", "-0.05"]
        assert frame.get_column("customer_id").to_list() == ["00123", "上海"]
        assert frame.get_column("issued_on").to_list() == ["2026-09-03", None]


def test_postgresql(postgres: str) -> None:
    fill_postgres(postgres, TABLES)
    ledger = read(postgres)
    check(ledger)
    assert "tester" not in ledger.sources[0].file


def test_postgresql_schema_and_mapped_table(postgres: str) -> None:
    fill_postgres(
        postgres,
        'create schema "Erp"; create table "Erp"."T 1" (no text, cust text, dt date, amt numeric(12,3)); '
        "insert into \"Erp\".\"T 1\" values ('A', 'C', '2026-09-03', 1.125)",
    )
    columns = {"document_no": "no", "customer_id": "cust", "issued_on": "dt", "amount": "amt"}
    mapping = mapping_from({"documents": {"file": "T 1", "columns": columns}})
    ledger = read(f"{postgres}?schema=Erp", mapping)
    assert ledger.tables["documents"].frame.get_column("amount").to_list() == ["1.125"]


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql.dbapi", None)
    with pytest.raises(LedgerFileError, match=r"receivables\[postgres\]"):
        read("postgresql://localhost/x")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (tmp_path / "a.duckdb").write_bytes(b"")
    with pytest.raises(LedgerFileError, match=r"receivables\[duckdb\]"):
        read(tmp_path / "a.duckdb")


def test_a_server_that_is_not_there_and_a_table_that_is_not_there(
    postgres: str, tmp_path: Path
) -> None:
    with pytest.raises(LedgerFileError, match="the database refused"):
        read("postgresql://nobody@127.0.0.1:1/x")
    with pytest.raises(LedgerFileError, match="no table is called documents"):
        read(f"{postgres}?schema=pg_catalog")
    with pytest.raises(LedgerFileError, match="no table 'invoices_x'"):
        read(postgres, mapping_from({"documents": {"file": "invoices_x"}}))
    with pytest.raises(LedgerFileError, match="no such database file"):
        read(f"duckdb:///{tmp_path}/nowhere.duckdb")
    with pytest.raises(LedgerFileError, match="duckdb, sqlite"):
        read("oracle://x/y")
