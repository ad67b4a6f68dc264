"""The Framework sheet: the questions of an assessment, as a table to work down and to edit."""

from __future__ import annotations

import polars as pl

from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import SheetSpec
from receivables.resources import data_rows


def framework_sheet(page: Page) -> SheetSpec:
    """The rows of `data/framework.csv` in the language of the report: question, evidence, function."""
    words = ("dimension", "question", "evidence")
    frame = pl.DataFrame(data_rows("framework.csv")).select(
        pl.col("step").cast(pl.Int64), "line", "function",
        *(pl.col(f"{name}_{page.language}").alias(name) for name in words),
    )  # fmt: skip
    columns = [
        page.column("step", "int", heading=page.text("framework.step")),
        page.column("line", heading=page.text("framework.line")),
        page.column("dimension", heading=page.text("framework.dimension")),
        page.column("question", "wrap", heading=page.text("framework.question"), width=50),
        page.column("evidence", "wrap", heading=page.text("framework.evidence"), width=36),
        page.column("function", heading=page.text("framework.function"), width=40),
    ]
    told = frame.with_columns(page.words("line", "defence"))
    table = page.table(sheet("framework", page.language)[1], columns, told, key=("step",))
    return page.sheet(
        "framework", [page.head("framework.title", page.text("framework.note")), table]
    )
