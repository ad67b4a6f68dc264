"""Formula patterns that add up another table by its text keys, and tables made of plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from receivables.report.spec import ColumnSpec

POLARS_TYPES: dict[str, pl.DataType] = {
    "money": pl.Int64(),
    "int": pl.Int64(),
    "percent": pl.Float64(),
    "rate": pl.Float64(),
    "ratio": pl.Float64(),
    "number": pl.Float64(),
    "date": pl.Date(),
}


def sum_pattern(table: str, keys: Sequence[str], column: str = "open") -> str:
    """Sum of a table's column over the rows that share the keys of this row.

    EXACT compares text as text: SUMIFS would take account 00123 for 123 and `*` for anything.

    >>> sum_pattern("Aging", [])
    'SUM(Aging[open])'
    >>> sum_pattern("Aging", ["company"])
    'SUMPRODUCT(1*EXACT(Aging[company],[@company]),Aging[open])'
    """
    if not keys:
        return f"SUM({table}[{column}])"
    same = "*".join(f"EXACT({table}[{key}],[@{key}])" for key in keys)
    return f"SUMPRODUCT(1*{same},{table}[{column}])"


def frame_of(rows: Iterable[dict[str, object]], columns: Sequence[ColumnSpec]) -> pl.DataFrame:
    """Rows as a frame with the types of the columns, their formulas and currencies included."""
    schema: dict[str, pl.DataType] = {}
    for column in columns:
        schema[column.name] = POLARS_TYPES.get(column.kind, pl.String())
        for helper in (column.formula, column.currency_column):
            if helper:
                schema.setdefault(helper, pl.String())
    picked = [{name: row.get(name) for name in schema} for row in rows]
    return pl.DataFrame(picked, schema=schema)
