"""The dashboard's charts as drawings: columns, lines, stacked bars and steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from receivables.report.dashboard_words import short_name
from receivables.report.html.svg import HEIGHT, WIDTH, Drawing, ticks
from receivables.report.palette import INK

Value = float | None
Shown = Callable[[float], str]

LEFT, RIGHT, TOP, BOTTOM = 58.0, 12.0, 16.0, 40.0
NAMES = 178.0
"""Room for names at the left of bars."""


@dataclass(frozen=True, slots=True)
class Series:
    """A row of figures with its name and colour; None = not known."""

    name: str
    values: Sequence[Value]
    colour: str


@dataclass(frozen=True, slots=True)
class _Scale:
    """Figures to heights on the paper."""

    marks: list[float]

    def y(self, value: float) -> float:
        """Height of a figure, counted from the top."""
        low, high = self.marks[0], self.marks[-1]
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)


def columns(
    labels: Sequence[str], series: Sequence[Series], shown: Shown, colours: Sequence[str] = ()
) -> Drawing:
    """Columns side by side; a single series may have a colour per point and has figures on top."""
    drawing, scale = _axes([value for one in series for value in one.values], shown)
    slot = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    wide = slot * 0.68 / len(series)
    for index, text in enumerate(labels):
        left = LEFT + slot * index + slot * 0.16
        _label(drawing, left + slot * 0.34, text, slot)
        for place, one in enumerate(series):
            value = one.values[index]
            if value is None:
                continue
            colour = colours[index] if colours else one.colour
            _column(
                drawing,
                scale,
                left + wide * place,
                wide,
                0.0,
                value,
                colour,
                f"{text}, {one.name}: {shown(value)}",
            )
            if len(series) == 1:
                drawing.text(left + wide / 2, scale.y(max(value, 0)) - 4, shown(value), size=9.5)
    if len(series) > 1:
        _legend(drawing, series)
    return drawing


def lines(
    labels: Sequence[str], series: Sequence[Series], shown: Shown, exact: Shown | None = None
) -> Drawing:
    """Lines over time; a month that is not known breaks the line. `exact` shows a point's figure."""
    told = exact or shown
    drawing, scale = _axes([value for one in series for value in one.values], shown)
    slot = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    for index, text in enumerate(labels):
        _label(drawing, LEFT + slot * (index + 0.5), text, slot)
    for place, one in enumerate(series):
        run: list[tuple[float, float]] = []
        for index, value in enumerate([*one.values, None]):
            if value is None:
                if len(run) > 1:
                    drawing.path(run, one.colour)
                run = []
                continue
            x, y = LEFT + slot * (index + 0.5), scale.y(value)
            run.append((x, y))
            said = f"{labels[index]}, {one.name}: {told(value)}"
            _mark(drawing, place, x, y, one.colour, said)
        last = next((value for value in reversed(one.values) if value is not None), None)
        if last is not None and len(series) == 1 and one.values[-1] is not None:
            drawing.text(WIDTH - RIGHT, scale.y(last) - 8, told(last), anchor="end", bold=True)
    if len(series) > 1:
        _legend(drawing, series, marks=True)
    return drawing


def stacked(
    names: Sequence[str], series: Sequence[Series], shown: Shown, totals: Sequence[Value]
) -> Drawing:
    """Bars of names from top to bottom, the series one after the other."""
    drawing = Drawing()
    known = [sum(one.values[index] or 0 for one in series) for index in range(len(names))]
    most = ticks(0, max(known, default=0), 4)[-1]
    high = (HEIGHT - TOP - 26) / max(len(names), 1)
    room = WIDTH - NAMES - 52
    for index, name in enumerate(names):
        y = TOP + high * index
        drawing.text(NAMES - 6, y + high * 0.68, short_name(name), anchor="end", size=9.5)
        x = NAMES
        for one in series:
            value = one.values[index] or 0.0
            if value > 0:
                wide = room * value / most
                drawing.rect(
                    x, y + 2, wide, high - 5, one.colour, f"{name}, {one.name}: {shown(value)}"
                )
                x += wide
        total = totals[index]
        if total is not None:
            drawing.text(x + 4, y + high * 0.68, shown(total), anchor="start", size=9.5)
    drawing.line(NAMES, TOP, NAMES, HEIGHT - 26, INK)
    _legend(drawing, series)
    return drawing


def steps(
    labels: Sequence[str], foot: Sequence[Value], parts: Sequence[Series], shown: Shown
) -> Drawing:
    """Columns that begin where the one before ended."""
    tops = [
        (foot[index] or 0) + (value or 0)
        for one in parts
        for index, value in enumerate(one.values)
    ]
    drawing, scale = _axes(tops, shown)
    slot = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    for index, text in enumerate(labels):
        left = LEFT + slot * index + slot * 0.16
        for line, word in enumerate(_wrapped(text, slot)):
            drawing.text(left + slot * 0.34, HEIGHT - BOTTOM + 13 + 11 * line, word, size=8.5)
        for one in parts:
            value = one.values[index]
            if value is not None:
                base = foot[index] or 0.0
                _column(drawing, scale, left, slot * 0.68, base, base + value, one.colour, text)
    return drawing


def _axes(values: Sequence[Value], shown: Shown) -> tuple[Drawing, _Scale]:
    known = [value for value in values if value is not None]
    scale = _Scale(ticks(min(known, default=0), max(known, default=0)))
    drawing = Drawing()
    for mark in scale.marks:
        drawing.line(LEFT, scale.y(mark), WIDTH - RIGHT, scale.y(mark))
        drawing.text(LEFT - 6, scale.y(mark) + 3.5, shown(mark), anchor="end", size=9.5)
    drawing.line(LEFT, scale.y(0), WIDTH - RIGHT, scale.y(0), INK)
    return drawing, scale


def _column(
    drawing: Drawing, scale: _Scale, x: float, wide: float, start: float, end: float, colour: str, said: str
) -> None:  # fmt: skip
    top, bottom = scale.y(max(start, end)), scale.y(min(start, end))
    drawing.rect(x, top, wide, max(bottom - top, 0.0), colour, said)


def _label(drawing: Drawing, x: float, text: str, slot: float) -> None:
    """A label below the axis, its words under each other where they need more room."""
    fits = len(text) * 5.2 <= slot
    for line, word in enumerate([text] if fits else text.split(" ")[:2]):
        drawing.text(x, HEIGHT - BOTTOM + 14 + 11 * line, word, size=9.5)


def _wrapped(text: str, slot: float) -> list[str]:
    """A caption in lines: words that do not fit stand below each other, the amount last.

    >>> _wrapped("Exchange difference 27", 60), _wrapped("Written off 0", 60)
    (['Exchange', 'difference', '27'], ['Written off', '0'])
    """
    name, _, amount = text.rpartition(" ")
    if not name:
        return [text]
    return [*([name] if len(name) * 4.6 <= slot else name.split(" ")), amount]


def _legend(drawing: Drawing, series: Sequence[Series], *, marks: bool = False) -> None:
    widths = [sum(10.0 if ord(sign) > 0x2E7F else 5.6 for sign in one.name) + 30 for one in series]
    x = (WIDTH - sum(widths)) / 2
    for place, (one, width) in enumerate(zip(series, widths, strict=True)):
        if marks:
            _mark(drawing, place, x + 7, HEIGHT - 8, one.colour, "")
        else:
            drawing.rect(x + 2, HEIGHT - 13, 10, 10, one.colour)
        drawing.text(x + 17, HEIGHT - 4.5, one.name, anchor="start")
        x += width


def _mark(drawing: Drawing, place: int, x: float, y: float, colour: str, said: str) -> None:
    """Circle, square or diamond: lines are told apart without their colours too."""
    if place == 0:
        drawing.circle(x, y, 3.4, colour, colour, said)
    elif place == 1:
        drawing.rect(x - 3.2, y - 3.2, 6.4, 6.4, colour, said)
    else:
        drawing.shape(f"M{x:.1f} {y - 4.4:.1f}l4.4 4.4l-4.4 4.4l-4.4 -4.4z", colour, colour)
