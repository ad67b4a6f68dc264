"""The report's colours: safe for all eyes, in print and on the screen."""

from __future__ import annotations

INK = "#1F2933"
HEADING = "#1F3A5F"
LINE = "#D5DAE1"
SOFT = "#F3F5F8"
GOOD = "#00795C"
"""Bluish green and vermilion differ in lightness too, and the words say the same."""
NEUTRAL = "#5B6770"
BAD = "#C44500"
TINT = "#FBE3D6"
SERIES = (
    "#0072B2",
    "#56B4E9",
    "#F0E442",
    "#E69F00",
    "#D55E00",
    "#8C2D04",
    "#CC79A7",
    "#6A3D9A",
    "#009E73",
    "#000000",
)
"""Okabe and Ito's palette, young buckets blue, old ones vermilion."""
NO_DATE = "#9AA5B1"


def bucket_colour(position: int, count: int) -> str:
    """Colour of a bucket; the last one is `No due date`, in grey.

    >>> bucket_colour(0, 6), bucket_colour(4, 6), bucket_colour(5, 6)
    ('#0072B2', '#D55E00', '#9AA5B1')
    """
    return NO_DATE if position == count - 1 else SERIES[position % len(SERIES)]
