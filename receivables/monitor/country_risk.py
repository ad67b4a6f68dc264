"""How risky a country is and what the policy makes of it: our table, or any the user loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.monitor.country import Country, countries, find_country
from receivables.monitor.country_scales import OWN, Rating, rating
from receivables.resources import data_rows

DIMENSIONS = ("voice", "stability", "effectiveness", "regulation", "law", "corruption")


@dataclass(frozen=True, slots=True)
class CountryRisk:
    """The risk of one country: class A (best) to D, with the rating or score behind it."""

    country: Country
    risk_class: str
    rating: Rating | None
    """None where the class comes from our own score."""
    score: float | None
    """Mean of the six governance estimates, −2.5 to 2.5; None where a rating is given."""
    source: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One row of a table of ratings that the user loads, read and checked."""

    country: Country
    rating: Rating
    on: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What a class of countries is sold on: most days of terms, share of the limit, instrument."""

    risk_class: str
    terms_cap: int
    limit_factor: float
    instrument: str
    instrument_zh: str = ""

    def instrument_in(self, language: str) -> str:
        """Instrument in a language; the English one where no other is written."""
        return self.instrument_zh if language == "zh" and self.instrument_zh else self.instrument


def country_risk(
    country: str, ratings: Sequence[RatingRow] = (), until: date | None = None
) -> CountryRisk:
    """The risk of a country: its latest rating in the user's table, else our own score.

    Our score is the mean of the six World Bank governance estimates of 2018, as class by the
    cut-offs of `data/country_classes.csv`. With a table of ratings only that table answers: two
    sources are never mixed.

    Args:
        country: code or name.
        ratings: the user's table; empty = our own.
        until: ratings of a later day are not known yet.

    Raises:
        NotAvailableError: an unknown country, one without rating, or without enough estimates.

    >>> found = country_risk("Kenya")
    >>> found.risk_class, f"{found.score:.3f}", found.as_of
    ('C', '-0.571', datetime.date(2018, 12, 31))
    """
    one = find_country(country)
    return _rated(one, ratings, until) if ratings else own_risk(one)


def _rated(one: Country, ratings: Sequence[RatingRow], until: date | None) -> CountryRisk:
    mine = [row for row in ratings if row.country == one]
    known = [row for row in mine if until is None or row.on is None or row.on <= until]
    if mine and not known:
        first = min(row.on for row in mine if row.on)
        raise NotAvailableError(
            f"The first rating of {one.name_en} is of {first}, after {until}. Give an earlier one."
        )
    if not known:
        raise NotAvailableError(
            f"The table of ratings has no row for {one.name_en} ({one.alpha2}). Add one."
        )
    latest = max(known, key=lambda row: row.on or date.min)
    rivals = {row.rating for row in known if row.on == latest.on}
    if len(rivals) > 1:
        shown = ", ".join(sorted(map(str, rivals)))
        raise BadValueError(
            f"{one.name_en} has several ratings of {latest.on or 'no date'}: {shown}. Keep one source, "
            "or date them."
        )
    return CountryRisk(
        one, latest.rating.risk_class, latest.rating, None, latest.source, latest.on
    )


@cache
def own_risk(one: Country) -> CountryRisk:
    """The risk by our own score.

    Raises:
        NotAvailableError: the World Bank has too few estimates of it.
    """
    row = _scores().get(one.alpha2)
    values = [float(row[name]) for name in DIMENSIONS if row[name]] if row else []
    needed = int(rule("min_dimensions"))
    if row is None or len(values) < needed:
        raise NotAvailableError(
            f"{one.name_en} has {len(values)} of the six governance estimates, {needed} are needed for "
            "a class. Give a table of ratings that has it."
        )
    score = sum(values) / len(values)
    return CountryRisk(
        one, class_of_score(score), None, score, row["source"], date.fromisoformat(row["as_of"])
    )


def class_of_score(score: float) -> str:
    """Class of a mean governance estimate; a score on a cut-off belongs to the better class.

    >>> class_of_score(0.75), class_of_score(0.7499), class_of_score(0), class_of_score(-2)
    ('A', 'B', 'B', 'D')
    """
    rows = data_rows("country_classes.csv")
    found = (row["class"] for row in rows if score >= float(row["from_score"]))
    return next(found, rows[-1]["class"])


def classes() -> tuple[str, ...]:
    """Classes from best to worst.

    >>> classes()
    ('A', 'B', 'C', 'D')
    """
    return tuple(row["class"] for row in data_rows("country_classes.csv"))


def own_table() -> dict[str, CountryRisk]:
    """Every country that our score covers, by alpha-2 code.

    >>> len(own_table()), own_table()["NO"].risk_class
    (209, 'A')
    """
    found = {}
    for code in _scores():
        try:
            found[code] = own_risk(countries()[code])
        except NotAvailableError:
            continue
    return found


def policies(rows: Sequence[Policy] | None = None) -> dict[str, Policy]:
    """The policy by class: the given rows, else `data/country_policy.csv`.

    Raises:
        DomainError: a share outside 0–1, negative terms.
        BadValueError: a class twice.

    >>> policies()["C"].terms_cap, policies()["C"].instrument
    (30, 'insurance + factoring')
    """
    found: dict[str, Policy] = {}
    for row in _default_policies() if rows is None else rows:
        if row.risk_class in found:
            raise BadValueError(f"The policy names class {row.risk_class} twice. Keep one row.")
        if not 0 <= row.limit_factor <= 1:
            raise DomainError(
                f"limit_factor of class {row.risk_class} is {row.limit_factor:g}, outside 0 to 1. 30 "
                "means 30 %? Write 0.3."
            )
        if row.terms_cap < 0:
            raise DomainError(
                f"terms_cap of class {row.risk_class} is {row.terms_cap}: give 0 or more."
            )
        found[row.risk_class] = row
    return found


def country_policy(
    country: str,
    ratings: Sequence[RatingRow] = (),
    rows: Sequence[Policy] | None = None,
    until: date | None = None,
) -> Policy:
    """The policy for a country, or for a rating that names its scale (`OECD:5`, `own:C`).

    >>> country_policy("Kenya").terms_cap, country_policy("OECD:7").instrument
    (30, 'confirmed letter of credit')
    """
    named = ":" in country
    risk = (
        rating(country).risk_class if named else country_risk(country, ratings, until).risk_class
    )
    found = policies(rows).get(risk)
    if found is None:
        raise NotAvailableError(f"The policy has no row for class {risk}. Add one.")
    return found


def own_rating(risk_class: str) -> Rating:
    """A class as a rating on our own scale."""
    return rating(risk_class, OWN)


@cache
def rule(name: str) -> float:
    """A figure of `data/country_rules.csv`.

    >>> rule("min_dimensions")
    5.0
    """
    rows = data_rows("country_rules.csv")
    return next(float(row["value"]) for row in rows if row["rule"] == name)


@cache
def _scores() -> dict[str, dict[str, str]]:
    return {row["alpha2"]: row for row in data_rows("country_scores.csv")}


@cache
def _default_policies() -> tuple[Policy, ...]:
    return tuple(
        Policy(
            row["class"], int(row["terms_cap"]), float(row["limit_factor"]), row["instrument"],
            row["instrument_zh"],
        )
        for row in data_rows("country_policy.csv")
    )  # fmt: skip
