"""The sheet Start: three steps, one switch of the language, and what the workbook holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import quote_sheetname

from receivables.book.input_sheets import input_rows
from receivables.book.settings_sheet import option_row
from receivables.book.start_texts import CHINESE, ENGLISH, SWITCH, said
from receivables.book.structure import ExtraSheet
from receivables.report.labels import sheet as result_sheet
from receivables.report.palette import HEADING, LINE, NEUTRAL, SERIES, SOFT
from receivables.report.styles import FONT

RESULTS = ("close", "aging", "open_items", "dashboard", "issues")
INPUTS = ("customers", "documents", "payments", "controls", "limits", "disputes", "promises")
_WIDTHS = (2, 6, 34, 58, 22, 2)
_NUMBER, _LABEL, _TEXT, _SIDE = 1, 2, 3, 4
_LINE = 68
"""Characters of a line of the text column."""
BUTTON_ROW = 17
"""Row of the buttons of a workbook with macros."""


def start_sheet(
    language: str, paper: str = "A4", buttons: Callable[[Any, Any], None] | None = None
) -> ExtraSheet:
    """Start in a language that its switch can change; `buttons` puts macro buttons on it."""

    def draw(workbook: Any, sheet: Any, _styles: Any) -> None:
        _Start(workbook, sheet, language).draw()
        sheet.set_portrait()
        sheet.set_paper(9 if paper == "A4" else 1)
        if buttons:
            buttons(workbook, sheet)

    return ExtraSheet(said("start", language), draw, first=True, anchor="start")


@dataclass(slots=True)
class _Start:
    """The sheet being drawn."""

    workbook: Any
    sheet: Any
    language: str

    def draw(self) -> None:
        """Title, switch, steps, sheets, print set-up."""
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, width)
        self._head()
        self._steps()
        self._sheets()
        self.sheet.hide_gridlines(2)
        self.sheet.set_tab_color(HEADING)
        self.sheet.fit_to_pages(1, 1)
        self.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        self.sheet.set_footer("&L&F&R&D")

    def _head(self) -> None:
        self._say(0, _NUMBER, "title", bold=True, font_size=22, font_color=HEADING)
        self.sheet.set_row(0, 36)
        self._say(1, _NUMBER, "subtitle", font_color=NEUTRAL, font_size=11)
        self._say(3, _TEXT, "language", align="right", font_color=NEUTRAL)
        row, column = SWITCH
        own = CHINESE if self.language == "zh" else ENGLISH
        look = self._look(bold=True, align="center", border=1, border_color=HEADING, bg_color=SOFT)
        self.sheet.write_string(row, column, own, look)
        self.sheet.data_validation(
            row, column, row, column, {"validate": "list", "source": [ENGLISH, CHINESE]}
        )

    def _steps(self) -> None:
        self._step(5, "step1", (("go.customers", "customers"), ("go.documents", "documents")))
        self._step(9, "step2", (("go.settings", "settings"),))
        self._say(11, _LABEL, "step2.date", font_color=NEUTRAL, align="right")
        cell = f"{quote_sheetname(said('settings.sheet', self.language))}!$B${option_row('as_of') + 1}"
        none = f"IF({self._chinese()},{_quoted(said('step2.none', 'zh'))},{_quoted(said('step2.none', 'en'))})"
        look = self._look(bold=True, align="left", indent=1)
        self.sheet.write_formula(
            11, _TEXT, f'=IF({cell}="",{none},{cell})', look, said("step2.none", self.language)
        )
        self._step(13, "step3", (("go.close", "close"),))

    def _step(self, row: int, key: str, links: tuple[tuple[str, str], ...]) -> None:
        number = self._look(
            bold=True, font_size=16, font_color="#FFFFFF", bg_color=HEADING, align="center",
            valign="vcenter",
        )  # fmt: skip
        self.sheet.write_string(row, _NUMBER, key[-1], number)
        self._say(row, _LABEL, key, bold=True, font_size=13, font_color=HEADING, valign="vcenter", indent=1,
                  bottom=1, bottom_color=LINE)  # fmt: skip
        for column in (_TEXT, _SIDE):
            self.sheet.write_blank(row, column, None, self._look(bottom=1, bottom_color=LINE))
        self.sheet.set_row(row, 26)
        self.sheet.merge_range(row + 1, _LABEL, row + 1, _TEXT, "", self._text_look())
        self._say(row + 1, _LABEL, f"{key}.text", **self._wrapped())
        self.sheet.set_row(row + 1, 30)
        for place, (label, target) in enumerate(links):
            self._link(row + 1 + place, _SIDE, label, self._name(target))

    def _sheets(self) -> None:
        row = 20
        self._say(row, _NUMBER, "sheets", bold=True, font_size=13, font_color=HEADING)
        heads = self._look(bold=True, font_color="#FFFFFF", bg_color=HEADING)
        row += 1
        self.sheet.write_blank(row, _NUMBER, None, heads)
        for column, key in ((_LABEL, "sheets.sheet"), (_TEXT, "sheets.what")):
            self._say(row, column, key, bold=True, font_color="#FFFFFF", bg_color=HEADING)
        self.sheet.write_blank(row, _SIDE, None, heads)
        for table in INPUTS:
            row += 1
            texts = {code: input_rows()[table][f"help_{code}"] for code in ("en", "zh")}
            self._line(row, input_rows()[table][self.language], texts, "sheets.inputs")
        for name in RESULTS:
            row += 1
            texts = {code: said(f"note.{name}", code) for code in ("en", "zh")}
            self._line(row, result_sheet(name, self.language)[0], texts, "sheets.results")
        self._say(row + 1, _NUMBER, "sheets.more", font_color=NEUTRAL, italic=True)
        self.sheet.print_area(0, 0, row + 1, len(_WIDTHS) - 1)

    def _line(self, row: int, name: str, texts: dict[str, str], kind: str) -> None:
        under = {"bottom": 1, "bottom_color": LINE, "valign": "top"}
        self.sheet.write_blank(row, _NUMBER, None, self._look(**under))
        self._go(row, _LABEL, name, _quoted(name), name, **under)
        self._formula(row, _TEXT, texts, text_wrap=True, **under)
        self._say(row, _SIDE, kind, font_color=NEUTRAL, **under)
        if len(texts["en"]) > _LINE:
            self.sheet.set_row(row, 28)

    def _name(self, target: str) -> str:
        if target in input_rows():
            return input_rows()[target][self.language]
        if target == "settings":
            return said("settings.sheet", self.language)
        return result_sheet(target, self.language)[0]

    def _link(self, row: int, column: int, label: str, name: str) -> None:
        texts = {code: f"→ {said(label, code)}" for code in ("en", "zh")}
        shown = f"IF({self._chinese()},{_quoted(texts['zh'])},{_quoted(texts['en'])})"
        self._go(row, column, name, shown, texts[self.language], valign="top", indent=1)

    def _go(self, row: int, column: int, name: str, shown: str, value: str, **look: Any) -> None:
        place = quote_sheetname(name)
        place = place if place.startswith("'") else f"'{place}'"
        style = self._look(font_color=SERIES[0], underline=1, **look)
        formula = f"=HYPERLINK({_quoted(f'#{place}!A1')},{shown})"
        self.sheet.write_formula(row, column, formula, style, value)

    def _say(self, row: int, column: int, key: str, **look: Any) -> None:
        texts = {code: said(key, code) for code in ("en", "zh")}
        self._formula(row, column, texts, **look)

    def _formula(self, row: int, column: int, texts: dict[str, str], **look: Any) -> None:
        """Text in the language of the switch, whichever that is."""
        formula = f"=IF({self._chinese()},{_quoted(texts['zh'])},{_quoted(texts['en'])})"
        self.sheet.write_formula(row, column, formula, self._look(**look), texts[self.language])

    @staticmethod
    def _chinese() -> str:
        row, column = SWITCH
        return f'${"ABCDEFG"[column]}${row + 1}="{CHINESE}"'

    @staticmethod
    def _wrapped() -> dict[str, Any]:
        return {"text_wrap": True, "valign": "top", "indent": 1}

    def _text_look(self) -> Any:
        return self._look(**self._wrapped())

    def _look(self, **look: Any) -> Any:
        return self.workbook.add_format(FONT | look)


def _quoted(text: str) -> str:
    """Text in a formula, its quotation marks doubled."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
