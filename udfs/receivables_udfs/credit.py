"""Credit score, grade, class and default rate in cells, from single factors or a range of them."""

from typing import Annotated, Any

from receivables.assess.factor_range import beside
from receivables.assess.grades import Grades
from receivables.assess.score import explained, score
from receivables.assess.scorecard import Scorecard
from receivables.cells import Arg, Choice, Flag, Number, Table, Text, cell
from receivables.errors import BadValueError, NotAvailableError
from receivables_udfs.factor_types import Card, First, Ladder, Row, answers, customers

Days = Annotated[
    First | None,
    Arg(
        "weighted average days paid beyond terms; or one range with all factors: headings over "
        "the values, or rows in the order of the arguments",
        "days",
    ),
]
LateRate = Annotated[Number | None, Arg("share of invoices paid late, 0 to 1", "share")]
Years = Annotated[Number | None, Arg("years in business", "years")]
DebtRatio = Annotated[Number | None, Arg("total liabilities ÷ total assets", "ratio")]
CurrentRatio = Annotated[Number | None, Arg("current assets ÷ current liabilities", "ratio")]
Cover = Annotated[Number | None, Arg("operating cash flow ÷ current liabilities", "ratio")]
External = Annotated[
    Text | None, Arg("agency rating with its scale: S&P:BBB, Coface:7, AZ:4, own:4", "text")
]
ScorecardRange = Annotated[
    Card | None,
    Arg(
        "your own: headings factor, from, to, points, weight, reason; blank = the shipped one",
        "table",
    ),
]
GradesRange = Annotated[
    Ladder | None,
    Arg(
        "your own: headings grade, from_score, class, pd, pd_source; blank = the shipped one",
        "table",
    ),
]
GradeNumber = Annotated[Number, Arg("grade, 1 is best", "grade")]


@cell("CREDIT_SCORE", family="assess")
def credit_score(
    days_beyond_terms: Days,
    late_rate: LateRate,
    years_trading: Years = None,
    debt_ratio: DebtRatio = None,
    current_ratio: CurrentRatio = None,
    cashflow_cover: Cover = None,
    external_rating: External = None,
    scorecard: ScorecardRange = None,
) -> Annotated[Number, Arg("0 to 100, 100 is best", "score")]:
    """Credit score 0–100 = weighted mean of the points of the factors present; a blank is not 0.

    Where an empty cell arrives as 0 (Calc), give the factors as one range.

    Raises:
        NotAvailableError: less than 60 % of the weight is known; names what is missing.
        DomainError: a share outside 0 to 1.

    Source: points and weights are ours (data/scorecard.csv) until you calibrate your own.

    >>> f"{credit_score(12, 0.30):.1f}"
    '62.9'
    """
    others = (late_rate, years_trading, debt_ratio, current_ratio, cashflow_cover, external_rating)
    return _each(days_beyond_terms, others, scorecard, _points)


@cell("CREDIT_GRADE", family="assess")
def credit_grade(
    days_beyond_terms: Days,
    late_rate: LateRate,
    years_trading: Years = None,
    debt_ratio: DebtRatio = None,
    current_ratio: CurrentRatio = None,
    cashflow_cover: Cover = None,
    external_rating: External = None,
    scorecard: ScorecardRange = None,
) -> Annotated[Number, Arg("1 is best, 10 is worst", "grade")]:
    """Credit grade 1 (best) to 10: the score on the ladder of grades, then caps and overrides.

    Without financial figures 3 is the best grade. Insolvency, the oldest debt and the length of the
    history enter through a range with headings.

    >>> credit_grade(12, 0.30)
    4
    """
    others = (late_rate, years_trading, debt_ratio, current_ratio, cashflow_cover, external_rating)
    return _each(days_beyond_terms, others, scorecard, _grade)


@cell("CREDIT_GRADE_ROW", family="assess")
def credit_grade_row(
    values: Annotated[Row, Arg("factors of one customer, or one customer per row", "table")],
    headings: Annotated[
        Row, Arg("their headings: days_beyond_terms, worst_age, insolvency, …", "table")
    ],
    scorecard: ScorecardRange = None,
    grades: GradesRange = None,
) -> Annotated[Number, Arg("1 is best; a column for several rows", "grade")]:
    """Credit grade of a row of factors under headings, for any scorecard, a calibrated one too.

    >>> credit_grade_row([[12, 0.30]], [["days_beyond_terms", "late_rate"]])
    4
    >>> credit_grade_row([[12, 0.30, 91]], [["days_beyond_terms", "late_rate", "worst_age"]])
    8
    """
    card = scorecard or Scorecard.default()
    found = beside(values, headings).customers(card, ())
    several = len(found) > 1
    one_or_column: float = answers(found, several, lambda row: score(row, card, grades).grade)
    return one_or_column


@cell("CREDIT_EXPLAIN", family="assess")
def credit_explain(
    days_beyond_terms: Days,
    late_rate: LateRate,
    years_trading: Years = None,
    debt_ratio: DebtRatio = None,
    current_ratio: CurrentRatio = None,
    cashflow_cover: Cover = None,
    external_rating: External = None,
    scorecard: ScorecardRange = None,
) -> Annotated[
    Table,
    Arg(
        "factor, value, points, weight, contribution, reason; dimensions; caps; the result",
        "table",
    ),
]:
    """How score and grade came about: each factor, what is missing, each dimension, caps, confidence, result.

    >>> [row[:2] for row in credit_explain(12, 0.30)[-4:]]
    [['confidence', 0.6], ['score', 62.916666666666664], ['grade', 4], ['class', 'B']]
    """
    others = (late_rate, years_trading, debt_ratio, current_ratio, cashflow_cover, external_rating)
    card = scorecard or Scorecard.default()
    found, several = customers(days_beyond_terms, others, card)
    if several or found[0] is None:
        raise BadValueError(f"CREDIT_EXPLAIN explains one customer, the range holds {len(found)}.")
    return explained(score(found[0], card))


@cell("CREDIT_CLASS", family="assess")
def credit_class(
    grade: GradeNumber, grades: GradesRange = None
) -> Annotated[
    Text, Arg("A open terms, B reduced terms with deposit or cover, C prepayment", "text")
]:
    """Credit class (客户ABC分级) of a grade: A = 1–3, B = 4–6, C = 7–10.

    Raises:
        DomainError: no such grade.

    >>> [credit_class(grade) for grade in (1, 3, 4, 6, 7, 10)]
    ['A', 'A', 'B', 'B', 'C', 'C']
    """
    return (grades or Grades.default()).rung(grade).klass


@cell("CREDIT_PD", family="assess")
def credit_pd(
    grade: GradeNumber,
    grades: GradesRange = None,
    basis: Annotated[
        Choice, Arg("calibrated, or illustrative for the shipped guess", "text", "pd_basis")
    ] = "calibrated",
    defaulted: Annotated[
        Flag, Arg("TRUE for a customer in default: the rate is 1", "flag")
    ] = False,
) -> Annotated[Number, Arg("share that defaults within a year, 0 to 1", "rate")]:
    """Probability of default of a grade, from your calibrated ladder. It never feeds a reserve.

    Raises:
        NotAvailableError: nothing is calibrated and the illustrative rate was not asked for.

    >>> credit_pd(4, None, "illustrative")
    0.005
    """
    ladder = grades or Grades.default()
    return ladder.default_rate(grade, illustrative=basis == "illustrative", defaulted=defaulted)


def _each(first: Any, others: tuple[Any, ...], card: Scorecard | None, measure: Any) -> float:
    card = card or Scorecard.default()
    found, several = customers(first, others, card)
    one_or_column: float = answers(found, several, lambda row: measure(row, card))
    return one_or_column


def _grade(row: dict[str, Any], card: Scorecard) -> int:
    return score(row, card).grade


def _points(row: dict[str, Any], card: Scorecard) -> float:
    found = score(row, card)
    if found.points is None:
        caps = ", ".join(hit.reason for hit in found.caps if hit.decides)
        raise NotAvailableError(
            f"The grade is {found.grade} ({caps}), but too little is known for a score."
        )
    return found.points
