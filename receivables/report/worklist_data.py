"""What the sheets Worklist and Refresh log are made of."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

CALL_SCHEMA: dict[str, pl.DataType] = {
    "place": pl.Int64(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "why": pl.String(),
    "overdue": pl.Int64(),
    "oldest_days": pl.Int64(),
    "open": pl.Int64(),
    "disputed": pl.Int64(),
    "unapplied": pl.Int64(),
    "promised_on": pl.Date(),
    "promised": pl.Int64(),
    "last_on": pl.Date(),
    "last_how": pl.String(),
    "last_note": pl.String(),
    "next_on": pl.Date(),
    "agreed": pl.String(),
    "contact": pl.String(),
    "phone": pl.String(),
    "who": pl.String(),
}
"""One customer to call in one currency, the dearest to miss first."""

HELD_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "overdue": pl.Int64(),
    "hold": pl.String(),
    "hold_on": pl.Date(),
}
"""Customers with a reason who are not to be called: `insolvent` since, `on_hold` until."""

LOG_SCHEMA: dict[str, pl.DataType] = {
    "refreshed_at": pl.String(),
    "as_of": pl.Date(),
    "previous": pl.Date(),
    "open_items": pl.Int64(),
    "issues": pl.Int64(),
    "tie_out": pl.String(),
    "ledger_sha256": pl.String(),
    "program": pl.String(),
}
"""One refresh: when, for which date, compared with which, what was found, from which file.

`tie_out` is good, neutral or bad; `ledger_sha256` is of the workbook as it was read.
"""


@dataclass(frozen=True, slots=True)
class WorklistData:
    """Calls (CALL_SCHEMA), who is left out (HELD_SCHEMA), and the currency debts are compared in."""

    frame: pl.DataFrame
    held: pl.DataFrame
    compared_in: str = ""
