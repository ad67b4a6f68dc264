"""Make letters: the letters of the as-of date as files, journaled, none twice."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receivables.actions.host import Host, Report
from receivables.actions.letters_desk import Desk, open_desk, told
from receivables.actions.texts import say

if TYPE_CHECKING:
    from receivables.refresh.letters_answer import LettersAnswer


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Make the letters into `<name> letters <as_of>` beside the workbook; ticked ones only where any is.

    What an attempt that died began is finished; pressed again, nothing is made.

    Raises:
        BadValueError: not saved, no as-of date, an unknown form, or letters of a later day were made.
        LedgerFileError: another run is at work, or the folder cannot be written to.
    """
    desk = open_desk(host, choices, forms=True)
    folder = desk.folder("letters", choices)
    answer = _approved(host, desk, folder, choices)
    host.progress("", 1, 1)
    done = [*answer.made, *answer.finished]
    key = "letters_made" if done or answer.refused else "letters_none"
    line = say(
        key,
        host.language,
        made=f"{len(done):,}",
        refused=f"{len(answer.refused):,}",
        folder=folder,
        day=desk.day,
    )
    if not done and not answer.refused:
        return Report(told([line, *answer.notes]))
    link = host.write_table(
        say("letters_list", host.language), _table(answer, folder, host.language)
    )
    changed = (folder,) if done else ()
    return Report(told([line, *answer.notes]), link, changed)


def _approved(host: Host, desk: Desk, folder: Path, choices: Mapping[str, Any]) -> LettersAnswer:
    from receivables.refresh.letters import Choices, approve_job
    from receivables.refresh.letters_files import batches
    from receivables.refresh.letters_journal import store_of
    from receivables.refresh.letters_run import Run
    from receivables.respond.letters.render import Renderer

    single = [form for form in desk.forms if form != "print"] or ["pdf"]
    run = Run(
        store_of(desk.books),
        Renderer(single),
        folder,
        str(choices.get("at") or ""),
        str(choices.get("by") or getpass.getuser()),
        progress=host.progress,
    )
    answer = approve_job(desk.books, desk.day, run)
    return batches(desk.books, answer, run, Choices()) if "print" in desk.forms else answer


def _table(answer: LettersAnswer, folder: Path, language: str) -> list[list[Any]]:
    """What was made and where, and what was refused with its reason."""
    done = {*answer.made, *answer.finished}
    headings = ("letter_no", "customer", "customer_name", "currency", "files", "why_not")
    rows: list[list[Any]] = [[say(key, language) for key in headings]]
    for letter in answer.letters:
        number = letter.letter_id
        if number not in done and number not in answer.refused:
            continue
        files = sorted(path.name for path in folder.glob(f"{number}.*")) if number in done else []
        rows.append(
            [number, letter.customer.customer_id, letter.customer.name, letter.currency,
             ", ".join(files), answer.refused.get(number, "")]
        )  # fmt: skip
    return rows
