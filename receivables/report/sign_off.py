"""The end of the Close sheet: closed period, open exceptions, changed settings, who signs for what."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables import __version__, money
from receivables.report.lists import shown_amount
from receivables.report.pack_data import CloseFacts
from receivables.report.page import Page
from receivables.report.spec import Block, Cell, Overflow, TableSpec, TextSpec

_VALUE, _DATE = 2, 6
"""Columns of the sign-off block: values, and the date to the right of a name."""


def pack_tables(page: Page, facts: CloseFacts) -> tuple[list[Block], tuple[Overflow, ...]]:
    """As reported beside as now known, back-dated postings, exceptions, changed settings."""
    blocks: list[Block] = []
    overflow: tuple[Overflow, ...] = ()
    if facts.reported.height:
        table, overflow = _reported(page, facts)
        blocks += [table, _backdated(page, facts)]
    elif facts.backdated.height:
        blocks.append(_backdated(page, facts))
    blocks.append(_exceptions(page, facts))
    blocks += [_changes(page, facts)] if facts.compared_with else []
    return blocks, overflow


def _reported(page: Page, facts: CloseFacts) -> tuple[TableSpec, tuple[Overflow, ...]]:
    """Customers whose balance of the closed period differs, largest difference first."""
    gap = pl.col("now_known") - pl.col("reported")
    frame = (
        facts.reported.with_columns(gap.alias("difference"))
        .filter(pl.col("difference") != 0)
        .with_columns(_formula(facts.reported, "ROUND([@now_known]-[@reported],{})", "f_gap"))
        .sort(pl.col("difference").abs(), descending=True)
        .sort("currency", maintain_order=True)
    )
    shown, notes, overflow = page.fit(frame, "as_reported", page.data.settings.max_issue_rows)
    same = facts.reported.height - frame.height
    columns = [
        *page.keys(facts.reported),
        page.column("customer_id", width=14),
        page.column("name", width=16),
        page.column("currency"),
        *(page.column(name, "money", total=True) for name in ("reported", "now_known")),
        page.column("difference", "money", formula="f_gap", strong=True, total=True),
    ]
    note = page.text("reported.note", on=facts.reported_on, count=f"{same:,}")
    table = page.table(
        "As_reported", columns, shown, currency_column="currency", filter=False,
        title=page.text("reported.title"), notes=(note, *notes),
    )  # fmt: skip
    return table, overflow


def _formula(frame: pl.DataFrame, pattern: str, name: str) -> pl.Expr:
    digits = {code: str(money.exponent(code)) for code in frame["currency"].unique()}
    code = pl.col("currency").replace_strict(digits, return_dtype=pl.String)
    return pl.format(pattern, code).alias(name)


def _backdated(page: Page, facts: CloseFacts) -> TableSpec:
    frame = facts.backdated.with_columns(
        page.words("kind", "kind"), page.words("why", "backdated")
    )
    shown, notes, _ = page.fit(frame, "backdated", page.data.settings.max_issue_rows)
    columns = [
        *page.keys(frame),
        page.column("kind"),
        page.column("document_no"),
        page.column("customer_id", width=14),
        page.column("name", width=16),
        page.column("currency"),
        page.column("amount", "money", total=True),
        page.column("posted_on", "date"),
        page.column("entered_on", "date"),
        *page.if_filled(frame, "why", width=1),
    ]
    return page.table(
        "Back_dated", columns, shown, currency_column="currency", filter=False,
        title=page.text("backdated.title"), notes=(page.text("backdated.note"), *notes),
    )  # fmt: skip


def _exceptions(page: Page, facts: CloseFacts) -> TableSpec:
    columns = [
        page.column("since", "date"),
        page.column("owner", width=12, typed=True),
        page.column("currency"),
        page.column("amount", "money"),
        page.column("place", width=14),
        page.column("exception", "wrap", width=18),
        page.column("explanation", width=1, typed=True),
    ]
    frame = facts.exceptions.with_columns(page.words("exception", "exception"))
    return page.table(
        "Open_exceptions", columns, frame, currency_column="currency", filter=False,
        title=page.text("exceptions.title"), notes=(page.text("exceptions.note"),),
        key=("exception", "place", "currency"),
    )  # fmt: skip


def _changes(page: Page, facts: CloseFacts) -> TableSpec:
    columns = [page.column(name, width=14) for name in ("setting", "before", "now")]
    return page.table(
        "Changed_settings", columns, facts.changes, filter=False,
        title=page.text("changes.title", date=facts.compared_with), key=("setting",),
    )  # fmt: skip


def sign_off(page: Page, facts: CloseFacts | None) -> TextSpec:
    """Names and dates to fill in, and what they are put under."""
    title = (Cell(0, page.text("close.sign_off"), "band"),)
    names = (facts.prepared, facts.reviewed) if facts else ("", "")
    signed = [
        (
            Cell(0, page.text(who), "label"),
            Cell(_VALUE, name, "sign", until=_VALUE + 2),
            Cell(_DATE, page.text("close.date"), "label"),
            Cell(_DATE + 1, "", "sign", until=_DATE + 2),
        )
        for who, name in zip(("close.prepared", "close.reviewed"), names, strict=True)
    ]
    stated = [
        (Cell(0, page.text(key), "label"), Cell(_VALUE, value))
        for key, value in (_stated(page, facts) if facts else [])
    ]
    note = [(Cell(0, page.text("sign.note"), "note"),)] if facts else []
    return TextSpec((title, *signed, *stated, *note, ()))


def _stated(page: Page, facts: CloseFacts) -> list[tuple[str, str | int | date]]:
    """What the signature stands for: date, file, version, materiality, changes, exceptions."""
    hashes = [source.sha256 for source in page.data.sources if source.sha256]
    amounts = [shown_amount(minor, code) for code, minor in sorted(facts.materiality.items())]
    changed = page.text("sign.changed", count=facts.changes.height, date=facts.compared_with)
    version = f"receivables {__version__}"
    if facts.rates_version:
        version += f" · {page.text('sign.rates')} {facts.rates_version}"
    return [
        ("as_of", page.data.as_of),
        ("sign.hash", ", ".join(hashes) or page.text("sign.none")),
        ("sign.version", version),
        ("sign.materiality", ", ".join(amounts) or page.text("sign.no_materiality")),
        ("sign.settings", changed if facts.compared_with else page.text("sign.first")),
        ("sign.exceptions", page.text("sign.open", count=facts.exceptions.height)),
    ]
