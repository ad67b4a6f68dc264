"""Tables of a web page or of Excel 2003 XML, which many systems export under the name .xls."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import polars as pl

from receivables.errors import LedgerFileError
from receivables.ledger.grid import ROW, Area, Grid, letters, tidy
from receivables.ledger.textfile import decode

MAX_SPAN = 1000
"""A wider span than any table has columns is a slip of the exporter."""

LINE_BREAKS = {"br", "p", "div", "li"}
XML_NAMES = {"worksheet": "table", "row": "tr", "cell": "td"}


def html_grids(path: Path, data: bytes) -> list[Grid]:
    """Every table of a page (or sheet of an Excel 2003 XML file) that holds anything.

    Raises:
        LedgerFileError: there is no table in it.
    """
    declared = re.search(rb"charset=[\"']?([\w-]+)|encoding=[\"']([\w-]+)", data[:4096])
    name = (declared[1] or declared[2]).decode() if declared else ""
    try:
        text, encoding = decode(path, data, name)
    except LedgerFileError:
        text, encoding = decode(path, data)
    reader = _Tables()
    reader.feed(text)
    reader.close()
    grids = [_grid(path, number, table) for number, table in enumerate(reader.tables, start=1)]
    full = [grid for grid in grids if grid.frame.height]
    if not full:
        raise LedgerFileError(
            f"{path}: a web page without a table. Export the ledger as xlsx or csv."
        )
    for grid in full:
        grid.notes += ["HTML or XML table, not a workbook", f"encoding {encoding}"]
    return full


class _Table:
    """The cells of one table, spans spread over the places they cover."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[int, dict[int, str]] = {}
        self.taken: set[tuple[int, int]] = set()
        self.merges: list[Area] = []
        self.row = 0
        self.column = 0

    def next_row(self, number: str) -> None:
        self.row = int(number) if number.isdigit() else self.row + 1
        self.column = 0

    def next_cell(self, index: str, across: int, down: int) -> None:
        self.column = int(index) if index.isdigit() else self.column + 1
        while (self.row, self.column) in self.taken:
            self.column += 1
        if across > 1 or down > 1:
            right, bottom = self.column + across - 1, self.row + down - 1
            self.merges.append(Area("", self.row, self.column, bottom, right))
            for row in range(self.row, bottom + 1):
                self.taken.update((row, column) for column in range(self.column, right + 1))

    def put(self, text: str) -> None:
        if text:
            self.rows.setdefault(self.row, {})[self.column] = text


class _Tables(HTMLParser):
    """Collects the tables of a page; a table inside a cell stands for itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.texts: list[list[str]] = []
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _plain(tag)
        values = {name.rpartition(":")[2]: value or "" for name, value in attrs}
        if tag == "table":
            self._end_cell()
            if not (self.open and not self.open[-1].row):
                self.open.append(_Table(values.get("name", "")))
                self.tables.append(self.open[-1])
        elif tag == "tr" and self.open:
            self._end_cell()
            self.open[-1].next_row(values.get("index", ""))
        elif tag in {"td", "th"} and self.open:
            self._end_cell()
            across = _span(values, "colspan", "mergeacross")
            self.open[-1].next_cell(
                values.get("index", ""), across, _span(values, "rowspan", "mergedown")
            )
            self.texts.append([])
        elif tag in LINE_BREAKS and self.texts and self.texts[-1]:
            self.texts[-1].append("\n")

    def handle_endtag(self, tag: str) -> None:
        tag = _plain(tag)
        if tag in {"td", "th", "tr"}:
            self._end_cell()
        elif tag == "table" and self.open:
            self._end_cell()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.texts:
            self.texts[-1].append(data)

    def _end_cell(self) -> None:
        if self.texts and self.open:
            text = "".join(self.texts.pop())
            if "\n" in text:
                lines = (" ".join(line.split()) for line in text.split("\n"))
                text = "\n".join(filter(None, lines))
            self.open[-1].put(" ".join(text.split()) if "\n" not in text else text)


@cache
def _plain(tag: str) -> str:
    """Name of a tag without prefix, that of HTML for its twin in Excel 2003 XML."""
    name = tag.rpartition(":")[2]
    return XML_NAMES.get(name, name)


def _span(values: dict[str, str], html: str, xml: str) -> int:
    if values.get(html, "").isdigit():
        return max(1, min(int(values[html]), MAX_SPAN))
    extra = values.get(xml, "")
    return min(int(extra) + 1, MAX_SPAN) if extra.isdigit() else 1


def _grid(path: Path, number: int, table: _Table) -> Grid:
    width = max((max(row) for row in table.rows.values()), default=1)
    places = range(1, width + 1)
    columns = {
        f"c{place - 1}": [row.get(place) for row in table.rows.values()] for place in places
    }
    schema = {name: pl.String() for name in columns}
    frame = pl.DataFrame(columns, schema=schema).with_columns(
        pl.Series(ROW, list(table.rows), dtype=pl.Int64)
    )
    grid = Grid(path.name, table.name or (f"table {number}" if number > 1 else ""), tidy(frame))
    grid.letters = letters(1, width)
    grid.merges = tuple(table.merges)
    return grid
