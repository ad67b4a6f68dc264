"""Terms of interest given as ranges: own terms by name, and dated rates in place of the shipped ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.cells.coerce import is_blank, to_amount, to_day, to_flag, to_number, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, DomainError, NotAvailableError, ReceivablesError
from receivables.ledger.spelling import fold
from receivables.respond.interest import KINDS, Payment
from receivables.respond.interest_days import basis_of
from receivables.respond.interest_rates import RatePeriod, RateTable, dated, series
from receivables.respond.interest_schemes import Scheme, scheme
from receivables.respond.interest_terms import (
    Terms,
    checked,
    flat,
    loaded,
    of_scheme,
    plain_terms,
    share_of,
)
from receivables.transfer.headed import Rows, one_record, records

CHOICES = {
    "reset": ("floating", "late", "payment", "contract", "none"),
    "rounding": ("end", "daily"),
    "allocation": ("principal", "interest"),
    "roll": ("none", "next"),
}
_LAW = ("series", "margin", "factor", "round_up", "reset")
_READERS: dict[str, Any] = {
    "scheme": to_text, "rate": share_of, "daily_rate": share_of, "monthly_rate": share_of,
    "series": to_text, "margin": share_of, "factor": lambda cell: Decimal(repr(to_number(cell))),
    "round_up": share_of, "basis": basis_of, "assume_last": to_flag, "currency": to_text,
    "contract_on": to_day, "stop_on": to_day, "disputed": to_amount,
}  # fmt: skip
OWN = (*_READERS, *CHOICES)
"""Names that own terms may hold."""

_OWN_WORDS = {fold(name): name for name in OWN}


def _folded(words: dict[str, str]) -> dict[str, str]:
    return {fold(word): name for name, text in words.items() for word in text.split("|")}


_RATE_WORDS = _folded({
    "valid_from": "valid_from|from|生效日期|起始日期",
    "valid_to": "valid_to|to|until|失效日期|截止日期",
    "base_rate": "base_rate|reference rate|基准利率",
    "rate": "rate|full rate|利率|年利率",
    "scheme": "scheme|series|方案",
})  # fmt: skip
_PAYMENT_WORDS = _folded({
    "on": "on|date|paid_on|payment date|日期|付款日期|收款日期",
    "amount": "amount|paid|金额|付款金额|收款金额",
    "kind": "kind|type|类型",
})  # fmt: skip
_CREDITS = {fold(word) for word in ("credit_note", "credit note", "credit", "Gutschrift", "avoir", "红字", "贷项", "红字发票")}  # fmt: skip
_MONEY = {
    fold(word) for word in ("payment", "paid", "cash", "付款", "收款", "Zahlung", "paiement")
}


def terms_of(value: Any, rates: Rows | None = None, basis: int | None = None) -> Terms:
    """Terms of a cell or of a range of names and values, with a user's rates and day count.

    Args:
        value: scheme, rate, or a range that holds any of `OWN`.
        rates: range with valid_from and base_rate (the margin is added) or rate (the full rate), and
            where wanted valid_to and scheme.
        basis: day count in place of the scheme's.

    Raises:
        BadValueError: unknown names, a heading missing, terms that exclude each other.
        NotAvailableError: the scheme needs a rate that was not given.

    >>> terms_of([["scheme", "CN_SALE"], ["factor", 1.5]]).rate_on(date(2026, 3, 1)).rate
    Decimal('0.04500')
    >>> terms_of("DE", [["valid_from", "base_rate"], ["2026-07-01", 0.0127]]).rate_on(date(2026, 12, 31)).rate
    Decimal('0.1027')
    """
    found = own_terms(value) if isinstance(value, list) else plain_terms(value)
    if rates is not None:
        found = with_rates(found, rates)
    return (found if basis is None else replace(found, basis=basis)).complete()


def is_own_terms(cells: Any, _following: Sequence[Any]) -> bool:
    """Whether a range given for the scheme holds own terms: names over or beside their values.

    >>> is_own_terms([["rate", 0.12], ["basis", 2]], []), is_own_terms([["UK"], ["DE"]], [])
    (True, False)
    """
    rows = [row if isinstance(row, list) else [row] for row in cells]
    across = list(zip(*rows, strict=False))
    if not across or len(rows) * len(across) < 2:
        return False
    return any(all(_is_name(cell) for cell in side) for side in (rows[0], across[0]))


def own_terms(rows: Rows) -> Terms:
    """Terms given as one range of names and values."""
    record = one_record(rows, _OWN_WORDS, "The range of terms", strict=True)
    given = {name: _read(name, cell) for name, cell in record.items() if not is_blank(cell)}
    law = scheme(given.pop("scheme", "CUSTOM"))
    law = replace(law, **{name: given.pop(name) for name in _LAW if name in given})
    told: dict[str, Decimal] = {
        name: given.pop(name) for name in ("rate", "monthly_rate", "daily_rate") if name in given
    }
    if len(told) > 1:
        raise BadValueError(f"The terms hold {' and '.join(told)}. Give one of them.")
    _check_floor(law, told.get("rate"), given.get("contract_on"))
    return replace(_at(of_scheme(law), told), **given)


def with_rates(terms: Terms, rates: Rows) -> Terms:
    """The user's rates in place of those known for the same days."""
    own = terms.scheme
    named = {fold(own.scheme), fold(own.series)}
    rows = [
        row
        for row in records(rates, _RATE_WORDS, "rates")
        if is_blank(row.get("scheme")) or fold(to_text(row["scheme"])) in named
    ]
    if not rows:
        raise NotAvailableError(f"The range of rates has no row for {own.scheme}. Add one.")
    half_years = own.reset != "none" and own.series != "" and own.factor == 1
    periods = dated([_rate_row(row, own) for row in rows], half_years=half_years)
    if own.series:
        known = terms.table or RateTable(own.series, ())
        return replace(terms, table=known.later(periods))
    return replace(terms, table=RateTable("the contract", periods), daily=None, reset="floating")


def payments_of(rows: Rows | None) -> tuple[Payment, ...]:
    """Payments and credit notes of a range: headings date, amount and, where wanted, kind.

    >>> payments_of([["date", "amount", "kind"], ["2026-03-01", 400, "credit note"]])
    (Payment(on=datetime.date(2026, 3, 1), amount=Decimal('400'), kind='credit_note'),)
    """
    if rows is None:
        return ()
    found = []
    for number, row in enumerate(records(rows, _PAYMENT_WORDS, "payments"), 1):
        for name in ("on", "amount"):
            if is_blank(row.get(name)):
                raise BadValueError(
                    f"payment {number} has no {'date' if name == 'on' else name}. Fill it in."
                )
            pass_through(row[name])
        kind = _kind(row.get("kind"), number)
        found.append(Payment(to_day(row["on"]), to_amount(row["amount"]), kind))
    return tuple(found)


def _kind(cell: Any, number: int) -> str:
    word = "" if is_blank(cell) else fold(to_text(cell))
    if not word or word in _MONEY:
        return KINDS[0]
    if word in _CREDITS:
        return KINDS[1]
    raise BadValueError(f"payment {number} is of kind '{to_text(cell)}'. Use {', '.join(KINDS)}.")


def _is_name(cell: Any) -> bool:
    return is_blank(cell) or (isinstance(cell, str) and fold(cell) in _OWN_WORDS)


def _read(name: str, cell: Any) -> Any:
    pass_through(cell)
    try:
        if name in CHOICES:
            return _one_of(to_text(cell).casefold(), CHOICES[name])
        return _READERS[name](cell)
    except ReceivablesError as fault:
        raise type(fault)(f"{name}: {fault}") from None


def _one_of(text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise BadValueError(f"'{text}' is not one of {', '.join(known)}.")
    return text


def _at(terms: Terms, told: dict[str, Decimal]) -> Terms:
    """The terms at the rate that was told instead of the scheme's."""
    if "daily_rate" in told:
        return replace(terms, table=None, daily=told["daily_rate"], reset="none")
    if told:
        rate = told["rate"] if "rate" in told else checked(told["monthly_rate"] * 12)
        return replace(terms, table=flat(rate), daily=None, reset="none")
    return terms


def _check_floor(law: Scheme, agreed: Decimal | None, contract_on: date | None) -> None:
    """Refuse an agreed rate below what the law asks for at the contract date."""
    if not law.floor_series or agreed is None or contract_on is None:
        return
    floor = series(law.floor_series).at(contract_on).rate
    if agreed < floor:
        raise DomainError(
            f"{agreed:%} was agreed; {law.scheme} asks for at least {law.floor_series} of the contract date, "
            f"{floor:%}. Leave the rate out for what applies without an agreement, or ask a lawyer."
        )


def _rate_row(row: dict[str, Any], own: Scheme) -> tuple[date, date | None, Decimal]:
    for cell in row.values():
        pass_through(cell)
    if is_blank(row.get("valid_from")):
        raise BadValueError("A row of rates has no valid_from. Fill it in.")
    start = to_day(row["valid_from"])
    end = None if is_blank(row.get("valid_to")) else to_day(row["valid_to"])
    told = [name for name in ("base_rate", "rate") if not is_blank(row.get(name))]
    if len(told) != 1:
        raise BadValueError(
            f"The rates of {start} need either base_rate (the margin is added) or rate (the full rate)."
        )
    if told == ["rate"]:
        return start, end, share_of(row["rate"])
    if not own.series:
        raise BadValueError(
            f"{own.scheme} has no reference rate. Head the column rate: the full rate."
        )
    # a reference rate may be below nil, as from 2013 to 2022
    base = Decimal(repr(to_number(row["base_rate"])))
    return start, end, loaded(RatePeriod(start, start, base), own).rate
