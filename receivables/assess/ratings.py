"""Grades of rating agencies on our scale from 1 (best) to 10; each must name its own scale."""

from __future__ import annotations

import difflib
import re
from functools import cache, lru_cache
from typing import NamedTuple

from receivables.errors import BadValueError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows


class Rating(NamedTuple):
    """A grade of an agency and what it is on our scale."""

    scale: str
    given: str
    grade: int
    confirmed: bool
    source: str

    def __str__(self) -> str:
        return f"{self.scale}:{self.given}"


class _Step(NamedTuple):
    least: float | None
    most: float | None
    text: str
    grade: int
    confirmed: bool
    source: str


@lru_cache(maxsize=4096)
def rating(text: str) -> Rating:
    """The grade 1–10 of a rating written as scale:grade, by `data/rating_scales.csv`.

    Raises:
        BadValueError: no scale, an unknown scale, a grade the scale does not have.

    >>> rating("S&P:BBB").grade, rating("Coface:7").grade, rating("AZ: 7").grade
    (3, 4, 7)
    """
    agency, colon, given = text.replace("：", ":").partition(":")
    if not colon:
        raise BadValueError(_no_scale(text.strip()))
    scale = _scale_named(agency)
    step = _step(scale, given.strip())
    shown = step.text or given.strip()
    return Rating(scale, shown, step.grade, step.confirmed, step.source)


@cache
def scales() -> dict[str, tuple[_Step, ...]]:
    """The steps of every scale.

    >>> list(scales())
    ['S&P', 'Fitch', "Moody's", 'Coface', 'AZ', 'Atradius', 'D&B class', 'D&B', 'Creditsafe', 'own']
    """
    found: dict[str, list[_Step]] = {}
    for row in data_rows("rating_scales.csv"):
        least, most = _number(row["from"]), _number(row["to"])
        text = "" if least is not None else row["from"]
        found.setdefault(row["scale"], []).append(
            _Step(least, most, text, int(row["grade"]), row["confirmed"] == "yes", row["source"])
        )
    return {scale: tuple(steps) for scale, steps in found.items()}


@cache
def _names() -> dict[str, str]:
    return {
        fold(name): row["scale"]
        for row in data_rows("rating_scales.csv")
        for name in (row["scale"], *row["names"].split("|"))
        if name
    }


def _scale_named(agency: str) -> str:
    known = _names()
    folded = fold(agency)
    if folded in known:
        return known[folded]
    near = difflib.get_close_matches(folded, known, n=1)
    hint = f"Did you mean '{known[near[0]]}'?" if near else f"Known: {', '.join(scales())}."
    raise BadValueError(f"There is no rating scale '{agency.strip()}'. {hint}")


def _step(scale: str, given: str) -> _Step:
    steps = scales()[scale]
    number = _number(given)
    for step in steps:
        if step.text and _plain(step.text) == _plain(given):
            return step
        if number is not None and step.least is not None and step.most is not None:
            inside = step.least <= number <= step.most
            if inside and number == int(number):
                return step
    raise BadValueError(f"{scale} has no grade '{given}'. {_hint(steps, given)}")


def _hint(steps: tuple[_Step, ...], given: str) -> str:
    texts = {_plain(step.text): step.text for step in steps if step.text}
    near = difflib.get_close_matches(_plain(given), texts, n=1)
    if near:
        return f"Did you mean '{texts[near[0]]}'?"
    if texts:
        return f"It has {', '.join(texts.values())}."
    least = min(step.least for step in steps if step.least is not None)
    most = max(step.most for step in steps if step.most is not None)
    return f"It has whole numbers from {least:g} to {most:g}."


def _no_scale(text: str) -> str:
    for end in range(len(text) - 1, 0, -1):
        scale, given = _names().get(fold(text[:end])), text[end:].strip()
        if scale and _has(scale, given):
            return f"'{text}': put a colon between scale and grade, as in {scale}:{given}."
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return (
            f"'{text}' names no scale: 7 is weak at Allianz Trade (AZ:7) and good at Coface "
            f"(Coface:7). Write the scale before it, own:{text} for your own 1 (best) to 10."
        )
    return f"'{text}' names no scale. Write it as S&P:BBB, Coface:7 or own:4."


def _has(scale: str, given: str) -> bool:
    try:
        _step(scale, given)
    except BadValueError:
        return False
    return True


def _plain(text: str) -> str:
    # the minus of a grade matters, its many shapes do not
    return re.sub(r"[−–—－]", "-", text).replace("＋", "+").replace(" ", "").casefold()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
