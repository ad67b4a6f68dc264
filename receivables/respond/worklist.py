"""Whom to call today and why: every reason of every customer, ranked by what is dearest to miss."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from receivables import money
from receivables.errors import NotAvailableError
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.ledger.posted import Posted
from receivables.rates import Rates
from receivables.respond import worklist_reasons as why
from receivables.respond.disputes_ledger import dispute_clocks
from receivables.respond.plans_ledger import plan_states
from receivables.respond.promises import live_promises
from receivables.respond.worklist_facts import ROW, held, last_contacts, owed, unmatched

WORKLIST: dict[str, pl.DataType] = {
    "place": pl.Int64(),
    "rank": pl.Int64(),
    "customer_key": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "reasons": pl.String(),
    "why": pl.String(),
    "overdue": pl.Int64(),
    "oldest_days": pl.Int64(),
    "open": pl.Int64(),
    "disputed": pl.Int64(),
    "unapplied": pl.Int64(),
    "promised_on": pl.Date(),
    "promised": pl.Int64(),
    "last_on": pl.Date(),
    "last_how": pl.String(),
    "last_note": pl.String(),
    "next_on": pl.Date(),
    "agreed": pl.String(),
    "contact": pl.String(),
    "phone": pl.String(),
    "who": pl.String(),
}
"""One row per customer and currency. `reasons` are names of `worklist_reasons.csv` joined by +,
`why` their sentences; `promised` is what is still to come of the next or the oldest broken promise;
`who` looks after the customer: owner of the last contact, of the promise, or the salesperson."""

HELD: dict[str, pl.DataType] = {
    "customer_key": pl.String(), "customer_id": pl.String(), "name": pl.String(),
    "currency": pl.String(), "overdue": pl.Int64(), "hold": pl.String(), "hold_on": pl.Date(),
}  # fmt: skip
"""Customers with a reason who are not to be called: `insolvent` since, `on_hold` until the day."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """Calls of one date (`WORKLIST`), and who is left out of them (`HELD`).

    `compared_in` is the currency in which overdue × days of customers are compared; those without a
    rate to it come after the others of their rank.
    """

    as_of: date
    frame: pl.DataFrame
    held: pl.DataFrame
    compared_in: str


def worklist(
    posted: Posted,
    ledger: Ledger,
    opened: OpenItems,
    *,
    insured: pl.DataFrame | None = None,
    limits: pl.DataFrame | None = None,
    rates: Rates | None = None,
    compared_in: str = "",
    top: int = 10,
    language: str = "en",
) -> Worklist:
    """Customers to call, ranked by their gravest reason, then by overdue amount × days late.

    An insolvent customer, or one on hold, is listed only where the insurer's clock runs; the others
    of them are in `held`. Money in minor units of the row's currency.

    Args:
        posted: the linked ledger.
        ledger: checked tables: Promises, Plans, Disputes, Contacts, Events, Customers.
        opened: open items of the date in document currency.
        insured: `Insurance.items`, where the ledger has policies.
        limits: `LimitTable.frame`, where it has limits.
        rates: the Rates table.
        compared_in: currency in which debts are compared; "" = the one most customers owe in.
        top: customers that count as large in a currency.
        language: of the sentences, en or zh.
    """
    live = live_promises(posted, opened, ledger["promises"])
    plans = plan_states(ledger, opened)
    facts = owed(opened, ledger["disputes"], live, plans)
    waiting = unmatched(opened)
    contacts = last_contacts(ledger["contacts"], opened.as_of)
    found = [
        why.of_promises(live, language),
        why.of_plans(plans, language),
        why.of_contacts(contacts, opened, language),
        why.of_disputes(dispute_clocks(ledger, opened), opened.as_of, language),
        why.of_debt(facts, opened, 0 if ledger.kind == "open_items" else top, language),
        why.of_money(waiting, opened, language),
    ]
    found += [why.of_insurer(insured, language)] if insured is not None else []
    found += [why.of_limits(limits, language)] if limits is not None else []
    rows = _placed(pl.concat(found), facts)
    rows = _described(rows, (facts, waiting, _next_promise(live)), contacts, opened, ledger)
    target = compared_in or _usual(facts)
    return _ranked(rows, opened.as_of, rates or Rates(), target)


def _described(
    rows: pl.DataFrame, amounts: tuple[pl.DataFrame, ...], contacts: pl.DataFrame,
    opened: OpenItems, ledger: Ledger,
) -> pl.DataFrame:  # fmt: skip
    """Rows with what is known of the debt and of the customer."""
    for part in amounts:
        own = part.drop("customer_id", "name", "since", strict=False)
        rows = rows.join(own, on=ROW, how="left", maintain_order="left")
    for part in (contacts, _known(opened, ledger), held(ledger, opened.as_of)):
        rows = rows.join(part, on="customer_key", how="left", maintain_order="left")
    return rows.with_columns(
        pl.coalesce("owner", "promise_owner", "salesperson").alias("who"),
        pl.col("overdue", "oldest_days", "open", "disputed", "unapplied").fill_null(0),
    )


def _ranked(rows: pl.DataFrame, as_of: date, rates: Rates, target: str) -> Worklist:
    rows = rows.with_columns(_weight(rows, rates, target, as_of))
    stays = pl.col("hold").is_null() | (pl.col("rank") == why.reasons()["insurer"].rank)
    order = ["rank", "weight", "overdue", "customer_id", "currency"]
    calls = rows.filter(stays).sort(
        order, descending=[False, True, True, False, False], nulls_last=True
    )
    calls = calls.with_columns(place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    left_out = rows.filter(~stays).select(*HELD).sort("customer_id", "currency")
    return Worklist(as_of, calls.select(*WORKLIST).cast(pl.Schema(WORKLIST)), left_out, target)


def _placed(found: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Reasons joined per customer and currency; one about the whole customer goes to his largest debt."""
    largest = (
        facts.sort("overdue", "open", "currency", descending=[True, True, False])
        .unique("customer_key", keep="first", maintain_order=True)
        .select("customer_key", main="currency")
    )
    known = facts.select(*ROW, known=pl.lit(value=True))
    placed = (
        found.join(known, on=ROW, how="left", maintain_order="left")
        .join(largest, on="customer_key", how="left", maintain_order="left")
        .with_columns(
            currency=pl.when("known").then("currency").otherwise(pl.coalesce("main", "currency"))
        )
    )
    return (
        placed.sort("rank", maintain_order=True)
        .group_by(ROW, maintain_order=True)
        .agg(
            pl.col("rank").min(), reasons=pl.col("reason").unique(maintain_order=True).str.join("+"),
            why=pl.col("why").str.join("; "),
        )
    )  # fmt: skip


def _next_promise(live: pl.DataFrame) -> pl.DataFrame:
    """The oldest promise of each customer that is not kept yet."""
    return (
        live.sort("pay_on", maintain_order=True)
        .group_by(ROW, maintain_order=True)
        .agg(
            promised_on=pl.col("pay_on").first(), promised=pl.col("amount").first(),
            promise_owner=pl.col("owner").drop_nulls().first(),
        )
    )  # fmt: skip


def _known(opened: OpenItems, ledger: Ledger) -> pl.DataFrame:
    """Name, contact, phone and salesperson by customer, those without any posting included."""
    customers = ledger["customers"]
    filed = customers.with_columns(folded(customers["customer_id"]).alias("customer_key"))
    names = ("customer_id", "name", "contact", "phone", "salesperson")
    parts = [
        part.select(
            "customer_key",
            *(
                pl.col(name) if name in part.columns else pl.lit(None, pl.String).alias(name)
                for name in names
            ),
        )
        for part in (opened.parties, filed)
    ]
    return pl.concat(parts).unique("customer_key", keep="first", maintain_order=True)


def _usual(facts: pl.DataFrame) -> str:
    counts = facts.group_by("currency").len().sort("len", "currency", descending=[True, False])
    return str(counts["currency"][0]) if counts.height else ""


def _weight(rows: pl.DataFrame, rates: Rates, target: str, as_of: date) -> pl.Series:
    """Overdue × days in the currency of comparison; null without a rate. It orders and is not shown."""
    factors: dict[str, float | None] = {}
    for code in rows["currency"].unique().drop_nulls():
        try:
            rate = rates.find(code, target, as_of).value
            factors[code] = float(rate * Fraction(money.to_decimal(1, code)))
        except NotAvailableError:
            factors[code] = None
    factor = pl.col("currency").replace_strict(factors, default=None, return_dtype=pl.Float64)
    return rows.select((pl.col("money_days").fill_null(0) * factor).alias("weight")).to_series()
