"""Whether more firms fail than before: counts and rates by period, sector by sector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.monitor.warnings_rules import rule

HEADINGS = (
    "sector", "period", "failures", "before", "change", "rate", "rate_before", "rate_change", "alert",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """Failures of one sector in one period; `firms` is how many there were, None = not known."""

    sector: str
    period: str
    failures: Decimal
    firms: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """One period of a sector beside the one before; None where there is none to compare with.

    `change` is the failures' growth as a share, `rate_change` in shares (0.02 = 2 points).
    """

    this: Count
    before: Count | None
    change: float | None
    rate: float | None
    rate_before: float | None
    rate_change: float | None
    alert: bool | None

    def cells(self) -> list[object]:
        """The row under `HEADINGS`."""
        return [
            self.this.sector, self.this.period, self.this.failures,
            self.before.failures if self.before else None, self.change, self.rate,
            self.rate_before, self.rate_change, self.alert,
        ]  # fmt: skip


def trends(counts: Sequence[Count], alert: float | None = None) -> list[Trend]:
    """Each period beside the one before in the order given, sector by sector.

    Failure rate = failures ÷ firms. Alert: the rate is up by 2 points or more (2 itself counts).

    Raises:
        NotAvailableError: no rows.
        BadValueError: a period twice in a sector.
        DomainError: negative counts, more failures than firms, an alert outside 0–1.

    >>> rows = [Count("steel", "2025", Decimal(10), Decimal(500)), Count("steel", "2026", Decimal(20), Decimal(500))]
    >>> last = trends(rows)[-1]
    >>> last.change, last.rate, last.rate_change, last.alert
    (1.0, 0.04, 0.02, True)
    """
    limit = rule("sector_alert") if alert is None else alert
    if not 0 < limit <= 1:
        raise DomainError(f"alert is {limit:g}: 2 points are 0.02, give more than 0 and up to 1.")
    if not counts:
        raise NotAvailableError("There are no periods. Give the failures by period.")
    last: dict[str, Count] = {}
    seen: set[tuple[str, str]] = set()
    found = []
    for count in counts:
        _check(count, seen)
        found.append(_trend(count, last.get(count.sector), Fraction(str(limit))))
        last[count.sector] = count
    return found


def _trend(now: Count, before: Count | None, limit: Fraction) -> Trend:
    rate, earlier = _rate(now), _rate(before) if before else None
    moved = rate - earlier if rate is not None and earlier is not None else None
    change = None
    if before and before.failures:
        change = float((now.failures - before.failures) / before.failures)
    return Trend(
        now, before, change, _float(rate), _float(earlier), _float(moved),
        None if moved is None else moved >= limit,
    )  # fmt: skip


def _rate(count: Count) -> Fraction | None:
    """Exact, so that a rise of just 2 points is one: 0.05 − 0.03 in floats is not 0.02."""
    return Fraction(count.failures) / Fraction(count.firms) if count.firms else None


def _float(share: Fraction | None) -> float | None:
    return None if share is None else float(share)


def _check(count: Count, seen: set[tuple[str, str]]) -> None:
    place = f"{count.sector or 'all sectors'}, {count.period}"
    if (count.sector, count.period) in seen:
        raise BadValueError(f"{place} stands there twice. Add the two rows up.")
    seen.add((count.sector, count.period))
    if count.failures < 0 or (count.firms is not None and count.firms < 0):
        raise DomainError(f"{place}: a count below 0. Check the row.")
    if count.firms is not None and count.failures > count.firms:
        raise DomainError(
            f"{place}: {count.failures} failures of {count.firms} firms. Check the row."
        )
