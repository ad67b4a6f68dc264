"""The overdue debt that counts: undisputed, net of unapplied cash, above the materiality."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache

import polars as pl

from receivables import money
from receivables.ledger.open import OpenItems
from receivables.monitor.reserve_base import ecl_base
from receivables.resources import data_rows

WHO = ("customer_key", "currency")


def worst_overdue(
    opened: OpenItems,
    *,
    disputes: pl.DataFrame | None = None,
    minimum: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Worst overdue per customer and currency, so that a bank charge of 3 moves no grade.

    Each customer's credits clear its own oldest debt; disputed parts and advances are left out.
    Materiality = the larger of 1 % of the exposure and the least amount of the currency. days_late
    = age of the oldest debt at which the overdue amount, added up from the oldest, is above it.

    Args:
        opened: open items as of a date.
        disputes: the Disputes table, for documents that name no dispute themselves.
        minimum: least amount by currency in minor units; others from `data/materiality.csv`.

    Returns:
        customer_key, currency, customer_id, name, exposure, disputed, overdue, materiality (int64
        minor units, exposure ≥ 0), days_late (0 = nothing material is overdue).
    """
    items = ecl_base(opened, disputes=disputes).items
    owed = items.filter(pl.col("exposure") > 0).with_columns(
        rest=pl.col("exposure") - pl.col("dilution"),
        age=(pl.lit(opened.as_of) - pl.col("day")).dt.total_days(),
    )
    sums = owed.group_by(WHO).agg(
        pl.col("customer_id").first(),
        pl.col("name").first(),
        pl.col("exposure").sum(),
        pl.col("dilution").sum().alias("disputed"),
        pl.col("rest").filter(pl.col("age") > 0).sum().alias("overdue"),
    )
    sums = sums.with_columns(_materiality(sums, minimum or {}))
    late = (
        owed.filter((pl.col("age") > 0) & (pl.col("rest") > 0))
        .sort("age", descending=True)
        .with_columns(upto=pl.col("rest").cum_sum().over(WHO))
        .join(sums.select(*WHO, "materiality"), on=WHO, how="left")
        .filter(pl.col("upto") > pl.col("materiality"))
        .group_by(WHO)
        .agg(pl.col("age").max().alias("days_late"))
    )
    return (
        sums.join(late, on=WHO, how="left")
        .with_columns(pl.col("days_late").fill_null(0))
        .sort(WHO)
    )


@cache
def least_amount(currency: str) -> int:
    """Least material amount of a currency in minor units (`data/materiality.csv`).

    >>> least_amount("EUR"), least_amount("JPY"), least_amount("XAF")
    (10000, 15000, 100)
    """
    known = {row["currency"]: row["minimum"] for row in data_rows("materiality.csv")}
    return money.to_minor(Decimal(known.get(currency, known[""])), currency)


def _materiality(sums: pl.DataFrame, minimum: Mapping[str, int]) -> pl.Series:
    """Share of the exposure, rounded down as only more than it counts, or the least amount."""
    share = Fraction(
        next(row["value"] for row in data_rows("warning_rules.csv") if row["rule"] == "materiality_share")
    )  # fmt: skip
    least = {name: minimum.get(name, least_amount(name)) for name in sums["currency"].unique()}
    floor = pl.col("currency").replace_strict(least, default=0, return_dtype=pl.Int64)
    part = pl.col("exposure") * share.numerator // share.denominator
    return sums.select(pl.max_horizontal(part, floor).alias("materiality")).to_series()
