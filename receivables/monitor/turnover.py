"""How fast receivables turn into cash: the ratios of one period, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from receivables.errors import BadValueError, DomainError, ZeroDivideError
from receivables.resources import data_rows

Money = Decimal | float
Step = list[object]


def default(name: str) -> float:
    """A default of `data/turnover.csv`, where its source stands.

    >>> default("days_in_year")
    365.0
    """
    return next(float(row["value"]) for row in data_rows("turnover.csv") if row["name"] == name)


def dso(
    receivables: Money, credit_sales: Money, days: float, *, allow_credit: bool = False
) -> float:
    """Days sales outstanding = receivables ÷ credit sales × days of the period.

    Both with tax or both without: receivables with tax over sales without it inflate the ratio.

    Raises:
        ZeroDivideError: no sales.
        DomainError: negative sales or days; a net credit balance unless allowed.

    >>> f"{dso(10869, 5538 + 4566 + 7570, 90):.4f}"
    '55.3474'
    """
    if days <= 0:
        raise DomainError(f"days is {days:g}: give the days of the period, 1 or more.")
    if credit_sales == 0:
        raise ZeroDivideError(
            "credit_sales is 0: without sales there is no DSO. Take more months."
        )
    if credit_sales < 0:
        raise DomainError(
            f"credit_sales is {credit_sales}: credit notes exceed invoices. Take more months."
        )
    refuse_credit(receivables, allow_credit=allow_credit)
    return float(receivables) / float(credit_sales) * days


def refuse_credit(receivables: Money, *, allow_credit: bool = False) -> None:
    """Raise on a net credit balance, which is owed, not outstanding, unless it is allowed."""
    if receivables < 0 and not allow_credit:
        raise DomainError(
            f"receivables is {receivables}, a net credit balance. Reclassify the credits, or say "
            "allow_credit where the function has it."
        )


def delinquent(receivables: Money, current: Money, credit_sales: Money, days: float) -> float:
    """Average days delinquent = DSO − best possible DSO = overdue ÷ credit sales × days.

    Raises:
        DomainError: more is not yet due than is owed in all: credits exceed what is overdue.

    >>> delinquent(150, 60, 300, 30)
    9.0
    """
    if current > receivables:
        raise DomainError(
            f"current_receivables {current} exceed receivables {receivables}: credits exceed what is "
            "overdue, so nothing is delinquent. Check that both are net or both gross of credits."
        )
    return dso(receivables, credit_sales, days) - dso(
        current, credit_sales, days, allow_credit=True
    )


def turnover(credit_sales: Money, begin: Money, end: Money) -> float:
    """Receivables turnover = credit sales ÷ average of opening and closing receivables.

    The reciprocal of DSO, not the same thing: 94 days are a turnover of 365 ÷ 94 = 3.883.

    Raises:
        ZeroDivideError: average receivables of 0.
        DomainError: negative sales or a net credit balance on average.

    >>> f"{turnover(365, 90, 98):.3f}"
    '3.883'
    """
    if credit_sales < 0:
        raise DomainError(f"credit_sales is {credit_sales}: credit notes exceed invoices.")
    average = (float(begin) + float(end)) / 2
    if average == 0:
        raise ZeroDivideError("Receivables are 0 on average: nothing could turn over.")
    if average < 0:
        raise DomainError(f"Receivables are {average:g} on average, a net credit balance.")
    return float(credit_sales) / average


def cash_impact(annual_sales: Money, days_saved: float, days_in_year: float) -> float:
    """Cash released by a shorter DSO = annual sales ÷ days in the year × days saved.

    Negative days tie cash up. Not rounded.

    Raises:
        DomainError: negative sales, or a year without days.

    >>> cash_impact(3_650_000, 5, 365)
    50000.0
    """
    if annual_sales < 0:
        raise DomainError(f"annual_sales is {annual_sales}: give sales as a positive amount.")
    if days_in_year <= 0:
        raise DomainError(f"days_in_year is {days_in_year:g}: give 360, 365 or 366.")
    return float(annual_sales) / days_in_year * days_saved


def collection_index(
    begin: Money,
    credit_sales: Money,
    end: Money,
    current_end: Money,
    months: float | None = None,
    sales_basis: str = "whole",
) -> float:
    """Collection effectiveness % = (begin + sales − end) ÷ (begin + sales − current end) × 100.

    Args:
        begin: receivables when the period began.
        credit_sales: credit sales of the whole period.
        end: all receivables at its end.
        current_end: the part of `end` that is not yet due.
        months: months of the period, asked for only by the monthly convention.
        sales_basis: `whole` takes the sales of the period, `monthly` sales ÷ months. The two
            differ widely for the same quarter.

    Raises:
        ZeroDivideError: nothing was collectable.

    >>> f"{collection_index(500, 300, 400, 250):.3f}"
    '72.727'
    """
    sales = sales_taken(credit_sales, months, sales_basis)
    collectable = float(begin) + sales - float(current_end)
    if collectable <= 0:
        raise ZeroDivideError(
            f"receivables_begin + sales − current_end is {collectable:g}: nothing was collectable."
        )
    return (float(begin) + sales - float(end)) / collectable * 100


def sales_taken(credit_sales: Money, months: float | None, sales_basis: str) -> float:
    """Sales that enter the collection index, by convention.

    Raises:
        BadValueError: the monthly convention without the number of months.
        DomainError: negative sales, no months.

    >>> sales_taken(900, 3, "monthly"), sales_taken(900, 3, "whole")
    (300.0, 900.0)
    """
    if credit_sales < 0:
        raise DomainError(f"credit_sales is {credit_sales}: credit notes exceed invoices.")
    if months is not None and months <= 0:
        raise DomainError(f"months is {months:g}: give the months of the period, 1 or more.")
    if sales_basis == "whole":
        return float(credit_sales)
    if months is None:
        raise BadValueError("sales_basis is monthly, but months is missing. Give 3 for a quarter.")
    return float(credit_sales) / months


def collection_steps(
    begin: Money,
    credit_sales: Money,
    end: Money,
    current_end: Money,
    months: float | None = None,
    sales_basis: str = "whole",
) -> list[Step]:
    """The collection index step by step: step, input, rule, result.

    >>> collection_steps(500, 300, 400, 250)[-1][3]
    72.72727272727273
    """
    result = collection_index(begin, credit_sales, end, current_end, months, sales_basis)
    sales = sales_taken(credit_sales, months, sales_basis)
    rule = "whole period" if sales_basis == "whole" else f"credit_sales ÷ {months:g} months"
    collected, collectable = (float(begin) + sales - float(last) for last in (end, current_end))
    high = (
        "above 100: check credits and what is not yet due" if result > 100 else "0 to 100 is usual"
    )
    return [
        ["step", "input", "rule", "result"],
        ["sales", float(credit_sales), rule, sales],
        ["collected", float(end), "receivables_begin + sales − receivables_end", collected],
        [
            "collectable",
            float(current_end),
            "receivables_begin + sales − current_end",
            collectable,
        ],
        ["collection index %", high, "collected ÷ collectable × 100", result],
    ]


def cash_ratio(
    cash: Money, current_liabilities: Money, securities: Money = 0, restricted: Money = 0
) -> float:
    """Cash ratio = (cash and equivalents + marketable securities − restricted) ÷ current liabilities.

    Raises:
        ZeroDivideError: no current liabilities.
        DomainError: a negative amount (an overdraft is a liability), or more restricted than there is.

    >>> cash_ratio(120, 400, 60, 20)
    0.4
    """
    named: Sequence[tuple[str, Money]] = (
        ("cash", cash),
        ("current_liabilities", current_liabilities),
        ("marketable_securities", securities),
        ("restricted_cash", restricted),
    )
    for name, amount in named:
        if amount < 0:
            raise DomainError(f"{name} is {amount}. An overdraft belongs to current liabilities.")
    if current_liabilities == 0:
        raise ZeroDivideError("current_liabilities is 0: there is nothing to cover.")
    if restricted > cash + securities:  # type: ignore[operator]
        raise DomainError("restricted_cash exceeds cash and securities: it must be part of them.")
    return float(cash + securities - restricted) / float(current_liabilities)  # type: ignore[operator]
