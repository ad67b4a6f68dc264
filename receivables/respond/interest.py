"""Late-payment interest of one debt: simple, in segments between payments and changes of rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from receivables import money
from receivables.errors import BadValueError, DomainError
from receivables.respond.interest_days import (
    ACT_ACT,
    LABELS,
    days_between,
    year_days,
    years_between,
)
from receivables.respond.interest_terms import Terms
from receivables.respond.statutory import rolled

ZERO = Decimal(0)
DAY = timedelta(1)
KINDS = ("payment", "credit_note")
HEADINGS = ("from", "to", "days", "principal", "rate", "rule", "interest")


@dataclass(frozen=True, slots=True)
class Payment:
    """Money or a credit note that came on a day; that day still bears interest."""

    on: date
    amount: Decimal
    kind: str = "payment"


@dataclass(frozen=True, slots=True)
class Debt:
    """One late debt in major units of one currency; `late_from` is the first day of interest."""

    amount: Decimal
    due_on: date
    late_from: date | None = None
    payments: tuple[Payment, ...] = ()
    disputed: Decimal = ZERO
    cost: Decimal = ZERO
    contract_on: date | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """Days on which principal and rate stay as they are, first and last included."""

    from_on: date
    to_on: date
    days: int
    principal: Decimal
    rate: Decimal
    rule: str
    interest: Decimal

    def cells(self) -> list[object]:
        """The segment as a row under `HEADINGS`."""
        return [
            self.from_on,
            self.to_on,
            self.days,
            self.principal,
            self.rate,
            self.rule,
            self.interest,
        ]


@dataclass(frozen=True, slots=True)
class Interest:
    """Interest of a debt up to a day, in major units.

    `accrued` is what ran up, `amount` what of it is still owed (payments may have settled some).
    `provisional`: the rate can still change with the payment date. `confirmed`: every rate used
    was seen in a publication.
    """

    terms: Terms
    from_on: date
    until: date
    segments: tuple[Segment, ...]
    accrued: Decimal
    amount: Decimal
    principal: Decimal
    provisional: bool
    confirmed: bool

    @property
    def rates(self) -> tuple[Decimal, ...]:
        """The rates used, in their order, each once."""
        return tuple(dict.fromkeys(part.rate for part in self.segments))

    @property
    def rate_text(self) -> str:
        """The rates as a letter shows them."""
        return ", ".join(self.terms.rate_text(rate) for rate in self.rates)

    @property
    def basis(self) -> str:
        """Name of the day count."""
        return LABELS[self.terms.basis]

    def minor(self, currency: str) -> int:
        """What is owed in minor units, half up: the figure of a letter.

        >>> charge(Debt(Decimal(10000), date(2026, 1, 31)), date(2026, 4, 1), Terms.of("UK")).minor("GBP")
        19315
        """
        return money.to_minor(self.amount, currency)


def charge(debt: Debt, until: date, terms: Terms) -> Interest:
    """Interest = Σ principal × rate × days ÷ days a year, from the day after due up to and with `until`.

    The day of a payment bears interest on what stood before it. Credit notes reduce the principal.
    Disputed amounts bear none: they are the part that is left unpaid last. Nothing compounds.

    Args:
        debt: amount, due date, what came in.
        until: last day of interest: the day of payment or of the letter.
        terms: scheme and options.

    Raises:
        NotAvailableError: the rate of a day is not known.
        DomainError: an amount below 0, or more disputed than owed.
        BadValueError: a kind of payment that does not exist; options that exclude each other.

    >>> found = charge(Debt(Decimal(100000), date(2026, 3, 1)), date(2026, 3, 31), Terms.of("CN_SME"))
    >>> found.amount, found.rate_text
    (Decimal('1500.0000'), '0.05 % a day')
    """
    _check(debt, terms)
    last = min(until, terms.stop_on - DAY) if terms.stop_on else until
    start = debt.late_from or rolled(debt.due_on, terms.roll) + DAY
    payments = sorted((one for one in debt.payments if one.on <= last), key=_order)
    if terms.reset == "payment":
        return _by_chunk(debt, start, last, payments, terms)
    run = _Run(debt, start, last, terms)
    for one in payments:
        run.pay(one)
    return run.finish()


def explained(found: Interest) -> list[list[object]]:
    """The segments under their headings, and a last row that sums up.

    >>> debt = Debt(Decimal(1000), date(2026, 1, 31))
    >>> explained(charge(debt, date(2026, 4, 1), Terms.of("10%")))[-1][5]
    'Rate of the contract'
    """
    notes = [found.terms.scheme.label()]
    if found.provisional:
        notes.append("provisional: the rate is that of the payment date")
    if not found.confirmed:
        notes.append("rate not confirmed: check it")
    if found.amount != found.accrued:
        notes.append(f"{found.accrued - found.amount:f} of it was paid")
    days = sum(part.days for part in found.segments)
    total: list[object] = [
        found.from_on, found.until, days, found.principal, None, "; ".join(notes), found.amount,
    ]  # fmt: skip
    return [list(HEADINGS), *(part.cells() for part in found.segments), total]


class _Run:
    """A debt on its way through time: principal, interest and cost still owed."""

    def __init__(self, debt: Debt, start: date, last: date, terms: Terms) -> None:
        self.terms, self.start, self.last, self.day = terms, start, last, start
        self.disputed = debt.disputed + terms.disputed
        self.principal, self.cost = debt.amount, debt.cost
        self.owed, self.accrued = ZERO, ZERO
        self.segments: list[Segment] = []
        self.confirmed = True
        self.contract_on = debt.contract_on or terms.contract_on

    def pay(self, payment: Payment) -> None:
        """Interest up to the day of the payment, then what the payment settles."""
        self._accrue(payment.on)
        rest = payment.amount
        if payment.kind == "payment" and self.terms.allocation == "interest":
            rest = self._settle_cost(rest)
            rest = self._settle_interest(rest)
        taken = min(rest, self.principal)
        self.principal -= taken
        if payment.kind == "payment":
            self._settle_cost(self._settle_interest(rest - taken))

    def finish(self) -> Interest:
        """Interest up to the last day."""
        self._accrue(self.last)
        return Interest(
            self.terms, self.start, self.last, tuple(self.segments), self.accrued, self.owed,
            self.principal, provisional=False, confirmed=self.confirmed and self.terms.confirmed,
        )  # fmt: skip

    def _settle_cost(self, rest: Decimal) -> Decimal:
        taken = min(rest, self.cost)
        self.cost -= taken
        return rest - taken

    def _settle_interest(self, rest: Decimal) -> Decimal:
        taken = min(rest, self.owed)
        self.owed -= taken
        return rest - taken

    def _accrue(self, end: date) -> None:
        bearing = max(self.principal - self.disputed, ZERO)
        while self.day <= end:
            rate, until, sure = _rate(self.terms, self.day, self.start, self.contract_on)
            part = _segment(self.day, min(end, until), bearing, rate, self.terms)
            self.day = part.to_on + DAY
            if bearing:
                self.segments.append(part)
                self.owed += part.interest
                self.accrued += part.interest
                self.confirmed &= sure


def _rate(
    terms: Terms, day: date, start: date, contract_on: date | None
) -> tuple[Decimal, date, bool]:
    """Rate of a day, the last day it holds, and whether it is confirmed."""
    if terms.daily is not None:
        return terms.daily, date.max, True
    if terms.reset == "contract" and contract_on is None:
        raise BadValueError("The rate is that of the contract date: give contract_on.")
    fixed = {"late": start, "contract": contract_on or start}.get(terms.reset)
    found = terms.rate_on(fixed or day)
    until = found.valid_to if terms.reset == "floating" else date.max
    return found.rate, until, found.confirmed


def _segment(start: date, end: date, principal: Decimal, rate: Decimal, terms: Terms) -> Segment:
    """One segment; each day in its own year where the day count asks for it."""
    if terms.basis == ACT_ACT and terms.daily is None:
        end = min(end, date(start.year, 12, 31))
    before = start - DAY
    days = days_between(before, end, terms.basis) if terms.daily is None else (end - before).days
    rule = LABELS[terms.basis] if terms.daily is None else "per day"
    if terms.rounding == "daily":
        interest = _daily(start, principal, rate, terms) * days
    elif terms.daily is not None:
        interest = principal * rate * days
    elif terms.basis == ACT_ACT:
        interest = principal * rate * years_between(before, end, terms.basis)
    else:
        interest = principal * rate * days / year_days(start, terms.basis)
    return Segment(start, end, days, principal, rate, rule, interest)


def _daily(day: date, principal: Decimal, rate: Decimal, terms: Terms) -> Decimal:
    share = rate if terms.daily is not None else rate / year_days(day, terms.basis)
    unit = Decimal(1).scaleb(-money.exponent(terms.currency))
    return (principal * share).quantize(unit, ROUND_HALF_UP)


def _by_chunk(
    debt: Debt, start: date, last: date, payments: list[Payment], terms: Terms
) -> Interest:
    """Each part paid bears the rate of its payment date for its whole time; the rest that of `until`."""
    if terms.allocation != "principal":
        raise BadValueError(
            "A rate of the payment date needs payments that settle the principal first."
        )
    left = max(debt.amount - debt.disputed - terms.disputed, ZERO)
    segments: list[Segment] = []
    confirmed = terms.confirmed
    for one in [*payments, Payment(last, left)]:
        taken = min(one.amount, left)
        left -= taken
        if taken and one.on >= start:
            found = terms.rate_on(one.on)
            confirmed &= found.confirmed
            segments += _at_one_rate(start, one.on, taken, found.rate, terms)
    accrued = sum((part.interest for part in segments), ZERO)
    paid = sum((one.amount for one in payments), ZERO)
    money_in = sum((one.amount for one in payments if one.kind == "payment"), ZERO)
    owed = max(accrued - max(money_in - debt.amount, ZERO), ZERO)
    open_debt = paid < debt.amount - debt.disputed - terms.disputed
    return Interest(
        terms, start, last, tuple(segments), accrued, owed, max(debt.amount - paid, ZERO),
        provisional=open_debt, confirmed=confirmed,
    )  # fmt: skip


def _at_one_rate(
    start: date, end: date, principal: Decimal, rate: Decimal, terms: Terms
) -> list[Segment]:
    found = []
    while start <= end:
        part = _segment(start, end, principal, rate, terms)
        found.append(part)
        start = part.to_on + DAY
    return found


def _order(payment: Payment) -> tuple[date, bool]:
    return payment.on, payment.kind == "payment"


def _check(debt: Debt, terms: Terms) -> None:
    if debt.amount < 0 or any(one.amount < 0 for one in debt.payments):
        raise DomainError("An amount is below 0. A late debt and what was paid on it are above.")
    if not 0 <= debt.disputed + terms.disputed <= debt.amount:
        raise DomainError(
            f"{debt.disputed + terms.disputed:f} is disputed of a debt of {debt.amount:f}. Correct it."
        )
    if debt.late_from and debt.late_from <= debt.due_on:
        raise DomainError(
            f"late_from {debt.late_from} is not after the due date {debt.due_on}. Default begins the day "
            "after at the earliest."
        )
    for one in debt.payments:
        if one.kind not in KINDS:
            raise BadValueError(f"'{one.kind}' is no kind of payment. Use {', '.join(KINDS)}.")
    if terms.rounding == "daily" and terms.basis in {0, 4} and terms.daily is None:
        raise BadValueError(
            "Interest rounded each day needs a day count of actual days (1, 2 or 3)."
        )
