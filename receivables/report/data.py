"""What a report is made of: plain tables and figures, put together by the month-end refresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from receivables.errors import Issue
from receivables.ledger.difference import SCHEMA as BEHIND_SCHEMA
from receivables.ledger.tieout import TieOut
from receivables.report.credit_data import CreditData
from receivables.report.letters_data import LettersData
from receivables.report.pack_data import CloseFacts, Disclosure, MovementData, ReserveData
from receivables.report.worklist_data import WorklistData
from receivables.settings import Settings

__all__ = ["BridgeLine", "Concentration", "ReportData", "SourceFile", "TieOut"]

NEVER = date(1980, 1, 1)
"""As-of date of a workbook that was not refreshed yet: nothing prints it."""

AGING_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "account": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "open": pl.Int64(),
    "unapplied": pl.Int64(),
    "over_30": pl.Int64(),
}
"""Aging by customer, plus one int64 column per bucket (b0, b1, …) and, if known, `prior`."""

ITEMS_SCHEMA: dict[str, pl.DataType] = {
    "document_no": pl.String(),
    "instalment": pl.String(),
    "kind": pl.String(),
    "company": pl.String(),
    "account": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "issued_on": pl.Date(),
    "due_on": pl.Date(),
    "days_past_due": pl.Int64(),
    "bucket": pl.String(),
    "amount": pl.Int64(),
    "paid": pl.Int64(),
    "credited": pl.Int64(),
    "open": pl.Int64(),
    "disputed_amount": pl.Int64(),
    "promised_on": pl.Date(),
    "dispute_reason": pl.String(),
    "salesperson": pl.String(),
    "subsequent": pl.Int64(),
}
"""Open items. A column that is missing, or holds nothing, is left out of the sheet."""

CONCENTRATION_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "open": pl.Int64(),
    "share": pl.Float64(),
    "cumulative": pl.Float64(),
}

CREDIT_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "account": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "debits": pl.Int64(),
    "credits": pl.Int64(),
    "balance": pl.Int64(),
}
"""Customers whose balance is negative; debits + credits = balance."""

CUT_OFF_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "document_no": pl.String(),
    "company": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "amount": pl.Int64(),
    "posted_on": pl.Date(),
    "issued_on": pl.Date(),
    "delivered_on": pl.Date(),
    "entered_on": pl.Date(),
    "days": pl.Int64(),
    "finding": pl.String(),
}
"""Documents and payments around the as-of date; `days` = posted − as-of. `finding` is one of
posted_before, posted_after, entered_after, credit_after, in_window, or any text."""


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """Document currency → carrying amount → closing rate, the last two in `local_currency`.

    Company and account may stay empty where the bridge is made per currency.
    """

    company: str
    account: str
    currency: str
    amount: int
    local_currency: str
    carrying: int | None
    """None = the books name no carrying amount for some item: no difference is shown."""
    rate: str
    closing: int
    rounding: int = 0


@dataclass(frozen=True, slots=True)
class Concentration:
    """Largest balances of one currency; shares are of all debit balances."""

    currency: str
    frame: pl.DataFrame
    hhi: float
    total: int
    customers: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file the report was made from."""

    name: str
    sha256: str = ""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything `build` needs; money in minor units throughout.

    `aging` (AGING_SCHEMA + b0, b1, …), `items` (ITEMS_SCHEMA), `credit_balances` (CREDIT_SCHEMA)
    and `cut_off` (CUT_OFF_SCHEMA) hold all currencies, told apart by `currency`. `bucket_labels`
    are those of the aging, youngest first. `set_aside` is `Ledger.set_aside` with the columns file,
    sheet, cell, message and cure of its Issue where known. The close pack (`reserve`, `speed`,
    `disclosure`, `movement`, `close`) and the credit manager's part (`credit`) are optional: what is
    None gets no sheet.
    """

    as_of: date
    settings: Settings
    bucket_labels: Sequence[str]
    tie_outs: Sequence[TieOut]
    aging: pl.DataFrame
    items: pl.DataFrame
    concentration: Sequence[Concentration] = ()
    credit_balances: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=CREDIT_SCHEMA)
    )
    cut_off: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CUT_OFF_SCHEMA))
    issues: Sequence[Issue] = ()
    set_aside: pl.DataFrame = field(default_factory=pl.DataFrame)
    bridge: Sequence[BridgeLine] = ()
    sources: Sequence[SourceFile] = ()
    behind: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BEHIND_SCHEMA))
    firm: str = ""
    prior_as_of: date | None = None
    match_cutoff: date | None = None
    subsequent_to: date | None = None
    notes: Sequence[str] = ()
    reserve: ReserveData | None = None
    speed: pl.DataFrame | None = None
    """SPEED_SCHEMA."""
    disclosure: Disclosure = field(default_factory=Disclosure)
    movement: MovementData | None = None
    close: CloseFacts | None = None
    credit: CreditData | None = None
    worklist: WorklistData | None = None
    letters: LettersData | None = None
