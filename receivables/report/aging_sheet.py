"""The Aging sheet: totals by currency, a chart, then one table of all customers."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from receivables.report.labels import sheet
from receivables.report.page import Page, filled
from receivables.report.spec import (
    Block,
    ChartSpec,
    ColumnSpec,
    Kind,
    Overflow,
    SheetSpec,
    TableSpec,
)
from receivables.report.sums import sum_pattern

TOTALS = "Aging_totals"
SHOWN = "shown"
PRIOR = ("prior", "delta")
_CREDIT: dict[str, Kind] = {
    "credit_limit": "money", "limit_used": "percent", "insured": "money", "grade": "int",
}  # fmt: skip
"""Columns of the credit manager, where they are known; none of them adds up."""


def aging_sheet(page: Page) -> SheetSpec:
    """Customers by currency, largest first, with totals that follow the filter."""
    frame = _with_delta(page.data.aging, living=page.living)
    columns = _columns(page, frame)
    table, overflow = _customers(page, frame, columns)
    head = page.head("aging.title", _prior_line(page))
    blocks = [head, _overview(page, frame, columns), *_chart(page, frame), table]
    names = [column.name for column in columns]
    return page.sheet(
        "aging", blocks, frozen=TOTALS, frozen_columns=names.index("name") + 1, overflow=overflow
    )


def bucket_columns(page: Page) -> list[str]:
    """Frame columns of the buckets, youngest first."""
    return [f"b{index}" for index in range(len(page.data.bucket_labels))]


def _with_delta(frame: pl.DataFrame, *, living: bool) -> pl.DataFrame:
    frame = frame.with_columns(pl.col("currency").fill_null(""))
    if "prior" in frame.columns:
        return frame.with_columns((pl.col("open") - pl.col("prior").fill_null(0)).alias("delta"))
    if not living:
        return frame
    return frame.with_columns(pl.lit(None, pl.Int64).alias(name) for name in PRIOR)


def _prior_line(page: Page) -> str:
    prior = page.data.prior_as_of
    return page.text("prior_as_of", date=prior) if prior else ""


def _columns(page: Page, frame: pl.DataFrame) -> list[ColumnSpec]:
    buckets = zip(bucket_columns(page), page.data.bucket_labels, strict=True)
    compared = page.data.prior_as_of is not None or filled(frame, "prior")
    return [
        *page.keys(frame),
        page.column("customer_id"),
        page.column("name"),
        page.column("currency"),
        page.column("open", "money", total=True),
        page.column("unapplied", "money", total=True),
        *(page.column(name, "money", page.bucket(text), total=True) for name, text in buckets),
        page.column("over_30", "money", total=True),
        *(
            column
            for name in PRIOR
            if name in frame.columns
            for column in page.optional(page.column(name, "money", total=True), used=compared)
        ),
        *(
            column
            for name, kind in _CREDIT.items()
            for column in page.if_filled(frame, name, kind)
        ),
    ]


def _customers(
    page: Page, frame: pl.DataFrame, columns: list[ColumnSpec]
) -> tuple[TableSpec, tuple[Overflow, ...]]:
    """All customers in one table: the largest of each currency where they are too many for a sheet."""
    place = pl.int_range(pl.len()).over("currency")
    rows = frame.sort(["open", "customer_id"], descending=[True, False]).sort(
        place, maintain_order=True
    )
    cut, notes, overflow = page.fit(rows, "aging")
    shown = cut.sort("currency", maintain_order=True)
    several = frame["currency"].n_unique() > 1
    helper = page.column(SHOWN, "int", formula=f"f_{SHOWN}", hidden=True)
    table = page.table(
        sheet("aging", page.language)[1], [*columns, helper] if several or page.living else columns,
        shown.with_columns(
            pl.lit(1, pl.Int64).alias(SHOWN), pl.lit("SUBTOTAL(103,[@open])").alias(f"f_{SHOWN}")
        ),
        currency_column="currency", notes=notes, shown=SHOWN if several or page.living else "",
        title=_counts(page, frame),
    )  # fmt: skip
    return table, overflow


def _counts(page: Page, frame: pl.DataFrame) -> str:
    """How many customers there are in each currency."""
    counts = frame.group_by("currency").agg(pl.col("customer_id").n_unique()).sort("currency")
    return " · ".join(
        f"{currency}: {page.text('aging.customers', count=f'{count:,}')}"
        for currency, count in counts.iter_rows()
    )


def _overview(page: Page, frame: pl.DataFrame, columns: list[ColumnSpec]) -> TableSpec:
    """One line per currency; every figure is a live sum of that currency's customers."""
    columns = [column for column in columns if column.name not in _CREDIT]
    amounts = [column.name for column in columns if column.kind == "money"]
    keys = [column.name for column in columns if column.name in {"company", "account"}]
    count = pl.col("customer_id").n_unique()
    rows = (
        frame.group_by("currency")
        .agg(pl.col(amounts).sum(), count.alias("count"))
        .sort("currency")
        .with_columns(
            pl.lit(page.text("aging.all")).alias("customer_id"),
            pl.col("count")
            .map_elements(lambda n: page.text("aging.customers", count=f"{n:,}"), pl.String)
            .alias("name"),
            *(pl.lit(None, pl.String).alias(key) for key in keys),
        )
    )
    whole = frame.height <= page.row_limit
    table = sheet("aging", page.language)[1]
    patterns = [
        pl.lit(sum_pattern(table, ["currency"], name)).alias(f"f_{name}") for name in amounts
    ]
    live = [_live(column, formula=whole) for column in columns]
    return page.table(
        TOTALS, live, rows.with_columns(patterns), currency_column="currency", filter=False,
        key=("currency",),
    )  # fmt: skip


def _live(column: ColumnSpec, *, formula: bool) -> ColumnSpec:
    live = f"f_{column.name}" if formula and column.kind == "money" else ""
    return replace(column, total=False, formula=live, strong=column.kind == "money")


def _chart(page: Page, frame: pl.DataFrame) -> list[Block]:
    currencies = sorted(frame["currency"].unique().to_list())
    if not currencies and not page.living:
        return []
    series = tuple(bucket_columns(page))
    if len(currencies) == 1 and not page.living:
        title = page.text("aging.chart_one", currency=currencies[0])
        return [ChartSpec("column", title, TOTALS, series)]
    title = page.text("aging.chart_many")
    return [ChartSpec("share", title, TOTALS, series, category="currency", rows=16)]
