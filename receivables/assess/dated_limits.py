"""The limits in force on a date: dated rows of Limits, or the customer file where there is none."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables import money
from receivables.assess.exposure import component_words
from receivables.ledger.findings import Findings
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.spelling import fold

SUBJECT = ("subject", "kind", "component")
LIMITS: dict[str, pl.DataType] = {
    "subject": pl.String(),
    "kind": pl.String(),
    "component": pl.String(),
    "amount": pl.Int64(),
    "currency": pl.String(),
    "valid_from": pl.Date(),
    "decided_by": pl.String(),
    "source": pl.String(),
}
TABLE, FILE = "limits", "customers"


def limits_at(ledger: Ledger, as_of: date, findings: Findings) -> pl.DataFrame:
    """One limit per subject (customer or group key), kind and component: the one that began last.

    First and last day are included; no first day = always, no last day = until another begins. A row
    of Limits, even one that has ended, wins over the customer file: the limit was looked at since.
    Two that began on the same day and differ: the lower amount, and an Issue; in two currencies
    likewise.

    Returns:
        `LIMITS`, money in minor units; `source` is limits or customers.
    """
    rows = _rows(ledger, findings)
    nameless = pl.col("currency").fill_null("") == ""
    told = rows.filter(nameless).with_columns(value=pl.col("customer_id"))
    findings.add("limit_no_currency", TABLE, told, "currency")
    rows = rows.filter(~nameless)
    ends = pl.col("valid_to").is_null() | (pl.col("valid_to") >= as_of)
    begun = rows.filter((pl.col("valid_from") <= as_of) | pl.col("valid_from").is_null())
    first = pl.col("valid_from").fill_null(date.min)
    newest = begun.filter(ends).filter(first == first.max().over(SUBJECT))
    differ = pl.struct("amount", "currency").n_unique().over(SUBJECT) > 1
    double = newest.filter(differ & (pl.col("kind") != "insured"))
    findings.add("limit_double", TABLE, double.with_columns(value=pl.col("customer_id")), "amount")
    dated = (
        newest.sort(*SUBJECT, "amount", "_row")
        .unique(SUBJECT, keep="first")
        .with_columns(pl.lit(TABLE).alias("source"))
    )
    filed = _customer_file(ledger, begun, findings)
    return pl.concat([dated.select(*LIMITS), filed]).cast(LIMITS).sort(*SUBJECT)  # type: ignore[arg-type]


def _rows(ledger: Ledger, findings: Findings) -> pl.DataFrame:
    """Limits with kind and component known; what names no component of ours is reported."""
    limits = ledger["limits"]
    part = limits["component"].map_elements(
        lambda text: component_words().get(fold(text), ""), return_dtype=pl.String
    )
    known = limits.with_columns(
        folded(limits["customer_id"]).alias("subject"),
        pl.col("kind").fill_null("own"),
        part.fill_null("").alias("component"),
        pl.col("component").alias("_said"),
    )
    astray = (pl.col("kind") == "component") & (pl.col("component") == "")
    told = known.filter(astray).with_columns(value=pl.col("_said"))
    findings.add("limit_component", TABLE, told, "component")
    return known.filter(~astray).with_columns(
        pl.when(pl.col("kind") == "component")
        .then("component")
        .otherwise(pl.lit(""))
        .alias("component")
    )


def _customer_file(ledger: Ledger, dated: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Limits of the customer file, of those who never had a dated own limit.

    A customer without a currency has that of his documents, if they are in one.
    """
    filed = ledger["customers"].filter(pl.col("credit_limit").is_not_null())
    own = dated.filter(pl.col("kind") == "own")["subject"].unique().implode()
    rows = (
        filed.with_columns(folded(filed["customer_id"]).alias("subject"))
        .filter(~pl.col("subject").is_in(own))
        .unique("subject", keep="first", maintain_order=True)
        .join(_only_currency(ledger), on="subject", how="left", maintain_order="left")
    )
    named = pl.col("currency").fill_null("") != ""
    unknown = rows.filter(~named & pl.col("_used").is_null())
    told = unknown.with_columns(value=pl.col("customer_id"))
    findings.add("limit_no_currency", FILE, told, "credit_limit")
    rows = rows.filter(named | pl.col("_used").is_not_null())
    amounts = [
        size if code else money.to_minor(money.to_decimal(size, ""), used)
        for size, code, used in rows.select("credit_limit", "currency", "_used").iter_rows()
    ]
    return rows.select(
        "subject",
        pl.lit("own").alias("kind"),
        pl.lit("").alias("component"),
        pl.Series("amount", amounts, dtype=pl.Int64),
        pl.when(named).then("currency").otherwise("_used").alias("currency"),
        pl.lit(None, pl.Date).alias("valid_from"),
        pl.lit(None, pl.String).alias("decided_by"),
        pl.lit(FILE).alias("source"),
    )


def _only_currency(ledger: Ledger) -> pl.DataFrame:
    """Customers whose documents are in one currency, with it."""
    documents = ledger["documents"]
    return (
        documents.select(folded(documents["customer_id"]).alias("subject"), "currency")
        .group_by("subject")
        .agg(pl.col("currency").drop_nulls().unique().alias("_all"))
        .filter(pl.col("_all").list.len() == 1)
        .select("subject", pl.col("_all").list.first().alias("_used"))
    )
