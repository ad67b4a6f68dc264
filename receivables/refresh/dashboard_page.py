"""The job `report`: the dashboard of a date as one file of HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from receivables import money
from receivables.errors import LedgerFileError
from receivables.monitor.reserve_policy import Policy
from receivables.refresh.books import Books
from receivables.refresh.month_end import month_end_data
from receivables.report.dashboard_figures import Figures, figures
from receivables.report.html.page import GENERATOR, html_page
from receivables.report.target import replacing

SUFFIXES = {".html", ".htm"}
_HEAD = 2000
"""Bytes of a page in which its generator is named."""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """The file written and the figures on top of it; amounts are minor units of `currency`."""

    file: Path
    figures: Figures
    issues: int

    def to_json(self) -> dict[str, Any]:
        """Amounts as decimal text of the currency named beside them."""
        found = self.figures
        return {
            "as_of": found.as_of.isoformat(),
            "file": str(self.file),
            "light": found.light.state,
            "currency": found.currency,
            "currencies": [
                {
                    "currency": row["currency"],
                    "open": money.text(row["open"], row["currency"]),
                    "overdue": money.text(row["overdue"] or 0, row["currency"]),
                    "overdue_share": row["overdue_share"],
                    "dso": row["dso"],
                }
                for row in found.currencies.iter_rows(named=True)
                if row["currency"]
            ],
            "warnings": found.levels,
            "insurer_this_week": found.insurer_count,
            "issues": self.issues,
        }


def page_job(
    books: Books,
    as_of: date,
    out: str | Path,
    *,
    match_cutoff: date | None = None,
    prior: date | None = None,
    policy: Policy | None = None,
    credit: bool | None = None,
) -> PageAnswer:
    """Write the dashboard as a page, or over an earlier page of ours.

    Args:
        books: the loaded ledger; its settings say the language.
        as_of: balance date.
        out: file to write, .html or .htm.
        match_cutoff: matchings entered up to this day count.
        prior: date to compare with; default the month end before.
        policy: rates and cases of the reserve; None = the page says that none were given.
        credit: with grades, warnings, insurance; None = where the ledger holds such tables.

    Raises:
        LedgerFileError: another kind of file, no folder, or a file that is not a page of ours.
    """
    target = Path(out)
    check_page_target(target)
    data = month_end_data(
        books, as_of, match_cutoff=match_cutoff, prior=prior, policy=policy, credit=credit
    )
    text = html_page(data)
    with replacing(target) as stream:
        stream.write(text.encode("utf-8"))
    return PageAnswer(target, figures(data), len(books.issues))


def check_page_target(path: Path) -> None:
    """Refuse a target that is not ours to replace.

    Raises:
        LedgerFileError: what is wrong with it, and what to give instead.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise LedgerFileError(f"{path}: a page is an .html file. Give a name ending in .html.")
    if not path.parent.is_dir():
        raise LedgerFileError(f"{path.parent}: there is no such folder. Create it first.")
    if path.is_dir():
        raise LedgerFileError(f"{path}: this is a folder. Give the name of a file.")
    if path.exists() and GENERATOR.encode() not in path.read_bytes()[:_HEAD]:
        raise LedgerFileError(
            f"{path}: this file was not written by receivables and is left as it is. Give another "
            "name for the page."
        )
