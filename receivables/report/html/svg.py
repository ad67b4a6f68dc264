"""Drawings in SVG: text stays text, every drawing says what it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from receivables.report.palette import INK, LINE

WIDTH, HEIGHT = 490.0, 250.0
"""Units of a panel's drawing, a pixel each at its natural size."""


class Drawing:
    """A picture being put together, closed by `finish`."""

    def __init__(self, width: float = WIDTH, height: float = HEIGHT) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, said: str = ""
    ) -> None:
        """A filled rectangle with a thin dark edge; `said` is shown when pointed at."""
        about = f"<title>{escape(said)}</title>" if said else ""
        self._parts.append(
            f'<rect x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" fill="{fill}" '
            f'stroke="{INK}" stroke-width="0.4">{about}</rect>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = LINE) -> None:
        """A thin line."""
        self._parts.append(
            f'<line x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}" stroke="{colour}"/>'
        )

    def path(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """A thick line through points."""
        where = " ".join(f"{n(x)},{n(y)}" for x, y in points)
        self._parts.append(
            f'<polyline points="{where}" fill="none" stroke="{colour}" stroke-width="2.2" '
            'stroke-linejoin="round"/>'
        )

    def shape(self, path: str, fill: str, edge: str, width: float = 0.4) -> None:
        """A closed shape."""
        self._parts.append(
            f'<path d="{path}" fill="{fill}" stroke="{edge}" stroke-width="{n(width)}"/>'
        )

    def circle(
        self, x: float, y: float, radius: float, fill: str, edge: str, said: str = "", opacity: float = 1
    ) -> None:  # fmt: skip
        """A disc."""
        about = f"<title>{escape(said)}</title>" if said else ""
        self._parts.append(
            f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(radius)}" fill="{fill}" '
            f'fill-opacity="{n(opacity)}" stroke="{edge}">{about}</circle>'
        )

    def text(
        self, x: float, y: float, words: str, *, anchor: str = "middle", size: float = 10, bold: bool = False,
        halo: bool = False, colour: str = INK,
    ) -> None:  # fmt: skip
        """Words at a place; `halo` puts a white edge behind them."""
        weight = ' font-weight="bold"' if bold else ""
        edge = ' stroke="#FFFFFF" stroke-width="3" paint-order="stroke"' if halo else ""
        self._parts.append(
            f'<text x="{n(x)}" y="{n(y)}" text-anchor="{anchor}" font-size="{n(size)}" '
            f'fill="{colour}"{weight}{edge}>{escape(words)}</text>'
        )

    def raw(self, part: str) -> None:
        """An element that is ready, of numbers and colours of ours only."""
        self._parts.append(part)

    def finish(self, name: str, title: str, described: str) -> Markup:
        """The whole picture with its title and description."""
        return Markup(  # noqa: S704 - every text in it was escaped when it was drawn
            f'<svg viewBox="0 0 {n(self.width)} {n(self.height)}" '
            f'role="img" aria-labelledby="{name}-title {name}-desc">'
            f'<title id="{name}-title">{escape(title)}</title>'
            f'<desc id="{name}-desc">{escape(described)}</desc>{"".join(self._parts)}</svg>'
        )


def n(value: float) -> str:
    """A coordinate, to a tenth.

    >>> n(12.0), n(3.14159), n(-0.04)
    ('12', '3.1', '0')
    """
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def ticks(lowest: float, highest: float, about: int = 5) -> list[float]:
    """Round figures that hold both ends between them.

    >>> ticks(0, 87)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    >>> ticks(0, 0)
    [0.0, 1.0]
    """
    span = max(highest, 0.0) - min(lowest, 0.0)
    if span <= 0:
        return [0.0, 1.0]
    raw = span / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * (1 - 1e-9))
    first, last = math.floor(min(lowest, 0.0) / step), math.ceil(max(highest, 0.0) / step)
    return [index * step for index in range(first, last + 1)]
