"""Check ledger: the saved workbook read as a ledger, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from receivables.actions.asked import saved_path, values
from receivables.actions.host import Host, Report
from receivables.actions.texts import say

if TYPE_CHECKING:
    from receivables.refresh import CheckAnswer

LEVELS = ("error", "warning", "note")


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """List the Issues of the workbook, gravest first, and say how many rows were set aside.

    Raises:
        BadValueError: the workbook is not saved, or holds no ledger.
        LedgerFileError: the file cannot be read.
    """
    from receivables.refresh import check_job, load

    path = saved_path(host)
    books = load(
        path,
        map_file=choices.get("map_file"),
        values=values(host, choices),
        progress=host.progress,
    )
    found = check_job(books)
    link = host.write_table(say("issues", host.language), _table(found, host.language))
    return Report(_line(path.name, found, host.language), link)


def _line(name: str, found: CheckAnswer, language: str) -> str:
    counts = found.counts()
    # customers that only a document names are no rows of the file
    rows = sum(source.rows for source in found.sources)
    aside = sum(table["set_aside"] for table in found.rows.values())
    if not any(counts.values()):
        return say("checked_clean", language, name=name, rows=f"{rows:,}")
    return say(
        "checked",
        language,
        name=name,
        rows=f"{rows:,}",
        aside=f"{aside:,}",
        **{level: f"{count:,}" for level, count in counts.items()},
    )


def _table(found: CheckAnswer, language: str) -> list[list[Any]]:
    headings = ("level", "sheet", "cell_heading", "column", "value", "what_is_wrong", "what_to_do")
    issues = sorted(found.issues, key=lambda issue: LEVELS.index(issue.level))
    return [
        [say(key, language) for key in headings],
        *(
            [
                say(issue.level, language),
                issue.sheet or issue.file,
                issue.cell,
                issue.column,
                issue.value,
                issue.message,
                issue.cure,
            ]
            for issue in issues
        ),
    ]
