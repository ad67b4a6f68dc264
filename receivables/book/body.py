"""Body rows of our tables: our values, and what their user keeps beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Literal

import numpy as np
import polars as pl

from receivables.book.old_rows import OldRows
from receivables.book.plan import Region
from receivables.book.sheet_xml import HELD, placed, style_of
from receivables.book.shifter import Shifter
from receivables.book.styles import StyleMap
from receivables.report.cells import Kept, rows_xml
from receivables.report.layout import References, letter
from receivables.report.spec import ColumnSpec, Place, TableSpec

_KEPT_ATTRIBUTES = r'\b(?:s|customFormat|ht|customHeight|hidden|outlineLevel|collapsed)="[^"]*"'

Filter = Literal["kept", "applied", "off"]

StyleOf = Callable[[ColumnSpec, int, bool], int]


@dataclass(frozen=True, slots=True)
class Body:
    """One table's rows before and after."""

    old: OldRows
    match: pl.Series
    """Old row (from 0) of each new row."""
    spec: TableSpec
    place: Place
    region: Region
    filter: Filter = "kept"
    shown: pl.Series | None = None
    """Rows that the filter lets through, where it is applied anew."""


def body_rows(
    body: Body, styles: StyleMap, style: StyleOf, references: References, shifter: Shifter
) -> Iterator[bytes]:
    """`<row>` elements of the body, of its totals row and of the rows left blank below."""
    numbers: dict[int, int] = {}

    def mapped(column: ColumnSpec, exponent: int, tint: bool) -> int:
        donor = style(column, exponent, tint)
        if donor not in numbers:
            numbers[donor] = styles.xf(donor)
        return numbers[donor]

    spec = with_typed(body.spec)
    formulas = {
        column.name: references.formulas(spec.name, spec.frame[column.formula])
        for column in spec.columns
        if column.formula and column.name in body.place.columns
    }
    kept = _kept(body, styles, style, shifter)
    yield from rows_xml(spec, body.place, mapped, formulas, kept)
    yield from _below(body, shifter)


def emptied_row(old: OldRows, region: Region) -> bytes:
    """The blank row of a table of which there is no more to say, in the formats of its first."""
    cells = {}
    row = next(iter(old.xml.rows(old.table.first, old.table.first)), None)
    for column, cell in (row.cells if row else {}).items():
        style = style_of(cell)
        if old.table.area.left <= column <= old.table.area.right:
            cells[column] = b'<c r="A1" s="%d"/>' % style if style else b""
        else:
            cells[column] = cell
    return _row(region.first, {column: cell for column, cell in cells.items() if cell})


def with_typed(spec: TableSpec) -> TableSpec:
    """The table with a blank column for each that is typed by its user and has no values."""
    lacking = [column.name for column in spec.columns if column.name not in spec.frame.columns]
    if not lacking:
        return spec
    blank = [pl.lit(None, dtype=pl.String).alias(name) for name in lacking]
    return replace(spec, frame=spec.frame.with_columns(blank))


def _kept(body: Body, styles: StyleMap, style: StyleOf, shifter: Shifter) -> Kept:
    old = body.old
    height = max(body.spec.frame.height, 1)
    match = body.match
    cells = {}
    for column in old.block.own:
        before = shifter.cells(old.rest(column))
        cells[column - 1] = _blank_filled(old, before.gather(match), column)
    for spec in body.spec.columns:
        place = old.block.columns.get(spec.name)
        if spec.typed and place is not None:
            cells[place - 1] = _typed(body, spec, shifter.cells(old.rest(place)).gather(match))
    places = pl.int_range(height, eager=True)
    here = pl.select(pl.when(places < old.count).then(places)).to_series()
    for column in old.outside:
        cells[column - 1] = shifter.cells(old.rest(column)).gather(here)
    return Kept(
        cells,
        _painted(body, styles, style, match),
        _row_attributes(body, match),
        old.shared.epoch,
    )


def _typed(body: Body, column: ColumnSpec, cells: pl.Series) -> pl.Series:
    """What the user typed; a value of ours stands only where he has typed nothing."""
    if column.name not in body.spec.frame.columns or not body.spec.frame.height:
        return cells
    ours = body.spec.frame[column.name].is_not_null()
    blank = ~cells.str.contains(HELD).fill_null(value=False)
    return pl.select(pl.when(ours & blank).then(None).otherwise(cells)).to_series()


def _blank_filled(old: OldRows, cells: pl.Series, column: int) -> pl.Series:
    """New rows of a calculated column get its formula."""
    index = column - old.table.area.left
    formula = old.table.columns[index].formula if index < len(old.table.columns) else ""
    if not formula:
        return cells
    known = old.rest(column).drop_nulls()
    style = known.str.extract(r'^ s="(\d+)"').drop_nulls()
    number = f' s="{style[0]}"' if len(style) else ""
    return cells.fill_null(f"{number}><f>{escape(formula, quote=False)}</f></c>")


def _painted(
    body: Body, styles: StyleMap, style: StyleOf, match: pl.Series
) -> dict[str, pl.Series]:
    """Formats that the user gave single cells, or a whole column, in place of ours."""
    old = body.old
    found = {}
    seen: dict[int, object] = {}
    for column in body.spec.columns:
        place = old.block.columns.get(column.name)
        if place is None or column.typed:
            continue
        ours = _our_looks(column, styles, style)
        numbers = np.flatnonzero(np.bincount(old.styles(place)))
        for number in numbers.tolist():
            seen.setdefault(number, styles.look(number))
        foreign = [number for number in numbers.tolist() if seen[number] not in ours]
        if not foreign:
            continue
        cells = old.of(place)
        whole = len(numbers) == 1 and cells.style.size > 1
        series = old.spread(cells, pl.Series(cells.style).cast(pl.String))
        if whole:
            found[column.name] = pl.repeat(
                str(foreign[0]), max(body.spec.frame.height, 1), dtype=pl.String, eager=True
            )
            continue
        chosen = pl.select(
            pl.when(series.is_in([str(number) for number in foreign])).then(series)
        ).to_series()
        found[column.name] = chosen.gather(match)
    return found


def _our_looks(column: ColumnSpec, styles: StyleMap, style: StyleOf) -> set[object]:
    looks: set[object] = set()
    for exponent in (0, 2, 3, 4):
        for tint in (False, True):
            try:
                number = style(column, exponent, tint)
            except KeyError:
                continue
            looks.add(styles.donor_look(number))
            looks.add(styles.look(styles.xf(number)))
    return looks


def _row_attributes(body: Body, match: pl.Series) -> pl.Series | None:
    """Heights and formats of rows that their user set, kept with the row; what a filter hides."""
    old = body.old
    given = old.xml.attributes(old.table.first, old.table.last)
    if not given and body.shown is None:
        return None
    wrapped = any(column.kind == "wrap" for column in body.spec.columns)
    hidden = not old.table.filtered or body.filter == "kept"
    rows: list[str | None] = [None] * old.count
    for number, text in given.items():
        rows[number - old.table.first] = _own_attributes(
            text.decode(), height=not wrapped, hidden=hidden
        )
    kept = pl.Series(rows, dtype=pl.String).gather(match)
    if body.shown is None or not body.spec.frame.height:
        return kept
    hide = pl.concat_str(kept.fill_null(""), pl.lit(' hidden="1"'))
    return pl.select(pl.when(body.shown).then(kept).otherwise(hide)).to_series()


def _own_attributes(text: str, *, height: bool, hidden: bool) -> str | None:
    kept = []
    for item in re.findall(_KEPT_ATTRIBUTES, text):
        name = item.partition("=")[0]
        if name in {"ht", "customHeight"} and not (height and 'customHeight="1"' in text):
            continue
        if name == "hidden" and not hidden:
            continue
        kept.append(f" {item}")
    return "".join(kept) or None


def _below(body: Body, shifter: Shifter) -> Iterator[bytes]:
    """The user's totals row, and rows left for what stands beside."""
    region, old = body.region, body.old
    table = old.table
    total = {}
    if table.totals:
        row = next(iter(old.xml.rows(table.last + 1, table.last + 1)), None)
        inside = range(table.area.left, table.area.right + 1)
        given = row.cells if row else {}
        total = {c: shifter.cell(cell) for c, cell in given.items() if c in inside}
    first, end = region.first + region.rows, region.first + region.count
    for number in range(first, end):
        before = number - region.first + region.old_first
        cells = {}
        if before < region.old_first + region.old_count:
            cells = _outside(old, before, shifter)
        if number == first:
            cells |= total
        if cells:
            yield _row(number, cells)


def _outside(old: OldRows, number: int, shifter: Shifter) -> dict[int, bytes]:
    """Cells beside the table in one row; rows below it were moved already."""
    row = next(iter(old.xml.rows(number, number)), None)
    area = old.table.area
    given = row.cells if row else {}
    outside = {c: cell for c, cell in given.items() if not area.left <= c <= area.right}
    if number > area.bottom:
        return outside
    return {column: shifter.cell(cell) for column, cell in outside.items()}


def _row(number: int, cells: Mapping[int, bytes]) -> bytes:
    inner = b"".join(placed(cells[c], letter(c - 1), number) for c in sorted(cells))
    return b'<row r="%d">%s</row>' % (number, inner)
