"""What each document still owes as of a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl

from receivables.errors import BadValueError
from receivables.ledger import settle
from receivables.ledger.engines import collect, frames
from receivables.ledger.fifo import fifo_items
from receivables.ledger.posted import Posted
from receivables.money import as_money

COLUMNS = ("item", "party", "issued_on", "due_on", "credit", "amount", "paid", "credited", "open")


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Open items as of a date.

    `items` is a narwhals lazy frame of the chosen engine with the columns
    item (int64 key), party (int64 key), issued_on, due_on (dates, may be null), credit (bool:
    unapplied cash, credit note or any other negative row), amount, paid, credited, open
    (int64 minor units, signed; amount − paid − credited = open; open is never 0).
    `applied` holds the applications that count: source, doc, amount, matched_on, paid.
    `parties` (party, company, account, customer_id, name, currency, intercompany, and every other
    column of Customers) and `details` (item, document_no, instalment, kind, table, posted_on,
    entered_on, amount_lc, … and the user's extra columns) are Polars tables to join on.
    """

    as_of: date
    match_cutoff: date
    items: nw.LazyFrame[Any]
    applied: nw.LazyFrame[Any]
    parties: pl.DataFrame
    details: pl.DataFrame

    def frame(self) -> pl.DataFrame:
        """Open items with party and document columns, one row each, as a Polars frame."""
        items = collect(self.items)
        own = set(items.columns) | {"company", "account", "currency"}
        details = self.details.drop(own - {"item"}, strict=False)
        parties = self.parties.drop(set(details.columns) & set(self.parties.columns), strict=False)
        return (
            items.join(parties, on="party", how="left", maintain_order="left")
            .join(details, on="item", how="left", maintain_order="left")
            .with_columns(
                (pl.lit(self.as_of) - pl.col("due_on")).dt.total_days().alias("days_past_due")
            )
            .sort("item")
        )


def open_items(
    posted: Posted,
    as_of: date,
    *,
    match_cutoff: date | None = None,
    unapplied: str = "keep",
    engine: str = "polars",
) -> OpenItems:
    """Open items of a linked ledger as of a date; nothing posted later is there.

    Args:
        posted: the linked ledger.
        as_of: balance date; `posted_on` decides what is in.
        match_cutoff: matchings known up to this day count; default `as_of`, never earlier.
        unapplied: `keep` leaves unapplied cash a row of its own, `fifo` settles the customer's
            oldest open item first.
        engine: polars, duckdb, pandas or pyspark.

    Raises:
        BadValueError: `match_cutoff` before `as_of`, unknown engine or option.
    """
    cutoff = match_cutoff or as_of
    if cutoff < as_of:
        raise BadValueError(
            f"Matching cut-off {cutoff} lies before the as-of date {as_of}. "
            "Leave it out, or give a later day."
        )
    if unapplied not in {"keep", "fifo"}:
        raise BadValueError(f"unapplied is '{unapplied}'; give keep or fifo.")
    standing, applied = positions(posted, as_of, cutoff, engine=engine)
    items = standing.filter(nw.col("open") != 0).with_columns(credit=nw.col("open") < 0)
    items = items.select(*COLUMNS)
    if unapplied == "fifo":
        items = fifo_items(items)
    return OpenItems(as_of, cutoff, items, applied, posted.parties, posted.details)


def positions(
    posted: Posted, as_of: date, cutoff: date, *, engine: str = "polars"
) -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """Every item posted by `as_of` with what it owes, settled ones (open = 0) included.

    Returns:
        Items with amount, paid, credited and open; and the applications that count.
    """
    native = frames(posted, engine)
    items = settle.worth(native["items"], native["adjustments"], as_of, posted)
    known = native["applications"].filter(
        nw.col("ready_on") <= nw.lit(as_of), nw.col("matched_on") <= nw.lit(cutoff)
    )
    if posted.applications["until_on"].null_count() < posted.applications.height:
        ended = nw.col("until_on")
        known = known.filter(ended.is_null() | (ended > nw.lit(cutoff)))
    listed = settle.effective(known.filter(~nw.col("inline")), items, posted)
    inline = known.filter(nw.col("inline")).select(*settle.APPLIED)
    applied = nw.concat([inline, listed])
    totals = settle.totals(listed, inline)
    single = settle.single_documents(items, totals, as_of, cutoff)
    if (posted.items["parts"] > 1).any():
        instalments = settle.instalments(items, totals, applied)
        single = nw.concat([single.filter(nw.col("parts") == 1), instalments])
    signed = nw.when(nw.col("live") < 0).then(-1).otherwise(1)
    standing = single.with_columns(
        open=nw.col("live") - signed * nw.col("settled"),
        paid=signed * nw.col("money") - nw.col("adjusted_paid"),
    ).with_columns(credited=nw.col("amount") - nw.col("paid") - nw.col("open"))
    return standing.with_columns(*as_money("open", "paid", "credited")), applied
