"""The risk map: countries by risk class, what is owed there as bubbles, drawn without a network."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from receivables import __version__, money
from receivables.errors import BadValueError
from receivables.monitor.country import countries
from receivables.report.labels import label, term
from receivables.report.map_shapes import NORTH, SOUTH, outline, place_of, project, world

DPI = 96
CLASSES = {"A": "#FFF4C2", "B": "#FDBB6B", "C": "#D2691E", "D": "#6B1E0B"}
"""From safe to risky: each darker than the one before, so that grey print and every eye tell them
apart (relative luminance 0.90, 0.58, 0.24, 0.03); class D is hatched besides."""
NO_DATA = "#E3E7EB"
SEA, COAST, INK = "#F7FAFC", "#7B8794", "#1F2933"
BUBBLE, BUBBLE_EDGE = "#0072B2", "#003A5C"
_CJK = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC",
    "Hiragino Sans GB", "WenQuanYi Zen Hei", "Arial Unicode MS", "Droid Sans Fallback",
)  # fmt: skip
_SIZES = {
    "en": ((1e9, " bn"), (1e6, " M"), (1e3, " k")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}
Box = tuple[float, float, float, float]
"""Left, bottom, right and top in units of the map."""


@dataclass(frozen=True, slots=True)
class _Size:
    """A map's paper in inches, and what fits on it.

    `unit` is inches to one unit of the map; `words` are the points of names on it, of which the
    largest `named` bubbles get one; `most` is the area of the largest bubble in points².
    """

    width: float
    height: float
    axes: tuple[float, float, float, float]
    unit: float
    words: float
    named: int
    most: float
    least: float
    legend: float

    @property
    def room(self) -> float:
        """Units of the map that a letter takes, against those of 12 points on the large map."""
        return self.words / 12 * 3.43 / self.unit


_LARGE = _Size(18.75, 10.0, (0.005, 0.115, 0.99, 0.815), 3.43, 12, 8, 2600, 40, 13)
"""1,800 × 960 pixels, with title and source."""
_SMALL = _Size(10.0, 4.9, (0.005, 0.09, 0.99, 0.9), 1.85, 15, 4, 1300, 60, 14)
"""960 × 470 pixels, to be shown at half of it under a heading of its own."""
SMALL_PIXELS = (int(_SMALL.width * DPI), int(_SMALL.height * DPI))


@dataclass(frozen=True, slots=True)
class Bubble:
    """What is owed in one country, in minor units of the map's currency."""

    alpha2: str
    amount: int


@dataclass(frozen=True, slots=True)
class MapFacts:
    """What the map says around the shapes."""

    as_of: date
    currency: str
    rated_on: date | None = None
    source: str = ""
    language: str = "en"


def world_map(
    bubbles: Sequence[Bubble], risk: Mapping[str, str], facts: MapFacts, *, kind: str = "png",
    small: bool = False,
) -> bytes:  # fmt: skip
    """The map as a picture; the same figures give the same bytes.

    Args:
        bubbles: what is owed by country; amounts of nil or less are not drawn.
        risk: alpha-2 code → class A to D; other countries are grey.
        facts: dates, currency, source and language.
        kind: `png` (1,800 × 960) or `svg`.
        small: 960 × 470 without title and source, larger letters and fewer names.

    Raises:
        BadValueError: another kind, a class without colour, a country without a place.
    """
    if kind not in {"png", "svg"}:
        raise BadValueError(f"kind is '{kind}': give png or svg.")
    unknown = sorted({name for name in risk.values() if name not in CLASSES})
    if unknown:
        raise BadValueError(f"The map has no colour for class {unknown[0]}: {', '.join(CLASSES)}.")
    drawn = sorted((one for one in bubbles if one.amount > 0), key=lambda one: -one.amount)
    lost = [one.alpha2 for one in drawn if place_of(one.alpha2) is None]
    if lost:
        raise BadValueError(
            f"The map has no place for '{lost[0]}'. Leave it out, and say so beside."
        )
    import matplotlib as mpl

    language = spoken(facts.language)
    fonts = [*_fonts()[:1], "DejaVu Sans"] if language == "zh" else ["DejaVu Sans"]
    settings = {
        "font.family": fonts, "svg.hashsalt": "receivables", "svg.fonttype": "path",
        "hatch.linewidth": 0.6,
    }  # fmt: skip
    with mpl.rc_context(settings):
        return _saved(_figure(drawn, risk, facts, language, _SMALL if small else _LARGE), kind)


def spoken(language: str) -> str:
    """The language a map can be written in: English where no font has Chinese letters.

    >>> spoken("en")
    'en'
    """
    return "zh" if language == "zh" and _fonts() else "en"


@cache
def _fonts() -> tuple[str, ...]:
    """Fonts with Chinese letters that this computer has."""
    from matplotlib import font_manager

    there = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(name for name in _CJK if name in there)


def _figure(
    drawn: Sequence[Bubble], risk: Mapping[str, str], facts: MapFacts, language: str, size: _Size
) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size.width, size.height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes(size.axes)
    axes.set_axis_off()
    _shapes(axes, risk)
    _dots(axes, risk)
    _bubbles(axes, drawn, facts, language, size)
    _frame(axes)
    if size is _LARGE:
        _words(figure, drawn, facts, language)
    _legend(figure, language, size)
    if drawn and size is _LARGE:
        _size_key(axes, drawn[0].amount, facts, language)
    return figure


def _shapes(axes: Any, risk: Mapping[str, str]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    edge = PathPatch(Path(outline()), facecolor=SEA, edgecolor="none", zorder=0)
    axes.add_artist(edge)
    for code, rings in world().items():
        colour = CLASSES.get(risk.get(code, ""), NO_DATA)
        hatch = _hatch(risk.get(code, ""))
        for ring in rings:
            patch = PathPatch(
                Path(ring), facecolor=colour, edgecolor=_line(risk.get(code, "")),
                linewidth=0.35, hatch=hatch, zorder=1,
            )  # fmt: skip
            axes.add_artist(patch)
            patch.set_clip_path(edge)


def _hatch(name: str) -> str | None:
    """Class D and countries without a class are told apart from their neighbours in grey too."""
    return {"D": "///", "": "xxx"}.get(name)


def _line(name: str) -> str:
    return {"D": "#B07A66", "": "#AEB8C2"}.get(name, COAST)


def _dots(axes: Any, risk: Mapping[str, str]) -> None:
    """A dot for each rated country that is too small to have a shape."""
    for code, name in sorted(risk.items()):
        place = place_of(code)
        if code in world() or place is None:
            continue
        axes.plot(
            *place, marker="o", markersize=5, markerfacecolor=CLASSES[name],
            markeredgecolor=COAST, markeredgewidth=0.7, zorder=2,
        )  # fmt: skip


def _bubbles(
    axes: Any, drawn: Sequence[Bubble], facts: MapFacts, language: str, size: _Size
) -> None:
    """Area is in proportion to the amount; the largest are named, nothing on top of another."""
    places = [place_of(one.alpha2) or (0.0, 0.0) for one in drawn]
    areas = [_area(one.amount, drawn[0].amount, size) for one in drawn]
    boxes = [
        _around(*place, _radius(area, size)) for place, area in zip(places, areas, strict=True)
    ]
    for rank, (place, area) in enumerate(zip(places, areas, strict=True)):
        _circle(axes, place, area, 4 + rank)
    for one, place, area in list(zip(drawn, places, areas, strict=True))[: size.named]:
        amount = short_amount(one.amount, facts.currency, language)
        text = f"{countries()[one.alpha2].name(language)} {amount}"
        boxes.append(_named(axes, text, place, _radius(area, size), boxes, size))


def _circle(axes: Any, place: tuple[float, float], size: float, order: int) -> None:
    """A blue disc with a dark edge and a white one around it, to be seen on every class."""
    axes.scatter(*place, s=size, facecolor=BUBBLE, alpha=0.62, edgecolor="none", zorder=order)
    for colour, width in (("white", 3.2), (BUBBLE_EDGE, 1.4)):
        axes.scatter(
            *place, s=size, facecolor="none", edgecolor=colour, linewidth=width, zorder=order
        )


def _named(
    axes: Any, text: str, place: tuple[float, float], radius: float, boxes: Sequence[Box], size: _Size
) -> Box:  # fmt: skip
    """Write a name beside its bubble where it hides the least; gives back the room it takes."""
    x, y = place
    wide = sum(0.053 if ord(sign) > 0x2E7F else 0.0292 for sign in text) * size.room + 0.03
    high = 0.038 * size.room
    spots = [
        (x + side * (radius + 0.02 + abs(up) / 3), y + up * size.room, side)
        for up in (0.0, 0.09, -0.09, 0.18, -0.18, 0.27, -0.27, 0.36, -0.36)
        for side in (1, -1)
    ]
    rooms = [
        (
            left if side > 0 else left - wide,
            up - high,
            left + wide if side > 0 else left,
            up + high,
        )
        for left, up, side in spots
    ]
    best = min(range(len(spots)), key=lambda n: (_hidden(rooms[n], boxes) + _beyond(rooms[n]), n))
    left, up, side = spots[best]
    line = {"arrowstyle": "-", "color": INK, "linewidth": 0.7} if up != y else None
    axes.annotate(
        text, (x, y), (left, up), ha="left" if side > 0 else "right", va="center",
        fontsize=size.words, color=INK, zorder=90, arrowprops=line,
        bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )  # fmt: skip
    return rooms[best]


def _beyond(room: Box) -> float:
    """Whether a room reaches over the edge of the map."""
    right, top = project(180.0, 0.0)[0], project(0.0, NORTH)[1]
    return 1.0 if room[0] < -right or room[2] > right or room[3] > top else 0.0


def _hidden(room: Box, boxes: Sequence[Box]) -> float:
    """Area of a room that others have taken."""
    found = 0.0
    for left, low, right, high in boxes:
        across = min(room[2], right) - max(room[0], left)
        up = min(room[3], high) - max(room[1], low)
        found += across * up if across > 0 and up > 0 else 0.0
    return found


def _around(x: float, y: float, radius: float) -> Box:
    return x - radius, y - radius, x + radius, y + radius


def _radius(area: float, size: _Size) -> float:
    """Radius of a bubble in units of the map, of its area in points²."""
    return math.sqrt(area / math.pi) / 72 / size.unit


def _frame(axes: Any) -> None:
    left, right = (project(lon, 0.0)[0] for lon in (-180.0, 180.0))
    bottom, top = (project(0.0, lat)[1] for lat in (SOUTH, NORTH))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")


def _words(figure: Any, drawn: Sequence[Bubble], facts: MapFacts, language: str) -> None:
    title = label("map.title", language, currency=facts.currency, as_of=facts.as_of)
    figure.text(0.012, 0.955, title, fontsize=20, weight="bold", color=INK, va="center")
    total = short_amount(sum(one.amount for one in drawn), facts.currency, language)
    under = label("map.total", language, total=f"{facts.currency} {total}", count=len(drawn))
    figure.text(0.988, 0.955, under, fontsize=14, color=INK, va="center", ha="right")
    lines = [
        label("map.source", language, source=facts.source, rated_on=facts.rated_on or "-"),
        label("map.shapes", language) + f" · receivables {__version__}",
    ]
    for row, line in enumerate(lines):
        figure.text(0.012, 0.035 - row * 0.022, line, fontsize=10, color="#52606D", va="center")


def _legend(figure: Any, language: str, size: _Size) -> None:
    from matplotlib.patches import Patch

    names = {name: term("class", name, language) for name in CLASSES}
    handles: list[Any] = [
        Patch(
            facecolor=colour, edgecolor=_line(name), hatch=_hatch(name), label=names[name],
        )
        for name, colour in CLASSES.items()
    ]  # fmt: skip
    unrated = label("map.no_data", language)
    handles.append(Patch(facecolor=NO_DATA, edgecolor=_line(""), hatch=_hatch(""), label=unrated))
    narrow = size is _SMALL
    figure.legend(
        handles=handles, loc="center", bbox_to_anchor=(0.5, 0.05 if narrow else 0.085),
        ncols=len(handles), frameon=False, fontsize=size.legend, handlelength=1.4 if narrow else 2.2,
        handleheight=1.0 if narrow else 1.4, columnspacing=1.0 if narrow else 2.2, labelcolor=INK,
    )  # fmt: skip


def _size_key(axes: Any, largest: int, facts: MapFacts, language: str) -> None:
    """Two bubbles in the South Pacific that say what their area means."""
    x, y = -2.05, -0.8
    edge = _radius(_area(largest, largest, _LARGE), _LARGE)
    for amount, low in ((largest, y), (largest // 10, y - edge - 0.06)):
        _circle(axes, (x, low), _area(amount, largest, _LARGE), 3)
        text = f"{facts.currency} {short_amount(amount, facts.currency, language)}"
        axes.text(x + edge + 0.04, low, text, fontsize=12, color=INK, va="center", zorder=3)


def short_amount(minor: int, currency: str, language: str = "en") -> str:
    """An amount in thousands or millions, in Chinese in 万 or 亿, as a map has room for.

    >>> short_amount(123456789, "EUR"), short_amount(45_000_00, "EUR"), short_amount(9900, "EUR")
    ('1.23 M', '45 k', '99')
    >>> short_amount(123456789, "CNY", "zh")
    '123万'
    """
    units = float(money.to_decimal(minor, currency))
    for size, sign in _SIZES[language]:
        if abs(units) >= size:
            return f"{float(f'{units / size:.3g}'):,g}{sign}"
    return f"{units:.0f}"


def _area(amount: int, largest: int, size: _Size) -> float:
    """Area of a bubble in points²; one too small to be seen keeps the least size."""
    return max(size.most * amount / largest, size.least)


def _saved(figure: Any, kind: str) -> bytes:
    out = io.BytesIO()
    about = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    figure.savefig(out, format=kind, metadata=about)
    return out.getvalue()
