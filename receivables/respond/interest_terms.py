"""What is charged on a late debt: a scheme or a bare rate, ready to apply."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import cache
from typing import Any

from receivables.cells.coerce import to_number
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.respond.interest_rates import RatePeriod, RateTable, series
from receivables.respond.interest_schemes import Scheme, scheme

_RATE = re.compile(
    r"(?P<before>日息|月息|年息|日|月|年)?\s*(?P<number>[\d.]+)\s*%\s*(?:/|per|a)?\s*"
    r"(?P<after>day|month|year|日|天|月|年)?"
)
_SPANS = {
    "day": "day", "日": "day", "天": "day", "日息": "day", "month": "month", "月": "month", "月息": "month",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of interest.

    `table` holds full rates a year by day (margin, factor and rounding up included), `daily` one
    rate a day. `reset` as in `Scheme`. `allocation`: a payment settles the principal first
    (`principal`), or cost, then interest, then principal (`interest`). `rounding`: at the `end`, or
    `daily` to the currency's unit. `stop_on`: first day without interest (an opening judgment).
    """

    scheme: Scheme
    table: RateTable | None = None
    daily: Decimal | None = None
    reset: str = "none"
    basis: int = 3
    roll: str = "none"
    rounding: str = "end"
    allocation: str = "principal"
    assume_last: bool = False
    currency: str = ""
    contract_on: date | None = None
    stop_on: date | None = None
    disputed: Decimal = Decimal(0)
    confirmed: bool = True

    @classmethod
    def of(cls, value: str | float | Decimal, **options: Any) -> Terms:
        """Terms of a scheme's name, a rate a year (0.12, "12%"), a month ("1%/month") or a day ("0.05%/day").

        Args:
            value: scheme or rate.
            options: any other field of these terms.

        Raises:
            NotAvailableError: an unknown scheme, or one whose rate must be given.
            DomainError: a rate outside 0–1.

        >>> Terms.of("UK").rate_on(date(2026, 2, 1)).rate
        Decimal('0.1175')
        >>> Terms.of("0.05%/day").daily, Terms.of("BE").rate_on(date(2026, 2, 1)).rate
        (Decimal('0.0005'), Decimal('0.105'))
        """
        found = plain_terms(value)
        return (replace(found, **options) if options else found).complete()

    def complete(self) -> Terms:
        """These terms, if they say a rate.

        Raises:
            NotAvailableError: the scheme needs the rate of a contract.
        """
        if self.table is None and self.daily is None:
            raise NotAvailableError(
                f"{self.scheme.scheme} needs the rate of the contract. Give a range of rates (valid_from, "
                "rate), or own terms with rate."
            )
        return self

    def rate_on(self, day: date) -> RatePeriod:
        """The period and full rate a year that a day is in.

        Raises:
            NotAvailableError: the rate of that day is not known.
        """
        if self.table is None:
            raise BadValueError("A rate a day has no rate a year.")
        return self.table.at(day, assume_last=self.assume_last)

    def rate_text(self, rate: Decimal) -> str:
        """A rate as a letter shows it.

        >>> Terms.of("0.05%/day").rate_text(Decimal("0.0005")), Terms.of(0.1175).rate_text(Decimal("0.1175"))
        ('0.05 % a day', '11.75 % a year')
        """
        return f"{_percent(rate)} % a {'year' if self.daily is None else 'day'}"


def plain_terms(value: str | float | Decimal) -> Terms:
    """Terms of one cell; they may still lack a rate."""
    if isinstance(value, str):
        return _of_text(value.strip())
    return at_rate(share_of(value))


def of_scheme(found: Scheme) -> Terms:
    """Terms of a scheme as the table has it."""
    terms = Terms(
        found, daily=found.daily_rate, reset=found.reset, basis=found.basis, roll=found.roll,
        currency=found.currency, confirmed=found.confirmed,
    )  # fmt: skip
    if found.series:
        return replace(terms, table=_loaded_table(series(found.series), found))
    if found.margin is not None:
        return replace(terms, table=flat(found.margin))
    return terms


def at_rate(rate: Decimal | None) -> Terms:
    """Terms of the contract: one rate a year."""
    return Terms(scheme("CUSTOM"), table=None if rate is None else flat(rate))


def flat(rate: Decimal) -> RateTable:
    """A rate that never changes."""
    return RateTable("the contract", (RatePeriod(date.min, date.max, rate),))


def loaded(period: RatePeriod, found: Scheme) -> RatePeriod:
    """Full rate = reference rate × factor + margin, rounded up where the law says so; never below nil."""
    rate = period.rate * found.factor + (found.margin or 0)
    if found.round_up:
        rate = (rate / found.round_up).to_integral_value(ROUND_CEILING) * found.round_up
    return replace(period, rate=max(rate, Decimal(0)))


def share_of(value: Any) -> Decimal:
    """A rate between 0 and 1, exact.

    Raises:
        DomainError: outside; 12 is not taken for 12 %.

    >>> share_of("12%")
    Decimal('0.12')
    """
    return checked(Decimal(repr(to_number(value))))


def checked(rate: Decimal) -> Decimal:
    """The rate, if it is one between 0 and 1."""
    if 0 <= rate <= 1:
        return rate
    if 1 < rate <= 100:
        raise DomainError(
            f"{float(rate):g} is not a rate between 0 and 1. {float(rate):g} means {float(rate):g} %? Write {float(rate):g}%."
        )
    raise DomainError(f"{rate:f} is not a rate between 0 and 1. Correct it.")


@cache
def _of_text(text: str) -> Terms:
    told = _RATE.fullmatch(text.casefold())
    if told:
        share = Decimal(told["number"]) / 100
        span = _SPANS.get(told["before"] or told["after"] or "", "year")
        if span == "day":
            return replace(at_rate(None), daily=checked(share))
        return at_rate(checked(share * 12 if span == "month" else share))
    try:
        return at_rate(share_of(text))
    except BadValueError:
        return of_scheme(scheme(text))


def _loaded_table(table: RateTable, found: Scheme) -> RateTable:
    return RateTable(table.name, tuple(loaded(period, found) for period in table.periods))


def _percent(rate: Decimal) -> str:
    text = f"{rate * 100:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
