"""The sheets that a user fills: one Excel Table each, with formats, lists and a note per heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import polars as pl
from xlsxwriter.utility import xl_col_to_name

from receivables import money
from receivables.book.lists import choice_labels, list_name, yes_no
from receivables.book.start_texts import said
from receivables.book.structure import ExtraSheet
from receivables.ledger.schema import Column, tables
from receivables.report.palette import HEADING, INK, LINE, NEUTRAL, SERIES
from receivables.report.styles import FONT
from receivables.report.widths import text_width
from receivables.resources import data_rows

HEADING_ROW = 2
SPARE = 20
"""Blank rows of a table that nothing was filled into."""
LAST_ROW = 1_048_575
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_ISO = re.compile(r"(19|20)\d\d-\d\d-\d\d")
_DIGITS = 15
"""Digits that a cell keeps of a number."""
_FORMATS = {
    "date": "yyyy-mm-dd", "amount": "#,##0.00;[Red]-#,##0.00", "rate": "0.0000##", "integer": "0",
    "number": "General", "share": "0.00%",
}  # fmt: skip
_WIDEST = 34
_MESSAGE = 255
_TITLE = 32


@cache
def input_rows() -> dict[str, dict[str, str]]:
    """Input tables in the order of the sheets (`data/input_sheets.csv`)."""
    return {row["table"]: row for row in data_rows("input_sheets.csv")}


def heading(column: Column | str, language: str) -> str:
    """Heading of a column: its name as a person writes it, or its first Chinese word; the user's own as it is.

    >>> heading(tables()["documents"]["amount_lc"], "en"), heading("branch", "en")
    ('Amount LC', 'branch')
    >>> heading(tables()["documents"]["document_no"], "zh")
    '单据编号'
    """
    if isinstance(column, str):
        return column
    if language == "en":
        return column.name.replace("_", " ").capitalize().replace(" lc", " LC")
    return next((text for text in column.synonyms if _CHINESE.search(text)), column.name)


def input_sheets(
    frames: Mapping[str, pl.DataFrame], language: str, paper: str = "A4"
) -> Iterator[ExtraSheet]:
    """One sheet per input table, those that are rarely used hidden unless they hold rows."""
    for table, row in input_rows().items():
        frame = frames.get(table, pl.DataFrame())
        sheet = InputSheet(table, frame, language, paper)
        hidden = row["shown"] != "yes" and not frame.height
        yield ExtraSheet(row[language], sheet.draw, hidden=hidden)


class InputSheet:
    """One input table being drawn."""

    def __init__(self, table: str, frame: pl.DataFrame, language: str, paper: str) -> None:
        self.table, self.frame, self.language, self.paper = table, frame, language, paper
        self.columns: list[Column | str] = [*tables()[table].values()]
        known = {*tables()[table]}
        self.columns += [name for name in frame.columns if name not in known]
        self.formats: dict[tuple[Any, ...], Any] = {}

    def draw(self, workbook: Any, sheet: Any, _styles: Any) -> None:
        """Write title, headings, rows, lists, notes and the print set-up."""
        self.workbook, self.sheet = workbook, sheet
        row = input_rows()[self.table]
        sheet.write_string(
            0, 0, row[self.language], self._look(bold=True, font_size=14, font_color=HEADING)
        )
        note = f"{row[f'help_{self.language}']} {said('note.required', self.language)}"
        sheet.write_string(1, 0, note, self._look(font_color=NEUTRAL))
        for index, column in enumerate(self.columns):
            self._column(index, column)
        self._rows()
        self._table(row["name"])
        self._view()

    def _table(self, name: str) -> None:
        last = HEADING_ROW + (self.frame.height or SPARE)
        headings = [
            {"header": heading(column, self.language), "header_format": self._heading(column)}
            for column in self.columns
        ]
        options = {"name": name, "columns": headings, "style": "Table Style Light 1"}
        self.sheet.add_table(HEADING_ROW, 0, last, len(self.columns) - 1, options)

    def _column(self, index: int, column: Column | str) -> None:
        """Width and format of the whole column, so that pasted rows have them, and its checks."""
        name = heading(column, self.language)
        name_of = column if isinstance(column, str) else column.name
        cells = self.frame[name_of].to_list() if name_of in self.frame.columns else []
        widest = max((_width(value) for value in cells), default=0)
        width = min(max(widest + 3, text_width(name) + 5, 11), _WIDEST)
        kind = "text" if isinstance(column, str) else column.type
        self.sheet.set_column(index, index, width, self._cell(kind))
        if isinstance(column, str):
            return
        self._note(index, column, name)
        rule = self._rule(column)
        if rule:
            self.sheet.data_validation(HEADING_ROW + 1, index, LAST_ROW, index, rule)

    def _note(self, index: int, column: Column, name: str) -> None:
        help_text = column.help_zh if self.language == "zh" else column.help_en
        unit = f" ({column.unit})" if column.unit else ""
        needed = f" {said('required', self.language)}" if column.required else ""
        message = f"{help_text}{unit}.{needed}".replace("..", ".")
        rule = {
            "validate": "any",
            "input_title": name[:_TITLE],
            "input_message": message[:_MESSAGE],
        }
        self.sheet.data_validation(HEADING_ROW, index, HEADING_ROW, index, rule)

    def _rule(self, column: Column) -> dict[str, Any]:
        """A warning that lets the value stand: what is odd is listed by checking, not refused here."""
        words = {"error_type": "warning", "error_title": said("choice.title", self.language)}
        name = list_name(self.table, column)
        if name:
            text = said("choice.text", self.language)
            return {"validate": "list", "source": f"={name}", "error_message": text} | words
        if column.type == "date":
            text = said("date.text", self.language)
            return {
                "validate": "date", "criteria": ">", "value": 1, "error_type": "warning",
                "error_message": text,
            }  # fmt: skip
        if column.type in {"amount", "rate", "integer", "number", "share"}:
            text = said("number.text", self.language)
            return {
                "validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15,
                "error_type": "warning", "error_message": text,
            }  # fmt: skip
        return {}

    def _rows(self) -> None:
        places = {
            column if isinstance(column, str) else column.name: index
            for index, column in enumerate(self.columns)
        }
        schema = tables()[self.table]
        currency_at = (
            self.frame.get_column_index("currency") if "currency" in self.frame.columns else None
        )
        for number, row in enumerate(self.frame.iter_rows(), start=HEADING_ROW + 1):
            currency = row[currency_at] if currency_at is not None else None
            for name, value in zip(self.frame.columns, row, strict=True):
                if value is not None:
                    self._write(number, places[name], value, schema.get(name), currency)

    def _write(
        self, row: int, index: int, value: Any, column: Column | None, currency: Any
    ) -> None:
        kind = column.type if column else "text"
        if column and column.choices:
            value = choice_labels(self.table, column.name, self.language).get(value, value)
        if kind == "date":
            value = _day(value)
        if isinstance(value, date):
            self.sheet.write_datetime(row, index, value, self._cell("date"))
        elif isinstance(value, bool):
            self.sheet.write_string(row, index, yes_no(value, self.language), self._cell("flag"))
        elif kind in _FORMATS and _is_number(value):
            own = (
                currency
                if kind == "amount" and not (column and column.name.endswith("_lc"))
                else None
            )
            self.sheet.write_number(row, index, float(value), self._cell(kind, own))
        else:
            self.sheet.write_string(row, index, str(value), self._cell("text"))

    def _cell(self, kind: str, currency: Any = None) -> Any:
        number_format = _FORMATS.get(kind, "@")
        if currency and money.exponent(str(currency)) == 0:
            number_format = "#,##0;[Red]-#,##0"
        align = {} if kind in _FORMATS and kind != "date" else {"align": "left", "indent": 1}
        return self._look(num_format=number_format, **align)

    def _heading(self, column: Column | str) -> Any:
        required = not isinstance(column, str) and column.required
        colours = ("#FFFFFF", HEADING) if required else (INK, LINE)
        return self._look(
            bold=True, font_color=colours[0], bg_color=colours[1], text_wrap=True, valign="vcenter",
            align="left", indent=1,
        )  # fmt: skip

    def _look(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(FONT | look)
        return self.formats[key]

    def _view(self) -> None:
        sheet = self.sheet
        sheet.set_row(0, 24)
        sheet.set_row(HEADING_ROW, 30)
        sheet.freeze_panes(HEADING_ROW + 1, 1)
        sheet.set_tab_color(SERIES[1])
        sheet.set_landscape()
        sheet.set_paper(9 if self.paper == "A4" else 1)
        sheet.repeat_rows(HEADING_ROW)
        sheet.fit_to_pages(max(1, len(self.columns) // 12), 0)
        sheet.set_footer("&L&F, &A&R&P / &N")
        right = len(self.columns) - 1
        sheet.ignore_errors({"number_stored_as_text": f"A4:{_letter(right)}{LAST_ROW + 1}"})


def _is_number(value: Any) -> bool:
    text = str(value)
    return bool(_NUMBER.fullmatch(text)) and sum(map(str.isdigit, text.lstrip("-0."))) <= _DIGITS


def _day(value: Any) -> Any:
    """A day, or what stands in its place."""
    try:
        return date.fromisoformat(value) if _ISO.fullmatch(str(value)) else value
    except (TypeError, ValueError):
        return value


def _letter(index: int) -> str:
    return str(xl_col_to_name(index))


def _width(value: Any) -> int:
    return max((text_width(line) for line in str(value or "").split("\n")), default=0)
