"""What customers owe by country, with the country's risk class and what the policy says of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.errors import Issue, NotAvailableError, ReceivablesError
from receivables.ledger.findings import Findings
from receivables.ledger.model import Ledger
from receivables.ledger.posted import Posted
from receivables.monitor.country import Country, find_country
from receivables.monitor.country_change import Move, changes, latest
from receivables.monitor.country_ratings import current_code, ledger_ratings
from receivables.monitor.country_risk import (
    CountryRisk,
    Policy,
    RatingRow,
    country_risk,
    own_risk,
    own_table,
    policies,
    rule,
)
from receivables.monitor.reviews import is_stale

SCHEMA: dict[str, pl.DataType] = {
    "alpha2": pl.String(),
    "country": pl.String(),
    "currency": pl.String(),
    "customers": pl.Int64(),
    "exposure": pl.Int64(),
    "overdue": pl.Int64(),
    "risk_class": pl.String(),
    "rating": pl.String(),
    "terms_cap": pl.Int64(),
    "limit_factor": pl.Float64(),
    "instrument": pl.String(),
    "source": pl.String(),
    "rated_on": pl.Date(),
    "stale": pl.Boolean(),
}


MOVED: dict[str, pl.DataType] = {
    "alpha2": pl.String(),
    "country": pl.String(),
    "before_rating": pl.String(),
    "after_rating": pl.String(),
    "direction": pl.String(),
    "notches": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class CountryExposure:
    """Exposure by country and currency, largest first.

    `frame` has `SCHEMA`; alpha2 is "" where the ledger names no country that we know, and Σ exposure
    is that of the customers. A class comes from the ledger's CountryRatings, else from our table;
    `source` says which. `risk` is every country's class, for the map, and `moves` what changed in the
    ledger's ratings since `previous`.
    """

    as_of: date
    frame: pl.DataFrame
    risk: dict[str, str]
    moves: tuple[Move, ...]
    issues: tuple[Issue, ...]

    def moved(self, language: str = "en") -> pl.DataFrame:
        """The moves as a table (`MOVED`), worst first."""
        rows = [
            (
                one.country.alpha2, one.country.name(language),
                str(one.before) if one.before else None, str(one.after) if one.after else None,
                one.move, one.notches,
            )
            for one in self.moves
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=MOVED, orient="row")


def country_exposure(
    owed: pl.DataFrame,
    posted: Posted,
    ledger: Ledger,
    as_of: date,
    *,
    previous: date | None = None,
    rows: Sequence[Policy] | None = None,
    home: Collection[str] = (),
    language: str = "en",
) -> CountryExposure:
    """Exposure by country, with risk class and policy.

    Args:
        owed: customer_key, currency, exposure, overdue: the frame of `worst_overdue` or `warnings`.
        posted: the linked ledger, for the customers' countries.
        ledger: its checked tables, for CountryRatings.
        as_of: day of the question; ratings heard of later are not known yet.
        previous: day that ratings are compared with; None = no comparison.
        rows: policy by class, default `data/country_policy.csv`.
        home: alpha-2 codes of the firm's own countries: the policy is for exports, so their rows
            carry the class and no terms, factor or instrument.
        language: of names and Issues, en or zh.
    """
    ratings, issues = ledger_ratings(ledger, as_of, language)
    findings = Findings(ledger.sources, language)
    places = _places(posted, ledger, findings)
    code = pl.col("text").replace_strict(
        {text: one.alpha2 for text, one in places.items() if one},
        default="",
        return_dtype=pl.String,
    )
    named = _customer_countries(posted).with_columns(code.alias("alpha2"))
    sums = (
        owed.join(named, on="customer_key", how="left", maintain_order="left")
        .with_columns(
            pl.col("alpha2").fill_null(""),
            text=pl.when(pl.col("alpha2").fill_null("") == "").then(pl.col("text").fill_null("")),
        )
        .filter(pl.col("exposure") > 0)
        .group_by("alpha2", "text", "currency")
        .agg(
            pl.col("customer_key").n_unique().alias("customers"),
            pl.col("exposure", "overdue").sum(),
        )
    )
    known = {one.alpha2: one for one in places.values() if one}
    abroad = policies(rows)
    told = [_row(row, known.get(row["alpha2"]), ratings, abroad if row["alpha2"] not in home else {}, as_of, language) for row in sums.iter_rows(named=True)]  # fmt: skip
    frame = pl.DataFrame(told, schema=SCHEMA, orient="row").sort(
        "exposure", "alpha2", "currency", descending=[True, False, False]
    )
    moves = _moves(ledger, ratings, previous, language)
    return CountryExposure(
        as_of, frame, risk_map(ratings, as_of), moves, (*issues, *findings.all())
    )


def risk_map(ratings: Sequence[RatingRow] = (), as_of: date = date.max) -> dict[str, str]:
    """Class of every country that is rated: by the given ratings, else by our table if it was out by then.

    >>> len(risk_map()), risk_map()["NO"]
    (209, 'A')
    """
    found = {code: risk.risk_class for code, risk in own_table().items() if _known(risk, as_of)}
    return found | {country.alpha2: one.risk_class for country, one in latest(ratings).items()}


def _customer_countries(posted: Posted) -> pl.DataFrame:
    parties = posted.parties
    country = pl.col("country") if "country" in parties.columns else pl.lit(None, pl.String)
    return parties.unique("customer_key", keep="first", maintain_order=True).select(
        "customer_key", country.alias("text")
    )


def _places(posted: Posted, ledger: Ledger, findings: Findings) -> dict[str, Country | None]:
    """The country of each spelling in use; an unknown one is reported at its first customer.

    Customers who have no postings yet count too: their limits and terms rest on the country.
    """
    customers = ledger["customers"]
    found: dict[str, Country | None] = {}
    spellings = pl.concat([_customer_countries(posted)["text"], customers["country"]])
    for text in spellings.drop_nulls().unique(maintain_order=True):
        rows = customers.filter(pl.col("country") == text).head(1).select("_source", "_row")
        try:
            found[text] = find_country(current_code(text, rows, "customers", findings))
        except ReceivablesError as fault:
            told = rows.with_columns(value=pl.lit(text), why=pl.lit(str(fault)))
            findings.add("country_unknown", "customers", told, "country")
            found[text] = None
    return found


def _row(
    row: dict[str, object],
    one: Country | None,
    ratings: Sequence[RatingRow],
    policy: Mapping[str, Policy],
    as_of: date,
    language: str,
) -> tuple[object, ...]:
    name = one.name(language) if one else row["text"]
    amounts = (row["currency"], row["customers"], row["exposure"], row["overdue"])
    risk = _risk(one, ratings) if one else None
    if risk is None or not _known(risk, as_of):
        return (row["alpha2"], name, *amounts, *(None for _ in range(8)))
    own = policy.get(risk.risk_class)
    shown = str(risk.rating) if risk.rating else f"{risk.score:.2f}"
    stale = risk.as_of is not None and is_stale(risk.as_of, as_of, rule("stale_days"))
    said = (own.terms_cap, own.limit_factor, own.instrument_in(language)) if own else (None,) * 3
    return (row["alpha2"], name, *amounts, risk.risk_class, shown, *said, risk.source, risk.as_of, stale)  # fmt: skip


def _risk(one: Country, ratings: Sequence[RatingRow]) -> CountryRisk | None:
    mine = [row for row in ratings if row.country == one]
    try:
        return country_risk(one.alpha2, mine) if mine else own_risk(one)
    except NotAvailableError:
        return None


def _known(risk: CountryRisk, as_of: date) -> bool:
    """Whether data of that day were there: a report of an earlier date does not know them."""
    return risk.as_of is None or risk.as_of <= as_of


def _moves(
    ledger: Ledger, ratings: Sequence[RatingRow], previous: date | None, language: str
) -> tuple[Move, ...]:
    """What changed in the ledger's ratings between two dates."""
    if previous is None or not ratings:
        return ()
    before, _ = ledger_ratings(ledger, previous, language)
    return tuple(changes(latest(before), latest(ratings)))
