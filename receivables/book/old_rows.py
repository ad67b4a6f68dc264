"""What stands in the body rows of a table before a refresh: keys, texts, and cells to keep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from html import unescape

import numpy as np
import polars as pl

from receivables import money
from receivables.book.blocks import FoundBlock
from receivables.book.cell_scan import Cells, Numbers
from receivables.book.package import Package
from receivables.book.sheet_xml import SheetXml
from receivables.days import EXCEL_1900, EXCEL_1904
from receivables.report.spec import ColumnSpec, TableSpec

_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_RUN = re.compile(rb"<(?:\w+:)?t\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?t>)", re.DOTALL)
_READING = re.compile(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)
_CONTROL = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SharedTexts:
    """Texts that a workbook keeps apart from its cells, read when first asked for."""

    def __init__(self, book: Package) -> None:
        self._book = book

    @cached_property
    def epoch(self) -> date:
        """Day 0 of the workbook's dates: some count from 1904."""
        xml = self._book.part("xl/workbook.xml")
        later = re.search(rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(?:1|true)"', xml)
        return EXCEL_1904 if later else EXCEL_1900

    @cached_property
    def texts(self) -> pl.Series:
        """Every text by its number."""
        part = next(
            (
                item.target
                for item in self._book.relations("xl/workbook.xml")
                if item.kind == "sharedStrings"
            ),
            "",
        )
        xml = self._book.part(part) if part else b""
        return pl.Series(
            [_text(match[1] or b"") for match in _ITEM.finditer(xml)], dtype=pl.String
        )


def _text(item: bytes) -> str:
    runs = _RUN.findall(_READING.sub(b"", item) if b"rPh" in item else item)
    return plain_text(b"".join(runs).decode())


def plain_text(xml: str) -> str:
    r"""Text as its user typed it.

    >>> plain_text("Meyer &amp; Söhne_x000D_")
    'Meyer & Söhne\r'
    """
    text = unescape(xml)
    return _CONTROL.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


def cell_texts(cells: pl.Series, shared: SharedTexts) -> pl.Series:
    """Text or stored value of cells given as XML; blank for an empty one."""
    simple = not cells.str.contains("<v", literal=True).any()
    if simple and (cells.str.count_matches("</t>", literal=True).max() or 0) <= 1:  # type: ignore[operator]
        raw = cells.str.extract(r"<t(?:\s[^>]*)?>([^<]*)</t>")
        return _unescaped(raw.fill_null(""))
    return _any_texts(cells, shared)


def _any_texts(cells: pl.Series, shared: SharedTexts) -> pl.Series:
    """The same for numbers, texts kept apart, and texts in several formats."""
    frame = cells.alias("xml").to_frame()
    kind = pl.col("xml").str.extract(r'^[^>]*\bt="(\w+)"')
    value = pl.col("xml").str.extract(r"<v[^>]*>([^<]*)</v>")
    found = frame.select(kind.alias("kind"), value.alias("value"))
    inline = pl.col("xml").str.extract_all(r"<t\b[^>]*>[^<]*</t>").list.join("")
    text = frame.select(inline.str.replace_all(r"<[^>]*>", "")).to_series()
    known = (found["kind"] == "s").fill_null(value=False)
    if known.any():
        number = found["value"].cast(pl.Int64, strict=False)
        pick = pl.select(pl.when(known).then(number)).to_series()
        strings = shared.texts.gather(pick)
    else:
        strings = pl.repeat(None, len(cells), dtype=pl.String, eager=True)
    raw = _unescaped(pl.select(pl.coalesce(found["value"], text, pl.lit(""))).to_series())
    return pl.select(pl.when(known).then(strings).otherwise(raw).fill_null("")).to_series()


def _unescaped(raw: pl.Series) -> pl.Series:
    """Texts as typed; a call per text would cost more than the rest, so only where it is due."""
    due = raw.str.contains_any(["&", "_x"])
    if not due.any():
        return raw
    places = due.arg_true()
    texts = [plain_text(item) for item in raw.gather(places).to_list()]
    return raw.scatter(places, pl.Series(texts, dtype=pl.String))


class OldRows:
    """Body rows of one table of ours."""

    def __init__(self, block: FoundBlock, xml: SheetXml, shared: SharedTexts) -> None:
        if block.table is None or not isinstance(block.block, TableSpec):
            raise TypeError(f"{block.name} is no table")
        self.block, self.table, self.spec = block, block.table, block.block
        self.shared = shared
        self.cells: Cells = xml.cells(self.table.first, self.table.last)
        self.xml = xml

    @property
    def count(self) -> int:
        """Rows of the body."""
        return self.table.last - self.table.first + 1

    def of(self, column: int) -> Cells:
        """Cells of a sheet column, from top to bottom."""
        return self.cells.only(self._places(column))

    def styles(self, column: int) -> Numbers:
        """Formats of the cells of a sheet column, from top to bottom."""
        return self.cells.style[self._places(column)]

    def _places(self, column: int) -> Numbers:
        return self._by_column.get(column, np.zeros(0, dtype=np.int64))

    @cached_property
    def _by_column(self) -> dict[int, Numbers]:
        return self.cells.by_column()

    def rest(self, column: int) -> pl.Series:
        """Cells of a sheet column, one per row, without their address; null = no cell."""
        found = self.of(column)
        return self.spread(found, found.rest())

    def spread(self, found: Cells, values: pl.Series) -> pl.Series:
        """Values of some cells by row of the body."""
        places = pl.Series(found.row - self.table.first)
        whole = pl.repeat(None, self.count, dtype=values.dtype, eager=True)
        return whole.scatter(places, values) if len(places) else whole

    def texts(self, column: int) -> pl.Series:
        """Texts of a sheet column, one per row."""
        found = self.of(column)
        return self.spread(found, cell_texts(found.xml(), self.shared)).fill_null("")

    @cached_property
    def keys(self) -> pl.Series | None:
        """Key of every row; None if the table has no keys or none of their columns is left."""
        columns = [name for name in self.spec.key if name in self.block.columns]
        if not columns:
            return None
        kinds = {column.name: column for column in self.spec.columns}
        texts = [_canonical(self.texts(self.block.columns[name]), kinds[name]) for name in columns]
        return _joined(texts)

    @cached_property
    def outside(self) -> list[int]:
        """Sheet columns beside the table in which its rows hold cells."""
        area = self.table.area
        return [item for item in self._by_column if not area.left <= item <= area.right]

    def match(self) -> pl.Series:
        """For each new row the old row (from 0) that it was; null = a new one.

        Rows with the same key are told apart by their order. A table without rows has one blank
        row, which goes on from a blank one.
        """
        height = self.spec.frame.height
        old = self.keys
        if not height:
            blank = self.count > 0 and (old is None or old[0].strip("\x1f") == "")
            return pl.Series([0 if blank else None], dtype=pl.Int64)
        if old is None:
            if self.spec.key:
                return pl.repeat(None, height, dtype=pl.Int64, eager=True)
            places = pl.int_range(height, eager=True)
            return pl.select(pl.when(places < self.count).then(places)).to_series()
        new = new_keys(
            self.spec, [name for name in self.spec.key if name in self.block.columns],
            self.shared.epoch,
        )  # fmt: skip
        return _matched(old, new)


def _matched(old: pl.Series, new: pl.Series) -> pl.Series:
    """Place in `old` of each key of `new`; the n-th of several alike goes with the n-th."""
    before = pl.DataFrame({"key": old}).with_row_index("old")
    after = pl.DataFrame({"key": new})
    by = ["key"]
    if old.n_unique() < len(old) or new.n_unique() < len(new):
        number = pl.int_range(pl.len()).over("key").alias("number")
        before, after = before.with_columns(number), after.with_columns(number)
        by = ["key", "number"]
    joined = after.join(before, on=by, how="left", maintain_order="left")
    return joined["old"].cast(pl.Int64)


def new_keys(spec: TableSpec, columns: Sequence[str], epoch: date = EXCEL_1900) -> pl.Series:
    """Keys of the rows that a refresh writes."""
    kinds = {column.name: column for column in spec.columns}
    return _joined([_new_texts(spec, kinds[name], epoch) for name in columns])


def _joined(texts: Sequence[pl.Series]) -> pl.Series:
    named = [text.alias(str(place)) for place, text in enumerate(texts)]
    return pl.DataFrame(named).select(pl.concat_str(pl.all(), separator="\x1f")).to_series()


def _new_texts(spec: TableSpec, column: ColumnSpec, epoch: date) -> pl.Series:
    series = spec.frame[column.name]
    match column.kind:
        case "date":
            series = (series - epoch).dt.total_days()
        case "flag":
            series = series.cast(pl.Int8)
        case "money":
            source = column.currency_column or spec.currency_column
            codes = spec.frame[source].to_list() if source else [spec.currency] * len(series)
            pairs = zip(series.to_list(), codes, strict=True)
            series = pl.Series(
                [None if minor is None else minor / 10 ** money.exponent(code or "") for minor, code in pairs],
                dtype=pl.Float64,
            )  # fmt: skip
        case _:
            pass
    return _canonical(series.cast(pl.String).fill_null(""), column)


def _canonical(texts: pl.Series, column: ColumnSpec) -> pl.Series:
    """Numbers without their spelling (45930 and 45930.0), texts without blanks at the ends."""
    texts = texts.str.strip_chars()
    if column.kind in {"text", "wrap", "link"}:
        return texts
    number = texts.cast(pl.Float64, strict=False)
    return pl.select(pl.coalesce(number.cast(pl.String), texts)).to_series()
