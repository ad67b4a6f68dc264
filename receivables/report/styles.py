"""How cells look: one format per kind, currency exponent and emphasis. Colours safe for all eyes."""

from __future__ import annotations

from typing import Any

from receivables.report import dashboard_styles
from receivables.report.palette import (
    BAD,
    GOOD,
    HEADING,
    INK,
    LINE,
    NEUTRAL,
    NO_DATE,
    SERIES,
    SOFT,
    TINT,
)

__all__ = [
    "BAD",
    "FONT",
    "GOOD",
    "INK",
    "LINE",
    "NEUTRAL",
    "NO_DATE",
    "ROW_HEIGHTS",
    "SERIES",
    "Styles",
]

FONT = {"font_name": "Arial", "font_size": 10, "font_color": INK, "font_scheme": "none"}


def money_format(exponent: int, *, nil: bool = False) -> str:
    r"""Number format of amounts: thousands separated, negative in red brackets, nil as a dash.

    >>> money_format(0)
    '#,##0_);[Red]\\(#,##0\\);"–"_)'
    >>> money_format(2, nil=True)
    '#,##0.00_);[Red]\\(#,##0.00\\)'
    """
    digits = "#,##0" + ("." + "0" * exponent if exponent else "")
    return f"{digits}_);[Red]\\({digits}\\)" + ("" if nil else ';"–"_)')


_BASE: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@", "indent": 1},
    "wrap": {"text_wrap": True, "indent": 1},
    "link": {"font_color": SERIES[0], "underline": 1, "indent": 1},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "percent": {"num_format": "0.0%_)"},
    "rate": {"num_format": "0.00##%_)"},
    "ratio": {"num_format": "0.00%_)"},
    "number": {"num_format": "#,##0.0_)"},
    "int": {"num_format": "#,##0_)"},
    "flag": {"align": "center"},
}
_TEXT: dict[str, dict[str, Any]] = {
    "plain": {},
    "title": {"bold": True, "font_size": 16, "font_color": HEADING},
    "subtitle": {"font_color": NEUTRAL},
    "band": {"bold": True, "font_size": 12, "font_color": HEADING},
    "note": {"italic": True, "font_color": NEUTRAL},
    "warn": {"bold": True, "font_color": BAD},
    "count": {"align": "left", "num_format": "#,##0"},
    "light": {"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"},
    "label": {"bold": True},
    "sign": {"bottom": 1},
    "heading": {
        "bold": True, "font_color": "#FFFFFF", "bg_color": HEADING,
        "text_wrap": True, "valign": "vcenter", "align": "center",
    },
    "total": {"bold": True, "bg_color": SOFT, "top": 1, "bottom": 1},
    **dashboard_styles.TEXT,
}  # fmt: skip

ROW_HEIGHTS: dict[str, float] = {"light": 26, "title": 24, **dashboard_styles.HEIGHTS}
"""Points of a row that holds a text of a style."""


class Styles:
    """Formats of a workbook, made once each."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[Any, ...], Any] = {}

    def text(self, style: str) -> Any:
        """Format of a text line."""
        return self._format(("text", style), _TEXT[style])

    def cell(
        self, kind: str, exponent: int = 0, *, strong: bool = False, tint: bool = False
    ) -> Any:
        """Format of a table cell."""
        look: dict[str, Any] = {"bottom": 1, "bottom_color": LINE, "valign": "vcenter"}
        look |= self._kind(kind, exponent, nil=strong)
        look |= {"bold": True} if strong else {}
        look |= {"bg_color": TINT} if tint else {}
        return self._format((kind, exponent, strong, tint), look)

    def total(self, kind: str = "plain", exponent: int = 0) -> Any:
        """Format of a total above the headings."""
        look = _TEXT["total"] | self._kind(kind, exponent, nil=False)
        return self._format(("total", kind, exponent), look)

    def lines(self) -> list[Any]:
        """Every format that a line of text or a total may have."""
        totals = [self.total("money", exponent) for exponent in (0, 2, 3)]
        return [*map(self.text, _TEXT), self.total(), self.total("ratio"), *totals]

    def state(self, colour: str) -> Any:
        """Format that a state of the light puts on its cell."""
        return self._format(
            ("state", colour), {"bg_color": colour, "font_color": "#FFFFFF", "bold": True}
        )

    @staticmethod
    def _kind(kind: str, exponent: int, *, nil: bool) -> dict[str, Any]:
        if kind == "money":
            return {"num_format": money_format(exponent, nil=nil)}
        return _BASE.get(kind, {})

    def _format(self, key: tuple[Any, ...], look: dict[str, Any]) -> Any:
        if key not in self._made:
            self._made[key] = self._workbook.add_format(FONT | look)
        return self._made[key]
