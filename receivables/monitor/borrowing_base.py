"""What a bank lends against receivables: eligible ones × advance rate, by the contract's tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from receivables.errors import BadValueError, DomainError
from receivables.monitor.turnover import Step
from receivables.resources import data_rows


@dataclass(frozen=True, slots=True)
class Terms:
    """The contract's tests. A test that is None is not made: no contract term is guessed."""

    advance_rate: float
    max_days: float
    cross_aging: float | None = None
    cap: float | None = None

    def check(self) -> None:
        """Refuse shares outside 0–1 and an age limit below 1.

        Raises:
            DomainError: names the term.
        """
        for name in ("advance_rate", "cross_aging", "cap"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                shown = "concentration_cap" if name == "cap" else name
                raise DomainError(
                    f"{shown} is {share:g}, outside 0 to 1. 30 means 30 %? Write 0.3."
                )
        if self.max_days < 1:
            raise DomainError(f"max_days is {self.max_days:g}: give 1 or more.")


@dataclass(slots=True)
class Debtor:
    """What one customer owes, sorted by the tests."""

    young: Decimal = Decimal(0)
    old: Decimal = Decimal(0)
    undated: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        """Eligible before the tests of the whole customer: credits come off, never below 0."""
        return max(self.young - self.credit, Decimal(0))

    def cross_aged(self, share: float | None) -> bool:
        """Whether more than the share of the customer's debt is too old."""
        whole = self.young + self.old + self.undated
        return share is not None and whole > 0 and float((self.old + self.undated) / whole) > share


@dataclass(frozen=True, slots=True)
class Base:
    """The borrowing base and what was taken off on the way; amounts as given, not rounded."""

    terms: Terms
    debt: Decimal
    too_old: Decimal
    undated: Decimal
    credits: Decimal
    cross_aged: Decimal
    over_cap: Decimal
    eligible: Decimal

    @property
    def amount(self) -> float:
        """Eligible × advance rate."""
        return float(self.eligible) * self.terms.advance_rate


def default_max_days() -> float:
    """Age limit where the call names none: `data/borrowing_base.csv`, with its source.

    >>> default_max_days()
    90.0
    """
    rows = data_rows("borrowing_base.csv")
    return next(float(row["value"]) for row in rows if row["name"] == "max_days")


def borrowing_base(
    customers: Sequence[str | None],
    amounts: Sequence[Decimal | None],
    days: Sequence[float | None],
    terms: Terms,
) -> Base:
    """Borrowing base = advance rate × eligible receivables.

    Eligible: younger than `max_days`; less the customer's credits, whatever their age (they never
    pay off what is too old); nothing of a customer of whose debt more than `cross_aging` is too
    old; of one customer not more than `cap` × all that passed the tests so far. A receivable
    without an age is not eligible.

    Args:
        customers: who owes each row.
        amounts: open amounts in one currency, credits negative.
        days: age as the contract counts it, past due or past invoice date.
        terms: the contract's tests.

    Raises:
        BadValueError: columns of different size, an amount without customer.
        DomainError: shares outside 0–1.

    Source: tests named in `data/borrowing_base.csv`.

    >>> terms = Terms(advance_rate=0.8, max_days=90, cross_aging=0.5, cap=0.5)
    >>> rows = [Decimal(100), Decimal(60), Decimal(40), Decimal(-10)]
    >>> borrowing_base(["A", "B", "B", "A"], rows, [10, 89, 90, 95], terms).eligible
    Decimal('135.0')
    """
    terms.check()
    debtors = _debtors(customers, amounts, days, terms.max_days)
    nets = {key: own.net for key, own in debtors.items()}
    tainted = [key for key, own in debtors.items() if own.cross_aged(terms.cross_aging)]
    passed = {key: net for key, net in nets.items() if key not in tainted}
    whole = sum(passed.values(), Decimal(0))
    most = whole if terms.cap is None else whole * Decimal(repr(terms.cap))
    over = sum((max(net - most, Decimal(0)) for net in passed.values()), Decimal(0))
    young = sum((own.young for own in debtors.values()), Decimal(0))
    too_old = sum((own.old for own in debtors.values()), Decimal(0))
    undated = sum((own.undated for own in debtors.values()), Decimal(0))
    return Base(
        terms=terms,
        debt=young + too_old + undated,
        too_old=too_old,
        undated=undated,
        credits=young - sum(nets.values(), Decimal(0)),
        cross_aged=sum((nets[key] for key in tainted), Decimal(0)),
        over_cap=over,
        eligible=whole - over,
    )


def steps(base: Base) -> list[Step]:
    """The borrowing base line by line: step, input, rule, result.

    >>> terms = Terms(advance_rate=0.8, max_days=90)
    >>> for row in steps(borrowing_base(["A", "A"], [Decimal(100), Decimal(40)], [10, 90], terms))[1:3]:
    ...     print(row)
    ['receivables', None, 'sum of what is owed, credits apart', 140.0]
    ['too old', 90, 'age of max_days and more', -40.0]
    """
    terms = base.terms
    lines: list[tuple[str, float | None, str, Decimal]] = [
        ("receivables", None, "sum of what is owed, credits apart", base.debt),
        ("too old", terms.max_days, "age of max_days and more", -base.too_old),
        ("without age", None, "no date: not eligible", -base.undated),
        ("credits", None, "off the same customer's eligible debt, to 0 at most", -base.credits),
        ("cross-aging", terms.cross_aging, _rule(terms.cross_aging, "customers of whose debt more than this share is too old"), -base.cross_aged),
        ("concentration", terms.cap, _rule(terms.cap, "what exceeds this share of the rest with one customer"), -base.over_cap),
        ("eligible", None, "sum of the lines above", base.eligible),
    ]  # fmt: skip
    rows: list[Step] = [["step", "input", "rule", "result"]]
    rows += [[name, given, rule, float(amount)] for name, given, rule, amount in lines]
    return [*rows, ["borrowing base", terms.advance_rate, "eligible × advance rate", base.amount]]


def _rule(given: float | None, rule: str) -> str:
    return "not tested: the call names no share" if given is None else rule


def _debtors(
    customers: Sequence[str | None],
    amounts: Sequence[Decimal | None],
    days: Sequence[float | None],
    max_days: float,
) -> dict[str, Debtor]:
    if not len(customers) == len(amounts) == len(days):
        raise BadValueError(
            f"{len(customers)} customers, {len(amounts)} amounts, {len(days)} days. Give ranges of "
            "the same size."
        )
    found: dict[str, Debtor] = {}
    for row, (customer, amount, age) in enumerate(zip(customers, amounts, days, strict=True), 1):
        if amount is None:
            if customer and age is not None:
                raise BadValueError(f"Row {row} has no amount. Fill it in, 0 if nothing is open.")
            continue
        if not customer:
            raise BadValueError(f"Row {row} has an amount but no customer. Fill it in.")
        own = found.setdefault(customer.strip().casefold(), Debtor())
        if amount < 0:
            own.credit -= amount
        elif age is None:
            own.undated += amount
        elif age < max_days:
            own.young += amount
        else:
            own.old += amount
    return found
