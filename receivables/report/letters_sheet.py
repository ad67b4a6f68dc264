"""The sheets Letters and Letter items: the journal of what was planned, made, sent and taken back."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from receivables.report.labels import sheet
from receivables.report.letters_data import LettersData
from receivables.report.page import Page
from receivables.report.spec import Block, Cell, SheetSpec, TextSpec

LETTERS, ITEMS = "letters", "letter_items"
WORDS = {"state": "letter_state", "stage": "dunning_stage", "kind": "letter_kind"}
"""Columns of codes that stand there in words → prefix of the words in `report_labels.csv`."""
HEADINGS = {
    "letter_id": "dunning.letter_id", "cut_off": "letters.cut_off", "policy": "dunning.policy",
    "level": "dunning.level", "stage": "dunning.stage", "language": "dunning.language",
    "replaces": "dunning.replaces", "amount": "dunning.demanded", "open": "dunning.demanded",
    "state": "letters.state", "kind": "letters.kind", "file": "letters.file",
    "sha256": "letters.sha256", "created_at": "letters.created_at", "reason": "letters.reason",
    "approved_by": "letters.approved_by", "sent_at": "letters.sent_at",
}  # fmt: skip
"""Columns whose heading is not the label of their name."""


def letters_sheet(page: Page, data: LettersData) -> SheetSpec:
    """One row per letter, the latest first; what is over stays with its reason."""
    frame = _known(page, data.letters).sort(
        "cut_off", "customer_id", "letter_id", descending=[True, False, False]
    )
    shown, notes, overflow = page.fit(frame, LETTERS)
    frame = shown.with_columns(page.words(column, prefix) for column, prefix in WORDS.items())
    columns = [
        page.column("cut_off", "date", _heading(page, "cut_off")),
        page.column("customer_id"),
        *page.if_filled(frame, "company"),
        page.column("level", "int", _heading(page, "level")),
        page.column("stage", heading=_heading(page, "stage"), width=18),
        page.column("currency"),
        page.column("amount", "money", _heading(page, "amount"), strong=True),
        page.column("state", heading=_heading(page, "state"), width=11),
        page.column("sent_at", heading=_heading(page, "sent_at"), width=24),
        page.column("approved_by", heading=_heading(page, "approved_by"), width=16),
        page.column("language", heading=_heading(page, "language")),
        page.column("letter_id", heading=_heading(page, "letter_id"), width=24),
        *page.if_filled(frame, "replaces", heading=_heading(page, "replaces"), width=24),
        *page.if_filled(frame, "reason", heading=_heading(page, "reason"), width=40),
        page.column("policy", heading=_heading(page, "policy")),
        page.column("kind", heading=_heading(page, "kind"), width=12),
        page.column("created_at", heading=_heading(page, "created_at"), width=24),
        page.column("file", heading=_heading(page, "file"), width=40),
        page.column("sha256", heading=_heading(page, "sha256"), width=20),
    ]
    table = page.table(
        sheet(LETTERS, page.language)[1], columns, frame, currency_column="currency", notes=notes,
        title=page.text("letters.list"), key=("letter_id",),
    )  # fmt: skip
    return _steady(page, LETTERS, [_head(page, "letters"), table], overflow=overflow)


def items_sheet(page: Page, data: LettersData) -> SheetSpec:
    """One row per document on a letter, in the order of the letters."""
    letters = _known(page, data.letters).select("letter_id", "cut_off", "customer_id")
    frame = data.items.join(letters, on="letter_id", how="inner").sort(
        "cut_off", "customer_id", "letter_id", "document_no", "instalment",
        descending=[True, False, False, False, False],
    )  # fmt: skip
    shown, notes, overflow = page.fit(frame, ITEMS)
    columns = [
        page.column("letter_id", heading=_heading(page, "letter_id"), width=24),
        page.column("customer_id"),
        page.column("document_no", width=16),
        *page.if_filled(shown, "instalment", "int"),
        page.column("level", "int", _heading(page, "level")),
        page.column("currency"),
        page.column("open", "money", _heading(page, "open"), strong=True),
    ]
    table = page.table(
        sheet(ITEMS, page.language)[1], columns, shown, currency_column="currency", notes=notes,
        title=page.text("letter_items.list"), key=("letter_id", "document_no", "instalment"),
    )  # fmt: skip
    return _steady(page, ITEMS, [_head(page, "letter_items"), table], overflow=overflow)


def _known(page: Page, letters: pl.DataFrame) -> pl.DataFrame:
    """A report of a past day shows what was known then; a living workbook is the journal itself."""
    return letters if page.living else letters.filter(pl.col("cut_off") <= page.data.as_of)


def _heading(page: Page, column: str) -> str:
    return page.text(HEADINGS[column])


def _head(page: Page, key: str) -> TextSpec:
    title, note = page.text(f"{key}.title"), page.text(f"{key}.note")
    return TextSpec(((Cell(0, title, "title"),), (Cell(0, note, "subtitle"),), ()))


def _steady(page: Page, sheet_id: str, blocks: list[Block], **options: object) -> SheetSpec:
    """A sheet that says the same whoever writes it, a refresh or a run of letters: no date, no settings."""
    made = page.sheet(sheet_id, blocks, repeat=False, **options)
    return replace(made, header=(*made.header[:2], ""), footer=("", "", made.footer[2]))
