"""Read a ledger whatever it comes in: every cell as text, every row knowing where it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from receivables.errors import LedgerFileError
from receivables.ledger.body import body
from receivables.ledger.grid import ROW, Grid
from receivables.ledger.load import TEXT_SUFFIXES, is_settings, load_grids, settings_of
from receivables.ledger.mapping import Mapping
from receivables.ledger.model import RawLedger, RawTable, Source
from receivables.ledger.recognise import Found, recognise
from receivables.ledger.reshape import (
    Names,
    customers_from,
    payments_from,
    unknown_heading,
    with_signs,
)
from receivables.ledger.schema import tables
from receivables.settings import Settings

MUST_WORK = ("documents", "payments", "customers", "allocations")
LONG_NUMBER = r"^\d{16,}$"
NAMED = 50
"""Faults of one kind that are listed one by one."""

Progress = Callable[[str, int, int], None]


def read(
    path: str | Path,
    mapping: Mapping | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> RawLedger:
    """The ledger as text: a workbook, text file, folder of csv or parquet files, or database URL.

    Args:
        path: file, folder or URL (`duckdb:///…`, `sqlite:///…`, `postgresql://…`).
        mapping: headings and codes of this export; without it synonyms decide.
        settings: values of the run; reading uses the language of its messages only.
        progress: called with (what, done, of how many) as sheets are read.

    Raises:
        LedgerFileError: nothing can be read (missing, locked, damaged, protected, no table in it).
        SettingsError: the mapping names a heading or sheet that is not there.
    """
    settings = settings or Settings()
    mapping = mapping or Mapping()
    tell = progress or (lambda _what, _done, _total: None)
    tell("opening", 0, 1)
    grids, values = load_grids(path, mapping)
    ledger = read_grids(path, grids, mapping, tell, settings.language)
    ledger.settings = values | ledger.settings
    return ledger


def read_grids(
    path: str | Path,
    grids: list[Grid],
    mapping: Mapping,
    progress: Progress,
    language: str = "en",
) -> RawLedger:
    """The ledger in grids already loaded: the sheets of a file, or ranges handed to a function."""
    found = recognise(path, [grid for grid in grids if not is_settings(grid)], mapping)
    ledger = RawLedger({}, [])
    for grid in grids:
        if is_settings(grid):
            ledger.settings |= settings_of(grid)
    for done, item in enumerate(found):
        progress(f"reading {item.table}", done, len(found))
        _add(ledger, item, mapping)
    for grid in grids:
        ledger.issues += grid.issues(language)
    _derive(ledger, mapping)
    _require_rows(path, ledger)
    return ledger


def _add(ledger: RawLedger, found: Found, mapping: Mapping) -> None:
    """Read one recognised table into the ledger."""
    grid, table, headings = found.grid, found.table, found.headings
    place = " ".join(filter(None, [grid.file, grid.sheet]))
    names = Names(
        place,
        {text: name for text, name in zip(headings.texts, headings.names, strict=True) if text},
    )
    _check_mapped(found, place)
    _report_clashes(found)
    rows = body(grid, table, headings, found.part, found.frame)
    frame = with_signs(rows.frame, found.part, names)
    frame = _refuse_shifted(found, frame)
    _report_long_numbers(found, frame)
    frame = _completed(found, frame)
    ok = _check_required(found, frame, place)
    source = len(ledger.sources)
    ledger.sources.append(_source(found, frame.height))
    if not ok:
        return
    frame = frame.with_columns(pl.lit(source, pl.Int32).alias("_source")).select(
        pl.exclude(ROW), ROW
    )
    if table == "documents":
        frame, paid = payments_from(frame, found.part.kinds)
        if paid.height:
            _append(ledger, "payments", paid)
        _customers(ledger, frame, paid, mapping, names)
    _append(ledger, table, frame)


def _completed(found: Found, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with what its headings say between the lines: a currency, a name that serves as key."""
    headings, notes = found.headings, found.grid.notes
    named = {*frame.columns, *found.part.constants}
    if headings.currency and "currency" not in named:
        frame = frame.with_columns(pl.lit(headings.currency).alias("currency"))
        notes.append(f"currency {headings.currency} taken from the heading of the amount")
    keyed = found.table in {"documents", "payments"}
    if keyed and "customer_id" not in named and "customer_name" in frame.columns:
        frame = frame.with_columns(pl.col("customer_name").alias("customer_id"))
        notes.append("no column holds a customer number: the name serves as key")
    return frame


def _append(ledger: RawLedger, table: str, frame: pl.DataFrame) -> None:
    if not frame.height and table in ledger.tables:
        return
    if table in ledger.tables:
        frame = pl.concat([ledger.tables[table].frame, frame], how="diagonal")
    if frame.height or table in MUST_WORK:
        ledger.tables[table] = RawTable(table, frame)


def _customers(
    ledger: RawLedger, documents: pl.DataFrame, paid: pl.DataFrame, mapping: Mapping, names: Names
) -> None:
    """Keep the customers that a flat export names, for a ledger without a table of them."""
    if "customer_id" in documents.columns:
        both = pl.concat([documents, paid], how="diagonal")
        ledger.tables["_customers"] = RawTable(
            "_customers", customers_from(both, mapping["customers"], names)
        )


def _derive(ledger: RawLedger, mapping: Mapping) -> None:
    derived = ledger.tables.pop("_customers", None)
    known = ledger.tables.get("customers")
    wanted = mapping["customers"].from_table == "documents"
    if derived and (wanted or known is None or not known.frame.height):
        ledger.tables["customers"] = RawTable("customers", derived.frame)
    paid = ledger.tables.get("payments")
    if paid is not None and not paid.frame.height:
        del ledger.tables["payments"]


def _check_mapped(found: Found, place: str) -> None:
    """Every heading that the mapping names must be there."""
    for column, heading in found.part.columns.items():
        if column not in found.headings.claimed:
            raise unknown_heading(f"{place} [{found.table}]", heading, found.headings.texts)


def _check_required(found: Found, frame: pl.DataFrame, place: str) -> bool:
    """Required columns that neither the sheet nor the mapping gives; a table that matters must have them."""
    missing = [
        name
        for name, column in tables()[found.table].items()
        if column.required
        and name not in frame.columns
        and name not in found.part.constants
        and name != "kind"
    ]
    if not missing:
        return True
    headings = ", ".join(text for text in found.headings.texts if text)
    if found.table in MUST_WORK:
        raise LedgerFileError(
            f"{place}, row {found.headings.row}: no heading for {', '.join(missing)} (found: {headings}). "
            f"Write a mapping with 'map' and name the headings under [{found.table}]."
        )
    found.grid.remark(
        "missing_columns", table=found.table, value=", ".join(missing), headings=headings
    )
    return False


def _source(found: Found, rows: int) -> Source:
    grid, headings = found.grid, found.headings
    pairs = zip(headings.names, grid.letters, strict=False)
    notes = tuple(grid.notes)
    return Source(
        grid.file, grid.sheet, found.table, headings.row, dict(pairs), rows, grid.date1904, notes
    )


def _report_clashes(found: Found) -> None:
    for index, column, first in found.headings.clashes:
        found.grid.remark(
            "duplicate_heading",
            first=first,
            name=found.headings.names[index],
            table=found.table,
            cell=found.grid.cell(found.headings.row, index) if found.headings.row else "",
            column=column,
            value=found.headings.texts[index],
        )


def _refuse_shifted(found: Found, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of a text file longer than the headings: a sign inside a cell split it, all to its right is shifted.

    Their amounts become unreadable: 1,234 next to 56 may be 1,234.56.
    """
    texts, names = found.headings.texts, found.headings.names
    titled = max((index for index, text in enumerate(texts) if text), default=-1)
    beyond = [name for name in names[titled + 1 :] if name in frame.columns]
    if not beyond or Path(found.grid.file).suffix.lower() not in TEXT_SUFFIXES:
        return frame
    longer = pl.any_horizontal(pl.col(beyond).is_not_null())
    rows = frame.filter(longer).get_column(ROW)
    if not rows.len():
        return frame
    found.grid.remark(
        "more_cells_than_headings",
        count=f"{rows.len():,}",
        row=rows[0],
        table=found.table,
        cell=f"row {rows[0]}",
    )
    amounts = [
        n for n, c in tables()[found.table].items() if c.type == "amount" and n in frame.columns
    ]
    return frame.with_columns(
        pl.when(longer)
        .then(
            pl.concat_str([pl.col(name), *map(pl.col, beyond)], separator=" | ", ignore_nulls=True)
        )
        .otherwise(pl.col(name))
        .alias(name)
        for name in amounts
    )


def _report_long_numbers(found: Found, frame: pl.DataFrame) -> None:
    """Keys of 16 and more digits that a workbook stores as a number: it keeps only 15 of them."""
    grid, schema = found.grid, tables()[found.table]
    if grid.stored_as_number is None:
        return
    for name, index in found.headings.claimed.items():
        if schema[name].type != "key" or name not in frame.columns:
            continue
        long = frame.filter(pl.col(name).str.contains(LONG_NUMBER)).select(ROW, name).rows()
        numeric = grid.stored_as_number([(row, index) for row, _ in long]) if long else []
        hits = [pair for pair, number in zip(long, numeric, strict=True) if number]
        for row, value in hits[:NAMED]:
            grid.remark(
                "long_numeric_key",
                digits=len(value),
                table=found.table,
                cell=grid.cell(row, index),
                column=name,
                value=value,
            )
        if len(hits) > NAMED:
            more = f"{len(hits) - NAMED:,}"
            grid.remark(
                "more_of_kind",
                kind="long_numeric_key",
                value=more,
                table=found.table,
                column=name,
                level="warning",
            )


def _require_rows(path: str | Path, ledger: RawLedger) -> None:
    documents = ledger.tables.get("documents")
    paid = ledger.tables.get("payments")
    if (documents is None or not documents.frame.height) and (
        paid is None or not paid.frame.height
    ):
        raise LedgerFileError(
            f"{path}: documents has headings, but not a single row under them. Export the ledger again."
        )
