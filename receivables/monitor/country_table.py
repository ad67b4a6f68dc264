"""Tables of country ratings and policies that the user loads, read from ranges or a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

import polars as pl

from receivables.cells.coerce import to_day, to_number, to_text, to_whole
from receivables.errors import BadValueError, Issue, ReceivablesError
from receivables.ledger.findings import Findings
from receivables.ledger.model import Ledger
from receivables.ledger.spelling import known_columns
from receivables.monitor.country import find_country, successors
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
    return _filled(each(found, lambda row: _rating_row(row, scale)))


def policies_of(table: Sequence[Sequence[Any]]) -> list[Policy]:
    """Policies of a range with headings class, terms_cap, limit_factor, instrument.

    >>> policies_of([["class", "terms_cap", "limit_factor", "instrument"], ["A", 45, 1, "open"]])[0].terms_cap
    45
    """
    known = words(POLICY_HEADINGS)
    found = named(table, known, tuple(POLICY_HEADINGS), "a country policy")
    return _filled(each(found, _policy_row))


def ledger_ratings(
    ledger: Ledger, as_of: date, language: str = "en"
) -> tuple[list[RatingRow], list[Issue]]:
    """Ratings of the ledger's table CountryRatings that were known on a date; faults are collected.

    A rating counts from the later of its date and the day we had it. The source names the scale.
    An old country code with one successor is used, with a warning that names the new one.
    """
    findings = Findings(ledger.sources, language)
    rows = []
    for row in ledger["country_ratings"].iter_rows(named=True):
        place = pl.DataFrame([{"_source": row.get("_source"), "_row": row.get("_row")}])
        code = current_code(str(row["subject"] or ""), place, "country_ratings", findings)
        try:
            one = _rating_row(row | {"subject": code}, "")
        except ReceivablesError as fault:
            told = place.with_columns(value=pl.lit(row["rating"]), why=pl.lit(str(fault)))
            findings.add("country_rating_unread", "country_ratings", told, "rating")
            continue
        if max(day for day in (row["date"], row["known_on"], date.min) if day) <= as_of:
            rows.append(one)
    return rows, findings.all()


def current_code(text: str, place: pl.DataFrame, table: str, findings: Findings) -> str:
    """The code in use for an old one with a single successor, with a warning; else the text itself."""
    heirs = successors(text)
    if len(heirs) != 1:
        return text
    now, column = heirs[0], "country" if table == "customers" else "subject"
    told = place.with_columns(
        value=pl.lit(text), name=pl.lit(now.name(findings.language)), now=pl.lit(now.alpha2)
    )
    findings.add("country_old", table, told, column)
    return now.alpha2


def _rating_row(row: Row, scale: str) -> RatingRow:
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
