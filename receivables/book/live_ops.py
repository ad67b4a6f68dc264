"""What a refresh asks of a program that has the workbook open: rows, cells, tables, names and looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from receivables.book.table_part import Area


class Formula(str):
    """A formula as files write it, with `=`; a plain text never is one, whatever it begins with."""

    __slots__ = ()


class Fault(str):
    """An error that a cell holds as a constant, such as `#N/A`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Whole rows put in before `row` (`count` > 0), or taken out from `row` on (`count` < 0).

    Rows are those before the refresh, so moves are done from the last one up.
    """

    sheet: str
    row: int
    count: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells to write at once: None is blank, a Formula a formula, a text stays a text."""

    sheet: str
    area: Area
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the area it has now, headings included; `style` is the look of a new one."""

    name: str
    sheet: str
    area: Area
    new: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A hidden name that marks a block of ours."""

    name: str
    sheet: str
    area: Area


@dataclass(frozen=True, slots=True)
class Looks:
    """Cells with another number format or colour than what stands there; None = as it is.

    `fill` is a colour as RRGGBB, empty for none.
    """

    sheet: str
    area: Area
    number_format: str | None = None
    fill: str | None = None


@dataclass(frozen=True, slots=True)
class LivePlan:
    """Everything that brings an open workbook to what the refreshed copy holds, in this order.

    Moves are in the rows of before; everything after them in the rows of after.
    """

    copy: Path
    added: tuple[str, ...] = ()
    """Sheets to put in behind the last one."""
    moves: tuple[Move, ...] = ()
    tables: tuple[Table, ...] = ()
    looks: tuple[Looks, ...] = ()
    cells: tuple[Cells, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    blocks: tuple[tuple[str, Area], ...] = ()
    """Where our cells stand on the sheets that change: there all looks are those of the copy."""
    columns: tuple[tuple[str, int], ...] = ()
    """Columns of sheets that are to be seen again."""
    sheets: tuple[str, ...] = ()
    """Sheets that are to be seen."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        parts = (self.moves, self.tables, self.looks, self.cells, self.anchors, self.columns)
        return not any(parts) and not self.sheets

    def to_json(self) -> dict[str, Any]:
        """The places alone: a program that can open the copy takes the cells from there."""
        return {
            "copy": str(self.copy),
            "added": list(self.added),
            "moves": [[move.sheet, move.row, move.count] for move in self.moves],
            "tables": [
                [item.name, item.sheet, *_corners(item.area), item.new] for item in self.tables
            ],
            "blocks": [[sheet, *_corners(area)] for sheet, area in self.blocks],
            "cells": [[item.sheet, *_corners(item.area)] for item in self.cells],
            "anchors": [[item.name, item.sheet, *_corners(item.area)] for item in self.anchors],
            "columns": [list(item) for item in self.columns],
            "sheets": list(self.sheets),
        }


def _corners(area: Area) -> tuple[int, int, int, int]:
    return area.top, area.left, area.bottom, area.right


def row_before(row: int, moves: Sequence[Move]) -> int | None:
    """Where a row of after stood; None for one that was put in.

    Args:
        row: a row once all moves are done.
        moves: of its sheet, from the top down.

    >>> moves = [Move("S", 5, 2), Move("S", 9, -1)]
    >>> [row_before(row, moves) for row in (4, 5, 6, 7, 10, 11)]
    [4, None, None, 5, 8, 10]
    """
    shift = 0
    for move in moves:
        place = move.row + shift
        if row < place:
            break
        if move.count > 0 and row < place + move.count:
            return None
        shift += move.count
    return row - shift


def row_after(row: int, moves: Sequence[Move]) -> int:
    """Where a row stands once all moves are done; one that is taken out: where the next one stands.

    >>> moves = [Move("S", 5, 2), Move("S", 9, -1)]
    >>> [row_after(row, moves) for row in (4, 5, 8, 9, 10)]
    [4, 7, 10, 11, 11]
    """
    shift = 0
    for move in moves:
        if row < move.row:
            break
        taken = min(row - move.row, -move.count)
        shift += move.count if move.count > 0 else -taken
    return row + shift


def runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of numbers that follow each other.

    >>> list(runs([2, 3, 4, 9]))
    [(2, 4), (9, 9)]
    """
    start = last = None
    for place in places:
        if start is None or last is None:
            start = place
        elif place != last + 1:
            yield start, last
            start = place
        last = place
    if start is not None and last is not None:
        yield start, last
