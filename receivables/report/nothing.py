"""Sheets that have nothing to show yet: a living workbook has them from the start, hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import polars as pl

from receivables.report import credit_tables as credit
from receivables.report.admission_sheet import admission_sheet
from receivables.report.approvals_sheet import approvals_sheet
from receivables.report.claims_data import DisputesData, LimitationData, PlansData
from receivables.report.countries_sheet import countries_sheet
from receivables.report.credit_data import WEEK_SCHEMA, WeekData
from receivables.report.deadlines_sheet import deadlines_sheet
from receivables.report.disclosure_sheet import disclosure_sheet
from receivables.report.dispute_clocks_sheet import dispute_clocks_sheet
from receivables.report.dso_sheet import dso_sheet
from receivables.report.dunning_data import DunningData
from receivables.report.dunning_sheet import dunning_sheet
from receivables.report.framework_sheet import framework_sheet
from receivables.report.grades_sheet import grades_sheet
from receivables.report.holds_sheet import holds_sheet
from receivables.report.instruments_sheet import instruments_sheet
from receivables.report.letters_data import LettersData
from receivables.report.letters_sheet import items_sheet, letters_sheet
from receivables.report.limitation_sheet import limitation_sheet
from receivables.report.limits_sheet import limits_sheet
from receivables.report.movement_sheet import movement_sheet
from receivables.report.pack_data import (
    BRIDGE_SCHEMA,
    MOVEMENT_SCHEMA,
    SPEED_SCHEMA,
    MovementData,
    ReserveData,
    empty,
)
from receivables.report.page import Page
from receivables.report.plan_status_sheet import plan_status_sheet
from receivables.report.reserve_sheet import reserve_sheet
from receivables.report.reviews_sheet import reviews_sheet
from receivables.report.spec import SheetSpec
from receivables.report.this_week_sheet import this_week_sheet
from receivables.report.warnings_sheet import warnings_sheet
from receivables.report.worklist_data import CALL_SCHEMA, HELD_SCHEMA, WorklistData
from receivables.report.worklist_sheet import worklist_sheet
from receivables.respond.disputes_ledger import CLOCKS
from receivables.respond.holds_ledger import HOLDS
from receivables.respond.limitation_ledger import DATES
from receivables.respond.plans_ledger import PLANS

Make = Callable[[Page], SheetSpec]
ALWAYS = {"close", "aging", "open_items", "dashboard", "issues", "refresh_log"}
"""Sheets that are shown even where they are empty: that, too, is an answer."""


def missing_sheets(page: Page, made: list[SheetSpec]) -> Iterator[SheetSpec]:
    """Every result sheet that is not made yet, with empty tables, hidden."""
    known = {spec.id for spec in made}
    for sheet_id, make in _sheets(page).items():
        if sheet_id not in known:
            yield replace(make(page), hidden=True)


def hidden_if_empty(spec: SheetSpec) -> SheetSpec:
    """The sheet, hidden while none of its tables has a row."""
    empty_now = all(table.frame.is_empty() for table in spec.tables)
    return replace(spec, hidden=empty_now and spec.id not in ALWAYS)


def _sheets(page: Page) -> dict[str, Make]:
    day = page.data.as_of
    week = WeekData(empty(WEEK_SCHEMA), day)
    reserve = ReserveData(empty(BRIDGE_SCHEMA), rated=False)
    movement = MovementData(day, empty(MOVEMENT_SCHEMA))
    calls = WorklistData(empty(CALL_SCHEMA), empty(HELD_SCHEMA))
    return {
        "reserve": lambda page: reserve_sheet(page, reserve),
        "this_week": lambda page: this_week_sheet(page, week),
        "dso": lambda page: dso_sheet(page, empty(SPEED_SCHEMA)),
        "disclosure": disclosure_sheet,
        "movement": lambda page: movement_sheet(page, movement),
        "worklist": lambda page: worklist_sheet(page, calls),
        **_credit(),
        "framework": framework_sheet,
    }


def _credit() -> dict[str, Make]:
    """Sheets of the credit manager for a firm of which nothing is known."""
    migration = pl.DataFrame(schema={"grade_before": pl.Int64()})
    grades = credit.GradesData(
        empty(credit.GRADE_SCHEMA), empty(credit.SPREAD_SCHEMA), migration, None
    )
    limits = credit.LimitsData(empty(credit.LIMIT_SCHEMA), empty(credit.GROUP_SCHEMA), ())
    warned = credit.WarningsData(empty(credit.WARNING_SCHEMA), empty(credit.ACTION_SCHEMA))
    countries = credit.CountriesData(empty(credit.COUNTRY_SCHEMA), {}, 0)
    deadlines = credit.DeadlinesData(empty(credit.ITEM_SCHEMA), empty(credit.BUYER_SCHEMA))
    approvals = credit.ApprovalsData(
        empty(credit.WAITING_SCHEMA), empty(credit.UNAPPROVED_SCHEMA),
        empty(credit.OVERRIDE_SCHEMA), empty(credit.PERSON_SCHEMA), "none",
    )  # fmt: skip
    reviews = credit.ReviewsData(empty(credit.REVIEW_SCHEMA), empty(credit.TRAINING_SCHEMA))
    instruments = credit.InstrumentsData(empty(credit.INSTRUMENT_SCHEMA))
    admission = credit.AdmissionData(empty(credit.ADMISSION_SCHEMA))
    return {
        "grades": partial(grades_sheet, data=grades),
        "limits": partial(limits_sheet, data=limits),
        "warnings": partial(warnings_sheet, data=warned),
        "countries": partial(countries_sheet, data=countries),
        "insurance_deadlines": partial(deadlines_sheet, data=deadlines),
        "instruments": partial(instruments_sheet, data=instruments),
        "approvals": partial(approvals_sheet, data=approvals),
        "reviews": partial(reviews_sheet, data=reviews),
        "admission": partial(admission_sheet, data=admission),
        "dunning": partial(dunning_sheet, data=DunningData()),
        "letters": partial(letters_sheet, data=LettersData()),
        "letter_items": partial(items_sheet, data=LettersData()),
        "order_holds": partial(holds_sheet, data=credit.HoldsData(empty(HOLDS))),
        "plan_status": partial(plan_status_sheet, data=PlansData(empty(PLANS))),
        "dispute_clocks": partial(dispute_clocks_sheet, data=DisputesData(empty(CLOCKS))),
        "limitation": partial(limitation_sheet, data=LimitationData(empty(DATES))),
    }
