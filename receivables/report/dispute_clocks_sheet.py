"""The Dispute clocks sheet: open disputes by the clock that runs out next, and what stays payable."""

from __future__ import annotations

from receivables.report.claims_data import DisputesData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import SheetSpec
from receivables.respond.disputes import steps


def dispute_clocks_sheet(page: Page, data: DisputesData) -> SheetSpec:
    """Open disputes, the most pressing first, with every clock."""
    late = int((data.frame["late"] > 0).sum() or 0)
    line = page.text("dispute_clocks.counts", count=f"{data.frame.height:,}", late=f"{late:,}")
    days = {step.step: step.days for step in steps()}
    shown, notes, overflow = page.fit(data.frame, "dispute_clocks")
    frame = shown.with_columns(page.words("next_step", "dispute_step"))
    columns = [
        page.column("next_step"),
        page.column("due_on", "date", heading=page.text("dispute_clocks.due_on")),
        page.column("days_left", "int"),
        page.column("dispute_no"),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("document_no"),
        page.column("currency"),
        page.column("open", "money"),
        page.column("disputed", "money", total=True),
        page.column("undisputed", "money", total=True, strong=True),
        page.column("reason", width=26),
        page.column("owner"),
        page.column("opened_on", "date"),
        page.column("age", "int", heading=page.text("dispute_clocks.age")),
        *(
            page.column(f"{step.step}_by", "date", heading=_heading(page, step.step))
            for step in steps()
        ),
    ]
    table = page.table(
        sheet("dispute_clocks", page.language)[1], columns, frame, currency_column="currency",
        title=page.text("dispute_clocks.list"), notes=notes, key=("dispute_no", "document_no"),
    )  # fmt: skip
    note = page.text("dispute_clocks.note", **days)
    return page.sheet(
        "dispute_clocks", [page.head("dispute_clocks.title", line, note), table], overflow=overflow
    )


def _heading(page: Page, step: str) -> str:
    return page.text("dispute_clocks.by", step=page.term("dispute_step", step))
