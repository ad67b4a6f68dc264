"""Formulas of cells that go with the rows of our tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

import polars as pl

from receivables.book.refs import RowMap, shift_formula

_FORMULA = re.compile(rb"(<f\b[^>]*>)([^<]+)(</f>)")
_ADDRESS = re.compile(rb"[A-Za-z]{1,3}\$?\d")


@dataclass(frozen=True, slots=True)
class Shifter:
    """Moves the formulas of cells on one sheet."""

    home: str
    maps: Mapping[str, RowMap]
    """Rows by the name of the sheet; only those that move."""

    def cell(self, cell: bytes) -> bytes:
        """A cell with its formula moved."""
        if not self.maps or b"<f" not in cell:
            return cell
        return _FORMULA.sub(self._moved, cell)

    def cells(self, cells: pl.Series) -> pl.Series:
        """The same for a column of cells."""
        if not self.maps or not cells.str.contains("<f", literal=True).any():
            return cells
        moved = [None if cell is None else self.cell(cell.encode()).decode() for cell in cells]
        return pl.Series(moved, dtype=pl.String)

    def _moved(self, match: re.Match[bytes]) -> bytes:
        text = match[2]
        if not _ADDRESS.search(text):
            return match[0]
        plain = unescape(text.decode())
        moved = shift_formula(plain, self.home, self.maps)
        if moved == plain:
            return match[0]
        return match[1] + escape(moved, quote=False).encode() + match[3]
