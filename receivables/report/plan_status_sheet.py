"""The Plan status sheet: instalment plans, those in breach first, and what falls due on each."""

from __future__ import annotations

import polars as pl

from receivables.report.claims_data import PlansData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import SheetSpec

STATES = ("breached", "late", "good", "done")


def plan_status_sheet(page: Page, data: PlansData) -> SheetSpec:
    """Every plan agreed by the date; a breach calls in all that is left."""
    states = data.frame["state"].to_list()
    counts = {name: f"{states.count(name):,}" for name in STATES}
    line = page.text("plan_status.counts", **counts)
    shown, notes, overflow = page.fit(data.frame, "plan_status")
    blocked = int(data.frame["blocked"].sum() or 0)
    if blocked:
        notes = (*notes, page.text("plan_status.blocked", count=f"{blocked:,}"))
    frame = shown.with_columns(
        page.words("state", "plan_state"),
        pl.when(pl.col("days_late") > 0).then("days_late").alias("days_late"), page.words("paid_from", "paid_from"),
        pl.when("blocked").then(pl.lit(page.text("plan_status.no_consent"))).otherwise("insurer_consent").alias("insurer_consent"),
    )  # fmt: skip
    columns = [
        page.column("state", heading=page.text("plan_status.state")),
        page.column("plan_no"),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("agreed_on", "date"),
        page.column("currency"),
        page.column("total", "money", heading=page.text("plan_status.total")),
        page.column("paid", "money", total=True),
        page.column("missing", "money", heading=page.text("plan_status.missing"), total=True),
        page.column("called", "money", total=True, strong=True),
        page.column("late_since", "date"),
        page.column("days_late", "int"),
        page.column("next_on", "date"),
        page.column("next_amount", "money"),
        page.column("paid_from"),
        page.column("insurer_consent", width=24),
    ]
    table = page.table(
        sheet("plan_status", page.language)[1], columns, frame, currency_column="currency",
        title=page.text("plan_status.list"), notes=notes, light="state", key=("plan_no",),
    )  # fmt: skip
    words = {name: page.term("plan_state", name) for name in STATES}
    return page.sheet(
        "plan_status", [page.head("plan_status.title", line, page.text("plan_status.note")), table],
        overflow=overflow, light_states=(words["good"], words["late"], words["breached"]),
    )  # fmt: skip
