"""Undo refresh: the workbook as it was before its last refresh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receivables.actions.asked import saved_path
from receivables.actions.host import Host, Report
from receivables.actions.texts import say


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Take the last refresh of the workbook back; again, the one before.

    Raises:
        BadValueError: the workbook is not saved.
        NotAvailableError: it was never refreshed in place.
        LedgerFileError: it was changed since, is open in a spreadsheet, or its backup is gone.
    """
    from receivables.refresh.undo import undo_job

    path = saved_path(host)
    answer = undo_job(path, at=str(choices.get("at") or ""))
    shows = str(answer.shows) if answer.shows else say("no_date", host.language)
    line = say("undone", host.language, name=path.name, day=answer.as_of, shows=shows)
    return Report(line, str(path), (path,))
