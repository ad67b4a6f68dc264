"""Rows and cells of a sheet's XML, found in whole-array steps as a reader finds them one by one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.book import cell_scan
from receivables.book.sheet_xml import SheetXml
from receivables.errors import LedgerFileError

ROWS = (
    b'<row r="1" spans="1:2"><c r="A1" t="inlineStr"><is><t>cc row</t></is></c></row>'
    b'<row r="2"/>'
    b'<row r="9" ht="30" customHeight="1"><c r="B9" s="12"/><c r="XFD9" s="3"><v>1</v></c></row>\n'
    b'<row r="10"><c r="AA10"><f>A1</f><v>2</v></c> </row>'
)


def sheet(rows: bytes) -> SheetXml:
    return SheetXml(b"<worksheet><sheetData>" + rows + b"</sheetData><pageMargins/></worksheet>")


def told(xml: SheetXml, first: int, last: int) -> list[tuple[int, int, int, str]]:
    cells = xml.cells(first, last)
    table = (
        cells.row.tolist(),
        cells.column.tolist(),
        cells.style.tolist(),
        cells.xml().to_list(),
    )
    return list(zip(*table, strict=True))


def one_by_one(rows: bytes, first: int, last: int) -> list[tuple[int, int, int, str]]:
    found = []
    for row in SheetXml(b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>").rows(
        first, last
    ):
        for column, cell in row.cells.items():
            style = re.match(rb'<c r="[A-Z]+\d+" s="(\d+)"', cell)
            found.append((row.number, column, int(style[1]) if style else 0, cell.decode()))
    return found


def test_cells_of_all_rows() -> None:
    assert [item[:3] for item in told(sheet(ROWS), 1, 10)] == [
        (1, 1, 0), (9, 2, 12), (9, 16_384, 3), (10, 27, 0),
    ]  # fmt: skip
    assert told(sheet(ROWS), 9, 9) == one_by_one(ROWS, 9, 9)


def test_rows_that_are_not_there() -> None:
    xml = sheet(ROWS)
    assert (xml.last, told(xml, 2, 8), told(xml, 11, 99)) == (10, [], [])
    assert (sheet(b"").last, told(sheet(b""), 1, 5)) == (0, [])


def test_tags_that_say_more_than_a_number() -> None:
    assert sheet(ROWS).attributes(1, 10) == {1: b'spans="1:2"', 9: b'ht="30" customHeight="1"'}


def test_rows_without_numbers_are_numbered() -> None:
    rows = [b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 40_001)]
    rows[19_999] = b'<row ht="9"><c r="A20000"><v>2</v></c></row>'
    xml = sheet(b"".join(rows))
    assert (xml.last, xml.attributes(1, 40_000)) == (40_000, {20_000: b'ht="9"'})


def test_cell_without_address_is_refused() -> None:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 30_000)
    )
    with pytest.raises(LedgerFileError, match="cells without address in the rows 1 to 29999"):
        sheet(rows.replace(b'<c r="A15000">', b'<c s="1">')).cells(1, 29_999)


def test_blocks_hide_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(sheet(ROWS), 1, 10)
    for size in range(3, 40):
        monkeypatch.setattr(cell_scan, "_BLOCK", size)
        assert told(sheet(ROWS), 1, 10) == whole


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 30),
            st.lists(st.tuples(st.integers(0, 701), st.integers(0, 99_999)), max_size=6),
        ),
        max_size=8,
    ),
    st.integers(1, 120), st.integers(0, 120),
)  # fmt: skip
def test_same_cells_as_one_by_one(
    steps: list[tuple[int, list[tuple[int, int]]]], first: int, count: int
) -> None:
    number, rows = 0, b""
    for step, cells in steps:
        number += step
        inner = b"".join(
            b'<c r="%s%d"%s/>' % (_letters(column), number, b' s="%d"' % style if style else b"")
            for column, style in sorted(dict(cells).items())
        )
        rows += b'<row r="%d">%s</row>' % (number, inner)
    xml = sheet(rows)
    assert told(xml, first, first + count) == one_by_one(rows, first, first + count)
    by_column = xml.cells(1, 999).by_column()
    assert sum(map(len, by_column.values())) == xml.cells(1, 999).row.size


def _letters(column: int) -> bytes:
    high, low = divmod(column, 26)
    return (bytes([64 + high]) if high else b"") + bytes([65 + low])
