"""Build the cookbook: every cell function at work, with an expected answer beside it.

`python -m workbooks.cookbook [FILE.xlsx]`
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from receivables.report import palette, styles
from receivables.resources import data_rows
from workbooks.examples import Example, examples
from workbooks.page import Page

TARGET = Path(__file__).with_name("cookbook.xlsx")
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
"""The same functions give the same bytes, whenever the file is built."""

FAMILIES = ("assess", "transfer", "monitor", "respond")


class Cookbook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook that makes each format once."""

    def cookbook_format(self, wanted: dict[str, Any]) -> Any:
        """The format with these properties."""
        made = self.__dict__.setdefault("formats_made", {})
        key = tuple(sorted(wanted.items()))
        if key not in made:
            made[key] = self.add_format(wanted)
        return made[key]


def build(path: Path = TARGET) -> Path:
    """Write the cookbook.

    Raises:
        NoExampleError: a function has no example.
    """
    found = examples()
    home: dict[str, int] = {}
    for item in found:
        home.setdefault(item.spec.topic, FAMILIES.index(item.spec.family))
    ordered = sorted(found, key=lambda item: (home[item.spec.topic], item.spec.topic))
    with Cookbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "Receivables cookbook", "created": CREATED})
        index = book.add_worksheet("Index")
        places = []
        for topic, group in groupby(ordered, key=lambda item: item.spec.topic):
            page = Page(book, *titles(topic))
            for example in group:
                first, check = page.add(example)
                places.append((example, page.title, first, check))
            colour_checks(book, page.sheet, page.checks)
        write_index(book, index, places)
        index.activate()
    return path


def titles(topic: str) -> tuple[str, str]:
    """Name of a topic's sheet, and its heading in both languages."""
    row = next((row for row in data_rows("topics.csv") if row["topic"] == topic), None)
    if row is None:
        raise LookupError(f"receivables/data/topics.csv has no topic {topic}. Add its row.")
    return row["en"][:31], f"{row['en']} · {row['zh']}"


def write_index(book: Any, sheet: Any, places: list[tuple[Example, str, int, str]]) -> None:
    """First sheet: every function with a link, what it does, and whether its check holds."""
    look = {name: book.cookbook_format({**styles.FONT, **given}) for name, given in INDEX.items()}
    for column, width in enumerate((30, 26, 78, 50, 10)):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    sheet.write_string(0, 0, "Receivables: every function at work · 全部函数示例", look["title"])
    sheet.set_row(0, 28)
    sheet.merge_range(1, 0, 1, 4, INTRODUCTION, look["text"])
    sheet.set_row(1, 62)
    first = 5
    sheet.write_string(2, 0, "All checks hold · 全部核对", look["head"])
    checks = f"E{first + 1}:E{first + len(places)}"
    sheet.write_formula(2, 1, f"=IFERROR(AND({checks}),FALSE)", look["check"], value=True)
    headings = ("Function · 函数", "Topic · 主题", "What it does", "说明", "Check · 核对")
    for column, text in enumerate(headings):
        sheet.write_string(first - 1, column, text, look["head"])
    for row, (example, title, line, check) in enumerate(places, first):
        spec = example.spec
        sheet.write_url(row, 0, f"internal:'{title}'!A{line + 1}", look["link"], spec.name)
        sheet.write_string(row, 1, title, look["cell"])
        sheet.write_string(row, 2, spec.summary, look["cell"])
        sheet.write_string(row, 3, spec.text("summary", "zh"), look["cell"])
        sheet.write_formula(row, 4, f"='{title}'!{check}", look["check"], value=True)
    sheet.freeze_panes(first, 1)
    sheet.autofilter(first - 1, 0, first - 1 + len(places), 4)
    sheet.repeat_rows(first - 1)
    colour_checks(book, sheet, ["B3", checks])


def colour_checks(book: Any, sheet: Any, places: list[str]) -> None:
    """TRUE in the colour of good, FALSE in that of bad."""
    for value, colour in (("TRUE", palette.GOOD), ("FALSE", palette.BAD)):
        rule = {"type": "cell", "criteria": "==", "value": value}
        look = book.add_format({"font_color": colour})
        for place in places:
            sheet.conditional_format(place, {**rule, "format": look})


INTRODUCTION = (
    "Each function stands on the sheet of its topic with inputs (yellow), the formula as text and at "
    "work, the answer it must give, and a check that says TRUE. Change a yellow cell and see what the "
    "formula does. If formulas show #NAME?, the add-in is not installed.\n"
    "每个函数都有输入(黄色)、公式文本、计算结果、应得结果和核对(TRUE)。修改黄色单元格即可试算;"
    "若显示 #NAME?,说明尚未安装插件。"
)
_LINES = {"border": 1, "border_color": palette.LINE}
INDEX: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": palette.HEADING},
    "text": {"text_wrap": True, "valign": "top", "font_color": palette.NEUTRAL},
    "head": {"bold": True, "font_color": "#FFFFFF", "bg_color": palette.HEADING, **_LINES},
    "cell": {"text_wrap": True, "valign": "top", **_LINES},
    "link": {"font_color": "#0033A0", "underline": 1, "valign": "top", **_LINES},
    "check": {"bold": True, "align": "center", "valign": "top", **_LINES},
}


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET))
