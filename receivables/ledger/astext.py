"""Typed columns of a database or a parquet file as exact text."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

SECONDS = "%Y-%m-%d %H:%M:%S"


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as text: dates ISO, numbers plain (never an exponent), blanks null.

    >>> as_text(pl.DataFrame({"a": [1e15, 0.1, None, 2.0]})).get_column("a").to_list()
    ['1000000000000000', '0.1', None, '2']
    """
    return frame.select(_text(column) for column in frame.iter_columns())


def plain(number: float) -> str:
    """Shortest decimal text of a number, without exponent.

    >>> plain(1234.1), plain(1e-7), plain(2.0)
    ('1234.1', '0.0000001', '2')
    """
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if dtype == pl.String:
        return column
    if isinstance(dtype, pl.Datetime):
        return column.dt.to_string(SECONDS)
    if dtype.is_float():
        text = column.cast(pl.String)
        if text.str.contains("e").any():
            return column.map_elements(plain, return_dtype=pl.String)
        return text.str.strip_suffix(".0")
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        return column.map_elements(str, return_dtype=pl.String)
    return column.cast(pl.String)
