"""Factors from a range: under a row of headings, beside a column of them, or without any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from receivables.assess.factors import factor_named, known_factors, nearest_factor
from receivables.assess.scorecard import Scorecard
from receivables.cells.coerce import is_blank, to_text
from receivables.errors import BadValueError
from receivables.ledger.spelling import fold, known_columns

Rows = Sequence[Sequence[Any]]
Customer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FactorRange:
    """Cells of one or more customers; `headings` is empty where the order of the arguments holds."""

    headings: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]

    def customers(self, scorecard: Scorecard, order: Sequence[str]) -> list[Customer | None]:
        """The cells of each customer by factor; a blank row is None.

        Args:
            scorecard: knows the names of its own factors.
            order: factors of a row without headings.

        Raises:
            BadValueError: an unknown heading, two headings for one factor, too many cells.
        """
        if not self.headings and len(self.rows[0]) > len(order):
            raise BadValueError(
                f"The row has {len(self.rows[0])} cells for {len(order)} factors. Give headings above it."
            )
        self.refuse_nameless()
        names = named(self.headings, scorecard) if self.headings else list(order)
        scorecard.refuse_own(names)
        return [
            None
            if all(is_blank(cell) for cell in row)
            else {name: cell for name, cell in zip(names, row, strict=False) if name}
            for row in self.rows
        ]

    def refuse_nameless(self) -> None:
        """Refuse values under a blank heading, which would vanish without a word.

        Raises:
            BadValueError: names the column.
        """
        for column, heading in enumerate(self.headings):
            if is_blank(heading) and not all(is_blank(row[column]) for row in self.rows):
                raise BadValueError(
                    f"Column {column + 1} of the range has values and no heading. Give it one, or "
                    "leave it out."
                )


def factor_range(rows: Rows) -> FactorRange:
    """A range as factors: headings in the first row, in the first column, or none at all.

    Raises:
        BadValueError: rows of different length.

    >>> factor_range([["days_beyond_terms", "late_rate"], [12, 0.3], [None, None]]).rows
    ((12, 0.3),)
    """
    table = _table(rows)
    headed = len(table) > 1 and _all_words(table[0])
    while len(table) > 1 + headed and all(is_blank(cell) for cell in table[-1]):
        table.pop()
    first = tuple(row[0] for row in table)
    beside = len(table[0]) > 1 and len(table) > 1 and _all_words(first)
    if headed and not (beside and _names(first) > _names(table[0])):
        return FactorRange(table[0], tuple(table[1:]))
    if beside:
        return FactorRange(first, tuple(zip(*(row[1:] for row in table), strict=True)))
    return FactorRange((), tuple(table))


def beside(values: Rows, headings: Rows) -> FactorRange:
    """A range of values and, apart from it, the range of its headings; both lie the same way.

    Raises:
        BadValueError: the sizes do not fit.

    >>> beside([[12, 0.3]], [["days_beyond_terms", "late_rate"]]).rows
    ((12, 0.3),)
    """
    table, names = _table(values), _table(headings)
    if len(names) > 1 and len(names[0]) == 1:
        table, names = list(zip(*table, strict=True)), list(zip(*names, strict=True))
    if len(names) != 1 or len(names[0]) != len(table[0]):
        raise BadValueError(
            f"{len(table[0])} values stand under {sum(map(len, names))} headings. Give one heading each."
        )
    while len(table) > 1 and all(is_blank(cell) for cell in table[-1]):
        table.pop()
    return FactorRange(names[0], tuple(table))


def is_factor_range(rows: Any, following: Sequence[Any]) -> bool:
    """Whether a range in place of the first factor holds all of them.

    It does with headings, or with several columns when the argument behind it is left out; else
    each of its cells is that one factor of another customer.

    >>> is_factor_range([[12, 0.3]], [None]), is_factor_range([[12, 15]], [[[0.3, 0.2]]])
    (True, False)
    """
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        return False
    if len(rows[0]) < 2:
        return False
    if not following or is_blank(following[0]):
        return True
    return len(rows) > 1 and (_all_words(rows[0]) or _all_words([row[0] for row in rows if row]))


def named(headings: Sequence[Any], scorecard: Scorecard) -> list[str]:
    """The factor of each heading; a label such as customer_id or a blank heading is empty.

    Raises:
        BadValueError: a heading that names no factor, or two that name the same one.
    """
    names: list[str] = []
    for heading in headings:
        text = "" if is_blank(heading) else to_text(heading)
        name = scorecard.factor_named(text) if text else ""
        if text and not name:
            near = nearest_factor(text, scorecard.own)
            hint = f"Did you mean '{near}'?" if near else "Leave the column out of the range."
            raise BadValueError(f"The heading '{text}' names no factor. {hint}")
        if name and name in names:
            raise BadValueError(f"Two headings stand for {name}. Leave one.")
        label = name in known_factors() and known_factors()[name].kind == "label"
        names.append("" if label else name)
    return names


def _table(rows: Rows) -> list[tuple[Any, ...]]:
    table = [tuple(row) for row in rows]
    if not table or not table[0]:
        raise BadValueError("The range is empty.")
    if len({len(row) for row in table}) > 1:
        raise BadValueError("The rows of the range differ in length.")
    return table


def _names(cells: Sequence[Any]) -> int:
    """How many of the words are names: a column of them may begin beside a rating or a currency."""
    items = known_columns("statements")
    words = [str(cell) for cell in cells if not is_blank(cell)]
    return sum(bool(factor_named(word)) or fold(word) in items for word in words)


def _all_words(cells: Sequence[Any]) -> bool:
    """Whether cells can be headings: texts that are no number, and not all blank."""
    words = [cell for cell in cells if not is_blank(cell)]
    return bool(words) and all(_is_word(cell) for cell in words)


def _is_word(cell: Any) -> bool:
    if not isinstance(cell, str) or cell.startswith("#"):
        return False
    return not cell.strip().rstrip("%").replace(".", "", 1).lstrip("+-").isdigit()
