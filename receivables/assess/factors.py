"""The factors that a customer is scored on: how each is called, read and bounded."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from receivables.assess.ratings import Rating, rating
from receivables.cells.coerce import is_blank, to_flag, to_number, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, DomainError, ReceivablesError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows

Value = float | str | bool | Rating
"""A factor as read: a number, a country class, yes or no, or a rating with its scale."""


class Factor(NamedTuple):
    """One row of `data/credit_factors.csv`; `least` and `most` catch typing errors.

    `dimension` groups factors for their sub-scores: payment history, registration, …
    """

    id: str
    kind: str
    least: float
    most: float
    hint: str
    dimension: str = ""


@cache
def known_factors() -> dict[str, Factor]:
    """Every factor the program knows, by id.

    >>> known_factors()["late_rate"][:4], known_factors()["late_rate"].dimension
    (('late_rate', 'share', 0.0, 1.0), 'payment history')
    """
    return {
        row["factor"]: Factor(
            row["factor"],
            row["kind"],
            float(row["least"] or "-inf"),
            float(row["most"] or "inf"),
            row["hint"],
            row["dimension"],
        )
        for row in data_rows("credit_factors.csv")
    }


def factor_named(heading: str) -> str:
    """The factor that a heading stands for, in either language; empty if none.

    >>> factor_named("Late rate"), factor_named("资产负债率"), factor_named("colour")
    ('late_rate', 'debt_ratio', '')
    """
    return _words().get(fold(heading), "")


def nearest_factor(name: str, others: Iterable[str] = (), cutoff: float = 0.7) -> str:
    """The factor spelled most like a name; empty if none is close.

    >>> nearest_factor("days_beyond_term")
    'days_beyond_terms'
    """
    known = {fold(other): other for other in others} | _words()
    near = difflib.get_close_matches(fold(name), known, n=1, cutoff=cutoff)
    return known[near[0]] if near else ""


def read_factor(name: str, cell: Any) -> Value | None:
    """The value of a cell for a factor; a blank is None and is never taken for 0.

    A factor of the user's own scorecard is a number, or a text for a scorecard of classes.

    Raises:
        DomainError: a number outside the bounds of the factor.
        BadValueError: not readable at all.

    >>> read_factor("late_rate", "30%"), read_factor("country", "b"), read_factor("debt_ratio", "")
    (0.3, 'B', None)
    >>> read_factor("late_rate", 30)
    Traceback (most recent call last):
    receivables.errors.DomainError: late_rate is 30: a share lies between 0 and 1. 30 means 30 %?
    """
    factor = known_factors().get(name)
    if cell is None:
        return None
    if (
        type(cell) is float
        and factor
        and factor.kind in _NUMBERS
        and factor.least <= cell <= factor.most
    ):
        return cell
    if is_blank(cell):
        return None
    pass_through(cell)
    try:
        value = _READERS[factor.kind if factor else "own"](cell)
    except ReceivablesError as fault:
        raise type(fault)(f"{name}: {fault}") from None
    if factor and isinstance(value, float) and not factor.least <= value <= factor.most:
        raise DomainError(_out_of_bounds(factor, value))
    return value


def read_factors(cells: Mapping[str, Any]) -> dict[str, Value]:
    """Every factor that is given; blanks are left out."""
    found = {}
    for name, cell in cells.items():
        value = read_factor(name, cell)
        if value is not None:
            found[name] = value
    return found


def _out_of_bounds(factor: Factor, value: float) -> str:
    if factor.kind == "share":
        percent = f" {value:g} means {value:g} %?" if value > 1 else " Correct it."
        return f"{factor.id} is {value:g}: a share lies between 0 and 1.{percent}"
    limit = f"below {factor.least:g}" if value < factor.least else f"above {factor.most:g}"
    return f"{factor.id} is {value:g}, {limit}. {factor.hint}".rstrip()


def _own(cell: Any) -> float | str:
    try:
        return to_number(cell)
    except BadValueError:
        return to_text(cell).upper()


_NUMBERS = {"number", "share"}
_READERS: dict[str, Callable[[Any], Value]] = {
    "number": to_number,
    "share": to_number,
    "flag": to_flag,
    "rating": lambda cell: rating(to_text(cell)),
    "class": lambda cell: to_text(cell).upper(),
    "label": to_text,
    "own": _own,
}


@cache
def _words() -> dict[str, str]:
    found = {}
    for row in data_rows("credit_factors.csv"):
        words = [row["factor"], *row["words_en"].split("|"), *row["words_zh"].split("|")]
        found.update({fold(word): row["factor"] for word in words if word})
    return found
