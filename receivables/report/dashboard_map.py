"""The dashboard's map: what is owed by country in the main currency, on the country's risk."""

from __future__ import annotations

import polars as pl

from receivables.report.credit_tables import CountriesData
from receivables.report.dashboard_figures import Figures
from receivables.report.dashboard_screen import at
from receivables.report.dashboard_words import Words
from receivables.report.page import Page
from receivables.report.png import blank
from receivables.report.spec import PictureSpec
from receivables.report.world_map import SMALL_PIXELS, Bubble, MapFacts, short_amount, world_map

LARGEST = 3


def panel_map(page: Page, found: Figures, words: Words) -> PictureSpec:
    """The picture of the map's panel."""
    countries = page.data.credit.countries if page.data.credit else None
    rows = owed_by_country(countries, found.currency)
    if countries is None or rows.is_empty():
        return PictureSpec("dashboard_map", blank(*SMALL_PIXELS), words.panel("map"), at=at("map"))
    picture = drawn_map(countries, found, page.language)
    return PictureSpec("dashboard_map", picture, map_words(rows, found, words), at=at("map"))


def owed_by_country(countries: CountriesData | None, currency: str) -> pl.DataFrame:
    """Countries that owe in a currency (alpha2, country, exposure, risk_class), largest first."""
    if countries is None:
        kinds = {
            "alpha2": pl.String,
            "country": pl.String,
            "exposure": pl.Int64,
            "risk_class": pl.String,
        }
        return pl.DataFrame(schema=kinds)
    owes = (pl.col("alpha2") != "") & (pl.col("exposure") > 0) & (pl.col("currency") == currency)
    rows = countries.frame.filter(owes).sort(["exposure", "alpha2"], descending=[True, False])
    return rows.select("alpha2", "country", "exposure", "risk_class")


def drawn_map(countries: CountriesData, found: Figures, language: str, kind: str = "png") -> bytes:
    """The small map of the main currency, as PNG or SVG."""
    rows = owed_by_country(countries, found.currency).select("alpha2", "exposure").rows()
    facts = MapFacts(found.as_of, found.currency, language=language)
    bubbles = [Bubble(code, amount) for code, amount in rows]
    return world_map(bubbles, countries.risk, facts, kind=kind, small=True)


def map_words(rows: pl.DataFrame, found: Figures, words: Words) -> str:
    """What the map shows, for those who do not see it."""
    largest = ", ".join(
        f"{country} {found.currency} {short_amount(amount, found.currency, words.language)}"
        for country, amount in rows.select("country", "exposure").head(LARGEST).iter_rows()
    )
    return words.text("countries.map", largest=largest)
