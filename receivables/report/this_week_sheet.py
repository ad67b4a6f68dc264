"""The sheet This week: what falls due in the next days and what is overdue, soonest first."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_data import TASKS, WEEK_SCHEMA, WeekData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import Block, SheetSpec, TableSpec

TOTALS = "This_week_totals"
MOST = 25
"""Rows of one kind that the list shows; all of them stand on the sheet named there, and in the totals."""


def this_week_sheet(page: Page, data: WeekData) -> SheetSpec:
    """Totals by kind and currency, then every thing to do with who, what, by when, and where."""
    frame = data.frame.select(*WEEK_SCHEMA)
    until = page.dated("this_week.until", date=page.data.as_of, until=data.until)
    head = page.head("this_week.title", until, page.text("this_week.note"))
    late, soon = page.text("this_week.overdue"), page.text("this_week.due")
    listed, notes = _listed(page, frame)
    blocks: list[Block] = [head, _totals(page, frame), _list(page, listed, notes)]
    return page.sheet(
        "this_week", page.numbered(blocks), light_states=("", soon, late), repeat=False
    )


def _totals(page: Page, frame: pl.DataFrame) -> TableSpec:
    """One row per kind and currency: amounts of two currencies are never added up."""
    rows = (
        frame.group_by("task", "currency")
        .agg(
            pl.len().cast(pl.Int64).alias("tasks"),
            (pl.col("days_left") < 0).sum().cast(pl.Int64).alias("overdue_tasks"),
            pl.when(pl.col("amount").count() > 0).then(pl.col("amount").sum()).alias("amount"),
            pl.col("act_by").min(),
            pl.col("sheet").first(),
        )
        .sort(_rank(), "currency")
    )
    columns = [
        page.column("task"),
        page.column("currency"),
        page.column("tasks", "int"),
        page.column("overdue_tasks", "int"),
        page.column("amount", "money", strong=True),
        page.column("act_by", "date", page.text("this_week.next")),
        page.column("sheet", "link", formula="link"),
    ]
    return page.table(
        TOTALS, columns, _worded(page, rows), currency_column="currency", filter=False,
        title=page.text("this_week.totals"), key=("task", "currency"),
    )  # fmt: skip


def _list(page: Page, frame: pl.DataFrame, notes: list[str]) -> TableSpec:
    left = pl.col("days_left")
    states = (
        pl.when(left < 0)
        .then(pl.lit(page.text("this_week.overdue")))
        .when(left.is_not_null())
        .then(pl.lit(page.text("this_week.due")))
        .otherwise(pl.lit(page.text("this_week.now")))
    )
    who = page.if_filled(frame, "who", width=28)
    columns = [
        page.column("urgency"),
        page.column("task"),
        page.column("act_by", "date"),
        page.column("days_left", "int"),
        page.column("customer_id"),
        page.column("name", width=32),
        page.column("what", "wrap", width=72),
        page.column("currency"),
        page.column("amount", "money", strong=True),
        *who,
        page.column("sheet", "link", formula="link"),
    ]
    rows = _worded(page, frame.with_columns(states.alias("urgency")))
    return page.table(
        sheet("this_week", page.language)[1], columns, rows, currency_column="currency",
        title=page.text("this_week.list"), notes=notes, light="urgency",
        key=("task", "customer_id", "what", "currency"),
    )  # fmt: skip


def _listed(page: Page, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The first rows of each kind, the insurer's before all others, soonest first; and how many more there are of which."""
    ordered = frame.sort(
        pl.col("task") != TASKS[0], pl.col("act_by").fill_null(page.data.as_of), _rank(), "amount",
        "customer_id", "what", descending=[False, False, False, True, False, False], nulls_last=True,
    )  # fmt: skip
    shown = ordered.filter(pl.int_range(pl.len()).over("task") < MOST)
    counts = frame["task"].value_counts().sort(_rank())
    notes = [
        page.text("this_week.more", task=page.text(f"task.{task}"), shown=MOST, count=f"{count:,}")
        for task, count in counts.iter_rows()
        if count > MOST
    ]
    return shown, notes


def _rank() -> pl.Expr:
    order = {task: place for place, task in enumerate(TASKS)}
    return pl.col("task").replace_strict(order, default=len(TASKS), return_dtype=pl.Int64)


def _worded(page: Page, frame: pl.DataFrame) -> pl.DataFrame:
    """Kinds and sheets in words, and a link to the sheet."""
    labels = {name: sheet(name, page.language)[0] for name in frame["sheet"].unique().to_list()}
    links = {name: _link(text) for name, text in labels.items()}
    return frame.with_columns(
        page.words("task", "task"),
        pl.col("sheet").replace_strict(links, default=None, return_dtype=pl.String).alias("link"),
        pl.col("sheet").replace_strict(labels, default=None, return_dtype=pl.String),
    )


def _link(label: str) -> str:
    r"""Formula that goes to a sheet.

    >>> _link("Open items")
    'HYPERLINK("#\'Open items\'!A1","Open items")'
    """
    place = label.replace("'", "''")
    return f'HYPERLINK("#\'{place}\'!A1","{label}")'
