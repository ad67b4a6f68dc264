"""The Warnings sheet: who gives cause for concern, why, and what is recommended."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import ACTION_SCHEMA, WARNING_SCHEMA, WarningsData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import SheetSpec, TableSpec

ACTIONS = "Warning_actions"


def warnings_sheet(page: Page, data: WarningsData) -> SheetSpec:
    """Customers with a warning, gravest first, then the recommended responses."""
    told = data.frame.filter(pl.col("level") != "")
    seen = data.frame.unique("customer_id")["level"].to_list()
    counts = {name: f"{seen.count(name):,}" for name in ("red", "yellow", "blue")}
    line = page.text("warnings.counts", watched=f"{len(seen):,}", **counts)
    name = sheet("warnings", page.language)[1]
    shown, notes, overflow = page.fit(told, "warnings")
    first = _warnings(page, shown, name, notes)
    second, more = _actions(page, data.actions)
    head = page.head("warnings.title", line, page.text("warnings.note"))
    red, yellow = (page.term("level", level) for level in ("red", "yellow"))
    return page.sheet(
        "warnings", page.numbered([head, first, second]), overflow=(*overflow, *more),
        light_states=("", yellow, red), repeat=False,
    )  # fmt: skip


def _warnings(page: Page, told: pl.DataFrame, name: str, notes: tuple[str, ...]) -> TableSpec:
    frame = told.select(*WARNING_SCHEMA).with_columns(
        page.words("level", "level"), page.words("trigger", "trigger"),
        page.words("within", "within"), _band().alias("band"),
        pl.when((pl.col("currency") != "") | (pl.col("exposure") != 0)).then("currency"),
    )  # fmt: skip
    graded = ("grade_before", "grade_now")
    columns = [
        page.column("level"),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("country"),
        page.column("currency"),
        page.column("exposure", "money", total=True),
        page.column("overdue", "money", total=True, strong=True),
        *page.if_filled(frame, "disputed", "money"),
        page.column("days_late", "int"),
        page.column("trigger"),
        *(column for name in graded for column in page.if_filled(frame, name, "int")),
        page.column("signals", "int"),
        page.column("within"),
        page.column("days_until", "int"),
        page.column("band"),
        page.column("evidence", "wrap", width=60),
    ]
    return page.table(
        name, columns, frame.with_columns(pl.col("days_until").cast(pl.Int64)),
        currency_column="currency", notes=notes, title=page.text("warnings.list"), light="level",
    )  # fmt: skip


def _band() -> pl.Expr:
    """Earliest to latest day of the default state; open at the end where the band never gets there."""
    early = pl.col("earliest").cast(pl.Int64).cast(pl.String)
    late = pl.col("latest").cast(pl.Int64).cast(pl.String)
    return early + pl.lit("–") + late.fill_null("…")


def _actions(page: Page, actions: pl.DataFrame) -> tuple[TableSpec, tuple[object, ...]]:
    shown, notes, overflow = page.fit(actions, "warning_actions")
    columns = [
        page.column("level"),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("action"),
        page.column("currency"),
        page.column("amount", "money"),
        page.column("share", "percent"),
        page.column("act_by", "date"),
        page.column("owner", width=26),
        page.column("recommendation", width=16),
    ]
    table = page.table(
        ACTIONS, columns,
        shown.select(*ACTION_SCHEMA).with_columns(page.words("level", "level"), page.words("action", "kind")),
        currency_column="currency", title=page.text("warnings.actions"),
        notes=(page.text("warnings.actions_note"), *notes), light="level",
        key=("customer_id", "action", "currency"),
    )  # fmt: skip
    return table, overflow
