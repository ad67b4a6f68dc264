"""DSO from monthly sales: countback until the receivables are used up, and rolling windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from receivables.days import edate, month_end
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.monitor.turnover import Step, dso, refuse_credit

MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Month:
    """Credit sales of one month; `sales` is None where the cell is blank."""

    end: date
    days: int
    sales: Decimal | None

    @property
    def name(self) -> str:
        """Year and month, 2026-03."""
        return f"{self.end:%Y-%m}"

    def amount(self) -> Decimal:
        """Sales of the month.

        Raises:
            NotAvailableError: the cell is blank; blank is not 0.
        """
        if self.sales is None:
            raise NotAvailableError(
                f"Sales of {self.name} are blank. Enter them, 0 if there were none, or end the "
                "range before that month."
            )
        return self.sales


def history(
    month_ends: Sequence[date | None],
    sales: Sequence[Decimal | None],
    month_days: str = "calendar",
) -> list[Month]:
    """Months newest first, from columns in any order; any day of a month names it.

    Args:
        month_ends: a date in each month.
        sales: credit sales of the same rows, minor or major units alike.
        month_days: `calendar`, or `thirty` for 30 days in every month.

    Raises:
        BadValueError: columns of different size, a row without date, a month twice.
        NotAvailableError: no month at all.

    >>> [month.name for month in history([date(2026, 1, 31), date(2026, 2, 28)], [Decimal(7), Decimal(8)])]
    ['2026-02', '2026-01']
    """
    if len(month_ends) != len(sales):
        raise BadValueError(
            f"{len(month_ends)} month ends but {len(sales)} sales. Give ranges of the same size."
        )
    found: dict[date, Decimal | None] = {}
    for row, (day, amount) in enumerate(zip(month_ends, sales, strict=True), 1):
        if day is None:
            if amount is not None:
                raise BadValueError(
                    f"Row {row} has sales of {amount} but no month end: the order is not guessed."
                )
            continue
        end = month_end(day)
        if end in found:
            raise BadValueError(f"{end:%Y-%m} stands in the range twice. Give one row per month.")
        found[end] = amount
    if not found:
        raise NotAvailableError("There are no months. Give month ends and their sales.")
    return [
        Month(end, MONTH_DAYS if month_days == "thirty" else end.day, found[end])
        for end in sorted(found, reverse=True)
    ]


def countback(receivables: Decimal, months: Sequence[Month]) -> float:
    """DSO by countback: days of the months whose sales the receivables hold, newest first.

    A month with sales of 0 or less adds its days and uses nothing up. The month in which the
    receivables run out adds the share used. Never extrapolated.

    Raises:
        DomainError: a net credit balance.
        NotAvailableError: more months are needed, or a month between is missing or blank.

    Source: exhaustion (add-back) method as taught to credit managers.

    >>> ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    >>> sales = [Decimal(70), Decimal(80), Decimal(100)]
    >>> f"{countback(Decimal(212), history(ends, sales)):.2f}"
    '73.17'
    >>> f"{countback(Decimal(212), history(ends, sales, 'thirty')):.2f}"
    '73.71'
    """
    return sum(days for _, _, days in walk(receivables, months))


def walk(receivables: Decimal, months: Sequence[Month]) -> list[tuple[Month, Decimal, float]]:
    """Each month of the countback with what was left before it and the days it adds."""
    refuse_credit(receivables)
    left = receivables
    found: list[tuple[Month, Decimal, float]] = []
    expected = months[0].end
    for month in months:
        if left <= 0:
            return found
        if month.end != expected:
            raise NotAvailableError(_lacking(f"{left} is left, but {expected:%Y-%m} is missing"))
        expected = month_end(edate(month.end.replace(day=1), -1))
        amount = month.amount()
        used = min(left, amount) if amount > 0 else Decimal(0)
        share = float(used) / float(amount) if amount > 0 else 1.0
        found.append((month, left, share * month.days))
        left -= used
    if left > 0:
        raise NotAvailableError(
            _lacking(f"{left} is left after {months[-1].name}, the oldest month given")
        )
    return found


def countback_steps(receivables: Decimal, months: Sequence[Month]) -> list[Step]:
    """The countback month by month: step, input, rule, result.

    >>> months = history([date(2026, 2, 28), date(2026, 3, 31)], [Decimal(80), Decimal(100)])
    >>> for row in countback_steps(Decimal(140), months): print(row)
    ['step', 'days_in_month', 'sales', 'receivables_left', 'rule', 'days']
    ['2026-03', 31, 100.0, 140.0, 'sales used up: all days', 31.0]
    ['2026-02', 28, 80.0, 40.0, 'left ÷ sales × days', 14.0]
    ['DSO countback', None, None, None, 'sum of the days', 45.0]
    """
    rows: list[Step] = [["step", "days_in_month", "sales", "receivables_left", "rule", "days"]]
    taken = walk(receivables, months)
    for month, left, days in taken:
        amount = month.amount()
        if amount <= 0:
            rule = "no sales: all days, nothing used up"
        else:
            rule = "sales used up: all days" if left >= amount else "left ÷ sales × days"
        rows.append([month.name, month.days, float(amount), float(left), rule, days])
    total = sum(days for _, _, days in taken)
    return [*rows, ["DSO countback", None, None, None, "sum of the days", total]]


def rolling(
    receivables: Decimal, months: Sequence[Month], count: int, *, allow_credit: bool = False
) -> float:
    """Rolling DSO = receivables ÷ Σ sales of the newest months × Σ their days.

    Raises:
        DomainError: a count below 1; as `dso` otherwise.
        NotAvailableError: fewer months than asked; names those that are missing.

    >>> ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    >>> f"{rolling(Decimal(212), history(ends, [Decimal(70), Decimal(80), Decimal(100)]), 3):.2f}"
    '76.32'
    """
    if count < 1:
        raise DomainError(f"months is {count}: give 3, 6 or 12.")
    known = {month.end: month for month in months}
    first = months[0].end.replace(day=1)
    wanted = [month_end(edate(first, -back)) for back in range(count)]
    missing = [end for end in wanted if end not in known]
    if missing:
        names = ", ".join(f"{end:%Y-%m}" for end in reversed(missing))
        raise NotAvailableError(
            f"{count} months were asked for, {count - len(missing)} are there. Missing: {names}."
        )
    taken = [known[end] for end in wanted]
    total = sum((month.amount() for month in taken), Decimal(0))
    days = sum(month.days for month in taken)
    return dso(receivables, total, days, allow_credit=allow_credit)


def _lacking(what: str) -> str:
    return f"More months are needed: {what}. Add earlier months; nothing is extrapolated."
