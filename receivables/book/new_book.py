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
from receivables.book.structure import ExtraSheet
from receivables.report.fresh import fresh_sheets
from receivables.settings import Settings, known_values

Buttons = Callable[[Any, Any], None]


def new_book(
    frames: Mapping[str, pl.DataFrame] | None = None,
    values: Mapping[str, str] | None = None,
    buttons: Buttons | None = None,
) -> bytes:
    """A workbook to work in, as bytes; the same arguments give the same bytes.

    Args:
        frames: rows of the input tables as text: ISO dates, decimal points, yes and no.
        values: settings that differ from their default; `language` decides all labels.
        buttons: puts macro buttons on Start.
    """
    given = dict(values or {})
    settings = Settings().with_values(known_values(given))
    sheets = _own_sheets(frames or {}, given, settings, buttons)
    return filled_bytes(fresh_sheets(settings), sheets)


def sheet_count(language: str) -> int:
    """Sheets of a new workbook, hidden ones too: a VBA project has a module for each."""
    settings = Settings(language=language)
    return len(fresh_sheets(settings)) + len(_own_sheets({}, {}, settings, None))


def _own_sheets(
    frames: Mapping[str, pl.DataFrame], values: Mapping[str, str], settings: Settings,
    buttons: Buttons | None,
) -> list[ExtraSheet]:  # fmt: skip
    language, paper = settings.language, settings.paper
    return [
        start_sheet(language, paper, buttons),
        *input_sheets(frames, language, paper),
        settings_sheet(language, values, paper),
        lists_sheet(language),
    ]
