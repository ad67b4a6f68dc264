"""Who may approve a request: the first role whose limit covers the exposure after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from receivables.assess.setting_table import Rows, SettingRow, setting_rows
from receivables.cells.coerce import is_blank, to_amount
from receivables.errors import BadValueError, DomainError, NotAvailableError, ReceivablesError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows


@dataclass(frozen=True, slots=True)
class Tier:
    """A role may approve exposures up to and including `up_to` (None: any), of no worse a grade."""

    role: str
    up_to: Decimal | None
    currency: str
    signatures: int
    worst_grade: float | None

    def text(self) -> str:
        """Role and signatures.

        >>> Tier("CFO", None, "USD", 2, None).text()
        'CFO, 2 signatures'
        """
        return f"{self.role}, {self.signatures} signature{'s' * (self.signatures > 1)}"


@cache
def words(meaning: str) -> frozenset[str]:
    """Folded words that mean something in the tables of approvals (`data/approval_words.csv`).

    >>> fold("同意") in words("granted")
    True
    """
    row = next(row for row in data_rows("approval_words.csv") if row["meaning"] == meaning)
    return frozenset(
        map(fold, (meaning, *row["words_en"].split("|"), *row["words_zh"].split("|")))
    )


def tiers_of(rows: Rows) -> tuple[Tier, ...]:
    """Tiers of a table (role, up_to, currency, signatures, worst_grade), lowest authority first.

    A blank up_to is no upper bound, blank signatures are 1. Sales has no authority of its own.

    Raises:
        BadValueError: a role there twice, two roles with one bound, several currencies, a sales
            role above 0.

    >>> table = [["role", "up_to", "signatures"], ["Committee", None, 2], ["Credit manager", 50000, 1]]
    >>> [tier.text() for tier in tiers_of(table)]
    ['Credit manager, 1 signature', 'Committee, 2 signatures']
    """
    optional = ["currency", "signatures", "worst_grade"]
    found = [
        _tier(row) for row in setting_rows("ApprovalTiers", rows, ["role", "up_to"], optional)
    ]
    for name, values in (
        ("role", [fold(tier.role) for tier in found]),
        ("up_to", [(tier.up_to, tier.worst_grade) for tier in found]),
    ):
        if len(set(values)) < len(values):
            raise BadValueError(f"ApprovalTiers: two rows with the same {name}. Keep one.")
    codes = sorted({tier.currency for tier in found if tier.currency})
    if len(codes) > 1:
        raise BadValueError(f"ApprovalTiers are in {', '.join(codes)}. Give one currency.")
    return tuple(sorted(found, key=lambda tier: (tier.up_to is None, tier.up_to or 0)))


def approver(
    amount: Decimal, exposure: Decimal, tiers: Sequence[Tier], grade: float | None = None
) -> Tier:
    """Tier that decides: the first with exposure + amount ≤ up_to and a grade that it may approve.

    Args:
        amount: what is asked for on top.
        exposure: exposure before the request.
        tiers: as `tiers_of` gives them; there is no default.
        grade: needed where a tier names a worst grade.

    Raises:
        BadValueError: no tiers; a tier asks for a grade and none is given.
        NotAvailableError: nobody may approve as much.

    Source: S22 of the rule book: the total after the request decides, not the increment.

    >>> tiers = tiers_of([["role", "up_to"], ["Sales", 0], ["Manager", 50000], ["Board", None]])
    >>> [approver(Decimal(20000), Decimal(e), tiers).role for e in (29999, 30000, 30001)]
    ['Manager', 'Manager', 'Board']
    """
    if not tiers:
        raise BadValueError(
            "There is no table of tiers. The amounts are the firm's own to decide."
        )
    if grade is None and any(tier.worst_grade is not None for tier in tiers):
        raise BadValueError("A tier depends on the grade (worst_grade). Give the grade.")
    total = exposure + amount
    for tier in tiers:
        covers = tier.up_to is None or total <= tier.up_to
        fit = tier.worst_grade is None or grade is None or grade <= tier.worst_grade
        if covers and fit:
            return tier
    raise NotAvailableError(
        f"Nobody in the table may approve {total:f} at this grade. Add a role, or one without bound."
    )


def _tier(row: SettingRow) -> Tier:
    role, signatures = row.text("role"), row.number("signatures")
    if not role:
        raise BadValueError(f"{row.where}: role is blank. Fill it in.")
    try:
        bound = None if is_blank(row["up_to"]) else to_amount(row["up_to"])
    except ReceivablesError as fault:
        raise type(fault)(f"{row.where}, up_to: {fault}") from None
    if bound is not None and bound < 0:
        raise DomainError(f"{row.where}: up_to is {bound:f}: give 0 or more, or leave it blank.")
    if signatures is not None and (signatures < 1 or signatures != int(signatures)):
        raise DomainError(f"{row.where}: signatures is {signatures:g}: give 1, 2 or more.")
    if fold(role) in words("sales") and (bound is None or bound > 0):
        raise BadValueError(f"{row.where}: Sales approves no credit. Set its up_to to 0.")
    return Tier(
        role, bound, row.text("currency").upper(), int(signatures or 1), row.number("worst_grade")
    )
