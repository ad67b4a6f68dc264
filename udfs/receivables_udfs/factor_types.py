"""Types of credit functions: the first factor or a range of all, a scorecard, a ladder of grades."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from receivables.assess.factor_range import (
    Customer,
    FactorRange,
    factor_range,
    is_factor_range,
)
from receivables.assess.grades import Grades
from receivables.assess.scorecard import Scorecard
from receivables.cells import CellError
from receivables.cells.coerce import to_number, to_table
from receivables.cells.faults import IncomingError
from receivables.cells.types import CellType
from receivables.errors import BadValueError, ReceivablesError

ORDER = (
    "days_beyond_terms", "late_rate", "years_trading", "debt_ratio", "current_ratio",
    "cashflow_cover", "external_rating",
)  # fmt: skip
"""Factors as the arguments name them, and as a single row without headings holds them."""


def _first(value: Any) -> float | FactorRange:
    return factor_range(value) if isinstance(value, list) else to_number(value)


def _block(value: Any) -> list[list[Any]]:
    if not isinstance(value, list):
        return [[value]]
    return [row if isinstance(row, list) else [row] for row in value]


def _row(value: Any) -> list[list[Any]]:
    """A flat list is one customer: a row, not a column."""
    if isinstance(value, list) and not any(isinstance(row, list) for row in value):
        return [value]
    return _block(value)


FIRST = CellType("number", "scalar", _first, one_value=is_factor_range)
ROW = CellType("table", "table", _row)
SCORECARD = CellType("table", "table", lambda value: Scorecard.from_rows(to_table(value)))
GRADES = CellType("table", "table", lambda value: Grades.from_rows(to_table(value)))

First = Annotated[float | FactorRange, FIRST]
"""One factor, or in its place a range that holds them all."""
Row = Annotated[list[list[Any]], ROW]
"""A block of cells without headings of its own."""
Card = Annotated[Scorecard, SCORECARD]
Ladder = Annotated[Grades, GRADES]


def customers(
    first: float | FactorRange | None, others: Sequence[Any], card: Scorecard
) -> tuple[list[Customer | None], bool]:
    """The factors of each customer; and whether they came as several rows.

    Raises:
        BadValueError: a range of factors and single factors beside it.
    """
    if not isinstance(first, FactorRange):
        card.refuse_own(ORDER)
        return [dict(zip(ORDER, (first, *others), strict=True))], False
    given = next(
        (name for name, cell in zip(ORDER[1:], others, strict=True) if cell is not None), ""
    )
    if given:
        raise BadValueError(
            f"{given} is given beside a range of factors. Put all factors into the range, or none."
        )
    found = first.customers(card, ORDER)
    return found, len(found) > 1


def answers(
    found: Sequence[Customer | None], several: bool, measure: Callable[[Customer], Any]
) -> Any:
    """One answer, or a column of them in which a fault marks its own row."""
    if not several:
        return None if found[0] is None else measure(found[0])
    return [[None if row is None else _marked(measure, row)] for row in found]


def _marked(measure: Callable[[Customer], Any], row: Customer) -> Any:
    try:
        return measure(row)
    except IncomingError as fault:
        return fault.error
    except ReceivablesError as fault:
        return CellError(fault.cell, str(fault))
