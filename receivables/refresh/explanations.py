"""Open exceptions of a close with the explanation that was given for them, month after month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from receivables.errors import LedgerFileError
from receivables.report.pack_data import EXCEPTION_SCHEMA
from receivables.report.target import replacing

FILE = "explanations.csv"
"""Beside the snapshots; the accountant fills in `explanation` and `owner`."""

KEY = ("exception", "place", "currency")
COLUMNS = (*KEY, "since", "until", "explanation", "owner")
"""`until` is the first close at which the exception was gone; blank = still open."""


def carried(found: pl.DataFrame, folder: Path, as_of: date) -> pl.DataFrame:
    """Exceptions of a close with what the file says about those that were open before.

    Args:
        found: exceptions of this close (EXCEPTION_SCHEMA).
        folder: of the snapshots.
        as_of: balance date; the `since` of an exception that is new.

    Raises:
        LedgerFileError: the file was changed so that it cannot be read.
    """
    known = _file(folder).filter(pl.col("until").is_null()).unique(KEY, keep="last")
    told = known.select(*KEY, told="explanation", who="owner", first="since")
    return (
        found.with_columns(pl.col(KEY).fill_null(""))
        .join(told, on=KEY, how="left", maintain_order="left")
        .with_columns(
            since=pl.min_horizontal(pl.coalesce("first", pl.lit(as_of)), pl.lit(as_of)),
            explanation=pl.coalesce("told", "explanation"),
            owner=pl.coalesce("who", "owner"),
        )
        .select(*EXCEPTION_SCHEMA)
    )


def remember(exceptions: pl.DataFrame, folder: Path, as_of: date) -> Path:
    """Write the open exceptions for the next close; what is over keeps its line and gets `until`.

    Args:
        exceptions: result of `carried`.
        folder: of the snapshots.
        as_of: balance date of this close.
    """
    before = _file(folder)
    now = exceptions.with_columns(until=pl.lit(None, pl.Date)).select(COLUMNS)
    rest = before.join(now, on=KEY, how="anti", nulls_equal=True).with_columns(
        pl.coalesce("until", pl.lit(as_of)).alias("until")
    )
    closed = before.filter(pl.col("until").is_not_null()).join(
        now, on=KEY, how="semi", nulls_equal=True
    )
    whole = pl.concat([now, closed, rest])
    path = folder / FILE
    if not whole.equals(before):
        with replacing(path) as stream:
            whole.write_csv(stream, include_bom=True)
    return path


def _file(folder: Path) -> pl.DataFrame:
    path = folder / FILE
    schema = {name: pl.Date if name in {"since", "until"} else pl.String for name in COLUMNS}
    if not path.exists():
        return pl.DataFrame(schema=schema)
    try:
        text = pl.read_csv(path, infer_schema=False, encoding="utf8")
        missing = [name for name in COLUMNS if name not in text.columns]
        if missing:
            raise LedgerFileError(
                f"{path}: the column {missing[0]} is gone. Put the heading back."
            )
        return text.select(
            *(pl.col(name).fill_null("") for name in KEY),
            *(pl.col(name).str.to_date("%Y-%m-%d") for name in ("since", "until")),
            *("explanation", "owner"),
        ).select(COLUMNS)
    except pl.exceptions.PolarsError as fault:
        raise LedgerFileError(
            f"{path}: cannot be read ({str(fault).splitlines()[0]}). Write dates as 2026-10-31."
        ) from None
