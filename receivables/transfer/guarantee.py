"""A guarantor's grade in place of the buyer's, as far as the guarantee goes."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from receivables.errors import DomainError


class Guaranteed(NamedTuple):
    """The exposure in two parts with the grade of each; `whole` is the grade for all of it."""

    covered: Decimal
    covered_grade: int
    rest: Decimal
    rest_grade: int
    whole: int


def guaranteed(
    own_grade: int, guarantor_grade: int, exposure: Decimal, amount: Decimal
) -> Guaranteed:
    """The covered part has the better of both grades, the rest the buyer's own.

    The whole exposure has the better grade only if the guarantee covers all of it: a guarantee of
    half moves no grade.

    Args:
        own_grade: the buyer's, 1 best to 10.
        guarantor_grade: the guarantor's.
        exposure: what the buyer owes, orders included.
        amount: guaranteed amount.

    Raises:
        DomainError: no such grade, an amount below 0.

    >>> guaranteed(7, 3, Decimal(100000), Decimal(60000))
    Guaranteed(covered=Decimal('60000'), covered_grade=3, rest=Decimal('40000'), rest_grade=7, whole=7)
    >>> guaranteed(7, 3, Decimal(100000), Decimal(100000)).whole
    3
    """
    for name, grade in (("own_grade", own_grade), ("guarantor_grade", guarantor_grade)):
        if not 1 <= grade <= 10:
            raise DomainError(f"{name} {grade} is no grade. Grades run from 1 (best) to 10.")
    for name, value in (("exposure", exposure), ("guaranteed", amount)):
        if value < 0:
            raise DomainError(f"{name} is {value:f}, below 0. Give the amount without a sign.")
    better = min(own_grade, guarantor_grade)
    covered = min(exposure, amount)
    full = amount >= exposure and amount > 0
    return Guaranteed(
        covered, better, exposure - covered, own_grade, better if full else own_grade
    )
