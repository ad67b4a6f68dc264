"""Sheets of a workbook as grids of text, nothing lost between the file and the frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import fastexcel
import polars as pl

from receivables.errors import LedgerFileError
from receivables.ledger import container, xlsxparts
from receivables.ledger.grid import ROW, Grid, column_number, letters, tidy

NOT_CALCULATED = "#NOT-CALCULATED!"
"""Stands in a cell whose formula was never calculated, so that checking finds it unreadable."""

ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}

LONG_DECIMALS = r"^-?\d+\.\d{7,9}$"
"""Text of a number that may have had more decimals: the reader writes nine at most."""

NAMED_CELLS = 20
"""Addresses that one message names before it says how many more there are."""


def workbook_grids(path: Path, data: bytes, kind: str) -> Iterator[Grid]:
    """The visible and hidden sheets of a workbook that hold anything, in order; not our results.

    Raises:
        LedgerFileError: damaged, protected, or not a workbook.
    """
    parts = _parts(path, data, kind)
    try:
        reader = fastexcel.read_excel(data)
        names = reader.sheet_names
    except Exception as fault:  # noqa: BLE001 - the reader's errors have no common public base
        raise _unreadable(path, fault) from None
    for name in names:
        if parts and name in parts.results:
            continue
        facts = xlsxparts.sheet_facts(parts, name) if parts else None
        if parts and facts is None:
            continue
        grid = Grid(path.name, name, _cells(path, reader, name))
        if facts and parts:
            _apply_facts(grid, facts, parts)
        grid.frame = tidy(grid.frame)
        if grid.frame.height:
            yield grid


def _parts(path: Path, data: bytes, kind: str) -> xlsxparts.Parts | None:
    if kind == "ole":
        container.check_ole(path, data)
        return None
    book = container.check_zip(path, data)
    container.verify(path, book)
    is_xml = any(name.lower().endswith("workbook.xml") for name in book.namelist())
    return xlsxparts.open_parts(path, book) if is_xml else None


def _cells(path: Path, reader: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    """All cells of a sheet as text, cells in error as the sheet shows them."""
    try:
        sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        batch, faults = sheet.to_arrow_with_errors()
    except Exception as fault:  # noqa: BLE001 - an empty sheet, too, is an error to the reader
        if "empty" in str(fault).lower() or "no data" in str(fault).lower():
            return pl.DataFrame(schema={"c0": pl.String, ROW: pl.Int64})
        raise _unreadable(path, fault, name) from None
    frame = pl.DataFrame(pl.from_arrow(batch))
    frame.columns = [f"c{index}" for index in range(frame.width)]
    frame = frame.with_columns(_whole_numbers(reader, name, frame))
    marks: dict[int, dict[int, str]] = {}
    for cell in faults.errors if faults else ():
        row, column = cell.position
        inner = cell.detail.rpartition("Error(")[2].rstrip("')")
        marks.setdefault(column, {})[row] = ERRORS.get(inner, f"#{inner.upper()}!")
    frame = frame.with_columns(
        _with_marks(frame.get_column(f"c{column}"), rows) for column, rows in marks.items()
    )
    return frame.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))


def _whole_numbers(
    reader: fastexcel.ExcelReader, name: str, frame: pl.DataFrame
) -> list[pl.Series]:
    """Columns in which the reader's text cut a number at nine decimals, with the number itself.

    364594450.83 arrives as 364594450.829999983, a rate of 0.00613685123 as 0.006136851. Such
    columns are read again as numbers; Polars then writes the shortest text of the same number.
    """
    found = []
    for index, column in enumerate(frame.get_columns()):
        cut = column.str.contains(LONG_DECIMALS)
        if not cut.any():
            continue
        sheet = reader.load_sheet(
            name, header_row=None, skip_rows=0, use_columns=[index], dtypes={index: "float"}
        )
        numbers = sheet.to_polars().to_series(0)
        texts = pl.DataFrame({"text": column, "cut": cut, "number": numbers})
        exact = pl.when("cut").then(pl.col("number").cast(pl.String))
        found.append(texts.select(pl.coalesce(exact, "text").alias(column.name)).to_series())
    return found


def _with_marks(column: pl.Series, rows: dict[int, str]) -> pl.Series:
    places = sorted(rows)
    return column.scatter(places, [rows[place] for place in places])


def _apply_facts(grid: Grid, facts: xlsxparts.SheetFacts, parts: xlsxparts.Parts) -> None:
    grid.date1904 = parts.date1904
    first = _first_letter(grid, facts)
    grid.letters = letters(first, len(grid.columns))
    _mark_uncalculated(grid, facts.uncalculated)
    first = column_number(grid.letters[0]) if grid.letters else 1
    _pad(grid, facts, first)
    grid.merges = tuple(facts.merges)
    grid.areas = tuple(facts.areas)
    offset = first
    grid.stored_as_number = lambda cells: xlsxparts.stored_as_number(
        facts.xml, [f"{letters(offset + index, 1)[0]}{row}" for row, index in cells]
    )
    _note_hidden(grid, facts, grid.sheet in parts.hidden_sheets)


def _first_letter(grid: Grid, facts: xlsxparts.SheetFacts) -> int:
    """Column of the sheet in which the frame begins: the reader drops blank columns on the left."""
    filled = grid.frame.filter(pl.any_horizontal(pl.col(grid.columns).str.len_bytes() > 0)).head(1)
    if not filled.height:
        return 1
    row = filled.get_column(ROW).item()
    cells = filled.select(grid.columns).row(0)
    place = next(index for index, cell in enumerate(cells) if cell)
    return max(xlsxparts.first_column(facts.xml, row) - place, 1)


def _mark_uncalculated(grid: Grid, cells: list[tuple[int, int]]) -> None:
    """Put a mark where a formula has no stored result; the row may not be in the frame at all."""
    if not cells:
        return
    first = column_number(grid.letters[0])
    left = min(first, *(column for _, column in cells))
    right = max(first + len(grid.columns) - 1, *(column for _, column in cells))
    old = dict(zip(range(first, right + 1), grid.columns, strict=False))
    frame = grid.frame.select(
        *(
            (pl.col(old[number]) if number in old else pl.lit(None, pl.String)).alias(
                f"c{number - left}"
            )
            for number in range(left, right + 1)
        ),
        ROW,
    )
    last = max(row for row, _ in cells)
    if last > frame.height:
        missing = pl.DataFrame({ROW: range(frame.height + 1, last + 1)}, schema={ROW: pl.Int64})
        frame = pl.concat([frame, missing], how="diagonal")
    by_column: dict[int, dict[int, str]] = {}
    for row, column in cells:
        by_column.setdefault(column - left, {})[row - 1] = NOT_CALCULATED
    grid.frame = frame.with_columns(
        _with_marks(frame.get_column(f"c{index}"), rows) for index, rows in by_column.items()
    )
    grid.letters = letters(left, right - left + 1)
    shown = [f"{letters(column, 1)[0]}{row}" for row, column in cells]
    grid.remark(
        "formula_without_value",
        count=f"{len(cells):,}",
        cells=_some(shown),
        cell=shown[0],
        value=NOT_CALCULATED,
    )


def _pad(grid: Grid, facts: xlsxparts.SheetFacts, first: int) -> None:
    """Give numbers shown with leading zeros the zeros the reader dropped: 123 as 00000 is 00123."""
    for (column, prefix, digits), rows in facts.padded.items():
        name = f"c{column - first}"
        if name not in grid.frame.columns:
            continue
        cell = pl.col(name)
        shown = pl.lit(prefix) + cell.str.zfill(digits)
        here = pl.col(ROW).is_in(pl.Series(rows, dtype=pl.Int64).implode()) & cell.str.contains(
            r"^\d+$"
        )
        grid.frame = grid.frame.with_columns(pl.when(here).then(shown).otherwise(cell).alias(name))
        grid.notes.append(
            f"column {letters(column, 1)[0]}: {len(rows):,} numbers read with their leading zeros ({prefix}{'0' * digits})"
        )


def _note_hidden(grid: Grid, facts: xlsxparts.SheetFacts, hidden_sheet: bool) -> None:
    rows = facts.hidden_rows
    full = (
        set(grid.frame.filter(pl.col(ROW).is_in(rows)).pipe(tidy).get_column(ROW))
        if rows
        else set()
    )
    if full:
        shown = [str(row) for row in rows if row in full]
        grid.remark(
            "hidden_rows", count=f"{len(full):,}", rows=_some(shown), cell=f"row {shown[0]}"
        )
    if facts.hidden_columns:
        grid.notes.append(
            f"{facts.hidden_columns} groups of hidden columns were read like the others"
        )
    if hidden_sheet:
        grid.notes.append("the sheet is hidden")


def _some(shown: Iterable[str]) -> str:
    texts = list(shown)
    rest = len(texts) - NAMED_CELLS
    return ", ".join(texts[:NAMED_CELLS]) + (f" and {rest:,} more" if rest > 0 else "")


def _unreadable(path: Path, fault: Exception, sheet: str = "") -> LedgerFileError:
    text = str(fault).splitlines()[0].removeprefix("calamine error: ")
    if "password" in str(fault).lower() or "encrypt" in str(fault).lower():
        return container.protected(path)
    where = f", sheet {sheet}" if sheet else ""
    return LedgerFileError(
        f"{path}{where}: cannot be read as a workbook ({text}). "
        "Open it in a spreadsheet and save it anew as xlsx, or export csv."
    )
