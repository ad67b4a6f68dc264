"""The schemes of late-payment interest: law, margin, when the rate resets, day count (`data/interest_schemes.csv`)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from receivables.errors import NotAvailableError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows


@dataclass(frozen=True, slots=True)
class Scheme:
    """One row of the table; rates a year as shares, `daily_rate` a day.

    `reset`: floating (the rate of each day), late (of the first day of default, then fixed), payment
    (of the payment date, for the whole time), contract (of the contract date), none (one rate).
    `floor_series`: an agreed rate below this reference rate of the contract date does not hold.
    """

    scheme: str
    label_en: str
    label_zh: str
    currency: str
    series: str
    margin: Decimal | None
    factor: Decimal
    daily_rate: Decimal | None
    reset: str
    round_up: Decimal | None
    basis: int
    roll: str
    confirmed: bool
    source: str
    floor_series: str = ""

    def label(self, language: str = "en") -> str:
        """Name of the scheme in a language.

        >>> scheme("uk").label("zh")
        '英国(1998年商业债务逾期支付利息法)'
        """
        return self.label_zh if language == "zh" else self.label_en


def scheme(name: str) -> Scheme:
    """A scheme by its code or any of its words.

    Raises:
        NotAvailableError: unknown; the nearest is offered.

    >>> scheme("Germany").margin, scheme("德国").roll, scheme("§288 BGB").reset
    (Decimal('0.09'), 'next', 'floating')
    """
    known = _words()
    found = known.get(fold(name))
    if found is not None:
        return found
    near = difflib.get_close_matches(fold(name), known, n=1)
    hint = (
        f"Did you mean {known[near[0]].scheme}?"
        if near
        else f"Use {', '.join(schemes())}, or a rate."
    )
    raise NotAvailableError(f"'{name}' is no scheme of interest. {hint}")


@cache
def schemes() -> dict[str, Scheme]:
    """Every scheme by its code."""
    return {row["scheme"]: _scheme(row) for row in data_rows("interest_schemes.csv")}


@cache
def _words() -> dict[str, Scheme]:
    found = {}
    for row in data_rows("interest_schemes.csv"):
        words = (row["scheme"], *row["words"].split("|"))
        found.update({fold(word): schemes()[row["scheme"]] for word in words})
    return found


def _scheme(row: dict[str, str]) -> Scheme:
    return Scheme(
        scheme=row["scheme"],
        label_en=row["label_en"],
        label_zh=row["label_zh"],
        currency=row["currency"],
        series=row["series"],
        margin=_number(row["margin"]),
        factor=Decimal(row["factor"]),
        daily_rate=_number(row["daily_rate"]),
        reset=row["reset"],
        round_up=_number(row["round_up"]),
        basis=int(row["basis"]),
        roll=row["roll"] or "none",
        confirmed=row["confirmed"] == "yes",
        source=row["source"],
        floor_series=row["floor_series"],
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None
