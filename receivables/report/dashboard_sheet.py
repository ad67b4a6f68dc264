"""The Dashboard sheet: one screen for the controller, and below it the tables that feed it."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_data import DashboardData
from receivables.report.dashboard_figures import figures
from receivables.report.dashboard_map import panel_map
from receivables.report.dashboard_screen import SCREEN, at, light_states, screen
from receivables.report.dashboard_tables import AGES, GRADES, RESERVE, TOP, TREND, feeding
from receivables.report.dashboard_words import Words
from receivables.report.page import Page
from receivables.report.palette import BAD, GOOD, NO_DATE, SERIES, bucket_colour
from receivables.report.spec import (
    Block,
    Cell,
    ChartKind,
    ChartSpec,
    Kind,
    SheetSpec,
    TableSpec,
    TextSpec,
)

NUMBERS = {
    "en": '[>=1000000]#,##0.0,,"M";[>=1000]#,##0,"k";#,##0',
    "zh": '[>=10000]0\\.0,"万";#,##0',
}
"""Amounts on the axes: thousands and millions; ten thousands, for which formats have no sign of
their own: thousands with a point before the last digit."""
DATES = {"en": "mmm", "zh": 'm"月"'}
STEPS = (SERIES[0], BAD, GOOD)
BEFORE_NOW = (NO_DATE, SERIES[0])
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
"""Every figure that a table of the four lines may hold, in this order."""


def dashboard_sheet(page: Page) -> SheetSpec:
    """The screen, its charts and their tables; then one table per line of defence.

    Charts, cells and rows are the same each month, so that a refresh in place changes values only.
    What the ledger cannot say is said in words.
    """
    found = figures(page.data)
    words = Words(found, page.language, page.data.settings.base)
    behind = TextSpec(
        (
            (Cell(0, page.text("screen.behind"), "title"),),
            (Cell(0, page.text("screen.behind_note"), "note"),),
            (),
        )
    )
    blocks: list[Block] = [
        screen(page, found), *_charts(page, words), panel_map(page, found, words), behind,
        *feeding(page, found, words),
    ]  # fmt: skip
    if page.data.credit and page.data.credit.dashboard:
        blocks += _lines(page, page.data.credit.dashboard)
    return page.sheet(
        "dashboard", blocks, screen=SCREEN, light_states=light_states(page), repeat=False
    )


def _charts(page: Page, words: Words) -> list[ChartSpec]:
    number = NUMBERS[page.language]
    labels = len(page.data.bucket_labels)
    ages = tuple(bucket_colour(place, labels) for place in range(labels))

    charts = (
        ("ages", "columns", AGES, ("amount",), "label", number, ages),
        ("share", "line", TREND, ("overdue_share",), "month_end", "0%", ()),
        ("speed", "line", TREND, ("dso", "countback", "best"), "month_end", "", ()),
        ("top", "stack", TOP, ("late", "rest"), "caption", number, (SERIES[4], SERIES[0])),
        ("reserve", "steps", RESERVE, ("foot", "level", "up", "down"), "caption", number, STEPS),
        ("grades", "columns", GRADES, ("customers_before", "customers"), "grade", "0", BEFORE_NOW),
    )  # fmt: skip
    kinds: dict[str, ChartKind] = {
        "columns": "columns",
        "line": "line",
        "stack": "stack",
        "steps": "steps",
    }
    return [
        ChartSpec(
            kinds[kind], "", table, series, category, at=at(name), words=words.panel(name), number=form, dates=DATES[page.language],
            colours=colours, limit=labels if name == "ages" else 0,
        )
        for name, kind, table, series, category, form, colours in charts
    ]  # fmt: skip


def _lines(page: Page, data: DashboardData) -> list[Block]:
    """One table per line of defence; a figure that nobody knows is blank."""
    before = page.text("dashboard.note", date=page.data.prior_as_of or "–")
    head = TextSpec(
        ((Cell(0, page.text("screen.lines"), "title"),), (Cell(0, before, "note"),), ())
    )
    return [head, *(_line(page, name, frame) for name, frame in data.tables)]


def _line(page: Page, name: str, frame: pl.DataFrame) -> TableSpec:
    columns = [
        page.column(column, kind, page.text(f"dashboard.{column}"))
        for column, kind in KINDS.items()
        if column in frame.columns
    ]
    key = tuple(column for column in ("class", "currency") if column in frame.columns)
    by_currency = {"currency_column": "currency"} if "currency" in key else {}
    return page.table(
        f"Dashboard_{name}", columns, frame, title=page.text(f"dashboard.{name}"), filter=False,
        key=key, **by_currency,
    )  # fmt: skip
