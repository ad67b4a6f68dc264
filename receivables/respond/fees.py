"""Fees of a reminder: fixed, a percentage with floor and ceiling, or by tiers of the debt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from receivables.cells.coerce import is_blank, to_amount, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, DomainError
from receivables.ledger.spelling import fold
from receivables.respond.interest_terms import checked, share_of
from receivables.transfer.headed import Rows, records

ZERO = Decimal(0)
_PERCENT = re.compile(r"\s*[\d.]+\s*%\s*")
_WORDS = {
    fold(word): name
    for name, words in {
        "from_amount": "from_amount|from|起始金额|金额起", "fee": "fee|fixed|费用|固定费用",
        "rate": "rate|percent|share|比例|费率", "minimum": "minimum|min|最低", "maximum": "maximum|max|最高",
    }.items()
    for word in words.split("|")
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tier:
    """From an amount on (included): fee + rate × amount, kept between minimum and maximum."""

    from_amount: Decimal = ZERO
    fee: Decimal = ZERO
    rate: Decimal = ZERO
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def of(self, amount: Decimal) -> Decimal:
        """The fee of an amount."""
        found = self.fee + self.rate * amount
        if self.minimum is not None:
            found = max(found, self.minimum)
        return found if self.maximum is None else min(found, self.maximum)


def late_fee(amount: Decimal, fee: Any) -> Decimal:
    """Fee of a late debt: an amount (25), a percentage ("2%"), or tiers of a range.

    Args:
        amount: debt in major units.
        fee: amount, text with %, or a range with headings from_amount and fee or rate, where wanted
            minimum and maximum; the tier counts for the whole debt, and below the first is no fee.

    Raises:
        DomainError: an amount below 0; 0.02, which may be two cents or 2 %.
        BadValueError: tiers that cannot be read.

    >>> late_fee(Decimal(1000), "2%"), late_fee(Decimal(1000), 25)
    (Decimal('20.00'), Decimal('25'))
    >>> late_fee(Decimal(1000), [["from_amount", "fee"], [0, 5], [1000, 15]])
    Decimal('15')
    """
    if amount < 0:
        raise DomainError(f"{amount:f} is below 0: there is no fee on a credit.")
    if isinstance(fee, list):
        return of_tiers(amount, tiers_of(fee))
    if isinstance(fee, str) and _PERCENT.fullmatch(fee):
        return amount * share_of(fee)
    fixed = to_amount(fee)
    if fixed < 0:
        raise DomainError(f"A fee of {fixed:f} is below 0. Correct it.")
    if 0 < fixed < 1:
        raise DomainError(
            f"{fixed:f} is a small amount or a share? Write {float(fixed) * 100:g}% for a percentage; for an "
            "amount below 1 give tiers with the heading fee."
        )
    return fixed


def of_tiers(amount: Decimal, tiers: tuple[Tier, ...]) -> Decimal:
    """Fee of the highest tier that the amount reaches; 0 below the first."""
    reached = [tier for tier in tiers if tier.from_amount <= amount]
    return max(reached, key=lambda tier: tier.from_amount).of(amount) if reached else ZERO


def tiers_of(rows: Rows) -> tuple[Tier, ...]:
    """Tiers of a range.

    Raises:
        BadValueError: no fee and no rate, or two tiers from the same amount.
    """
    found = tuple(
        _tier(row, number) for number, row in enumerate(records(rows, _WORDS, "tiers"), 1)
    )
    starts = [tier.from_amount for tier in found]
    if len(set(starts)) < len(starts):
        raise BadValueError("Two tiers begin at the same amount. Leave one.")
    return found


def _tier(row: dict[str, Any], number: int) -> Tier:
    given = {name: cell for name, cell in row.items() if not is_blank(cell)}
    for cell in given.values():
        pass_through(cell)
    if not {"fee", "rate"} & set(given):
        raise BadValueError(f"Tier {number} has neither fee nor rate. Fill in one.")
    values = {
        name: checked(share_of(cell)) if name == "rate" else to_amount(cell)
        for name, cell in given.items()
    }
    if any(value < 0 for value in values.values()):
        raise DomainError(f"Tier {number} holds an amount below 0. Correct it.")
    return Tier(**values)


def is_law(fee: Any) -> bool:
    """Whether a fee names a law instead: a text that is neither an amount nor a percentage.

    >>> is_law("UK"), is_law("2%"), is_law("25"), is_law(25.0)
    (True, False, False, False)
    """
    return isinstance(fee, str) and not any(sign.isdigit() for sign in fee.split("-")[0][:3])


def is_tiers(cells: Any, _following: Any) -> bool:
    """Whether a range given for the fee holds tiers: headings over the values.

    >>> is_tiers([["from_amount", "fee"], [0, 5]], []), is_tiers([["UK"], ["DE"]], [])
    (True, False)
    """
    first = cells[0] if cells and isinstance(cells[0], list) else []
    return len(first) > 1 and any(
        isinstance(cell, str) and fold(to_text(cell)) in _WORDS for cell in first
    )
