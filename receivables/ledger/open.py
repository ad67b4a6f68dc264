"""What each document still owes as of a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import narwhals as nw
import polars as pl


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Open items as of a date.

    `items` is a narwhals lazy frame of the chosen engine with the columns
    item (int64 key), party (int64 key), due_on, issued_on (dates, may be null), credit (bool:
    unapplied cash, credit note or any other negative row), amount, paid, credited, open
    (int64 minor units, signed; amount − paid − credited = open; open is never 0).
    `parties` (party, company, account, customer_id, name, currency, intercompany, and every other
    column of Customers) and `details` (item, document_no, instalment, kind, table, posted_on,
    entered_on, amount_lc, monetary, salesperson, … and the user's extra columns, _source, _row)
    are small-to-medium Polars tables to join on.
    """

    as_of: date
    match_cutoff: date
    items: nw.LazyFrame
    parties: pl.DataFrame
    details: pl.DataFrame

    def frame(self) -> pl.DataFrame:
        """Open items with party and document columns, one row each, as a Polars frame."""
        raise NotImplementedError
