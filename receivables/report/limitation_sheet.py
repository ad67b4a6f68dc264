"""The Limitation sheet: debts that are barred by time soon, and what interrupted the time last."""

from __future__ import annotations

from receivables.report.claims_data import LimitationData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import SheetSpec


def limitation_sheet(page: Page, data: LimitationData) -> SheetSpec:
    """Debts barred within the days watched, the soonest first."""
    line = page.text(
        "limitation.counts", count=f"{data.frame.height:,}", days=f"{data.watch_days:,}",
        unknown=f"{data.unknown:,}", guessed=f"{data.guessed:,}",
    )  # fmt: skip
    shown, notes, overflow = page.fit(data.frame, "limitation")
    frame = shown.with_columns(page.words("event", "limitation_event"), page.words("law_from", "law_from"))  # fmt: skip
    columns = [
        page.column("barred_on", "date"),
        page.column("days_left", "int"),
        page.column("law"),
        page.column("law_from"),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("document_no"),
        *page.if_filled(frame, "instalment"),
        page.column("currency"),
        page.column("open", "money", total=True, strong=True),
        page.column("due_on", "date"),
        page.column("event"),
        page.column("event_on", "date"),
    ]
    table = page.table(
        sheet("limitation", page.language)[1], columns, frame, currency_column="currency",
        title=page.text("limitation.list"), notes=notes, key=("customer_id", "document_no", "instalment"),
    )  # fmt: skip
    return page.sheet(
        "limitation", [page.head("limitation.title", line, page.text("limitation.note")), table],
        overflow=overflow,
    )  # fmt: skip
