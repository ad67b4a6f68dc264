"""Rates given as a range with headings, and what is worked out with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from receivables_udfs import ranges

if TYPE_CHECKING:
    from receivables.rates import Rates


def exposure_rows(
    currencies: Sequence[str | None],
    amounts: Sequence[Decimal | None],
    home: str,
    as_of: date,
    rates: ranges.Rows | None,
    hedged: Sequence[Decimal | None] | None,
    move: float | None,
) -> list[list[Any]]:
    """Exposure by currency with headings; `FX_EXPOSURE` explains the arguments."""
    from receivables.monitor.fx_exposure import HEADINGS, exposures

    known = rates_of(rates, home, as_of)
    found = exposures(currencies, amounts, home, as_of, known, hedged=hedged, move=move)
    return [list(HEADINGS), *(row.cells() for row in found)]


def rates_of(rates: ranges.Rows | None, home: str, as_of: date) -> Rates:
    """The rates of a range, read and checked as those of a ledger; without a range there are none.

    Raises:
        BadValueError: an unknown home currency, a heading is missing, a row cannot be read.
    """
    from receivables.rates import Rates

    # a ledger is read as a whole, so the rates stand beside one document of nil
    document = {
        "document_no": "-", "customer_id": "-", "issued_on": as_of, "currency": home, "amount": 0,
    }  # fmt: skip
    given: dict[str, ranges.Rows | None] = {
        "documents": [list(document), list(document.values())],
        "rates": rates,
    }
    return Rates.from_table(ranges.books(given, as_of).ledger["rates"])
