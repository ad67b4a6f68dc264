"""The script to beat in place: one workbook, loaded, its result sheets written anew, saved, with pandas and openpyxl.

It asks the questions of `plain_report` and writes the answers into the workbook that it read the
ledger from. What openpyxl cannot hold (pictures, slicers, controls) it loses.
"""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from benchmarks.plain_report import MONEY, PLACES, Books, _chart, _major, sheets

INPUTS = ("Customers", "Documents", "Payments", "Allocations")
HEAD = PatternFill("solid", fgColor="1F4E78")


def refresh(path: str, as_of: date) -> None:
    """The whole month end in place; the workbook is loaded once, not once for each library."""
    book = openpyxl.load_workbook(path)
    frames = sheets(_books(book), pd.Timestamp(as_of))
    for name, frame in frames.items():
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        _write(sheet, _major(frame), name)
    _chart(book["Aging"], frames["Aging"])
    book.save(path)


def _books(book: openpyxl.Workbook) -> Books:
    found = {name: _frame(book[name]) for name in INPUTS}
    for name in INPUTS[1:]:
        frame = found[name]
        scale = 10 ** frame["currency"].map(PLACES).fillna(2).astype(int)
        amounts = pd.to_numeric(frame["amount"])
        frame["amount"] = np.floor(amounts * scale + 0.5).astype("int64")
        for column in frame.columns[frame.columns.str.endswith("_on")]:
            frame[column] = pd.to_datetime(frame[column])
    return Books(*found.values())


def _frame(sheet: Worksheet) -> pd.DataFrame:
    rows = sheet.values
    heading = next(rows)
    return pd.DataFrame(rows, columns=heading)


def _write(sheet: Worksheet, frame: pd.DataFrame, name: str) -> None:
    """Rows over the old ones; what the old month had more is deleted."""
    old = sheet.max_row
    for column, heading in enumerate(frame.columns, 1):
        cell = sheet.cell(1, column, heading)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
    plain = frame.astype(object).where(frame.notna(), None)
    shapes = [_shape(frame, column) for column in frame.columns]
    for row, values in enumerate(plain.itertuples(index=False), 2):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column)
            cell.value = value
            if shapes[column - 1]:
                cell.number_format = shapes[column - 1]
    if old > len(frame) + 1:
        sheet.delete_rows(len(frame) + 2, old - len(frame) - 1)
    _table(sheet, frame, name.replace(" ", "_"))


def _shape(frame: pd.DataFrame, column: str) -> str:
    if pd.api.types.is_datetime64_any_dtype(frame[column]):
        return "yyyy-mm-dd"
    return "#,##0.00" if column in MONEY else ""


def _table(sheet: Worksheet, frame: pd.DataFrame, name: str) -> None:
    area = f"A1:{get_column_letter(len(frame.columns))}{max(len(frame), 1) + 1}"
    if name not in sheet.tables:
        sheet.add_table(Table(displayName=name, ref=area))
    sheet.tables[name].ref = area
    if sheet.tables[name].autoFilter:
        sheet.tables[name].autoFilter.ref = area


if __name__ == "__main__":
    refresh(sys.argv[1], date.fromisoformat(sys.argv[2]))
