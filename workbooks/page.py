"""One sheet of the cookbook: a block for each function, from its inputs to a check of its answer."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from receivables.report import palette, styles
from workbooks.examples import Example

COLUMNS = (26, 16, 16, 16, 16, 16, 16, 16, 16, 16)
LAST = len(COLUMNS) - 1
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NUMBERS = {
    "money": "#,##0.00",
    "share": "0.00%",
    "ratio": "0.0000",
    "days": "#,##0.00",
    "years": "0.00",
    "percent": "0.00",
    "points": "0.00",
    "rate": "0.0000##",
    "date": "yyyy-mm-dd",
}
"""Number format by unit; a table holds several units, so its numbers stay general."""

_LINES = {"border": 1, "border_color": palette.LINE}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": palette.HEADING},
    "name": {"bold": True, "font_size": 12, "font_color": "#FFFFFF", "bg_color": palette.HEADING},
    "text": {"text_wrap": True, "valign": "top"},
    "soft": {
        "text_wrap": True,
        "valign": "top",
        "font_color": palette.NEUTRAL,
        "align": "left",
        "indent": 1,
    },
    "head": {"bold": True, "bg_color": palette.SOFT, **_LINES},
    "label": {"bold": True, "valign": "top"},
    "input": {"bg_color": "#FFF8DC", "font_color": "#0033A0", **_LINES},
    "code": {
        "font_name": "Consolas",
        "bg_color": palette.SOFT,
        "text_wrap": True,
        "valign": "top",
    },
    "result": {"bold": True, "text_wrap": True, "valign": "top", **_LINES},
    "expected": {"font_color": palette.NEUTRAL, "text_wrap": True, "valign": "top", **_LINES},
    "check": {"bold": True, "align": "center", **_LINES},
    "link": {"font_color": "#0033A0", "underline": 1},
}


class Page:
    """A sheet that is filled from top to bottom; `row` is the next free one."""

    def __init__(self, book: Any, title: str, heading: str) -> None:
        self.book, self.title = book, title
        self.sheet = book.add_worksheet(title)
        self.row = 0
        for column, width in enumerate(COLUMNS):
            self.sheet.set_column(column, column, width, self.look("text"))
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&L&A&R&P / &N")
        self.sheet.write_string(0, 0, heading, self.look("title"))
        self.sheet.set_row(0, 26)
        self.sheet.write_url(1, 0, "internal:'Index'!A1", self.look("link"), "← Index · 目录")
        self.sheet.freeze_panes(2, 0)
        self.row = 3
        self.checks: list[str] = []

    def look(self, name: str, number: str = "") -> Any:
        """A format; equal ones are shared by the writer of the file."""
        wanted = {**styles.FONT, **LOOKS[name]}
        if number:
            wanted["num_format"] = number
        return self.book.cookbook_format(wanted)

    def add(self, example: Example) -> tuple[int, str]:
        """Write a block; its first row, and the address of its check."""
        first = self.row
        self.heading(example)
        formula = f"={example.spec.name}({','.join(self.inputs(example))})"
        self.wide("Formula · 公式", formula, "code", height=1 + len(formula) // 110)
        check = self.table(example, formula) if example.is_table else self.value(example, formula)
        self.checks.append(check)
        self.row += 2
        return first, check

    def heading(self, example: Example) -> None:
        """Name and purpose in both languages, and the call as it is typed."""
        spec = example.spec
        for column in range(LAST + 1):
            self.sheet.write_blank(self.row, column, None, self.look("name"))
        self.sheet.write_string(self.row, 0, spec.name, self.look("name"))
        self.row += 1
        for text, name in ((spec.summary, "text"), (spec.text("summary", "zh"), "soft")):
            self.merged(0, text, name, height=1 + len(text) // 130)
            self.row += 1

    def inputs(self, example: Example) -> list[str]:
        """Write the arguments; what stands for each in the formula."""
        spec = example.spec
        for column, text in ((0, "Input · 输入"), (1, "Value · 值")):
            self.sheet.write_string(self.row, column, text, self.look("head"))
        self.merged(2, "Meaning · 说明", "head", height=1)
        self.row += 1
        pieces: list[str] = []
        ranges: list[int] = []
        for at, arg in enumerate(spec.args):
            given = example.arguments[at] if at < len(example.arguments) else None
            self.sheet.write_string(self.row, 0, arg.name, self.look("label"))
            meaning = f"{arg.help} · {spec.text(arg.name, 'zh')}"
            if given is None and not arg.required:
                meaning = f"left out · 省略. {meaning}"
            if arg.choices:
                meaning += f" [{', '.join(arg.options())}]"
            pieces.append(self.one(given, arg.type.name, arg.unit))
            if isinstance(given, list):
                ranges.append(at)
                self.sheet.write_string(self.row, 1, "↓", self.look("soft"))
            self.merged(2, meaning, "soft", height=1 + len(meaning) // 110)
            self.row += 1
        self.ranges(example, ranges, pieces)
        while pieces and not pieces[-1]:
            pieces.pop()
        return pieces

    def one(self, value: Any, kind: str, unit: str) -> str:
        """Write a single value into column B of the row; what stands for it in the formula."""
        if value is None or isinstance(value, list):
            return ""
        if value == "":
            self.sheet.write_string(self.row, 1, '""', self.look("soft"))
            return '""'
        self.put(self.row, 1, value, "input", unit, dates=kind in {"date", "dates"})
        return address(self.row, 1)

    def ranges(self, example: Example, which: list[int], pieces: list[str]) -> None:
        """Write the ranges: columns of one call side by side, tables below each other."""
        spec = example.spec
        columns = [at for at in which if spec.arg(at).type.shape != "table"]
        if columns:
            self.row += 1
            height = 0
            for column, at in enumerate(columns):
                values = [[item] for item in example.arguments[at]]
                pieces[at] = self.block(spec.args[at], values, column, spec.arg(at).name)
                height = max(height, len(values))
            self.row += height + 1
        for at in which:
            if at in columns:
                continue
            self.row += 1
            given = example.arguments[at]
            values = given if isinstance(given[0], list) else [given]
            pieces[at] = self.block(spec.args[at], values, 0, spec.arg(at).name)
            self.row += len(values) + 1
        if which:
            self.row += 1

    def block(self, arg: Any, values: list[list[Any]], column: int, caption: str) -> str:
        """Write a range under its caption; its address."""
        self.sheet.write_string(self.row, column, caption, self.look("head"))
        dates = arg.type.name in {"date", "dates", "table"}
        for down, line in enumerate(values, 1):
            for across, cell in enumerate(line):
                self.put(self.row + down, column + across, cell, "input", arg.unit, dates=dates)
        last = address(self.row + len(values), column + len(values[0]) - 1)
        return f"{address(self.row + 1, column)}:{last}"

    def value(self, example: Example, formula: str) -> str:
        """Answer, expected answer and check in one row."""
        unit, expected = example.spec.result.unit, example.expected
        for column, text in ((1, "Result · 结果"), (2, "Expected · 应为"), (3, "Check · 核对")):
            self.sheet.write_string(self.row, column, text, self.look("head"))
        self.row += 1
        day = is_day(expected)
        number = NUMBERS["date"] if day else number_format(expected, unit)
        shown = serial(expected) if day else expected
        self.sheet.write_string(self.row, 0, example.spec.result.help, self.look("soft"))
        self.sheet.write_formula(self.row, 1, formula, self.look("result", number), shown)
        self.put(self.row, 2, expected, "expected", unit, dates=True)
        result, wanted = address(self.row, 1), address(self.row, 2)
        check = single_check(result, wanted, expected, tolerance(example))
        self.sheet.write_formula(self.row, 3, check, self.look("check"), value=True)
        self.source(example, 4)
        self.row += 1
        return address(self.row - 1, 3)

    def table(self, example: Example, formula: str) -> str:
        """Answer and expected answer as blocks below each other, then the check."""
        rows, answer = example.expected, example.answer
        height, width = len(rows), len(rows[0])
        places = []
        for label in ("Result · 结果", "Expected · 应为"):
            self.sheet.write_string(self.row, 0, label, self.look("head"))
            self.row += 1
            last = address(self.row + height - 1, width - 1)
            places.append(f"{address(self.row, 0)}:{last}")
            if len(places) == 1:
                self.sheet.write_array_formula(places[0], "{" + formula + "}")
            name = "result" if len(places) == 1 else "expected"
            for down, line in enumerate(rows):
                self.sheet.set_row(self.row + down, 14.0 * lines_of(line))
                for across, cell in enumerate(line):
                    place = (self.row + down, across)
                    shown = "head" if not down else name
                    if len(places) == 1 and (down, across) == (0, 0):
                        look, array = self.look("head"), "{" + formula + "}"
                        self.sheet.write_array_formula(places[0], array, look, cell)
                    else:
                        day = isinstance(answer[down][across], date)
                        self.put(*place, cell, shown, "", dates=day)
            self.row += height + 1
        for column, text in ((0, "Check · 核对"), (2, "Differ · 不同")):
            self.sheet.write_string(self.row, column, text, self.look("head"))
        count = address(self.row, 3)
        result, wanted = places
        check = differing(result, wanted, tolerance(example))
        self.sheet.write_array_formula(count, check, self.look("expected"), 0)
        at = address(self.row, 1)
        self.sheet.write_formula(at, f"=IFERROR({count}=0,FALSE)", self.look("check"), value=True)
        self.source(example, 4)
        self.row += 1
        return at

    def source(self, example: Example, column: int) -> None:
        """Where the expected answer comes from."""
        if example.source:
            self.merged(column, example.source, "soft", height=1 + len(example.source) // 80)

    def put(self, row: int, column: int, value: Any, name: str, unit: str, *, dates: bool) -> None:
        """A value as a cell holds it; a text is never a formula."""
        if value is None or value == "":
            self.sheet.write_blank(row, column, None, self.look(name))
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, self.look(name))
        elif dates and is_day(value):
            look = self.look(name, NUMBERS["date"])
            self.sheet.write_datetime(row, column, date.fromisoformat(value), look)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, self.look(name))
        else:
            self.sheet.write_number(
                row, column, value, self.look(name, number_format(value, unit))
            )

    def wide(self, label: str, text: str, name: str, height: int) -> None:
        """A labelled text over the whole width."""
        self.sheet.write_string(self.row, 0, label, self.look("label"))
        self.merged(1, text, name, height)
        self.row += 1

    def merged(self, column: int, text: str, name: str, height: int) -> None:
        """A text from a column to the last one, as many lines high as it needs."""
        self.sheet.merge_range(self.row, column, self.row, LAST, "", self.look(name))
        self.sheet.write_string(self.row, column, text, self.look(name))
        if height > 1:
            self.sheet.set_row(self.row, 14.0 * height)


def address(row: int, column: int) -> str:
    """Address of a cell.

    >>> address(4, 1)
    'B5'
    """
    return f"{chr(65 + column)}{row + 1}"


def number_format(value: Any, unit: str) -> str:
    """How a number is shown: money and shares always alike, others without decimals where they have none.

    >>> number_format(31, "days"), number_format(55.35, "days"), number_format(5, "money")
    ('#,##0', '#,##0.00', '#,##0.00')
    """
    if not numbers(value):
        return "General"
    if unit not in {"money", "share"} and value == int(value):
        return "#,##0"
    return NUMBERS.get(unit, "#,##0.00####")


def lines_of(row: list[Any], width: int = 17) -> int:
    """Lines that the longest text of a row of narrow cells needs."""
    return max(1 + len(cell) // width if isinstance(cell, str) else 1 for cell in row)


def is_day(value: Any) -> bool:
    """Whether a text is a date in ISO form."""
    return isinstance(value, str) and bool(DAY.fullmatch(value))


def serial(text: str) -> int:
    """A date as the number that a cell holds.

    >>> serial("2026-10-31")
    46326
    """
    return (date.fromisoformat(text) - date(1899, 12, 30)).days


def tolerance(example: Example) -> float:
    """How far a number may be off: as the case says, and never less than a float's own error."""
    largest = max([abs(number) for number in numbers(example.expected)], default=0)
    return max(example.tolerance, 1e-9, 1e-12 * largest)


def numbers(value: Any) -> list[float]:
    """Every number in an answer."""
    if isinstance(value, list):
        return [number for item in value for number in numbers(item)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def single_check(result: str, wanted: str, expected: Any, off: float) -> str:
    """Formula that is TRUE if one answer is as expected; TRUE arrives in Calc as 1."""
    if isinstance(expected, bool):
        return f"=IFERROR({result}*1={wanted}*1,FALSE)"
    if isinstance(expected, str) and not is_day(expected):
        return f"=IFERROR(EXACT({result},{wanted}),FALSE)"
    return f"=IF(ISNUMBER({result}),ABS({result}-{wanted})<={off!r},FALSE)"


def differing(result: str, wanted: str, off: float) -> str:
    """Array formula that counts the cells of a block that are not as expected.

    A text that an extension gives in an array equals nothing in Calc until something is joined to it.
    """
    number = f"IF(ISNUMBER({result}),ABS({result}-{wanted})<={off!r},FALSE)"
    flag = f"IFERROR({result}*1,-1)={wanted}*1"
    text = f'({result}&"")=({wanted}&"")'
    same = f"IF(ISNUMBER({wanted}),{number},IF(ISLOGICAL({wanted}),{flag},{text}))"
    return "{=SUM(1-IFERROR(" + same + "*1,0))}"
