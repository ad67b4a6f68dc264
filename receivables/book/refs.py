"""Where the rows of a sheet go in a refresh, and references that go with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from receivables.book.row_map import LAST_COLUMN, LAST_ROW, RowMap, Span

__all__ = [
    "GONE", "LAST_COLUMN", "LAST_ROW", "Reference", "RowMap", "Span", "column_of", "references",
    "shift_area", "shift_formula", "shift_rule",
]  # fmt: skip


def column_of(letters: str) -> int:
    """Number of a column, counted from 1.

    >>> column_of("A"), column_of("AB")
    (1, 28)
    """
    number = 0
    for sign in letters.upper():
        number = number * 26 + ord(sign) - 64
    return number


GONE = "#REF!"
"""What stands for a cell whose row is gone; with a sheet before it LibreOffice does not know it."""


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
    known = _known(maps)
    if not known:
        return text

    def moved(found: Reference, rows: RowMap) -> str:
        return _moved(found.text, rows, text[found.end :])

    return _shifted(text, home_sheet, known, moved)


def shift_rule(
    text: str, home_sheet: str, maps: Mapping[str, RowMap], base: int, down: int
) -> str:
    """A formula written once for many cells, as rules and calculated columns are.

    Rows without `$` are meant from the row `base` that the formula is written for; they move `down`
    with it as long as they stand in the same table. `base` 0 leaves every such row as it is.

    >>> shift_rule("AND($D6>$D$2,D5<>D6)", "Aging", {"Aging": RowMap((Span(6, 9, 8, 20),))}, 6, 2)
    'AND($D8>$D$2,D5<>D8)'
    """
    known = _known(maps)
    if not known:
        return text

    def moved(found: Reference, rows: RowMap) -> str:
        at_home = (found.sheet or home_sheet).casefold() == home_sheet.casefold()
        return _moved_rule(found.text, rows, base, down if at_home else 0, at_home=at_home)

    return _shifted(text, home_sheet, known, moved)


def _known(maps: Mapping[str, RowMap]) -> dict[str, RowMap]:
    return {name.casefold(): rows for name, rows in maps.items() if not rows.identity}


def _shifted(
    text: str,
    home_sheet: str,
    known: Mapping[str, RowMap],
    move: Callable[[Reference, RowMap], str],
) -> str:
    pieces, done = [], 0
    for found in references(text):
        rows = known.get((found.sheet or home_sheet).casefold())
        if rows is None or found.external or found.last_sheet:
            continue
        pieces += [text[done : found.begin], move(found, rows)]
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
        if not found:
            return GONE
        return f"{prefix}{match['fixtop']}{found[0]}:{match['fixbottom']}{found[1]}"
    first_row, left = int(match["row"]), column_of(match["column"])
    one = f"{prefix}{match['fix']}{match['column']}{match['fixrow']}"
    if not match["row2"]:
        # the start of `A5:INDEX(…)` is the start of a range
        row = rows.start(first_row, left) if behind[:1] == ":" else rows.point(first_row, left)
        return GONE if row is None else f"{one}{row}"
    fixed = bool(match["fixrow"] and match["fixrow2"])
    right = column_of(match["column2"])
    found = rows.range(first_row, int(match["row2"]), left, right, fixed=fixed)
    if found is None:
        return GONE
    return f"{one}{found[0]}:{match['fix2']}{match['column2']}{match['fixrow2']}{found[1]}"


def _moved_rule(text: str, rows: RowMap, base: int, down: int, *, at_home: bool) -> str:
    """A reference of a formula that is written for the row `base`."""
    sheets = re.match(_SHEET, text)
    inner = text[sheets.end() :] if sheets else text
    cells = [match for match in _AREA_CELL.finditer(inner) if match["row"]]

    def tied(cell: re.Match[str]) -> bool:
        row = int(cell["row"])
        return not cell["fix"] and (not base or (at_home and rows.together(base, row)))

    if not any(map(tied, cells)):
        return _moved(text, rows, "")
    pieces = [text[: len(text) - len(inner)]]
    for ordinal, cell in enumerate(cells):
        row: int | None = int(cell["row"])
        if tied(cell):
            row = int(cell["row"]) + down
        elif len(cells) > 1:
            row = rows.end(int(cell["row"])) if ordinal else rows.start(int(cell["row"]))
        else:
            row = rows.point(int(cell["row"]))
        pieces.append(f"{':' * bool(ordinal)}{cell['column']}{cell['fix']}{row}")
    return "".join(pieces)


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
_AREA_CELL = re.compile(r"(?P<column>\$?[A-Za-z]{1,3})(?P<fix>\$?)(?P<row>\d+)")
_AREA = re.compile(
    r"(?P<fix>\$?)(?P<column>[A-Za-z]{1,3})(?:(?P<fixrow>\$?)(?P<row>\d+))?"
    r"(?::(?P<fix2>\$?)(?P<column2>[A-Za-z]{1,3})(?:(?P<fixrow2>\$?)(?P<row2>\d+))?)?"
    r"|(?P<whole>(?P<fixtop>\$?)(?P<top>\d+):(?P<fixbottom>\$?)(?P<bottom>\d+))"
)
