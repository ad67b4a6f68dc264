"""Filters of our tables: lists of texts are applied to the new rows, others are taken off."""

from __future__ import annotations

import re
from html import unescape

import polars as pl

from receivables.book.blocks import FoundBlock
from receivables.book.package import attributes
from receivables.report.spec import TableSpec

_COLUMN = re.compile(rb"<(?:\w+:)?filterColumn\b([^>]*)>(.*?)</(?:\w+:)?filterColumn>", re.DOTALL)
_LIST = re.compile(
    rb"\s*<(?:\w+:)?filters\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?filters>)\s*", re.DOTALL
)
_VALUE = re.compile(rb'<(?:\w+:)?filter\b[^>]*?\bval="([^"]*)"[^>]*/>')
_TEXTS = {"text", "wrap", "link"}


def passing(block: FoundBlock, xml: bytes) -> pl.Series | None:
    """Which new rows a table's filter lets through; None for a filter that we do not apply.

    Args:
        block: the table, with its new rows.
        xml: the table's part.
    """
    if block.table is None or not isinstance(block.block, TableSpec):
        return None
    spec = block.block
    names = {column: name for name, column in block.columns.items()}
    kinds = {column.name: column for column in spec.columns}
    shown = pl.repeat(value=True, n=spec.frame.height, dtype=pl.Boolean, eager=True)
    for tag, content in _COLUMN.findall(xml):
        index = int(attributes(tag)["colId"])
        name = names.get(block.table.column(index), "")
        column = kinds.get(name)
        values = _values(content)
        if column is None or values is None or column.kind not in _TEXTS or column.typed:
            return None
        texts, blanks = values
        series = spec.frame[name].cast(pl.String).fill_null("").str.to_lowercase()
        shown &= series.is_in(list(texts)) | ((series == "") & blanks)
    return shown


def _values(content: bytes) -> tuple[set[str], bool] | None:
    """Texts of a list filter, and whether blanks pass."""
    found = _LIST.fullmatch(content)
    if found is None:
        return None
    inner = found[2] or b""
    texts = {unescape(value.decode()).lower() for value in _VALUE.findall(inner)}
    if _VALUE.sub(b"", inner).strip():  # groups of dates
        return None
    return texts, attributes(found[1]).get("blank") in {"1", "true"}
