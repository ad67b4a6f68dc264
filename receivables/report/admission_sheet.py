"""The Admission sheet: new customers, what the gate decides, and the register to look them up in."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import ADMISSION_SCHEMA, AdmissionData
from receivables.report.labels import sheet
from receivables.report.page import Page
from receivables.report.spec import SheetSpec, TableSpec


def admission_sheet(page: Page, data: AdmissionData) -> SheetSpec:
    """One table: decision, failed rules, reasons, register."""
    seen = data.frame["decision"].to_list()
    counts = {name: f"{seen.count(name):,}" for name in ("fail", "conditional")}
    line = page.text("admission.counts", count=f"{len(seen):,}", **counts)
    shown, notes, overflow = page.fit(data.frame, "admission")
    head = page.head("admission.title", line, page.text("admission.note"))
    table = _table(page, shown, notes)
    open_, refused = (page.term("admission", name) for name in ("conditional", "fail"))
    return page.sheet(
        "admission", [head, table], overflow=overflow, light_states=(page.term("admission", "pass"), open_, refused)
    )  # fmt: skip


def _table(page: Page, frame: pl.DataFrame, notes: tuple[str, ...]) -> TableSpec:
    columns = [
        page.column("decision", heading=page.text("admission.decision")),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("country"),
        page.column("since", "date", heading=page.text("admission.since")),
        page.column("registration_no", heading=page.text("admission.registration_no")),
        *page.if_filled(frame, "grade", "int"),
        page.column("reasons", "wrap", heading=page.text("admission.reasons"), width=44),
        page.column("registry", heading=page.text("admission.registry"), width=30),
        page.column("url", heading=page.text("admission.url"), width=40),
    ]
    told = frame.select(*ADMISSION_SCHEMA).with_columns(page.words("decision", "admission"))
    return page.table(
        sheet("admission", page.language)[1], columns, told, notes=notes, light="decision"
    )
