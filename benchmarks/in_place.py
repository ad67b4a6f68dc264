"""Result rows into a workbook: fresh and in place, beside other writers and the floor below all."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import fastexcel
import openpyxl
import pandas as pd
import polars as pl

from benchmarks.measure import race, same, show
from receivables.book.fill import fill, filled_bytes
from receivables.book.package import Package
from receivables.book.structure import render
from receivables.days import EXCEL_1900
from receivables.report.spec import Cell, ColumnSpec, SheetSpec, TableSpec, TextSpec

AS_OF = date(2026, 10, 31)
TEXTS = ("document", "customer", "name", "reference", "text")
MONEY = ("amount", "open", "disputed", "interest")
DATES = ("issued", "due")
LEVEL = 3
"""Compression of a full sheet, of ours (`book.package`) and of the floor."""


def run(sizes: list[int], runs: int) -> None:
    """Print one table per size; the sum of the open amounts must be the same in all files."""
    for count in sizes:
        before, after = frame(count, 0), frame(count, count // 200)
        old = filled_bytes([spec(before)])
        plain = major(after)
        timings = race(
            {
                "bare XML and deflate": partial(_floor, list(plain.iter_rows())),
                "receivables, fresh": partial(filled_bytes, [spec(after)]),
                "receivables, in place": partial(_in_place, old, spec(after)),
                "pandas with XlsxWriter": partial(_pandas, plain.to_pandas()),
                "openpyxl": partial(_openpyxl, plain),
            },
            runs,
        )
        answers = {
            item.name: _answer(item.answer)
            for item in timings
            if item.name != "bare XML and deflate"
        }
        sizes_ = ", ".join(f"{item.name} {len(item.answer) / 1e6:.1f} MB" for item in timings)
        note = f"Rows and open amount in all workbooks: {same(answers)}. Size: {sizes_}."
        show(f"{count:,} rows of 12 columns into a workbook", timings, 1.0, note)


def frame(count: int, step: int) -> pl.DataFrame:
    """Rows of a month; `step` of them are new, as many are gone."""
    row = pl.int_range(step, count + step, eager=True).alias("row")
    number = pl.col("row").cast(pl.String)
    day = pl.lit(date(2024, 1, 1)) + pl.duration(days=pl.col("row") % 900)
    return pl.DataFrame(row).select(
        pl.concat_str(pl.lit("INV-"), number.str.zfill(8)).alias("document"),
        (pl.col("row") % 5000).cast(pl.String).str.zfill(6).alias("customer"),
        pl.concat_str(pl.lit("Meyer & Sons "), pl.col("row") % 5000).alias("name"),
        pl.concat_str(pl.lit("PO 45-"), number).alias("reference"),
        pl.lit("Delivery as agreed").alias("text"),
        *(
            (pl.col("row") * 7919 % 1_000_003 + place).cast(pl.Int64).alias(name)
            for place, name in enumerate(MONEY)
        ),
        day.cast(pl.Date).alias("issued"),
        (day + pl.duration(days=30)).cast(pl.Date).alias("due"),
        (pl.col("row") % 400).cast(pl.Int64).alias("days"),
    )


def spec(rows: pl.DataFrame) -> SheetSpec:
    """The sheet as the report describes it."""
    columns = (
        *(ColumnSpec(name, name.title()) for name in TEXTS),
        *(ColumnSpec(name, name.title(), "money", total=True) for name in MONEY),
        *(ColumnSpec(name, name.title(), "date") for name in DATES),
        ColumnSpec("days", "Days", "int"),
    )
    table = TableSpec(
        "Open_items", columns, rows, currency="EUR", title="Open items", total_label="Total",
        key=("document",),
    )  # fmt: skip
    head = TextSpec(((Cell(0, "Open items", "title"),), ()))
    return SheetSpec(
        "open_items", "Open items", (head, table), ("", "", ""), ("", "", ""), "A4", AS_OF,
        frozen="Open_items",
    )  # fmt: skip


def major(rows: pl.DataFrame) -> pl.DataFrame:
    """Amounts as a script would hold them."""
    return rows.with_columns(pl.col(name) / 100 for name in MONEY)


def _floor(rows: list[tuple[Any, ...]]) -> bytes:
    """The cells alone, without styles, references or a package: less is not possible in Python."""
    texts, money = range(len(TEXTS)), range(len(TEXTS), len(TEXTS) + len(MONEY))
    lines = []
    for row in rows:
        cells = [f'<c t="inlineStr"><is><t>{escape(row[at])}</t></is></c>' for at in texts]
        cells += [f'<c s="1"><v>{row[at]}</v></c>' for at in money]
        cells += [f'<c s="2"><v>{(day - EXCEL_1900).days}</v></c>' for day in row[-3:-1]]
        lines.append(f"<row>{''.join(cells)}<c><v>{row[-1]}</v></c></row>")
    return zlib.compress("".join(lines).encode(), LEVEL)


def _in_place(old: bytes, sheet: SheetSpec) -> bytes:
    """The workbook of the month before, refreshed: render, fill, save."""
    donor = io.BytesIO()
    made = render([sheet], donor)
    with zipfile.ZipFile(io.BytesIO(old)) as user, zipfile.ZipFile(donor) as fresh:
        book = Package(Path("ledger.xlsx"), user)
        fill(book, Package(Path("donor.xlsx"), fresh), [sheet], as_of=AS_OF, made=made)
        result = io.BytesIO()
        book.save(result)
    return result.getvalue()


def _pandas(rows: pd.DataFrame) -> bytes:
    result = io.BytesIO()
    with pd.ExcelWriter(result, engine="xlsxwriter", date_format="yyyy-mm-dd") as writer:
        rows.to_excel(writer, sheet_name="Open items", index=False)
    return result.getvalue()


def _openpyxl(rows: pl.DataFrame) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Open items"
    sheet.append([name.title() for name in rows.columns])
    for row in rows.iter_rows():
        sheet.append(row)
    for cells in sheet.iter_rows(min_row=2, min_col=6, max_col=9):
        for cell in cells:
            cell.number_format = "#,##0.00"
    result = io.BytesIO()
    book.save(result)
    return result.getvalue()


def _answer(data: bytes) -> str:
    """Rows and the sum of the open amounts, as another reader finds them."""
    book = fastexcel.read_excel(data)
    sheet = book.load_sheet("Open items", header_row=None, dtypes="string").to_polars()
    lines = sheet.rows()
    top = next(at for at, row in enumerate(lines) if str(row[0]).lower() == "document")
    place = [str(text).lower() for text in lines[top]].index("open")
    values = [row[place] for row in lines[top + 1 :] if row[0]]
    return f"{len(values):,} rows, {sum(map(float, values)):,.2f}"
