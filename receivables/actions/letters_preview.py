"""Preview letters: every letter that would be made, as pages in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from receivables.actions.host import Host, Report
from receivables.actions.letters_desk import open_desk, show_page, told
from receivables.actions.texts import say


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Write `<name> letters preview <as_of>` beside the workbook and open its index; nothing is journaled.

    Raises:
        BadValueError: not saved, no as-of date, or letters of a later day were made already.
    """
    from receivables.refresh.letters import preview_job
    from receivables.refresh.letters_files import preview_pages
    from receivables.refresh.letters_journal import store_of

    desk = open_desk(host, choices)
    answer = preview_job(desk.books, desk.day, store_of(desk.books))
    answer = preview_pages(answer, desk.folder("letters preview", choices))
    page = Path(answer.files[0])
    show_page(host, page)
    line = say(
        "letters_shown",
        host.language,
        name=page.parent.name,
        letters=f"{len(answer.letters) - len(answer.refused):,}",
        refused=f"{len(answer.refused):,}",
    )
    return Report(told([line, *answer.notes]), str(page), (page,))
