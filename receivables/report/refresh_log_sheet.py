"""The sheet Refresh log: every refresh of this workbook, the oldest first."""

from __future__ import annotations

import polars as pl

from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import SheetSpec
from receivables.report.worklist_data import LOG_SCHEMA

STATES = ("good", "neutral", "bad")
KEY = ("refreshed_at", "as_of")


def refresh_log_sheet(page: Page, log: pl.DataFrame) -> SheetSpec:
    """One line per refresh that changed something (LOG_SCHEMA)."""
    columns = [
        page.column("refreshed_at", heading=page.text("log.refreshed_at"), width=20),
        page.column("as_of", "date"),
        page.column("previous", "date", page.text("log.previous")),
        page.column("open_items", "int", page.text("log.open_items")),
        page.column("issues", "int", page.text("log.issues")),
        page.column("tie_out", heading=page.text("log.tie_out"), width=26),
        page.column("ledger_sha256", heading=page.text("log.sha256"), width=20),
        page.column("program", heading=page.text("log.program")),
    ]
    texts = {state: page.text(f"light.{state}") for state in STATES}
    rows = log.select(*LOG_SCHEMA).with_columns(pl.col("tie_out").replace(texts))
    head = page.head("log.title", page.text("log.note"))
    table = page.table(
        sheet("refresh_log", page.language)[1], columns, rows, filter=False, key=KEY,
        light="tie_out", title=page.text("log.list"),
    )  # fmt: skip
    good, neutral, bad = texts.values()
    return page.sheet("refresh_log", [head, table], light_states=(good, neutral, bad))
