"""Speed of collection in cells: DSO and its kin, turnover, collection index, cash ratio."""

from typing import Annotated

from receivables.cells import (
    Amount,
    Amounts,
    Arg,
    Choice,
    Day,
    Days,
    Flag,
    Number,
    Table,
    Whole,
    cell,
)
from receivables.monitor import payment_habits, turnover, turnover_months

Receivables = Annotated[
    Amount, Arg("receivables at the end of the period, gross of allowances", "money")
]
Current = Annotated[Amount, Arg("the part of them that is not yet due", "money")]
Sales = Annotated[
    Amount, Arg("credit sales of the period, with tax where the receivables have it", "money")
]
PeriodDays = Annotated[Number, Arg("days of the period", "days")]
AllowCredit = Annotated[
    Flag, Arg("TRUE gives a negative result for a net credit balance, else it is an error", "flag")
]
MonthEnds = Annotated[
    Days, Arg("a date in each month, in any order; the newest is the balance date's", "date")
]
MonthSales = Annotated[
    Amounts, Arg("credit sales of the same months; 0 where there were none", "money")
]
MonthDays = Annotated[Choice, Arg("calendar, or 30 days in every month", "text", "month_days")]
InDays = Annotated[Number, Arg("days", "days")]
Issued = Annotated[Days, Arg("issue dates of the invoices", "date")]
Paid = Annotated[Days, Arg("days on which they were paid in full, blank while open", "date")]
AsOf = Annotated[Day, Arg("as-of date; later payments are not known yet", "date")]
Begin = Annotated[Amount, Arg("receivables when the period began", "money")]
End = Annotated[Amount, Arg("all receivables when it ended", "money")]
CurrentEnd = Annotated[Amount, Arg("the part of them that is not yet due", "money")]
Months = Annotated[
    Number | None, Arg("months of the period, needed by the monthly convention only", "count")
]
SalesBasis = Annotated[
    Choice,
    Arg("whole takes the sales of the period, monthly sales ÷ months", "text", "sales_basis"),
]


@cell("DSO", family="monitor")
def dso(
    receivables: Receivables,
    credit_sales: Sales,
    days: PeriodDays,
    allow_credit: AllowCredit = False,
) -> InDays:
    """Days sales outstanding = receivables ÷ credit sales × days. Both with tax, or both without.

    Raises:
        ZeroDivideError: no sales.
        DomainError: negative sales; a net credit balance unless allowed.

    Source: JD Edwards credit management, example of three months.

    >>> f"{dso(10869, 17674, 90):.2f}"
    '55.35'
    """
    return turnover.dso(receivables, credit_sales, days, allow_credit=allow_credit)


@cell("DSO_COUNTBACK", family="monitor")
def dso_countback(
    receivables: Receivables,
    month_ends: MonthEnds,
    sales: MonthSales,
    month_days: MonthDays = "calendar",
) -> InDays:
    """DSO by countback: days of the newest months whose sales the receivables hold; never extrapolated.

    Raises:
        NotAvailableError: more months are needed; the text says from where.

    >>> from datetime import date
    >>> ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    >>> f"{dso_countback(212, ends, [70, 80, 100]):.2f}"
    '73.17'
    >>> f"{dso_countback(212, ends, [70, 80, 100], 'thirty'):.2f}"
    '73.71'
    """
    return turnover_months.countback(
        receivables, turnover_months.history(month_ends, sales, month_days)
    )


@cell("DSO_COUNTBACK_EXPLAIN", family="monitor")
def dso_countback_explain(
    receivables: Receivables,
    month_ends: MonthEnds,
    sales: MonthSales,
    month_days: MonthDays = "calendar",
) -> Annotated[Table, Arg("a row per month: sales, what is left, rule, days", "table")]:
    """The countback month by month: what was left, the rule, the days it adds.

    >>> from datetime import date
    >>> dso_countback_explain(50, [date(2026, 3, 31)], [100])[1]
    ['2026-03', 31, 100.0, 50.0, 'left ÷ sales × days', 15.5]
    """
    return turnover_months.countback_steps(
        receivables, turnover_months.history(month_ends, sales, month_days)
    )


@cell("DSO_BEST", family="monitor")
def dso_best(
    current_receivables: Current,
    credit_sales: Sales,
    days: PeriodDays,
    allow_credit: AllowCredit = False,
) -> InDays:
    """Best possible DSO = receivables not yet due ÷ credit sales × days: what terms alone cost.

    >>> dso_best(60, 300, 30)
    6.0
    """
    return turnover.dso(current_receivables, credit_sales, days, allow_credit=allow_credit)


@cell("DSO_DELINQUENT", family="monitor")
def dso_delinquent(
    receivables: Receivables, current_receivables: Current, credit_sales: Sales, days: PeriodDays
) -> InDays:
    """Average days delinquent = DSO − best possible DSO: the days that lateness costs.

    >>> dso_delinquent(150, 60, 300, 30)
    9.0
    """
    return turnover.delinquent(receivables, current_receivables, credit_sales, days)


@cell("DSO_ROLLING", family="monitor")
def dso_rolling(
    receivables: Receivables,
    month_ends: MonthEnds,
    sales: MonthSales,
    months: Annotated[Whole, Arg("newest months taken: 3, 6 or 12", "count")] = 3,
    month_days: MonthDays = "calendar",
    allow_credit: AllowCredit = False,
) -> InDays:
    """Rolling DSO = receivables ÷ sales of the newest months × their days.

    Raises:
        NotAvailableError: fewer months than asked; names those that are missing.

    >>> from datetime import date
    >>> ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    >>> f"{dso_rolling(212, ends, [70, 80, 100]):.2f}"
    '76.32'
    """
    known = turnover_months.history(month_ends, sales, month_days)
    return turnover_months.rolling(receivables, known, months, allow_credit=allow_credit)


@cell("DSO_TRUE", family="monitor")
def dso_true(
    amounts: Annotated[Amounts, Arg("amounts of the invoices in one currency", "money")],
    issued_on: Issued,
    paid_on: Paid,
    as_of: AsOf,
    include_open: Annotated[
        Flag,
        Arg("FALSE measures paid invoices only, TRUE open ones to the as-of date too", "flag"),
    ] = True,
) -> InDays:
    """True DSO by invoice: days from issue to payment, weighted by amount.

    >>> from datetime import date
    >>> dso_true([300, 100], [date(2026, 9, 1), date(2026, 10, 1)], [date(2026, 9, 21), None], date(2026, 10, 31))
    22.5
    """
    return payment_habits.true_dso(amounts, issued_on, paid_on, as_of, include_open=include_open)


@cell("DSO_CASH_IMPACT", family="monitor")
def dso_cash_impact(
    annual_sales: Annotated[Amount, Arg("credit sales of a year", "money")],
    days_saved: Annotated[Number, Arg("days by which DSO falls; negative = rises", "days")],
    days_in_year: Annotated[
        Number | None, Arg("365 where left out; 360 by choice", "days")
    ] = None,
) -> Annotated[Number, Arg("cash released; negative = tied up", "money")]:
    """Cash released by a shorter DSO = annual sales ÷ 365 × days saved.

    >>> dso_cash_impact(3650000, 5)
    50000.0
    """
    year = turnover.default("days_in_year") if days_in_year is None else days_in_year
    return turnover.cash_impact(annual_sales, days_saved, year)


@cell("AR_TURNOVER", family="monitor")
def ar_turnover(
    credit_sales: Sales, receivables_begin: Begin, receivables_end: End
) -> Annotated[Number, Arg("times a period", "ratio")]:
    """Receivables turnover = credit sales ÷ average receivables; the reciprocal of DSO, not DSO.

    >>> f"{ar_turnover(365, 90, 98):.3f}"
    '3.883'
    """
    return turnover.turnover(credit_sales, receivables_begin, receivables_end)


@cell("COLLECTION_INDEX", family="monitor")
def collection_index(
    receivables_begin: Begin,
    credit_sales: Sales,
    receivables_end: End,
    current_end: CurrentEnd,
    months: Months = None,
    sales_basis: SalesBasis = "whole",
) -> Annotated[Number, Arg("collected per 100 collectable", "percent")]:
    """Collection effectiveness index: share of what could be collected that was, in percent.

    (begin + sales − end) ÷ (begin + sales − current end) × 100. Conventions differ in the sales.

    Raises:
        ZeroDivideError: nothing was collectable.

    >>> f"{collection_index(500, 300, 400, 250):.2f}"
    '72.73'
    """
    return turnover.collection_index(
        receivables_begin, credit_sales, receivables_end, current_end, months, sales_basis
    )


@cell("COLLECTION_INDEX_EXPLAIN", family="monitor")
def collection_index_explain(
    receivables_begin: Begin,
    credit_sales: Sales,
    receivables_end: End,
    current_end: CurrentEnd,
    months: Months = None,
    sales_basis: SalesBasis = "whole",
) -> Annotated[Table, Arg("step, input, rule, result", "table")]:
    """The collection effectiveness index step by step, with the convention of its sales.

    >>> collection_index_explain(500, 900, 511, 283, 3, "monthly")[1]
    ['sales', 900.0, 'credit_sales ÷ 3 months', 300.0]
    """
    return turnover.collection_steps(
        receivables_begin, credit_sales, receivables_end, current_end, months, sales_basis
    )


@cell("CASH_RATIO", family="monitor")
def cash_ratio(
    cash: Annotated[Amount, Arg("cash and cash equivalents", "money")],
    current_liabilities: Annotated[Amount, Arg("current liabilities", "money")],
    marketable_securities: Annotated[
        Amount | None, Arg("securities that can be sold at once", "money")
    ] = None,
    restricted_cash: Annotated[
        Amount | None, Arg("cash among the first that may not be used", "money")
    ] = None,
) -> Annotated[Number, Arg("times current liabilities", "ratio")]:
    """Cash ratio = (cash + marketable securities − restricted cash) ÷ current liabilities.

    >>> cash_ratio(120, 400, 60, 20)
    0.4
    """
    return turnover.cash_ratio(
        cash, current_liabilities, marketable_securities or 0, restricted_cash or 0
    )
