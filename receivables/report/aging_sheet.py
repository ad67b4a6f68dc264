"""The Aging sheet: totals by currency, a chart, then one table of customers per currency."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from receivables.report.labels import name_part, sheet
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

TOTALS = "Aging_totals"
_CREDIT: dict[str, Kind] = {
    "credit_limit": "money", "limit_used": "percent", "insured": "money", "grade": "int",
}  # fmt: skip
"""Columns of the credit manager, where they are known; none of them adds up."""


def aging_table_name(currency: str, language: str = "en") -> str:
    """Name of the table of one currency.

    >>> aging_table_name("EUR")
    'Aging_EUR'
    """
    return f"{sheet('aging', language)[1]}_{name_part(currency)}"


def aging_sheet(page: Page) -> SheetSpec:
    """Customers by currency, largest first, with totals that follow the filter."""
    frame = _with_delta(page.data.aging)
    columns = _columns(page, frame)
    tables: list[Block] = []
    overflow: list[Overflow] = []
    for currency in _currencies(frame):
        table, cut = _currency_table(page, frame, columns, currency)
        tables.append(table)
        overflow.extend(cut)
    head = page.head("aging.title", _prior_line(page))
    blocks = [head, _overview(page, frame, columns), *_chart(page, frame), *tables]
    names = [column.name for column in columns]
    return page.sheet(
        "aging", blocks, frozen=TOTALS, frozen_columns=names.index("name") + 1, overflow=tuple(overflow)
    )  # fmt: skip


def bucket_columns(page: Page) -> list[str]:
    """Frame columns of the buckets, youngest first."""
    return [f"b{index}" for index in range(len(page.data.bucket_labels))]


def _currencies(frame: pl.DataFrame) -> list[str]:
    return sorted(frame["currency"].unique().to_list())


def _with_delta(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.with_columns(pl.col("currency").fill_null(""))
    if "prior" not in frame.columns:
        return frame
    return frame.with_columns((pl.col("open") - pl.col("prior").fill_null(0)).alias("delta"))


def _prior_line(page: Page) -> str:
    prior = page.data.prior_as_of
    return page.text("prior_as_of", date=prior) if prior else ""


def _columns(page: Page, frame: pl.DataFrame) -> list[ColumnSpec]:
    buckets = zip(bucket_columns(page), page.data.bucket_labels, strict=True)
    prior = ["prior", "delta"] if "prior" in frame.columns else []
    return [
        *page.keys(frame),
        page.column("customer_id"),
        page.column("name"),
        page.column("currency"),
        page.column("open", "money", total=True),
        page.column("unapplied", "money", total=True),
        *(page.column(name, "money", page.bucket(text), total=True) for name, text in buckets),
        page.column("over_30", "money", total=True),
        *(page.column(name, "money", total=True) for name in prior),
        *(page.column(name, kind) for name, kind in _CREDIT.items() if filled(frame, name)),
    ]


def _currency_table(
    page: Page, frame: pl.DataFrame, columns: list[ColumnSpec], currency: str
) -> tuple[TableSpec, tuple[Overflow, ...]]:
    rows = frame.filter(pl.col("currency") == currency).sort(
        ["open", "customer_id"], descending=[True, False]
    )
    customers = rows["customer_id"].n_unique()
    limit = 0 if frame.height <= page.row_limit else page.row_limit // len(_currencies(frame))
    shown, notes, overflow = page.fit(rows, f"aging_{currency}", limit)
    table = page.table(
        aging_table_name(currency), columns, shown, currency=currency, notes=notes,
        title=f"{currency}: {page.text('aging.customers', count=f'{customers:,}')}",
    )  # fmt: skip
    return table, overflow


def _overview(page: Page, frame: pl.DataFrame, columns: list[ColumnSpec]) -> TableSpec:
    """One line per currency; every figure is a live sum of that currency's table."""
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
    patterns = [
        pl.format(f"SUM({{}}[{name}])", _table_of(pl.col("currency"))).alias(f"f_{name}")
        for name in amounts
    ]
    live = [_live(column, formula=whole) for column in columns]
    return page.table(
        TOTALS, live, rows.with_columns(patterns), currency_column="currency", filter=False
    )


def _table_of(currency: pl.Expr) -> pl.Expr:
    return pl.lit(aging_table_name("")) + currency.str.replace_all(r"\W", "_")


def _live(column: ColumnSpec, *, formula: bool) -> ColumnSpec:
    live = f"f_{column.name}" if formula and column.kind == "money" else ""
    return replace(column, total=False, formula=live, strong=column.kind == "money")


def _chart(page: Page, frame: pl.DataFrame) -> list[Block]:
    currencies = _currencies(frame)
    if not currencies:
        return []
    series = tuple(bucket_columns(page))
    if len(currencies) == 1:
        title = page.text("aging.chart_one", currency=currencies[0])
        return [ChartSpec("column", title, TOTALS, series)]
    title = page.text("aging.chart_many")
    return [ChartSpec("share", title, TOTALS, series, category="currency", rows=16)]
