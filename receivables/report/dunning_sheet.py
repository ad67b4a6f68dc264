"""The Dunning sheet: who gets which letter, and why everybody else who is overdue gets none."""

from __future__ import annotations

import polars as pl

from receivables.report.dunning_data import DunningData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import Overflow, SheetSpec, TableSpec
from receivables.respond.dunning_rules import cure_of, text_of

WHY_NOT = "Dunning_left_out"


def dunning_sheet(page: Page, data: DunningData) -> SheetSpec:
    """Letters due with amounts, interest and fee; below them every other overdue customer."""
    letters = data.frame.filter(pl.col("outcome") != "none")
    left_out = data.frame.filter(pl.col("outcome") == "none")
    line = page.text(
        "dunning.counts",
        letters=f"{letters.filter(pl.col('outcome') == 'letter').height:,}",
        notes=f"{letters.filter(pl.col('outcome') == 'courtesy').height:,}",
        left_out=f"{left_out.height:,}",
    )
    due, overflow = _letters(page, letters)
    rest, more = _left_out(page, left_out)
    return page.sheet(
        "dunning", page.numbered([page.head("dunning.title", line, page.text("dunning.note")), due, rest]),
        overflow=(*overflow, *more), repeat=False,
    )  # fmt: skip


def _letters(page: Page, letters: pl.DataFrame) -> tuple[TableSpec, tuple[Overflow, ...]]:
    shown, notes, overflow = page.fit(letters, "dunning")
    frame = shown.with_columns(
        page.words("stage", "dunning_stage"),
        page.words("channel", "dunning_channel"),
        pl.when("legal_review").then(pl.lit(page.text("dunning.legal"))).alias("legal_review"),
        pl.lit(None, pl.String).alias("approve"),
    )
    text = page.text
    columns = [
        page.column("customer_id"),
        page.column("name", width=30),
        page.column("approve", heading=text("dunning.approve"), typed=True),
        page.column("level", "int", text("dunning.level")),
        page.column("stage", heading=text("dunning.stage")),
        page.column("oldest_days", "int", text("dunning.days")),
        page.column("items", "int", text("dunning.items")),
        page.column("currency"),
        page.column("demanded", "money", text("dunning.demanded"), total=True, strong=True),
        *page.if_filled(frame, "interest", "money", text("dunning.interest"), total=True),
        *page.if_filled(frame, "fee", "money", text("dunning.fee"), total=True),
        *page.if_filled(frame, "fixed_sum", "money", text("dunning.fixed_sum"), total=True),
        *page.if_filled(frame, "credit", "money", text("dunning.credit"), total=True),
        page.column("payable", "money", text("dunning.payable"), total=True),
        page.column("pay_by", "date", text("dunning.pay_by")),
        page.column("last_level", "int", text("dunning.last_level")),
        page.column("last_letter_on", "date", text("dunning.last_letter_on")),
        page.column("channel", heading=text("dunning.channel")),
        page.column("language", heading=text("dunning.language")),
        *page.if_filled(frame, "legal_review", heading=text("dunning.legal_review")),
        page.column("letter_id", heading=text("dunning.letter_id")),
        *page.if_filled(frame, "replaces", heading=text("dunning.replaces")),
        *page.if_filled(frame, "note", width=60),
    ]
    table = page.table(
        sheet("dunning", page.language)[1], columns, frame, currency_column="currency",
        title=text("dunning.list"), notes=notes, key=("letter_id",),
    )  # fmt: skip
    return table, overflow


def _left_out(page: Page, left_out: pl.DataFrame) -> tuple[TableSpec, tuple[Overflow, ...]]:
    shown, notes, overflow = page.fit(left_out, "dunning_left_out")
    codes = shown["reasons"].fill_null("").to_list()
    frame = shown.with_columns(
        pl.Series("reasons", [text_of(code, page.language) for code in codes], dtype=pl.String),
        pl.Series("cure", [cure_of(code, page.language) for code in codes], dtype=pl.String),
    )
    text = page.text
    # customer and name as in the table above, so that both tables share their widths
    columns = [
        page.column("customer_id"),
        page.column("name", width=30),
        *page.keys(frame),
        page.column("policy", heading=text("dunning.policy")),
        page.column("oldest_days", "int", text("dunning.days")),
        page.column("currency"),
        page.column("overdue", "money", text("dunning.overdue"), total=True, strong=True),
        *page.if_filled(frame, "disputed", "money", text("dunning.disputed"), total=True),
        *page.if_filled(frame, "held", "money", text("dunning.held"), total=True),
        *page.if_filled(frame, "since", "money", text("dunning.since"), total=True),
        *page.if_filled(frame, "credit", "money", text("dunning.credit"), total=True),
        page.column("last_level", "int", text("dunning.last_level")),
        page.column("last_letter_on", "date", text("dunning.last_letter_on")),
        page.column("reasons", "wrap", text("dunning.why_not"), width=26),
        page.column("cure", heading=text("dunning.cure"), width=1),
    ]
    table = page.table(
        WHY_NOT, columns, frame, currency_column="currency", title=text("dunning.left_out"),
        notes=notes, key=("company", "customer_id", "currency", "policy"),
    )  # fmt: skip
    return table, overflow
