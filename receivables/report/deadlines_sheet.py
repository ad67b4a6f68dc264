"""The Insurance deadlines sheet: what to tell the insurer this week, and to whom to stop shipping."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import DeadlinesData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import ColumnSpec, Overflow, SheetSpec, TableSpec
from receivables.transfer.rules import reasons

BUYERS = "Insured_buyers"
ITEMS = "Insured_items"


def deadlines_sheet(page: Page, data: DeadlinesData) -> SheetSpec:
    """This week's list, the buyers, then all debt under a policy with its clock."""
    items = data.items.filter(pl.col("policy_no").is_not_null() & (pl.col("insurer_open") > 0))
    week = items.filter("this_week")
    line = page.text(
        "insurance.counts",
        week=f"{week.height:,}",
        missed=f"{items.filter(pl.col('state') == 'missed').height:,}",
        stopped=f"{data.buyers.filter('stop_now')['customer_id'].n_unique():,}",
    )
    items = items.with_columns(_reasons(page))
    first = _week(page, items.filter("this_week"))
    second, beyond = _buyers(page, data.buyers)
    third, more = _items(page, items)
    head = page.head("insurance.title", line, page.text("insurance.note"))
    return page.sheet(
        "insurance_deadlines", page.numbered([head, first, second, third]),
        overflow=(*beyond, *more), light_states=("", "", page.text("insurance.stop")), repeat=False,
    )  # fmt: skip


def _week(page: Page, week: pl.DataFrame) -> TableSpec:
    columns = [
        page.column("act_by", "date"),
        page.column("days_left", "int"),
        *_who(page),
        page.column("insurer_open", "money", total=True),
        page.column("insured", "money", total=True),
        page.column("at_stake", "money", total=True, strong=True),
        page.column("action", heading=page.text("what")),
        page.column("document_no"),
        page.column("notify", "date"),
        page.column("claim_by", "date"),
        page.column("policy_no"),
    ]
    shown = week.with_columns(page.words("action", "insurer_action"))
    return page.table(
        sheet("insurance_deadlines", page.language)[1], columns, shown, currency_column="currency",
        title=page.text("insurance.week"),
    )  # fmt: skip


def _who(page: Page) -> list[ColumnSpec]:
    """The same columns in the same place of every table, so that their widths fit."""
    return [page.column("customer_id"), page.column("name", width=26), page.column("currency")]


def _buyers(page: Page, buyers: pl.DataFrame) -> tuple[TableSpec, tuple[Overflow, ...]]:
    stop, go = page.text("insurance.stop"), page.text("insurance.go")
    owing = buyers.filter(pl.col("policy_no").is_not_null() | pl.col("stop_now"))
    words = pl.when("stop_now").then(pl.lit(stop)).otherwise(pl.lit(go)).alias("ship")
    shown, notes, overflow = page.fit(owing.with_columns(words), "insured_buyers")
    columns = [
        page.column("ship"),
        page.column("stop_ship", "date"),
        *_who(page),
        page.column("insurer_open", "money", total=True),
        page.column("insured", "money", total=True, strong=True),
        page.column("uninsured", "money", total=True),
        page.column("missed", "money", total=True),
        page.column("indemnity", "money"),
        page.column("policy_no"),
    ]
    table = page.table(
        BUYERS, columns, shown, currency_column="currency", light="ship",
        title=page.text("insurance.buyers"), notes=(page.text("insurance.buyers_note"), *notes),
    )  # fmt: skip
    return table, overflow


def _items(page: Page, items: pl.DataFrame) -> tuple[TableSpec, tuple[Overflow, ...]]:
    shown, notes, overflow = page.fit(items, "insured_items")
    columns = [
        page.column("state"),
        page.column("due_on", "date"),
        *_who(page),
        page.column("insurer_open", "money", total=True),
        page.column("insured", "money", total=True, strong=True),
        page.column("at_stake", "money", total=True),
        page.column("ledger_open", "money", total=True),
        page.column("document_no"),
        page.column("extension_ends", "date"),
        page.column("notify", "date"),
        page.column("reported_on", "date"),
        page.column("claim_from", "date"),
        page.column("claim_by", "date"),
        page.column("policy_no"),
        page.column("reasons", heading=page.text("insurance.reasons"), width=44),
    ]
    table = page.table(
        ITEMS, columns, shown.with_columns(page.words("state", "tci")),
        currency_column="currency", title=page.text("insurance.items"), notes=notes,
    )  # fmt: skip
    return table, overflow


def _reasons(page: Page) -> pl.Expr:
    """Codes in words, parted by semicolons; blank where nothing speaks against cover."""
    words = {code: one.text(page.language) for code, one in reasons().items()}
    parts = (
        pl.col("reasons").str.split("+").list.eval(pl.element().replace({**words, "eligible": ""}))
    )
    return parts.list.join("; ").alias("reasons")
