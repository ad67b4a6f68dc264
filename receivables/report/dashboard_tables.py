"""The tables that feed the dashboard's screen: as many rows each month, so that charts stay bound."""

from __future__ import annotations

import polars as pl

from receivables.assess.grades import Grades
from receivables.report.dashboard_figures import Figures
from receivables.report.dashboard_words import Words, short_name
from receivables.report.page import Page
from receivables.report.spec import ColumnSpec, TableSpec

AGES, CURRENCY = "Dashboard_ages", "Dashboard_currencies"
TREND, TOP = "Dashboard_trend", "Dashboard_top"
RESERVE, GRADES = "Dashboard_reserve", "Dashboard_grades"


def feeding(page: Page, found: Figures, words: Words) -> list[TableSpec]:
    """The tables that the screen is bound to, from top to bottom."""
    currency = {"currency": found.currency}
    return [
        _table(
            page, AGES, _age_columns(page), _ages(page, found), "screen.ages_table", "label", **currency
        ),
        _table(
            page, CURRENCY, _currency_columns(page), found.currencies, "screen.currencies",
            "currency", currency_column="currency",
        ),
        _table(page, TREND, _trend_columns(page), found.trend, "screen.trend_table", "month_end"),
        _table(
            page, TOP, _top_columns(page), _top(found), "screen.top_table", "customer_id", **currency
        ),
        _table(page, RESERVE, _step_columns(page), _steps(found, words), "screen.reserve_table", "label", **currency),
        _table(page, GRADES, _grade_columns(page), _grades(found), "screen.grades_table", "grade"),
    ]  # fmt: skip


def _table(
    page: Page, name: str, columns: list[ColumnSpec], frame: pl.DataFrame, title: str, key: str,
    **options: str,
) -> TableSpec:  # fmt: skip
    return page.table(
        name, columns, frame, title=page.text(title), filter=False, key=(key,), **options
    )


def _age_columns(page: Page) -> list[ColumnSpec]:
    amount = page.column("amount", "money", page.text("open"), strong=True)
    return [page.column("label", heading=page.text("bucket")), amount]


def _ages(page: Page, found: Figures) -> pl.DataFrame:
    labels = [
        page.text("unapplied") if name == "unapplied" else page.bucket(name)
        for name in found.ages["bucket"]
    ]
    return found.ages.with_columns(pl.Series("label", labels, dtype=pl.String))


def _currency_columns(page: Page) -> list[ColumnSpec]:
    return [
        page.column("currency"),
        page.column("customers", "int"),
        page.column("open", "money", strong=True),
        page.column("debt", "money", page.text("screen.debt")),
        page.column("overdue", "money", page.text("screen.overdue_plain")),
        page.column("overdue_share", "percent", page.text("screen.overdue_share")),
        page.column("over_30", "money"),
        page.column("dso", "number"),
        page.column("dso_before", "number", page.text("screen.dso_before")),
        page.column("best", "number"),
    ]


def _trend_columns(page: Page) -> list[ColumnSpec]:
    return [
        page.column("month_end", "date"),
        page.column("overdue_share", "percent", page.text("screen.overdue_share")),
        *(page.column(name, "number") for name in ("dso", "countback", "best")),
    ]


def _top_columns(page: Page) -> list[ColumnSpec]:
    return [
        page.column("rank", "int"),
        page.column("customer_id"),
        page.column("balance", "money", strong=True),
        page.column("late", "money", page.text("screen.late")),
        page.column("rest", "money", page.text("screen.rest")),
        page.column("share", "percent"),
        page.column("caption", heading=page.text("screen.caption")),
        page.column("name"),
    ]


def _top(found: Figures) -> pl.DataFrame:
    # A name that breaks into two lines takes its neighbour's room, and charts then leave one out.
    names = [short_name(name).replace(" ", "\u00a0") for name in found.top["name"]]
    return found.top.with_columns(pl.Series("caption", names, dtype=pl.String))


def _step_columns(page: Page) -> list[ColumnSpec]:
    return [
        page.column("label", heading=page.text("screen.step")),
        page.column("amount", "money", strong=True),
        page.column("foot", "money", page.text("screen.foot")),
        page.column("level", "money", page.text("screen.level")),
        page.column("up", "money", page.text("screen.up")),
        page.column("down", "money", page.text("screen.down")),
        page.column("caption", heading=page.text("screen.caption")),
    ]


def _steps(found: Figures, words: Words) -> pl.DataFrame:
    steps = found.reserve.steps
    rows = steps.select("step", "amount").rows()
    return steps.with_columns(
        pl.Series("label", [words.step(step) for step, _ in rows], dtype=pl.String),
        pl.Series("caption", [words.caption(*row) for row in rows], dtype=pl.String),
    )


def _grade_columns(page: Page) -> list[ColumnSpec]:
    return [
        page.column("grade", "int"),
        page.column("customers_before", "int", page.text("screen.before_at")),
        page.column("customers", "int", page.text("screen.now")),
    ]


def _grades(found: Figures) -> pl.DataFrame:
    if found.grades:
        return found.grades.spread
    rungs = sorted(rung.grade for rung in Grades.default().rungs)
    blank = pl.lit(None, pl.Int64)
    return pl.DataFrame({"grade": rungs}).with_columns(customers_before=blank, customers=blank)
