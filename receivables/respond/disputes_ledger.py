"""Disputes of a ledger as of a date: which clock runs out next, and how much money waits on each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.respond.disputes import clocks, next_clock, steps

CLOCKS: dict[str, pl.DataType] = {
    "dispute_no": pl.String(), "company": pl.String(), "customer_key": pl.String(),
    "customer_id": pl.String(), "name": pl.String(), "document_no": pl.String(),
    "currency": pl.String(), "open": pl.Int64(), "disputed": pl.Int64(), "undisputed": pl.Int64(),
    "reason": pl.String(), "owner": pl.String(), "opened_on": pl.Date(), "age": pl.Int64(),
    "next_step": pl.String(), "due_on": pl.Date(), "days_left": pl.Int64(), "late": pl.Int64(),
    **{f"{step.step}_by": pl.Date() for step in steps()},
}  # fmt: skip
"""One row per open dispute, money in minor units of the document's currency.

`open` is what the document still owes, `disputed` its disputed part (all of it where no amount is
named), `undisputed` the rest: it stays payable. `next_step` is the clock that is not done, `due_on` its
day, `late` how many clocks have run out.
"""


def dispute_clocks(ledger: Ledger, opened: OpenItems) -> pl.DataFrame:
    """Disputes open as of the date, the most pressing first.

    From the Disputes table, and from documents that name a dispute themselves (disputed_on) and
    have no row there.

    Where no dispute bears an acknowledgement, that clock is not asked about.

    Args:
        ledger: Disputes.
        opened: open items as of the date.
    """
    told = pl.concat([_of_table(ledger, opened), _of_documents(ledger, opened)], how="diagonal")
    noted = "acknowledged_on" in told.columns and told["acknowledged_on"].count() > 0
    rows = [_row(row, opened.as_of, noted=noted) for row in told.iter_rows(named=True)]
    frame = pl.DataFrame(rows, schema=CLOCKS, orient="row")
    return frame.sort("days_left", "dispute_no", "document_no", nulls_last=True)


def _row(row: Mapping[str, Any], as_of: date, *, noted: bool) -> dict[str, Any]:
    ends = (row.get("acknowledged_on"), row.get("decided_on"), None)
    known = [day if day and row["opened_on"] <= day else None for day in ends]
    found = clocks(row["opened_on"], as_of, *known)
    # a ledger that notes no acknowledgement at all does not say that there was none
    told = [one for one in found if noted or one.step != steps()[0].step]
    following = next_clock(told)
    owed = row["open"]
    disputed = (
        None if owed is None else owed if row["amount"] is None else min(row["amount"], owed)
    )
    return {name: row.get(name) for name in CLOCKS} | {
        "disputed": disputed if owed is not None else row["amount"],
        "undisputed": None if owed is None or disputed is None else owed - disputed,
        "age": (as_of - row["opened_on"]).days,
        "next_step": following.step if following else "",
        "due_on": following.due_on if following else None,
        "days_left": following.days_left if following else None,
        "late": sum(one.state == "late" for one in told),
        **{f"{one.step}_by": one.due_on for one in found},
    }


def _of_table(ledger: Ledger, opened: OpenItems) -> pl.DataFrame:
    frame = ledger["disputes"]
    wanted = [
        pl.col(name) if name in frame.columns else pl.lit(None, pl.Date).alias(name)
        for name in ("acknowledged_on", "decided_on")
    ]
    standing = (pl.col("opened_on") <= opened.as_of) & (
        pl.col("closed_on").is_null() | (pl.col("closed_on") > opened.as_of)
    )
    made = frame.with_columns(
        folded(frame["customer_id"]).alias("customer_key"),
        folded(frame["document_no"]).alias("document_key"),
        *wanted,
    ).filter(standing)
    owed = _owed(opened)
    whole = owed.group_by("customer_key", "document_key").agg(
        pl.col("open").sum(), pl.col("name").first(), pl.col("currency").first().alias("code"),
        pl.col("company").first().alias("by"),
    )  # fmt: skip
    names = opened.parties.select("customer_key", named="name").unique("customer_key")
    return (
        made.join(whole, on=["customer_key", "document_key"], how="left")
        .join(names, on="customer_key", how="left")
        .with_columns(
            pl.coalesce("name", "named").alias("name"),
            pl.coalesce("code", "currency").alias("currency"),
            pl.coalesce("company", "by").alias("company"),
        )
    )


def _of_documents(ledger: Ledger, opened: OpenItems) -> pl.DataFrame:
    """Documents with a dispute of their own that the table does not know."""
    owed = _owed(opened)
    if "disputed_on" not in owed.columns:
        return owed.clear().select("customer_key")
    until = pl.col("disputed_until") if "disputed_until" in owed.columns else pl.lit(None, pl.Date)
    standing = (pl.col("disputed_on") <= opened.as_of) & (
        until.is_null() | (until >= opened.as_of)
    )
    table = ledger["disputes"]
    known = table.select(
        folded(table["customer_id"]).alias("customer_key"),
        folded(table["document_no"]).alias("document_key"),
    )
    optional = {"disputed_amount": pl.Int64, "dispute_reason": pl.String, "salesperson": pl.String}
    lacking = [pl.lit(None, kind).alias(name) for name, kind in optional.items() if name not in owed.columns]  # fmt: skip
    return (
        owed.with_columns(lacking)
        .filter(standing)
        .join(known, on=["customer_key", "document_key"], how="anti")
        .select(
            "customer_key", "customer_id", "name", "company", "currency", "document_no", "open",
            amount="disputed_amount", reason="dispute_reason", owner="salesperson",
            opened_on="disputed_on",
        )
    )  # fmt: skip


def _owed(opened: OpenItems) -> pl.DataFrame:
    return opened.frame().filter(pl.col("open") > 0, pl.col("table") == "documents")
