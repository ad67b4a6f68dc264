"""Refresh: a new month-end report beside the ledger, opened when it is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receivables.actions.asked import as_of, saved_path, values
from receivables.actions.host import Host, Report
from receivables.actions.texts import say

if TYPE_CHECKING:
    from receivables.ledger.tieout import TieOut


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Write `<name> report <as_of>.xlsx`; a report of ours for that date is replaced.

    Raises:
        BadValueError: the workbook is not saved, holds no ledger, or there is no as-of date.
        LedgerFileError: the report is open in a spreadsheet, or its name is taken by another file.
    """
    from receivables.refresh import load, refresh_job

    path = saved_path(host)
    day = as_of(host, choices, say("refresh_title", host.language))
    books = load(
        path,
        map_file=choices.get("map_file"),
        values=values(host, choices),
        as_of=day,
        progress=host.progress,
    )
    host.progress(say("writing", host.language), 0, 1)
    answer = refresh_job(books, day, report_path(path, day, choices.get("out")))
    host.progress("", 1, 1)
    report = answer.files[0]
    host.open_document(report)
    line = say(
        "refreshed",
        host.language,
        name=report.name,
        items=f"{answer.open_items:,}",
        light=light(answer.ties, host.language),
        issues=f"{answer.issues:,}",
    )
    return Report(line, str(report), tuple(answer.files))


def report_path(ledger: Path, day: date, out: str | Path | None = None) -> Path:
    """Where the report goes: a file or folder asked for, else beside the ledger.

    >>> report_path(Path("books/ledger.xlsx"), date(2026, 10, 31)).name
    'ledger report 2026-10-31.xlsx'
    """
    name = f"{ledger.stem} report {day}.xlsx"
    if out is None:
        return ledger.parent / name
    return Path(out) / name if Path(out).is_dir() else Path(out)


def light(ties: list[TieOut], language: str) -> str:
    """The worst tie-out of all books in words."""
    colours = {tie.light for tie in ties}
    worst = next((name for name in ("red", "amber", "green") if name in colours), "amber")
    return say(f"light_{worst}", language)
