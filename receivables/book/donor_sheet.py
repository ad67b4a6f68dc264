"""One result sheet without its table rows: headings, totals, texts, charts, view and print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from receivables import money
from receivables.report.charts import BESIDE_COLUMNS, insert_chart, insert_picture
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
from receivables.report.styles import BAD, GOOD, NEUTRAL, ROW_HEIGHTS, Styles
from receivables.report.widths import column_width

_PAPER = {"A4": 9, "Letter": 1}


class _Inline:
    """In place of the table of shared strings: a text stands for itself."""

    def _get_shared_string_index(self, text: str) -> str:
        return text

    def _get_shared_string(self, text: str) -> str:
        return text


class InlineSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose texts stand in their cells, so that cells can be taken over one by one."""

    def _initialize(self, init_data: dict[str, Any]) -> None:
        super()._initialize(init_data)
        self.str_table = _Inline()

    def _calculate_spans(self) -> None:
        self.row_spans: dict[int, str] = {}  # they would be wrong once columns are added

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        # XlsxWriter writes texts into the cells only in this mode, which forbids tables.
        self.constant_memory = True
        super()._write_cell(row, col, cell)
        self.constant_memory = False


def hidden_columns(spec: SheetSpec) -> set[int]:
    """Columns of the sheet that no table shows anything in; texts need the column they stand in."""
    shown: set[int] = {0}
    hidden: set[int] = set()
    for table in spec.tables:
        for index, column in enumerate(table.columns):
            (hidden if column.unused or column.hidden else shown).add(index)
    for block in spec.blocks:
        if isinstance(block, TextSpec):
            for cell in (cell for line in block.lines for cell in line):
                shown |= {*range(cell.column, max(cell.column, cell.until) + 1)}
    return hidden - shown


class DonorSheet:
    """One result sheet being rendered."""

    def __init__(
        self, spec: SheetSpec, sheet: InlineSheet, workbook: Any, styles: Styles, references: References
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
        self._columns()
        self._charts()
        self._view()
        self._print()

    def _columns(self) -> None:
        """Widths; a column that no table uses yet is made hidden."""
        if self.spec.screen:
            for column in range(max(self.spec.screen.columns, len(self.widths))):
                self.widths[column] = self.spec.screen.width
            self.sheet.set_column(0, len(self.widths) - 1, self.spec.screen.width)
            return
        hidden = hidden_columns(self.spec)
        for column, width in sorted(self.widths.items()):
            options = {"hidden": True} if column in hidden else {}
            self.sheet.set_column(column, column, width, None, options)

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
        elif cell.value == "":
            self.sheet.write_blank(row, cell.column, None, look)
        elif isinstance(cell.value, date):
            self.sheet.write_string(row, cell.column, cell.value.isoformat(), look)
        elif isinstance(cell.value, int | float):
            self.sheet.write_number(row, cell.column, cell.value, look)
        else:
            self.sheet.write_string(row, cell.column, _plain(cell.value), look)
        if cell.style in ROW_HEIGHTS:
            self.sheet.set_row(row, ROW_HEIGHTS[cell.style])
        if cell.style == "light":
            self._light(row, cell.column, row, cell.column)

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
        for index, column in enumerate(table.columns):
            self.sheet.write_blank(place.first, index, None, self._blank(table, column))
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

    def _blank(self, table: TableSpec, column: ColumnSpec) -> Any:
        return self.styles.cell(column.kind, money.exponent(table.currency), strong=column.strong)

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
        hidden = hidden_columns(self.spec)
        shown = {index: width for index, width in self.widths.items() if index not in hidden}
        for block, place in self.placed:
            if isinstance(block, ChartSpec):
                table = tables[block.table]
                target = self.references.tables[block.table]
                insert_chart(self.workbook, self.sheet, block, place, table, target, shown)
            elif isinstance(block, PictureSpec):
                insert_picture(self.sheet, block, place, shown)

    def _view(self) -> None:
        sheet, spec = self.sheet, self.spec
        sheet.hide_gridlines(2)
        if spec.screen:
            sheet.set_zoom(spec.screen.zoom)
            return
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
        sheet.fit_to_pages(1, 1 if spec.screen else 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        if spec.screen:
            sheet.center_horizontally()
            sheet.print_area(0, 0, spec.screen.rows - 1, spec.screen.columns - 1)
        else:
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
    widths = [len(block.columns) for block, _ in placed if isinstance(block, TableSpec)]
    beside = any(isinstance(block, ChartSpec) and block.beside for block, _ in placed)
    return [max(widths) + BESIDE_COLUMNS] if beside else []


def _area(top: int, bottom: int, right: int) -> str:
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
