"""Country ratings on the scales of their makers: best to worst, and the class each means here."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache

from receivables.errors import BadValueError
from receivables.monitor.country import fold
from receivables.resources import data_rows

OWN = "own"
"""The scale of `data/country_classes.csv`: A to D."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating on a named scale; `rank` counts from 1 = best, `risk_class` is A to D."""

    scale: str
    text: str
    rank: int
    risk_class: str

    def __str__(self) -> str:
        return f"{self.scale}:{self.text}"


def scales() -> tuple[str, ...]:
    """Names of the known scales (`data/country_scales.csv`).

    >>> scales()
    ('own', 'OECD', 'Allianz', 'Coface', 'D&B', 'S&P', 'Fitch', "Moody's")
    """
    return tuple(dict.fromkeys(row["scale"] for row in data_rows("country_scales.csv")))


def find_scale(name: str) -> str:
    """The scale that a name in use stands for.

    Raises:
        BadValueError: an unknown scale.

    >>> find_scale("oecd"), find_scale("安联"), find_scale("Dun & Bradstreet")
    ('OECD', 'Allianz', 'D&B')
    """
    known = _scale_words()
    if found := known.get(fold(name)):
        return found
    near = difflib.get_close_matches(fold(name), known, n=1)
    hint = f"Did you mean {known[near[0]]}?" if near else f"Known: {', '.join(scales())}."
    raise BadValueError(f"'{name}' is not a known scale of country ratings. {hint}")


@cache
def rating(text: str, scale: str = "") -> Rating:
    """A rating, its scale named in front (`OECD:5`) or apart.

    A bare letter or number means something else on every scale, so it is refused.

    Raises:
        BadValueError: no scale, two scales, or a rating that the scale does not have.

    >>> rating("OECD:5").risk_class, rating("a4", "Coface").rank
    ('C', 4)
    >>> rating("B")
    Traceback (most recent call last):
    receivables.errors.BadValueError: 'B' names no scale, and scales differ. Write it as OECD:B, or name the scale beside it. Known: own, OECD, Allianz, Coface, D&B, S&P, Fitch, Moody's.
    """
    named, colon, grade = text.strip().partition(":")
    if not colon:
        named, grade = "", text.strip()
    if not named and not scale:
        raise BadValueError(
            f"'{grade}' names no scale, and scales differ. Write it as OECD:{grade}, or name the scale "
            f"beside it. Known: {', '.join(scales())}."
        )
    found = find_scale(named or scale)
    if named and scale and find_scale(scale) != found:
        raise BadValueError(f"'{text}' stands in a column of the scale {find_scale(scale)}.")
    return _on(found, grade.strip())


def _on(scale: str, grade: str) -> Rating:
    known = _ratings()[scale]
    if row := known.get(grade.upper()):
        return Rating(scale, row["rating"], int(row["rank"]), row["class"])
    shown = [row["rating"] for row in known.values()]
    raise BadValueError(
        f"'{grade}' is no rating of the scale {scale}. It goes from {shown[0]} (best) to {shown[-1]}: "
        f"{', '.join(shown)}."
    )


@cache
def _ratings() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in data_rows("country_scales.csv"):
        found.setdefault(row["scale"], {})[row["rating"].upper()] = row
    return found


@cache
def _scale_words() -> dict[str, str]:
    return {
        fold(word): row["scale"]
        for row in data_rows("country_scales.csv")
        for word in row["names"].split("|")
    }
