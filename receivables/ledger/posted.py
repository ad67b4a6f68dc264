"""The linked ledger: every row knows which row it settles, as integers that any engine can join."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from receivables.errors import Issue

ITEMS = pl.Schema(
    {
        "item": pl.Int64(),
        "doc": pl.Int64(),
        "parts": pl.Int64(),
        "party": pl.Int64(),
        "amount": pl.Int64(),
        "posted_on": pl.Date(),
        "issued_on": pl.Date(),
        "due_on": pl.Date(),
    }
)
"""One row per document, instalment, payment or bill that can be open on some date.

`doc` is the item number of the first instalment of the same document, `parts` how many there are.
A payment that settles one document on the day it is posted can never be open: it is left out.
"""

ADJUSTMENTS = pl.Schema(
    {
        "item": pl.Int64(),
        "amount": pl.Int64(),
        "ready_on": pl.Date(),
        "paid": pl.Boolean(),
        "external": pl.Boolean(),
    }
)
"""Amounts that change what an item is worth: reversals, bounces, recoveries come in pairs that sum
to nil; `external` ones (money noted on the document itself, a dishonoured bill) have no row of
their own. `paid` tells money from credit."""

APPLICATIONS = pl.Schema(
    {
        "source": pl.Int64(),
        "doc": pl.Int64(),
        "part": pl.Int64(),
        "amount": pl.Int64(),
        "ready_on": pl.Date(),
        "matched_on": pl.Date(),
        "until_on": pl.Date(),
        "seq": pl.Int64(),
        "paid": pl.Boolean(),
        "sign": pl.Int64(),
        "kept": pl.Boolean(),
        "source_hard": pl.Boolean(),
        "doc_hard": pl.Boolean(),
    }
)
"""Who settles whom. `ready_on` is the day both rows are posted, `matched_on` the day the matching
was known, `until_on` the day it was undone. `part` names one instalment, else null. `sign` is the
source's, `kept` tells that the source is among the items. The two `hard` flags mark the few rows that could exceed what there is; only these need ordered sums."""


@dataclass(frozen=True, slots=True)
class Posted:
    """The linked ledger as Polars frames of the schemas above.

    `parties`: party, company, account, customer_id, customer_key, name, currency, intercompany and
    the other columns of Customers. `details`: item and every column of the row it came from.
    """

    items: pl.DataFrame
    adjustments: pl.DataFrame
    applications: pl.DataFrame
    parties: pl.DataFrame
    details: pl.DataFrame
    issues: tuple[Issue, ...] = ()
    native: dict[str, object] = field(default_factory=dict)
    """Frames already handed to another engine, so that a second question need not copy them."""
