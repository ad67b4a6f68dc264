"""What a move of exchange rates would cost: open amounts by currency, less what is hedged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from receivables.errors import BadValueError, DomainError

if TYPE_CHECKING:
    from receivables.rates import Rates

HEADINGS = (
    "currency",
    "open",
    "hedged",
    "exposure",
    "rate",
    "rate_on",
    "in_home",
    "share",
    "loss",
)


@dataclass(frozen=True, slots=True)
class Exposure:
    """One foreign currency; `open`, `hedged` in it, `in_home` and `loss` in the home currency."""

    currency: str
    open: Decimal
    hedged: Decimal
    rate: Fraction
    rate_on: date
    in_home: float
    share: float
    loss: float | None

    @property
    def exposure(self) -> Decimal:
        """Open − hedged; negative = hedged beyond what is open."""
        return self.open - self.hedged

    def cells(self) -> list[object]:
        """The row under `HEADINGS`."""
        return [
            self.currency, self.open, self.hedged, self.exposure, float(self.rate), self.rate_on,
            self.in_home, self.share, self.loss,
        ]  # fmt: skip


def exposures(
    currencies: Sequence[str | None],
    amounts: Sequence[Decimal | None],
    home: str,
    as_of: date,
    rates: Rates,
    *,
    hedged: Sequence[Decimal | None] | None = None,
    move: float | None = None,
) -> list[Exposure]:
    """Exposure per foreign currency = Σ open − Σ hedged, at the rate of the as-of date.

    Share is of Σ |exposure in the home currency|, so that a surplus in one currency does not hide
    a debt in another. Loss = |exposure| × move: what a move against us costs.

    Args:
        currencies: ISO codes of the rows; the home currency itself is no exposure.
        amounts: open amounts in that currency, credits and payables negative.
        home: home currency.
        as_of: day of the rates.
        rates: the Rates table.
        hedged: sold forward, in the same currency.
        move: share by which the rates move, 0–1.

    Raises:
        BadValueError: an amount without currency, columns of different size.
        NotAvailableError: a currency without rate; names the row to add.
        DomainError: a move outside 0–1.

    >>> from receivables.rates import Rates
    >>> rates = Rates({("USD", "EUR"): ([date(2026, 10, 31)], [Fraction("0.8")])})
    >>> [row] = exposures(["USD"], [Decimal(100)], "EUR", date(2026, 10, 31), rates, move=0.1)
    >>> row.in_home, row.loss
    (80.0, 8.0)
    """
    if move is not None and not 0 <= move <= 1:
        raise DomainError(f"move is {move:g}, outside 0 to 1. 30 means 30 %? Write 0.3.")
    sums = _sums(currencies, amounts, hedged)
    codes = sorted(code for code in sums if code != home.upper())
    found = {code: rates.find(code, home.upper(), as_of) for code in codes}
    valued = {
        code: float(sums[code][0] - sums[code][1]) * float(found[code].value) for code in codes
    }
    whole = sum(map(abs, valued.values()))
    return [
        Exposure(
            currency=code,
            open=sums[code][0],
            hedged=sums[code][1],
            rate=found[code].value,
            rate_on=found[code].on,
            in_home=valued[code],
            share=abs(valued[code]) / whole if whole else 0.0,
            loss=None if move is None else abs(valued[code]) * move,
        )
        for code in codes
    ]


def _sums(
    currencies: Sequence[str | None],
    amounts: Sequence[Decimal | None],
    hedged: Sequence[Decimal | None] | None,
) -> dict[str, tuple[Decimal, Decimal]]:
    sold = hedged if hedged is not None else [None] * len(amounts)
    if not len(currencies) == len(amounts) == len(sold):
        raise BadValueError(
            f"{len(currencies)} currencies, {len(amounts)} amounts, {len(sold)} hedged. Give ranges "
            "of the same size."
        )
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row, (code, amount, cover) in enumerate(zip(currencies, amounts, sold, strict=True), 1):
        if amount is None and cover is None:
            continue
        if not code:
            raise BadValueError(f"Row {row} has an amount but no currency. Fill it in.")
        before = found.get(code.strip().upper(), (Decimal(0), Decimal(0)))
        found[code.strip().upper()] = (
            before[0] + (amount or Decimal(0)), before[1] + (cover or Decimal(0))
        )  # fmt: skip
    return found
