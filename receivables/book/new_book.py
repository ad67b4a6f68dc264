"""A new living workbook: Start, empty result sheets, input sheets with rows or without, Settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from receivables.book.fill import filled_bytes
from receivables.book.input_sheets import input_sheets
from receivables.book.lists import lists_sheet
from receivables.book.settings_sheet import settings_sheet
from receivables.book.start import start_sheet
from receivables.report.fresh import fresh_sheets
from receivables.settings import Settings, known_values


def new_book(
    frames: Mapping[str, pl.DataFrame] | None = None,
    values: Mapping[str, str] | None = None,
    buttons: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """A workbook to work in, as bytes; the same arguments give the same bytes.

    Args:
        frames: rows of the input tables as text: ISO dates, decimal points, yes and no.
        values: settings that differ from their default; `language` decides all labels.
        buttons: puts macro buttons on Start.
    """
    given = dict(values or {})
    settings = Settings().with_values(known_values(given))
    language, paper = settings.language, settings.paper
    sheets = [
        start_sheet(language, paper, buttons),
        *input_sheets(frames or {}, language, paper),
        settings_sheet(language, given, paper),
        lists_sheet(language),
    ]
    return filled_bytes(fresh_sheets(settings), sheets)
