"""Where the rows of a sheet go in a refresh, and references that go with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384


@dataclass(frozen=True, slots=True)
class Span:
    """Rows that a refresh replaces, first and last counted from 1, and what stands there after it.

    `last = first - 1` is rows put in before `first`; `new_last = new_first - 1` rows taken out.
    `rows[k]` is the new row of old row `first + k`, None for one that is gone: so a cell follows the
    key of its row. It holds for the columns `left` to `right`, the table's; what stands beside the
    table keeps its place. `next` is the new row of the one below, if that is not `new_last + 1`
    (blank rows are left where something stands beside a table that became shorter).
    """

    first: int
    last: int
    new_first: int
    new_last: int
    rows: Sequence[int | None] | None = None
    left: int = 1
    right: int = LAST_COLUMN
    next: int = 0

    @property
    def below(self) -> int:
        """New row of the first row below."""
        return self.next or self.new_last + 1

    @property
    def still(self) -> bool:
        """Whether every row stays where it is."""
        same = (self.first, self.last) == (self.new_first, self.new_last)
        if not same or self.below != self.last + 1:
            return False
        return self.rows is None or all(
            row == new for row, new in enumerate(self.rows, start=self.first)
        )


@dataclass(frozen=True, slots=True)
class RowMap:
    """Where each row of one sheet goes; rows between the spans move by what stands above them."""

    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        for upper, lower in zip(self.spans, self.spans[1:], strict=False):
            if lower.first <= upper.last or lower.new_first < upper.below:
                raise ValueError(f"spans out of order: {upper}, {lower}")

    @property
    def identity(self) -> bool:
        """Whether nothing moves."""
        return all(span.still for span in self.spans)

    def start(self, row: int, column: int = 0) -> int:
        """New first row of a range; `column` 0 is a range over the table.

        >>> moved = RowMap((Span(5, 104, 5, 204),))
        >>> moved.start(5), moved.start(105), moved.end(104), moved.end(110)
        (5, 205, 204, 210)
        """
        span = self._span(row)
        if span is None:
            return self._between(row)
        place = span.new_first + row - span.first
        if _beside(span, column) or row == span.first:
            return place
        return max(min(place, span.new_last), span.new_first)

    def end(self, row: int, column: int = 0) -> int:
        """New last row of a range."""
        if row >= LAST_ROW:
            return LAST_ROW
        span = self._span(row)
        if span is None:
            return self._between(row)
        place = span.new_first + row - span.first
        if _beside(span, column):
            return place
        return span.new_last if row == span.last else min(place, span.new_last)

    def point(self, row: int, column: int = 0) -> int | None:
        """New row of a single cell: with the key of its row; None if that row is gone.

        >>> moved = RowMap((Span(5, 7, 5, 6, rows=(6, None, 5)),))
        >>> [moved.point(row) for row in (4, 5, 6, 7, 8)]
        [4, 6, None, 5, 7]
        """
        span = self._span(row)
        if span is None:
            place = self._between(row)
            return place if place <= LAST_ROW else None
        place = span.new_first + row - span.first
        if _beside(span, column):
            return place
        if span.rows is not None:
            return span.rows[row - span.first]
        return place if place <= span.new_last else None

    def range(
        self, first: int, last: int, left: int = 1, right: int = LAST_COLUMN, *, fixed: bool = True
    ) -> tuple[int, int] | None:
        """New first and last row of a range of rows and columns; None if nothing of it is left.

        A range in one row of a table goes with the row's key. In a table of one row it is taken for
        the whole body where it is `fixed` (an area, `$A$5:$C$5`) or one column wide.
        """
        first, last = min(first, last), max(first, last)
        span = self._span(first)
        column = 0
        if span is not None and (right < span.left or left > span.right):
            column = left
        whole = span is not None and span.first == span.last and (fixed or left == right)
        if first == last and not column and not whole:
            row = self.point(first)
            return None if row is None else (row, row)
        top, bottom = self.start(first, column), min(self.end(last, column), LAST_ROW)
        return (top, bottom) if top <= bottom else None

    def areas(
        self, first: int, last: int, left: int = 1, right: int = LAST_COLUMN
    ) -> list[tuple[int, int]]:
        """New runs of rows of an area that may be torn apart: rows inside a table go with their keys."""
        span = self._span(first)
        inside = span is not None and span.first < first and last < span.last
        if span is None or not inside or _beside(span, left) or span.rows is None:
            found = self.range(first, last, left, right)
            return [found] if found else []
        rows = sorted(
            row for old in range(first, last + 1) if (row := self.point(old)) is not None
        )
        runs: list[tuple[int, int]] = []
        for row in rows:
            if runs and row == runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], row)
            else:
                runs.append((row, row))
        return runs

    def _span(self, row: int) -> Span | None:
        return next((span for span in self.spans if span.first <= row <= span.last), None)

    def _between(self, row: int) -> int:
        place = row
        for span in self.spans:
            if span.last < row:
                place = span.below + row - span.last - 1
        return place


def _beside(span: Span, column: int) -> bool:
    return bool(column) and not span.left <= column <= span.right


def column_of(letters: str) -> int:
    """Number of a column, counted from 1.

    >>> column_of("A"), column_of("AB")
    (1, 28)
    """
    number = 0
    for sign in letters.upper():
        number = number * 26 + ord(sign) - 64
    return number


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference in a formula: its text, place, sheets and rows; row 0 is a whole column."""

    text: str
    begin: int
    end: int
    sheet: str
    last_sheet: str = ""
    """Last sheet of a reference through several (`Jan:Mar!A1`)."""
    external: bool = False


def references(text: str) -> Iterator[Reference]:
    """References of a formula that name rows or columns; texts, names and brackets are skipped.

    >>> [found.text for found in references('SUM(Aging!$D$5:$D$9)+Aging[Open]&"B2"+LOG10(C3)')]
    ['Aging!$D$5:$D$9', 'C3']
    """
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            place += 1
            continue
        place = match.end()
        if match["bracket"]:
            place = _closing(text, place)
        elif match["ref"]:
            yield _reference(match)


def shift_formula(text: str, home_sheet: str, maps: Mapping[str, RowMap]) -> str:
    """A formula with its references moved.

    Args:
        text: without or with the equals sign.
        home_sheet: the sheet that references without a sheet mean.
        maps: rows of the sheets that change, by name.

    References to other workbooks, through several sheets, and by table and column stay as they are.
    A cell whose row is gone becomes #REF!, as where a user deletes the row.

    >>> shift_formula("SUM(D5:D104)+D105", "Aging", {"Aging": RowMap((Span(5, 104, 5, 204),))})
    'SUM(D5:D204)+D205'
    """
    known = {name.casefold(): rows for name, rows in maps.items() if not rows.identity}
    if not known:
        return text
    pieces, done = [], 0
    for found in references(text):
        rows = known.get((found.sheet or home_sheet).casefold())
        if rows is None or found.external or found.last_sheet:
            continue
        pieces += [text[done : found.begin], _moved(found.text, rows, text[found.end :])]
        done = found.end
    return "".join([*pieces, text[done:]])


def shift_area(ref: str, rows: RowMap) -> str:
    """Areas of a sheet (`A5:C104 F5`), moved; empty if nothing is left of them.

    >>> shift_area("A5:C104 F5:F104", RowMap((Span(5, 104, 7, 8),)))
    'A7:C8 F7:F8'
    """
    if rows.identity:
        return ref
    moved: dict[str, None] = {}
    for area in ref.split():
        match = _AREA.fullmatch(area)
        if not match or not (match["row"] or match["whole"]):
            moved[area] = None
            continue
        moved |= dict.fromkeys(_areas(match, rows))
    return " ".join(moved)


def _areas(match: re.Match[str], rows: RowMap) -> Iterator[str]:
    if match["whole"]:
        found = rows.range(int(match["top"]), int(match["bottom"]))
        if found:
            yield f"{found[0]}:{found[1]}"
        return
    first, last = int(match["row"]), int(match["row2"] or match["row"])
    left = column_of(match["column"])
    right = column_of(match["column2"] or match["column"])
    for top, bottom in rows.areas(first, last, left, right):
        one = f"{match['fix'] or ''}{match['column']}{match['fixrow'] or ''}{top}"
        two = f"{match['fix2'] or ''}{match['column2'] or match['column']}{match['fixrow2'] or ''}{bottom}"
        yield one if not match["row2"] and top == bottom else f"{one}:{two}"


def _reference(match: re.Match[str]) -> Reference:
    prefix = match["prefix"] or ""
    name = prefix[:-1]
    if name.startswith("'"):
        name = name[1:-1].replace("''", "'")
    external = "[" in name
    first, _, last = ("", "", "") if external else name.partition(":")
    return Reference(match["ref"], match.start("ref"), match.end("ref"), first, last, external)


def _moved(text: str, rows: RowMap, behind: str) -> str:
    """A reference with its new rows."""
    sheets = re.match(_SHEET, text)
    prefix = sheets[0] if sheets else ""
    match = _AREA.fullmatch(re.sub(f":{_SHEET}", ":", text[len(prefix) :]))
    if match is None or (match["column"] and not match["row"]):
        return text
    if match["whole"]:
        found = rows.range(int(match["top"]), int(match["bottom"]))
        gone = f"{prefix}#REF!"
        return (
            f"{prefix}{match['fixtop']}{found[0]}:{match['fixbottom']}{found[1]}"
            if found
            else gone
        )
    first_row, left = int(match["row"]), column_of(match["column"])
    one = f"{prefix}{match['fix']}{match['column']}{match['fixrow']}"
    if not match["row2"]:
        # the start of `A5:INDEX(…)` is the start of a range
        row = rows.start(first_row, left) if behind[:1] == ":" else rows.point(first_row, left)
        return f"{prefix}#REF!" if row is None else f"{one}{row}"
    fixed = bool(match["fixrow"] and match["fixrow2"])
    right = column_of(match["column2"])
    found = rows.range(first_row, int(match["row2"]), left, right, fixed=fixed)
    if found is None:
        return f"{prefix}#REF!"
    return f"{one}{found[0]}:{match['fix2']}{match['column2']}{match['fixrow2']}{found[1]}"


def _closing(text: str, place: int) -> int:
    """End of a bracketed reference that may hold brackets itself; `'` takes the next sign as it is."""
    depth = 1
    while place < len(text) and depth:
        sign = text[place]
        depth += (sign == "[") - (sign == "]")
        place += 2 if sign == "'" else 1
    return place


_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}"
_SHEET = r"(?:'(?:[^']|'')+'|(?:\[[^\]]+\])?[\w.]+(?::[\w.]+)?)!"
_TOKEN = re.compile(
    r'"(?:[^"]|"")*"'
    r"|(?P<ref>"
    rf"(?P<prefix>{_SHEET})?"
    rf"(?:{_CELL}(?::(?:{_SHEET})?{_CELL})?|\$?[1-9]\d{{0,6}}:\$?[1-9]\d{{0,6}}"
    r"|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})"
    r")(?![\w.(\[!\\?])"
    rf"|{_SHEET}"
    r"|[\w.$\\?]+"
    r"|(?P<bracket>\[)"
)
_AREA = re.compile(
    r"(?P<fix>\$?)(?P<column>[A-Za-z]{1,3})(?:(?P<fixrow>\$?)(?P<row>\d+))?"
    r"(?::(?P<fix2>\$?)(?P<column2>[A-Za-z]{1,3})(?:(?P<fixrow2>\$?)(?P<row2>\d+))?)?"
    r"|(?P<whole>(?P<fixtop>\$?)(?P<top>\d+):(?P<fixbottom>\$?)(?P<bottom>\d+))"
)
