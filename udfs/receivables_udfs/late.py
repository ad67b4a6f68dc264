"""What a late debt costs in cells: interest by scheme, its segments, fixed sums, fees, limitation."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from receivables.cells import Amount, Arg, Day, Table, Text, cell
from receivables.cells.types import CellType
from receivables.errors import BadValueError
from receivables.respond import fees, interest, limitation, statutory
from receivables.respond.interest_days import basis_of
from receivables.respond.interest_own import is_own_terms, payments_of, terms_of


def _as_is(value: Any) -> Any:
    return value


TERMS = CellType("text", "scalar", _as_is, one_value=is_own_terms)
FEE = CellType("text", "scalar", _as_is, one_value=fees.is_tiers)
BASIS = CellType("number", "scalar", basis_of)

Debt = Annotated[Amount, Arg("debt when it became due, in one currency", "money")]
Due = Annotated[Day, Arg("due date; it bears no interest", "date")]
Until = Annotated[Day, Arg("last day of interest: day of payment, or of the letter", "date")]
Rule = Annotated[
    Annotated[Any, TERMS],
    Arg(
        "scheme (UK, DE, AT, FR, IE, BE, EU, CH, CN_SME, CN_SALE …), a rate a year (12%), a month or a day "
        "(0.05%/day), or own terms as a range of names and values",
        "text",
    ),
]
Paid = Annotated[
    Table | None,
    Arg("payments and credit notes on this debt: headings date, amount, [kind]", "table"),
]
Basis = Annotated[
    Annotated[int | None, BASIS],
    Arg("day count 0 to 4 as in YEARFRAC; left out: the scheme's (3, actual/365)", "index"),
]
LateFrom = Annotated[
    Day | None, Arg("first day of interest; left out: the day after the due date", "date")
]
Rates = Annotated[
    Table | None,
    Arg(
        "own rates: headings valid_from and base_rate (the margin is added) or rate (full rate), [valid_to], [scheme]",
        "table",
    ),
]


@cell("LATE_INTEREST", family="respond")
def late_interest(
    amount: Debt,
    due_on: Due,
    until_on: Until,
    scheme_or_rate: Rule,
    payments: Paid = None,
    basis: Basis = None,
    late_from: LateFrom = None,
    rates: Rates = None,
) -> Annotated[Amount, Arg("simple interest still owed, unrounded", "money")]:
    """Late-payment interest = Σ principal × rate × days ÷ days a year, from the day after due through until_on.

    Payments and credit notes reduce the principal from the next day on. Nothing compounds.

    Raises:
        NotAvailableError: unknown scheme; a day past the last known rate.
        DomainError: a rate outside 0–1; an amount below 0.

    >>> f"{late_interest(Decimal(10000), date(2026, 1, 31), date(2026, 4, 1), 'UK'):.2f}"
    '193.15'
    >>> f"{late_interest(Decimal(15000), date(2026, 3, 1), date(2026, 3, 31), 0.15):.2f}"
    '184.93'
    """
    return _charged(
        amount, due_on, until_on, scheme_or_rate, payments, basis, late_from, rates
    ).amount


@cell("LATE_INTEREST_EXPLAIN", family="respond")
def late_interest_explain(
    amount: Debt,
    due_on: Due,
    until_on: Until,
    scheme_or_rate: Rule,
    payments: Paid = None,
    basis: Basis = None,
    late_from: LateFrom = None,
    rates: Rates = None,
) -> Annotated[
    Table, Arg("from, to, days, principal, rate, rule, interest; the last row sums up", "table")
]:
    """How late-payment interest came about: a row for every stretch of days with one principal and one rate.

    >>> rows = late_interest_explain(Decimal(1000), date(2024, 6, 20), date(2024, 7, 10), "FR")
    >>> [[str(row[1]), row[2], str(row[4])] for row in rows[1:3]]
    [['2024-06-30', 10, '0.1450'], ['2024-07-10', 10, '0.1425']]
    """
    found = _charged(amount, due_on, until_on, scheme_or_rate, payments, basis, late_from, rates)
    return interest.explained(found)


@cell("LATE_FEE", family="respond")
def late_fee(
    amount: Debt,
    scheme_or_fee: Annotated[
        Annotated[Any, FEE],
        Arg(
            "scheme for the law's fixed sum (UK, EU, DE, FR, IE …), a fee (25), a percentage as text (2%), or "
            "tiers: a range headed from_amount, fee or rate, [minimum], [maximum]",
            "text",
        ),
    ],
    in_currency: Annotated[
        Text | None, Arg("currency of the debt, where the law's steps are in one", "currency")
    ] = None,
) -> Annotated[Amount, Arg("fixed sum or fee of one invoice, apart from interest", "money")]:
    """Fixed sum that the law allows for a late invoice, or a fee: fixed, a percentage, or by tiers.

    Raises:
        NotAvailableError: an unknown scheme, or one without a fixed sum.
        DomainError: no debt; a fee between 0 and 1, which may be a share.

    >>> late_fee(Decimal(10000), "UK"), late_fee(Decimal(10000), "2%"), late_fee(Decimal(10000), 25)
    (Decimal('100'), Decimal('200.00'), Decimal('25'))
    """
    if fees.is_law(scheme_or_fee):
        return statutory.fixed_sum(scheme_or_fee, amount, in_currency or "").amount
    return fees.late_fee(amount, scheme_or_fee)


@cell("LIMITATION_DATE", family="respond")
def limitation_date(
    due_on: Annotated[Day, Arg("due date of the debt", "date")],
    law: Annotated[
        Text, Arg("law of the contract: CN, DE, AT, FR, UK (England), SCOTLAND, IE …", "text")
    ],
    last_event: Annotated[
        Day | None, Arg("last day of something that may start the time anew", "date")
    ] = None,
    event_kind: Annotated[
        Text | None,
        Arg(
            "what it was: demand, acknowledgement, part_payment, balance_confirmation, lawsuit",
            "text",
        ),
    ] = None,
) -> Annotated[Day, Arg("last day on which the debt can be claimed in court", "date")]:
    """Last day before a debt is barred by time, under a law and after what interrupted it.

    Not legal advice: the rules of `data/limitation.csv` need a lawyer's look before a debt is given up.

    Raises:
        NotAvailableError: a law or a kind of event that the table does not know.

    >>> limitation_date(date(2026, 3, 31), "DE"), limitation_date(date(2026, 3, 31), "CN", date(2027, 5, 4), "demand")
    (datetime.date(2029, 12, 31), datetime.date(2030, 5, 4))
    """
    if event_kind and not last_event:
        raise BadValueError("event_kind is given without last_event. Give the day too.")
    return limitation.limitation_date(due_on, law, last_event, event_kind).on


def _charged(
    amount: Decimal, due_on: date, until: date, rule: Any, payments: Any, basis: int | None,
    late_from: date | None, rates: Any,
) -> interest.Interest:  # fmt: skip
    debt = interest.Debt(Decimal(amount), due_on, late_from, payments_of(payments))
    return interest.charge(debt, until, terms_of(rule, rates, basis))
