"""The ledger's columns as Polars types; apart from the schema, which cell functions read without Polars."""

from __future__ import annotations

import polars as pl

from receivables.ledger.schema import tables

POLARS_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "key": pl.String(),
    "choice": pl.String(),
    "currency": pl.String(),
    "date": pl.Date(),
    "amount": pl.Int64(),
    "number": pl.Float64(),
    "rate": pl.String(),
    "share": pl.Float64(),
    "integer": pl.Int64(),
    "flag": pl.Boolean(),
}
"""Polars type of each column type once checked. Amounts are minor units; a rate stays exact text."""

LOCATION = {"_source": pl.Int32(), "_row": pl.Int64()}
"""Where a row was read: index into `sources`, and the row number a user sees in the file."""


def typed_schema(table: str) -> dict[str, pl.DataType]:
    """Polars schema of a checked table, location columns last."""
    columns = {name: POLARS_TYPES[column.type] for name, column in tables()[table].items()}
    return columns | LOCATION
