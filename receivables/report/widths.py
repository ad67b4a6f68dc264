"""How wide a column must be: the longest figure or text, Chinese characters counted twice."""

from __future__ import annotations

import unicodedata

import polars as pl

from receivables import money
from receivables.report.spec import ColumnSpec, TableSpec

_WIDE = r"[\x{1100}-\x{115F}\x{2E80}-\x{A4CF}\x{AC00}-\x{D7A3}\x{F900}-\x{FAFF}\x{FE30}-\x{FE4F}\x{FF00}-\x{FF60}\x{FFE0}-\x{FFE6}]"
_LARGEST: dict[str, float] = {
    "text": 44,
    "wrap": 60,
    "money": 30,
    "int": 16,
    "percent": 12,
    "rate": 14,
    "ratio": 14,
    "number": 14,
}
_SMALLEST = 6.0
_LEAST: dict[str, float] = {"money": 13}
"""A refresh in place keeps widths: a column that shows nil this month must hold next month's millions."""
_FILTER_ARROW = 2.5
_BOLD = 1.12


def text_width(text: str) -> int:
    """Width of a text in characters of a Latin font.

    >>> text_width("Meyer"), text_width("上海贸易")
    (5, 8)
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def column_width(table: TableSpec, column: ColumnSpec) -> float:
    """Width that shows every figure whole and texts up to a limit, heading in two lines included."""
    if column.width:
        return column.width
    body = _content(table, column) * (_BOLD if column.strong else 1) + 1.5
    body = min(body, _LARGEST.get(column.kind, 44))
    return max(body, heading_width(column.label), _LEAST.get(column.kind, _SMALLEST))


def heading_width(label: str) -> float:
    """Width of a heading that may break at its spaces into two lines.

    >>> heading_width("Days past due")
    11.0
    """
    words = label.split()
    total = text_width(label)
    longest = max(map(text_width, words), default=0)
    return max(longest, total / 2 + (1 if len(words) > 1 else 0)) + _FILTER_ARROW + 1


def text_lines(text: pl.Expr, width: float) -> pl.Expr:
    """Lines that a text takes in a cell of a width, its own line breaks included."""
    breaks = text.str.count_matches("\n", literal=True)
    return ((_width(text) / width).ceil().cast(pl.Int64) + breaks).fill_null(1)


def _width(text: pl.Expr) -> pl.Expr:
    return text.str.len_chars() + text.str.count_matches(_WIDE)


def _content(table: TableSpec, column: ColumnSpec) -> float:
    series = table.frame[column.name]
    if not series.drop_nulls().len():
        return _SMALLEST
    match column.kind:
        case "money":
            return _money_width(table, column)
        case "date":
            return 10
        case "percent" | "ratio" | "number":
            return 8
        case "rate":
            return 9
        case "int":
            return len(f"{int(series.abs().max() or 0):,}")  # type: ignore[arg-type]
        case _:
            length = pl.select(_width(pl.lit(series.cast(pl.String)))).to_series()
            return float(length.max() or 0)  # type: ignore[arg-type]


def _money_width(table: TableSpec, column: ColumnSpec) -> float:
    source = column.currency_column or table.currency_column
    if source:
        totals = table.frame.group_by(source).agg(
            pl.col(column.name).abs().max().alias("most"), pl.col(column.name).sum().alias("sum")
        )
        rows = totals.rows()
    else:
        series = table.frame[column.name]
        rows = [(table.currency, series.abs().max(), series.sum())]
    widths = [
        len(
            f"{money.to_decimal(max(most or 0, abs(total)) if column.total else most or 0, code or ''):,}"
        )
        * (_BOLD if column.total else 1)
        for code, most, total in rows
    ]
    return max(widths) + 2
