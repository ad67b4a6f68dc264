"""Limits that were raised, and whether enough other people signed for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from receivables import money
from receivables.assess.approval_tiers import Tier, words
from receivables.assess.approvals import signatures
from receivables.ledger.findings import Findings
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.spelling import fold

OURS = ("own", "group", "component")
"""Kinds of limits that we decide; the insurer decides on his."""


def raised_limits(
    ledger: Ledger, as_of: date, findings: Findings, tiers: Sequence[Tier] = ()
) -> pl.DataFrame:
    """Raised limits, and first ones since approvals are kept, that lack signatures as of a date.

    A limit is covered by granted requests of kind limit for the same customer or group, of at least
    its amount in its currency, decided on or before its first day. Without tiers one signature of
    another person than who asks is needed; with them, as many as the tier of the amount says.

    Returns:
        customer_id, kind, amount, currency, valid_from, signed, needed.
    """
    signed = signatures(ledger["approvals"], as_of, findings)
    meant = pl.col("kind").map_elements(fold, return_dtype=pl.String)
    limit_words = pl.Series([*words("limit")], dtype=pl.String).implode()
    signed = signed.filter(meant.is_in(limit_words)).with_columns(
        folded(signed.filter(meant.is_in(limit_words))["customer_id"].fill_null("")).alias(
            "subject"
        )
    )
    raised = _raised(ledger["limits"], as_of, _kept_since(signed), findings)
    rows = raised.join(
        signed.select(
            "subject", "currency", pl.col("amount").alias("_granted"), "decided_on", "_decided_by",
        ),
        on=("subject", "currency"),
        how="left",
    )  # fmt: skip
    first = pl.col("valid_from").fill_null(as_of)
    counts = (pl.col("_granted") >= pl.col("amount")) & (pl.col("decided_on") <= first)
    sums = rows.group_by("_source", "_row").agg(
        pl.col("_decided_by").filter(counts).n_unique().cast(pl.Int64).alias("signed")
    )
    rows = raised.join(sums, on=("_source", "_row"), how="left").with_columns(
        _needed(raised, tiers)
    )
    short = rows.filter(pl.col("signed") < pl.col("needed")).sort("_source", "_row")
    _report(short, findings)
    return short.select(
        "customer_id", "kind", "amount", "currency", "valid_from", "signed", "needed"
    )


def _kept_since(signed: pl.DataFrame) -> date:
    """Day of the first approval of a limit on record; before it nobody can tell who signed."""
    days = signed.select(pl.coalesce("requested_on", "decided_on")).to_series().drop_nulls()
    return min(days, default=date.max)


def _raised(
    limits: pl.DataFrame, as_of: date, kept_since: date, findings: Findings
) -> pl.DataFrame:
    """Our limits that began by the date and are higher than the one before; or the first of their kind."""
    ours = limits.with_columns(
        folded(limits["customer_id"]).alias("subject"), pl.col("kind").fill_null("own")
    ).filter(
        pl.col("kind").is_in(OURS),
        (pl.col("valid_from") <= as_of) | pl.col("valid_from").is_null(),
    )
    book = ("subject", "kind", "component", "currency")
    begun = pl.col("valid_from").fill_null(date.min)
    ordered = ours.sort(*book, begun, "_row").with_columns(
        before=pl.col("amount").shift(1).over(book)
    )
    old = pl.col("before").is_null() & (begun < kept_since) & (pl.col("amount") > 0)
    count = ordered.filter(old).height
    if count:
        findings.one("limit_before_approvals", "limits", "valid_from", value=f"{count:,}")
    return ordered.filter(~old, pl.col("amount") > pl.col("before").fill_null(0))


def _needed(raised: pl.DataFrame, tiers: Sequence[Tier]) -> pl.Series:
    """Signatures that each amount needs; more than anybody may approve counts as one person more."""
    needed = []
    most = max((tier.signatures for tier in tiers), default=0)
    for amount, currency in raised.select("amount", "currency").iter_rows():
        named = [tier for tier in tiers if tier.currency in {"", currency}]
        size = money.to_decimal(amount, currency)
        fits = [tier for tier in named if tier.up_to is None or size <= tier.up_to]
        needed.append(fits[0].signatures if fits else (most + 1 if named else 1))
    return pl.Series("needed", needed, dtype=pl.Int64)


def _report(short: pl.DataFrame, findings: Findings) -> None:
    shown = [
        money.text(size, code) for size, code in short.select("amount", "currency").iter_rows()
    ]
    told = short.with_columns(
        pl.Series("amount", shown, dtype=pl.String),
        value=pl.col("customer_id"),
        valid_from=pl.col("valid_from").cast(pl.String).fill_null("the beginning"),
    )
    none = pl.col("signed") == 0
    findings.add("limit_unapproved", "limits", told.filter(none), "amount")
    findings.add("limit_signatures", "limits", told.filter(~none), "amount")
