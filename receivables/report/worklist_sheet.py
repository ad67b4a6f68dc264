"""The sheet Worklist: whom to call today and why, with columns for the collector to fill in."""

from __future__ import annotations

import polars as pl

from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import Block, ColumnSpec, SheetSpec, TableSpec
from receivables.report.worklist_data import CALL_SCHEMA, HELD_SCHEMA, WorklistData

HELD = "Worklist_held"
KEY = ("customer_id", "currency")
TYPED: dict[str, pl.DataType] = {
    "owner": pl.String(), "next_step": pl.String(), "done_on": pl.Date(), "note": pl.String(),
}  # fmt: skip
"""Columns that the collector fills in; a refresh keeps them with their customer."""


def worklist_sheet(page: Page, data: WorklistData) -> SheetSpec:
    """Every customer with a reason, the dearest to miss first; then those who are not to be called."""
    shown, notes, overflow = page.fit(data.frame.select(*CALL_SCHEMA), "worklist")
    count = f"{data.frame['customer_id'].n_unique():,}"
    head = page.head(
        "worklist.title",
        page.text("worklist.count", count=count),
        page.text("worklist.order", currency=data.compared_in or "–"),
        page.text("worklist.typed"),
    )
    blocks: list[Block] = [head, _calls(page, shown, notes)]
    if page.living or data.held.height:
        blocks.append(_held(page, data.held.select(*HELD_SCHEMA)))
    return page.sheet("worklist", blocks, overflow=overflow, frozen_columns=3)


def _calls(page: Page, frame: pl.DataFrame, notes: tuple[str, ...]) -> TableSpec:
    columns = [
        page.column("place", "int", page.text("rank"), width=5),
        page.column("customer_id", width=11),
        page.column("name", width=26),
        page.column("currency", width=8),
        page.column("why", "wrap", page.text("worklist.why"), width=52),
        page.column("overdue", "money", strong=True, width=13),
        page.column("oldest_days", "int", page.text("worklist.oldest_days"), width=11),
        page.column("open", "money", width=13),
        *page.if_filled(frame, "disputed", "money", width=12),
        *page.if_filled(frame, "unapplied", "money", width=12),
        *page.if_filled(frame, "promised_on", "date", width=11),
        *page.if_filled(frame, "promised", "money", page.text("worklist.promised"), width=12),
        *page.if_filled(frame, "last_on", "date", page.text("worklist.last_on"), width=11),
        *page.if_filled(frame, "last_how", "wrap", page.text("worklist.last_how"), width=14),
        *page.if_filled(frame, "last_note", "wrap", page.text("worklist.last_note"), width=22),
        *page.if_filled(frame, "next_on", "date", page.text("worklist.next_on"), width=11),
        *page.if_filled(frame, "agreed", "wrap", page.text("worklist.agreed"), width=14),
        *page.if_filled(frame, "contact", heading=page.text("worklist.contact"), width=16),
        *page.if_filled(frame, "phone", heading=page.text("worklist.phone"), width=16),
        *page.if_filled(frame, "who", width=14),
        *_typed(page),
    ]
    rows = frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in TYPED.items())
    return page.table(
        sheet("worklist", page.language)[1], columns, rows, currency_column="currency", notes=notes,
        title=page.text("worklist.calls"), key=KEY,
    )  # fmt: skip


def _typed(page: Page) -> list[ColumnSpec]:
    widths = {"owner": 12, "next_step": 20, "done_on": 11, "note": 24}
    return [
        page.column(
            name,
            "date" if kind == pl.Date() else "wrap",
            page.text(f"worklist.{name}"),
            typed=True,
            width=widths[name],
        )
        for name, kind in TYPED.items()
    ]


def _held(page: Page, frame: pl.DataFrame) -> TableSpec:
    # the columns of the calls above, so that both tables share their widths
    columns = [
        page.column("place", "int", page.text("rank"), width=5),
        page.column("customer_id", width=11),
        page.column("name", width=26),
        page.column("currency", width=8),
        page.column("hold", heading=page.text("worklist.hold"), width=52),
        page.column("overdue", "money", width=13),
        page.column("hold_on", "date", page.text("worklist.hold_on"), width=11),
    ]
    rows = frame.with_columns(
        page.words("hold", "worklist.hold"),
        pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True).alias("place"),
    )
    return page.table(
        HELD, columns, rows, currency_column="currency", filter=False,
        title=page.text("worklist.held"), key=KEY,
    )  # fmt: skip
