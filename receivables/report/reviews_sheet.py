"""The Reviews sheet: customers due for their quarterly look, and whose credit training has run out."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import REVIEW_SCHEMA, TRAINING_SCHEMA, ReviewsData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import Block, SheetSpec, TableSpec

TRAINING = "Credit_training"


def reviews_sheet(page: Page, data: ReviewsData) -> SheetSpec:
    """Reviews due, then training."""
    shown, notes, overflow = page.fit(data.frame, "reviews")
    overdue = data.frame.filter((pl.col("days") >= 0) | pl.col("days").is_null()).height
    line = page.text("reviews.counts", count=f"{data.frame.height:,}", overdue=f"{overdue:,}")
    blocks: list[Block] = [
        page.head("reviews.title", line, page.text("reviews.note")),
        _reviews(page, shown, notes),
    ]
    if data.training.height:
        blocks.append(_training(page, data.training))
    return page.sheet("reviews", page.numbered(blocks), overflow=overflow, repeat=False)


def _reviews(page: Page, frame: pl.DataFrame, notes: tuple[str, ...]) -> TableSpec:
    columns = [
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("currency"),
        page.column("exposure", "money", total=True),
        page.column("last_review", "date", heading=page.text("reviews.last")),
        page.column("due_on", "date", heading=page.text("reviews.due_on")),
        page.column("days", "int", heading=page.text("reviews.days")),
        page.column("reasons", heading=page.text("reviews.reasons"), width=30),
        page.column("reviewed_by", heading=page.text("reviews.by")),
    ]
    told = frame.select(*REVIEW_SCHEMA).with_columns(_reasons(page))
    return page.table(
        sheet("reviews", page.language)[1], columns, told,
        currency_column="currency", title=page.text("reviews.list"), notes=notes,
    )  # fmt: skip


def _reasons(page: Page) -> pl.Expr:
    """Reasons in words, each by itself."""
    told = pl.col("reasons")
    for code in ("never reviewed", "quarter", "limit", "ownership"):
        told = told.str.replace(code, page.term("review_reason", code), literal=True)
    return told


def _training(page: Page, frame: pl.DataFrame) -> TableSpec:
    columns = [
        page.column("person", heading=page.text("reviews.person")),
        page.column("course", heading=page.text("reviews.course"), width=30),
        page.column("held_on", "date", heading=page.text("reviews.held_on")),
        page.column("valid_to", "date", heading=page.text("reviews.valid_to")),
        page.column("state", heading=page.text("limits.state")),
    ]
    told = frame.select(*TRAINING_SCHEMA).with_columns(page.words("state", "training_state"))
    title = page.text("reviews.training")
    return page.table(TRAINING, columns, told, title=title, key=("person", "course"))
