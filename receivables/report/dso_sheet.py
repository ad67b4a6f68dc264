"""The DSO sheet: twelve months of collection speed, a table and a chart per currency."""

from __future__ import annotations

import polars as pl

from receivables.report.labels import name_part, sheet
from receivables.report.page import Page
from receivables.report.spec import Block, ChartSpec, SheetSpec, TableSpec

LINES = ("dso", "countback", "best")
DAYS = {"dso": "receivables", "best": "current"}
"""Measures that are a live quotient: balance ÷ sales × days."""


def dso_sheet(page: Page, speed: pl.DataFrame) -> SheetSpec:
    """Whole firm first, then each company where there are several; currencies apart."""
    frame = speed.with_columns(pl.col("company").fill_null("")).sort("month_end")
    blocks: list[Block] = [page.head("dso.title", page.text("dso.note"), _basis(page, frame))]
    if page.living:
        return page.sheet("dso", [*blocks, *_stable(page, frame)])
    keys = frame.select("currency", "company").unique().sort("company", "currency")
    for currency, company in keys.iter_rows():
        mine = (pl.col("currency") == currency) & (pl.col("company") == company)
        blocks += _trend(page, frame.filter(mine), currency, company)
    return page.sheet("dso", blocks)


def _stable(page: Page, frame: pl.DataFrame) -> list[Block]:
    """The main currency of the firm with its chart, then all other trends in one table.

    The blocks are the same every month, whatever currencies and companies there are.
    """
    name, main = sheet("dso", page.language)[1], page.main_currency()
    lead = (pl.col("currency") == main) & (pl.col("company") == "")
    title = page.text("dso.chart_main")
    first = _table(page, frame.filter(lead), name, main, "")
    chart = ChartSpec("line", title, name, LINES, category="month_end", rows=11)
    others = _table(
        page, frame.filter(~lead).sort("currency", "company", "month_end"), f"{name}_all"
    )
    return [first, chart, others]


def _basis(page: Page, frame: pl.DataFrame) -> str:
    """Whether receivables and sales both hold tax, said beside the figures."""
    used = ", ".join(sorted(frame["basis"].drop_nulls().unique()))
    return f"{page.text('dso.basis')}: {used}" if used else ""


def _trend(page: Page, frame: pl.DataFrame, currency: str, company: str) -> list[Block]:
    parts = (sheet("dso", page.language)[1], company, currency)
    name = "_".join(name_part(part) for part in parts if part)
    measured = [column for column in LINES if frame[column].drop_nulls().len()]
    table = _table(page, frame, name, currency, company)
    if frame.height < 2 or not measured:
        return [table]
    title = page.text("dso.chart", who=company or page.text("dso.firm"), currency=currency)
    chart = ChartSpec("line", title, name, tuple(measured), category="month_end", rows=11)
    return [table, chart]


def _table(
    page: Page, frame: pl.DataFrame, name: str, currency: str = "", company: str = ""
) -> TableSpec:
    """One trend, or several told apart by company and currency where no currency is named."""
    several = name.endswith("_all")
    patterns = [
        pl.when(pl.col(measure).is_not_null())
        .then(pl.lit(f"[@{balance}]/[@sales]*[@days]"))
        .alias(f"f_{measure}")
        for measure, balance in DAYS.items()
    ]
    gap = pl.when(pl.col("delinquent").is_not_null()).then(pl.lit("[@dso]-[@best]"))
    why = page.if_filled(frame, "missing", "wrap", width=48)
    columns = [
        *([page.column("company"), page.column("currency")] if page.living else []),
        page.column("month_end", "date"),
        page.column("receivables", "money"),
        page.column("current", "money"),
        page.column("sales", "money"),
        page.column("days", "int", page.text("days_in_month")),
        page.column("dso", "number", formula="f_dso", strong=True),
        page.column("best", "number", formula="f_best"),
        page.column("delinquent", "number", formula="f_delinquent"),
        page.column("countback", "number"),
        page.column("collection_index", "number"),
        page.column("basis"),
        *why,
    ]
    return page.table(
        name, columns, frame.with_columns(*patterns, gap.alias("f_delinquent")),
        currency=currency, filter=False, key=("company", "currency", "month_end"),
        currency_column="currency" if several else "",
        title=page.text("dso.others") if several else f"{company or page.text('dso.firm')}, {currency}",
    )  # fmt: skip
