"""The jobs `backtest` and `calibrate`: what past grades were worth, and a scorecard of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from receivables.assess.backtest import BASELINE, Backtest, Measure, backtest
from receivables.assess.calibrate import Calibration, calibrate
from receivables.assess.grade_rules import rule
from receivables.assess.grades import Grades
from receivables.assess.observations import last_known, observations
from receivables.assess.outcomes import outcome_named
from receivables.assess.scorecard import Scorecard
from receivables.errors import BadValueError
from receivables.refresh.books import Books, Progress
from receivables.refresh.grade import refuse_foreign

DEFAULT_OUTCOME = "customer-15"


@dataclass(frozen=True, slots=True)
class BacktestAnswer:
    """A backtest and what stands beside it."""

    found: Backtest
    issues: int

    def to_json(self) -> dict[str, Any]:
        """Figures as numbers, null where there is none; intervals of 95 %, customers resampled."""
        found = self.found
        return {
            "outcome": found.outcome.name,
            "outcome_text": found.outcome.text,
            "from": found.dates[0].isoformat(),
            "to": found.dates[-1].isoformat(),
            "known_until": found.until.isoformat(),
            "month_ends": len(found.dates),
            "observations": found.observations,
            "customers": found.customers,
            "events": found.events,
            "ungraded": found.ungraded,
            "already_late": found.already,
            **_measure("auc", found.auc),
            "grade_auc": found.grade_auc,
            "gini": found.gini,
            "ks": found.ks,
            "lift": found.lift,
            "lift_share": rule("worst_share"),
            "psi": found.psi,
            "baseline": BASELINE,
            **_measure("baseline_auc", found.baseline),
            **_measure("difference", found.difference),
            **_measure("brier", found.brier),
            **_measure("baseline_brier", found.baseline_brier),
            **_measure("brier_difference", found.brier_difference),
            "by_grade": found.by_grade.fill_nan(None).to_dicts(),
            "issues": self.issues,
        }


@dataclass(frozen=True, slots=True)
class CalibrateAnswer:
    """A fitted scorecard with its ladder."""

    found: Calibration
    outcome: str
    issues: int

    def to_json(self) -> dict[str, Any]:
        """Both tables, headings first, and how they came about."""
        found = self.found
        return {
            "outcome": self.outcome,
            "until": found.until.isoformat(),
            "observations": found.observations,
            "events": found.events,
            "bins": found.bins,
            "penalty": found.penalty,
            "folds": found.folds,
            "cv_auc": found.cv_auc if found.folds else None,
            "left_out": dict(found.left_out),
            "scorecard": found.scorecard.to_rows(),
            "grades": found.grades.to_rows(),
            "issues": self.issues,
        }


def backtest_job(
    books: Books,
    *,
    outcome: str = DEFAULT_OUTCOME,
    first: date | None = None,
    last: date | None = None,
    until: date | None = None,
    scorecard: Scorecard | None = None,
    grades: Grades | None = None,
    history_months: int | None = None,
    progress: Progress | None = None,
) -> BacktestAnswer:
    """Grade at past month ends with what was known then, and compare with what came.

    Args:
        books: the loaded ledger.
        outcome: customer-15, customer-30 or invoice-late.
        first: first day whose month end is tested.
        last: last month end tested.
        until: last day that the export can speak of; default its extract or its last posting.
        scorecard: points and weights; default the shipped ones.
        grades: the ladder; default the shipped one.
        history_months: how far back payments count.
        progress: called with (what, done, of how many).

    Raises:
        BadValueError: an unknown outcome, `first` after `last`, factors that no ledger holds.
        NotAvailableError: a list of open items, too short a history, fewer than 30 events.
    """
    if first and last and first > last:
        raise BadValueError(f"--from {first} lies after --to {last}. Swap them.")
    chosen = outcome_named(outcome, int(rule("outcome_days")))
    refuse_foreign(scorecard or Scorecard.default())
    found = observations(
        books.posted,
        books.ledger,
        chosen,
        until or last_known(books.ledger, books.posted),
        first=first,
        last=last,
        history_months=history_months,
        engine=books.engine,
        told=progress,
    )
    return BacktestAnswer(backtest(found, scorecard, grades), len(books.issues))


def calibrate_job(
    books: Books,
    until: date,
    *,
    outcome: str = DEFAULT_OUTCOME,
    first: date | None = None,
    history_months: int | None = None,
    progress: Progress | None = None,
) -> CalibrateAnswer:
    """Fit a scorecard to what the ledger knew by a date; nothing later is looked at.

    Args:
        books: the loaded ledger.
        until: last day of the training period.
        outcome: customer-15, customer-30 or invoice-late.
        first: first day whose month end is used.
        history_months: how far back payments count.
        progress: called with (what, done, of how many).

    Raises:
        BadValueError: an unknown outcome.
        NotAvailableError: too short a history, fewer than 30 events, nothing that tells, no scikit-learn.
    """
    chosen = outcome_named(outcome, int(rule("outcome_days")))
    found = observations(
        books.posted,
        books.ledger,
        chosen,
        min(until, last_known(books.ledger, books.posted)),
        first=first,
        history_months=history_months,
        engine=books.engine,
        told=progress,
    )
    return CalibrateAnswer(calibrate(found), outcome, len(books.issues))


def _measure(name: str, found: Measure | None) -> dict[str, float | None]:
    if found is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
