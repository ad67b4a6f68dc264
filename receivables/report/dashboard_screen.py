"""The dashboard's screen: tiles, panel headings and lists on a grid of equal columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from receivables.report.close_sheet import BOOKS
from receivables.report.dashboard_figures import CURRENCIES, DEADLINES, Figures, units
from receivables.report.dashboard_tables import AGES, CURRENCY, RESERVE
from receivables.report.dashboard_words import LEVELS, Words, exact
from receivables.report.labels import label
from receivables.report.page import Page
from receivables.report.spec import Cell, Screen, TextSpec

PANEL = 5
"""Columns of a panel; three stand side by side."""
SCREEN = Screen(rows=47, columns=3 * PANEL, width=13.3, zoom=80)
TILES = 3
"""Columns of a tile; five stand side by side."""
TILE_ROW = 4
BANDS = (8, 21, 34)
"""Rows of the panel headings."""
HEIGHT = 12
"""Rows of a chart below its heading."""
_PANELS = (
    ("ages", "share", "speed"),
    ("top", "reserve", "grades"),
    ("map", "insurer", "currencies"),
)
_WIDE = PANEL - 1


def at(name: str) -> tuple[int, int, int, int]:
    """Row, column, rows and columns of a panel's chart.

    >>> at("reserve")
    (22, 5, 12, 5)
    """
    band = next(index for index, names in enumerate(_PANELS) if name in names)
    return BANDS[band] + 1, _PANELS[band].index(name) * PANEL, HEIGHT, PANEL


def screen(page: Page, figures: Figures) -> TextSpec:
    """Every cell of the screen, the same cells each month."""
    words = Words(figures, page.language, page.data.settings.base)
    lines: list[list[Cell]] = [[] for _ in range(SCREEN.rows + 1)]
    for row, cell in _cells(page, figures, words):
        lines[row].append(cell)
    return TextSpec(tuple(tuple(line) for line in lines))


def light_states(page: Page) -> tuple[str, str, str]:
    """Texts of the light."""
    return page.text("light.good"), page.text("light.neutral"), page.text("light.bad")


def _cells(page: Page, figures: Figures, words: Words) -> Iterator[tuple[int, Cell]]:
    firm = f"{page.data.firm}: " if page.data.firm else ""
    yield 0, Cell(0, firm + page.text("dashboard.title"), "title")
    yield 0, _light(page, figures)
    yield 1, Cell(0, page.basis(), "subtitle")
    yield 1, Cell(SCREEN.columns - 1, words.light(), "screen_light_note")
    yield 2, Cell(0, words.main(), "note")
    yield from _tiles(figures, words)
    for row, names in zip(BANDS, _PANELS, strict=True):
        for index, name in enumerate(names):
            for column in range(PANEL):
                said = words.panel(name) if not column else ""
                yield row, Cell(index * PANEL + column, said, "panel")
    yield from _insurer(figures, words)
    yield from _currencies(figures, words)


def _light(page: Page, figures: Figures) -> Cell:
    """The light of the sheet Close, live."""
    good, neutral, bad = light_states(page)
    column = f"{BOOKS}[state]"
    formula = (
        f'IF(COUNTIF({column},"{bad}")>0,"{bad}",'
        f'IF(COUNTIF({column},"{good}")=ROWS({column}),"{good}","{neutral}"))'
    )
    now = {"good": good, "neutral": neutral, "bad": bad}[figures.light.state]
    right = SCREEN.columns - 1
    return Cell(right - 3, now, "light", formula=formula, until=right)


def _tiles(figures: Figures, words: Words) -> Iterator[tuple[int, Cell]]:
    row, currency, reserve = figures.main, figures.currency, figures.reserve
    unknown = words.text("screen.not_known")
    money = {"currency": currency or "–"}
    tiles = (
        ("screen.open", _money(row["open"], currency), f"SUM({AGES}[amount])", words.open_note()),
        ("screen.overdue", _money(row["overdue"], currency), f"{CURRENCY}[overdue@0]", words.overdue_note()),
        ("screen.dso", row["dso"], f"{CURRENCY}[dso@0]", words.dso_note()),
        ("screen.reserve", units(reserve.closing, currency), f"{RESERVE}[amount@6]", words.reserve_note()),
    )  # fmt: skip
    for index, (key, value, formula, note) in enumerate(tiles):
        left, until = index * TILES, index * TILES + TILES - 1
        yield TILE_ROW, Cell(left, words.text(key, **money), "tile_label", until=until)
        if isinstance(value, float):
            style = "tile_days" if key == "screen.dso" else "tile_money"
            yield TILE_ROW + 1, Cell(left, value, style, formula=formula, until=until)
        else:
            yield TILE_ROW + 1, Cell(left, unknown, "tile_text", until=until)
        yield TILE_ROW + 2, Cell(left, note, "tile_note", until=until)
    yield from _levels(figures, words)


def _money(minor: object, currency: str) -> float | None:
    return units(minor, currency) if isinstance(minor, int) else None


def _levels(figures: Figures, words: Words) -> Iterator[tuple[int, Cell]]:
    left = 4 * TILES
    yield TILE_ROW, Cell(left, words.warning_label(), "tile_label", until=left + 2)
    for index, name in enumerate(LEVELS):
        count: int | str = figures.levels[name] if figures.levels else "–"
        yield TILE_ROW + 1, Cell(left + index, count, f"tile_{name}")
        yield (
            TILE_ROW + 2,
            Cell(left + index, label(f"level.{name}", words.language), f"tile_{name}_note"),
        )


def _insurer(figures: Figures, words: Words) -> Iterator[tuple[int, Cell]]:
    """The list of what must reach the insurer; always as many rows."""
    row, left = BANDS[2] + 1, PANEL
    heads = ("screen.act_by", "screen.customer", "", "screen.document", "screen.at_stake")
    for column, key in enumerate(heads):
        style = "list_head_right" if column == _WIDE else "list_head"
        yield row, Cell(left + column, words.text(key) if key else "", style)
    items = [] if figures.insurer is None else list(figures.insurer.iter_rows(named=True))
    for index in range(DEADLINES):
        item = items[index] if index < len(items) else {}
        late = bool(item) and _late(item["act_by"], figures.as_of)
        stake = item and f"{item['currency']} {exact(item['at_stake'], item['currency'])}"
        texts = (
            str(item.get("act_by") or ""),
            item.get("name"),
            "",
            item.get("document_no"),
            stake,
        )
        for column, text in enumerate(texts):
            style = "list_late" if late and not column else "list_text"
            style = "list_right" if column == _WIDE else style
            yield row + 1 + index, Cell(left + column, text or "", style)
    under = words.insurer_nothing() or words.insurer_more()
    yield row + DEADLINES + 2, Cell(left, under, "panel_note")


def _late(act_by: object, as_of: date) -> bool:
    return isinstance(act_by, date) and act_by < as_of


def _currencies(figures: Figures, words: Words) -> Iterator[tuple[int, Cell]]:
    """A row per currency, then the counts to watch."""
    row, left = BANDS[2] + 1, 2 * PANEL
    heads = ("currency", "open", "screen.overdue_plain", "screen.overdue_share", "dso")
    for column, key in enumerate(heads):
        yield (
            row,
            Cell(left + column, words.text(key), "list_head_right" if column else "list_head"),
        )
    for index, line in enumerate(figures.currencies.iter_rows(named=True)):
        yield from _currency(row + 1 + index, left, index, line)
    yield row + CURRENCIES + 1, Cell(left, words.further(), "panel_note")
    top = row + CURRENCIES + 2
    for column in range(PANEL):
        said = {0: words.text("screen.watch"), _WIDE: words.text("screen.watch_count")}.get(
            column, ""
        )
        yield top, Cell(left + column, said, "list_head_right" if column == _WIDE else "list_head")
    for index, (name, count) in enumerate(figures.watch, start=1):
        text, shown = words.watch(name, count)
        for column in range(_WIDE):
            yield top + index, Cell(left + column, "" if column else text, "list_text")
        yield top + index, Cell(left + _WIDE, shown if count is None else count, "list_int")


def _currency(
    row: int, left: int, index: int, line: dict[str, object]
) -> Iterator[tuple[int, Cell]]:
    currency = str(line["currency"] or "")
    yield row, Cell(left, currency, "list_text")
    styles = {"open": "list_money", "overdue": "list_money", "overdue_share": "list_percent", "dso": "list_days"}  # fmt: skip
    for column, (name, style) in enumerate(styles.items(), start=1):
        value = _money(line[name], currency) if style == "list_money" else line[name]
        if isinstance(value, float):
            yield row, Cell(left + column, value, style, formula=f"{CURRENCY}[{name}@{index}]")
        else:
            yield row, Cell(left + column, "", style)
