"""What an action starts from: the saved file, and the as-of date given, set or asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from receivables.actions.host import Form, Host, Question
from receivables.actions.texts import say
from receivables.cells.coerce import to_day
from receivables.errors import BadValueError, ReceivablesError


def as_of(host: Host, choices: Mapping[str, Any], title: str) -> date:
    """The date; the Settings sheet answers before the user is asked.

    Raises:
        BadValueError: no date, or a text that is none.
    """
    given = choices.get("as_of") or host.settings().get("as_of")
    if given is None:
        form = Form(title, (Question("as_of", say("as_of", host.language)),))
        answers = host.ask(form)
        given = answers.get("as_of") if answers else None
    if given is None or given == "":
        raise BadValueError(
            "No as-of date. Give it when asked, or as a row as_of of the sheet Settings."
        )
    try:
        return to_day(given)
    except ReceivablesError as fault:
        raise BadValueError(f"as_of: {fault}") from None


def values(host: Host, choices: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of the run: those chosen, in the language that the user is answered in."""
    return {"language": host.language, **(choices.get("values") or {})}


def saved_path(host: Host) -> Path:
    """File of the workbook in front of the user.

    Raises:
        BadValueError: it was never saved, or changed since.
    """
    document = host.document()
    if document.path is None:
        raise BadValueError(
            f"{document.name or 'The workbook'} was never saved. Save it, then press again."
        )
    if not document.saved:
        raise BadValueError(
            f"{document.name} has changes that are not saved. Save it, then press again: "
            "the file is what is read."
        )
    return document.path
