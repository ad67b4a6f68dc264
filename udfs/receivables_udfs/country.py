"""Country risk in cells: classes, ratings on any scale, policy, changes."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from receivables.cells import Arg, Choice, Day, Table, Text, cell

if TYPE_CHECKING:
    from receivables.monitor.country_risk import Policy, RatingRow

Rows = list[list[Any]]
Found = TypeVar("Found")

Where = Annotated[Text, Arg("country: code of two or three letters, number, or name", "text")]
Ratings = Annotated[
    Table | None,
    Arg("own ratings with headings country, rating, source, date; left out: our table", "table"),
]
Scale = Annotated[
    Text,
    Arg(
        "scale of the ratings where the table names none: OECD, Allianz, Coface, D&B, S&P", "text"
    ),
]
Until = Annotated[Day | None, Arg("ratings of a later day are not known yet", "date")]


@cell("COUNTRY_RISK", family="monitor")
def country_risk(
    country: Where,
    what: Annotated[
        Choice,
        Arg(
            "class, rating, score, alpha2, alpha3, numeric, name_en, name_zh, as_of or source",
            "text",
            "country_what",
        ),
    ] = "class",
    ratings: Ratings = None,
    rating_scale: Scale = "",
    known_until: Until = None,
) -> Annotated[
    Text | float | date, Arg("risk class A (best) to D, or what was asked for", "text")
]:
    """Risk class of a country, from its latest rating in your table, else from World Bank governance data of 2018.

    Raises:
        NotAvailableError: an unknown country, an old code, a country without rating.

    >>> country_risk("Kenya"), country_risk("Turkey", "alpha3"), country_risk("KE", "class", [["country", "rating"], ["KE", "OECD:7"]])
    ('C', 'TUR', 'D')
    """
    from receivables.monitor import country as places
    from receivables.monitor import country_risk as risks

    one = places.find_country(country)
    if what in {"alpha2", "alpha3", "numeric", "name_en", "name_zh"}:
        return str(getattr(one, what))
    found = risks.country_risk(country, _ratings(ratings, rating_scale), known_until)
    answers: dict[str, str | float | date | None] = {
        "class": found.risk_class,
        "rating": str(found.rating or risks.own_rating(found.risk_class)),
        "score": found.score,
        "as_of": found.as_of,
        "source": found.source,
    }
    answer = answers[what]
    return "" if answer is None else answer


@cell("COUNTRY_POLICY", family="monitor")
def country_policy(
    country: Annotated[
        Text, Arg("country, or a rating that names its scale, such as OECD:5", "text")
    ],
    what: Annotated[
        Choice,
        Arg(
            "terms_cap (days), limit_factor, instrument, class or instrument_zh",
            "text",
            "policy_what",
        ),
    ] = "terms_cap",
    policy: Annotated[
        Table | None,
        Arg("own policy with headings class, terms_cap, limit_factor, instrument", "table"),
    ] = None,
    ratings: Ratings = None,
    rating_scale: Scale = "",
    known_until: Until = None,
) -> Annotated[Text | float, Arg("most days of terms, or what was asked for", "text")]:
    """What a country is sold on: most days of terms, share of the credit limit, or instrument of its class.

    Raises:
        NotAvailableError: an unknown country, or a class that the policy lacks.

    >>> country_policy("Kenya"), country_policy("Kenya", "limit_factor"), country_policy("OECD:7", "instrument")
    (30, 0.5, 'confirmed letter of credit')
    """
    from receivables.monitor import country_risk as risks

    found = risks.country_policy(
        country, _ratings(ratings, rating_scale), _policies(policy), known_until
    )
    answers: dict[str, str | float] = {
        "terms_cap": found.terms_cap,
        "limit_factor": found.limit_factor,
        "instrument": found.instrument,
        "class": found.risk_class,
        "instrument_zh": found.instrument_in("zh"),
    }
    return answers[what]


@cell("COUNTRY_CHANGE", family="monitor")
def country_change(
    before: Annotated[
        Table, Arg("earlier ratings with headings country, rating, source, date", "table")
    ],
    after: Annotated[Table, Arg("later ratings with the same headings", "table")],
    rating_scale: Scale = "",
) -> Annotated[Table, Arg("a row per country that moved: down, up, rescaled, new, gone", "table")]:
    """Country ratings that moved between two tables, worst first; up and down only within one scale.

    >>> old = [["country", "rating"], ["Ghana", 6], ["Qatar", 3], ["Kenya", 7]]
    >>> new = [["country", "rating"], ["Ghana", 7], ["Qatar", 2], ["Kenya", 7]]
    >>> [row[:1] + row[2:] for row in country_change(old, new, "OECD")[1:]]
    [['GH', 'OECD:6', 'OECD:7', 'down', 1], ['QA', 'OECD:3', 'OECD:2', 'up', -1]]
    """
    from receivables.monitor import country_change as moves
    from receivables.monitor.country_table import ratings_of

    early, late = (moves.latest(ratings_of(table, rating_scale)) for table in (before, after))
    return moves.rows(moves.changes(early, late))


class _Read(Generic[Found]):
    """What was read of the last range: a column of countries asks the same range once per row."""

    def __init__(self) -> None:
        self.last: tuple[Rows, str, list[Found]] | None = None

    def __call__(self, table: Rows, scale: str, read: Callable[[], list[Found]]) -> list[Found]:
        if self.last is None or self.last[0] is not table or self.last[1] != scale:
            self.last = (table, scale, read())
        return self.last[2]


_rated: "_Read[RatingRow]" = _Read()
_ruled: "_Read[Policy]" = _Read()


def _ratings(table: Rows | None, scale: str) -> "list[RatingRow]":
    from receivables.monitor.country_table import ratings_of

    return [] if table is None else _rated(table, scale, lambda: ratings_of(table, scale))


def _policies(table: Rows | None) -> "list[Policy] | None":
    from receivables.monitor.country_table import policies_of

    return None if table is None else _ruled(table, "", lambda: policies_of(table))
