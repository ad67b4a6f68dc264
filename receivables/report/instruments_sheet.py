"""The Instruments sheet: on what each customer should be sold, and what the instruments cost."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import COST_SCHEMA, INSTRUMENT_SCHEMA, InstrumentsData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import Block, SheetSpec, TableSpec

COSTS = "Instrument_costs"


def instruments_sheet(page: Page, data: InstrumentsData) -> SheetSpec:
    """Customers by what they owe, with the instrument of their market and grade; then the costs."""
    silent = data.frame.filter(pl.col("market").is_null())["customer_id"].n_unique()
    line = page.text(
        "instruments.counts",
        count=f"{data.frame['customer_id'].n_unique():,}",
        silent=f"{silent:,}",
    )
    shown, notes, overflow = page.fit(data.frame, "instruments")
    blocks: list[Block] = [page.head("instruments.title", line, page.text("instruments.note"))]
    blocks.append(_customers(page, shown, notes))
    if data.costs.height:
        blocks.append(_costs(page, data.costs))
    return page.sheet("instruments", page.numbered(blocks), overflow=overflow)


def _customers(page: Page, shown: pl.DataFrame, notes: tuple[str, ...]) -> TableSpec:
    frame = shown.select(*INSTRUMENT_SCHEMA).with_columns(
        page.words("instrument", "instrument").fill_null(page.text("instruments.no_market")).alias("sold_on"),
        page.words("market", "market"),
    )  # fmt: skip
    graded = page.if_filled(frame, "grade", "int")
    columns = [
        page.column("customer_id"),
        page.column("name", width=28),
        page.column("country"),
        page.column("market"),
        *graded,
        page.column("currency"),
        page.column("open", "money", total=True),
        page.column("insured", "money", total=True),
        page.column("sold_on", width=24),
    ]
    return page.table(
        sheet("instruments", page.language)[1], columns, frame, currency_column="currency",
        title=page.text("instruments.list"), notes=notes,
    )  # fmt: skip


def _costs(page: Page, costs: pl.DataFrame) -> TableSpec:
    frame = costs.select(*COST_SCHEMA).with_columns(
        page.words("instrument", "instrument").alias("sold_on")
    )
    columns = [
        page.column("currency"),
        page.column("sold_on", width=28),
        page.column("amount", "money"),
        page.column("days", "int"),
        page.column("funding", "money"),
        page.column("charges", "money"),
        page.column("expected_loss", "money"),
        page.column("cost", "money", strong=True),
        page.column("of_invoice", "percent"),
        page.column("note", width=40),
    ]
    return page.table(
        COSTS, columns, frame, currency_column="currency", title=page.text("instruments.costs"),
        notes=(page.text("instruments.costs_note"),), key=("currency", "sold_on", "days"),
    )  # fmt: skip
