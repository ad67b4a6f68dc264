"""What hangs on the receivables, in cells: concentration, borrowing base, currencies."""

from typing import Annotated

from receivables.cells import (
    Amounts,
    Arg,
    Choice,
    Day,
    Number,
    Numbers,
    Table,
    Text,
    Texts,
    Whole,
    cell,
)
from receivables.monitor import borrowing_base as base
from receivables.monitor import shares, turnover

Balances = Annotated[Amounts, Arg("open amounts in one currency, credits negative", "money")]
Debtors = Annotated[
    Texts | None, Arg("customers of the same rows; left out, each row is a customer", "text")
]
Owners = Annotated[Texts, Arg("customers of the rows", "text")]
Ages = Annotated[
    Numbers, Arg("age of the rows as the contract counts it, past due or past issue", "days")
]
AdvanceRate = Annotated[Number, Arg("what the bank lends on eligible receivables", "share")]
MaxDays = Annotated[
    Number | None, Arg("younger receivables are eligible; 90 where left out", "days")
]
CrossAging = Annotated[
    Number | None,
    Arg("a customer with more than this share too old drops out; left out: no test", "share"),
]
Cap = Annotated[
    Number | None,
    Arg("most that one customer may be of the eligible total; left out: no test", "share"),
]


@cell("CONCENTRATION_TOP", family="monitor")
def concentration_top(
    amounts: Balances,
    n: Annotated[Whole | None, Arg("customers added up; 5 where left out", "count")] = None,
    customers: Debtors = None,
) -> Annotated[Number, Arg("share of the largest", "share")]:
    """Share of the n largest customers in all positive balances.

    >>> concentration_top([750, 250, -90], 1)
    0.75
    """
    return shares.top_share(amounts, int(turnover.default("top_n")) if n is None else n, customers)


@cell("CONCENTRATION_HHI", family="monitor")
def concentration_hhi(
    amounts: Balances,
    customers: Debtors = None,
    expressed_as: Annotated[
        Choice, Arg("share: 0 to 1; points: 0 to 10,000", "text", "hhi_scale")
    ] = "share",
) -> Annotated[Number, Arg("1 = a single debtor, 1 ÷ k = k equal ones", "ratio")]:
    """Herfindahl index of the positive balances = sum of squared shares.

    >>> concentration_hhi([750, 250, -90])
    0.625
    """
    return shares.herfindahl(amounts, customers, expressed_as)


def _base(
    customers: Owners,
    amounts: Balances,
    days: Ages,
    advance_rate: float,
    max_days: float | None,
    cross_aging: float | None,
    cap: float | None,
) -> base.Base:
    limit = base.default_max_days() if max_days is None else max_days
    terms = base.Terms(advance_rate, limit, cross_aging, cap)
    return base.borrowing_base(customers, amounts, days, terms)


@cell("BORROWING_BASE", family="monitor")
def borrowing_base(
    customers: Owners,
    amounts: Balances,
    days: Ages,
    advance_rate: AdvanceRate,
    max_days: MaxDays = None,
    cross_aging: CrossAging = None,
    concentration_cap: Cap = None,
) -> Annotated[Number, Arg("what can be borrowed", "money")]:
    """Borrowing base = advance rate × eligible receivables; tests that are left out are not made.

    >>> borrowing_base(["A", "B", "B"], [100, 60, 40], [10, 89, 90], 0.8)
    128.0
    """
    return _base(
        customers, amounts, days, advance_rate, max_days, cross_aging, concentration_cap
    ).amount


@cell("BORROWING_BASE_EXPLAIN", family="monitor")
def borrowing_base_explain(
    customers: Owners,
    amounts: Balances,
    days: Ages,
    advance_rate: AdvanceRate,
    max_days: MaxDays = None,
    cross_aging: CrossAging = None,
    concentration_cap: Cap = None,
) -> Annotated[Table, Arg("step, input, rule, result", "table")]:
    """The borrowing base line by line: what is owed, what each test takes off, what is lent.

    >>> borrowing_base_explain(["A", "B", "B"], [100, 60, 40], [10, 89, 90], 0.8)[-1]
    ['borrowing base', 0.8, 'eligible × advance rate', 128.0]
    """
    found = _base(customers, amounts, days, advance_rate, max_days, cross_aging, concentration_cap)
    return base.steps(found)


@cell("FX_EXPOSURE", family="monitor")
def fx_exposure(
    currencies: Annotated[Texts, Arg("currency codes of the rows", "currency")],
    amounts: Annotated[
        Amounts, Arg("open amounts in that currency, credits and payables negative", "money")
    ],
    home_currency: Annotated[Text, Arg("home currency", "currency")],
    as_of: Annotated[Day, Arg("day of the rates", "date")],
    rates: Annotated[
        Table | None, Arg("rates with headings date, from, to, rate", "table")
    ] = None,
    hedged: Annotated[
        Amounts | None, Arg("sold forward, in the currency of the row", "money")
    ] = None,
    move: Annotated[Number | None, Arg("share by which rates move, for the loss", "share")] = None,
) -> Annotated[Table, Arg("a row per foreign currency", "table")]:
    """Open amounts by foreign currency less what is hedged, at the as-of rate, and what a move costs.

    Raises:
        NotAvailableError: a currency without rate; names the row to add.

    >>> from datetime import date
    >>> rates = [["date", "from", "to", "rate"], ["2026-10-31", "USD", "EUR", 0.8]]
    >>> fx_exposure(["USD", "EUR"], [100, 50], "EUR", date(2026, 10, 31), rates, None, 0.1)[1][6:]
    [80.0, 1.0, 8.0]
    """
    from receivables_udfs.rate_table import exposure_rows

    return exposure_rows(currencies, amounts, home_currency, as_of, rates, hedged, move)
