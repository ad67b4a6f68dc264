"""Which signals fired at which customer: events counted in their windows, payment cycles compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from receivables.ledger.findings import Findings
from receivables.ledger.keys import folded
from receivables.monitor.warnings_rules import rule
from receivables.monitor.warnings_signals import Rule, count_evidence, fires, signal_of


def fired(
    events: pl.DataFrame, as_of: date, used: Mapping[str, Rule], findings: Findings, language: str
) -> pl.DataFrame:
    """Customers with events known on a date: customer_key, a Boolean per counted signal, evidence.

    An event is known from the later of its day and the day we heard of it. Events of no signal are
    reported, one note per kind.
    """
    counted = [one for one in used.values() if one.kind != "rising"]
    heard = pl.coalesce("known_on", "on")
    kinds = {kind: signal_of(kind) for kind in events["kind"].drop_nulls().unique()}
    known = (
        events.with_columns(customer_key=folded(events["customer_id"]))
        .filter(pl.max_horizontal("on", heard) <= as_of)
        .with_columns(
            signal=pl.col("kind").replace_strict(kinds, default="", return_dtype=pl.String),
            age=(pl.lit(as_of) - pl.col("on")).dt.total_days(),
        )
    )
    _report_others(known.filter(pl.col("signal") == ""), findings)
    mine = known.filter(pl.col("signal") != "")
    sums = mine.group_by("customer_key", maintain_order=True).agg(
        part for one in counted for part in _sums(one)
    )
    told = [_evidence(row, counted, language) for row in sums.iter_rows(named=True)]
    return sums.select(
        "customer_key",
        *(_fires(one).alias(one.signal) for one in counted),
        pl.Series("evidence", told, dtype=pl.String),
    )


def rising(cycle: pl.DataFrame, as_of: date, one: Rule, language: str) -> pl.DataFrame:
    """Customers whose last periods can be compared: customer_key, cycle, rising_evidence.

    The same rule as `warnings_signals`: so many periods with a receipt, none further apart than
    half a year, the last no older than that.
    """
    gap = f"{int(rule('period_gap_months'))}mo"
    last = (
        cycle.filter(pl.col("days_to_pay").is_not_null() & (pl.col("month_end") <= as_of))
        .sort("customer_key", "month_end")
        .group_by("customer_key", maintain_order=True)
        .tail(one.count)
        .with_columns(
            next_end=pl.col("month_end").shift(-1).over("customer_key").fill_null(as_of),
            longer=(pl.col("days_to_pay") > pl.col("days_to_pay").shift(1).over("customer_key")),
        )
        .with_columns(near=pl.col("month_end").dt.offset_by(gap) >= pl.col("next_end"))
    )
    found = (
        last.group_by("customer_key", maintain_order=True)
        .agg(
            pl.len().alias("count"),
            pl.col("near").all(),
            pl.col("longer").drop_nulls().all().alias("cycle"),
            "days_to_pay",
        )
        .filter(pl.col("near") & (pl.col("count") == one.count))
    )
    colon = _colon(language)
    told = [
        one.text(language) + colon + " → ".join(f"{days:.1f}" for days in figures) if hit else None
        for hit, figures in found.select("cycle", "days_to_pay").iter_rows()
    ]
    return found.select(
        "customer_key", "cycle", pl.Series("rising_evidence", told, dtype=pl.String)
    )


def _sums(one: Rule) -> list[pl.Expr]:
    mine, age = pl.col("signal") == one.signal, pl.col("age")
    return [
        (mine & (age <= one.window)).sum().cast(pl.Int64).alias(f"{one.signal}_now"),
        (mine & (age > one.window) & (age <= 2 * one.window))
        .sum()
        .cast(pl.Int64)
        .alias(f"{one.signal}_before"),
        pl.col("on").filter(mine).max().alias(f"{one.signal}_last"),
    ]


def _fires(one: Rule) -> pl.Expr:
    now, before = pl.col(f"{one.signal}_now"), pl.col(f"{one.signal}_before")
    enough = now >= one.count
    return enough & (now > before) if one.kind == "more" else enough


def _evidence(row: Mapping[str, Any], counted: Sequence[Rule], language: str) -> str | None:
    """What was counted, in words, of the signals that fired."""
    parts = []
    for one in counted:
        now, before, last = (row[f"{one.signal}_{part}"] for part in ("now", "before", "last"))
        if fires(one, now, before):
            shown = count_evidence(one, now, before, last, language)
            parts.append(one.text(language) + _colon(language) + shown)
    return "; ".join(parts) or None


def _colon(language: str) -> str:
    return ":" if language == "zh" else ": "


def _report_others(others: pl.DataFrame, findings: Findings) -> None:
    if others.is_empty():
        return
    kinds = others.group_by("kind", maintain_order=True).agg(
        pl.len().alias("count"),
        pl.col("on").max().alias("last"),
        pl.col("_source").first(),
        pl.col("_row").first(),
    )
    findings.add("event_of_no_signal", "events", kinds.rename({"kind": "value"}), "kind")
