"""Which sheet, file or database table holds which table of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from receivables.errors import LedgerFileError, SettingsError
from receivables.ledger.grid import ROW, Area, Grid, column_number
from receivables.ledger.headings import LOOK_AT, Headings, find
from receivables.ledger.mapping import Mapping, TableMapping
from receivables.ledger.reshape import flat_mapping, unknown_heading
from receivables.ledger.schema import tables
from receivables.ledger.spelling import fold, table_named


@dataclass(slots=True)
class Found:
    """A table of the ledger recognised in a grid."""

    table: str
    grid: Grid
    frame: pl.DataFrame
    headings: Headings
    part: TableMapping


def recognise(path: str | Path, grids: list[Grid], mapping: Mapping) -> list[Found]:
    """Which grid holds which table: by the mapping, by name, or the one that looks like documents."""
    pairs = [(grid, area, table) for grid in grids for area, table in _named_parts(grid, mapping)]
    found = [item for grid, area, table in pairs if (item := _look(grid, area, table, mapping))]
    used = {id(item.grid) for item in found}
    rest = [grid for grid in grids if id(grid) not in used and id(grid) not in _refused(pairs)]
    looks = [item for grid in rest if (item := _flat(grid, mapping))]
    if any(item.table == "documents" for item in found):
        for item in looks:
            item.grid.remark("sheet_like_documents", name=item.grid.sheet or item.grid.file)
    elif len(looks) == 1:
        found += looks
    elif looks:
        names = ", ".join(item.grid.sheet or item.grid.file for item in looks)
        raise LedgerFileError(
            f'{path}: {names} all look like documents. Name the right ones in a mapping: [documents] sheet = ["…"].'
        )
    else:
        raise _no_documents(path, grids, mapping)
    taken = {id(item.grid) for item in [*found, *looks]}
    for grid in grids:
        if id(grid) not in taken and not grid.remarks:
            grid.remark("sheet_not_read", name=grid.sheet or grid.file)
    return found


def _named_parts(grid: Grid, mapping: Mapping) -> list[tuple[Area | None, str]]:
    """(Excel Table or whole sheet, table) for what the mapping or a name says about this grid."""
    mapped = _mapped_table(grid, mapping)
    if mapped:
        return [(None, mapped)]
    areas = [(area, table) for area in grid.areas if (table := table_named(area.name))]
    if areas:
        return [(area, table) for area, table in areas]
    table = table_named(grid.sheet or Path(grid.file).stem.partition(".")[0])
    elsewhere = mapping.tables.get(table)
    return (
        [(None, table)]
        if table and not (elsewhere and (elsewhere.sheet or elsewhere.file))
        else []
    )


def _mapped_table(grid: Grid, mapping: Mapping) -> str:
    for table, part in mapping.tables.items():
        names_file = part.file and part.file.casefold() in {
            grid.file.casefold(),
            grid.sheet.casefold(),
        }
        names_sheet = grid.sheet.casefold() in {name.casefold() for name in part.sheet}
        if names_sheet or (names_file and not part.sheet):
            return table
    return ""


def _refused(pairs: list[tuple[Grid, Area | None, str]]) -> set[int]:
    """Grids that carry the name of another table are not tried as documents."""
    return {id(grid) for grid, _, table in pairs if table != "documents"}


def _look(grid: Grid, area: Area | None, table: str, mapping: Mapping) -> Found | None:
    part = flat_mapping(mapping) if table == "documents" else mapping[table]
    frame = grid.frame if area is None else _inside(grid, area)
    if table not in tables() or not frame.height:
        return None
    headings = find(grid, table, part, frame)
    if headings is None:
        if part.columns:
            raise _headings_missing(grid, table, part, frame)
        grid.remark("sheet_without_headings", name=grid.sheet or grid.file, table=table)
        return None
    return Found(table, grid, frame, headings, part)


def _flat(grid: Grid, mapping: Mapping) -> Found | None:
    """A grid with at least a number, an amount and a date of documents, whatever it is called."""
    part = flat_mapping(mapping)
    if part.sheet or (part.file and part.file.casefold() != grid.file.casefold()):
        return None
    headings = find(grid, "documents", part)
    if headings is None or not (part.columns or _looks_like_documents(headings)):
        return None
    return Found("documents", grid, grid.frame, headings, part)


def _looks_like_documents(headings: Headings) -> bool:
    has = set(headings.claimed)
    return (
        bool(has & {"amount", "paid_amount"})
        and bool(has & {"document_no"})
        and bool(has & {"customer_id", "customer_name", "issued_on", "due_on"})
    )


def _inside(grid: Grid, area: Area) -> pl.DataFrame:
    """The rows of an Excel Table without its total row; cells beside it are blank."""
    first = column_number(grid.letters[0])
    inside = range(area.left - first, area.right - first + 1)
    outside = [name for index, name in enumerate(grid.columns) if index not in inside]
    own = [name for index, name in enumerate(grid.columns) if index in inside]
    bottom = area.bottom - area.totals if area.totals else _grown(grid, area, own)
    rows = grid.frame.filter(pl.col(ROW).is_between(area.top, bottom))
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in outside)


def _grown(grid: Grid, area: Area, columns: list[str]) -> int:
    """Last row of a table and of what stands directly below it.

    Excel makes a table longer when rows are pasted under it; other programs leave its end where it
    was, and the rows below would be lost.
    """
    filled = grid.frame.filter(
        (pl.col(ROW) >= area.bottom) & pl.any_horizontal(pl.col(columns).is_not_null())
    )
    bottom = area.bottom
    for row in filled.get_column(ROW).to_list():
        if row > bottom + 1:
            break
        bottom = row
    if bottom > area.bottom and filled.get_column(ROW)[0] == area.bottom:
        grid.notes.append(
            f"{bottom - area.bottom:,} rows directly below the table {area.name} were read with it"
        )
        return bottom
    return area.bottom


def _headings_missing(
    grid: Grid, table: str, part: TableMapping, frame: pl.DataFrame
) -> SettingsError:
    """The first heading of the mapping that the row most like it does not have."""
    place = " ".join(filter(None, [grid.file, grid.sheet]))
    rows = [
        [cell for cell in row if cell] for row in frame.select(grid.columns).head(LOOK_AT).rows()
    ]
    wanted = {fold(heading): heading for heading in part.columns.values()}
    best = max(rows, key=lambda row: len(wanted.keys() & set(map(fold, row))), default=[])
    missing = [text for key, text in wanted.items() if key not in set(map(fold, best))]
    return unknown_heading(f"{place} [{table}]", missing[0] if missing else "", best)


def _no_documents(
    path: str | Path, grids: list[Grid], mapping: Mapping
) -> LedgerFileError | SettingsError:
    part = mapping["documents"]
    names = ", ".join(dict.fromkeys(grid.sheet or grid.file for grid in grids)) or "nothing"
    if part.sheet or part.file:
        wanted = part.sheet[0] if part.sheet else part.file
        return SettingsError(
            f"{path}: the mapping names '{wanted}' for documents; the ledger has: {names}."
        )
    if part.columns and len(grids) == 1:
        return _headings_missing(grids[0], "documents", part, grids[0].frame)
    return LedgerFileError(
        f"{path}: no table of documents in it (looked at: {names}). Its headings must name at least a document number, "
        "a customer, a date and an amount; write a mapping with 'map' where they are called otherwise."
    )
