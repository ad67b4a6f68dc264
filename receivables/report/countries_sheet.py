"""The Countries sheet: the risk map, what is owed by country, and ratings that moved."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.report.credit_tables import COUNTRY_SCHEMA, MOVE_SCHEMA, CountriesData
from receivables.report.labels import label, sheet
from receivables.report.page import Page
from receivables.report.spec import Block, PictureSpec, SheetSpec, TableSpec
from receivables.report.world_map import Bubble, MapFacts, short_amount, spoken, world_map

MOVES = "Country_moves"


def countries_sheet(page: Page, data: CountriesData) -> SheetSpec:
    """Map on top, then the countries, then the changes since the last report where it is known.

    The map shows one currency, as amounts of two do not add up: the one owed in most countries.
    """
    old = data.frame.filter(pl.col("stale")).height
    lines = [page.text("countries.note")]
    if old:
        lines.append(page.text("countries.stale", count=old, days=data.stale_days))
    if page.language != spoken(page.language):
        lines.append(page.text("countries.no_font"))
    currency = mapped_currency(data.frame)
    others = sorted(set(data.frame["currency"].to_list()) - {currency})
    if others:
        lines.append(page.text("countries.others", currency=currency, others=", ".join(others)))
    rows = _placed(data.frame).filter(pl.col("currency") == currency)
    blocks: list[Block] = [page.head("countries.title", *lines)]
    if rows.height:
        blocks.append(_map(data, rows, currency, page.data.as_of, page.language))
    blocks.append(_table(page, data))
    if data.since:
        blocks.append(_moves(page, data, data.since))
    return page.sheet("countries", page.numbered(blocks))


def mapped_currency(frame: pl.DataFrame) -> str:
    """The currency that is owed in most countries; "" where no country is known.

    >>> mapped_currency(pl.DataFrame({"alpha2": ["DE", "FR", "CN"], "currency": ["EUR", "EUR", "CNY"], "exposure": [1, 1, 9]}))
    'EUR'
    """
    ranked = (
        _placed(frame)
        .group_by("currency")
        .agg(pl.col("alpha2").n_unique().alias("count"))
        .sort("count", "currency", descending=[True, False])
    )
    return str(ranked["currency"][0]) if ranked.height else ""


def _placed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter((pl.col("alpha2") != "") & (pl.col("exposure") > 0))


def _map(
    data: CountriesData, rows: pl.DataFrame, currency: str, as_of: date, language: str
) -> PictureSpec:
    sources = data.frame["source"].drop_nulls().unique(maintain_order=True).to_list()
    rated_on = data.frame["rated_on"].min()
    facts = MapFacts(
        as_of, currency, rated_on if isinstance(rated_on, date) else None, "; ".join(sources[:3]),
        language,
    )  # fmt: skip
    bubbles = [Bubble(code, amount) for code, amount in rows.select("alpha2", "exposure").rows()]
    top = rows.sort("exposure", descending=True).head(3)
    largest = ", ".join(
        f"{country} {currency} {short_amount(amount, currency, language)}"
        for country, amount in top.select("country", "exposure").iter_rows()
    )
    words = label("countries.map", language, largest=largest)
    return PictureSpec("map", world_map(bubbles, data.risk, facts), words, 1300)


def _table(page: Page, data: CountriesData) -> TableSpec:
    unknown = pl.when(pl.col("alpha2") == "").then(
        pl.concat_str(
            [pl.col("country").fill_null(""), pl.lit(page.text("countries.unknown"))],
            separator=" ",
        ).str.strip_chars()
    )
    old = pl.when("stale").then(pl.lit("yes")).when(~pl.col("stale")).then(pl.lit("no"))
    frame = data.frame.select(*COUNTRY_SCHEMA).with_columns(
        unknown.otherwise("country").alias("country"), old.alias("stale")
    )
    columns = [
        page.column("country", width=24),
        page.column("alpha2"),
        page.column("currency"),
        page.column("customers", "int"),
        page.column("exposure", "money", total=True, strong=True),
        page.column("overdue", "money", total=True),
        page.column("risk_class"),
        page.column("rating"),
        page.column("terms_cap", "int"),
        page.column("limit_factor", "percent"),
        page.column("instrument"),
        page.column("rated_on", "date"),
        page.column("stale"),
        page.column("source", width=62),
    ]
    frame = frame.with_columns(page.words("stale", "within"))
    name = sheet("countries", page.language)[1]
    return page.table(
        name, columns, frame, currency_column="currency", title=page.text("countries.list"),
        key=("alpha2", "country", "currency"),
    )  # fmt: skip


def _moves(page: Page, data: CountriesData, since: date) -> TableSpec:
    columns = [
        page.column("country", width=24),
        page.column("alpha2"),
        page.column("before_rating"),
        page.column("after_rating"),
        page.column("direction"),
        page.column("notches", "int"),
    ]
    frame = data.moves.select(*MOVE_SCHEMA).with_columns(page.words("direction", "move"))
    title = page.text("countries.moves", date=since)
    return page.table(MOVES, columns, frame, title=title, key=("alpha2", "country"))
