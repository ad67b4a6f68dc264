"""Formulas of a fresh workbook, told in the rows and columns of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from receivables.book.refs import references
from receivables.book.table_part import Area, area_of
from receivables.report.layout import letter
from receivables.report.spec import Place


@dataclass(frozen=True, slots=True)
class Translated:
    """Where one block of the donor stands in the user's workbook (places count from 0)."""

    donor: Place
    user: Place
    names: tuple[str, ...] = ()
    """Our columns from left to right, for a table."""

    def column(self, column: int) -> int | None:
        """Column in the user's workbook; None for one that its user deleted."""
        if not self.names:
            return column + self.user.columns.get("", 0)
        if column >= len(self.names):
            return None
        return self.user.columns.get(self.names[column])

    @property
    def down(self) -> int:
        """Rows that it stands further down; lines of its user may stand above a heading."""
        if self.names:
            return self.user.heading - self.donor.heading
        return self.user.top - self.donor.top

    @property
    def still(self) -> bool:
        """Whether the block stands where the donor has it."""
        same = self.donor.sheet == self.user.sheet and not self.down
        return same and all(self.column(place) == place for place in range(len(self.names)))


class Translation:
    """From the donor's cells to the user's."""

    def __init__(self, blocks: Mapping[str, list[Translated]]) -> None:
        self._blocks = blocks
        self.still = all(block.still for found in blocks.values() for block in found)

    def formula(self, text: str, home: str) -> str | None:
        """A formula of the donor for the user's workbook; None where a column of it is gone.

        Args:
            text: the formula.
            home: sheet of the donor that it stands on.
        """
        if self.still:
            return text
        pieces, done = [], 0
        for found in references(text):
            moved = self._reference(found.text, found.sheet or home, named=bool(found.sheet))
            if moved is None:
                return None
            pieces += [text[done : found.begin], moved]
            done = found.end
        return "".join([*pieces, text[done:]])

    def area(self, sheet: str, area: Area) -> tuple[str, Area] | None:
        """An area of the donor in the user's workbook."""
        for block in self._blocks.get(sheet, []):
            donor = block.donor
            if not donor.top <= area.top - 1 < max(donor.bottom, donor.top + 1):
                continue
            left, right = block.column(area.left - 1), block.column(area.right - 1)
            if left is None or right is None:
                return None
            shift = block.down
            first, last = min(left, right) + 1, max(left, right) + 1
            return block.user.sheet, Area(area.top + shift, first, area.bottom + shift, last)
        return None

    def _reference(self, text: str, sheet: str, *, named: bool) -> str | None:
        place = text.rpartition("!")[2]
        try:
            given = area_of(place.replace("$", ""))
        except ValueError:
            return text
        found = self.area(sheet, given)
        if found is None:
            return None
        name, area = found
        fix = "$" if place.startswith("$") else ""
        first = f"{fix}{letter(area.left - 1)}{fix}{area.top}"
        last = f":{fix}{letter(area.right - 1)}{fix}{area.bottom}" if ":" in place else ""
        quoted = name.replace("'", "''")
        return (f"'{quoted}'!" if named else "") + first + last
