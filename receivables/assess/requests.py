"""Requests that still wait for a decision or a second signature, and who has to decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from receivables import money
from receivables.assess.approval_tiers import Tier, approver, words
from receivables.assess.approvals import granted, signatures
from receivables.errors import ReceivablesError
from receivables.ledger.findings import Findings
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.spelling import fold

REQUESTS: dict[str, pl.DataType] = {
    "approval_no": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "kind": pl.String(),
    "currency": pl.String(),
    "amount": pl.Int64(),
    "total": pl.Int64(),
    "requested_by": pl.String(),
    "requested_on": pl.Date(),
    "waiting_days": pl.Int64(),
    "signed": pl.Int64(),
    "needed": pl.Int64(),
    "role": pl.String(),
}


def requests(
    ledger: Ledger,
    exposures: pl.DataFrame,
    as_of: date,
    findings: Findings,
    tiers: Sequence[Tier] = (),
) -> pl.DataFrame:
    """Requests made by the date, not refused and short of signatures (`REQUESTS`), oldest first.

    The exposure after the request decides: as the row states it; a limit's own amount; else the
    exposure in the currency of the request plus the amount. Without tiers one signature is needed and
    no role is named. Reviews wait for no approval: `reviews` lists those.

    Args:
        ledger: checked tables.
        exposures: frame of `limit_table`.
        as_of: day of the question.
        findings: where `signatures` reports what does not count.
        tiers: the firm's own, as `tiers_of` gives them.
    """
    approvals = ledger["approvals"]
    kind = pl.col("kind").map_elements(fold, return_dtype=pl.String)
    review = pl.Series([*words("review")], dtype=pl.String).implode()
    asked = approvals.filter(
        ~kind.is_in(review), pl.coalesce("requested_on", "decided_on") <= as_of
    )
    refused = asked.filter(
        pl.col("decision").map_elements(_refused, return_dtype=pl.Boolean).fill_null(value=False),
        (pl.col("decided_on") <= as_of) | pl.col("decided_on").is_null(),
    )["approval_no"]
    open_ones = asked.filter(~pl.col("approval_no").is_in(refused.unique().implode()))
    first = open_ones.unique("approval_no", keep="first", maintain_order=True)
    signed = (
        signatures(approvals, as_of, findings)
        .group_by("approval_no")
        .agg(pl.len().cast(pl.Int64).alias("signed"))
    )
    frame = _with_names(first, ledger, exposures).join(signed, on="approval_no", how="left")
    frame = frame.with_columns(pl.col("signed").fill_null(0), total=_total(kind))
    frame = frame.with_columns(*_tier_columns(frame, tiers))
    return (
        frame.filter(pl.col("signed") < pl.col("needed"))
        .with_columns(waiting_days=(pl.lit(as_of) - pl.col("requested_on")).dt.total_days())
        .sort("requested_on", "approval_no", nulls_last=False)
        .select(*REQUESTS)
        .cast(REQUESTS)  # type: ignore[arg-type]
    )


def _refused(decision: str) -> bool:
    return not granted(decision) and fold(decision) in words("refused")


def _with_names(first: pl.DataFrame, ledger: Ledger, exposures: pl.DataFrame) -> pl.DataFrame:
    customers = ledger["customers"]
    names = customers.select(folded(customers["customer_id"]).alias("customer_key"), "name")
    keyed = first.with_columns(folded(first["customer_id"].fill_null("")).alias("customer_key"))
    owed = exposures.select("customer_key", "currency", pl.col("exposure").alias("_owed"))
    return keyed.join(names.unique("customer_key"), on="customer_key", how="left").join(
        owed, on=("customer_key", "currency"), how="left"
    )


def _total(kind: pl.Expr) -> pl.Expr:
    limit = kind.is_in(pl.Series([*words("limit")], dtype=pl.String).implode())
    asked = (
        pl.when(limit).then("amount").otherwise(pl.col("_owed").fill_null(0) + pl.col("amount"))
    )
    return pl.coalesce("exposure_after", asked)


def _tier_columns(frame: pl.DataFrame, tiers: Sequence[Tier]) -> tuple[pl.Series, pl.Series]:
    """Signatures and role that each request needs; a role nobody has is left blank."""
    needed, roles = [], []
    for total, currency in frame.select("total", "currency").iter_rows():
        tier = _tier(total, currency or "", tiers)
        needed.append(tier.signatures if tier else 1)
        roles.append(tier.role if tier else None)
    return pl.Series("needed", needed, dtype=pl.Int64), pl.Series("role", roles, dtype=pl.String)


def _tier(total: int | None, currency: str, tiers: Sequence[Tier]) -> Tier | None:
    """The tier that decides, for the worst grade: who may decide on it may decide on any."""
    named = [tier for tier in tiers if tier.currency in {"", currency}]
    if total is None or not named:
        return None
    try:
        return approver(money.to_decimal(total, currency), Decimal(0), named, grade=10)
    except ReceivablesError:
        return None
