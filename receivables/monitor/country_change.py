"""Which country ratings moved between two tables, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from receivables.errors import BadValueError
from receivables.monitor.country import Country
from receivables.monitor.country_risk import RatingRow
from receivables.monitor.country_scales import Rating

MOVES = ("down", "up", "rescaled", "new", "gone")
"""down = riskier, up = safer, rescaled = the two ratings stand on different scales."""


@dataclass(frozen=True, slots=True)
class Move:
    """A country whose rating moved; `notches` > 0 is worse, None where scales differ."""

    country: Country
    before: Rating | None
    after: Rating | None
    move: str
    notches: int | None


def latest(rows: Sequence[RatingRow]) -> dict[Country, Rating]:
    """The latest rating of each country.

    Raises:
        BadValueError: two ratings of one country on one day.
    """
    best: dict[Country, RatingRow] = {}
    for row in rows:
        held = best.get(row.country)
        if held and held.on == row.on and held.rating != row.rating:
            raise BadValueError(
                f"{row.country.name_en} is rated {held.rating} and {row.rating} on the same day. Keep one."
            )
        if held is None or (row.on or date.min) >= (held.on or date.min):
            best[row.country] = row
    return {country: row.rating for country, row in best.items()}


def changes(before: Mapping[Country, Rating], after: Mapping[Country, Rating]) -> list[Move]:
    """Countries whose rating is not what it was, worst news first.

    >>> from receivables.monitor.country import find_country
    >>> from receivables.monitor.country_scales import rating
    >>> ghana, qatar = find_country("GH"), find_country("QA")
    >>> old = {ghana: rating("OECD:6"), qatar: rating("OECD:3")}
    >>> new = {ghana: rating("OECD:7"), qatar: rating("OECD:2")}
    >>> [(one.country.alpha2, one.move, one.notches) for one in changes(old, new)]
    [('GH', 'down', 1), ('QA', 'up', -1)]
    """
    moves = [
        _move(country, before.get(country), after.get(country)) for country in {**before, **after}
    ]
    found = [move for move in moves if move is not None]
    return sorted(
        found, key=lambda one: (MOVES.index(one.move), -(one.notches or 0), one.country.alpha2)
    )


def _move(country: Country, old: Rating | None, new: Rating | None) -> Move | None:
    if old == new:
        return None
    if old is None or new is None:
        return Move(country, old, new, "gone" if new is None else "new", None)
    if old.scale != new.scale:
        return Move(country, old, new, "rescaled", None)
    steps = new.rank - old.rank
    return Move(country, old, new, "down" if steps > 0 else "up", steps)


def counts(moves: Sequence[Move]) -> dict[str, int]:
    """How many countries moved which way, for a dashboard.

    >>> counts([])
    {'down': 0, 'up': 0, 'rescaled': 0, 'new': 0, 'gone': 0}
    """
    return {name: sum(one.move == name for one in moves) for name in MOVES}


HEADINGS = ("country", "name", "before", "after", "move", "notches")


def rows(moves: Sequence[Move], language: str = "en") -> list[list[object]]:
    """The moves with headings.

    >>> rows([])
    [['country', 'name', 'before', 'after', 'move', 'notches']]
    """
    lines: list[list[object]] = [list(HEADINGS)]
    for one in moves:
        old, new = (str(rating) if rating else None for rating in (one.before, one.after))
        name = one.country.name(language)
        lines += [[one.country.alpha2, name, old, new, one.move, one.notches]]
    return lines
