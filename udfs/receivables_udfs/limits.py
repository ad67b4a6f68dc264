"""Credit limits and terms in cells: suggested, explained, usable, used; days to pay."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from receivables.assess import fact_range, limit_use
from receivables.assess.factor_range import FactorRange, factor_range, is_factor_range
from receivables.assess.limit_policy import LimitPolicy
from receivables.assess.limits import suggest
from receivables.assess.terms import credit_terms as terms_of
from receivables.cells import Amount, Arg, Choice, Number, Table, Text, cell
from receivables.cells.coerce import to_amount, to_table
from receivables.cells.types import CellType
from receivables.errors import BadValueError
from receivables_udfs.factor_types import answers

LIMIT_ORDER = (
    "monthly_purchases", "terms_days", "grade", "net_worth", "insured_limit", "country_class",
)  # fmt: skip


def _amount_or_range(value: Any) -> Decimal | FactorRange:
    return factor_range(value) if isinstance(value, list) else to_amount(value)


FIRST = CellType("amount", "scalar", _amount_or_range, one_value=is_factor_range)
POLICY = CellType("table", "table", lambda value: LimitPolicy.from_rows(to_table(value)))
First = Annotated[Decimal | FactorRange, FIRST]
"""One amount, or in its place a range with all facts."""

Purchases = Annotated[
    First | None,
    Arg(
        "purchases of the customer a month; or one range with all facts: headings over the values",
        "money",
    ),
]
TermsDays = Annotated[Number | None, Arg("days to pay", "days")]
Grade = Annotated[Number | None, Arg("credit grade, 1 (best) to 10", "grade")]
NetWorth = Annotated[Amount | None, Arg("tangible net worth; below 0 the limit is 0", "money")]
Insured = Annotated[Amount | None, Arg("limit of the credit insurer, blank = none", "money")]
CountryClass = Annotated[Text | None, Arg("class of the country, A to D (COUNTRY_RISK)", "text")]
PolicyRange = Annotated[
    Annotated[LimitPolicy, POLICY] | None,
    Arg("your own figures: headings name, value; those not named stay as shipped", "table"),
]
Zero = Annotated[
    Choice | None,
    Arg("a limit of 0 means none (nothing on credit) or unlimited", "text", "zero_limit"),
]


@cell("CREDIT_LIMIT", family="assess")
def credit_limit(
    monthly_purchases: Purchases,
    terms_days: TermsDays,
    grade: Grade,
    net_worth: NetWorth = None,
    insured_limit: Insured = None,
    country_class: CountryClass = None,
    policy: PolicyRange = None,
) -> Annotated[Amount, Arg("suggested limit, rounded down to 2 significant digits", "money")]:
    """Credit limit = smallest of need and financial caps × grade × country factor, at most the insured limit.

    Where an empty cell arrives as 0 (Calc), give the facts as one range; there the headings
    working_capital, buyer_monthly_sales, reference, new_customer and monthly_trade are known too.

    Raises:
        NotAvailableError: no grade, or nothing to work a limit from.

    Source: `data/limit_policy.csv`, `data/grade_factors.csv`.

    >>> credit_limit(Decimal(90000), 60, 4, Decimal(2000000), Decimal(150000))
    Decimal('150000')
    """
    others = (terms_days, grade, net_worth, insured_limit, country_class)
    found, several = _limit_facts(monthly_purchases, others)
    one_or_column: Decimal = answers(found, several, lambda row: suggest(row, policy).limit)
    return one_or_column


@cell("CREDIT_LIMIT_EXPLAIN", family="assess")
def credit_limit_explain(
    monthly_purchases: Purchases,
    terms_days: TermsDays,
    grade: Grade,
    net_worth: NetWorth = None,
    insured_limit: Insured = None,
    country_class: CountryClass = None,
    policy: PolicyRange = None,
) -> Annotated[Table, Arg("step, input, rule, result", "table")]:
    """How the limit came about: every method, what was not given, how they were joined, factors, caps.

    >>> [row[0] for row in credit_limit_explain(Decimal(90000), 60, 4)[-3:]]
    ['combined', 'grade', 'limit']
    """
    others = (terms_days, grade, net_worth, insured_limit, country_class)
    found, several = _limit_facts(monthly_purchases, others)
    if several or found[0] is None:
        raise BadValueError(
            f"CREDIT_LIMIT_EXPLAIN explains one customer, the range holds {len(found)}."
        )
    return suggest(found[0], policy).rows()


@cell("LIMIT_USABLE", family="assess")
def limit_usable(
    own: Annotated[
        First | None, Arg("our own limit; or one range with the headings own, insured", "money")
    ],
    insured: Annotated[Amount | None, Arg("limit of the credit insurer, blank = none", "money")],
    rule: Annotated[
        Choice,
        Arg("lower of both, own, insured, or sum (own on top of insured)", "text", "limit_rule"),
    ] = "lower",
) -> Annotated[Amount, Arg("limit that may be used", "money")]:
    """Usable limit of an own and an insured limit: the lower one; our own where nothing is insured.

    Raises:
        NotAvailableError: the limit that the rule needs is not set.

    >>> limit_usable(Decimal(200000), Decimal(150000)), limit_usable(Decimal(200000), None)
    (Decimal('150000'), Decimal('200000'))
    """
    found, several = _facts(own, (insured,), "usable", ("own", "insured"))

    def measure(row: fact_range.Facts) -> Decimal:
        return limit_use.usable(row.get("own"), row.get("insured"), rule)

    one_or_column: Decimal = answers(found, several, measure)
    return one_or_column


@cell("LIMIT_USED", family="assess")
def limit_used(
    exposure: Annotated[
        First | None,
        Arg(
            "what counts against the limit; or one range with the headings exposure, limit",
            "money",
        ),
    ],
    limit: Annotated[Amount | None, Arg("the limit; blank = none set", "money")],
    what: Annotated[
        Choice,
        Arg("share; state: alert from 70 %, hold above 100 %; headroom", "text", "limit_what"),
    ] = "share",
    zero_limit: Zero = None,
    policy: PolicyRange = None,
) -> Annotated[Number | Text, Arg("share used, state or headroom", "share")]:
    """Use of a limit = exposure ÷ limit; exactly the limit is allowed, strictly above it is on hold.

    A blank limit is none set: where it arrives as 0 (Calc), give the range form.

    Raises:
        NotAvailableError: no limit is set.
        ZeroDivideError: share of a limit of 0 that means none.

    >>> limit_used(Decimal(70), Decimal(100)), limit_used(Decimal(101), Decimal(100), "state")
    (0.7, 'hold')
    """
    found, several = _facts(exposure, (limit,), "used", ("exposure", "limit"))

    def measure(row: fact_range.Facts) -> float | str | Decimal:
        if "exposure" not in row:
            raise BadValueError("exposure is missing: give 0 where nothing is owed.")
        return limit_use.used(row["exposure"], row.get("limit"), what, zero_limit or "", policy)

    one_or_column: float | str = answers(found, several, measure)
    return one_or_column


@cell("CREDIT_TERMS", family="assess")
def credit_terms(
    industry: Annotated[
        Text | None, Arg("industry: fmcg, machinery, heavy machinery, wholesale, general", "text")
    ],
    grade: Annotated[Number, Arg("credit grade, 1 (best) to 10", "grade")],
    country: Annotated[
        Text | None, Arg("country by code or name, or its class A to D; blank = no cap", "text")
    ] = None,
    base: Annotated[
        Number | None, Arg("days that take the place of the industry's, blank or 0 = none", "days")
    ] = None,
) -> Annotated[Number, Arg("days to pay; 0 = prepayment", "days")]:
    """Days to pay by industry, cut by grade (6: 15 days, 7 to 10: prepayment) and by country class.

    Raises:
        NotAvailableError: an unknown industry without base; an unknown country.

    Source: `data/terms.csv`, `data/terms_grades.csv`, `data/country_policy.csv`.

    >>> credit_terms("machinery", 1), credit_terms("machinery", 4), credit_terms("fmcg", 6)
    (120, 90, 15)
    """
    return terms_of(_word(industry), grade, _word(country), base or None).days


def _limit_facts(
    first: Decimal | FactorRange | None, others: Sequence[Any]
) -> tuple[list[fact_range.Facts | None], bool]:
    found, several = _facts(first, others, "limit", LIMIT_ORDER)
    for row in found:
        if row is not None and not _word(row.get("country_class")):
            row.pop("country_class", None)
    return found, several


def _facts(
    first: Decimal | FactorRange | None, others: Sequence[Any], fact_set: str, order: Sequence[str]
) -> tuple[list[fact_range.Facts | None], bool]:
    """The facts of each customer, and whether they came as several rows."""
    if isinstance(first, FactorRange):
        given = next((n for n, c in zip(order[1:], others, strict=True) if c is not None), "")
        if given:
            raise BadValueError(
                f"{given} is given beside a range of facts. Put all facts into the range, or none."
            )
        rows = fact_range.customers(first, fact_set, order)
        return rows, len(rows) > 1
    cells = zip(order, (first, *others), strict=True)
    return [{name: value for name, value in cells if value is not None}], False


def _word(text: str | None) -> str:
    """A text cell; an empty one arrives from Calc as 0."""
    return "" if text in {None, "0"} else str(text)
