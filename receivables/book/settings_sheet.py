"""The sheet Settings: every option with its value, default, choices and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from xlsxwriter.utility import quote_sheetname

from receivables.book.start_texts import CHINESE, SWITCH, said
from receivables.book.structure import ExtraSheet
from receivables.report.palette import HEADING, LINE, NEUTRAL, SERIES, SOFT
from receivables.report.styles import FONT
from receivables.resources import data_rows

SETTINGS_FIRST = 4
"""Row of the first option."""
_WIDTHS = (24, 26, 14, 26, 16, 76)
_COLUMNS = ("name", "value", "default", "choices", "unit", "help")
_LONG = 88


@cache
def _options() -> tuple[dict[str, str], ...]:
    return tuple(data_rows("settings.csv"))


def option_row(name: str) -> int:
    """Row of an option on the sheet, counted from 0."""
    names = [row["name"] for row in _options()]
    return SETTINGS_FIRST + names.index(name)


def settings_sheet(
    language: str, values: Mapping[str, str] | None = None, paper: str = "A4"
) -> ExtraSheet:
    """All options of `data/settings.csv`; the language follows the switch on Start."""

    def draw(workbook: Any, sheet: Any, _styles: Any) -> None:
        def look(**given: Any) -> Any:
            return workbook.add_format(FONT | given)

        title = look(bold=True, font_size=14, font_color=HEADING)
        sheet.write_string(0, 0, said("settings.title", language), title)
        sheet.write_string(1, 0, said("settings.note", language), look(font_color=NEUTRAL))
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        _table(sheet, language, look)
        _rows(sheet, language, dict(values or {}), look)
        _view(sheet, paper)

    return ExtraSheet(said("settings.sheet", language), draw)


def _table(sheet: Any, language: str, look: Any) -> None:
    head = look(bold=True, font_color="#FFFFFF", bg_color=HEADING, valign="vcenter", indent=1)
    columns = [
        {"header": said(f"settings.{name}", language), "header_format": head} for name in _COLUMNS
    ]
    last = SETTINGS_FIRST + len(_options()) - 1
    options = {"name": "Settings", "columns": columns, "style": None, "autofilter": False}
    sheet.add_table(SETTINGS_FIRST - 1, 0, last, len(_COLUMNS) - 1, options)
    sheet.set_row(SETTINGS_FIRST - 1, 22)


def _rows(sheet: Any, language: str, values: dict[str, str], look: Any) -> None:
    under = {"bottom": 1, "bottom_color": LINE, "valign": "top", "num_format": "@", "indent": 1}
    plain, wrapped = look(**under), look(text_wrap=True, **under)
    named = look(bold=True, **under)
    typed = look(bg_color=SOFT, align="left", **under)
    for row, option in enumerate(_options(), start=SETTINGS_FIRST):
        sheet.write_string(row, 0, option["name"], named)
        if option["name"] == "language":
            sheet.write_formula(row, 1, _language(language), typed, language)
        elif values.get(option["name"]):
            sheet.write_string(row, 1, values[option["name"]], typed)
        else:
            sheet.write_blank(row, 1, None, typed)
        _check(sheet, row, option, language)
        choices = option["choices"].replace("|", ", ")
        for column, text in ((2, option["default"]), (3, choices), (4, option["unit"])):
            sheet.write_string(row, column, text, plain)
        help_text = option[f"help_{language}"]
        sheet.write_string(row, 5, help_text, wrapped)
        lines = -(-len(help_text) * (2 if language == "zh" else 1) // _LONG)
        sheet.set_row(row, 6 + 13 * max(lines, 1))


def _language(language: str) -> str:
    row, column = SWITCH
    start = quote_sheetname(said("start", language))
    return f'=IF({start}!${"ABCDEFG"[column]}${row + 1}="{CHINESE}","zh","en")'


def _check(sheet: Any, row: int, option: dict[str, str], language: str) -> None:
    """What the value may be, and what it means when the cell is chosen."""
    rule: dict[str, Any] = {"validate": "any"}
    if option["choices"]:
        rule = {"validate": "list", "source": option["choices"].split("|")}
    elif option["type"] == "integer":
        # The cell is text: what is typed is tested by its value.
        rule = {"validate": "custom", "value": f"=ISNUMBER(VALUE(B{row + 1}))"}
    note = said("settings.from_start", language) if option["name"] == "language" else ""
    message = (note or option[f"help_{language}"])[:255]
    rule |= {"input_title": option["name"][:32], "input_message": message}
    sheet.data_validation(row, 1, row, 1, rule)


def _view(sheet: Any, paper: str) -> None:
    sheet.freeze_panes(SETTINGS_FIRST, 1)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(SERIES[1])
    sheet.set_landscape()
    sheet.set_paper(9 if paper == "A4" else 1)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(SETTINGS_FIRST - 1)
    sheet.set_footer("&L&F, &A&R&P / &N")
    last = SETTINGS_FIRST + len(_options())
    sheet.ignore_errors({"number_stored_as_text": f"A1:F{last}"})
