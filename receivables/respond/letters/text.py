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
    columns = [
        _aligned([row[place] for row in rows], place in table.numbers)
        for place in range(len(rows[0]))
    ]
    lines = ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    rule = "-" * max(map(len, lines))
    if table.headings:
        lines.insert(1, rule)
    if table.total:
        lines.insert(-1, rule)
    return "\n".join(lines)


def _aligned(cells: Sequence[str], right: bool) -> list[str]:
    if all(map(str.isascii, cells)):
        size = max(map(len, cells))
        return [cell.rjust(size) for cell in cells] if right else [c.ljust(size) for c in cells]
    widths = [width(cell) for cell in cells]
    size = max(widths)
    blanks = [" " * (size - own) for own in widths]
    pairs = zip(cells, blanks, strict=True)
    return [blank + cell if right else cell + blank for cell, blank in pairs]


def width(text: str) -> int:
    """Columns that a text takes on a screen: Chinese signs take two.

    >>> width("abc"), width("余额")
    (3, 4)
    """
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(sign)
        else 2
        if unicodedata.east_asian_width(sign) in "WF"
        else 1
        for sign in text
    )
