"""Write the demo ledger as a workbook, one sheet and Excel Table each, or as a folder of CSV."""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from receivables import money
from receivables.demo.firm import company, firm
from receivables.demo.tables import SHEETS
from receivables.errors import LedgerFileError
from receivables.ledger.schema import Column, tables

NUMBER = re.compile(r"-?\d+(\.\d+)?")
"""Text of an amount as our own tables hold it; anything else was typed and stays text."""

PADDED = ("payments", "customer_id")
"""The column kept as numbers with the format 00000, the way many programs export keys."""

NUMERIC = {"amount", "rate", "integer", "number", "share"}
"""Types whose cells are numbers."""

WIDEST = 34
"""Characters of the widest column."""

TWO_LINES = 26.5
"""Height in points of a row whose address has two lines."""

PAGE_WIDTH = 190
"""Characters that a landscape page still shows legibly."""


def write_workbook(frames: dict[str, pl.DataFrame], path: Path) -> None:
    """Write the tables to a workbook; the same tables give the same bytes.

    Args:
        frames: result of `build_firm`.
        path: of the workbook, replaced if it exists.

    Raises:
        LedgerFileError: the file cannot be written, because Excel has it open for example.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    made_on = datetime.combine(firm()["extracted_on"], time())
    book.set_properties({"title": "Receivables ledger of an invented firm", "created": made_on})
    styles = _styles(book)
    for table, sheet_name in SHEETS.items():
        if table in frames:
            _write_sheet(book.add_worksheet(sheet_name), table, frames[table], styles)
    try:
        book.close()
    except FileCreateError as fault:
        raise LedgerFileError(
            f"{path} cannot be written ({fault}). Close it and try again."
        ) from None


def write_folder(frames: dict[str, pl.DataFrame], path: Path) -> None:
    """Write the tables as `<table>.csv` (UTF-8, ISO dates, decimal point) and `settings.toml`."""
    path.mkdir(parents=True, exist_ok=True)
    for table, frame in frames.items():
        if table == "settings":
            lines = [f'{row["name"]} = "{row["value"]}"\n' for row in frame.iter_rows(named=True)]
            (path / "settings.toml").write_text("".join(lines), encoding="utf-8", newline="\n")
            continue
        with (path / f"{table}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(frame.columns)
            writer.writerows([_plain(value) for value in row] for row in frame.iter_rows())


def heading(name: str) -> str:
    """Heading of a column as a person writes it.

    >>> heading("document_no"), heading("amount_lc")
    ('Document no', 'Amount LC')
    """
    return name.replace("_", " ").capitalize().replace(" lc", " LC")


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _styles(book: Any) -> dict[str, Any]:
    signed = "{0};[Red]-{0}"
    bar: dict[str, Any] = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864"}
    formats: dict[str, dict[str, Any]] = {
        "text": {"num_format": "@", "align": "left", "indent": 1},
        "lines": {"num_format": "@", "align": "left", "indent": 1, "text_wrap": True},
        "date": {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
        "padded": {"num_format": "00000", "align": "left", "indent": 1},
        "heading": {**bar, "align": "left", "indent": 1},
        "heading of numbers": {**bar, "align": "right"},
        "rate": {"num_format": "0.0000##"},
        "integer": {"num_format": "0"},
        "number": {"num_format": "General"},
        "share": {"num_format": "0.00%"},
        "0": {"num_format": signed.format("#,##0")},
        "2": {"num_format": signed.format("#,##0.00")},
    }
    return {
        name: book.add_format({"font_size": 10, "valign": "top", **look})
        for name, look in formats.items()
    }


def _write_sheet(sheet: Any, table: str, frame: pl.DataFrame, styles: dict[str, Any]) -> None:
    schema = tables().get(table, {})
    places = {name: index for index, name in enumerate(frame.columns)}
    currency_at, company_at = places.get("currency"), places.get("company")
    for number, row in enumerate(frame.iter_rows(), start=1):
        currency = row[currency_at] if currency_at is not None else None
        local = (
            company(row[company_at])["currency"]
            if company_at is not None and row[company_at]
            else None
        )
        for name, index in places.items():
            if row[index] is not None:
                own = local if name.endswith("_lc") else currency
                kind = _kind(table, name, schema.get(name), own)
                _write_cell(sheet, number, index, row[index], kind, styles)
        if any("\n" in value for value in row if isinstance(value, str)):
            sheet.set_row(number, TWO_LINES)
    headings = [
        {"header": heading(name), "header_format": styles[_bar(schema.get(name))]}
        for name in frame.columns
    ]
    options = {"name": SHEETS[table], "columns": headings, "style": "Table Style Light 9"}
    sheet.add_table(0, 0, max(frame.height, 1), frame.width - 1, options)
    _lay_out(sheet, frame, schema)


def _bar(column: Column | None) -> str:
    numeric = column and column.type in NUMERIC
    return "heading of numbers" if numeric else "heading"


def _kind(table: str, name: str, column: Column | None, currency: str | None) -> str:
    """Which of the styles a cell has."""
    if (table, name) == PADDED:
        return "padded"
    kind = column.type if column else "text"
    if kind == "amount":
        return str(money.exponent(currency or "EUR"))
    return kind if kind == "date" or kind in NUMERIC else "text"


def _write_cell(
    sheet: Any, row: int, column: int, value: Any, kind: str, styles: dict[str, Any]
) -> None:
    style = styles[kind]
    if kind == "date":
        sheet.write_datetime(row, column, value, style)
    elif kind == "text" or not NUMBER.fullmatch(str(value)):
        text = str(_plain(value))
        sheet.write_string(row, column, text, styles["lines" if "\n" in text else "text"])
    else:
        sheet.write_number(row, column, float(value), style)


def _lay_out(sheet: Any, frame: pl.DataFrame, schema: dict[str, Column]) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    sheet.set_footer("&L&F, &A&RPage &P of &N")
    as_text, total = [], 0
    for index, name in enumerate(frame.columns):
        widest = max((_width(value) for value in frame.get_column(name).to_list()), default=0)
        # Room for the filter button beside the heading.
        width = min(max(widest + 3, len(heading(name)) + 5), WIDEST)
        sheet.set_column(index, index, width)
        total += width
        column = schema.get(name)
        if frame.height and (column is None or column.type in {"key", "text"}):
            as_text.append(_whole(index, frame.height))
    sheet.fit_to_pages(-(-total // PAGE_WIDTH), 0)
    if as_text:
        sheet.ignore_errors({"number_stored_as_text": " ".join(as_text)})


def _whole(column: int, height: int) -> str:
    first = xlsxwriter.utility.xl_rowcol_to_cell(1, column)
    return f"{first}:{xlsxwriter.utility.xl_rowcol_to_cell(height, column)}"


def _width(value: Any) -> int:
    """Characters a cell shows on its widest line; Chinese ones count double."""
    lines = str(_plain(value) if value is not None else "").split("\n")
    return max(
        sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines
    )
