"""Whole exports: folders, parquet, and three invented ones with totals counted by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from receivables.errors import SettingsError
from receivables.ledger.check import check
from receivables.ledger.mapping import load_mapping, mapping_from
from receivables.ledger.read import read
from tests.readings import DATA, DAY, column, documents, totals


def test_folder_of_csv_with_settings(tmp_path: Path) -> None:
    (tmp_path / "documents.csv").write_text(
        "document_no,customer_id,issued_on,amount\nR1,C,2026-09-03,5\n"
    )
    (tmp_path / "customers.csv").write_text("customer_id,name\nC,Acme\n")
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    (tmp_path / "settings.toml").write_text('edges = [15, 30]\nbase = "issued"\n')
    ledger = read(tmp_path)
    assert set(ledger.tables) == {"documents", "customers"}
    assert ledger.settings == {"edges": "15,30", "base": "issued"}
    assert [issue.file for issue in ledger.issues if issue.code == "sheet_not_read"] == [
        "notes.csv"
    ]


def test_typed_parquet_becomes_exact_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "document_no": [123, 124],
            "customer_id": ["00123", None],
            "issued_on": [dt.date(2026, 9, 3), None],
            "posted_on": [DAY, None],
            "amount": pl.Series(["1234.10", "-0.05"]).cast(pl.Decimal(18, 2)),
            "tax_amount": [1e16, 0.1],
            "insured": [True, False],
        }
    )
    folder = tmp_path / "ledger"
    folder.mkdir()
    frame.write_parquet(folder / "documents.parquet")
    for path in (folder, folder / "documents.parquet"):
        ledger = read(path)
        assert column(ledger, "document_no") == ["123", "124"]
        assert column(ledger, "issued_on") == ["2026-09-03", None]
        assert column(ledger, "posted_on") == ["2026-09-03 00:00:00", None]
        assert column(ledger, "amount") == ["1234.10", "-0.05"]
        assert column(ledger, "tax_amount") == ["10000000000000000", "0.1"]
        assert column(ledger, "insured") == ["true", "false"]
        assert ledger.sources[0].cell(2, "amount") == "row 2"


def test_debit_and_credit_columns_and_signs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "No;Cust;Date;Debit;Credit\nA;C;2026-09-03;5,00;0,00\nB;C;2026-09-03;;7,50\nC;C;2026-09-03;1;2\n"
    )
    part = {"document_no": "No", "customer_id": "Cust", "issued_on": "Date"}
    mapping = mapping_from({"documents": {"debit": "Debit", "credit": "Credit", "columns": part}})
    assert column(read(tmp_path / "a.csv", mapping), "amount") == ["5,00", "-7,50", "1 / 2"]
    (tmp_path / "b.csv").write_text(
        "No;Cust;Date;Amount;D/C\nA;C;2026-09-03;5,00;S\nB;C;2026-09-03;7,50;H\n"
    )
    part = {**part, "amount": "Amount"}
    mapping = mapping_from(
        {"documents": {"sign_column": "D/C", "signs": {"H": "-", "S": "+"}, "columns": part}}
    )
    assert column(read(tmp_path / "b.csv", mapping), "amount") == ["5,00", "-7,50"]


def test_sap_list() -> None:
    ledger = read(DATA / "sap.txt", load_mapping(DATA / "sap.toml"))
    assert totals(ledger, decimal=",") == {
        "0000100123": Decimal("48173.48"),
        "0000100456": Decimal("36540.07"),
        "0000200001": Decimal("51462.16"),
        "0000000777": Decimal("17703.00"),  # 35,404.00 less credit notes of 17,701.00
    }
    paid = ledger.tables["payments"].frame
    assert paid.get_column("amount").to_list() == ["2.233,63", "4.425,75", "6.617,87"]
    assert paid.get_column("kind").unique().to_list() == ["payment"]
    assert len(column(ledger, "customer_id", "customers")) == 4


def test_quickbooks_sections() -> None:
    ledger = read(DATA / "quickbooks.csv", load_mapping(DATA / "quickbooks.toml"))
    received = sum(Decimal(text or 0) for text in column(ledger, "amount", "payments"))
    assert totals(ledger) == {
        "Amy's Bird Sanctuary": Decimal(
            "1460.25"
        ),  # the printed 1,093.50 before a payment of 366.75
        "Cool Cars": Decimal("2180.25"),
        "Total Fitness LLC": Decimal("2900.25"),
        "Weiskopf Consulting": Decimal("3620.25"),
    }
    assert sum(totals(ledger).values()) - received == Decimal("7974.00")


@pytest.mark.parametrize("name", ["kingdee.xlsx", "kingdee.csv"])
def test_kingdee_twins(name: str) -> None:
    ledger = read(DATA / name, load_mapping(DATA / "kingdee.toml"))
    assert totals(ledger) == {
        "00018": Decimal("200850.18"),
        "00235": Decimal("194363.14"),
        "01002": Decimal("187875.10"),
    }
    paid = sum(Decimal((text or "0").replace(",", "")) for text in column(ledger, "paid_amount"))
    assert paid == Decimal("76772.10")
    assert "深圳市华强电子股份有限公司" in column(ledger, "name", "customers")


def test_the_exports_of_this_folder_are_what_their_script_writes(tmp_path: Path) -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("exports", DATA / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.HERE = tmp_path
    for write in (module.sap, module.quickbooks, module.kingdee):
        write()
    for name in ("sap.txt", "quickbooks.csv", "kingdee.csv"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name
    mapping = load_mapping(DATA / "kingdee.toml")
    fresh, kept = (
        documents(read(folder / "kingdee.xlsx", mapping)) for folder in (tmp_path, DATA)
    )
    assert fresh.equals(kept)


def test_mapped_heading_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Invoice no,Customer,Date,Amount\nR1,C,2026-09-03,5\n")
    mapping = mapping_from(
        {"documents": {"columns": {"document_no": "Invoice no", "amount": "Amonut"}}}
    )
    with pytest.raises(
        SettingsError, match=r"heading 'Amonut', which is not there\. Did you mean 'Amount'"
    ):
        read(tmp_path / "a.csv", mapping)


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    read(
        DATA / "sap.txt",
        load_mapping(DATA / "sap.toml"),
        progress=lambda what, _done, _of: told.append(what),
    )
    assert told == ["opening", "reading documents"]


@pytest.mark.parametrize(
    ("name", "mapping", "documents_total", "received"),
    [
        ("sap.txt", "sap.toml", 15387871, 1327725),  # the printed 140,601.46 is the difference
        ("quickbooks.csv", "quickbooks.toml", 1016100, 218700),  # 7,974.00
        ("kingdee.xlsx", "kingdee.toml", 58308842, 0),
        ("kingdee.csv", "kingdee.toml", 58308842, 0),
    ],
)
def test_checked_exports_set_nothing_aside(
    name: str, mapping: str, documents_total: int, received: int
) -> None:
    rules = load_mapping(DATA / mapping)
    ledger = check(read(DATA / name, rules), rules)
    assert ledger["documents"]["amount"].sum() == documents_total
    assert ledger["payments"]["amount"].sum() == received
    assert ledger.set_aside.height == 0
    assert [issue for issue in ledger.issues if issue.level != "note"] == []
