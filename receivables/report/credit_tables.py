"""The tables behind the credit manager's sheets: columns, and what each sheet is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from receivables.assess import admission_table, requests, training
from receivables.monitor import country_ledger

GRADE_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "grade": pl.Int64(),
    "grade_before": pl.Int64(),
    "change": pl.Int64(),
    "class": pl.String(),
    "score": pl.Float64(),
    "confidence": pl.Float64(),
    "reasons": pl.String(),
    "caps": pl.String(),
    "missing": pl.String(),
    "problem": pl.String(),
}
"""What the sheet shows of `refresh.grade.GradeAnswer.frame`."""

SPREAD_SCHEMA: dict[str, pl.DataType] = {
    "grade": pl.Int64(),
    "customers": pl.Int64(),
    "customers_before": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class GradesData:
    """Grades (GRADE_SCHEMA), customers by grade (SPREAD_SCHEMA), and grade before × grade now.

    `migration`: grade_before and a column g1, g2, … per grade; `before` is the day compared with, None
    where the ledger had not begun.
    """

    frame: pl.DataFrame
    spread: pl.DataFrame
    migration: pl.DataFrame
    before: date | None


LIMIT_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "group_id": pl.String(),
    "currency": pl.String(),
    "exposure": pl.Int64(),
    "limit": pl.Int64(),
    "limit_from": pl.Date(),
    "insured_limit": pl.Int64(),
    "usable": pl.Int64(),
    "insured_part": pl.Int64(),
    "own_part": pl.Int64(),
    "headroom": pl.Int64(),
    "used": pl.Float64(),
    "state": pl.String(),
    "binding": pl.String(),
    "parts": pl.String(),
}
"""What the sheet shows of `refresh.limits.LimitsAnswer.frame`, beside the components and `suggested`."""

GROUP_SCHEMA: dict[str, pl.DataType] = {
    "group_id": pl.String(),
    "members": pl.Int64(),
    "currency": pl.String(),
    "exposure": pl.Int64(),
    "limit": pl.Int64(),
    "headroom": pl.Int64(),
    "used": pl.Float64(),
    "state": pl.String(),
}


@dataclass(frozen=True, slots=True)
class LimitsData:
    """Limits (LIMIT_SCHEMA and a column per component of `counted`), gravest first, and groups.

    Money in minor units; `counts` is customers by state.
    """

    frame: pl.DataFrame
    groups: pl.DataFrame
    counted: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


WARNING_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "country": pl.String(),
    "currency": pl.String(),
    "exposure": pl.Int64(),
    "overdue": pl.Int64(),
    "disputed": pl.Int64(),
    "days_late": pl.Int64(),
    "signals": pl.Int64(),
    "grade_now": pl.Int64(),
    "grade_before": pl.Int64(),
    "days_until": pl.Float64(),
    "earliest": pl.Float64(),
    "latest": pl.Float64(),
    "within": pl.String(),
    "trigger": pl.String(),
    "level": pl.String(),
    "evidence": pl.String(),
}
"""What the sheet shows of `monitor.warnings.Warnings.frame`, gravest first."""

ACTION_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "level": pl.String(),
    "action": pl.String(),
    "recommendation": pl.String(),
    "share": pl.Float64(),
    "amount": pl.Int64(),
    "owner": pl.String(),
    "act_by": pl.Date(),
}
"""Recommended responses, `monitor.warnings.Warnings.actions`."""


@dataclass(frozen=True, slots=True)
class WarningsData:
    """Warnings (WARNING_SCHEMA) and responses (ACTION_SCHEMA); money in minor units."""

    frame: pl.DataFrame
    actions: pl.DataFrame


COUNTRY_SCHEMA = country_ledger.SCHEMA
"""`monitor.country_ledger.CountryExposure.frame`, largest first; alpha2 "" = no known country."""

MOVE_SCHEMA = country_ledger.MOVED
"""Country ratings that moved, worst first; direction: down, up, rescaled, new, gone."""


@dataclass(frozen=True, slots=True)
class CountriesData:
    """Exposure by country (COUNTRY_SCHEMA), every country's class, and what moved (MOVE_SCHEMA)."""

    frame: pl.DataFrame
    risk: Mapping[str, str]
    stale_days: int
    moves: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MOVE_SCHEMA))
    since: date | None = None


ITEM_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "document_no": pl.String(),
    "currency": pl.String(),
    "policy_no": pl.String(),
    "due_on": pl.Date(),
    "ledger_open": pl.Int64(),
    "insurer_open": pl.Int64(),
    "insured": pl.Int64(),
    "at_stake": pl.Int64(),
    "reasons": pl.String(),
    "extension_ends": pl.Date(),
    "notify": pl.Date(),
    "act_by": pl.Date(),
    "days_left": pl.Int64(),
    "claim_from": pl.Date(),
    "claim_by": pl.Date(),
    "reported_on": pl.Date(),
    "state": pl.String(),
    "this_week": pl.Boolean(),
    "action": pl.String(),
}
"""What the sheet shows of `transfer.insurance_ledger.Insurance.items`, most urgent first."""

BUYER_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "insurer_open": pl.Int64(),
    "insured": pl.Int64(),
    "uninsured": pl.Int64(),
    "missed": pl.Int64(),
    "indemnity": pl.Int64(),
    "stop_ship": pl.Date(),
    "stop_now": pl.Boolean(),
    "policy_no": pl.String(),
}
"""What the sheet shows of `transfer.insurance_ledger.Insurance.buyers`."""


@dataclass(frozen=True, slots=True)
class DeadlinesData:
    """Insured debt (ITEM_SCHEMA) and buyers (BUYER_SCHEMA); money in minor units."""

    items: pl.DataFrame
    buyers: pl.DataFrame


INSTRUMENT_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "country": pl.String(),
    "market": pl.String(),
    "grade": pl.Int64(),
    "currency": pl.String(),
    "open": pl.Int64(),
    "insured": pl.Int64(),
    "instrument": pl.String(),
}
"""One row per customer and currency that owes; `instrument` is null where no market is said."""

COST_SCHEMA: dict[str, pl.DataType] = {
    "instrument": pl.String(),
    "currency": pl.String(),
    "amount": pl.Int64(),
    "days": pl.Int64(),
    "funding": pl.Int64(),
    "charges": pl.Int64(),
    "expected_loss": pl.Int64(),
    "cost": pl.Int64(),
    "of_invoice": pl.Float64(),
    "note": pl.String(),
}
"""`transfer.instrument_cost` of an invoice, in minor units; null = a term is missing."""


@dataclass(frozen=True, slots=True)
class InstrumentsData:
    """Recommended instruments (INSTRUMENT_SCHEMA) and, where offers are known, costs (COST_SCHEMA)."""

    frame: pl.DataFrame
    costs: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COST_SCHEMA))


WAITING_SCHEMA = requests.REQUESTS
"""`refresh.limits.ApprovalsAnswer.waiting`, oldest first."""

UNAPPROVED_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "kind": pl.String(),
    "amount": pl.Int64(),
    "currency": pl.String(),
    "valid_from": pl.Date(),
    "signed": pl.Int64(),
    "needed": pl.Int64(),
}

OVERRIDE_SCHEMA: dict[str, pl.DataType] = {
    "salesperson": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "kind": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "decided_by": pl.String(),
    "decided_on": pl.Date(),
    "running": pl.Boolean(),
}

PERSON_SCHEMA: dict[str, pl.DataType] = {
    "salesperson": pl.String(),
    "overrides": pl.Int64(),
    "running": pl.Int64(),
    "customers": pl.Int64(),
    "without_reason": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class ApprovalsData:
    """Waiting requests, limits without signatures, exceptions one by one and by salesperson.

    `chain`: holds, broken, or none where the rows bear no hashes; `last_hash` is printed, so that a
    signed report shows rows cut off later.
    """

    waiting: pl.DataFrame
    unapproved: pl.DataFrame
    overrides: pl.DataFrame
    by_salesperson: pl.DataFrame
    chain: str
    last_hash: str = ""


REVIEW_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "exposure": pl.Int64(),
    "last_review": pl.Date(),
    "due_on": pl.Date(),
    "days": pl.Int64(),
    "reasons": pl.String(),
    "reviewed_by": pl.String(),
}
"""`assess.reviews.reviews`, due ones first."""

TRAINING_SCHEMA = training.TRAINING


@dataclass(frozen=True, slots=True)
class ReviewsData:
    """Reviews due (REVIEW_SCHEMA) and everybody who sells beside the register (TRAINING_SCHEMA)."""

    frame: pl.DataFrame
    training: pl.DataFrame


ADMISSION_SCHEMA = admission_table.ADMISSION
"""`assess.admission_table.new_customers`, the refused first."""


@dataclass(frozen=True, slots=True)
class AdmissionData:
    """New customers (ADMISSION_SCHEMA)."""

    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class HoldsData:
    """Open orders: the columns of `respond.holds_ledger.HOLDS`; money in minor units."""

    frame: pl.DataFrame
