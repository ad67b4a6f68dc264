"""Find the rows and cells of a sheet's XML in whole-array steps: no loop over cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_BLOCK = 1 << 18
"""Bytes looked at in one step: they stay in the processor's cache."""
_DIGITS = 7
_CLOSING = b"</row>"
_TO_NUMBER = len('<row r="')
_TO_COLUMN = len('<c r="')
_TO_STYLE = len('" s="')


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of some rows, one entry each: sheet row and column from 1, style, place in the XML."""

    data: bytes
    row: Numbers
    column: npt.NDArray[np.uint16]
    style: Numbers
    start: Numbers
    end: Numbers

    def only(self, chosen: npt.NDArray[np.bool_] | Numbers) -> Cells:
        """The cells where a mask holds, or those of some numbers."""
        return Cells(
            self.data, self.row[chosen], self.column[chosen], self.style[chosen],
            self.start[chosen], self.end[chosen],
        )  # fmt: skip

    def by_column(self) -> dict[int, Numbers]:
        """Numbers of the cells of each column, from top to bottom."""
        order = np.argsort(self.column, kind="stable")
        counts = np.bincount(self.column)
        ends = np.cumsum(counts)
        columns = np.flatnonzero(counts).tolist()
        return {column: order[ends[column] - counts[column] : ends[column]] for column in columns}

    def xml(self) -> pl.Series:
        """XML of every cell."""
        data = self.data
        pieces = [data[a:b] for a, b in zip(self.start.tolist(), self.end.tolist(), strict=True)]
        return pl.Series(pieces, dtype=pl.Binary).cast(pl.String)

    def rest(self) -> pl.Series:
        """XML of every cell after its address: style, kind and content."""
        return self.xml().str.replace(r'^<c r="[A-Z]+[0-9]+"', "")


@dataclass(frozen=True, slots=True)
class Scan:
    """Where the rows of a sheet begin, their numbers, what follows these, and where cells begin."""

    data: bytes
    start: Numbers
    number: Numbers
    behind: Numbers
    """Place after the number: of the quote that closes it."""
    cell: Numbers

    @property
    def numbered(self) -> bool:
        """Whether every row bears its number first."""
        size = len(self.data)
        whole = np.frombuffer(self.data, dtype=np.uint8)
        short = self.start.size and int(self.start[-1]) + _TO_NUMBER >= size
        if short or (self.number == 0).any():
            return False
        return all(
            bool((whole[self.start + place] == sign).all())
            for place, sign in enumerate(b'w r="', 3)
        )

    def slice(self, first: int, last: int) -> tuple[int, int]:
        """Where the rows from `first` to `last` stand."""
        begin, end = np.searchsorted(self.number, [first, last + 1]).tolist()
        size = len(self.data)
        return (
            int(self.start[begin]) if begin < self.start.size else size,
            int(self.start[end]) if end < self.start.size else size,
        )

    def told(self, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """Number of each row whose tag says more than that, and the rest of its tag."""
        begin, end = np.searchsorted(self.number, [first, last + 1]).tolist()
        behind = self.behind[begin:end] + 1
        whole = np.frombuffer(self.data, dtype=np.uint8)
        more = np.flatnonzero((whole[behind] != ord(">")) & (whole[behind] != ord("/")))
        for number, place in zip(
            self.number[begin:end][more].tolist(), behind[more].tolist(), strict=True
        ):
            tag = self.data[place : self.data.index(b">", place)]
            yield number, tag.removesuffix(b"/").lstrip()

    def cells(self, first: int, last: int) -> Cells | None:
        """Cells of rows; None where one has no address in its own row."""
        begin, end = np.searchsorted(self.number, [first, last + 1]).tolist()
        ends = np.append(self.start, len(self.data))
        low, high = np.searchsorted(self.cell, [ends[begin], ends[end]]).tolist()
        start = self.cell[low:high]
        counts = np.diff(np.searchsorted(start, ends[begin : end + 1]))
        tail = np.zeros(32, dtype=np.uint8)  # behind the last cell, so that looking ahead is safe
        whole = np.frombuffer(self.data, dtype=np.uint8)
        if start.size and int(start[-1]) + tail.size > whole.size:
            whole = np.concatenate([whole, tail])
        column, place = _columns(whole, start + _TO_COLUMN)
        digits = self.behind[begin:end] - self.start[begin:end] - _TO_NUMBER
        place += np.repeat(digits, counts)
        if not ((whole[place] == ord('"')) & (column > 0)).all():
            return None
        return Cells(
            self.data,
            np.repeat(self.number[begin:end], counts),
            column.astype(np.uint16),
            _styles(whole, place),
            start,
            self._ends(whole, start, counts, ends[begin + 1 : end + 1]),
        )

    def _ends(self, whole: Bytes, start: Numbers, counts: Numbers, row_ends: Numbers) -> Numbers:
        """Where cells end: at the next one, the last of a row at the row's closing tag."""
        stop = np.append(start[1:], len(self.data)) if start.size else start
        last = np.cumsum(counts)[counts > 0] - 1
        closing = row_ends[counts > 0] - len(_CLOSING)
        signs = (whole[closing + place] == sign for place, sign in enumerate(_CLOSING))
        near = np.logical_and.reduce(list(signs)) if closing.size else closing == 0
        for row in np.flatnonzero(~near).tolist():
            closing[row] = self.data.find(_CLOSING, int(start[last[row]]))
        stop[last] = closing
        return stop


def scan(data: bytes) -> Scan:
    """Rows and cells of what stands in `sheetData`."""
    rows, cells = [], []
    whole = np.frombuffer(data, dtype=np.uint8)
    for begin in range(0, max(whole.size - 2, 0), _BLOCK):
        block = whole[begin : begin + _BLOCK + 2]
        opened, kind, third = block[:-2] == ord("<"), block[1:-1], block[2:]
        cells.append(np.flatnonzero(opened & (kind == ord("c")) & (third == ord(" "))) + begin)
        rows.append(np.flatnonzero(opened & (kind == ord("r")) & (third == ord("o"))) + begin)
    start = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    cell = np.concatenate(cells) if cells else start
    number, behind = _number(whole, start + _TO_NUMBER)
    return Scan(data, start, number, behind, cell)


def _columns(data: Bytes, place: Numbers) -> tuple[Numbers, Numbers]:
    """Columns from 1, 0 where no letter stands, and the places behind the letters."""
    column = np.zeros(place.size, dtype=np.int64)
    for _ in range(3):
        sign = data[place] - ord("A")  # wraps around below the letters
        letter = sign < 26
        if not letter.any():
            break
        column = np.where(letter, column * 26 + sign + 1, column)
        place = place + letter
    return column, place


def _styles(data: Bytes, place: Numbers) -> Numbers:
    """Styles of cells from the place behind their address; 0 for one without."""
    styled = (data[place + 1] == ord(" ")) & (data[place + 2] == ord("s"))
    styled &= data[place + 3] == ord("=")
    return _number(data, np.where(styled, place + _TO_STYLE, place))[0]


def _number(data: Bytes, place: Numbers) -> tuple[Numbers, Numbers]:
    """Numbers, 0 where no digit stands, and the places behind them."""
    number = np.zeros(place.size, dtype=np.int64)
    place = np.minimum(place, max(data.size - 1, 0))
    for _ in range(_DIGITS):
        sign = data[place] - 48  # wraps around below the digits
        digit = sign <= 9
        if not digit.any():
            break
        number = np.where(digit, number * 10 + sign, number)
        place = np.minimum(place + digit, data.size - 1)
    return number, place
