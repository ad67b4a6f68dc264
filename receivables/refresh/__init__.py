"""One function per user job: check, open items, aging, statement, reserve, month-end report, demo."""

from receivables.refresh.aging import AgingAnswer, aging_job
from receivables.refresh.books import Books, load
from receivables.refresh.check import CheckAnswer, check_job
from receivables.refresh.demo import DemoAnswer, demo_job
from receivables.refresh.dso import DsoAnswer, dso_job
from receivables.refresh.exposure import ExposureAnswer, exposure_job
from receivables.refresh.month_end import RefreshAnswer, refresh_job
from receivables.refresh.open import OpenAnswer, open_job
from receivables.refresh.reserve import reserve_job
from receivables.refresh.reserve_answer import ReserveAnswer
from receivables.refresh.statement import statement_job

__all__ = [
    "AgingAnswer",
    "Books",
    "CheckAnswer",
    "DemoAnswer",
    "DsoAnswer",
    "ExposureAnswer",
    "OpenAnswer",
    "RefreshAnswer",
    "ReserveAnswer",
    "aging_job",
    "check_job",
    "demo_job",
    "dso_job",
    "exposure_job",
    "load",
    "open_job",
    "refresh_job",
    "reserve_job",
    "statement_job",
]
