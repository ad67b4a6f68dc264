"""Where the rows of a sheet go in a refresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384


@dataclass(frozen=True, slots=True)
class Span:
    """Rows that a refresh replaces, first and last counted from 1, and what stands there after it.

    `last = first - 1` is rows put in before `first`; `new_last = new_first - 1` rows taken out.
    `rows[k]` is the new row of old row `first + k`, None for one that is gone: so a cell follows the
    key of its row. It holds for the columns `left` to `right`, the table's; what stands beside the
    table keeps its place. `next` is the new row of the one below, if that is not `new_last + 1`:
    it is higher where blank rows are left beside a table that became shorter, and lower where a
    table grew into blank rows; those are then taken for the first row below, or for the last one of
    the table where a range ends there.
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
            return self._between(row, end=True)
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

    def place(self, row: int) -> int:
        """New row of something that lies over the sheet: it keeps its place beside a table."""
        return self.start(row, LAST_COLUMN + 1)

    def together(self, row: int, other: int) -> bool:
        """Whether two rows stand in the same table."""
        span = self._span(row)
        return span is not None and span.first <= other <= span.last

    def alone(self, row: int) -> bool:
        """Whether a row is the only one of its table."""
        span = self._span(row)
        return span is not None and span.rows is not None and span.first == span.last

    def _span(self, row: int) -> Span | None:
        return next((span for span in self.spans if span.first <= row <= span.last), None)

    def _between(self, row: int, *, end: bool = False) -> int:
        place = row
        for span in self.spans:
            if span.last < row:
                place = max(span.below + row - span.last - 1, span.new_last + 1 - end)
        return place


def _beside(span: Span, column: int) -> bool:
    return bool(column) and not span.left <= column <= span.right
