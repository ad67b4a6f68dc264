"""The Approvals due sheet: what waits for a signature, limits raised without, exceptions by salesperson."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import (
    OVERRIDE_SCHEMA,
    PERSON_SCHEMA,
    UNAPPROVED_SCHEMA,
    WAITING_SCHEMA,
    ApprovalsData,
)
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import Block, SheetSpec, TableSpec

UNAPPROVED = "Limits_unapproved"
OVERRIDES = "Overrides_log"
BY_PERSON = "Overrides_by_person"


def approvals_sheet(page: Page, data: ApprovalsData) -> SheetSpec:
    """Requests that wait, then limits that lack signatures, then the exceptions."""
    chain = page.text(f"approvals.chain_{data.chain}", hash=data.last_hash)
    blocks: list[Block] = [
        page.head("approvals.title", chain, page.text("approvals.note")),
        _waiting(page, data.waiting),
    ]
    if data.unapproved.height:
        blocks.append(_unapproved(page, data.unapproved))
    if data.overrides.height:
        blocks += [_by_person(page, data.by_salesperson), _overrides(page, data.overrides)]
    return page.sheet("approvals", page.numbered(blocks), repeat=False)


def _waiting(page: Page, frame: pl.DataFrame) -> TableSpec:
    columns = [
        page.column("approval_no", heading=page.text("approvals.no")),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("kind"),
        page.column("currency"),
        page.column("amount", "money", heading=page.text("approvals.amount")),
        page.column("total", "money", heading=page.text("approvals.total")),
        page.column("role", heading=page.text("approvals.role")),
        page.column("signed", "int", heading=page.text("approvals.signed")),
        page.column("needed", "int", heading=page.text("approvals.needed")),
        page.column("requested_by", heading=page.text("approvals.requested_by")),
        page.column("requested_on", "date", heading=page.text("approvals.requested_on")),
        page.column("waiting_days", "int", heading=page.text("approvals.waiting_days")),
    ]
    return page.table(
        sheet("approvals", page.language)[1], columns, frame.select(*WAITING_SCHEMA),
        currency_column="currency", title=page.text("approvals.waiting"), key=("approval_no",),
    )  # fmt: skip


def _unapproved(page: Page, frame: pl.DataFrame) -> TableSpec:
    columns = [
        page.column("customer_id"),
        page.column("kind"),
        page.column("currency"),
        page.column("amount", "money", heading=page.text("limits.limit")),
        page.column("valid_from", "date", heading=page.text("limits.from")),
        page.column("signed", "int", heading=page.text("approvals.signed")),
        page.column("needed", "int", heading=page.text("approvals.needed")),
    ]
    return page.table(
        UNAPPROVED, columns,
        frame.select(*UNAPPROVED_SCHEMA).with_columns(page.words("kind", "limit_kind")),
        currency_column="currency", title=page.text("approvals.unapproved"),
        key=("customer_id", "kind", "currency", "valid_from"),
    )  # fmt: skip


def _by_person(page: Page, frame: pl.DataFrame) -> TableSpec:
    columns = [
        page.column("salesperson"),
        page.column("overrides", "int", heading=page.text("approvals.overrides")),
        page.column("running", "int", heading=page.text("approvals.running")),
        page.column("customers", "int"),
        page.column("without_reason", "int", heading=page.text("approvals.without_reason")),
    ]
    title = page.text("approvals.by_person")
    return page.table(
        BY_PERSON, columns, frame.select(*PERSON_SCHEMA), title=title, key=("salesperson",)
    )


def _overrides(page: Page, frame: pl.DataFrame) -> TableSpec:
    columns = [
        page.column("salesperson"),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("kind"),
        page.column("value", heading=page.text("approvals.value")),
        page.column("reason", "wrap", heading=page.text("approvals.reason"), width=40),
        page.column("decided_by", heading=page.text("approvals.decided_by")),
        page.column("decided_on", "date", heading=page.text("approvals.decided_on")),
        page.column("running", heading=page.text("approvals.running")),
    ]
    title = page.text("approvals.log")
    yes = pl.when("running").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("running")
    told = frame.select(*OVERRIDE_SCHEMA).with_columns(yes)
    return page.table(
        OVERRIDES, columns, told.with_columns(page.words("running", "within")), title=title,
        key=("salesperson", "customer_id", "kind", "decided_on"),
    )  # fmt: skip
