"""What a user does to a living workbook, done to its parts: paste a ledger, type a note, add a column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl.utils import get_column_letter, range_boundaries

from receivables.book.input_sheets import heading, input_rows
from receivables.days import EXCEL_1900
from receivables.ledger.schema import tables
from tests.zoo.bag import Bag

HEAD_ROW = 3


def paste(path: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    """Rows below the headings of the input tables, in their columns; the tables grow as Excel grows them."""
    bag = Bag.of(path.read_bytes())
    for table, frame in frames.items():
        if table in input_rows() and frame.height:
            _paste(bag, table, frame)
    path.write_bytes(bag.content())


def type_into(path: Path, sheet: str, cells: Mapping[str, str]) -> None:
    """Words into cells of a sheet, over what stood there."""
    bag = Bag.of(path.read_bytes())
    for address, words in cells.items():
        _type(bag, bag.sheet(sheet), address, words)
    path.write_bytes(bag.content())


def add_column(path: Path, sheet: str, table: str, title: str, cells: Mapping[int, str]) -> None:
    """A column of the user's at the right end of a table, with words in some of its rows."""
    bag = Bag.of(path.read_bytes())
    name, ref = _table(bag, table)
    left, top, right, bottom = range_boundaries(ref)
    wide = f"{get_column_letter(left)}{top}:{get_column_letter(right + 1)}{bottom}"
    xml = bag.text(name).replace(f'ref="{ref}"', f'ref="{wide}"')
    number = max(map(int, re.findall(r'<tableColumn id="(\d+)"', xml))) + 1
    xml = xml.replace(
        "</tableColumns>", f'<tableColumn id="{number}" name="{title}"/></tableColumns>'
    )
    count = xml.count("<tableColumn ")
    xml = re.sub(r'<tableColumns count="\d+"', f'<tableColumns count="{count}"', xml)
    bag.parts[name] = xml.encode()
    letters = get_column_letter(right + 1)
    for row, words in {top: title, **cells}.items():
        _type(bag, bag.sheet(sheet), f"{letters}{row}", words)
    path.write_bytes(bag.content())


def _paste(bag: Bag, table: str, frame: pl.DataFrame) -> None:
    given = input_rows()[table]
    schema = tables()[table]
    places = {column: at for at, column in enumerate(schema, 1)}
    part = bag.sheet(given["en"])
    styles = _styles(bag.text(part))
    rows = []
    for number, row in enumerate(frame.iter_rows(named=True), HEAD_ROW + 1):
        cells = sorted((places[name], value) for name, value in row.items() if name in places)
        made = "".join(
            _cell(f"{get_column_letter(at)}{number}", value, styles.get(at, 0), kind)
            for at, value in cells
            if value is not None
            for kind in [[*schema.values()][at - 1].type]
        )
        rows.append(f'<row r="{number}">{made}</row>')
    bag.swap(part, "</sheetData>", "".join(rows) + "</sheetData>")
    name, ref = _table(bag, given["name"])
    assert [heading(column, "en") for column in schema.values()] == re.findall(
        r'<tableColumn [^>]*name="([^"]*)"', bag.text(name)
    )
    last = max(frame.height + HEAD_ROW, range_boundaries(ref)[3])
    grown = re.sub(r"\d+$", str(last), ref)
    bag.parts[name] = bag.text(name).replace(f'ref="{ref}"', f'ref="{grown}"').encode()


def _styles(sheet: str) -> dict[int, int]:
    """Style of each column of a sheet, which a pasted value takes on."""
    found = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]*? style="(\d+)"', sheet)
    return {
        place: int(style)
        for first, last, style in found
        for place in range(int(first), int(last) + 1)
    }


def _cell(address: str, value: Any, style: int, kind: str) -> str:
    start = f'<c r="{address}" s="{style}"'
    if isinstance(value, date):
        return f"{start}><v>{(value - EXCEL_1900).days}</v></c>"
    text = {True: "yes", False: "no"}.get(value, str(value)) if value is not None else ""
    if kind in {"amount", "rate", "number", "integer"} and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f"{start}><v>{text}</v></c>"
    return f'{start} t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _type(bag: Bag, part: str, address: str, words: str) -> None:
    letters, row = re.fullmatch(r"([A-Z]+)(\d+)", address).groups()
    inside = f"<is><t>{escape(words)}</t></is>"
    old = re.search(rf'<c r="{address}"([^>]*?)(?:/>|>.*?</c>)', bag.text(part), re.DOTALL)
    if old is None:
        bag.cells(part, int(row), {letters: f't="inlineStr"|{inside}'})
        return
    style = re.search(r' s="\d+"', old[1])
    cell = f'<c r="{address}"{style[0] if style else ""} t="inlineStr">{inside}</c>'
    bag.parts[part] = bag.text(part).replace(old[0], cell, 1).encode()


def _table(bag: Bag, name: str) -> tuple[str, str]:
    """Part and area of a table."""
    for part in bag.parts:
        if part.startswith("xl/tables/") and f' displayName="{name}"' in bag.text(part):
            return part, re.search(r' ref="([^"]+)"', bag.text(part))[1]
    raise AssertionError(f"no table {name}")
