"""The job `dso`: how fast receivables turn into cash, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from receivables import money
from receivables.errors import BadValueError, Issue
from receivables.monitor.turnover_ledger import Speed, speed
from receivables.monitor.turnover_measures import MEASURES
from receivables.refresh.books import Books

METHODS: dict[str, tuple[str, ...]] = {
    "all": MEASURES,
    "simple": ("dso",),
    "countback": ("countback",),
    "best": ("best",),
    "delinquent": ("delinquent",),
    "rolling": ("rolling_3", "rolling_6", "rolling_12"),
    "true": ("true_dso",),
    "collection": ("collection_index",),
    "turnover": ("turnover",),
    "terms": ("days_beyond_terms", "days_late"),
    "index": ("payment_index",),
    "late": ("late_rate", "late_rate_amount"),
}
"""What `--method` may name, and the measures it shows."""

MONTH_DAYS = {"calendar": "calendar", "30": "thirty", "thirty": "thirty"}
AMOUNTS = ("receivables", "current", "undated", "sales")
PLACES = ("key", "name", "currency", "month_end", "days", "basis", "source")


@dataclass(frozen=True, slots=True)
class DsoAnswer:
    """Measures of speed; amounts in minor units of their currency, never converted."""

    table: Speed
    measures: tuple[str, ...]
    issues: int

    @property
    def notes(self) -> tuple[Issue, ...]:
        """What a reader of the figures must know."""
        return self.table.issues

    def to_json(self) -> dict[str, Any]:
        """Rows with amounts as decimal text, measures as numbers, null where not available."""
        return {
            "as_of": self.table.as_of.isoformat(),
            "by": self.table.by,
            "month_days": self.table.month_days,
            "measures": list(self.measures),
            "rows": [self._row(row) for row in self.table.frame.iter_rows(named=True)],
            "notes": [
                {
                    "code": note.code,
                    "level": note.level,
                    "message": note.message,
                    "cure": note.cure,
                }
                for note in self.notes
            ],
            "issues": self.issues,
        }

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        places = {name: row[name] for name in PLACES}
        currency = row["currency"]
        amounts = {
            name: None if row[name] is None else money.text(row[name], currency)
            for name in AMOUNTS
        }
        return {
            **places,
            "month_end": row["month_end"].isoformat(),
            **amounts,
            **{name: row[name] for name in self.measures},
            "missing": row["missing"],
        }


def dso_job(
    books: Books,
    as_of: date,
    *,
    by: str = "month",
    months: int = 12,
    methods: Sequence[str] = ("all",),
    month_days: str = "calendar",
    basis: str = "gross",
    grace_days: int = 0,
) -> DsoAnswer:
    """Speed of collection at each month end, in document currency.

    Args:
        books: the loaded ledger.
        as_of: last day; a month that is not over by then is not shown.
        by: month, company or customer.
        months: month ends shown.
        methods: keys of `METHODS`.
        month_days: calendar or 30.
        basis: gross (with tax) or net.
        grace_days: days forgiven by the late rate.

    Raises:
        BadValueError: unknown option or method.
        NotAvailableError: no month end in the ledger by then; a list that cannot be back-dated.
    """
    chosen = measures_of(methods)
    if month_days not in MONTH_DAYS:
        raise BadValueError(f"month_days is '{month_days}': give calendar or 30.")
    found = speed(
        books.posted,
        books.ledger,
        as_of,
        months=months,
        by=by,
        basis=basis,
        month_days=MONTH_DAYS[month_days],
        grace_days=grace_days,
        unapplied=books.settings.unapplied,
        engine=books.engine,
        language=books.settings.language,
    )
    return DsoAnswer(found, chosen, len(books.issues) + len(found.issues))


def measures_of(methods: Sequence[str]) -> tuple[str, ...]:
    """Measures that methods stand for, in the order of the table.

    Raises:
        BadValueError: an unknown method.

    >>> measures_of(["late", "simple"])
    ('dso', 'late_rate', 'late_rate_amount')
    """
    for method in methods:
        if method not in METHODS:
            raise BadValueError(f"method is '{method}': give one of {', '.join(METHODS)}.")
    wanted = {name for method in methods for name in METHODS[method]}
    return tuple(name for name in MEASURES if name in wanted)
