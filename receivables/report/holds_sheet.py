"""The Order holds sheet: open orders that wait, why, and who let them go."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import HoldsData
from receivables.report.labels import sheet, terms
from receivables.report.page import Page
from receivables.report.spec import SheetSpec
from receivables.respond.holds_ledger import HOLDS
from receivables.respond.order_hold import HoldPolicy

ORDER = ("hold", "released", "ok")


def holds_sheet(page: Page, data: HoldsData) -> SheetSpec:
    """Held orders first, then those released by hand, then the free ones."""
    states = data.frame["state"].to_list()
    line = page.text("holds.counts", **{name: f"{states.count(name):,}" for name in ORDER})
    note = page.text("holds.note", days=f"{HoldPolicy.of().release_days:g}")
    rank = pl.col("state").replace_strict({name: at for at, name in enumerate(ORDER)}, default=9)
    ranked = data.frame.select(*HOLDS).sort(rank, "ordered_on", "order_no", nulls_last=True)
    shown, notes, overflow = page.fit(ranked, "order_holds")
    words = terms("hold", page.language)
    frame = shown.with_columns(
        page.words("state", "hold"),
        pl.col("reasons").str.split("+").list.eval(pl.element().replace(words)).list.join("; "),
        pl.col("limit").alias("order_limit"),
    )
    more = page.if_filled(frame, "note", width=40)
    columns = [
        page.column("state"),
        page.column("order_no"),
        page.column("ordered_on", "date"),
        page.column("customer_id"),
        page.column("name", width=26),
        page.column("currency"),
        page.column("amount", "money", total=True, strong=True),
        page.column("exposure", "money"),
        page.column("order_limit", "money"),
        page.column("overdue_days", "int"),
        page.column("released_by"),
        page.column("released_on", "date"),
        page.column("reasons", width=60),
        *more,
    ]
    table = page.table(
        sheet("order_holds", page.language)[1], columns, frame, currency_column="currency",
        title=page.text("holds.list"), notes=notes, light="state",
    )  # fmt: skip
    held, released, free = (page.term("hold", name) for name in ORDER)
    return page.sheet(
        "order_holds", [page.head("holds.title", line, note), table], overflow=overflow,
        light_states=(free, released, held),
    )  # fmt: skip
