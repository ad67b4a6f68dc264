"""Tables of country ratings and policies that the user loads, read from ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from receivables.cells.coerce import to_day, to_number, to_text, to_whole
from receivables.errors import BadValueError
from receivables.ledger.spelling import known_columns
from receivables.monitor.country import find_country
from receivables.monitor.country_risk import Policy, RatingRow
from receivables.monitor.country_scales import rating
from receivables.monitor.headed import Row, each, given, named, words

Found = TypeVar("Found")

POLICY_HEADINGS = {
    "class": "class|risk class|等级|类别",
    "terms_cap": "terms_cap|terms cap|terms|days|最长账期|账期上限|账期",
    "limit_factor": "limit_factor|limit factor|factor|额度系数|系数",
    "instrument": "instrument|结算方式|工具",
}


def ratings_of(table: Sequence[Sequence[Any]], scale: str = "") -> list[RatingRow]:
    """Ratings of a range with headings country, rating and, where known, source (the scale), date.

    Raises:
        BadValueError: a heading is missing, or a row cannot be read; names the row.

    >>> [row] = ratings_of([["country", "rating", "date"], ["Kenya", "OECD:7", "2026-06-27"]])
    >>> str(row.rating), row.on
    ('OECD:7', datetime.date(2026, 6, 27))
    """
    known = known_columns("country_ratings") | {"scale": "source", "评级体系": "source"}
    found = named(table, known, ("subject", "rating"), "a table of country ratings")
    return _filled(each(found, lambda row: rating_row(row, scale)))


def policies_of(table: Sequence[Sequence[Any]]) -> list[Policy]:
    """Policies of a range with headings class, terms_cap, limit_factor, instrument.

    >>> policies_of([["class", "terms_cap", "limit_factor", "instrument"], ["A", 45, 1, "open"]])[0].terms_cap
    45
    """
    known = words(POLICY_HEADINGS)
    found = named(table, known, tuple(POLICY_HEADINGS), "a country policy")
    return _filled(each(found, _policy_row))


def rating_row(row: Row, scale: str = "") -> RatingRow:
    """A rating of a row: subject (country), rating, source, date; the source names the scale.

    >>> rating_row({"subject": "KE", "rating": "7", "source": "OECD"}).rating.risk_class
    'D'
    """
    text, source = to_text(given(row, "rating")), to_text(row.get("source") or "")
    day = row.get("date")
    return RatingRow(
        country=find_country(to_text(given(row, "subject"))),
        rating=rating(text, scale or ("" if ":" in text else source)),
        on=to_day(day) if day is not None else None,
        source=source or scale or text.partition(":")[0],
    )


def _policy_row(row: Row) -> Policy:
    return Policy(
        risk_class=to_text(given(row, "class")).upper(),
        terms_cap=to_whole(given(row, "terms_cap")),
        limit_factor=to_number(given(row, "limit_factor")),
        instrument=to_text(row["instrument"] or ""),
    )


def _filled(rows: list[Found]) -> list[Found]:
    if not rows:
        raise BadValueError("The range has headings and no rows.")
    return rows
