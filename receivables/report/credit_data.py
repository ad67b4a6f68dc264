"""What the credit manager's sheets are made of; whatever is None or empty gets no sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from receivables.report.claims_data import DisputesData, LimitationData, PlansData
from receivables.report.credit_tables import (
    AdmissionData,
    ApprovalsData,
    CountriesData,
    DeadlinesData,
    GradesData,
    HoldsData,
    InstrumentsData,
    LimitsData,
    ReviewsData,
    WarningsData,
)
from receivables.report.dunning_data import DunningData

WEEK_SCHEMA: dict[str, pl.DataType] = {
    "task": pl.String(),
    "act_by": pl.Date(),
    "days_left": pl.Int64(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "what": pl.String(),
    "currency": pl.String(),
    "amount": pl.Int64(),
    "who": pl.String(),
    "sheet": pl.String(),
}
"""One thing to do per row: `task` is one of `TASKS`, `act_by` null = now, `sheet` the id of the
sheet that says more, amount in minor units, null = none."""

TASKS = (
    "insurer",
    "insolvency",
    "hold",
    "promise",
    "letter",
    "plan",
    "dispute",
    "approval",
    "review",
)
"""Kinds of things to do, the dearest to miss first."""


@dataclass(frozen=True, slots=True)
class WeekData:
    """Everything due up to `until` and all that is overdue (WEEK_SCHEMA)."""

    frame: pl.DataFrame
    until: date


@dataclass(frozen=True, slots=True)
class DashboardData:
    """Tables of figures of the four lines: name of the table, and its frame.

    Which columns there may be, and how each is shown, is in `dashboard_sheet.KINDS`.
    """

    tables: Sequence[tuple[str, pl.DataFrame]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class CreditData:
    """The credit manager's part of the report."""

    week: WeekData | None = None
    dashboard: DashboardData | None = None
    grades: GradesData | None = None
    limits: LimitsData | None = None
    warnings: WarningsData | None = None
    countries: CountriesData | None = None
    deadlines: DeadlinesData | None = None
    instruments: InstrumentsData | None = None
    approvals: ApprovalsData | None = None
    reviews: ReviewsData | None = None
    admission: AdmissionData | None = None
    dunning: DunningData | None = None
    holds: HoldsData | None = None
    plans: PlansData | None = None
    disputes: DisputesData | None = None
    limitation: LimitationData | None = None
