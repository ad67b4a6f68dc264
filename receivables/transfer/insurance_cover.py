"""Cover of the ledger's invoices: reasons against it, the insured part, and what each buyer adds up to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from receivables import money
from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.findings import Findings
from receivables.rates import Rates
from receivables.transfer.cover import Claimed, at_rates, by_item, covered
from receivables.transfer.eligibility import Invoice, blocked
from receivables.transfer.indemnity import indemnity
from receivables.transfer.insured_tables import Held
from receivables.transfer.insurer_allocation import BUYER
from receivables.transfer.insurer_minimum import BELOW
from receivables.transfer.policy import InsurancePolicy
from receivables.transfer.rules import joined, reasons, scope_of

DECIDING = (
    "policy", "delivered", "due_on", "cover_scope", "marked", "legal_form", "intercompany",
    "reported_on", "dispute", "has_limit", "small",
)  # fmt: skip
NO_CLOCK = frozenset(
    {"not_insured", "no_policy", "no_ship_date", "scope", "buyer", "no_due_date", "no_limit"}
)
"""Reasons that leave a debt outside the policy: it stops no delivery to its buyer."""
STOPPED = "stopped"


def with_reasons(
    items: pl.DataFrame, held: list[Held], as_of: date, findings: Findings
) -> pl.DataFrame:
    """Items with `reasons` (codes joined by +, or eligible) and `stop_on`, the buyer's own stop.

    A buyer's deliveries stop with the first of his debts under the policy; what was shipped from
    that day on is not covered.
    """
    whole = pl.col("disputed") >= pl.col("insurer_open")
    facts = items.with_columns(
        dispute=pl.when(pl.col("disputed") <= 0).then(0).when(whole).then(2).otherwise(1),
        has_limit=pl.col("limit").fill_null(0) > 0,
    )
    facts = facts.with_columns(_scopes(facts, findings))
    known = {one.number: one.policy for one in held}
    first = _told(facts, known, as_of)
    outside = pl.col("reasons").str.split("+").list.set_intersection(list(NO_CLOCK))
    inside = outside.list.len() == 0
    owed = pl.when(inside & (pl.col("insurer_open") > 0)).then("stop_ship")
    stops = first.with_columns(owed.min().over("customer_key").alias("stop_on"))
    undated = stops.filter(pl.col("shipped_on").is_null() & pl.col("policy").is_not_null())
    if undated.height:
        findings.one("insured_ship_date", "documents", "shipped_on", count=f"{undated.height:,}")
    return _stopped(stops)


def with_cover(
    items: pl.DataFrame, held: list[Held], rates: Rates, as_of: date, findings: Findings
) -> pl.DataFrame:
    """Items with `insured` and `at_stake`: oldest first up to the limit at each shipment."""
    codes = {code for code, one in reasons().items() if one.blocks}
    against = pl.col("reasons").str.split("+").list.set_intersection(list(codes))
    eligible = (against.list.len() == 0) & (pl.col("insurer_open") > 0)
    asked = items.filter(eligible).sort("customer_key", "due_on", "item")
    gross = {one.number for one in held if one.policy.tax_included}
    taxed = ~pl.col("policy").is_in(list(gross)) if gross else pl.lit(value=True)
    asked = asked.with_columns(tax=pl.when(taxed).then("tax_amount"), taxed=taxed)
    unknown = asked.filter(pl.col("taxed") & pl.col("tax").is_null()).height
    if unknown:
        findings.one("insured_tax_unknown", "documents", "tax_amount", count=f"{unknown:,}")
    names = ("item", "customer_key", "currency", "insurer_open", "disputed", "amount", "tax", "limit", "limit_currency")  # fmt: skip
    rows = (Claimed._make((*row[:8], row[8] or "")) for row in asked.select(names).iter_rows())
    found = by_item(covered(rows, at_rates(rates, as_of)))
    _report_rates(asked, {item for item, one in found.items() if one.why}, findings)
    shares = {one.number: one.policy.insured_share for one in held}
    policies = dict(asked.select("item", "policy").iter_rows())
    parts = [
        (one.item, one.insured, _share_of(one.insured, shares.get(policies[one.item])))
        for one in found.values()
    ]
    schema = {"item": pl.Int64(), "insured": pl.Int64(), "at_stake": pl.Int64()}
    frame = pl.DataFrame(parts, schema=schema, orient="row")
    return (
        items.drop("insured")
        .join(frame, on="item", how="left", maintain_order="left")
        .with_columns(pl.col("insured", "at_stake").fill_null(0))
    )


def with_buyers(items: pl.DataFrame, held: list[Held], rates: Rates, as_of: date) -> pl.DataFrame:
    """One row per company, customer and currency with insured debt, stop-ship and indemnity."""
    sums = items.group_by(*BUYER, maintain_order=True).agg(
        pl.col("customer_id", "name", "insolvent_on").first(),
        pl.col("ledger_open", "insurer_open", "insured", "at_stake").sum(),
        pl.col("at_stake").filter(pl.col("action") == "report").sum().alias("to_report"),
        pl.col("insurer_open").filter(pl.col("state") == "missed").sum().alias("missed"),
        pl.col("stop_on").first().alias("stop_ship"),
        pl.col("policy").filter(pl.col("insured") > 0).max().alias("policy"),
    )
    known = {one.number: one for one in held}
    paid = [
        _paid(insured, currency, known.get(number), rates, as_of)
        for insured, currency, number in sums.select("insured", "currency", "policy").iter_rows()
    ]
    return sums.with_columns(
        (pl.col("insurer_open") - pl.col("insured")).alias("uninsured"),
        (pl.col("stop_ship") <= pl.lit(as_of)).fill_null(value=False).alias("stop_now"),
        pl.Series("indemnity", paid, dtype=pl.Int64),
        pl.Series("policy_no", [known[n].policy.policy_no if n in known else None for n in sums["policy"]], dtype=pl.String),
    ).sort(~pl.col("stop_now"), "to_report", "insurer_open", "customer_key", descending=[False, True, True, False])  # fmt: skip


def _told(facts: pl.DataFrame, known: dict[int, InsurancePolicy], as_of: date) -> pl.DataFrame:
    """Reasons, asked once for every combination of what decides."""
    asked = facts.select(DECIDING).unique(maintain_order=True)
    told = [_reasons(row, known, as_of) for row in asked.iter_rows(named=True)]
    answers = asked.with_columns(pl.Series("reasons", told, dtype=pl.String))
    return facts.join(
        answers, on=list(DECIDING), how="left", maintain_order="left", nulls_equal=True
    )


def _stopped(items: pl.DataFrame) -> pl.DataFrame:
    """The reason `stopped` put in its place, where the shipment came on or after the stop."""
    late = (pl.col("delivered") >= pl.col("stop_on")).fill_null(value=False)
    flagged = items.with_columns(late=late)
    asked = flagged.select("reasons", "late").unique(maintain_order=True)
    told = [
        joined(
            [code for code in reasons() if code in text.split("+") or (late and code == STOPPED)]
        )
        for text, late in asked.iter_rows()
    ]
    answers = asked.with_columns(pl.Series("told", told, dtype=pl.String))
    found = flagged.join(answers, on=["reasons", "late"], how="left", maintain_order="left")
    return found.with_columns(pl.col("told").alias("reasons")).drop("told", "late")


def _reasons(row: dict[str, Any], known: dict[int, InsurancePolicy], as_of: date) -> str:
    policy = known.get(row["policy"])
    scope = row["cover_scope"] or ""
    invoice = Invoice(
        shipped_on=row["delivered"],
        due_on=row["due_on"],
        amount=Decimal(2),
        disputed_amount=Decimal(row["dispute"]),
        cover_scope=scope,
        insured=False if scope == "?" else row["marked"],
        legal_form=row["legal_form"] or "",
        intercompany=row["intercompany"],
        insurer_reported_on=row["reported_on"],
        insured_limit=Decimal(1) if row["has_limit"] else None,
        tested=frozenset({"insured_limit"}),
    )
    if policy is None:
        found = blocked(invoice, InsurancePolicy(), as_of)
        return joined([code for code in reasons() if code in {*found, "no_policy"}])
    against = blocked(invoice, policy, as_of)
    if row["small"]:
        against = [BELOW, *(code for code in against if code != "late_report")]
    return joined([code for code in reasons() if code in against])


def _scopes(facts: pl.DataFrame, findings: Findings) -> pl.Expr:
    """Scopes in our words; an unknown one is reported and becomes ?."""
    known: dict[str, str] = {}
    for text in facts["cover_scope"].drop_nulls().unique():
        try:
            known[text] = scope_of(text)
        except BadValueError:
            known[text] = "?"
            rows = facts.filter(pl.col("cover_scope") == text)
            told = rows.select("_source", "_row", value=pl.col("cover_scope"))
            findings.add("cover_scope_unknown", "documents", told, "cover_scope")
    return pl.col("cover_scope").replace_strict(known, default=None, return_dtype=pl.String)


def _share_of(insured: int, share: Decimal | None) -> int:
    """What the insurer pays of a part, half up; nil where the policy does not say its share."""
    return money.half_up(insured * share) if share is not None else 0


def _paid(insured: int, currency: str, one: Held | None, rates: Rates, as_of: date) -> int | None:
    """Indemnity if this buyer alone failed, in his currency; None where it cannot be said."""
    if one is None or one.policy.insured_share is None:
        return None if insured else 0
    home = one.policy.currency
    home = currency if home in {"", money.NO_CURRENCY} else home
    convert = at_rates(rates, as_of)
    try:
        debt = money.to_decimal(convert(insured, currency, home), home)
        paid = indemnity(debt, debt, one.policy).amount
        return convert(money.to_minor(paid, home), home, currency)
    except NotAvailableError:
        return None


def _report_rates(asked: pl.DataFrame, items: set[int], findings: Findings) -> None:
    lost = asked.filter(pl.col("item").is_in(list(items)))
    pairs = lost.group_by("currency", "limit_currency", maintain_order=True).agg(pl.len())
    for currency, target, count in pairs.iter_rows():
        findings.one("insured_no_rate", "limits", "currency", value=currency, target=target, count=f"{count:,}")  # fmt: skip
