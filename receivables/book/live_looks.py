"""Number formats and colours of a table's rows that a refresh changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from receivables.book.live_cells import Grid
from receivables.book.live_ops import Looks, Move, row_before
from receivables.book.styles import Stylesheet
from receivables.book.table_part import Area

Seen = tuple[str, str | None]


class Painter:
    """The formats of a workbook by what they show."""

    def __init__(self, styles: bytes) -> None:
        self.sheet = Stylesheet(styles)
        self._codes = [self.sheet.code(node) for node in self.sheet.items("cellXfs")]
        self.seen = cache(self._seen)

    def _seen(self, number: int) -> Seen:
        """Number format and colour of a format; None where the colour is the theme's."""
        return self._codes[number], _colour(self.sheet.looks[number].fill)

    def changed(
        self, sheet: str, old: Grid, new: Grid, area: Area, moves: Sequence[Move], before: Painter
    ) -> Iterator[Looks]:
        """Runs of cells below each other that look different from what stands there."""
        sources = [_source(row, moves) for row in range(area.top, area.bottom + 1)]
        for column in range(area.left, area.right + 1):
            now = [self.seen(number) for number in new.styles(area, column)]
            had = [
                before.seen(old.styles(Area(row, column, row, column), column)[0])
                for row in sources
            ]
            yield from _runs(sheet, area.top, column, now, had)


def _source(row: int, moves: Sequence[Move]) -> int:
    """The row whose formats a row has: one that is put in takes those of the row above."""
    while (before := row_before(row, moves)) is None:
        row -= 1
    return before


def _runs(
    sheet: str, top: int, column: int, now: Sequence[Seen], had: Sequence[Seen]
) -> Iterator[Looks]:
    start = 0
    differ = [one if one != other else None for one, other in zip(now, had, strict=True)]
    for place in range(1, len(differ) + 1):
        if place < len(differ) and differ[place] == differ[start]:
            continue
        seen = differ[start]
        if seen is not None:
            area = Area(top + start, column, top + place - 1, column)
            yield Looks(sheet, area, *seen)
        start = place


def _colour(fill: tuple[Any, ...]) -> str | None:
    match fill:
        case ():
            return ""
        case ("solid", ("rgb", str(colour))):
            return colour
        case _:
            return None
