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
    """One currency's way from the document amount to the reporting currency, in minor units.

    `carrying` is None where the books name no local amount and no rate of the posting day is
    known (`without_carrying` counts those items). `closing` adds the converted items; `rounding`
    is what the converted total differs from it.
    """

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
    opened: OpenItems, currency: str, rates: Rates, *, local_currency: str = ""
) -> tuple[OpenItems, list[Bridge]]:
    """Open items converted one by one at the as-of rate, half up; advances keep their carrying rate.

    Args:
        opened: open items in document currency.
        currency: reporting currency, ISO 4217.
        rates: the Rates table.
        local_currency: currency of the books' carrying amounts (amount_lc).

    Raises:
        NotAvailableError: a currency without rate; names the row to add.
    """
    items = opened.frame()
    local = local_currency or currency
    used = sorted(items["currency"].unique().drop_nulls())
    found = {name: rates.find(name, currency, opened.as_of) for name in used}
    closing = {name: rate.value for name, rate in found.items()}
    items = items.with_columns(
        scaled("open", closing, currency).alias("closing"),
        (_carrying() if local == currency else pl.lit(None, pl.Int64)).alias("carrying"),
    )
    items = _historic(items, rates, currency).with_columns(
        pl.col("closing").alias("at_rate"),
        pl.when(pl.col("kind").is_in(ADVANCES) & (pl.col("open") < 0))
        .then(pl.coalesce("carrying", "closing"))
        .otherwise("closing")
        .alias("closing"),
    )
    lines = [
        _line(items.filter(pl.col("currency") == name), name, found[name], currency)
        for name in used
    ]
    return _replaced(opened, items, currency), lines


def _line(own: pl.DataFrame, name: str, rate: Rate, currency: str) -> Bridge:
    """The bridge of one currency; what advances keep from their own day is no rounding."""
    total = int(own["open"].sum())
    advances = int((own["at_rate"] - own["closing"]).sum())
    closing, missing = int(own["closing"].sum()), own["carrying"].null_count()
    return Bridge(
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
