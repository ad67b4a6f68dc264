"""What hangs on the open items: the borrowing base per book, and the exposure to foreign currencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from receivables import money
from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.fx import ADVANCES
from receivables.ledger.open import OpenItems
from receivables.monitor.borrowing_base import Terms, borrowing_base
from receivables.monitor.fx_exposure import exposures
from receivables.rates import Rates

BASES = {"due": "due_on", "issued": "issued_on"}
"""What the age counts from."""


@dataclass(frozen=True, slots=True)
class BaseLine:
    """Borrowing base of one company and currency, in minor units.

    receivables − too_old − undated − credits − cross_aged − over_cap = eligible. `open` is the
    ledger balance: receivables less all credits; those beyond a customer's eligible debt take
    nothing off. `base` is None without an advance rate.
    """

    company: str
    currency: str
    customers: int
    open: int
    receivables: int
    too_old: int
    undated: int
    credits: int
    cross_aged: int
    over_cap: int
    eligible: int
    base: int | None


@dataclass(frozen=True, slots=True)
class FxLine:
    """Open items of one company in one foreign currency, in minor units.

    open = advances + exposure; advances are settled in goods, so no rate moves them. `local` is
    empty, `in_local` and `rate` None where the local currency or the rate is not known: `missing`
    says which. `share` of all exposures of the company, signs apart, None unless all are known.
    """

    company: str
    local: str
    currency: str
    open: int
    advances: int
    exposure: int
    rate: float | None
    rate_on: date | None
    in_local: int | None
    share: float | None
    missing: str


def bases(
    opened: OpenItems, terms: Terms, *, base: str = "due", lent: bool = True
) -> list[BaseLine]:
    """Borrowing base per company and currency; a customer's accounts of one company are one debtor.

    Args:
        opened: open items in document currency.
        terms: the contract's tests.
        base: `due` counts the age from the due date, `issued` from the issue date.
        lent: False leaves the base None, where the advance rate is not known.

    Raises:
        BadValueError: an unknown base.
        DomainError: shares outside 0–1.
    """
    if base not in BASES:
        raise BadValueError(f"base is '{base}': give one of {', '.join(BASES)}.")
    terms.check()
    parts = _by_age(opened, BASES[base], terms.max_days)
    books = parts.partition_by("company", "currency", maintain_order=True)
    return [_base_line(book, terms, lent=lent) for book in books]


def _by_age(opened: OpenItems, start: str, max_days: float) -> pl.DataFrame:
    """Sums per book and customer: credits, debt below the age limit, at or above it, without age."""
    age = (pl.lit(opened.as_of) - pl.col(start)).dt.total_days()
    keys = ("company", "currency", "customer_key")
    rows = opened.frame().with_columns(age=age, owes=pl.col("open") > 0)
    return (
        rows.with_columns(old=(pl.col("age") >= max_days) & pl.col("owes"))
        .with_columns(dated=pl.col("age").is_not_null() & pl.col("owes"))
        .group_by(*keys, "owes", "dated", "old")
        .agg(
            pl.col("open").sum(),
            pl.when(pl.col("dated")).then(pl.col("age")).max().alias("age"),
        )
        .sort(*keys, "owes", "dated", "old")
    )


def _base_line(book: pl.DataFrame, terms: Terms, *, lent: bool) -> BaseLine:
    """One book; only the part over the cap can end in fractions of a minor unit: it is rounded."""
    found = borrowing_base(
        book["customer_key"].to_list(),
        [Decimal(size) for size in book["open"].to_list()],
        book["age"].to_list(),
        terms,
    )
    over = money.half_up(found.over_cap)
    return BaseLine(
        company=book["company"][0],
        currency=book["currency"][0],
        customers=book["customer_key"].n_unique(),
        open=int(book["open"].sum()),
        receivables=int(found.debt),
        too_old=int(found.too_old),
        undated=int(found.undated),
        credits=int(found.credits),
        cross_aged=int(found.cross_aged),
        over_cap=over,
        eligible=int(found.eligible + found.over_cap) - over,
        base=money.half_up(Decimal(repr(found.amount))) if lent else None,
    )


def foreign(opened: OpenItems, rates: Rates, local: Mapping[str, str]) -> list[FxLine]:
    """Exposure per company and foreign currency, valued in its local currency at the as-of rate.

    A missing rate is no reason to refuse the rest: its line says what to add. Without a local
    currency every currency of the company is listed, none valued.

    Args:
        opened: open items in document currency.
        rates: the Rates table.
        local: local currency by company, "" for all (`ledger.fx.local_currencies`).
    """
    fixed = pl.col("kind").is_in(ADVANCES) & (pl.col("open") < 0)
    sums = (
        opened.frame()
        .group_by("company", "currency")
        .agg(pl.col("open").sum(), pl.col("open").filter(fixed).sum().alias("advances"))
        .sort("company", "currency")
    )
    found: list[FxLine] = []
    for (company,), book in sums.group_by("company", maintain_order=True):
        home = local.get(str(company), local.get("", ""))
        away = book.filter(pl.col("currency") != home)
        found += _company_lines(away, home, rates, opened.as_of)
    return found


def _company_lines(book: pl.DataFrame, home: str, rates: Rates, as_of: date) -> list[FxLine]:
    """One line per currency, from `fx_exposure.exposures` where a rate is known."""
    missing = {name: _missing(name, home, rates, as_of) for name in book["currency"]}
    known = book.filter(~pl.col("currency").is_in([name for name in missing if missing[name]]))
    valued = exposures(
        known["currency"].to_list(),
        [
            money.to_decimal(size - advances, name)
            for name, size, advances in known.select("currency", "open", "advances").iter_rows()
        ],
        home,
        as_of,
        rates,
    )
    by_name = {one.currency: one for one in valued}
    whole = known.height == book.height
    lines = []
    for company, name, size, advances in book.select(
        "company", "currency", "open", "advances"
    ).iter_rows():
        one, exposure = by_name.get(name), size - advances
        lines.append(
            FxLine(
                company=company,
                local=home,
                currency=name,
                open=size,
                advances=advances,
                exposure=exposure,
                rate=float(one.rate) if one else None,
                rate_on=one.rate_on if one else None,
                in_local=money.convert(exposure, one.rate, name, home) if one else None,
                share=one.share if one and whole else None,
                missing=missing[name],
            )
        )
    return lines


def _missing(name: str, home: str, rates: Rates, as_of: date) -> str:
    """Why a currency cannot be valued; empty where it can."""
    if not home:
        return (
            "The local currency of the company is not known. Give the setting local_currency, "
            "for example EUR, or DE01=EUR, CN01=CNY."
        )
    try:
        rates.find(name, home, as_of)
    except NotAvailableError as fault:
        return str(fault)
    return ""
