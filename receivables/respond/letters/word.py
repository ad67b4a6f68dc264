"""The body of a letter as WordprocessingML: short, because its looks stand in the letterhead's styles."""

from __future__ import annotations

from functools import lru_cache
from xml.sax.saxutils import escape

from receivables.respond.letters.tables import Row, Table, words
from receivables.respond.letters.wording import Composed, Mark, Paragraph

WIDTH = 9_411
"""Twentieths of a point between the margins of our letterhead (16.6 cm)."""

_STYLE = {
    "text": "LetterText",
    "heading": "LetterHeading",
    "small": "LetterSmall",
    "sign": "LetterSign",
    "signature": "LetterSignature",
    "slip": "LetterSlip",
}
USED = (*_STYLE.values(), "LetterTableTitle", "LetterCell", "LetterCellNumber", "LetterTable",
        "LetterAfterTable", "LetterCut", "LetterSeal")  # fmt: skip
"""Styles that a letterhead must have."""


def body(composed: Composed) -> str:
    """Paragraphs and tables of the letter; every value escaped."""
    language = composed.letter.language
    pieces = []
    for block in composed.blocks:
        if isinstance(block, Table):
            pieces.append(_table(block))
        elif isinstance(block, Mark):
            pieces.append(_mark(block, language))
        else:
            pieces.append(_paragraph(block))
    return "".join(pieces)


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>'


@lru_cache(maxsize=2_000)
def _paragraph(block: Paragraph) -> str:
    runs = "".join(
        f"<w:r>{'<w:rPr><w:b/></w:rPr>' if strong else ''}{_text(piece)}</w:r>"
        for piece, strong in block.runs
    )
    return f'<w:p><w:pPr><w:pStyle w:val="{_STYLE[block.style]}"/></w:pPr>{runs}</w:p>'


def _mark(block: Mark, language: str) -> str:
    if block.name == "cut":
        return '<w:p><w:pPr><w:pStyle w:val="LetterCut"/></w:pPr></w:p>'
    seal = words(language)["seal"]
    if not seal:
        return ""
    return f'<w:p><w:pPr><w:pStyle w:val="LetterSeal"/></w:pPr><w:r>{_text(seal)}</w:r></w:p>'


_AFTER = '<w:p><w:pPr><w:pStyle w:val="LetterAfterTable"/></w:pPr></w:p>'
_SPACE = ' xml:space="preserve"'
_END = "</w:t></w:r></w:p></w:tc>"
_ROW = "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
_HEAD = "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
TOGETHER = 7
"""Tables of up to so many rows stay on one page; of longer ones the sum stays with its last row."""


def _table(table: Table) -> str:
    loose = _line(len(table.widths), table.numbers)
    kept = _line(len(table.widths), table.numbers, keep=True)
    opened = _opening(table.title, table.widths, table.numbers, table.headings, bool(table.total))
    body = _rows(kept if len(table.rows) <= TOGETHER else loose, table.rows[:-1])
    last = _rows(kept if table.total else loose, table.rows[-1:])
    foot = _rows(loose, (table.total,)) if table.total else ""
    return f"{opened}{body}{last}{foot}</w:tbl>{_AFTER}"


def _rows(line: str, rows: tuple[Row, ...]) -> str:
    text = "".join(["".join(row) for row in rows])
    if "&" in text or "<" in text or ">" in text:
        rows = tuple(tuple(map(escape, row)) for row in rows)
    return "".join([line % row for row in rows])


@lru_cache(maxsize=200)
def _line(columns: int, numbers: frozenset[int], *, keep: bool = False, lead: str = _ROW) -> str:
    """A row with %s in place of the text of each cell."""
    together = "<w:keepNext/>" if keep else ""
    cells = "".join(
        f'<w:tc><w:p><w:pPr><w:pStyle w:val="{style}"/>{together}</w:pPr><w:r><w:t{space}>%s{_END}'
        for style, space in (
            ("LetterCellNumber", "") if place in numbers else ("LetterCell", _SPACE)
            for place in range(columns)
        )
    )
    return f"{lead}{cells}</w:tr>"


FIRST_ROW, LAST_ROW, NO_BANDS = 0x0020, 0x0040, 0x0600
"""Bits of w:tblLook."""


@lru_cache(maxsize=500)
def _opening(
    title: str, widths: tuple[float, ...], numbers: frozenset[int], headings: Row, last: bool
) -> str:
    """Title, looks and heading of a table: the same in thousands of letters."""
    first = bool(headings)
    head = _line(len(widths), numbers, keep=True, lead=_HEAD) if first else ""
    cells = _rows(head, (headings,)) if first else ""
    share = WIDTH / sum(widths)
    grid = "".join(f'<w:gridCol w:w="{int(width * share)}"/>' for width in widths)
    bits = NO_BANDS + FIRST_ROW * first + LAST_ROW * last
    look = f'w:firstRow="{int(first)}" w:lastRow="{int(last)}" w:noHBand="1" w:noVBand="1"'
    return (
        f'<w:p><w:pPr><w:pStyle w:val="LetterTableTitle"/></w:pPr><w:r>{_text(title)}</w:r></w:p>'
        f'<w:tbl><w:tblPr><w:tblStyle w:val="LetterTable"/><w:tblW w:w="5000" w:type="pct"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:val="{bits:04X}" {look}/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{cells}"
    )
