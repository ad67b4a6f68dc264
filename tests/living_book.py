"""A living workbook for tests: input tables from a few words per row, result sheets of one date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from receivables.book.fill import filled_bytes
from receivables.book.structure import ExtraSheet
from receivables.refresh import load
from receivables.refresh.month_end import month_end_data
from receivables.report.build import build

Rows = Sequence[Mapping[str, Any]]


def invoice(number: str, amount: float, on: str = "2026-08-05", **more: Any) -> dict[str, Any]:
    row = {
        "document_no": number, "customer_id": "00123", "kind": "invoice", "issued_on": on,
        "entered_on": on, "due_on": on, "currency": "EUR", "amount": amount,
    }  # fmt: skip
    return row | more


def payment(number: str, amount: float, on: str, **more: Any) -> dict[str, Any]:
    row = {
        "payment_no": number, "customer_id": "00123", "kind": "payment", "paid_on": on,
        "entered_on": on, "currency": "EUR", "amount": amount, "document_no": "",
    }  # fmt: skip
    return row | more


def living(path: Path, as_of: date, tables: Mapping[str, Rows], **values: Any) -> Path:
    """Write the workbook as it stands after its first refresh, made elsewhere: no journal beside it."""
    raw = path.with_name("raw.xlsx")
    plain = xlsxwriter.Workbook(raw)
    for name, rows in tables.items():
        _draw(plain.add_worksheet(name), name, rows)
    plain.close()
    data = month_end_data(load(raw, values=values), as_of)
    raw.unlink()
    inputs = [
        ExtraSheet(name, lambda _book, sheet, _styles, name=name, rows=rows: _draw(sheet, name, rows))
        for name, rows in tables.items()
    ]  # fmt: skip
    path.write_bytes(filled_bytes(build(data, living=True), inputs))
    return path


def _draw(sheet: Any, name: str, rows: Rows) -> None:
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    body = [[row.get(heading, "") for heading in headings] for row in rows]
    sheet.add_table(
        0, 0, max(len(body), 1), len(headings) - 1,
        {"name": name, "data": body, "columns": [{"header": heading} for heading in headings]},
    )  # fmt: skip


def put_rows(path: Path, name: str, rows: Rows) -> None:
    """Type rows under an input table, as a user does; only fit for books that openpyxl keeps whole."""
    book = openpyxl.load_workbook(path)
    sheet = book[name]
    table = sheet.tables[name]
    headings = [cell.value for cell in sheet[table.ref][0]]
    for row in rows:
        sheet.append([row.get(heading, None) for heading in headings])
    table.ref = f"A1:{sheet.cell(sheet.max_row, len(headings)).coordinate}"
    table.autoFilter.ref = table.ref
    book.save(path)


def rows_of(path: Path, sheet: str, table: str) -> list[dict[str, Any]]:
    """Rows of a table by its headings."""
    book = openpyxl.load_workbook(path, data_only=True)
    worksheet = book[sheet]
    heading, *body = [
        [cell.value for cell in row] for row in worksheet[worksheet.tables[table].ref]
    ]
    return [dict(zip(heading, row, strict=True)) for row in body]
