"""Policies and insured limits of a ledger: those that can be used, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

import polars as pl

from receivables import money
from receivables.errors import ReceivablesError
from receivables.ledger.findings import Findings
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.transfer.policy import InsurancePolicy

POLICIES = "insurance_policies"
NEEDED = ("insured_share", "max_extension_days", "declare_days")
LIMITS: dict[str, pl.DataType] = {
    "customer_key": pl.String(),
    "limit": pl.Int64(),
    "limit_currency": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A policy of the ledger; the later one wins where two cover a day."""

    number: int
    policy: InsurancePolicy
    complete: bool


def held_policies(ledger: Ledger, findings: Findings) -> list[Held]:
    """Policies oldest first; an impossible one is reported and left out.

    One that does not say its share, extension or declaration window is reported and kept: which
    invoices it covers is known, what it pays is not.
    """
    frame = ledger[POLICIES].sort("valid_from", "policy_no", nulls_last=False)
    found = []
    for number, row in enumerate(frame.iter_rows(named=True)):
        place = pl.DataFrame([{"_source": row["_source"], "_row": row["_row"]}])
        try:
            policy = InsurancePolicy.from_ledger(row, row["currency"] or money.NO_CURRENCY)
            policy.ceiling()
        except ReceivablesError as fault:
            told = place.with_columns(value=pl.lit(row["policy_no"]), why=pl.lit(str(fault)))
            findings.add("policy_impossible", POLICIES, told, "policy_no")
            continue
        gaps = [name for name in NEEDED if getattr(policy, name) is None]
        if gaps:
            told = place.with_columns(
                value=pl.lit(row["policy_no"]), missing=pl.lit(", ".join(gaps))
            )
            findings.add("policy_incomplete", POLICIES, told, gaps[0])
        found.append(Held(number, policy, complete=not gaps))
    _overlaps(found, frame, findings)
    return found


def insured_limits(
    ledger: Ledger, as_of: date, held: list[Held], findings: Findings
) -> pl.DataFrame:
    """Insured limits that had begun by a date; a limit that no policy goes with is reported.

    Where two begin on one day the lower one counts, and the pair is reported.
    """
    rows = ledger["limits"].filter(
        (pl.col("kind") == "insured") & (pl.col("valid_from").fill_null(date.min) <= as_of)
    )
    rows = rows.with_columns(folded(rows["customer_id"]).alias("customer_key"))
    lonely = rows.filter(~_within_any(held))
    findings.add("limit_without_policy", "limits", lonely.with_columns(value=pl.col("customer_id")), "customer_id")  # fmt: skip
    key = ["customer_key", "valid_from"]
    twice = rows.filter(
        pl.struct(key).is_duplicated() & (pl.col("amount").n_unique().over(key) > 1)
    )
    findings.add(
        "limit_twice", "limits", twice.with_columns(value=pl.col("customer_id")), "amount"
    )
    return (
        rows.sort("amount", nulls_last=True)
        .unique(key, keep="first", maintain_order=True)
        .select(
            "customer_key",
            pl.col("amount").alias("limit"),
            pl.col("currency").alias("limit_currency"),
            "valid_from",
            "valid_to",
        )
        .cast(dict(LIMITS))  # type: ignore[arg-type]
    )


def policy_numbers(frame: pl.DataFrame, held: list[Held]) -> pl.Series:
    """Number of the policy in force at each row's `delivered`, null where none was.

    Args:
        frame: company, delivered.
        held: of `held_policies`.
    """
    found = pl.lit(None, pl.Int64)
    for one in held:
        policy = one.policy
        fits = pl.col("delivered") >= pl.lit(policy.valid_from)
        if policy.valid_to:
            fits &= pl.col("delivered") <= pl.lit(policy.valid_to)
        if policy.company:
            fits &= pl.col("company") == policy.company
        found = pl.when(fits).then(pl.lit(one.number, pl.Int64)).otherwise(found)
    return frame.with_columns(found.alias("policy"))["policy"]


def limits_at(frame: pl.DataFrame, limits: pl.DataFrame) -> pl.DataFrame:
    """item, limit, limit_currency: of the limits in force on the day, the one that began last."""
    after = pl.col("valid_from").fill_null(date.min) <= pl.col("delivered")
    before = pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.col("delivered"))
    return (
        frame.select("item", "customer_key", "delivered")
        .join(limits, on="customer_key", how="inner")
        .filter(after & before)
        .sort(pl.col("valid_from").fill_null(date.min))
        .unique("item", keep="last", maintain_order=True)
        .select("item", "limit", "limit_currency")
    )


def _within_any(held: list[Held]) -> pl.Expr:
    found = pl.lit(value=False)
    for one in held:
        policy = one.policy
        ends = pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.lit(policy.valid_from))
        begins = (
            pl.lit(value=True)
            if policy.valid_to is None
            else pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.lit(policy.valid_to))
        )
        found = found | (ends & begins)
    return found


def _overlaps(found: list[Held], frame: pl.DataFrame, findings: Findings) -> None:
    rows: list[dict[str, Any]] = []
    for one, other in combinations(found, 2):
        ends, begins = one.policy.valid_to, other.policy.valid_from
        same = not one.policy.company or not other.policy.company or one.policy.company == other.policy.company  # fmt: skip
        if same and begins and (ends is None or ends >= begins):
            place = frame.row(other.number, named=True)
            rows.append(
                {
                    "_source": place["_source"], "_row": place["_row"],
                    "value": other.policy.policy_no, "other": one.policy.policy_no,
                }
            )  # fmt: skip
    if rows:
        findings.add("policy_overlap", POLICIES, pl.DataFrame(rows), "valid_from")
