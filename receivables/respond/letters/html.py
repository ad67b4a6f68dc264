"""A letter as one page of HTML, for e-mails and the gallery."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateError
from markupsafe import Markup, escape

from receivables.errors import ReceivablesError
from receivables.respond.letters.environment import Sandbox, Templates, fault, loaded
from receivables.respond.letters.tables import Row, Table
from receivables.respond.letters.wording import Block, Composed, Mark, Paragraph

NAME = "letter.html.j2"

_CSS = {
    "text": "margin:0 0 13px 0",
    "heading": "margin:20px 0 8px 0;font-weight:600;color:#17365d",
    "small": "margin:12px 0 10px 0;font-size:12px;line-height:1.45;color:#4a5666",
    "sign": "margin:0",
    "signature": "margin:26px 0 0 0",
    "slip": "margin:0 0 12px 0;font-size:14px",
}


class Pages:
    """Makes HTML pages of letters; the layout is compiled once."""

    def __init__(self, templates: Templates) -> None:
        self.sandbox = Sandbox(templates, html=True)
        self.template: Template = loaded(self.sandbox, NAME)

    def page(self, composed: Composed) -> str:
        """The letter as HTML. Every value of the ledger is escaped.

        Raises:
            TemplateFaultError: a layout that cannot be used, with file and line.
        """
        self.sandbox.refill()
        try:
            return self.template.render(
                composed.view,
                subject=composed.subject,
                blocks=[_shown(block) for block in composed.blocks],
            )
        except (TemplateError, ReceivablesError, TypeError) as error:
            raise fault(error, NAME) from error


def _shown(block: Block) -> dict[str, Any]:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Mark):
        return {"kind": block.name}
    return _paragraph(block)


@lru_cache(maxsize=2_000)
def _paragraph(block: Paragraph) -> dict[str, Any]:
    said = [
        f"<b>{escape(text)}</b>" if strong else str(escape(text)) for text, strong in block.runs
    ]
    return {"kind": "p", "css": _CSS[block.style], "text": _made("".join(said))}


_HEAD = (
    "padding:5px 6px;font-size:11px;font-weight:600;color:#17365d;border-bottom:1px solid #17365d"
)
_CELL = "padding:4px 6px;border-bottom:1px solid #e3e8ee"
_SUM = "padding:6px;font-weight:600;white-space:"


def _table(table: Table) -> dict[str, Any]:
    """Rows in one piece: cell by cell in the template would take most of the time."""
    head, line, last = _lines(len(table.widths), table.numbers)
    return {
        "kind": "table",
        "title": table.title,
        "headings": _rows(head, (table.headings,)) if table.headings else "",
        "rows": _rows(line, table.rows),
        "total": _rows(last, (table.total,)) if table.total else "",
    }


@lru_cache(maxsize=200)
def _lines(columns: int, numbers: frozenset[int]) -> tuple[str, str, str]:
    """Rows of headings, cells and sums with %s in place of the text of each cell."""
    head, line, last = "", "", ""
    for place in range(columns):
        side, wrap = ("right", "nowrap") if place in numbers else ("left", "normal")
        aligned = ' align="right"' if place in numbers else ""
        narrow = ";white-space:nowrap" if place in numbers else ""
        head += f'<th align="{side}" valign="bottom" style="{_HEAD}">%s</th>'
        line += f'<td{aligned} valign="top" style="{_CELL}{narrow}">%s</td>'
        last += f'<td align="{side}" style="{_SUM}{wrap}">%s</td>'
    return f"<tr>{head}</tr>\n", f"<tr>{line}</tr>\n", f"<tr>{last}</tr>\n"


def _rows(line: str, rows: tuple[Row, ...]) -> Markup:
    text = "".join(["".join(row) for row in rows])
    if any(sign in text for sign in "&<>\"'"):
        rows = tuple(tuple(str(escape(cell)) for cell in row) for row in rows)
    return _made("".join([line % row for row in rows]))


def _made(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - every value in it is escaped or holds no sign of HTML
