"""Shapes of the countries and where each stands, in the units of an equal-area map."""

from __future__ import annotations

import math
from functools import cache

from receivables.monitor.country import countries
from receivables.resources import data_path

SOUTH, NORTH = -56.0, 84.0
"""Degrees of latitude that a map shows."""


@cache
def world() -> dict[str, list[list[tuple[float, float]]]]:
    """Projected rings by alpha-2 code (`data/world.json`)."""
    import json

    shapes = json.loads(data_path("world.json").read_text(encoding="utf-8"))["shapes"]
    return {
        code: [
            [project(lon, lat) for lon, lat in zip(ring[::2], ring[1::2], strict=True)]
            for ring in rings
        ]
        for code, rings in shapes.items()
    }


def place_of(code: str) -> tuple[float, float] | None:
    """Where a country's bubble stands; None = it has no place on the map."""
    one = countries().get(code)
    if one is None or one.lat is None or one.lon is None:
        return None
    return project(one.lon, one.lat)


@cache
def outline() -> list[tuple[float, float]]:
    """Edge of the map: the two meridians of 180°."""
    steps = [SOUTH - 6 + (NORTH + 6 - SOUTH) * n / 60 for n in range(61)]
    return [project(-180, lat) for lat in steps] + [project(180, lat) for lat in steps[::-1]]


def project(lon: float, lat: float) -> tuple[float, float]:
    """Equal Earth projection (Šavrič, Patterson, Jenny 2018): areas keep their proportion."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    angle = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    squared = angle * angle
    sixth = squared**3
    x = (
        2 * math.sqrt(3) * math.radians(lon) * math.cos(angle)
        / (3 * (9 * a4 * sixth * squared + 7 * a3 * sixth + 3 * a2 * squared + a1))
    )  # fmt: skip
    return x, angle * (a1 + a2 * squared + sixth * (a3 + a4 * squared))
