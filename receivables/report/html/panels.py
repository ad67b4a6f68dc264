"""Panels of the page: a drawing, and the same figures as a table for those who read rather than look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from markupsafe import Markup

from receivables.report.credit_tables import CountriesData
from receivables.report.dashboard_figures import units
from receivables.report.dashboard_map import owed_by_country
from receivables.report.dashboard_words import Words, days
from receivables.report.html import charts
from receivables.report.html.charts import Series
from receivables.report.html.map import map_drawing
from receivables.report.html.svg import Drawing
from receivables.report.labels import bucket_text
from receivables.report.palette import BAD, GOOD, NO_DATE, SERIES, bucket_colour
from receivables.report.world_map import short_amount


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows as text; the first `texts` columns are words, the others figures."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int = 1


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of the page; without a drawing the table is shown at once."""

    name: str
    heading: str
    table: Table
    drawing: Markup | None = None
    note: str = ""
    late: frozenset[int] = field(default_factory=frozenset)
    """Rows of the table whose day is over."""


def chart_panels(words: Words, labels: Sequence[str]) -> list[Panel]:
    """The six charts of the sheet, in its order; `labels` are the buckets."""
    return [
        _ages(words, labels), _share(words), _speed(words), _top(words), _reserve(words), _grades(words),
    ]  # fmt: skip


def _panel(
    words: Words, name: str, drawing: Drawing | None, table: Table, note: str = ""
) -> Panel:
    heading = words.panel(name)
    told = "; ".join(": ".join((row[0], ", ".join(row[1:]))) for row in table.rows)
    made = drawing and drawing.finish(name, heading, told)
    return Panel(name, heading, table, made or None, note)


def _short(words: Words, value: float) -> str:
    """A figure in thousands or millions for an axis."""
    currency = words.figures.currency or "EUR"
    scale = units(1, currency) or 1.0
    sign = "\u2212" if value < 0 else ""
    return sign + short_amount(int(abs(value) / scale + 0.5), currency, words.language)


def _amounts(words: Words, values: pl.Series) -> list[float | None]:
    return [units(value, words.figures.currency) for value in values]


def _ages(words: Words, labels: Sequence[str]) -> Panel:
    ages = words.figures.ages
    names = [bucket_text(name, words.language) for name in labels]
    values = _amounts(words, ages["amount"])[: len(names)]
    drawing = charts.columns(
        names, [Series(words.text("open"), values, SERIES[0])], lambda value: _short(words, value),
        [bucket_colour(place, len(names)) for place in range(len(names))],
    )  # fmt: skip
    every = [*names, words.text("unapplied")]
    rows = [(name, words.amount(value)) for name, value in zip(every, ages["amount"], strict=True)]
    return _panel(words, "ages", drawing, Table((words.text("bucket"), words.text("open")), rows))


def _months(words: Words) -> tuple[list[str], list[str]]:
    """Month ends in full, and short for the axis."""
    ends = words.figures.trend["month_end"].to_list()
    short = [f"{end.month}月" if words.language == "zh" else f"{end:%b}" for end in ends]
    return [f"{end:%Y-%m}" for end in ends], short


def _share(words: Words) -> Panel:
    full, short = _months(words)
    values = words.figures.trend["overdue_share"].to_list()
    name = words.text("screen.overdue_share")
    drawing = charts.lines(
        short,
        [Series(name, values, SERIES[0])],
        lambda value: f"{value:.0%}",
        lambda value: f"{value:.1%}",
    )
    rows = [
        (month, "–" if value is None else f"{value:.1%}")
        for month, value in zip(full, values, strict=True)
    ]
    return _panel(words, "share", drawing, Table((words.text("month_end"), name), rows))


def _speed(words: Words) -> Panel:
    full, short = _months(words)
    trend = words.figures.trend
    names = ("dso", "countback", "best")
    looks = (SERIES[0], SERIES[4], SERIES[8])
    series = [
        Series(words.text(name), trend[name].to_list(), colour)
        for name, colour in zip(names, looks, strict=True)
    ]
    drawing = charts.lines(short, series, lambda value: f"{value:.0f}", days)
    rows = [
        (month, *map(days, row))
        for month, row in zip(full, trend.select(names).rows(), strict=True)
    ]
    headings = (words.text("month_end"), *(words.text(name) for name in names))
    note = words.dso_note() if words.figures.main["dso"] is None else ""
    return _panel(words, "speed", drawing, Table(headings, rows), note)


def _top(words: Words) -> Panel:
    top = words.figures.top.filter(pl.col("rank").is_not_null())
    series = [
        Series(words.text("screen.late"), _amounts(words, top["late"]), SERIES[4]),
        Series(words.text("screen.rest"), _amounts(words, top["rest"]), SERIES[0]),
    ]
    names = top["name"].fill_null("").to_list()
    drawing = charts.stacked(
        names, series, lambda value: _short(words, value), _amounts(words, top["balance"])
    )
    rows = [
        (name, customer, words.amount(balance), words.amount(late), f"{share:.1%}")
        for name, customer, balance, late, share in top.select(
            "name", "customer_id", "balance", "late", "share"
        ).iter_rows()
    ]
    headings = [
        words.text(key) for key in ("name", "customer_id", "balance", "screen.late", "share")
    ]
    return _panel(words, "top", drawing, Table(headings, rows, 2))


def _reserve(words: Words) -> Panel:
    steps = words.figures.reserve.steps
    labels = [words.caption(*row) for row in steps.select("step", "amount").iter_rows()]
    parts = [
        Series(name, _amounts(words, steps[name]), colour)
        for name, colour in (("level", SERIES[0]), ("up", BAD), ("down", GOOD))
    ]
    drawing = None
    if not words.figures.reserve.why:
        foot = _amounts(words, steps["foot"])
        drawing = charts.steps(labels, foot, parts, lambda value: _short(words, value))
    rows = [
        (words.step(name), words.amount(amount))
        for name, amount in steps.select("step", "amount").iter_rows()
    ]
    known = [] if words.figures.reserve.why else rows
    return _panel(
        words, "reserve", drawing, Table((words.text("screen.step"), words.text("balance")), known)
    )


def _grades(words: Words) -> Panel:
    found = words.figures.grades
    headings = [words.text(key) for key in ("grade", "screen.before_at", "screen.now")]
    if found is None:
        return _panel(words, "grades", None, Table(headings, []))
    spread = found.spread
    names = [str(grade) for grade in spread["grade"]]
    series = [
        Series(headings[1], spread["customers_before"].to_list(), NO_DATE),
        Series(headings[2], spread["customers"].to_list(), SERIES[0]),
    ]
    drawing = charts.columns(names, series, lambda value: f"{value:.0f}")
    rows = [tuple("–" if value is None else str(value) for value in row) for row in spread.rows()]
    return _panel(words, "grades", drawing, Table(headings, rows))


def map_panel(words: Words, countries: CountriesData | None) -> Panel:
    """Countries that owe in the main currency."""
    figures = words.figures
    owed = owed_by_country(countries, figures.currency)
    headings = [words.text(key) for key in ("country", "exposure", "risk_class")]
    if countries is None or owed.is_empty():
        return Panel("map", words.panel("map"), Table(headings, []), None, "")
    rows = [
        (country, words.amount(amount), risk or "–")
        for country, amount, risk in owed.select("country", "exposure", "risk_class").iter_rows()
    ]
    found = [
        (code, amount, short_amount(amount, figures.currency, words.language))
        for code, amount in owed.select("alpha2", "exposure").iter_rows()
    ]
    drawing = map_drawing(found, countries.risk, words.language)
    return _panel(words, "map", drawing, Table(headings, rows))


def insurer_panel(words: Words) -> Panel:
    """What must reach the insurer this week."""
    from receivables.report.dashboard_words import exact

    headings = [
        words.text(f"screen.{key}") for key in ("act_by", "customer", "document", "at_stake")
    ]
    items = words.figures.insurer
    lines = [] if items is None else list(items.iter_rows(named=True))
    rows = [
        (
            str(item["act_by"] or ""), item["name"] or "", item["document_no"] or "",
            f"{item['currency']} {exact(item['at_stake'], item['currency'])}",
        )
        for item in lines
    ]  # fmt: skip
    late = frozenset(
        index
        for index, item in enumerate(lines)
        if item["act_by"] and item["act_by"] < words.figures.as_of
    )
    note = words.insurer_nothing() or words.insurer_more()
    return Panel("insurer", words.panel("insurer"), Table(headings, rows, 3), None, note, late)


def currency_panel(words: Words) -> Panel:
    """Every currency on a line of its own."""
    from receivables.report.dashboard_words import whole

    keys = ("currency", "open", "screen.overdue_plain", "screen.overdue_share", "dso")
    rows = [
        (
            row["currency"], whole(row["open"], row["currency"]), whole(row["overdue"], row["currency"]),
            "–" if row["overdue_share"] is None else f"{row['overdue_share']:.1%}", days(row["dso"]),
        )
        for row in words.figures.currencies.iter_rows(named=True)
        if row["currency"]
    ]  # fmt: skip
    table = Table([words.text(key) for key in keys], rows)
    return Panel("currencies", words.panel("currencies"), table, None, words.further())


def watch_panel(words: Words) -> Panel:
    """Further counts."""
    rows = [words.watch(name, count) for name, count in words.figures.watch]
    headings = (words.text("screen.watch"), words.text("screen.watch_count"))
    return Panel("watch", words.text("screen.watch"), Table(headings, rows))
