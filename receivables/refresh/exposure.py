"""The job `exposure`: what a bank lends on the open items, and what exchange rates can move."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from receivables import money
from receivables.monitor.borrowing_base import Terms, default_max_days
from receivables.monitor.exposure_ledger import BaseLine, FxLine, bases, foreign
from receivables.refresh.books import Books

BASE_AMOUNTS = (
    "open", "receivables", "too_old", "undated", "credits", "cross_aged", "over_cap", "eligible",
    "base",
)  # fmt: skip
FX_AMOUNTS = ("open", "advances", "exposure")


@dataclass(frozen=True, slots=True)
class ExposureAnswer:
    """Borrowing base by company and currency, exposure by company and foreign currency."""

    as_of: date
    aged_from: str
    max_days: float
    advance_rate: float | None
    cross_aging: float | None
    cap: float | None
    bases: tuple[BaseLine, ...]
    fx: tuple[FxLine, ...]
    issues: int

    def to_json(self) -> dict[str, Any]:
        """Amounts as decimal text, shares and rates as numbers, null where not known."""
        return {
            "as_of": self.as_of.isoformat(),
            "aged_from": self.aged_from,
            "max_days": self.max_days,
            "advance_rate": self.advance_rate,
            "cross_aging": self.cross_aging,
            "concentration_cap": self.cap,
            "borrowing_base": [_row(asdict(line), BASE_AMOUNTS) for line in self.bases],
            "fx_exposure": [_fx_row(line) for line in self.fx],
            "issues": self.issues,
        }


def exposure_job(
    books: Books,
    as_of: date,
    *,
    advance_rate: float | None = None,
    cross_aging: float | None = None,
    cap: float | None = None,
) -> ExposureAnswer:
    """Borrowing base and currency exposure of the open items, in document currency.

    The age counts from the due date, or from the issue date where the setting `base` says so; the
    age limit is a row of `data/borrowing_base.csv`.

    Args:
        books: the loaded ledger.
        as_of: balance date.
        advance_rate: what the bank lends on eligible receivables, 0–1; never assumed.
        cross_aging: a customer with more than this share too old drops out; None: no test.
        cap: most that one customer may be of what passed so far; None: no test.

    Raises:
        DomainError: shares outside 0–1.
        NotAvailableError: nothing posted by then; a list that cannot be back-dated.
    """
    lent = advance_rate is not None
    terms = Terms(advance_rate or 0.0, default_max_days(), cross_aging, cap)
    terms.check()
    opened = books.open(as_of)
    return ExposureAnswer(
        as_of=as_of,
        aged_from=books.settings.base,
        max_days=terms.max_days,
        advance_rate=advance_rate,
        cross_aging=cross_aging,
        cap=cap,
        bases=tuple(bases(opened, terms, base=books.settings.base, lent=lent)),
        fx=tuple(foreign(opened, books.rates(), books.local())),
        issues=len(books.issues),
    )


def _row(values: dict[str, Any], amounts: tuple[str, ...]) -> dict[str, Any]:
    currency = values["currency"]
    texts = {
        name: None if values[name] is None else money.text(values[name], currency)
        for name in amounts
    }
    return values | texts


def _fx_row(line: FxLine) -> dict[str, Any]:
    row = _row(asdict(line), FX_AMOUNTS)
    row["rate_on"] = line.rate_on.isoformat() if line.rate_on else None
    row["in_local"] = None if line.in_local is None else money.text(line.in_local, line.local)
    return row
