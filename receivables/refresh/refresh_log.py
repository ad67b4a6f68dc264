"""Lines of the Refresh log, and what the accountant typed, read back from a living workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import fastexcel
import polars as pl

from receivables.days import EXCEL_1900, EXCEL_1904
from receivables.ledger.result_sheets import ANCHOR
from receivables.refresh.refreshes import DONE, UNDONE, Refresh
from receivables.report.labels import label, terms
from receivables.report.pack_data import EXCEPTION_SCHEMA
from receivables.report.refresh_log_sheet import STATES
from receivables.report.worklist_data import LOG_SCHEMA

LANGUAGES = ("en", "zh")
LOG_TABLE, EXCEPTIONS_TABLE = "Refresh_log", "Open_exceptions"
LOG_KEYS = {
    "refreshed_at": "log.refreshed_at", "as_of": "as_of", "previous": "log.previous",
    "open_items": "log.open_items", "issues": "log.issues", "tie_out": "log.tie_out",
    "ledger_sha256": "log.sha256", "program": "log.program",
}  # fmt: skip
TOLD = ("exception", "place", "currency", "explanation", "owner")


def is_living(path: Path) -> bool:
    """Whether a workbook has result sheets of ours: the hidden names by which they are found."""
    try:
        with ZipFile(path) as book:
            return f'name="{ANCHOR}'.encode() in book.read("xl/workbook.xml")
    except (OSError, BadZipFile, KeyError):
        return False


def read_log(path: Path, journal: Iterable[Refresh] = ()) -> pl.DataFrame:
    """Refreshes that the workbook's own log and the journal beside it know, the oldest first.

    The log goes with the workbook wherever it is sent; the journal knows what was taken back.

    Args:
        path: the workbook.
        journal: of the folder beside it.
    """
    gone = {(row.refreshed_at, row.as_of) for row in journal if row.state == UNDONE}
    gone -= {(row.refreshed_at, row.as_of) for row in journal if row.state == DONE}
    states = {
        label(f"light.{state}", language): state for state in STATES for language in LANGUAGES
    }
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in _table(path, LOG_TABLE, LOG_KEYS):
        told = {name: typed_cell(value, LOG_SCHEMA[name], path) for name, value in row.items()}
        told["tie_out"] = states.get(told.get("tie_out") or "", told.get("tie_out"))
        if told.get("as_of"):
            found[told.get("refreshed_at") or "", str(told["as_of"])] = told
    for one in journal:
        if one.state == DONE:
            found.setdefault((one.refreshed_at, one.as_of), _line(one))
    rows = [row for key, row in found.items() if key not in gone]
    frame = pl.DataFrame(rows, schema=LOG_SCHEMA)
    return frame.sort("refreshed_at", maintain_order=True, nulls_last=False)


def read_told(path: Path) -> pl.DataFrame:
    """Open exceptions with the explanation and owner that stand in the workbook (`TOLD`)."""
    words = {
        text: code for language in LANGUAGES for code, text in terms("exception", language).items()
    }
    rows = []
    for row in _table(path, EXCEPTIONS_TABLE, {name: name for name in TOLD}):
        if row.get("explanation") or row.get("owner"):
            text = row.get("exception") or ""
            rows.append(row | {"exception": words.get(text, text)})
    kinds = {name: EXCEPTION_SCHEMA[name] for name in TOLD}
    frame = pl.DataFrame([{name: row.get(name) for name in TOLD} for row in rows], schema=kinds)
    return frame.with_columns(pl.col("place", "currency").fill_null(""))


def _line(one: Refresh) -> dict[str, Any]:
    return {
        "refreshed_at": one.refreshed_at,
        "as_of": date.fromisoformat(one.as_of),
        "previous": date.fromisoformat(one.previous) if one.previous else None,
        "open_items": int(one.open_items or 0),
        "issues": int(one.issues or 0),
        "tie_out": one.tie_out,
        "ledger_sha256": one.before,
        "program": one.program,
    }


def _table(path: Path, name: str, keys: dict[str, str]) -> list[dict[str, str | None]]:
    """Rows of a table of ours as text, by our column names; none where it is gone or renamed."""
    try:
        frame = fastexcel.read_excel(path).load_table(name, dtypes="string").to_polars()
    except Exception:  # noqa: BLE001 - the reader's errors have no common public base
        return []
    headings = {label(key, language): ours for ours, key in keys.items() for language in LANGUAGES}
    frame = frame.rename({text: headings[text] for text in frame.columns if text in headings})
    rows: list[dict[str, str | None]] = frame.select(
        name for name in keys if name in frame.columns
    ).to_dicts()
    return rows


def typed_cell(value: str | None, kind: pl.DataType, path: Path) -> Any:
    """What the text of a cell of a workbook means: a whole number, a day, or the text itself."""
    if value in (None, ""):
        return None
    assert value is not None
    if kind == pl.Int64():
        return int(float(value)) if re.fullmatch(r"-?\d+(\.0+)?", value) else None
    if kind != pl.Date():
        return value
    if re.fullmatch(r"\d+(\.0+)?", value):
        return _epoch(path) + timedelta(int(float(value)))
    day = value[:10]
    return date.fromisoformat(day) if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else None


def _epoch(path: Path) -> date:
    with ZipFile(path) as book:
        old = re.search(rb'date1904="(1|true)"', book.read("xl/workbook.xml"))
    return EXCEL_1904 if old else EXCEL_1900
