"""The Dashboard sheet: the figures of the four lines side by side, each currency apart."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_data import DashboardData
from receivables.report.page import Page
from receivables.report.spec import Kind, SheetSpec, TableSpec

KINDS: dict[str, Kind] = {
    "class": "text",
    "currency": "text",
    "customers": "int",
    "customers_before": "int",
    "open": "money",
    "overdue": "money",
    "overdue_share": "percent",
    "over_30": "money",
    "late_rate": "percent",
    "late_rate_before": "percent",
    "dso": "number",
    "dso_before": "number",
    "promises": "int",
    "promised": "money",
    "red": "int",
    "yellow": "int",
    "blue": "int",
    "expected": "int",
    "insolvent": "int",
    "insolvent_before": "int",
    "rated_down": "int",
    "rated_up": "int",
    "exceeded": "int",
    "near": "int",
    "no_limit": "int",
    "waiting": "int",
    "unapproved": "int",
    "reviews": "int",
    "insurer_open": "money",
    "insured": "money",
    "insured_share": "percent",
    "at_stake": "money",
    "to_report": "money",
    "missed": "money",
    "stopped": "int",
    "orders": "int",
    "ordered": "money",
    "held": "int",
    "held_amount": "money",
    "released": "int",
}
"""Every figure that a table may hold, in this order."""


def dashboard_sheet(page: Page, data: DashboardData) -> SheetSpec:
    """One table per line of defence; a figure that nobody knows is blank."""
    tables = [_table(page, name, frame) for name, frame in data.tables]
    before = page.text("dashboard.note", date=page.data.prior_as_of or "–")
    return page.sheet("dashboard", [page.head("dashboard.title", before), *tables])


def _table(page: Page, name: str, frame: pl.DataFrame) -> TableSpec:
    columns = [
        page.column(column, kind, page.text(f"dashboard.{column}"))
        for column, kind in KINDS.items()
        if column in frame.columns
    ]
    by_currency = {"currency_column": "currency"} if "currency" in frame.columns else {}
    return page.table(
        f"Dashboard_{name}", columns, frame, title=page.text(f"dashboard.{name}"), filter=False,
        **by_currency,
    )  # fmt: skip
