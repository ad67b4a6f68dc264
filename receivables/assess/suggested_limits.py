"""The limit that the policy suggests for every customer of a ledger, beside the one in force."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.assess.limit_policy import LimitPolicy
from receivables.assess.limits import suggest
from receivables.days import edate
from receivables.errors import ReceivablesError
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.monitor.country_risk import country_risk

MONTHS = 12
SALES = ("invoice", "debit_note", "credit_note", "reversal")


def suggested(
    frame: pl.DataFrame,
    ledger: Ledger,
    as_of: date,
    grades: pl.DataFrame,
    policy: LimitPolicy | None = None,
) -> pl.Series:
    """Suggested limit per row of `limit_table`, in minor units; null where no grade or no figures.

    Monthly purchases = postings of the last 12 months in the currency of the row ÷ 12, or ÷ the months
    since the first of them. Terms are those of the customer; insured limit and country class count.

    Args:
        frame: frame of `limit_table`.
        ledger: checked tables.
        as_of: day of the question.
        grades: customer_key and grade.
        policy: default the shipped one.
    """
    rules = policy or LimitPolicy.default()
    customers = ledger["customers"]
    who = customers.select(
        folded(customers["customer_id"]).alias("customer_key"), "terms_days", "country"
    ).unique("customer_key", keep="first")
    graded = grades.select("customer_key", "grade").unique("customer_key", keep="first")
    rows = (
        frame.select("customer_key", "currency", "insured_limit")
        .join(_monthly(ledger, as_of), on=("customer_key", "currency"), how="left", maintain_order="left")
        .join(who, on="customer_key", how="left", maintain_order="left")
        .join(graded, on="customer_key", how="left", maintain_order="left")
    )  # fmt: skip
    classes = {text: _class(text) for text in who["country"].drop_nulls().unique()}
    found = [_one(row, classes, rules) for row in rows.iter_rows(named=True)]
    return pl.Series("suggested", found, dtype=pl.Int64)


def _monthly(ledger: Ledger, as_of: date) -> pl.DataFrame:
    documents = ledger["documents"]
    posted = pl.coalesce("posted_on", "issued_on")
    recent = documents.with_columns(
        folded(documents["customer_id"]).alias("customer_key"), posted.alias("_on")
    ).filter(
        pl.col("_on") <= as_of, pl.col("_on") > edate(as_of, -MONTHS), pl.col("kind").is_in(SALES)
    )
    months = ((pl.lit(as_of) - pl.col("_on").min()).dt.total_days() * MONTHS // 365 + 1).clip(
        1, MONTHS
    )
    return recent.group_by("customer_key", "currency").agg(
        pl.col("amount").sum().clip(lower_bound=0).alias("_sold"), months.alias("_months")
    )


def _class(country: str) -> str | None:
    try:
        return country_risk(country).risk_class
    except ReceivablesError:
        return None


def _one(row: dict[str, Any], classes: dict[str, str | None], rules: LimitPolicy) -> int | None:
    if row["grade"] is None or row["_sold"] is None or row["terms_days"] is None:
        return None
    code = row["currency"]
    facts = {
        "monthly_purchases": money.to_decimal(row["_sold"], code) / row["_months"],
        "terms_days": row["terms_days"],
        "grade": row["grade"],
        "country_class": classes.get(row["country"]),
    }
    if row["insured_limit"] is not None:
        facts["insured_limit"] = money.to_decimal(row["insured_limit"], code)
    try:
        return money.to_minor(suggest(facts, rules).limit, code)
    except ReceivablesError:
        return None
