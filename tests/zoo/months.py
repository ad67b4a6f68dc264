"""Two month ends of a small firm, as sheets: in the second a customer is gone and four are new."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.report.spec import Cell, ChartSpec, ColumnSpec, SheetSpec, TableSpec, TextSpec

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 31)
OPEN = {
    SEPTEMBER: {"00123": 100_00, "K-2": 80_05, "K-3": 60_00, "K-4": 40_00, "K-5": 20_00},
    OCTOBER: {
        "K-4": 140_00, "00123": 101_00, "K-7": 90_00, "K-2": 70_05, "K-5": 20_00,
        "K-6": 15_00, "K-8": 9_99, "K-9": 0,
    },
}  # fmt: skip
"""Minor units by customer, in the order of the sheet; K-3 is gone in October."""

COLUMNS = (
    ColumnSpec("customer", "Customer"),
    ColumnSpec("open", "Open", "money", total=True),
    ColumnSpec("due_on", "Due on", "date"),
    ColumnSpec("share", "Share", "percent", formula="share_formula", bar=True),
    ColumnSpec("note", "Note", "wrap", typed=True),
)


def rows(as_of: date, most: int = 99) -> pl.DataFrame:
    held = dict([*OPEN[as_of].items()][:most])
    total = sum(held.values())
    return pl.DataFrame(
        {
            "customer": list(held),
            "open": list(held.values()),
            "due_on": [date(2026, 8, 10 + n) for n in range(len(held))],
            "share": [value / total for value in held.values()],
            "share_formula": ["[@open]/SUM(Aging[open])"] * len(held),
            "note": [None] * len(held),
        },
        schema_overrides={"note": pl.String},
    )


def aging(as_of: date, most: int = 99) -> SheetSpec:
    """A title, the table, a chart beside it, and a second table below that grows too."""
    frame = rows(as_of, most)
    table = TableSpec(
        "Aging", COLUMNS, frame, currency="EUR", title="By customer", total_label="Total",
        key=("customer",),
    )  # fmt: skip
    buckets = frame.head(3 if as_of == SEPTEMBER else 5).select(
        bucket=pl.format("{} d", pl.int_range(1, pl.len() + 1)), amount="open"
    )
    below = TableSpec(
        "Buckets", (ColumnSpec("bucket", "Bucket"), ColumnSpec("amount", "Amount", "money")),
        buckets, currency="EUR", key=("bucket",),
    )  # fmt: skip
    title = TextSpec(((Cell(0, f"Aging {as_of}", "title"),), (Cell(0, ""),)))
    chart = ChartSpec("bar", "Largest", "Aging", ("open",), "customer", limit=3, beside=True)
    return _sheet("aging", "Aging", (title, table, below, chart), as_of)


def close(as_of: date) -> SheetSpec:
    """A sheet that only shows what another holds."""
    total = sum(OPEN[as_of].values()) / 100
    line = (Cell(0, "Open"), Cell(1, str(total), formula="SUM(Aging[open])"))
    return _sheet("close", "Close", (TextSpec((line,)),), as_of)


def month(as_of: date, most: int = 99) -> list[SheetSpec]:
    """The sheets of a month end, of the first customers only if so asked."""
    return [close(as_of), aging(as_of, most)]


def _sheet(sheet_id: str, label: str, blocks: tuple, as_of: date) -> SheetSpec:
    return SheetSpec(
        id=sheet_id, label=label, blocks=blocks, header=("Firm", label, str(as_of)),
        footer=("", "", ""), paper="A4", as_of=as_of, frozen="Aging" if label == "Aging" else "",
    )  # fmt: skip
