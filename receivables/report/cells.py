"""Table rows as sheet XML, column by column: exact numbers, dates, and text that stays text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from receivables import money
from receivables.days import EXCEL_1900
from receivables.report.layout import letter
from receivables.report.spec import ColumnSpec, Place, TableSpec
from receivables.report.widths import column_width, text_lines

EXACT = 10**15 - 1
"""Largest amount in minor units that goes into a cell as a number.

A spreadsheet keeps 15 digits, and a double tells 15-digit decimals apart: at 2^53 cents its steps
are 1.6 cents wide.
"""
CELL_CHARACTERS = 32_767
CHUNK = 50_000
CUT = " … [cut]"
_LINE_POINTS = 13
_MOST_LINES = 30
"""Excel's rows end at 409 points."""
_INDENT = 3
_FIRST_DAY = date(1900, 3, 1)
"""Earlier days differ between spreadsheet programs (1900 was no leap year): text is written."""
_UNSAFE = r"[\x00-\x08\x0B-\x1F\x{FFFE}\x{FFFF}]"
_MARKUP = r"[&<>]"
_ESCAPE = r"_x([0-9A-Fa-f]{4})_"
_CODES = [*range(9), *range(0x0B, 0x20), 0xFFFE, 0xFFFF]

StyleOf = Callable[[ColumnSpec, int, bool], int]
"""Style number of a column's cells for a currency exponent, with or without the tint."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a table's rows hold apart from our values, one entry per row; null = nothing."""

    cells: Mapping[int, pl.Series] = field(default_factory=dict)
    """Column of the sheet (from 0) → a cell's XML after its address, in place of ours if any."""
    styles: Mapping[str, pl.Series] = field(default_factory=dict)
    """Our column → style number in place of ours."""
    rows: pl.Series | None = None
    """Attributes of the row in place of ours."""
    epoch: date = EXCEL_1900
    """Day 0 of the workbook's dates."""

    def slice(self, start: int, count: int) -> Kept:
        """The same for some of the rows."""
        return Kept(
            {column: series.slice(start, count) for column, series in self.cells.items()},
            {name: series.slice(start, count) for name, series in self.styles.items()},
            None if self.rows is None else self.rows.slice(start, count),
            self.epoch,
        )


def rows_xml(
    table: TableSpec, place: Place, style: StyleOf, formulas: dict[str, pl.Series],
    kept: Kept | None = None,
) -> Iterator[bytes]:  # fmt: skip
    """`<row>` elements of a table's data rows, in chunks.

    Args:
        table: the table; a table without rows gets one blank row.
        place: where it stands; a column without place is left out.
        style: style numbers.
        formulas: formula text per row for the columns that have one.
        kept: cells of other columns, and what stands in place of ours.
    """
    kept = kept or Kept()
    if table.frame.is_empty():
        table = replace(table, frame=table.frame.clear(1))
        formulas = {}
    for start in range(0, table.frame.height, CHUNK):
        part = table.frame.slice(start, CHUNK)
        texts = {name: series.slice(start, CHUNK) for name, series in formulas.items()}
        yield _chunk(
            table, place, style, part, texts, kept.slice(start, CHUNK), place.first + 1 + start
        )


def _chunk(
    table: TableSpec, place: Place, style: StyleOf, part: pl.DataFrame,
    formulas: dict[str, pl.Series], kept: Kept, number: int,
) -> bytes:  # fmt: skip
    last = number + part.height
    frame = part.with_columns(pl.int_range(number, last, eager=True).cast(pl.String).alias("·row"))
    frame = frame.with_columns(
        *(series.alias(f"·f·{name}") for name, series in formulas.items()),
        *(_exponents(part, source) for source in _currency_columns(table)),
    )
    rows = frame.select(
        pl.concat_str(
            pl.lit('<row r="'), "·row", pl.lit('"'), _attributes(table, kept), pl.lit(">"),
            *_cells(table, place, style, frame, kept), pl.lit("</row>"),
        )
    )  # fmt: skip
    return bytes(rows.to_series().str.join("").cast(pl.Binary).item())


def _attributes(table: TableSpec, kept: Kept) -> pl.Expr:
    ours = _height(table)
    return ours if kept.rows is None else pl.coalesce(pl.lit(kept.rows), ours)


def _cells(
    table: TableSpec, place: Place, style: StyleOf, frame: pl.DataFrame, kept: Kept
) -> Iterator[pl.Expr]:
    """Cells of a row from left to right."""
    ours = {place.columns[item.name]: item for item in table.columns if item.name in place.columns}
    for column in sorted({*ours, *kept.cells}):
        held = kept.cells.get(column)
        cell = _cell(table, column, ours[column], style, frame, kept) if column in ours else None
        if held is None:
            if cell is not None:
                yield cell
            continue
        theirs = pl.concat_str(
            pl.lit(f'<c r="{letter(column)}'), "·row", pl.lit('"'), pl.lit(held)
        )
        yield pl.coalesce(theirs, cell if cell is not None else pl.lit(""))


def _height(table: TableSpec) -> pl.Expr:
    """Height of rows whose wrapped texts need more than one line: not every program fits it itself."""
    wrapped = [column for column in table.columns if column.kind == "wrap"]
    if not wrapped:
        return pl.lit("")
    lines = [
        text_lines(pl.col(column.name), column_width(table, column) - _INDENT)
        for column in wrapped
    ]
    most = pl.max_horizontal(pl.lit(1), *lines).clip(upper_bound=_MOST_LINES)
    points = (most * _LINE_POINTS + 2).cast(pl.String)
    tall = pl.concat_str(pl.lit(' ht="'), points, pl.lit('" customHeight="1"'))
    return pl.when(most > 1).then(tall).otherwise(pl.lit(""))


def _currency_columns(table: TableSpec) -> set[str]:
    named = {column.currency_column or table.currency_column for column in table.columns}
    return named - {""}


def _exponents(part: pl.DataFrame, source: str) -> pl.Series:
    codes = part[source].fill_null("")
    known = {code: money.exponent(code) for code in codes.unique().to_list()}
    return codes.replace_strict(known, return_dtype=pl.Int64).alias(f"·exponent·{source}")


def _cell(
    table: TableSpec, place: int, column: ColumnSpec, style: StyleOf, frame: pl.DataFrame,
    kept: Kept,
) -> pl.Expr:  # fmt: skip
    number = _style(table, column, style, frame)
    if column.name in kept.styles:
        number = pl.coalesce(pl.lit(kept.styles[column.name]), number)
    opened = [pl.lit(f'<c r="{letter(place)}'), pl.col("·row"), pl.lit('" s="'), number]
    value, is_text = _value(table, column, frame, kept.epoch)
    text = pl.concat_str(
        *opened,
        pl.lit(f'" t="inlineStr"><is><t{_space(frame[column.name])}>'),
        value,
        pl.lit("</t></is></c>"),
    )
    start = '" t="b"><v>' if column.kind == "flag" else '"><v>'
    figure = pl.concat_str(*opened, pl.lit(start), value, pl.lit("</v></c>"))
    blank = pl.concat_str(*opened, pl.lit('"/>'))
    filled = text if is_text is True else figure
    if isinstance(is_text, pl.Expr):
        filled = pl.when(is_text).then(text).otherwise(figure)
    if f"·f·{column.name}" not in frame.columns:
        return pl.coalesce(filled, blank)
    held = pl.concat_str(
        _escaped(frame[f"·f·{column.name}"]), pl.lit("</f><v>"), pl.coalesce(value, pl.lit(""))
    )
    kind = '" t="str"><f>' if is_text is True else '"><f>'
    live = pl.concat_str(*opened, pl.lit(kind), held, pl.lit("</v></c>"))
    return pl.coalesce(live, filled, blank)


def _space(series: pl.Series) -> str:
    """Blanks at the ends of a text survive only with this attribute."""
    blanks = series.dtype == pl.String and series.str.contains(r"^\s|\s$|\n").any()
    return ' xml:space="preserve"' if blanks else ""


def _style(table: TableSpec, column: ColumnSpec, style: StyleOf, frame: pl.DataFrame) -> pl.Expr:
    source = column.currency_column or table.currency_column if column.kind == "money" else ""
    exponents = [money.exponent(table.currency)]
    if source:
        exponents = frame[f"·exponent·{source}"].unique().to_list()
    tint = table.tint if table.tint and table.tint.column == column.name else None
    tinted = pl.col(tint.where).is_in(list(tint.values)).fill_null(value=False) if tint else None
    number = pl.lit("")
    for exponent in exponents:
        plain = pl.lit(str(style(column, exponent, False)))
        if tinted is not None:
            plain = (
                pl.when(tinted).then(pl.lit(str(style(column, exponent, True)))).otherwise(plain)
            )
        number = (
            pl.when(pl.col(f"·exponent·{source}") == exponent).then(plain).otherwise(number)
            if source
            else plain
        )
    return number


def _value(
    table: TableSpec, column: ColumnSpec, frame: pl.DataFrame, epoch: date
) -> tuple[pl.Expr, pl.Expr | bool]:
    """Text between the tags, and whether (or where) it is a string."""
    name = column.name
    series = frame[name]
    match column.kind:
        case "money":
            return _money(table, frame, column)
        case "date":
            day = pl.col(name)
            serial = (day - pl.lit(epoch)).dt.total_days().cast(pl.String)
            first = max(_FIRST_DAY, epoch)
            early = (day < first).fill_null(value=False)
            if not series.drop_nulls().lt(first).any():
                return serial, False
            return pl.when(early).then(day.dt.to_string("iso")).otherwise(serial), early
        case "flag":
            return pl.col(name).cast(pl.Int8).cast(pl.String), False
        case "percent" | "rate" | "ratio" | "number" | "int":
            finite = pl.col(name).cast(pl.Float64).is_finite()
            return pl.when(finite).then(pl.col(name)).cast(pl.String), False
        case _:
            return _escaped(series.cast(pl.String)), True


def _money(
    table: TableSpec, frame: pl.DataFrame, column: ColumnSpec
) -> tuple[pl.Expr, pl.Expr | bool]:
    """Minor units ÷ 10^exponent: correctly rounded, so the shortest decimal is the amount itself."""
    source = column.currency_column or table.currency_column
    scale = pl.lit(float(10 ** money.exponent(table.currency)))
    if source:
        exponents = pl.col(f"·exponent·{source}")
        scales = {
            exponent: float(10**exponent) for exponent in frame[f"·exponent·{source}"].unique()
        }
        scale = exponents.replace_strict(scales, return_dtype=pl.Float64)
    figure = (pl.col(column.name).cast(pl.Float64) / scale).cast(pl.String)
    large = (frame[column.name].abs() > EXACT).fill_null(value=False)
    if not large.any():
        return figure, False
    currencies = frame[source].to_list() if source else [table.currency] * frame.height
    exact = [
        money.text(minor, code or "") if is_large else None
        for minor, code, is_large in zip(frame[column.name], currencies, large, strict=True)
    ]
    text = pl.lit(pl.Series(exact, dtype=pl.String))
    return pl.coalesce(text, figure), text.is_not_null()


def _escaped(series: pl.Series) -> pl.Expr:
    """Text fit for XML: markup, control characters and over-long cells."""
    if (series.str.len_chars().max() or 0) > CELL_CHARACTERS // 2:  # type: ignore[operator]
        series = pl.Series([fitting(text) for text in series], dtype=pl.String)
    if series.str.contains(_ESCAPE).any():
        series = series.str.replace_all(_ESCAPE, "_x005F_x${1}_")
    if series.str.contains(_UNSAFE).any():
        series = series.str.replace_many(
            [chr(code) for code in _CODES], [f"_x{code:04X}_" for code in _CODES]
        )
    if series.str.contains(_MARKUP).any():
        series = series.str.replace_many(["&", "<", ">"], ["&amp;", "&lt;", "&gt;"])
    return pl.lit(series)


def fitting(text: str | None) -> str | None:
    """Text cut to what a cell holds (32,767 UTF-16 units), with a mark that it was cut.

    >>> fitting("Meyer & Söhne"), len(fitting("x" * 40_000))
    ('Meyer & Söhne', 32767)
    """
    if text is None or len(text.encode("utf-16-le")) // 2 <= CELL_CHARACTERS:
        return text
    head = text.encode("utf-16-le")[: 2 * (CELL_CHARACTERS - len(CUT))]
    return head.decode("utf-16-le", errors="ignore") + CUT


def exact_note_needed(table: TableSpec) -> bool:
    """Whether an amount is too large for an exact number, so that the table needs the note."""
    return any(
        bool((table.frame[column.name].abs() > EXACT).any())
        for column in table.columns
        if column.kind == "money" and not table.frame.is_empty()
    )
