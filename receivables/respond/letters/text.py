"""A letter as plain text: the half of an e-mail that every program can show."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from receivables.respond.letters.tables import Table, words
from receivables.respond.letters.wording import Composed, Mark, Paragraph

CUT = "- - - - - - - - - - - - - - - - - - - - - - - - - - - - - -"


def as_text(composed: Composed) -> str:
    """Paragraphs and aligned tables, blank lines between them."""
    pieces: list[str] = []
    for block in composed.blocks:
        if isinstance(block, Table):
            pieces.append(f"\n{block.title}\n{grid(block)}\n")
        elif isinstance(block, Mark):
            seal = words(composed.letter.language)["seal"]
            pieces.append(f"\n{CUT}\n" if block.name == "cut" else seal)
        else:
            pieces.append(_paragraph(block))
    joined = "\n".join(piece for piece in pieces if piece)
    return joined.replace("\n\n\n", "\n\n").strip("\n") + "\n"


def _paragraph(block: Paragraph) -> str:
    return block.text if block.style in {"sign", "signature", "slip"} else f"\n{block.text}\n"


def grid(table: Table) -> str:
    """Rows as aligned text: amounts to the right, the rest to the left."""
    rows = [row for row in (table.headings, *table.rows, table.total) if row]
    narrow = "".join(["".join(row) for row in rows])
    measure = len if max(narrow, default="") < _FIRST_WIDE else width
    sizes = [max(map(measure, cells)) for cells in zip(*rows, strict=True)]
    if measure is len:
        line = "  ".join(
            f"%{size}s" if place in table.numbers else f"%-{size}s"
            for place, size in enumerate(sizes)
        )
        lines = [(line % row).rstrip() for row in rows]
    else:
        lines = [_aligned(row, sizes, table.numbers) for row in rows]
    rule = "-" * max(map(len, lines))
    if table.headings:
        lines.insert(1, rule)
    if table.total:
        lines.insert(-1, rule)
    return "\n".join(lines)


def _aligned(row: Sequence[str], sizes: Sequence[int], numbers: frozenset[int]) -> str:
    """A row in which some signs take two columns or none."""
    cells = []
    for place, (cell, size) in enumerate(zip(row, sizes, strict=True)):
        blank = " " * (size - width(cell))
        cells.append(blank + cell if place in numbers else cell + blank)
    return "  ".join(cells).rstrip()


_FIRST_WIDE = "\u0300"
"""Below it every sign takes one column."""


def width(text: str) -> int:
    """Columns that a text takes on a screen: Chinese signs take two.

    >>> width("abc"), width("余额")
    (3, 4)
    """
    if max(text, default="") < _FIRST_WIDE:
        return len(text)
    return sum(
        0
        if unicodedata.combining(sign)
        else 2
        if unicodedata.east_asian_width(sign) in "WF"
        else 1
        for sign in text
    )
