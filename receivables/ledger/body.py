"""The rows below the headings: what is data, and what is a total, a section, a repeated heading or a foot."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from receivables.ledger.grid import ROW, Grid, column_number
from receivables.ledger.headings import Headings
from receivables.ledger.mapping import TableMapping
from receivables.ledger.schema import tables
from receivables.resources import data_toml

LISTED = 50
"""Skipped rows of one sheet that are noted one by one; the rest is counted."""

RULE = r"^[\s\-_=+|*.]*$"
KEYS = {
    "customers": "customer_id",
    "documents": "document_no",
    "payments": "payment_no",
    "allocations": "credit_no",
    "bills": "bill_no",
    "orders": "order_no",
}


@dataclass(slots=True)
class Body:
    """Data rows of a table under their column names, with `_row`."""

    frame: pl.DataFrame
    skipped: int = 0


def body(
    grid: Grid, table: str, headings: Headings, part: TableMapping, area: pl.DataFrame
) -> Body:
    """The data rows of a table; every row left out is named in an Issue with its amount."""
    names = dict(zip(grid.columns, headings.names, strict=True))
    frame = area.slice(headings.position).rename(names)
    frame = frame.select(*_kept(frame, headings), ROW)
    frame = frame.filter(pl.any_horizontal(pl.exclude(ROW).is_not_null()))
    before = frame.height
    if headings.position:
        frame = _without_headings(frame, headings)
        frame = _without_rules(frame)
    frame = _fill_merged(grid, table, frame, headings)
    if part.sections:
        frame = _sections(grid, table, frame, part.sections)
    frame = _without_totals(grid, table, frame)
    return Body(frame.select(*_kept(frame, headings, part.sections), ROW), before - frame.height)


def _kept(frame: pl.DataFrame, headings: Headings, more: str = "") -> list[str]:
    """Columns with a heading or with a value."""
    titled = {name for name, text in zip(headings.names, headings.texts, strict=True) if text}
    filled = {name for name in frame.columns if frame.get_column(name).null_count() < frame.height}
    names = dict.fromkeys([*headings.names, *filter(None, [more])])
    return [name for name in names if name in titled | filled]


def _fill_merged(grid: Grid, table: str, frame: pl.DataFrame, headings: Headings) -> pl.DataFrame:
    """Give each row under a cell merged downwards the value of that cell; an amount counts once only."""
    if not grid.merges or not grid.letters or not frame.height:
        return frame
    first = column_number(grid.letters[0])
    amounts = {name for name, column in tables()[table].items() if column.type == "amount"}
    for index, name in enumerate(headings.names):
        downwards = [
            area
            for area in grid.merges
            if area.left == first + index and area.bottom > area.top > headings.row
        ]
        if not downwards or name in amounts or name not in frame.columns:
            continue
        pairs = [
            (row, area.top) for area in downwards for row in range(area.top + 1, area.bottom + 1)
        ]
        cover = pl.DataFrame(pairs, schema={ROW: pl.Int64, "_top": pl.Int64}, orient="row")
        values = cover.join(
            frame.select(pl.col(ROW).alias("_top"), pl.col(name).alias("_value")), on="_top"
        )
        frame = frame.join(values.select(ROW, "_value"), on=ROW, how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce(name, "_value").alias(name)).drop("_value")
        grid.notes.append(
            f"column {name}: {len(downwards):,} cells merged over several rows count for each row"
        )
    return frame


def _without_headings(frame: pl.DataFrame, headings: Headings) -> pl.DataFrame:
    """Without the heading rows that a page break repeats."""
    pairs = [
        (name, text)
        for name, text in zip(headings.names, headings.texts, strict=True)
        if text and name in headings.claimed and name in frame.columns
    ]
    if len(pairs) < 2:
        return frame
    hits = pl.sum_horizontal(
        (pl.col(name).str.strip_chars() == text).fill_null(value=False) for name, text in pairs
    )
    return frame.filter(hits < max(2, (len(pairs) + 1) // 2))


def _without_rules(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the lines of dashes that lists draw under headings and above totals."""
    first = pl.coalesce(pl.exclude(ROW)).str.contains(r"^[-_=+]{3,}")
    if not frame.select(first.any()).item():
        return frame
    rule = pl.all_horizontal(pl.exclude(ROW).fill_null("").str.contains(RULE)) & first
    return frame.filter(~rule.fill_null(value=False))


def _sections(grid: Grid, table: str, frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Fill a column from section headings: rows that hold a single text and are no total row."""
    alone = pl.sum_horizontal(pl.exclude(ROW).is_not_null().cast(pl.Int32)) == 1
    text = pl.coalesce(pl.exclude(ROW))
    total = text.map_batches(_is_total, return_dtype=pl.Boolean)
    frame = frame.with_columns(_head=pl.when(alone & ~total).then(text))
    heads, last = (
        frame.filter(pl.col("_head").is_not_null()),
        frame.filter(pl.col("_head").is_null()).get_column(ROW).max(),
    )
    below = heads.filter(pl.col(ROW) > last) if last else heads.clear()
    _report(grid, table, heads.clear(), [], below.drop("_head"))
    count = heads.height - below.height
    filled = pl.col("_head").forward_fill()
    old = pl.col(column) if column in frame.columns else pl.lit(None, pl.String)
    frame = frame.with_columns(pl.coalesce(old, filled).alias(column)).filter(
        pl.col("_head").is_null()
    )
    grid.notes.append(f"{count:,} section headings of {table} filled {column}")
    return frame.drop("_head")


def _without_totals(grid: Grid, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Without total rows, and without the foot under the last of them."""
    key = KEYS.get(table, "")
    if key not in frame.columns:
        return frame
    dates = [n for n, c in tables()[table].items() if c.type == "date" and n in frame.columns]
    texts = [n for n in frame.columns if n != ROW and _may_say_total(table, n)]
    undated = pl.all_horizontal(pl.col(dates).is_null()) if dates else pl.lit(value=True)
    said = pl.any_horizontal(
        pl.col(texts).map_batches(_says_total, return_dtype=pl.Boolean).fill_null(value=False)
    )
    keyless = pl.col(key).is_null() | pl.col(key).map_batches(_says_total, return_dtype=pl.Boolean)
    marked = frame.filter(undated & (pl.col(key).is_null() | pl.col(key).str.len_chars().le(40)))
    totals = marked.filter(keyless & said)
    if not totals.height:
        return frame
    last = totals.get_column(ROW).max()
    sums = [n for n, c in tables()[table].items() if c.type == "amount" and n in frame.columns]
    empty = pl.all_horizontal(pl.col(sums).is_null()) if sums else pl.lit(value=True)
    tail = frame.filter(pl.col(ROW) > last)
    foot = tail if tail.height and tail.select((empty & undated).all()).item() else tail.clear()
    _report(grid, table, totals, sums, foot)
    return frame.filter(~pl.col(ROW).is_in(pl.concat([totals, foot]).get_column(ROW).implode()))


def _report(
    grid: Grid, table: str, totals: pl.DataFrame, sums: list[str], foot: pl.DataFrame
) -> None:
    column = "amount" if "amount" in sums else (sums[0] if sums else "")
    for row in totals.head(LISTED).iter_rows(named=True):
        words = next(str(v) for n, v in row.items() if n != ROW and v is not None)
        amount = row.get(column) or next((row[n] for n in sums if row[n]), "")
        where = {"table": table, "cell": f"row {row[ROW]}", "column": column, "row": row[ROW]}
        text = ", ".join(filter(None, [f"'{words}'", str(amount)]))
        grid.remark("total_skipped", text=text, value=amount, **where)
    for row in foot.head(LISTED).iter_rows(named=True):
        words = " ".join(str(v) for n, v in row.items() if n != ROW and v is not None)
        where = {"table": table, "cell": f"row {row[ROW]}", "row": row[ROW]}
        grid.remark("foot_skipped", value=words[:80], **where)
    for kind, rows in (("total_skipped", totals), ("foot_skipped", foot)):
        if rows.height > LISTED:
            more = f"{rows.height - LISTED:,}"
            grid.remark("more_of_kind", level="note", kind=kind, value=more, table=table)


def _may_say_total(table: str, name: str) -> bool:
    column = tables()[table].get(name)
    return column is None or column.type in {"text", "key", "choice"}


def _says_total(texts: pl.Series) -> pl.Series:
    """Whether each text is, or begins with, a word of a total row.

    >>> _says_total(pl.Series(["Total for Acme", "合 计", "Totalfina SA", None])).to_list()
    [True, True, False, False]
    """
    found = _is_total(texts)
    tidy = _tidy(texts)
    for word in data_toml("reading.toml")["words"]["total_begins"]:
        found = found | tidy.str.starts_with(word).fill_null(value=False)
    return found


def _is_total(texts: pl.Series) -> pl.Series:
    """Whether each text is nothing but a word of a total row; `Total Fitness LLC` is a customer."""
    words = data_toml("reading.toml")["words"]["total"]
    exact = ["".join(word.replace("-", "").split()) for word in words]
    tidy = _tidy(texts)
    close = tidy.str.replace_all(r"[\s\-]", "")
    return (close.is_in(exact) | tidy.str.starts_with("total for ")).fill_null(value=False)


def _tidy(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFKC").str.to_lowercase().str.strip_chars(" \t:.").alias("")
