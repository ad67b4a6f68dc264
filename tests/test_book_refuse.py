"""Workbooks that are left as they are, and what their owner is told."""

from __future__ import annotations

import re

import pytest
import xlsxwriter

from receivables.book.refuse import Refused, check_file, check_free, sheet_parts, sheet_tables
from receivables.errors import LedgerFileError
from tests.zoo.bag import Bag
from tests.zoo.kinds import without_tables

CUSTOM = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
    '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="_MarkAsFinal">'
    "<vt:bool>true</vt:bool></property></Properties>"
)


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> Bag:
    path = tmp_path_factory.mktemp("refuse") / "book.xlsx"
    workbook = xlsxwriter.Workbook(path)
    for name in ("Open items", "Mine"):
        sheet = workbook.add_worksheet(name)
        sheet.add_table("A4:C9", {"name": name.replace(" ", "_")})
        sheet.merge_range("A1:C1", "title")
    workbook.define_name("_rcv_open_items_Open_items", "='Open items'!$A$1:$C$9")
    workbook.close()
    return Bag.of(path.read_bytes())


TABLES = ("Open_items",)


def tail(name: str, xml: str):
    def change(bag: Bag) -> None:
        part = bag.sheet(name)
        if xml.startswith("<mergeCell "):
            bag.swap(part, "</mergeCells>", f"{xml}</mergeCells>")
        else:
            bag.behind_rows(part, xml)

    return change


def clear(bag: Bag) -> None:
    part = bag.sheet("Open items")
    bag.parts[part] = re.sub(rb"<v>[^<]*</v>", b"", bag.parts[part])


def in_book(xml: str):
    return lambda bag: bag.swap("xl/workbook.xml", "<bookViews>", f"{xml}<bookViews>")


CASES = {
    "signed": (
        lambda bag: bag.put("_xmlsignatures/sig1.xml", "<Signature/>"),
        "book.xlsx: it is digitally signed",
    ),
    "structure": (in_book('<workbookProtection lockStructure="1"/>'), "its structure is protected"),
    "shared": (
        lambda bag: bag.put("xl/revisions/revisionHeaders.xml", "<headers/>"),
        "it is a shared workbook",
    ),
    "reserved": (
        in_book('<fileSharing userName="M" reservationPassword="CC1A"/>'),
        "only with a password for writing",
    ),
    "final": (lambda bag: bag.put("docProps/custom.xml", CUSTOM), "it is marked as final"),
    "sheet": (
        tail("Open items", '<sheetProtection sheet="1" objects="1"/>'),
        "sheet 'Open items' is protected",
    ),
    "merged": (
        tail("Open items", '<mergeCell ref="C7:D8"/>'),
        "cells C7:D8 on sheet 'Open items' are merged across table Open_items",
    ),
    "not ours": (
        lambda bag: bag.swap("xl/workbook.xml", "_rcv_open_items_", "my_"),
        "holds a table Open_items that receivables did not make",
    ),
    "no table": (
        without_tables,
        "the table Open_items on sheet 'Open items' is no table any more, though its cells are there (rows 1 to 9)",
    ),
    "renamed and merged": (
        lambda bag: (
            bag.swap("xl/tables/table1.xml", 'displayName="Open_items"', 'displayName="Debtors"'),
            tail("Open items", '<mergeCell ref="C7:D8"/>')(bag),
        ),
        "are merged across table Debtors",
    ),
    "query": (
        lambda bag: bag.swap("xl/tables/table1.xml", "<table ", '<table tableType="queryTable" '),
        "is filled by a query",
    ),
}  # fmt: skip

ALLOWED = {
    "as it is": lambda _: None,
    "window": in_book('<workbookProtection lockWindows="1"/>'),
    "recommended": in_book('<fileSharing readOnlyRecommended="1"/>'),
    "cleared": lambda bag: (without_tables(bag), clear(bag)),
    "own sheet": tail("Mine", '<sheetProtection sheet="1"/>'),
    "own merge": tail("Mine", '<mergeCell ref="A5:C6"/>'),
    "beside": tail("Open items", '<mergeCell ref="E5:F6"/>'),
    "taken off": tail("Open items", '<sheetProtection sheet="0" objects="1"/>'),
}


@pytest.mark.parametrize("case", CASES)
def test_a_workbook_that_must_not_change_is_refused(free: Bag, case: str):
    change, told = CASES[case]
    bag = free.copy()
    change(bag)
    with pytest.raises(Refused) as caught:
        check_free(bag.package("book.xlsx"), TABLES)
    assert told in str(caught.value)
    assert str(caught.value).endswith("Nothing was changed.")


@pytest.mark.parametrize("case", ALLOWED)
def test_what_does_not_concern_us_is_no_reason(free: Bag, case: str):
    bag = free.copy()
    ALLOWED[case](bag)
    check_free(bag.package("book.xlsx"), TABLES)


@pytest.mark.parametrize("lock", ["~$ledger.xlsx", "~$dger.xlsx", ".~lock.ledger.xlsx#"])
def test_an_open_workbook_is_refused(free: Bag, tmp_path, lock: str):
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(free.content())
    check_file(path)
    (tmp_path / lock).write_bytes(b"")
    with pytest.raises(Refused, match="the workbook is open"):
        check_file(path)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "only .xlsx and .xlsm"),
        ("a.xlsx", b"a,b\n1,2\n", "only .xlsx and .xlsm"),
        ("a.xlsx", b"PK\x03\x04 cut", "damaged or cut off"),
        ("a.xlsx", b"", "empty"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(tmp_path, name: str, content: bytes, told: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LedgerFileError, match=told):
        check_file(path)
    assert path.read_bytes() == content


def test_other_kinds_of_workbook_are_refused(free: Bag, tmp_path):
    path = tmp_path / "ledger.xlsb"
    path.write_bytes(free.content())
    with pytest.raises(Refused, match="refreshed in place"):
        check_file(path)


def test_sheets_and_tables_are_found(free: Bag):
    package = free.package()
    parts = sheet_parts(package)
    assert list(parts) == ["Open items", "Mine"]
    assert [name for name, _, _ in sheet_tables(package, parts["Open items"])] == ["Open_items"]
