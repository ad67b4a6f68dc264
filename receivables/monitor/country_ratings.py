"""Country ratings of the ledger as known on a date; what cannot be read is an Issue with its place."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.errors import Issue, ReceivablesError
from receivables.ledger.findings import Findings
from receivables.ledger.model import Ledger
from receivables.monitor.country import successors
from receivables.monitor.country_risk import RatingRow
from receivables.monitor.country_table import rating_row


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
            one = rating_row(row | {"subject": code})
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
