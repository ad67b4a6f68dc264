"""The Grades sheet: every customer's grade, what moved it, the spread of the grades and where they came from."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import GRADE_SCHEMA, SPREAD_SCHEMA, GradesData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import Block, ChartSpec, SheetSpec, TableSpec, Tint

SPREAD = "Grade_spread"
MIGRATION = "Grade_migration"


def grades_sheet(page: Page, data: GradesData) -> SheetSpec:
    """Spread with its chart, migration, then the customers, worst grade first, those without one last.

    Where there is no grade, the reasons say what is missing.
    """
    graded = data.frame.filter(pl.col("grade").is_not_null())
    counts = [
        f"{page.text('grades.class')} {name}: {graded.filter(pl.col('class') == name).height:,}"
        for name in sorted(graded["class"].unique())
    ]
    undone = page.text("grades.undone", count=f"{data.frame.height - graded.height:,}")
    before = page.text("grades.before", date=data.before) if data.before else ""
    table, overflow = _customers(page, data)
    blocks: list[Block] = [
        page.head("grades.title", " · ".join([*counts, undone]), before, page.text("grades.note")),
        _spread(page, data),
        ChartSpec(
            "bar",
            page.text("grades.spread"),
            SPREAD,
            ("customers",),
            "grade",
            rows=14,
            limit=data.spread.height,
        ),
    ]
    if data.migration.height:
        blocks.append(_migration(page, data))
    return page.sheet("grades", page.numbered([*blocks, table]), overflow=overflow, repeat=False)


def _spread(page: Page, data: GradesData) -> TableSpec:
    columns = [page.column("grade", "int"), page.column("customers", "int")]
    columns += page.optional(page.column("customers_before", "int"), used=bool(data.before))
    return page.table(
        SPREAD, columns, data.spread.select(*SPREAD_SCHEMA), title=page.text("grades.spread"),
        key=("grade",),
    )  # fmt: skip


def _migration(page: Page, data: GradesData) -> TableSpec:
    grades = [name for name in data.migration.columns if name != "grade_before"]
    columns = [page.column("grade_before", "int")]
    for name in grades:
        heading = f"{page.text('grade')} {name.removeprefix('g')}"
        columns += page.if_filled(data.migration, name, "int", heading)
    return page.table(
        MIGRATION, columns, data.migration, title=page.text("grades.migration"),
        notes=(page.text("grades.migration_note"),), key=("grade_before",),
    )  # fmt: skip


def _customers(page: Page, data: GradesData) -> tuple[TableSpec, tuple[object, ...]]:
    ranked = data.frame.select(*GRADE_SCHEMA).sort(
        ["grade", "score", "customer_id"], descending=[True, False, False], nulls_last=True
    )
    shown, notes, overflow = page.fit(ranked, "grades")
    compared = [
        column
        for name in ("grade_before", "change")
        for column in page.optional(page.column(name, "int"), used=bool(data.before))
    ]
    columns = [
        page.column("customer_id"),
        page.column("name", width=30),
        page.column("grade", "int", strong=True),
        *compared,
        page.column("grades.class", heading=page.text("grades.class")),
        page.column("score", "number"),
        page.column("confidence", "percent"),
        page.column("reasons", "wrap", width=70),
        page.column("caps", "wrap", width=24),
        page.column("missing", "wrap", width=34, heading=page.text("grades.missing")),
    ]
    table = page.table(
        sheet("grades", page.language)[1], columns,
        shown.with_columns(
            pl.col("class").alias("grades.class"), pl.coalesce("problem", "reasons").alias("reasons")
        ), notes=notes,
        title=page.text("grades.list"), tint=Tint("grade", "grades.class", ("C",)),
    )  # fmt: skip
    return table, overflow
