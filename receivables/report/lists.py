"""The list sheets: open items, concentration, credit balances, cut-off, issues."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from receivables import money
from receivables.errors import Issue
from receivables.report.data import CONCENTRATION_SCHEMA, Concentration
from receivables.report.labels import name_part, sheet
from receivables.report.pack_data import empty
from receivables.report.page import Page, filled
from receivables.report.spec import (
    Block,
    Cell,
    ChartSpec,
    ColumnSpec,
    Kind,
    SheetSpec,
    TextSpec,
    Tint,
)

_ITEM_KINDS: dict[str, Kind] = {
    "issued_on": "date",
    "due_on": "date",
    "days_past_due": "int",
    "amount": "money",
    "paid": "money",
    "credited": "money",
    "open": "money",
    "disputed_amount": "money",
    "promised_on": "date",
    "subsequent": "money",
    "report_by": "date",
    "act_by": "date",
}
_ITEMS = (
    "document_no", "instalment", "kind", "customer_id", "name", "currency", "issued_on", "due_on",
    "days_past_due", "bucket", "amount", "paid", "credited", "open", "disputed_amount",
    "dispute_reason", "promised_on", "salesperson", "subsequent",
    "report_by", "act_by",
)  # fmt: skip
_ITEMS_IF_ANY = {
    "instalment", "paid", "credited", "disputed_amount", "dispute_reason", "promised_on", "salesperson", "subsequent",
    "report_by", "act_by",
}  # fmt: skip
_ITEM_WIDTHS = {"name": 30.0, "dispute_reason": 22.0, "salesperson": 16.0}
_CUT_OFF_DATES = ("posted_on", "issued_on", "delivered_on", "entered_on")
_LEVELS = {"error": 0, "warning": 1, "note": 2}
_ISSUE_FIELDS = (
    "level", "code", "table", "file", "sheet", "cell", "column", "value", "message", "cure",
)  # fmt: skip
CHART_ROWS = 14
"""Height of a concentration chart: ten bars with readable names."""


def open_items_sheet(page: Page) -> SheetSpec:
    """Every open item, longest overdue first, then largest."""
    frame = page.data.items.sort(
        ["days_past_due", "open", "document_no"],
        descending=[True, True, False],
        nulls_last=True,
    )
    shown, notes, overflow = page.fit(frame, "open_items")
    buckets = {name: page.bucket(name) for name in page.data.bucket_labels}
    shown = shown.with_columns(page.words("kind", "kind"), pl.col("bucket").replace(buckets))
    columns = page.keys(frame) + [
        column
        for name in _ITEMS
        for column in page.optional(
            _item_column(page, name),
            used=name in frame.columns and (name not in _ITEMS_IF_ANY or filled(frame, name)),
        )
    ]
    name = sheet("open_items", page.language)[1]
    oldest = tuple(page.bucket(text) for text in page.data.bucket_labels[-2:-1])
    table = page.table(
        name, columns, shown, notes=notes, currency_column="currency",
        tint=Tint("days_past_due", "bucket", oldest),
        key=("company", "document_no", "instalment", "customer_id"),
    )  # fmt: skip
    until = page.data.subsequent_to
    lines = [page.text("subsequent_to", date=until)] if until else []
    frozen = [column.name for column in columns].index("document_no") + 1
    return page.sheet(
        "open_items", [page.head("open_items.title", *lines), table], frozen=name,
        frozen_columns=frozen, overflow=overflow,
    )  # fmt: skip


def _item_column(page: Page, name: str) -> ColumnSpec:
    kind = _ITEM_KINDS.get(name, "text")
    width = _ITEM_WIDTHS.get(name, 0.0)
    return page.column(name, kind, total=kind == "money", strong=name == "open", width=width)


def concentration_sheet(page: Page) -> SheetSpec:
    """Largest balances, their share and the HHI, one table and chart per currency."""
    blocks: list[Block] = [page.head("concentration.title")]
    if page.living:
        return page.sheet("concentration", [*blocks, *_stable_concentration(page)])
    names = []
    for part in page.data.concentration:
        name = f"{sheet('concentration', page.language)[1]}_{name_part(part.currency)}"
        names.append(name)
        blocks += _concentration(page, part, name)
    if not names:
        blocks.append(TextSpec(((Cell(0, page.text("rows.none"), "note"),),)))
    return page.sheet("concentration", blocks, frozen=names[0] if names else "", repeat=False)


def _stable_concentration(page: Page) -> list[Block]:
    """The main currency with its chart, then the other currencies in one table: the same every month."""
    name, main = sheet("concentration", page.language)[1], page.main_currency()
    blank = Concentration(main, empty(CONCENTRATION_SCHEMA), 0.0, 0, 0)
    lead = next((part for part in page.data.concentration if part.currency == main), blank)
    table, *_ = _concentration(page, lead, name)
    chart = ChartSpec(
        "bar", page.text("concentration.chart_main"), name, ("open",),
        category="name", rows=CHART_ROWS, limit=page.data.settings.top_n, beside=True,
    )  # fmt: skip
    others = [part for part in page.data.concentration if part.currency != main]
    frames = [_ranked(page, part).with_columns(currency=pl.lit(part.currency)) for part in others]
    frame = pl.concat(frames) if frames else _ranked(page, blank).with_columns(currency=pl.lit(""))
    rest = page.table(
        f"{name}_all", _concentration_columns(page, total=False), frame, currency_column="currency",
        title=page.text("concentration.currencies"),
        notes=tuple(f"{part.currency}: {_hhi(page, part)}" for part in others),
        key=("currency", "customer_id"),
    )  # fmt: skip
    return [table, chart, rest]


def _ranked(page: Page, part: Concentration) -> pl.DataFrame:
    """The largest by rank, and all others in one line."""
    top = part.frame.with_columns(
        pl.int_range(1, part.frame.height + 1, dtype=pl.Int64).alias("rank")
    ).select("rank", "customer_id", "name", "open", "share", "cumulative")
    rest = part.total - int(top["open"].sum())
    if part.customers > top.height and part.total:
        others = pl.DataFrame(
            [
                [None],
                [""],
                [page.text("concentration.others")],
                [rest],
                [rest / part.total],
                [1.0],
            ],
            schema=top.schema,
        )
        return pl.concat([top, others])
    return top


def _concentration_columns(page: Page, *, total: bool) -> list[ColumnSpec]:
    return [
        *([page.column("currency")] if page.living else []),
        page.column("rank", "int"),
        page.column("customer_id"),
        page.column("name"),
        page.column("open", "money", total=total),
        page.column("share", "percent", bar=True),
        page.column("cumulative", "percent"),
    ]


def _hhi(page: Page, part: Concentration) -> str:
    return page.text(
        "concentration.hhi", hhi=f"{part.hhi:.4f}", count=f"{part.customers:,}",
        total=shown_amount(part.total, part.currency),
    )  # fmt: skip


def _concentration(page: Page, part: Concentration, name: str) -> list[Block]:
    frame = _ranked(page, part).with_columns(currency=pl.lit(part.currency))
    table = page.table(
        name, _concentration_columns(page, total=True), frame, currency=part.currency,
        title=part.currency, notes=(_hhi(page, part),), key=("customer_id",),
    )  # fmt: skip
    chart = ChartSpec(
        "bar", page.text("concentration.chart", currency=part.currency), name, ("open",),
        category="name", rows=CHART_ROWS, limit=part.frame.height, beside=True,
    )  # fmt: skip
    return [table, chart] if part.frame.height else [table]


def credit_balances_sheet(page: Page) -> SheetSpec:
    """Customers whose balance is negative, with a proposal how to present it."""
    frame = page.data.credit_balances.sort(["currency", "balance", "customer_id"]).with_columns(
        (-pl.col("balance")).alias("reclass"),
        pl.lit(page.text("credit_balances.proposed")).alias("proposed"),
    )
    shown, notes, overflow = page.fit(frame, "credit_balances")
    name = sheet("credit_balances", page.language)[1]
    columns = [
        *page.keys(frame),
        page.column("customer_id"),
        page.column("name"),
        page.column("currency"),
        *(page.column(key, "money", total=True) for key in ("debits", "credits")),
        *(page.column(key, "money", total=True, strong=True) for key in ("balance", "reclass")),
        page.column("proposed"),
    ]
    table = page.table(name, columns, shown, currency_column="currency", notes=notes)
    head = page.head("credit_balances.title", page.text("credit_balances.note"))
    return page.sheet("credit_balances", [head, table], frozen=name, overflow=overflow)


def cut_off_sheet(page: Page) -> SheetSpec:
    """What was posted, issued or delivered close to the as-of date, and later credit notes."""
    frame = page.data.cut_off.with_columns(
        page.words("kind", "kind"), page.words("finding", "finding")
    )
    shown, notes, overflow = page.fit(frame, "cut_off")
    name = sheet("cut_off", page.language)[1]
    dates = [
        column
        for day in _CUT_OFF_DATES
        for column in page.optional(
            page.column(day, "date"), used=day == "posted_on" or filled(frame, day)
        )
    ]
    columns = [
        *page.keys(frame),
        page.column("kind"),
        page.column("document_no"),
        page.column("customer_id"),
        page.column("name"),
        page.column("currency"),
        page.column("amount", "money"),
        *dates,
        page.column("days", "int"),
        page.column("finding"),
    ]
    table = page.table(
        name, columns, shown, currency_column="currency", notes=notes,
        key=("company", "document_no", "customer_id", "kind"),
    )  # fmt: skip
    settings = page.data.settings
    note = page.dated("cut_off.note", days=settings.cut_off_days, as_of=page.data.as_of)
    return page.sheet(
        "cut_off", [page.head("cut_off.title", note), table], frozen=name, overflow=overflow
    )


def issues_sheet(page: Page) -> SheetSpec:
    """Faults found in the data, gravest first, each with its place and cure."""
    ranked = sorted(page.data.issues, key=lambda issue: _LEVELS[issue.level])
    frame = issue_frame(ranked)
    limit = page.data.settings.max_issue_rows
    shown, notes, overflow = page.fit(frame, "issues", limit, key="issues.cut")
    name = sheet("issues", page.language)[1]
    widths = {"message": 60.0, "cure": 50.0}
    columns = [
        page.column(field, "wrap" if field in widths else "text", width=widths.get(field, 0.0))
        for field in _ISSUE_FIELDS
    ]
    table = page.table(
        name, columns, shown.with_columns(page.words("level", "level")), notes=notes,
        key=("code", "table", "column", "value", "file"),
    )  # fmt: skip
    return page.sheet("issues", [page.head("issues.title"), table], frozen=name, overflow=overflow)


def issue_frame(issues: list[Issue]) -> pl.DataFrame:
    """Issues as a table of text."""
    return pl.DataFrame(
        {field: [getattr(issue, field) for issue in issues] for field in _ISSUE_FIELDS},
        schema=dict.fromkeys(_ISSUE_FIELDS, pl.String()),
    )


def shown_amount(minor: int, currency: str) -> str:
    """Amount in words of a note.

    >>> shown_amount(123456, "EUR"), shown_amount(-123456, "JPY")
    ('EUR 1,234.56', 'JPY -123,456')
    """
    return f"{currency} {money.to_decimal(minor, currency):,}"


LISTS: tuple[Callable[[Page], SheetSpec], ...] = (
    open_items_sheet,
    concentration_sheet,
    credit_balances_sheet,
    cut_off_sheet,
    issues_sheet,
)
