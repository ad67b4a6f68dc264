"""What the law adds to a late debt: the fixed sum per invoice, and the day from which default runs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.resources import data_rows
from receivables.respond.interest_schemes import scheme, schemes


class FixedSum(NamedTuple):
    """A sum the law allows per late invoice, in major units."""

    amount: Decimal
    currency: str
    confirmed: bool
    source: str


def fixed_sum(law: str, amount: Decimal, currency: str = "") -> FixedSum:
    """Fixed sum of a late invoice (`data/statutory_sums.csv`); UK 40, 70 from 1,000, 100 from 10,000.

    Args:
        law: scheme of interest, or a country of the table.
        amount: debt in major units when it became late, before payments.
        currency: of the debt; blank = that of the law's thresholds.

    Raises:
        NotAvailableError: the law has no fixed sum.
        BadValueError: thresholds in another currency than the debt.

    >>> [fixed_sum("UK", Decimal(text)).amount for text in ("999.99", "1000", "10000")]
    [Decimal('40'), Decimal('70'), Decimal('100')]
    >>> [fixed_sum("IE", Decimal(text)).amount for text in ("1000", "1000.01", "10000")]
    [Decimal('40'), Decimal('70'), Decimal('70')]
    """
    if amount <= 0:
        raise DomainError(f"{amount:f} is no late debt. Give an amount above 0.")
    rows = _rows(law)
    threshold = rows[0]["threshold_currency"]
    if currency and currency.upper() != threshold and len(rows) > 1:
        raise BadValueError(
            f"The fixed sums of {rows[0]['scheme']} go by amounts in {threshold}, the debt is in "
            f"{currency.upper()}. Convert it first."
        )
    found = [row for row in rows if _reaches(amount, row)][-1]
    return FixedSum(
        Decimal(found["fixed_sum"]),
        found["currency"],
        found["confirmed"] == "yes",
        found["source"],
    )


def has_fixed_sum(law: str) -> bool:
    """Whether the table knows a fixed sum of this law.

    >>> has_fixed_sum("FR"), has_fixed_sum("CN_SME")
    (True, False)
    """
    return any(row["scheme"] == law for row in data_rows("statutory_sums.csv"))


def default_start(
    law: str,
    due_on: date,
    *,
    contractual: bool = True,
    reminded_on: date | None = None,
    received_on: date | None = None,
) -> date:
    """First day of default (`data/default_start.csv`), the `late_from` of interest.

    The day after a contractual due date. Else some days after due date and receipt of the invoice,
    in Germany sooner from the receipt of a reminder on.

    Args:
        law: scheme of interest; without a row of the table default runs from the day after due.
        due_on: due date.
        contractual: whether the date is in the contract, not on the invoice only.
        reminded_on: day on which the customer got a reminder after the due date.
        received_on: day on which he got the invoice; blank = not later than due.

    >>> default_start("DE", date(2026, 3, 2)), default_start("DE", date(2026, 3, 2), contractual=False)
    (datetime.date(2026, 3, 3), datetime.date(2026, 4, 2))
    >>> default_start("DE", date(2026, 3, 2), contractual=False, reminded_on=date(2026, 3, 12))
    datetime.date(2026, 3, 13)
    """
    code = scheme(law).scheme
    found = next((row for row in data_rows("default_start.csv") if row["law"] == code), None)
    due = rolled(due_on, schemes()[code].roll)
    if contractual or found is None:
        return due + timedelta(1)
    start = max(due_on, received_on or due_on) + timedelta(int(found["days_without_date"]) + 1)
    if reminded_on and reminded_on > due_on and found["reminder_starts"] == "yes":
        return min(start, reminded_on + timedelta(1))
    return start


def rolled(due_on: date, roll: str) -> date:
    """The due date, moved from a weekend to Monday where the law says so (`next`).

    >>> rolled(date(2026, 10, 31), "next"), rolled(date(2026, 10, 31), "none")
    (datetime.date(2026, 11, 2), datetime.date(2026, 10, 31))
    """
    if roll == "next" and due_on.weekday() > 4:
        return due_on + timedelta(7 - due_on.weekday())
    return due_on


def _rows(law: str) -> list[dict[str, str]]:
    name = law.strip().upper()
    known = {row["scheme"] for row in data_rows("statutory_sums.csv")}
    if name not in known:
        name = scheme(law).scheme
    rows = [row for row in data_rows("statutory_sums.csv") if row["scheme"] == name]
    if not rows:
        raise NotAvailableError(
            f"{name} knows no fixed sum per invoice. Give a fee instead: 25, or 2%."
        )
    return rows


def _reaches(amount: Decimal, row: dict[str, str]) -> bool:
    start = Decimal(row["from_amount"])
    return amount > start or (amount == start and row["includes"] == "yes")
