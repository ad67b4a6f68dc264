"""The result sheets of a workbook before its first refresh: every sheet, no figure."""

from __future__ import annotations

import polars as pl

from receivables.monitor.buckets import Buckets
from receivables.report.build import build
from receivables.report.data import AGING_SCHEMA, ITEMS_SCHEMA, NEVER, ReportData
from receivables.report.pack_data import empty
from receivables.report.page import Page
from receivables.report.refresh_log_sheet import refresh_log_sheet
from receivables.report.spec import SheetSpec
from receivables.report.worklist_data import LOG_SCHEMA
from receivables.settings import Settings


def fresh_sheets(settings: Settings) -> list[SheetSpec]:
    """All result sheets, empty, in the language and with the buckets of the settings.

    >>> [spec.label for spec in fresh_sheets(Settings()) if not spec.hidden][:3]
    ['Close', 'Aging', 'Open items']
    """
    buckets = Buckets.parse(
        settings.edges, day_on_edge=settings.day_on_edge, forward=settings.forward_edges
    )
    amounts = {f"b{index}": pl.Int64() for index in range(len(buckets.labels))}
    data = ReportData(
        as_of=NEVER, settings=settings, bucket_labels=buckets.labels, tie_outs=(),
        aging=empty(AGING_SCHEMA | amounts), items=empty(ITEMS_SCHEMA),
    )  # fmt: skip
    page = Page(data, living=True)
    return [*build(data, living=True), refresh_log_sheet(page, empty(LOG_SCHEMA))]
