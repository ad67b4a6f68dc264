"""Ledgers as read, from a few lines of csv: row numbers and letters as a user would see them."""

from __future__ import annotations

import csv
from typing import Any

import polars as pl

from receivables.ledger.model import RawLedger, RawTable, Source


def raw_ledger(*, suffix: str = "csv", **tables: str) -> RawLedger:
    """A raw ledger of tables written as csv text; the first line holds canonical columns."""
    found: dict[str, RawTable] = {}
    sources: list[Source] = []
    for name, text in tables.items():
        lines = list(csv.reader(line.strip() for line in text.strip().splitlines()))
        frame = frame_of(lines[0], lines[1:], len(sources))
        letters = {column: chr(65 + at) for at, column in enumerate(lines[0])}
        sources.append(Source(f"{name}.{suffix}", "", name, 1, letters, frame.height))
        found[name] = RawTable(name, frame)
    return RawLedger(found, sources)


def frame_of(columns: list[str], rows: list[list[Any]], source: int = 0) -> pl.DataFrame:
    """Text columns with the place of each row; an empty cell is null."""
    data = {
        name: pl.Series([row[at] or None for row in rows], dtype=pl.String)
        for at, name in enumerate(columns)
    }
    data["_source"] = pl.Series([source] * len(rows), dtype=pl.Int32)
    data["_row"] = pl.Series(range(2, len(rows) + 2), dtype=pl.Int64)
    return pl.DataFrame(data)
