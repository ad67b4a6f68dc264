"""Rectangles of a workbook, and how Excel, Calc and the OpenDocument format write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384


@dataclass(frozen=True, slots=True)
class Area:
    """Cells of one sheet, counted from 1, both ends included; `sheet` is empty for the own one."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def single(self) -> bool:
        """Whether it is one cell."""
        return self.top == self.bottom and self.left == self.right

    @property
    def address(self) -> str:
        """The rectangle without its sheet.

        >>> Area("Aging", 2, 1, 9, 2).address, Area("", 1, 3, LAST_ROW, 3).address
        ('A2:B9', 'C:C')
        """
        first, last = _letter(self.left), _letter(self.right)
        if self.top == 1 and self.bottom == LAST_ROW:
            return f"{first}:{last}"
        if self.single:
            return f"{first}{self.top}"
        return f"{first}{self.top}:{last}{self.bottom}"

    def on(self, sheet: str) -> Area:
        """The same cells on a sheet, unless they name their own."""
        return self if self.sheet else Area(sheet, self.top, self.left, self.bottom, self.right)

    def within(self, rows: int, columns: int) -> Area:
        """The part inside the used area of a sheet; whole columns then end with its last row."""
        return Area(
            self.sheet,
            self.top,
            self.left,
            max(self.top, min(self.bottom, rows)),
            max(self.left, min(self.right, columns)),
        )

    def __str__(self) -> str:
        return f"{quoted(self.sheet)}!{self.address}" if self.sheet else self.address


def parse_area(text: str) -> Area | None:
    """The rectangle a reference names; None if the text is something else.

    >>> print(parse_area("'Open items'!$A$2:$B$9"), parse_area("$'Open items'.$A$2"))
    'Open items'!A2:B9 'Open items'!A2
    >>> print(parse_area("[.B2:.B9]"), parse_area("A:C"), parse_area("Aging[open]"))
    B2:B9 A:C None
    """
    body = text.strip()
    if body.startswith("[") and body.endswith("]"):
        body = body[1:-1]
    match = _REFERENCE.fullmatch(body)
    if not match:
        return None
    sheet = (match["quoted"] or "").replace("''", "'") or match["plain"] or ""
    first = match["first"].replace("$", "").upper()
    last = (match["last"] or first).replace("$", "").upper()
    (top, left), (bottom, right) = _corner(first, 1, 1), _corner(last, LAST_ROW, LAST_COLUMN)
    if match["last"] is None and (not top or not first.strip("0123456789")):
        return None
    if max(top, bottom) > LAST_ROW or max(left, right) > LAST_COLUMN or not min(top, left):
        return None
    return Area(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def quoted(sheet: str) -> str:
    """A sheet's name as a formula writes it.

    >>> quoted("Aging"), quoted("Müller's")
    ('Aging', "'Müller''s'")
    """
    plain = re.fullmatch(r"[^\W\d][\w.]*", sheet) and parse_area(sheet) is None
    return sheet if plain else "'" + sheet.replace("'", "''") + "'"


def _corner(text: str, row: int, column: int) -> tuple[int, int]:
    """Row and column of one end; what it leaves open is the first or last of the sheet."""
    from receivables.ledger.grid import column_number

    letter = text.rstrip("0123456789")
    digits = text[len(letter) :]
    return int(digits) if digits else row, column_number(letter) if letter else column


def _letter(number: int) -> str:
    from receivables.ledger.grid import letters

    return letters(number, 1)[0]


_SHEET = r"\$?(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^\W\d][\w]*))[!.]|\."
_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_AGAIN = r"(?:\$?(?:'(?:[^']|'')+'|[^\W\d]\w*)?[!.])?"
_REFERENCE = re.compile(
    rf"(?:{_SHEET})?"
    rf"(?:(?P<first>{_CELL}|\$?[A-Za-z]{{1,3}}(?=:)|\$?[0-9]{{1,7}}(?=:))"
    rf"(?::{_AGAIN}(?P<last>{_CELL}|\$?[A-Za-z]{{1,3}}|\$?[0-9]{{1,7}}))?)"
)
