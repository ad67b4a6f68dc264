"""A letter as one page of HTML, for e-mails and the gallery."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateError
from markupsafe import Markup, escape

from receivables.errors import ReceivablesError
from receivables.respond.letters.environment import Sandbox, Templates, fault, loaded
from receivables.respond.letters.tables import Table
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
    return {"kind": "p", "css": _CSS[block.style], "runs": block.runs}


_LEFT = "padding:4px 6px;border-bottom:1px solid #e3e8ee"
_RIGHT = f"{_LEFT};white-space:nowrap"


def _table(table: Table) -> dict[str, Any]:
    right = [place in table.numbers for place in range(len(table.widths))]
    return {
        "kind": "table",
        "title": table.title,
        "headings": list(zip(table.headings, right, strict=False)),
        "rows": _rows(table, right),
        "total": list(zip(table.total, right, strict=False)),
    }


def _rows(table: Table, right: list[bool]) -> Markup:
    """Body rows in one piece: cell by cell in the template would take most of the time."""
    opened = [
        f'<td align="right" valign="top" style="{_RIGHT}">' if number
        else f'<td valign="top" style="{_LEFT}">'
        for number in right
    ]  # fmt: skip
    pieces: list[str] = []
    for row in table.rows:
        pieces.append("<tr>")
        for start, text in zip(opened, row, strict=True):
            pieces += (start, text if _plain(text) else str(escape(text)), "</td>")
        pieces.append("</tr>\n")
    return Markup("".join(pieces))  # noqa: S704 - every cell is escaped or holds no sign of HTML


def _plain(text: str) -> bool:
    return "&" not in text and "<" not in text and ">" not in text and '"' not in text
