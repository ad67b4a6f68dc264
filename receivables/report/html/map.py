"""The country map as a drawing: shapes shaded by risk, what is owed as discs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from receivables.monitor.country import countries
from receivables.report.html.svg import Drawing, n
from receivables.report.labels import label, term
from receivables.report.map_shapes import NORTH, SOUTH, outline, place_of, project, world
from receivables.report.palette import INK
from receivables.report.world_map import BUBBLE, BUBBLE_EDGE, CLASSES, COAST, NO_DATA, SEA

WIDE, HIGH = 490.0, 240.0
NAMED = 4
_LARGEST, _LEAST = 17.0, 2.6
_LETTER, _WIDE_LETTER = 5.3, 10.2
_LINE = 12.0
_STRIPE = (
    '<defs><pattern id="stripe" width="4" height="4" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="4" height="4" fill="{0}"/>'
    '<line x1="0" y1="0" x2="0" y2="4" stroke="#B07A66" stroke-width="1"/></pattern></defs>'
)

Room = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def map_drawing(
    owed: Sequence[tuple[str, int, str]], risk: Mapping[str, str], language: str
) -> Drawing:
    """The map; `owed` is alpha-2 code, amount and the amount as text, largest first."""
    drawing = Drawing(WIDE, HIGH)
    drawing.raw(_STRIPE.format(CLASSES["D"]))
    drawing.shape(_path(outline()), SEA, "none")
    for code, rings in world().items():
        name = risk.get(code, "")
        fill = "url(#stripe)" if name == "D" else CLASSES.get(name, NO_DATA)
        path = "".join(_path(ring) for ring in rings)
        if path:
            drawing.shape(path, fill, COAST, 0.3)
    _bubbles(drawing, owed, language)
    _legend(drawing, language)
    return drawing


def _bubbles(drawing: Drawing, owed: Sequence[tuple[str, int, str]], language: str) -> None:
    found = [(code, amount, shown, place_of(code)) for code, amount, shown in owed]
    placed = [(code, amount, shown, _at(*place)) for code, amount, shown, place in found if place]
    most = max((amount for _, amount, _, _ in placed), default=1)
    rooms: list[Room] = []
    for code, amount, shown, (x, y) in placed:
        radius = max(_LARGEST * math.sqrt(amount / most), _LEAST)
        said = f"{countries()[code].name(language)}: {shown}"
        drawing.circle(x, y, radius, BUBBLE, BUBBLE_EDGE, said, 0.7)
        rooms.append((x - radius, y - radius, x + radius, y + radius))
    for index, (code, _, shown, (x, y)) in enumerate(placed[:NAMED]):
        text = f"{countries()[code].name(language)} {shown}"
        radius = rooms[index][2] - x
        rooms.append(_named(drawing, text, x, y, radius, rooms))


def _named(
    drawing: Drawing, text: str, x: float, y: float, radius: float, rooms: Sequence[Room]
) -> Room:
    """Write a name beside its disc where it hides the least."""
    wide = sum(_WIDE_LETTER if ord(sign) > 0x2E7F else _LETTER for sign in text)
    spots: list[tuple[Room, int]] = []
    for up in (0, -1, 1, -2, 2, -3, 3):
        for side in (1, -1):
            edge = x + side * (radius + 3 + abs(up) * 2)
            left = edge if side > 0 else edge - wide
            middle = y + up * _LINE
            spots.append(((left, middle - 6, left + wide, middle + 6), side))
    room, side = min(spots, key=lambda spot: _hidden(spot[0], rooms))
    middle = (room[1] + room[3]) / 2
    start = room[0] if side > 0 else room[2]
    drawing.line(x + side * radius * 0.7, y, start, middle, INK)
    drawing.text(start, middle + 3.5, text, anchor="start" if side > 0 else "end", halo=True)
    return room


def _hidden(room: Room, rooms: Sequence[Room]) -> float:
    """Area that others have taken, or that lies outside the picture."""
    lost = 1e6 if room[0] < 0 or room[2] > WIDE or room[1] < 0 else 0.0
    for left, top, right, bottom in rooms:
        across, down = (
            min(room[2], right) - max(room[0], left),
            min(room[3], bottom) - max(room[1], top),
        )
        lost += across * down if across > 0 and down > 0 else 0.0
    return lost


def _legend(drawing: Drawing, language: str) -> None:
    names = [
        (CLASSES[name] if name != "D" else "url(#stripe)", term("class", name, language))
        for name in CLASSES
    ]
    names.append((NO_DATA, label("map.no_data", language)))
    widths = [
        sum(_WIDE_LETTER if ord(sign) > 0x2E7F else 5.6 for sign in name) + 26 for _, name in names
    ]
    x = (WIDE - sum(widths)) / 2
    for (fill, name), wide in zip(names, widths, strict=True):
        drawing.rect(x, HIGH - 15, 12, 10, fill)
        drawing.text(x + 16, HIGH - 6, name, anchor="start")
        x += wide


def _at(x: float, y: float) -> tuple[float, float]:
    """Units of the map to those of the paper."""
    right, top = project(180.0, 0.0)[0], project(0.0, NORTH)[1]
    scale = min(WIDE / 2 / right, (HIGH - 20) / (top - project(0.0, SOUTH)[1]))
    return WIDE / 2 + x * scale, (top - y) * scale


def _path(ring: Sequence[tuple[float, float]]) -> str:
    """A closed ring, without points nearer than half a unit, nothing where it is too small to see."""
    points: list[tuple[float, float]] = []
    for place in ring:
        x, y = _at(*place)
        if not points or abs(x - points[-1][0]) + abs(y - points[-1][1]) >= 0.5:
            points.append((x, min(y, HIGH - 19)))
    if len(points) < 3:
        return ""
    return "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points) + "Z"
