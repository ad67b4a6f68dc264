"""The job `demo`: an invented firm's ledger, checked and closed, to look at."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_workbook
from receivables.monitor.reserve_policy import load_policy
from receivables.refresh.books import Progress, load
from receivables.refresh.check import CheckAnswer, check_job
from receivables.refresh.demo_letters import (
    DemoLetters,
    preview_letters,
    send_earlier_letters,
)
from receivables.refresh.month_end import RefreshAnswer, refresh_job

AS_OF = date(2026, 10, 31)
SUBSEQUENT_TO = date(2026, 11, 10)
RATES = Path(__file__).resolve().parents[1] / "demo" / "reserve.toml"
"""Invented loss rates of the invented firm: copied beside its ledger."""
TIERS = "approval_tiers.csv"
SAMPLES = RATES.with_name("samples")
"""Invented tables that have no default of ours: approval tiers, failures by sector; copied too."""


@dataclass(frozen=True, slots=True)
class DemoAnswer:
    """The ledger, the report and the letters that were written, and what they say."""

    ledger: Path
    report: Path
    checked: CheckAnswer
    refreshed: RefreshAnswer
    letters: DemoLetters = field(default_factory=DemoLetters)

    def to_json(self) -> dict[str, Any]:
        """Where to look, counts of Issues, tie-out."""
        return {
            "ledger": str(self.ledger),
            "report": str(self.report),
            "issues": self.checked.counts(),
            "rows": self.checked.rows,
            "letters": self.letters.to_json(),
            **self.refreshed.to_json(),
        }


def demo_job(
    out: str | Path = "demo",
    *,
    values: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> DemoAnswer:
    """Write `ledger.xlsx` and `reserve.toml` of the invented firm and its `report.xlsx` of 2026-10-31.

    Tables without a default of ours stand beside them as samples, `approval_tiers.csv` first. The
    letters of three earlier month ends lie in `letters`, those that are due in `letters-preview`.

    Args:
        out: folder, made if it is not there.
        values: settings of the run.
        progress: called with (what, done, of how many).
    """
    tell = progress or (lambda _what, _done, _total: None)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    ledger, report = folder / "ledger.xlsx", folder / "report.xlsx"
    tell("inventing the firm", 0, 1)
    write_workbook(build_firm(), ledger)
    rates = folder / RATES.name
    shutil.copyfile(RATES, rates)
    for sample in sorted(SAMPLES.iterdir()):
        shutil.copyfile(sample, folder / sample.name)
    own = {"approval_tiers": TIERS, **(values or {})}
    books = load(ledger, values=own, as_of=AS_OF, progress=progress)
    tell("writing letters", 0, 2)
    send_earlier_letters(books, folder)
    letters = preview_letters(books, AS_OF, folder)
    tell("writing the report", 1, 2)
    refreshed = refresh_job(
        books, AS_OF, report, subsequent_to=SUBSEQUENT_TO, policy=load_policy(rates)
    )
    return DemoAnswer(ledger, report, check_job(books), refreshed, letters)
