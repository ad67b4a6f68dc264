"""Lay out the month-end report: figures in, sheets out. Nothing is computed that was not given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from receivables.errors import BadValueError
from receivables.report import pack_data as pack
from receivables.report.admission_sheet import admission_sheet
from receivables.report.aging_sheet import aging_sheet
from receivables.report.approvals_sheet import approvals_sheet
from receivables.report.close_sheet import close_sheet
from receivables.report.countries_sheet import countries_sheet
from receivables.report.dashboard_sheet import dashboard_sheet
from receivables.report.data import (
    AGING_SCHEMA,
    CREDIT_SCHEMA,
    CUT_OFF_SCHEMA,
    ITEMS_SCHEMA,
    ReportData,
)
from receivables.report.deadlines_sheet import deadlines_sheet
from receivables.report.disclosure_sheet import disclosure_sheet
from receivables.report.dispute_clocks_sheet import dispute_clocks_sheet
from receivables.report.dso_sheet import dso_sheet
from receivables.report.dunning_sheet import dunning_sheet
from receivables.report.framework_sheet import framework_sheet
from receivables.report.grades_sheet import grades_sheet
from receivables.report.holds_sheet import holds_sheet
from receivables.report.instruments_sheet import instruments_sheet
from receivables.report.letters_sheet import items_sheet, letters_sheet
from receivables.report.limitation_sheet import limitation_sheet
from receivables.report.limits_sheet import limits_sheet
from receivables.report.lists import LISTS
from receivables.report.movement_sheet import movement_sheet
from receivables.report.nothing import hidden_if_empty, missing_sheets
from receivables.report.page import Page
from receivables.report.plan_status_sheet import plan_status_sheet
from receivables.report.reserve_sheet import reserve_sheet
from receivables.report.reviews_sheet import reviews_sheet
from receivables.report.spec import SHEET_ROWS, SheetSpec
from receivables.report.this_week_sheet import this_week_sheet
from receivables.report.warnings_sheet import warnings_sheet
from receivables.report.worklist_sheet import worklist_sheet
from receivables.resources import data_rows


def build(
    data: ReportData, *, sheet_rows: int = SHEET_ROWS, living: bool = False
) -> list[SheetSpec]:
    """Sheets of the report in the order a controller opens them.

    Args:
        data: figures of the month end.
        sheet_rows: rows of a sheet; a longer table lists its first rows and is kept whole in a
            parquet file beside the workbook.
        living: for a workbook that is refreshed month after month: every sheet and column is there
            from the start, and what has nothing to show yet is hidden.
    """
    _check(data)
    page = Page(data, sheet_rows - 200 if sheet_rows == SHEET_ROWS else sheet_rows, living)
    made = [
        close_sheet(page),
        aging_sheet(page),
        dashboard_sheet(page),
        *(make(page) for make in LISTS),
        *_pack(page),
        *_credit(page),
    ]
    if living:
        made = [hidden_if_empty(spec) for spec in made]
        made += missing_sheets(page, made)
    order = {row["id"]: int(row["order"]) for row in data_rows("sheets.csv")}
    return sorted(made, key=lambda spec: order[spec.id])


def _pack(page: Page) -> list[SheetSpec]:
    """Sheets of the close pack that have something to show."""
    data = page.data
    sheets = []
    if data.reserve:
        sheets.append(reserve_sheet(page, data.reserve))
    if data.speed is not None and data.speed.height:
        sheets.append(dso_sheet(page, data.speed))
    noted = data.disclosure.years.height or data.disclosure.top.height
    if noted or (data.reserve and data.reserve.rated):
        sheets.append(disclosure_sheet(page))
    if data.movement:
        sheets.append(movement_sheet(page, data.movement))
    if data.worklist and (page.living or data.worklist.frame.height):
        sheets.append(worklist_sheet(page, data.worklist))
    if data.letters and (page.living or data.letters.letters.height):
        sheets += [letters_sheet(page, data.letters), items_sheet(page, data.letters)]
    return sheets


def _credit(page: Page) -> list[SheetSpec]:
    """Sheets of the credit manager that have something to show."""
    credit = page.data.credit
    if credit is None:
        return []
    parts: tuple[tuple[Callable[..., SheetSpec], object], ...] = (
        (this_week_sheet, credit.week),
        (grades_sheet, credit.grades),
        (limits_sheet, credit.limits),
        (warnings_sheet, credit.warnings),
        (countries_sheet, credit.countries),
        (deadlines_sheet, credit.deadlines),
        (instruments_sheet, credit.instruments),
        (approvals_sheet, credit.approvals),
        (reviews_sheet, credit.reviews),
        (admission_sheet, credit.admission),
        (dunning_sheet, credit.dunning),
        (holds_sheet, credit.holds),
        (plan_status_sheet, credit.plans),
        (dispute_clocks_sheet, credit.disputes),
        (limitation_sheet, credit.limitation),
    )
    made = [make(page, part) for make, part in parts if part is not None]
    return [*made, framework_sheet(page)] if credit.reviews else made


_OPTIONAL = {
    "instalment", "disputed_amount", "promised_on", "dispute_reason", "salesperson", "subsequent",
    "issued_on", "delivered_on", "entered_on",
}  # fmt: skip


def _check(data: ReportData) -> None:
    """Columns that the sheets and their formulas stand on."""
    buckets = {f"b{index}": pl.Int64() for index in range(len(data.bucket_labels))}
    frames: dict[str, tuple[pl.DataFrame, Mapping[str, pl.DataType]]] = {
        "aging": (data.aging, AGING_SCHEMA | buckets),
        "items": (data.items, ITEMS_SCHEMA),
        "credit_balances": (data.credit_balances, CREDIT_SCHEMA),
        "cut_off": (data.cut_off, CUT_OFF_SCHEMA),
    }
    frames |= _pack_frames(data)
    for name, (frame, schema) in frames.items():
        missing = [column for column in schema if column not in {*frame.columns, *_OPTIONAL}]
        wrong = [
            f"{column} ({frame.schema[column]}, not {kind})"
            for column, kind in schema.items()
            if column in frame.columns and frame.schema[column] not in {kind, pl.Null()}
        ]
        if missing or wrong:
            faults = ", ".join([*missing, *wrong])
            raise BadValueError(
                f"ReportData.{name}: columns missing or of the wrong type: {faults}. See receivables/report/data.py for the tables a report takes."
            )


def _pack_frames(data: ReportData) -> dict[str, tuple[pl.DataFrame, Mapping[str, pl.DataType]]]:
    """Frames of the close pack that are given, with what they must hold."""
    found: dict[str, tuple[pl.DataFrame, Mapping[str, pl.DataType]]] = {
        "disclosure.years": (data.disclosure.years, pack.YEARS_SCHEMA),
        "disclosure.top": (data.disclosure.top, pack.TOP_SCHEMA),
    }
    if data.reserve:
        own = data.reserve
        found |= {
            "reserve.bridge": (own.bridge, pack.BRIDGE_SCHEMA),
            "reserve.pool": (own.pool, pack.POOL_SCHEMA),
            "reserve.cases": (own.cases, pack.CASE_SCHEMA),
            "reserve.dilution": (own.dilution, pack.DILUTION_SCHEMA),
            "reserve.roll": (own.roll, pack.ROLL_SCHEMA),
            "reserve.journal": (own.journal, pack.JOURNAL_SCHEMA),
            "reserve.buffer": (own.buffer, pack.BUFFER_SCHEMA),
        }
    if data.speed is not None:
        found["speed"] = (data.speed, pack.SPEED_SCHEMA)
    if data.movement:
        found["movement"] = (data.movement.frame, pack.MOVEMENT_SCHEMA)
    if data.close:
        found |= {
            "close.changes": (data.close.changes, pack.CHANGE_SCHEMA),
            "close.exceptions": (data.close.exceptions, pack.EXCEPTION_SCHEMA),
            "close.reported": (data.close.reported, pack.REPORTED_SCHEMA),
            "close.backdated": (data.close.backdated, pack.BACKDATED_SCHEMA),
        }
    return found
