"""Amounts brought into the currency of the limit that bounds them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import polars as pl

from receivables import money
from receivables.errors import NotAvailableError
from receivables.ledger.findings import Findings
from receivables.rates import Rates

Missing = dict[tuple[str, str], str]
"""Pairs of currencies without a rate, and why."""


def in_limit_currency(
    parts: pl.DataFrame,
    limits: pl.DataFrame,
    who: pl.DataFrame,
    rates: Rates,
    as_of: date,
    findings: Findings,
) -> pl.DataFrame:
    """Components in the currency of the customer's limit: own, else another of his, else the group's."""
    rank = pl.col("kind").replace_strict({"own": 0, "component": 1, "insured": 2, "group": 9})
    first = limits.sort(rank, "component").unique("subject", keep="first", maintain_order=True)
    own = first.filter(pl.col("kind") != "group").select(
        "subject", pl.col("currency").alias("_own")
    )
    group = limits.filter(pl.col("kind") == "group").select(
        "subject", pl.col("currency").alias("_group")
    )
    rows = (
        parts.join(who.select("customer_key", "group_key"), on="customer_key", how="left")
        .join(own, left_on="customer_key", right_on="subject", how="left")
        .join(group, left_on="group_key", right_on="subject", how="left")
        .with_columns(target=pl.coalesce("_own", "_group", "currency"))
    )
    told: Missing = {}
    moved = converted(rows, "amount", "currency", "target", rates, as_of, told)
    for (source, target), why in told.items():
        findings.one("limit_rate", "rates", "rate", value=source, target=target, why=why)
    kept = pl.when(pl.col("moved").is_null())
    return (
        moved.with_columns(
            amount=pl.coalesce("moved", "amount"),
            currency=kept.then("currency").otherwise("target"),
        )
        .group_by("customer_key", "currency", "component")
        .agg(pl.col("amount").sum())
    )


def converted(
    rows: pl.DataFrame,
    amount: str,
    source: str,
    target: str,
    rates: Rates,
    as_of: date,
    missing: Missing,
) -> pl.DataFrame:
    """Rows with `moved`: the amount in the target currency, half up; null where a rate is missing.

    Only rows that change currency are walked through; `missing` receives what has no rate and why.
    """
    rows = rows.with_row_index("_at")
    away = rows.filter((pl.col(source) != pl.col(target)) & pl.col(amount).is_not_null())
    values: list[int | None] = []
    known: dict[tuple[str, str], Fraction | None] = {}
    for size, code, other in away.select(amount, source, target).iter_rows():
        pair = (code, other)
        if pair not in known:
            known[pair] = _rate(pair, rates, as_of, missing)
        rate = known[pair]
        values.append(None if rate is None else money.convert(size, rate, code, other))
    moved = away.select("_at").with_columns(pl.Series("_moved", values, dtype=pl.Int64), away=True)
    stays = pl.when(pl.col("away").is_null()).then(amount).otherwise("_moved")
    return (
        rows.join(moved, on="_at", how="left", maintain_order="left")
        .with_columns(stays.alias("moved"))
        .drop("_at", "_moved", "away")
    )


def _rate(pair: tuple[str, str], rates: Rates, as_of: date, missing: Missing) -> Fraction | None:
    try:
        return rates.find(*pair, as_of).value
    except NotAvailableError as fault:
        missing[pair] = str(fault)
        return None
