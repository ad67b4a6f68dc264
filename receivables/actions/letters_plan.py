"""Plan letters: who gets which letter for the as-of date, and why the others get none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receivables.actions.host import Host, Report
from receivables.actions.letters_desk import open_desk, table_of, told
from receivables.actions.texts import say


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Show the plan in a table beside the workbook; nothing is written.

    Raises:
        BadValueError: not saved, no as-of date, or letters of a later day were made already.
    """
    from receivables.refresh.letters import preview_job
    from receivables.refresh.letters_journal import store_of

    desk = open_desk(host, choices)
    answer = preview_job(desk.books, desk.day, store_of(desk.books))
    title = say("letters_planned", host.language, day=desk.day)
    link = host.write_table(title, table_of(answer, host.language))
    totals = answer.totals()
    line = say(
        "letters_plan_line",
        host.language,
        name=desk.path.name,
        letters=f"{totals['letters'].sum():,}",
        day=desk.day,
        left=f"{totals['left_out'].sum():,}",
    )
    return Report(told([line, *answer.notes]), link)
