"""The sheet Limit use: who is above a limit or near it, which limit decides, and what would be suggested."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import GROUP_SCHEMA, LimitsData
from receivables.report.labels import sheet
from receivables.report.page import Page, filled
from receivables.report.spec import Block, ColumnSpec, SheetSpec, TableSpec

GROUPS = "Group_limits"
COMPONENTS = "Exposure_components"


def limits_sheet(page: Page, data: LimitsData) -> SheetSpec:
    """Groups first, as their limit is asked first; then the customers, gravest on top."""
    counts = {name.replace(" ", "_"): f"{count:,}" for name, count in data.counts.items()}
    line = page.text("limits.counts", **counts) if counts else ""
    head = page.head("limits.title", line, page.text("limits.note"))
    blocks: list[Block] = [head]
    if data.groups.height:
        blocks.append(_groups(page, data.groups))
    shown, notes, overflow = page.fit(data.frame, "limits")
    blocks += [_customers(page, shown, notes), _components(page, shown, data.counted)]
    alert, hold = (page.term("limit_state", name) for name in ("alert", "hold"))
    return page.sheet(
        "limits", page.numbered(blocks), overflow=overflow, light_states=("", alert, hold), repeat=False
    )  # fmt: skip


def _customers(page: Page, shown: pl.DataFrame, notes: tuple[str, ...]) -> TableSpec:
    known = _any(shown, "insured_limit")
    insured = [
        column
        for name in ("insured_limit", "usable", "own_part")
        for column in page.optional(_money(page, name), used=known)
    ]
    columns = [
        page.column("state", heading=page.text("limits.state")),
        page.column("binding", heading=page.text("limits.binding")),
        page.column("customer_id"),
        page.column("name", width=26),
        *page.if_filled(shown, "group_id"),
        page.column("currency"),
        _money(page, "exposure", strong=True),
        _money(page, "limit"),
        *insured,
        _money(page, "headroom"),
        page.column("used", "percent", heading=page.text("limit_used")),
        *page.optional(_money(page, "suggested"), used=filled(shown, "suggested")),
        page.column("limit_from", "date", heading=page.text("limits.from")),
        *_parts(page, shown),
    ]
    frame = shown.with_columns(
        page.words("state", "limit_state"), page.words("binding", "limit_binding")
    )
    return page.table(
        sheet("limits", page.language)[1], columns, frame,
        currency_column="currency", notes=notes, title=page.text("limits.list"), light="state",
        key=("customer_id", "currency"),
    )  # fmt: skip


def _parts(page: Page, shown: pl.DataFrame) -> list[ColumnSpec]:
    return page.if_filled(shown, "parts", "wrap", page.text("limits.parts"), width=26)


def _components(page: Page, shown: pl.DataFrame, counted: tuple[str, ...]) -> TableSpec:
    """What the exposure is made of: columns of components that anybody has."""
    columns = [
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("currency"),
        *(
            column
            for name in counted
            for column in page.optional(_money(page, name), used=filled(shown, name))
        ),
        _money(page, "exposure", strong=True),
    ]
    frame = shown.filter(pl.col("exposure") > 0).sort(
        "currency", "exposure", "customer_id", descending=[False, True, False]
    )
    return page.table(
        COMPONENTS, columns, frame,
        currency_column="currency", title=page.text("limits.components"),
    )  # fmt: skip


def _groups(page: Page, groups: pl.DataFrame) -> TableSpec:
    columns = [
        page.column("state", heading=page.text("limits.state")),
        page.column("group_id"),
        page.column("members", "int", heading=page.text("limits.members")),
        page.column("currency"),
        *(_money(page, name) for name in ("exposure", "limit", "headroom")),
        page.column("used", "percent", heading=page.text("limit_used")),
    ]
    frame = groups.select(*GROUP_SCHEMA).with_columns(page.words("state", "limit_state"))
    return page.table(
        GROUPS, columns, frame,
        currency_column="currency", title=page.text("limits.groups"), light="state",
    )  # fmt: skip


def _money(page: Page, name: str, *, strong: bool = False) -> ColumnSpec:
    heading = page.text(f"limits.{name}")
    return page.column(name, "money", heading=heading, total=name == "exposure", strong=strong)


def _any(frame: pl.DataFrame, column: str) -> bool:
    """Whether a column holds anything; a limit of 0 is something."""
    return frame[column].null_count() < frame.height
