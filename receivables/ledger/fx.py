"""Report open items in one currency, and bridge the books' carrying amount to the closing rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import narwhals as nw
import polars as pl

from receivables import money
from receivables.errors import NotAvailableError
from receivables.ledger.open import OpenItems
from receivables.money import exponent
from receivables.rates import Rate, Rates

ADVANCES = ("advance", "deposit")
"""Kinds that stand for a promise of goods, not of money: never revalued (IAS 21 ¶16)."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """From the document amount to another currency at the closing rate, in minor units.

    `carrying` is what the books hold in that currency: None where neither a local amount nor a
    rate of the posting day is known (`without_carrying` counts those items). `closing` adds the
    items converted one by one; `rounding` is what the converted total differs from it.
    """

    company: str
    account: str
    currency: str
    reporting: str
    open: int
    carrying: int | None
    closing: int
    rounding: int
    rate: str
    rate_on: date
    how: str
    without_carrying: int

    @property
    def unrealised(self) -> int | None:
        """Exchange difference not yet booked: closing − carrying."""
        return None if self.carrying is None else self.closing - self.carrying


def reported_in(
    opened: OpenItems, currency: str, rates: Rates, local: Mapping[str, str] | None = None
) -> tuple[OpenItems, list[Bridge]]:
    """Open items converted one by one at the as-of rate, half up; advances keep their own rate.

    Args:
        opened: open items in document currency.
        currency: reporting currency, ISO 4217.
        rates: the Rates table.
        local: local currency by company (`local_currencies`).

    Returns:
        The same open items with `open` in the reporting currency, and one bridge per currency.

    Raises:
        NotAvailableError: a currency without rate; names the row to add.
    """
    items = _valued(opened.frame(), currency, rates, opened.as_of, local or {})
    return _replaced(opened, items, currency), _lines(items, currency, rates, opened.as_of)


def revalued(opened: OpenItems, rates: Rates, local: Mapping[str, str]) -> list[Bridge]:
    """Month-end revaluation: per company, account and currency, carrying to closing amount.

    Companies without a known local currency are left out.

    Raises:
        NotAvailableError: a currency without rate; names the row to add.
    """
    found = []
    whole = opened.frame()
    for company in sorted(whole["company"].unique()):
        target = local.get(company, local.get("", ""))
        if target:
            own = whole.filter(pl.col("company") == company)
            items = _valued(own, target, rates, opened.as_of, local)
            found += _lines(items, target, rates, opened.as_of, "company", "account")
    return found


def local_currencies(details: pl.DataFrame, stated: Mapping[str, str]) -> dict[str, str]:
    """Local currency by company: as stated, else the one in which amount and local amount agree.

    A company whose documents leave a choice, or that has no local amounts, gets none. One stated
    for all (key "") holds for all.
    """
    if "" in stated:
        return dict(stated)
    agree = (
        details.filter(pl.col("amount_lc").is_not_null())
        .group_by("company", "currency")
        .agg((pl.col("amount") == pl.col("amount_lc")).all().alias("same"))
        .filter("same")
        .group_by("company")
        .agg(pl.col("currency").unique())
        .filter(pl.col("currency").list.len() == 1)
        .with_columns(pl.col("currency").list.first())
    )
    return {**dict(agree.iter_rows()), **stated}


def _valued(
    items: pl.DataFrame, currency: str, rates: Rates, as_of: date, local: Mapping[str, str]
) -> pl.DataFrame:
    """Add `at_rate` (closing rate), `carrying` (books) and `closing` (advances not revalued)."""
    used = sorted(items["currency"].unique().drop_nulls())
    closing = {name: rates.find(name, currency, as_of).value for name in used}
    booked = pl.col("company").replace_strict(
        dict(local), default=local.get(""), return_dtype=pl.String
    )
    items = items.with_columns(
        scaled("open", closing, currency).alias("at_rate"),
        pl.when(booked == currency).then(_carrying()).alias("carrying"),
    )
    advance = pl.col("kind").is_in(ADVANCES) & (pl.col("open") < 0)
    kept = pl.coalesce("carrying", "at_rate")
    return _historic(items, rates, currency).with_columns(
        pl.when(advance).then(kept).otherwise("at_rate").alias("closing")
    )


def _lines(
    items: pl.DataFrame, currency: str, rates: Rates, as_of: date, *keys: str
) -> list[Bridge]:
    found = []
    for values, own in items.sort(*keys, "currency").group_by(
        *keys, "currency", maintain_order=True
    ):
        company, account = (str(value) for value in values[:-1]) if keys else ("", "")
        rate = rates.find(str(values[-1]), currency, as_of)
        found.append(_line(own, company, account, str(values[-1]), rate, currency))
    return found


def _line(
    own: pl.DataFrame, company: str, account: str, name: str, rate: Rate, currency: str
) -> Bridge:
    """The bridge of one currency; what advances keep from their own day is no rounding."""
    total = int(own["open"].sum())
    advances = int((own["at_rate"] - own["closing"]).sum())
    closing, missing = int(own["closing"].sum()), own["carrying"].null_count()
    return Bridge(
        company=company,
        account=account,
        currency=name,
        reporting=currency,
        open=total,
        carrying=None if missing else int(own["carrying"].sum()),
        closing=closing,
        rounding=money.convert(total, rate.value, name, currency) - advances - closing,
        rate=_plain(rate.value),
        rate_on=rate.on,
        how=rate.how,
        without_carrying=missing,
    )


def scaled(amount: str, factors: Mapping[str, Fraction], target: str) -> pl.Expr:
    """Minor units × the factor of the row's `currency`, half up, in exact 128-bit integers.

    >>> frame = pl.DataFrame({"open": [10_000, -5], "currency": ["EUR", "EUR"]})
    >>> frame.select(scaled("open", {"EUR": Fraction("7.8125")}, "CNY"))["open"].to_list()
    [78125, -39]
    """
    exact = {name: _minor(factor, name, target) for name, factor in factors.items()}
    top = pl.col("currency").replace_strict(
        {name: factor.numerator for name, factor in exact.items()}, return_dtype=pl.Int64
    )
    bottom = pl.col("currency").replace_strict(
        {name: factor.denominator for name, factor in exact.items()}, return_dtype=pl.Int64
    )
    return _share(pl.col(amount), top, bottom).alias(amount)


def _minor(factor: Fraction, source: str, target: str) -> Fraction:
    """The factor between minor units; an inverse rate is kept to twelve digits."""
    between = factor * Fraction(10) ** (exponent(target) - exponent(source))
    return between.limit_denominator(10**12)


def _share(amount: pl.Expr, top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    """Amount × top ÷ bottom, half away from zero, exact."""
    wide = pl.Int128
    over, under = top.abs().cast(wide), bottom.abs().cast(wide)
    size = (amount.abs().cast(wide) * over * 2 + under) // (under * 2)
    return size.cast(pl.Int64) * amount.sign()


def _carrying() -> pl.Expr:
    """Share of the row's local amount that is still open."""
    known = pl.col("amount_lc").is_not_null() & (pl.col("amount") != 0)
    divisor = pl.when(pl.col("amount") == 0).then(1).otherwise(pl.col("amount"))
    return pl.when(known).then(_share(pl.col("open"), pl.col("amount_lc"), divisor))


def _historic(items: pl.DataFrame, rates: Rates, currency: str) -> pl.DataFrame:
    """Fill a missing carrying amount from the rate of the day the row was posted."""
    days = items.filter(pl.col("carrying").is_null()).select("currency", "posted_on").unique()
    rows = []
    for name, day in days.iter_rows():
        try:
            factor = _minor(rates.find(name, currency, day).value, name, currency)
        except NotAvailableError:
            continue
        rows.append((name, day, factor.numerator, factor.denominator))
    schema = {"currency": pl.String, "posted_on": pl.Date, "top": pl.Int64, "bottom": pl.Int64}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    filled = _share(pl.col("open"), pl.col("top"), pl.col("bottom"))
    return (
        items.join(found, on=["currency", "posted_on"], how="left", maintain_order="left")
        .with_columns(pl.coalesce("carrying", filled).alias("carrying"))
        .drop("top", "bottom")
    )


def _plain(value: Fraction) -> str:
    return f"{float(value):.6g}"


def _replaced(opened: OpenItems, items: pl.DataFrame, currency: str) -> OpenItems:
    """The same open items with `open` in the reporting currency."""
    columns = opened.items.collect_schema().names()
    own = items.with_columns(pl.col("closing").alias("open")).select(columns)
    parties = opened.parties.with_columns(pl.lit(currency).alias("currency"))
    return replace(opened, items=nw.from_native(own.lazy()), parties=parties)
