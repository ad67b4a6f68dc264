"""The same invoice on four instruments: what funding, charges and expected loss come to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from receivables.errors import DomainError
from receivables.transfer.cost_terms import Terms, missing, unusual
from receivables.transfer.factoring import factoring_fee

HEADINGS = ("instrument", "funding", "charges", "expected_loss", "total", "share", "note")
ZERO = Decimal(0)


class Cost(NamedTuple):
    """One instrument; None = a term it needs is not known, `note` says which."""

    instrument: str
    funding: Decimal | None
    charges: Decimal | None
    expected_loss: Decimal | None
    total: Decimal | None
    share: Decimal | None
    note: str


class _Parts(NamedTuple):
    funding: Decimal
    charges: Decimal
    exposed: Decimal
    note: str = ""


def instrument_costs(
    amount: Decimal, days: int, terms: Terms, periods: str = "started"
) -> list[Cost]:
    """Cost of an invoice on open account, insured, factored and by letter of credit, in its currency.

    Total = funding until payment + charges + expected loss; expected loss = what stays uncovered ×
    default rate × loss given default, all given by the user. An instrument whose terms are not
    known has no total: a missing price is not 0.

    Args:
        amount: invoice, above 0.
        days: until it is paid, above 0.
        terms: of `cost_terms.terms_of`.
        periods: how the factor counts: `started` or `pro_rata`.

    >>> terms = {"funding_rate": Decimal("0.05"), "pd": Decimal("0.02"), "lgd": Decimal("0.5"),
    ...     "premium_rate": Decimal("0.003"), "insured_share": Decimal("0.9"), "year_days": 365}
    >>> [(cost.instrument, cost.total) for cost in instrument_costs(Decimal(100000), 73, terms)[:2]]
    [('open_account', Decimal('2000.000')), ('insured', Decimal('1400.0000'))]
    """
    if amount <= 0 or days <= 0:
        raise DomainError(f"{amount:f} for {days} days: give an amount and days above 0.")
    return [
        _costed(name, wanted, price, amount, days, terms, periods)
        for name, (wanted, price) in _INSTRUMENTS.items()
    ]


def rows(costs: list[Cost]) -> list[list[object]]:
    """The comparison as a table with headings."""
    found: list[list[object]] = [list(HEADINGS)]
    found += [list(cost) for cost in costs]
    return found


def _costed(
    name: str,
    wanted: tuple[str, ...],
    price: Callable[[Decimal, int, Terms, str], _Parts],
    amount: Decimal,
    days: int,
    terms: Terms,
    periods: str,
) -> Cost:
    names = [*wanted]
    if name == "factored" and days > terms.get("first_days", days):
        names += ["step_rate", "step_days"]
    gaps = missing(terms, *names)
    if gaps:
        return Cost(name, None, None, None, None, None, f"missing: {', '.join(gaps)}")
    parts = price(amount, days, terms, periods)
    rates = ("lc_bank_pd", "lgd") if name == "letter_of_credit" else ("pd", "lgd")
    gaps = missing(terms, *rates) if parts.exposed else []
    if gaps:
        told = f"missing: {', '.join(gaps)}"
        return Cost(name, parts.funding, parts.charges, None, None, None, told)
    loss = parts.exposed * terms[rates[0]] * terms["lgd"] if parts.exposed else ZERO
    total = parts.funding + parts.charges + loss
    note = "; ".join(filter(None, [parts.note, *unusual(terms, wanted)]))
    return Cost(name, parts.funding, parts.charges, loss, total, total / amount, note)


def _funding(amount: Decimal, days: int, terms: Terms) -> Decimal:
    found: Decimal = amount * terms["funding_rate"] * days / terms["year_days"]
    return found


def _open(amount: Decimal, days: int, terms: Terms, _periods: str) -> _Parts:
    return _Parts(_funding(amount, days, terms), ZERO, amount)


def _insured(amount: Decimal, days: int, terms: Terms, _periods: str) -> _Parts:
    covered = min(amount, terms.get("insured_limit", amount)) * terms["insured_share"]
    charges = amount * terms["premium_rate"]
    return _Parts(_funding(amount, days, terms), charges, amount - covered)


def _factored(amount: Decimal, days: int, terms: Terms, periods: str) -> _Parts:
    advance = amount * terms["advance_rate"]
    interest = advance * terms.get("factor_interest", ZERO) * days / terms["year_days"]
    charges = factoring_fee(amount, days, terms, periods) + interest
    funding = _funding(amount - advance, days, terms)
    if terms.get("recourse", True):
        said = "with recourse" if "recourse" in terms else "recourse not said: counted as with it"
        return _Parts(funding, charges, amount, said)
    return _Parts(funding, charges, ZERO, "without recourse: the factor bears the loss")


def _letter(amount: Decimal, days: int, terms: Terms, _periods: str) -> _Parts:
    quarters = -(-days // int(terms["lc_quarter_days"]))
    rate = terms["lc_confirm_rate"] * quarters
    rate += terms.get("lc_issue_rate", ZERO) + terms.get("lc_negotiate_rate", ZERO)
    charges = amount * rate + terms.get("lc_flat", ZERO)
    note = f"quarters: {quarters}"
    if "lc_bank_pd" not in terms:
        return _Parts(
            _funding(amount, days, terms), charges, ZERO, f"{note}; risk of the bank not counted"
        )
    return _Parts(_funding(amount, days, terms), charges, amount, note)


_INSTRUMENTS: dict[str, tuple[tuple[str, ...], Callable[[Decimal, int, Terms, str], _Parts]]] = {
    "open_account": (("funding_rate",), _open),
    "insured": (("funding_rate", "premium_rate", "insured_share"), _insured),
    "factored": (("funding_rate", "advance_rate", "fee_rate", "first_days"), _factored),
    "letter_of_credit": (("funding_rate", "lc_confirm_rate"), _letter),
}
