"""Instruments in cells: what to sell on, what each costs, guarantees, the mutual fund, discounts."""

from decimal import Decimal
from typing import Annotated

from receivables.cells import Amount, Arg, Choice, Number, Table, Text, Whole, cell
from receivables.cells.coerce import to_table
from receivables.cells.types import CellType
from receivables.respond import discount
from receivables.transfer import cost_terms, fund, guarantee, instrument_cost, instruments
from receivables.transfer import factoring as factors

TERMS = CellType("table", "table", lambda value: cost_terms.terms_of(to_table(value)))

Terms = Annotated[
    Annotated[cost_terms.Terms, TERMS],
    Arg(
        "the offers as one range: names of the terms (funding_rate, premium_rate, advance_rate …) "
        "over or beside their values; what is not said is not assumed",
        "table",
    ),
]
Invoice = Annotated[Amount, Arg("amount of the invoice", "money")]
Days = Annotated[Whole, Arg("days until it is paid", "days")]
Periods = Annotated[
    Choice,
    Arg("how the factor counts further periods: started, or pro_rata", "text", "fee_periods"),
]
Grade = Annotated[Whole, Arg("the buyer's own grade, 1 is best", "grade")]


@cell("CREDIT_INSTRUMENT", family="transfer")
def credit_instrument(
    market: Annotated[Text, Arg("class of the market: mature, new, high_risk", "text")],
    grade: Annotated[
        Whole | None, Arg("credit grade; blank = the market decides alone", "grade")
    ] = None,
    rules: Annotated[
        Table | None, Arg("own rules with headings market, worst_grade, instrument", "table")
    ] = None,
    language: Annotated[Choice, Arg("en or zh", "text", "language")] = "en",
) -> Annotated[Text, Arg("instrument to sell on", "text")]:
    """Instrument of a market and grade: mature = open account, new = insurance + factoring, high-risk = letter of credit.

    Grades 7 to 10 (class C) of a mature market prepay; those of a new one need a letter of credit.

    Raises:
        BadValueError: an unknown market.
        DomainError: no such grade.

    >>> [credit_instrument(market) for market in ("mature", "new", "high_risk")]
    ['open account', 'insurance + factoring', 'letter of credit']
    """
    # 0 is what an empty cell is in Calc, and no grade
    own = None if rules is None else instruments.rules_of(rules)
    return instruments.instrument_text(
        instruments.instrument(market, grade or None, own), language
    )


@cell("INSTRUMENT_COST", family="transfer")
def instrument_cost_of(
    amount: Invoice, days: Days, terms: Terms, fee_periods: Periods = "started"
) -> Annotated[
    Table,
    Arg("instrument, funding, charges, expected_loss, total, share of the invoice, note", "table"),
]:
    """Cost of an invoice on open account, insured, factored and by letter of credit: funding + charges + expected loss.

    Default rate (pd) and loss given default (lgd) are yours; an instrument without its terms shows
    what is missing instead of a total.

    >>> offers = offered([["funding_rate", 0.05], ["pd", 0.02], ["lgd", 0.5], ["premium_rate", 0.003], ["insured_share", 0.9]])
    >>> [row[:1] + row[4:5] for row in instrument_cost_of(100000, 73, offers)[1:3]]
    [['open_account', Decimal('2000.000')], ['insured', Decimal('1400.0000')]]
    """
    found = instrument_cost.instrument_costs(Decimal(amount), days, terms, fee_periods)
    return instrument_cost.rows(found)


@cell("FACTORING_COST", family="transfer")
def factoring_cost(
    amount: Invoice, days: Days, terms: Terms, fee_periods: Periods = "started"
) -> Annotated[
    Table, Arg("fee, interest, advance, reserve_release, apr_simple, apr_effective", "table")
]:
    """Cost of factoring an invoice: fee by started periods or by the day, and as a rate a year on the advance.

    >>> offer = [["advance_rate", 0.9], ["fee_rate", 0.02], ["first_days", 30], ["step_rate", 0.005], ["step_days", 10]]
    >>> [f"{row[0]} {float(row[1]):.4f}" for row in factoring_cost(100000, 45, offered(offer))[1:]]
    ['fee 3000.0000', 'interest 0.0000', 'advance 90000.0000', 'reserve_release 7000.0000', 'apr_simple 0.2704', 'apr_effective 0.3165']
    """
    return factors.factoring(Decimal(amount), days, terms, fee_periods).rows()


@cell("GUARANTEE_GRADE", family="transfer")
def guarantee_grade(
    own_grade: Grade,
    guarantor_grade: Annotated[Whole, Arg("the guarantor's grade, 1 is best", "grade")],
    exposure: Annotated[Amount, Arg("what the buyer owes, orders included", "money")],
    guaranteed: Annotated[Amount, Arg("guaranteed amount", "money")],
    part: Annotated[
        Choice, Arg("whole exposure, its covered part, or the rest", "text", "guarantee_part")
    ] = "whole",
) -> Annotated[Whole, Arg("grade of that part, 1 is best", "grade")]:
    """Grade with a guarantee: the better of both for the covered part; for the whole only if all of it is covered.

    >>> guarantee_grade(7, 3, 100000, 60000), guarantee_grade(7, 3, 100000, 60000, "covered")
    (7, 3)
    >>> guarantee_grade(7, 3, 100000, 100000)
    3
    """
    found = guarantee.guaranteed(
        own_grade, guarantor_grade, Decimal(exposure), Decimal(guaranteed)
    )
    grades = {"whole": found.whole, "covered": found.covered_grade, "rest": found.rest_grade}
    return grades[part]


@cell("FUND_SHARE", family="transfer")
def fund_share(
    members: Annotated[
        Table, Arg("headings member, turnover, risk_weight and, where one asks, claim", "table")
    ],
    fund_amount: Annotated[Amount, Arg("size of the fund", "money")],
    draw_cap: Annotated[
        Number, Arg("most one member may draw, as a share of the fund, 0 to 1", "share")
    ],
    in_currency: Annotated[Text, Arg("currency, for its decimals; blank = two", "currency")] = "",
) -> Annotated[Table, Arg("member, share, contribution, most_drawn, paid", "table")]:
    """Mutual fund: contribution = fund × turnover × weight ÷ sum; a claim draws at most cap × fund.

    >>> rows = [["member", "turnover", "risk_weight", "claim"], ["A", 600, 1, None], ["B", 100, 3, 50]]
    >>> [[row[0], *map(float, row[2:])] for row in fund_share(rows, 100, 0.2)[1:]]
    [['A', 66.67, 20.0, 0.0], ['B', 33.33, 20.0, 20.0]]
    """
    return fund.fund_rows(fund.members_of(members), Decimal(fund_amount), draw_cap, in_currency)


@cell("DISCOUNT_APR", family="respond")
def discount_apr(
    discount_rate: Annotated[
        Number, Arg("share taken off for early payment: 2/10 has 0.02", "share")
    ],
    discount_days: Annotated[Whole, Arg("days within which it is taken", "days")],
    net_days: Annotated[Whole, Arg("days of the full terms", "days")],
    method: Annotated[
        Choice, Arg("simple, or effective (compounded)", "text", "apr_method")
    ] = "simple",
    year_days: Annotated[Whole, Arg("days a year: 365 or 360", "days")] = 365,
) -> Annotated[Number, Arg("rate a year, 0.37 = 37 %", "ratio")]:
    """Rate a year of an early-payment discount = d ÷ (1 − d) × 365 ÷ (net − discount days).

    Raises:
        DomainError: net days not above the discount days.

    >>> f"{discount_apr(0.02, 10, 30):.4f}"
    '0.3724'
    """
    return discount.discount_apr(discount_rate, discount_days, net_days, method, year_days or 365)


def offered(rows: list[list[object]]) -> cost_terms.Terms:
    """Offers of a range, as the functions here take them from Python."""
    return cost_terms.terms_of(rows)
