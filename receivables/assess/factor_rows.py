"""The factors of every customer as the ledger knew them on a date: nothing posted, entered or heard later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.assess import dossier
from receivables.assess.grade_rules import rule
from receivables.assess.known import known_at
from receivables.assess.pay_history import complete_months, pay_history
from receivables.errors import Issue
from receivables.ledger.findings import Findings
from receivables.ledger.model import Ledger
from receivables.ledger.posted import Posted

FACTORS: dict[str, pl.DataType] = {
    "days_beyond_terms": pl.Float64(),
    "late_rate": pl.Float64(),
    "worst_age": pl.Float64(),
    "years_trading": pl.Float64(),
    "debt_ratio": pl.Float64(),
    "current_ratio": pl.Float64(),
    "cashflow_cover": pl.Float64(),
    "external_rating": pl.String(),
    "country": pl.String(),
    "insolvency": pl.Boolean(),
    "paid_invoices": pl.Int64(),
    "months_known": pl.Int64(),
}
"""What a ledger can say; `data/credit_factors.csv` explains each. Undated flags are no factors."""
WHO = ("customer_key", "customer_id", "name")


@dataclass(frozen=True, slots=True)
class FactorRows:
    """One row per customer by number: `WHO`, `FACTORS`, past_late_rate; null = not known."""

    as_of: date
    frame: pl.DataFrame
    issues: tuple[Issue, ...]


def factor_rows(
    posted: Posted,
    ledger: Ledger,
    as_of: date,
    *,
    history_months: int | None = None,
    minimum: Mapping[str, int] | None = None,
    engine: str = "polars",
    language: str = "en",
) -> FactorRows:
    """Factor row of every third party that had traded or was a customer by a date.

    A list of open items holds no payments: days beyond terms, late rate and paid invoices are then
    not known. Group companies get no grade.

    Args:
        posted: the linked ledger.
        ledger: its checked tables.
        as_of: day of the question; later postings, entries, ratings, statements, events are not known.
        history_months: how far back payments count, default `data/grade_rules.csv`.
        minimum: least material amount by currency in minor units.
        engine: polars, duckdb, pandas or pyspark.
        language: of the Issues, en or zh.
    """
    findings = Findings(ledger.sources, language)
    there = known_at(ledger, posted, as_of)
    months = int(rule("history_months")) if history_months is None else history_months
    paid = pay_history(
        there, as_of, months, disputes=_disputes(ledger, as_of), minimum=minimum, engine=engine
    )
    if ledger.kind == "open_items":
        unknown = ("days_beyond_terms", "late_rate", "past_late_rate", "paid_invoices")
        paid = paid.with_columns(
            pl.lit(None).cast(paid.schema[name]).alias(name) for name in unknown
        )
    frame = _customers(there, ledger, as_of)
    for part in (
        paid,
        dossier.statements(ledger, as_of, findings),
        dossier.ratings(ledger, as_of, findings),
        dossier.countries(ledger, as_of, findings),
        dossier.insolvency(ledger, as_of),
    ):
        frame = frame.join(part, on="customer_key", how="left", maintain_order="left")
    heard = ledger["events"].filter(pl.max_horizontal("on", "known_on") <= as_of).height
    quiet = pl.lit(value=False) if heard else pl.lit(None, pl.Boolean)
    nil = pl.lit(None if ledger.kind == "open_items" else 0, pl.Int64)
    frame = frame.with_columns(
        pl.col("insolvency").fill_null(quiet),
        pl.col("paid_invoices").fill_null(nil),
        worst_age=pl.when(pl.col("first").is_not_null()).then(pl.col("worst_age").fill_null(0.0)),
    )
    columns = [pl.col(name).cast(kind) for name, kind in FACTORS.items()]
    shown = frame.select(*WHO, *columns, "past_late_rate").sort("customer_id", "customer_key")
    return FactorRows(as_of, shown, tuple(findings.all()))


def _customers(posted: Posted, ledger: Ledger, as_of: date) -> pl.DataFrame:
    """Third parties there by a date: `WHO`, first (day of the first document), months_known, years_trading."""
    first = (
        posted.items.filter(pl.col("posted_on") <= as_of)
        .join(posted.parties.select("party", "customer_key"), on="party")
        .group_by("customer_key")
        .agg(first=pl.min_horizontal("issued_on", "posted_on").min())
    )
    listed = ledger["customers"].unique("customer_key", keep="first", maintain_order=True)
    own = pl.col("intercompany").fill_null(value=False)
    since = pl.when(pl.col("since") <= as_of).then("since")
    customers = listed.select(*WHO, since.alias("since"), own.alias("own"))
    silent = customers.filter(pl.col("since").is_not_null()).join(
        first, on="customer_key", how="anti"
    )
    named = posted.parties.unique("customer_key", keep="first", maintain_order=True)
    rows = first.join(
        named.select(*WHO), on="customer_key", how="left", maintain_order="left"
    ).join(customers.select("customer_key", "since", "own"), on="customer_key", how="left")
    frame = pl.concat([rows, silent], how="diagonal_relaxed")
    begun = pl.min_horizontal("first", "since")
    return frame.filter(~pl.col("own").fill_null(value=False)).select(
        *WHO,
        "first",
        months_known=complete_months(begun, as_of),
        years_trading=complete_months(pl.col("since"), as_of) / 12,
    )


def _disputes(ledger: Ledger, as_of: date) -> pl.DataFrame:
    """Disputes opened by a date; one that was closed later was still open then."""
    return ledger["disputes"].filter(pl.col("opened_on") <= as_of)
