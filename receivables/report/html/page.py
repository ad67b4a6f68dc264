"""The dashboard as one file of HTML: no script, no network, nothing but what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import FunctionLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from receivables import __version__
from receivables.report.dashboard_figures import figures
from receivables.report.dashboard_words import LEVELS, Words, days
from receivables.report.data import ReportData
from receivables.report.html.panels import (
    chart_panels,
    currency_panel,
    insurer_panel,
    map_panel,
    watch_panel,
)
from receivables.report.labels import label
from receivables.report.page import Page
from receivables.resources import asset_path

GENERATOR = "receivables dashboard"
"""What a page of ours says of its maker, in its head."""
_TEMPLATE = "report.html.j2"


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its name and what stands below it."""

    label: str
    value: str
    note: str


def html_page(data: ReportData) -> str:
    """The dashboard of a report as a page, in the report's language.

    The figures are those of the sheet Dashboard, from the same object. The page asks for nothing:
    its policy forbids every request, charts are drawings in the text, and each has its table.
    """
    page = Page(data)
    words = Words(figures(data), page.language, data.settings.base)
    found = words.figures
    countries = data.credit.countries if data.credit else None
    return _environment().get_template(_TEMPLATE).render(
        language="zh-Hans" if page.language == "zh" else "en",
        title=page.text("dashboard.title"),
        firm=data.firm,
        as_of=found.as_of.isoformat(),
        basis=page.basis(),
        main=words.main(),
        light=found.light.state,
        light_text=page.text(f"light.{found.light.state}"),
        light_note=words.light(),
        tiles=_tiles(words),
        warnings=words.warning_label(),
        levels=[
            (name, label(f"level.{name}", page.language), _level(words, name)) for name in LEVELS
        ],
        charts=[*chart_panels(words, data.bucket_labels), map_panel(words, countries)],
        lists=[[insurer_panel(words)], [currency_panel(words), watch_panel(words)]],
        figures_word=page.text("screen.table"),
        tiles_word=page.text("screen.tiles"),
        generator=GENERATOR,
        made=f"receivables {__version__}",
    )  # fmt: skip


def _tiles(words: Words) -> list[Tile]:
    found = words.figures
    row, currency = found.main, found.currency or "–"
    unknown = words.text("screen.not_known")

    def amount(minor: object) -> str:
        return words.amount(minor) if isinstance(minor, int) else unknown

    return [
        Tile(words.text("screen.open", currency=currency), amount(row["open"]), words.open_note()),
        Tile(words.text("screen.overdue", currency=currency), amount(row["overdue"]), words.overdue_note()),
        Tile(words.text("screen.dso"), days(row["dso"]) if row["dso"] is not None else unknown, words.dso_note()),
        Tile(words.text("screen.reserve", currency=currency), amount(found.reserve.closing), words.reserve_note()),
    ]  # fmt: skip


def _level(words: Words, name: str) -> str:
    levels = words.figures.levels
    return f"{levels[name]:,}" if levels else "–"


@cache
def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        loader=FunctionLoader(
            lambda name: asset_path("templates", name).read_text(encoding="utf-8")
        ),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
