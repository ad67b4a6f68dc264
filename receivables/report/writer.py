"""Render sheets with XlsxWriter: native tables, charts bound to cells, print set-up, safe text."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from receivables import __version__, money
from receivables.report.cells import rows_xml
from receivables.report.charts import insert_chart, insert_picture
from receivables.report.layout import References
from receivables.report.spec import (
    Cell,
    ChartSpec,
    ColumnSpec,
    PictureSpec,
    Place,
    SheetSpec,
    TableSpec,
    TextSpec,
)
from receivables.report.styles import BAD, FONT, GOOD, NEUTRAL, Styles
from receivables.report.target import MARK, check_target, replacing
from receivables.report.widths import column_width

_PAPER = {"A4": 9, "Letter": 1}
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,
}


class TableSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose table rows are ready-made XML, written between the lines around them."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[tuple[int, Any]] = []

    def _write_rows(self) -> None:
        lines = sorted(row for row, cells in self.table.items() if cells or row in self.row_info)
        bodies = sorted(self.bodies, key=lambda body: body[0])
        for first, body in bodies:
            while lines and lines[0] < first:
                self._write_line(lines.pop(0))
            for part in body:
                self.fh.write(part)
        for line in lines:
            self._write_line(line)

    def _write_line(self, row: int) -> None:
        self._write_row(row, None, self.row_info.get(row))
        for column in sorted(self.table[row]):
            self._write_cell(row, column, self.table[row][column])
        self._xml_end_tag("row")


def write(specs: Sequence[SheetSpec], path: str | Path) -> list[Path]:
    """Write sheets to a new report workbook, or over an earlier report of ours.

    Args:
        specs: sheets in order.
        path: target, ending in .xlsx.

    Returns:
        The files written: the workbook first, then a parquet file for each table that is longer
        than a sheet.

    Raises:
        LedgerFileError: the target is open, is not a report of ours, or cannot be written.
    """
    target = Path(path)
    check_target(target)
    written = [target]
    for overflow in (item for spec in specs for item in spec.overflow):
        beside = target.with_suffix(f".{overflow.name}.parquet")
        with replacing(beside) as handle:
            overflow.frame.write_parquet(handle)
        written.append(beside)
    with replacing(target) as handle:
        _render(specs, handle)
    return written


def _render(specs: Sequence[SheetSpec], handle: Any) -> None:
    # A copy: XlsxWriter adds to it, and a second report would come out in another font.
    workbook = Workbook(handle, _OPTIONS | {"default_format_properties": dict(FONT)})
    styles = Styles(workbook)
    references = References(specs)
    created = datetime.combine(specs[0].as_of, time())
    workbook.set_properties({"created": created, "comments": f"receivables {__version__}"})
    workbook.set_custom_property(MARK, __version__, "text")
    workbook.set_size(1600, 1000)
    # XlsxWriter warns and leaves the part out where a name or range is wrong: here that is a fault.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sheets = [workbook.add_worksheet(spec.label, TableSheet) for spec in specs]
        for spec, sheet in zip(specs, sheets, strict=True):
            _Sheet(spec, sheet, workbook, styles, references).render()
        workbook.close()


class _Sheet:
    """One sheet being rendered."""

    def __init__(
        self, spec: SheetSpec, sheet: TableSheet, workbook: Any, styles: Styles, references: References
    ) -> None:  # fmt: skip
        self.spec = spec
        self.sheet = sheet
        self.workbook = workbook
        self.styles = styles
        self.references = references
        self.placed = references.sheets[spec.id]
        self.widths: dict[int, float] = {}

    def render(self) -> None:
        """Write every block, then set up view and print."""
        for block, place in self.placed:
            if isinstance(block, TableSpec):
                self._table(block, place)
            elif isinstance(block, TextSpec):
                self._text(block, place)
        hidden = {
            index
            for table in self.spec.tables
            for index, column in enumerate(table.columns)
            if column.hidden
        }
        for column, width in sorted(self.widths.items()):
            options = {"hidden": True} if column in hidden else {}
            self.sheet.set_column(column, column, width, None, options)
        self._charts()
        self._view()
        self._print()

    def _text(self, block: TextSpec, place: Place) -> None:
        for row, line in enumerate(block.lines, start=place.top):
            for cell in line:
                self._text_cell(row, cell)

    def _text_cell(self, row: int, cell: Cell) -> None:
        look = self.styles.text(cell.style)
        if cell.until:
            self.sheet.merge_range(row, cell.column, row, cell.until, "", look)
        if cell.formula:
            formula = "=" + self.references.resolve(cell.formula)
            self.sheet.write_formula(row, cell.column, formula, look, cell.value)
        elif isinstance(cell.value, date):
            self.sheet.write_string(row, cell.column, cell.value.isoformat(), look)
        elif isinstance(cell.value, int | float):
            self.sheet.write_number(row, cell.column, cell.value, look)
        else:
            self.sheet.write_string(row, cell.column, _plain(cell.value), look)
        if cell.style == "light":
            self.sheet.set_row(row, 26)
            self._light(row, cell.column, row, cell.column)
        elif cell.style == "title":
            self.sheet.set_row(row, 24)

    def _table(self, table: TableSpec, place: Place) -> None:
        row = place.top
        if table.title:
            self.sheet.write_string(row, 0, _plain(table.title), self.styles.text("band"))
            row += 1
        for note in table.notes:
            self.sheet.write_string(row, 0, _plain(note), self.styles.text("note"))
            row += 1
        for line, currency in enumerate(table.total_currencies, start=row):
            self._total(table, line, currency)
        self._native_table(table, place)
        formulas = {
            column.name: self._formulas(table, place, column)
            for column in table.columns
            if column.formula
        }
        body = rows_xml(table, place, self._style_number, formulas)
        self.sheet.bodies.append((place.first, body))
        self._dress(table, place)

    def _native_table(self, table: TableSpec, place: Place) -> None:
        """Heading and ListObject; XlsxWriter would visit every cell, so it gets two rows first."""
        right = len(table.columns) - 1
        heading = self.styles.text("heading")
        options = {
            "name": table.name,
            "style": None,
            "autofilter": table.filter,
            "columns": [
                {"header": _plain(column.label), "header_format": heading}
                for column in table.columns
            ],
        }
        self.sheet.add_table(place.heading, 0, place.first, right, options)
        full = _area(place.heading, place.last, right)
        self.sheet.tables[-1] |= {"range": full, "a_range": full}
        if table.filter:
            self.sheet.tables[-1]["autofilter"] = full
        self.sheet._check_dimensions(place.last, right)  # noqa: SLF001
        self.sheet.set_row(place.heading, 30)

    def _total(self, table: TableSpec, row: int, currency: str) -> None:
        label = f"{table.total_label} {currency}".strip()
        self.sheet.write_string(row, 0, label, self.styles.total())
        frame = table.frame
        if table.currency_column:
            frame = frame.filter(pl.col(table.currency_column) == currency)
        for index, column in enumerate(table.columns):
            if column.ratio:
                self._total_ratio(table, row, index, column.ratio)
                continue
            if not column.total:
                if index:
                    self.sheet.write_blank(row, index, None, self.styles.total())
                continue
            area = f"{table.name}[{column.name}]"
            pattern = f"SUBTOTAL(109,{area})"
            if table.currency_column and len(table.total_currencies) > 1:
                pattern = f'SUMIFS({area},{table.name}[{table.currency_column}],"{currency}"'
                pattern += f",{table.name}[{table.shown}],1)" if table.shown else ")"
            look = self.styles.total("money", money.exponent(currency))
            value = float(money.to_decimal(int(frame[column.name].sum()), currency))
            self.sheet.write_formula(
                row, index, "=" + self.references.resolve(pattern), look, value
            )

    def _total_ratio(
        self, table: TableSpec, row: int, index: int, columns: tuple[str, str]
    ) -> None:
        """Sum of one column ÷ sum of another, over the rows the filter shows."""
        top, bottom = (int(table.frame[name].sum()) for name in columns)
        upper, lower = (f"SUBTOTAL(109,{table.name}[{name}])" for name in columns)
        formula = "=" + self.references.resolve(f'IF({lower}=0,"",{upper}/{lower})')
        look = self.styles.total("ratio")
        self.sheet.write_formula(row, index, formula, look, top / bottom if bottom else "")

    def _formulas(self, table: TableSpec, place: Place, column: ColumnSpec) -> pl.Series:
        patterns = table.frame[column.formula].to_list()
        texts = [
            pattern and self.references.resolve(pattern, table.name, place.first + index)
            for index, pattern in enumerate(patterns)
        ]
        return pl.Series(texts, dtype=pl.String)

    def _style_number(self, column: ColumnSpec, exponent: int, tint: bool) -> int:
        look = self.styles.cell(column.kind, exponent, strong=column.strong, tint=tint)
        return int(look._get_xf_index())  # noqa: SLF001

    def _dress(self, table: TableSpec, place: Place) -> None:
        """Widths, the light, data bars, and no green triangles on keys that look like numbers."""
        for index, column in enumerate(table.columns):
            width = column_width(table, column)
            self.widths[index] = max(self.widths.get(index, 0), width)
            if column.bar and not table.frame.is_empty():
                bar: dict[str, Any] = {"type": "data_bar", "bar_color": "#9CC9E8"}
                bar |= {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
                self.sheet.conditional_format(place.first, index, place.last, index, bar)
        if table.light:
            where = place.columns[table.light]
            self._light(place.first, where, place.last, where)

    def _light(self, top: int, left: int, bottom: int, right: int) -> None:
        for state, colour in zip(self.spec.light_states, (GOOD, NEUTRAL, BAD), strict=True):
            if not state:
                continue
            rule = {"type": "cell", "criteria": "==", "value": f'"{state}"'}
            self.sheet.conditional_format(
                top, left, bottom, right, rule | {"format": self.styles.state(colour)}
            )

    def _charts(self) -> None:
        tables = {block.name: block for block, _ in self.placed if isinstance(block, TableSpec)}
        for block, place in self.placed:
            if isinstance(block, ChartSpec):
                table = tables[block.table]
                target = self.references.tables[block.table]
                insert_chart(self.workbook, self.sheet, block, place, table, target, self.widths)
            elif isinstance(block, PictureSpec):
                insert_picture(self.sheet, block, place, self.widths)

    def _view(self) -> None:
        sheet, spec = self.sheet, self.spec
        sheet.hide_gridlines(2)
        frozen = self.placed[0][1].bottom
        if spec.frozen:
            frozen = self.references.tables[spec.frozen].first
        sheet.freeze_panes(frozen, spec.frozen_columns)
        keys = _area(0, max(place.bottom for _, place in self.placed), max(self.widths, default=0))
        sheet.ignore_errors({"number_stored_as_text": keys})

    def _print(self) -> None:
        sheet, spec = self.sheet, self.spec
        sheet.set_landscape()
        sheet.set_paper(_PAPER[spec.paper])
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        bottom = max(place.bottom for _, place in self.placed)
        right = max([*self.widths, *_beside_columns(self.placed)], default=0)
        sheet.print_area(0, 0, bottom - 1, right)
        if spec.frozen and spec.repeat:
            heading = self.references.tables[spec.frozen].heading
            sheet.repeat_rows(heading)
        sheet.set_header(_three(spec.header))
        sheet.set_footer(_three(spec.footer))


def _beside_columns(placed: Sequence[tuple[Any, Place]]) -> list[int]:
    """Columns that charts beside a table need."""
    from receivables.report.charts import BESIDE_COLUMNS

    widths = [len(block.columns) for block, _ in placed if isinstance(block, TableSpec)]
    beside = any(isinstance(block, ChartSpec) and block.beside for block, _ in placed)
    return [max(widths) + BESIDE_COLUMNS] if beside else []


def _area(top: int, bottom: int, right: int) -> str:
    from xlsxwriter.utility import xl_range

    return str(xl_range(top, 0, bottom, right))


def _three(parts: tuple[str, str, str]) -> str:
    """Header or footer text; `&` in a text is doubled, page codes come as {page} and {pages}."""
    left, centre, right = (
        part.replace("&", "&&").replace("{page}", "&P").replace("{pages}", "&N") for part in parts
    )
    places = zip("LCR", (left, centre, right), strict=True)
    # A digit right after the font size would be read as part of it.
    return "".join(f"&{side}&8{' ' * text[:1].isdigit()}{text}" for side, text in places if text)


def _plain(text: str) -> str:
    """Text that XlsxWriter writes as it stands: it takes `<r>…</r>` for ready-made rich text."""
    return "\u200b" + text if text.startswith("<r>") else text
