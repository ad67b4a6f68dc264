"""The documents that may stand behind a difference to the control account, on the Close sheet."""

from __future__ import annotations

import polars as pl

from receivables.report.page import Page
from receivables.report.spec import TableSpec


def behind_table(page: Page) -> TableSpec:
    """Candidates for every difference, those that explain it first."""
    yes, no = page.text("behind.explains"), ""
    frame = page.data.behind.with_columns(
        page.words("reason", "behind"),
        pl.when("explains").then(pl.lit(yes)).otherwise(pl.lit(no)).alias("explains"),
    )
    shown, notes, _ = page.fit(frame, "behind", page.data.settings.max_issue_rows)
    columns = [
        *page.keys(frame),
        page.column("currency"),
        page.column("amount", "money"),
        page.column("document_no", width=16),
        page.column("customer_id", width=16),
        page.column("posted_on", "date"),
        page.column("entered_on", "date"),
        page.column("explains"),
        page.column("reason", "wrap", width=20),
    ]
    return page.table(
        "Behind_difference", columns, shown, currency_column="currency",
        title=page.text("close.behind"), notes=(page.text("close.behind_note"), *notes),
    )  # fmt: skip
