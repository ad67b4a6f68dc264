"""A small report, refreshed in place, and what a user does to it in between."""

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import polars as pl
from openpyxl import load_workbook
from openpyxl.worksheet.table import TableColumn

from receivables.book.fill import Filled, fill, filled_bytes
from receivables.book.package import Package
from receivables.book.structure import render
from receivables.report.spec import Cell, ChartSpec, ColumnSpec, SheetSpec, TableSpec, TextSpec

ROWS = [
    ("00123", "Meyer & Söhne", 12_345, date(2026, 9, 30)),
    ("00200", "Fuchs", -500, None),
    ("9", "Zett", 99_900, date(2026, 1, 2)),
    ("10", "Abel", 1, date(2026, 1, 2)),
]
NEW = ("77", "上海贸易", 8_800, date(2026, 2, 1))
LATER = [("5", "Neu & Co", 7, None), ROWS[3], ROWS[2], ROWS[1], NEW, ("78", "Acht", 3, None)]
SCHEMA = {"customer": pl.String, "name": pl.String, "open": pl.Int64, "due": pl.Date}


def report(rows=ROWS, *, chart=False, labels=None, extra=(), more=(), as_of=date(2026, 10, 31)):
    """One sheet: a title, the table Aging, the three largest; `extra` columns, `more` blocks."""
    frame = pl.DataFrame([row[:4] for row in rows], schema=SCHEMA, orient="row").with_columns(
        *(pl.lit(value).alias(column.name) for column, value in extra)
    )
    words = {"customer": "Customer", "name": "Name", "open": "Open", "due": "Due"} | (labels or {})
    columns = (
        ColumnSpec("customer", words["customer"]),
        ColumnSpec("name", words["name"]),
        ColumnSpec("open", words["open"], "money", total=True),
        ColumnSpec("due", words["due"], "date"),
        *(column for column, _ in extra),
    )
    aging = TableSpec(
        "Aging", columns, frame, currency="EUR", title="Aging", total_label="Total",
        key=("customer",),
    )  # fmt: skip
    top = TableSpec(
        "Top", (ColumnSpec("name", "Name"), ColumnSpec("open", "Open", "money")),
        frame.sort("open", descending=True).select("name", "open").head(3),
        currency="EUR", title="Largest", key=("name",),
    )  # fmt: skip
    head = TextSpec(((Cell(0, "Aging", "title"),), (Cell(0, f"as of {as_of}", "subtitle"),), ()))
    charts = (
        [ChartSpec("bar", "Largest", "Aging", ("open",), "name", rows=12, beside=True)]
        if chart
        else []
    )
    return SheetSpec(
        "aging", "Aging", (head, aging, *charts, *more, top), ("Firm", "Aging", f"as of {as_of}"),
        (f"{as_of}", "", "receivables 0.1.0"), "A4", as_of, frozen="Aging",
    )  # fmt: skip


def fresh(*specs) -> bytes:
    """A new workbook."""
    return filled_bytes(list(specs) or [report()])


def refreshed(data: bytes, *specs) -> tuple[bytes, Filled, dict[str, bytes | None]]:
    """The workbook after a refresh, what was done, and the parts that changed."""
    stream = io.BytesIO()
    made = render(list(specs), stream)
    with zipfile.ZipFile(io.BytesIO(data)) as user, zipfile.ZipFile(stream) as donor:
        book = Package(Path("ledger.xlsx"), user)
        done = fill(
            book, Package(Path("donor.xlsx"), donor), list(specs), as_of=specs[0].as_of, made=made
        )
        result = io.BytesIO()
        book.save(result)
        return result.getvalue(), done, dict(book.changed)


def edited(data: bytes, *changes) -> bytes:
    """The workbook after its user (another program) changed and saved it."""
    book = load_workbook(io.BytesIO(data))
    for change in changes:
        change(book)
    result = io.BytesIO()
    book.save(result)
    return result.getvalue()


def area(sheet, table: str) -> tuple[int, int, int, int]:
    """Heading row, last row, first and last column of a table."""
    cells = sheet[sheet.tables[table].ref]
    return cells[0][0].row, cells[-1][0].row, cells[0][0].column, cells[0][-1].column


def body(data: bytes, table: str = "Aging", sheet: str = "Aging") -> list[list[object]]:
    """Values of a table's rows."""
    found = load_workbook(io.BytesIO(data))[sheet]
    top, bottom, left, right = area(found, table)
    return [
        [found.cell(row, column).value for column in range(left, right + 1)]
        for row in range(top + 1, bottom + 1)
    ]


def own_column(heading="My note", table="Aging"):
    """The user widens a table by a column and writes a note into each row."""

    def change(book):
        sheet = book["Aging"]
        found = sheet.tables[table]
        top, bottom, _, right = area(sheet, table)
        letter = sheet.cell(1, right + 1).column_letter
        found.ref = f"{found.ref.partition(':')[0]}:{letter}{bottom}"
        found.autoFilter.ref = found.ref
        number = max(column.id for column in found.tableColumns) + 1
        found.tableColumns.append(TableColumn(id=number, name=heading))
        sheet.cell(top, right + 1, heading)
        for row in range(top + 1, bottom + 1):
            sheet.cell(row, right + 1, f"note on {sheet.cell(row, 1).value}")

    return change


def rows_put_in(row: int, count: int):
    """The user inserts (or, with a negative count, deletes) whole rows of the sheet Aging."""

    def change(book):
        sheet = book["Aging"]
        if count < 0:
            for taken in range(row, row - count):
                for cell in sheet[taken]:
                    cell.value = None
        first = row if count > 0 else row - count
        sheet.move_range(f"A{first}:Z{max(sheet.max_row, first) + 1}", rows=count)

        def moved(ref: str) -> str:
            def place(match):
                number = int(match[2])
                return f"{match[1]}{number + count if number >= first else min(number, row - 1) if number >= row else number}"

            return re.sub(r"(\$?[A-Z]+\$?)(\d+)", place, ref)

        for found in sheet.tables.values():
            found.ref = moved(found.ref)
            if found.autoFilter:
                found.autoFilter.ref = found.ref
        if sheet.print_title_rows:
            sheet.print_title_rows = re.sub(
                r"\d+", lambda match: moved(f"A{match[0]}")[1:], sheet.print_title_rows
            )
        if sheet.print_area:
            sheet.print_area = moved(sheet.print_area.rpartition("!")[2])
        for name in book.defined_names.values():
            sheet_name, _, ref = name.attr_text.rpartition("!")
            name.attr_text = f"{sheet_name}!{moved(ref)}"

    return change


def sorted_by(column: int, *, down=False):
    """The user sorts the rows of Aging, his own columns included."""

    def change(book):
        sheet = book["Aging"]
        top, bottom, left, right = area(sheet, "Aging")
        lines = [
            [sheet.cell(row, at).value for at in range(left, right + 1)]
            for row in range(top + 1, bottom + 1)
        ]
        lines.sort(key=lambda line: str(line[column]), reverse=down)
        for row, line in enumerate(lines, top + 1):
            for at, value in enumerate(line, left):
                sheet.cell(row, at).value = value

    return change


def typed(key: str, text: str):
    """The user types into his own column, in the row of a key."""

    def change(book):
        sheet = book["Aging"]
        top, bottom, _, right = area(sheet, "Aging")
        for row in range(top + 1, bottom + 1):
            if sheet.cell(row, 1).value == key:
                sheet.cell(row, right, text)

    return change


def archived(data: bytes) -> list[tuple[object, ...]]:
    """Rows of the sheet of archived notes."""
    book = load_workbook(io.BytesIO(data))
    if "Archived notes" not in book.sheetnames:
        return []
    return list(book["Archived notes"].iter_rows(min_row=2, values_only=True))


def load_workbook_of(data: bytes):
    """The workbook as another program reads it."""
    return load_workbook(io.BytesIO(data))


def of_key(rows, key):
    """The row of a key."""
    return next(row for row in rows if row[0] == key)


def set_cells(**cells):
    """The user types into cells of the sheet Aging."""

    def change(book):
        for address, value in cells.items():
            book["Aging"][address] = value

    return change


def package(data, change):
    """The parts of a workbook, one of them changed."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return result.getvalue()


def day(number):
    """A day of January 2026."""
    return datetime(2026, 1, number)  # noqa: DTZ001 (as openpyxl gives it)
