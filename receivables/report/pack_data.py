"""What the close pack is made of: reserve, speed, disclosure, movement and the sign-off facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import polars as pl

BRIDGE_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "currency": pl.String(),
    "aging_total": pl.Int64(),
    "reclassed": pl.Int64(),
    "intercompany": pl.Int64(),
    "advances": pl.Int64(),
    "dilution": pl.Int64(),
    "specific": pl.Int64(),
    "ecl_base": pl.Int64(),
}
"""aging_total + reclassed − intercompany − advances − dilution − specific = ecl_base."""

POOL_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "currency": pl.String(),
    "bucket": pl.String(),
    "exposure": pl.Int64(),
    "netted": pl.Int64(),
    "collected": pl.Int64(),
    "insured": pl.Int64(),
    "secured": pl.Int64(),
    "rate": pl.Float64(),
    "effective": pl.Float64(),
    "reserve": pl.Int64(),
    "source": pl.String(),
}
"""Provision matrix: reserve = (exposure − netted − collected) × effective, half up."""

CASE_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "currency": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "document_no": pl.String(),
    "exposure": pl.Int64(),
    "rate": pl.Float64(),
    "reserve": pl.Int64(),
    "reason": pl.String(),
}
"""Customers and documents assessed alone; a blank rate = the reserve was given as an amount."""

DILUTION_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "currency": pl.String(),
    "exposure": pl.Int64(),
    "rate": pl.Float64(),
    "reserve": pl.Int64(),
}

ROLL_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "currency": pl.String(),
    "start": pl.Date(),
    "end": pl.Date(),
    "opening": pl.Int64(),
    "charge": pl.Int64(),
    "reversal": pl.Int64(),
    "written_off": pl.Int64(),
    "recovered": pl.Int64(),
    "fx": pl.Int64(),
    "closing": pl.Int64(),
    "booked": pl.Int64(),
}
"""opening + charge − reversal − written_off + recovered + fx = closing, in local currency.

`booked` is the allowance in the general ledger, a credit being positive; null = not given.
"""

JOURNAL_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "entry": pl.String(),
    "side": pl.String(),
    "account": pl.String(),
    "role": pl.String(),
    "currency": pl.String(),
    "amount": pl.Int64(),
}
"""Proposed journal; `side` is Dr or Cr, a blank account was named by nobody."""

BUFFER_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "currency": pl.String(),
    "turnover": pl.Int64(),
    "lowest": pl.Float64(),
    "share": pl.Float64(),
    "highest": pl.Float64(),
    "amount": pl.Int64(),
}
"""Management buffer as a share of turnover: amount = turnover × share, half up."""

SPEED_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "currency": pl.String(),
    "month_end": pl.Date(),
    "days": pl.Int64(),
    "basis": pl.String(),
    "receivables": pl.Int64(),
    "current": pl.Int64(),
    "sales": pl.Int64(),
    "dso": pl.Float64(),
    "best": pl.Float64(),
    "countback": pl.Float64(),
    "delinquent": pl.Float64(),
    "collection_index": pl.Float64(),
    "missing": pl.String(),
}
"""Speed by month end; company "" is the whole firm. `missing` says why a measure is null."""

YEARS_SCHEMA: dict[str, pl.DataType] = {
    "currency": pl.String(),
    "bucket": pl.String(),
    "closing": pl.Int64(),
    "opening": pl.Int64(),
}
"""按账龄: gross balances by year bucket, in the order of the buckets; null opening = not known."""

TOP_SCHEMA: dict[str, pl.DataType] = {
    "currency": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "balance": pl.Int64(),
    "total": pl.Int64(),
    "allowance": pl.Int64(),
}
"""前五名: largest debtors, largest first; `total` is what the share is of."""

MOVES = (
    "new", "other", "paid", "credited", "written_off", "recovered", "bounced", "transferred", "fx",
)  # fmt: skip
"""Columns between opening and closing of a balance."""

MOVEMENT_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "account": pl.String(),
    "currency": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "opening": pl.Int64(),
    **dict.fromkeys(MOVES, pl.Int64()),
    "closing": pl.Int64(),
}
"""opening + Σ moves = closing, each move signed as it acts on the balance.

An optional text column `comment` carries the explanation forward.
"""

REPORTED_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "account": pl.String(),
    "currency": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "reported": pl.Int64(),
    "now_known": pl.Int64(),
}
"""A closed period: balance as reported beside the balance as now known."""

BACKDATED_SCHEMA: dict[str, pl.DataType] = {
    "company": pl.String(),
    "currency": pl.String(),
    "kind": pl.String(),
    "document_no": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "amount": pl.Int64(),
    "posted_on": pl.Date(),
    "entered_on": pl.Date(),
    "why": pl.String(),
}
"""Postings into the closed period that came after the close; amounts as they act."""

EXCEPTION_SCHEMA: dict[str, pl.DataType] = {
    "currency": pl.String(),
    "exception": pl.String(),
    "place": pl.String(),
    "amount": pl.Int64(),
    "since": pl.Date(),
    "explanation": pl.String(),
    "owner": pl.String(),
}
"""Open exceptions with the explanation carried forward from the month before.

`exception` is difference, unreadable, does_not_add_up, or any text.
"""

CHANGE_SCHEMA: dict[str, pl.DataType] = {
    "setting": pl.String(),
    "before": pl.String(),
    "now": pl.String(),
}


def empty(schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """A frame without rows.

    >>> empty(CHANGE_SCHEMA).columns
    ['setting', 'before', 'now']
    """
    return pl.DataFrame(schema=dict(schema))


@dataclass(frozen=True, slots=True)
class ReserveData:
    """The Reserve and Disclosure sheets. Without `pool` no rates were given: the bridge stands alone.

    `notes` are sentences about overlay, scenarios, elections and netting decisions; `why_none`
    says why there is no reserve, where it is not simply that no rates were given.
    """

    bridge: pl.DataFrame
    method: str = ""
    framework: str = ""
    pool: pl.DataFrame = field(default_factory=partial(empty, POOL_SCHEMA))
    cases: pl.DataFrame = field(default_factory=partial(empty, CASE_SCHEMA))
    dilution: pl.DataFrame = field(default_factory=partial(empty, DILUTION_SCHEMA))
    roll: pl.DataFrame = field(default_factory=partial(empty, ROLL_SCHEMA))
    journal: pl.DataFrame = field(default_factory=partial(empty, JOURNAL_SCHEMA))
    buffer: pl.DataFrame = field(default_factory=partial(empty, BUFFER_SCHEMA))
    rated: bool = True
    why_none: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MovementData:
    """The Movement sheet; `materiality` per currency in minor units, none = nothing is marked."""

    start: date
    frame: pl.DataFrame
    materiality: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CloseFacts:
    """What the sign-off block and the closed period show.

    `reported_on` is the day of the earlier close whose figures stand in `reported`; names of
    those who sign are evidence, not control.
    """

    materiality: Mapping[str, int] = field(default_factory=dict)
    prepared: str = ""
    reviewed: str = ""
    rates_version: str = ""
    compared_with: date | None = None
    """Close that `changes` compares with; None = there is no earlier one."""
    changes: pl.DataFrame = field(default_factory=partial(empty, CHANGE_SCHEMA))
    exceptions: pl.DataFrame = field(default_factory=partial(empty, EXCEPTION_SCHEMA))
    reported_on: str = ""
    reported: pl.DataFrame = field(default_factory=partial(empty, REPORTED_SCHEMA))
    backdated: pl.DataFrame = field(default_factory=partial(empty, BACKDATED_SCHEMA))


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Notes beyond what the reserve itself holds: balances by year of age, five largest debtors."""

    years: pl.DataFrame = field(default_factory=partial(empty, YEARS_SCHEMA))
    top: pl.DataFrame = field(default_factory=partial(empty, TOP_SCHEMA))
    opening_on: date | None = None
    """Balance date of the opening balances in `years`."""
