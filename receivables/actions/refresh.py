"""Refresh: the result sheets of the workbook in place, or a month-end report beside the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receivables.actions.asked import as_of, saved_path, values
from receivables.actions.host import Host, Report
from receivables.actions.lights import light
from receivables.actions.live_refresh import is_open_and_living, refresh_live
from receivables.actions.texts import say

if TYPE_CHECKING:
    from receivables.refresh import Books


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Refresh the workbook's own result sheets; without any, write `<name> report <as_of>.xlsx`.

    A report of ours for that date is replaced. Where a program has the workbook open, its result
    sheets are refreshed on the screen.

    Raises:
        BadValueError: the workbook is not saved, holds no ledger, or there is no as-of date.
        LedgerFileError: the target is open in a spreadsheet, protected, or its name is taken.
    """
    from receivables.refresh import load
    from receivables.refresh.refresh_log import is_living

    open_book = None if choices.get("out") else is_open_and_living(host)
    done = refresh_live(host, open_book, choices) if open_book else None
    if done:
        return done
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
    here = not host.document().is_open and not choices.get("out") and is_living(path)
    report = _in_place if here else _beside
    return report(host, books, day, choices)


def _beside(host: Host, books: Books, day: date, choices: Mapping[str, Any]) -> Report:
    from receivables.refresh import refresh_job

    answer = refresh_job(books, day, report_path(Path(books.path), day, choices.get("out")))
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


def _in_place(host: Host, books: Books, day: date, choices: Mapping[str, Any]) -> Report:
    from receivables.refresh.in_place import refresh_in_place

    answer = refresh_in_place(books, day, at=str(choices.get("at") or ""))
    host.progress("", 1, 1)
    line = say(
        "refreshed_here",
        host.language,
        name=answer.path.name,
        day=day,
        items=f"{answer.open_items:,}",
        light=light(answer.ties, host.language),
        issues=f"{answer.issues:,}",
    )
    if not answer.changed:
        line = say("refreshed_same", host.language, name=answer.path.name, day=day)
    text = " ".join((line, *answer.notes))
    return Report(text, str(answer.path), tuple(answer.files) if answer.changed else ())


def report_path(ledger: Path, day: date, out: str | Path | None = None) -> Path:
    """Where the report goes: a file or folder asked for, else beside the ledger.

    >>> report_path(Path("books/ledger.xlsx"), date(2026, 10, 31)).name
    'ledger report 2026-10-31.xlsx'
    """
    name = f"{ledger.stem} report {day}.xlsx"
    if out is None:
        return ledger.parent / name
    return Path(out) / name if Path(out).is_dir() else Path(out)
