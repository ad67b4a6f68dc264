"""Insurance over the whole ledger: what is insured, what must be reported by when, what is lost if not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.errors import Issue
from receivables.ledger.findings import Findings
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.ledger.posted import Posted
from receivables.monitor.insolvent_customers import insolvent_customers
from receivables.monitor.reserve_base import ecl_base
from receivables.rates import Rates
from receivables.transfer.insurance_clock import with_clock, with_states
from receivables.transfer.insurance_cover import with_buyers, with_cover, with_reasons
from receivables.transfer.insured_tables import (
    Held,
    held_policies,
    insured_limits,
    limits_at,
    policy_numbers,
)
from receivables.transfer.insurer_allocation import insurer_items
from receivables.transfer.insurer_minimum import without_small_clocks

OPTIONAL: dict[str, pl.DataType] = {
    "document_no": pl.String(), "instalment": pl.Int64(), "kind": pl.String(),
    "shipped_on": pl.Date(), "tax_amount": pl.Int64(), "cover_scope": pl.String(),
    "insured": pl.Boolean(), "insurer_reported_on": pl.Date(),
}  # fmt: skip
PARTY: dict[str, pl.DataType] = {
    "customer_id": pl.String(), "name": pl.String(), "legal_form": pl.String(),
    "intercompany": pl.Boolean(),
}  # fmt: skip
ITEMS = (
    "company", "customer_key", "customer_id", "name", "document_no", "instalment", "currency",
    "policy_no", "insurer", "shipped_on", "due_on", "days_overdue", "ledger_open", "insurer_open",
    "disputed", "limit", "limit_currency", "insured", "at_stake", "reasons", "extension_ends",
    "stop_ship", "notify", "act_by", "days_left", "collect", "claim_from", "claim_by",
    "reported_on", "state", "this_week", "action",
)  # fmt: skip
BUYERS = (
    "company", "customer_key", "customer_id", "name", "currency", "ledger_open", "insurer_open",
    "insured", "uninsured", "at_stake", "to_report", "missed", "stop_ship", "stop_now",
    "insolvent_on", "indemnity", "policy_no",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Insurance:
    """Insurance as of a date. Money is int64 minor units of the row's currency.

    `items` (`ITEMS`), most urgent first: `insured` is the part under cover after tax, dispute and
    limit; `at_stake` = insured × insured share, lost if the report is missed. `state`: not_due,
    extension, report, missed, reported, claim, expired, outside, small (below the policy's minimum), or settled where only the ledger's
    allocation leaves the invoice open. `this_week` marks what must leave
    the house within the week; `action` says what: report or claim.
    `buyers` (`BUYERS`), one row per company, customer and currency; `indemnity` is what the insurer
    would pay if this buyer alone failed now.
    """

    as_of: date
    items: pl.DataFrame
    buyers: pl.DataFrame
    policies: tuple[Held, ...]
    issues: tuple[Issue, ...]

    def week(self) -> pl.DataFrame:
        """Invoices on which to act this week, by the day to act."""
        return self.items.filter("this_week")


def insurance(
    posted: Posted,
    ledger: Ledger,
    opened: OpenItems,
    *,
    rates: Rates | None = None,
    holidays: Collection[date] = (),
    engine: str = "polars",
    language: str = "en",
) -> Insurance:
    """Policies and dated limits against the debt as the insurer counts it.

    Every clock runs from the original due date. A limit counts as it stood on the day of shipment;
    a buyer's receipts are credited to his oldest invoice.

    Args:
        posted: the linked ledger.
        ledger: its checked tables: InsurancePolicies, Limits, Disputes, Events.
        opened: open items of the date in document currency.
        rates: the Rates table, for limits in another currency.
        holidays: days nobody works, besides Saturday and Sunday.
        engine: polars, duckdb, pandas or pyspark.
        language: of Issues, en or zh.
    """
    as_of = opened.as_of
    findings = Findings(ledger.sources, language)
    held = held_policies(ledger, findings)
    limits = insured_limits(ledger, as_of, held, findings)
    items = _described(posted, ledger, opened, engine)
    items = items.with_columns(policy_numbers(items, held).alias("policy"))
    items = items.join(limits_at(items, limits), on="item", how="left", maintain_order="left")
    items = with_clock(items, held, as_of, holidays)
    items = without_small_clocks(items, held, rates or Rates(), as_of)
    items = with_reasons(items, held, as_of, findings)
    items = with_cover(items, held, rates or Rates(), as_of, findings)
    items = with_states(items, held, as_of)
    buyers = with_buyers(items, held, rates or Rates(), as_of)
    urgent = (~pl.col("this_week"), pl.col("act_by").is_null(), "act_by", "at_stake")
    shown = items.sort(*urgent, "item", descending=[False, False, False, True, False])
    return Insurance(
        as_of, shown.select(ITEMS), buyers.select(BUYERS), tuple(held), tuple(findings.all())
    )


def _described(posted: Posted, ledger: Ledger, opened: OpenItems, engine: str) -> pl.DataFrame:
    """The insurer's items with what decides their cover."""
    items = insurer_items(posted, opened.as_of, opened.match_cutoff, engine=engine)
    details = posted.details.select(
        "item", *_known(posted.details, OPTIONAL), *_place(posted.details)
    )
    parties = posted.parties.unique(["company", "customer_key"], keep="first", maintain_order=True)
    parties = parties.select("company", "customer_key", *_known(parties, PARTY))
    amounts = posted.items.select("item", "amount")
    disputed = ecl_base(opened, disputes=ledger["disputes"]).items.select(
        "item", pl.col("dilution").alias("disputed")
    )
    return (
        items.join(details, on="item", how="left", maintain_order="left")
        .join(parties, on=["company", "customer_key"], how="left", maintain_order="left")
        .join(amounts, on="item", how="left", maintain_order="left")
        .join(disputed, on="item", how="left", maintain_order="left")
        .join(
            insolvent_customers(ledger["events"], opened.as_of).drop("opened_on"),
            on="customer_key",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            pl.min_horizontal(pl.col("disputed").fill_null(0), "insurer_open").alias("disputed"),
            pl.coalesce("shipped_on", "issued_on").alias("delivered"),
            pl.when(pl.col("insurer_reported_on") <= opened.as_of)
            .then("insurer_reported_on")
            .alias("reported_on"),
            pl.col("insured").alias("marked"),
        )
    )


def _known(frame: pl.DataFrame, wanted: dict[str, pl.DataType]) -> list[pl.Expr]:
    return [
        (pl.col(name) if name in frame.columns else pl.lit(None))
        .cast(kind, strict=False)
        .alias(name)
        for name, kind in wanted.items()
    ]


def _place(details: pl.DataFrame) -> list[pl.Expr]:
    """Where each row was read; documents alone, as their columns are asked about."""
    return [
        (pl.col(name) if name in details.columns else pl.lit(None)).cast(pl.Int64).alias(name)
        for name in ("_source", "_row")
    ]
