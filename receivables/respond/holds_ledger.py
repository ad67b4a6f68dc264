"""Open orders of the ledger against limit, overdue debt, hold flags and the insurer's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from receivables import money
from receivables.errors import NotAvailableError, ReceivablesError
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.monitor.warnings_overdue import worst_overdue
from receivables.rates import Rates
from receivables.respond.order_hold import Decision, HoldPolicy, OrderFacts, decide, facts_of
from receivables.transfer.cover import Convert, at_rates
from receivables.transfer.insured_tables import limits_at

HOLDS: dict[str, pl.DataType] = {
    "order_no": pl.String(), "company": pl.String(), "customer_key": pl.String(),
    "customer_id": pl.String(), "name": pl.String(), "ordered_on": pl.Date(),
    "currency": pl.String(), "amount": pl.Int64(), "exposure": pl.Int64(), "limit": pl.Int64(),
    "overdue_days": pl.Int64(), "state": pl.String(), "reasons": pl.String(),
    "released_by": pl.String(), "released_on": pl.Date(), "note": pl.String(),
}  # fmt: skip
"""One row per open order; money in minor units of the order's currency. `note` says what could not
be tested."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a customer at the date."""

    name: str
    owed: Mapping[str, int]
    limit: int | None
    limit_currency: str
    overdue_days: int
    facts: Mapping[str, Any]


def order_holds(
    ledger: Ledger,
    opened: OpenItems,
    *,
    stops: Mapping[str, date] | None = None,
    insolvent: frozenset[str] = frozenset(),
    grades: Mapping[str, int] | None = None,
    rates: Rates | None = None,
    policy: HoldPolicy | None = None,
) -> pl.DataFrame:
    """Every order not yet delivered: ok, held with reasons, or released by name and date.

    Exposure is the open balance and all earlier open orders of the customer, in the order's
    currency at the as-of rate. Orders of a customer are tested in the order they came.

    Args:
        ledger: Orders, Limits (kind own), Customers.
        opened: open items of the date in document currency.
        stops: day by customer_key on which the insurer wants deliveries stopped.
        insolvent: customer_keys.
        grades: grade by customer_key.
        rates: for balances and limits in other currencies.
        policy: thresholds, default `data/ecom_holds.csv`.
    """
    as_of = opened.as_of
    orders = _open_orders(ledger, as_of)
    known = _standings(ledger, opened, stops or {}, insolvent, grades or {})
    convert = at_rates(rates or Rates(), as_of)
    waiting: dict[str, list[tuple[int, str]]] = {}
    rows = []
    for order in orders.iter_rows(named=True):
        key = order["customer_key"]
        who = known.get(key) or Standing("", {}, None, "", 0, {})
        before = waiting.setdefault(key, [])
        rows.append(_row(order, who, before, convert, as_of, policy or HoldPolicy.of()))
        before.append((order["amount"] or 0, order["currency"]))
    return pl.DataFrame(rows, schema=HOLDS, orient="row")


def _row(
    order: Mapping[str, Any], who: Standing, before: list[tuple[int, str]], convert: Convert,
    as_of: date, policy: HoldPolicy,
) -> dict[str, Any]:  # fmt: skip
    currency, note = order["currency"] or money.NO_CURRENCY, ""
    exposure, limit = None, None
    try:
        owed = [(amount, source) for source, amount in who.owed.items()] + before
        exposure = sum(convert(amount, source, currency) for amount, source in owed)
        if who.limit is not None:
            limit = convert(who.limit, who.limit_currency or currency, currency)
    except NotAvailableError as fault:
        note = f"limit not tested: {fault}"
    try:
        facts = _facts(order, who, exposure, limit, currency)
        found = decide(facts, as_of, policy)
    except ReceivablesError as fault:
        found, note = Decision("hold", ("unread",)), str(fault)
    return {name: order.get(name) for name in HOLDS} | {
        "name": who.name or None,
        "exposure": exposure,
        "limit": limit,
        "overdue_days": who.overdue_days,
        "state": found.state,
        "reasons": "+".join(found.reasons),
        "released_by": found.released_by or None,
        "released_on": found.released_on,
        "note": note,
    }


def _facts(
    order: Mapping[str, Any], who: Standing, exposure: int | None, limit: int | None, currency: str
) -> OrderFacts:
    cells = {name: cell for name, cell in order.items() if name not in {"amount", "currency"}}
    found = facts_of(cells, who.facts, f"order {order['order_no']}")
    return replace(
        found,
        amount=_major(order["amount"], currency),
        exposure=_major(exposure, currency),
        limit=_major(limit, currency),
        overdue_days=float(who.overdue_days),
    )


def _major(amount: int | None, currency: str) -> Decimal | None:
    return None if amount is None else money.to_decimal(amount, currency)


def _open_orders(ledger: Ledger, as_of: date) -> pl.DataFrame:
    """Orders placed by the date and not delivered by then, in the order they came."""
    frame = ledger["orders"]
    here = pl.col("ordered_on").is_null() | (pl.col("ordered_on") <= as_of)
    waiting = pl.col("delivered_on").is_null() | (pl.col("delivered_on") > as_of)
    return (
        frame.with_columns(folded(frame["customer_id"]).alias("customer_key"))
        .filter(here & waiting)
        .with_columns(pl.lit(None, pl.Date).alias("delivered_on"), pl.col("company").fill_null(""))
        .sort("ordered_on", "order_no", nulls_last=True)
    )


def _standings(
    ledger: Ledger,
    opened: OpenItems,
    stops: Mapping[str, date],
    insolvent: frozenset[str],
    grades: Mapping[str, int],
) -> dict[str, Standing]:
    as_of = opened.as_of
    frame = opened.frame()
    sums = frame.group_by("customer_key", "currency").agg(pl.col("open").sum())
    owed: dict[str, dict[str, int]] = {}
    for key, currency, amount in sums.iter_rows():
        owed.setdefault(key, {})[currency] = amount
    late = worst_overdue(opened, disputes=ledger["disputes"])
    days = dict(late.group_by("customer_key").agg(pl.col("days_late").max()).iter_rows())
    people = opened.parties.unique("customer_key", keep="first", maintain_order=True)
    flag = pl.col("credit_hold") if "credit_hold" in people.columns else pl.lit(None)
    told = people.select("customer_key", "name", flag.alias("credit_hold"))
    limits = {key: (amount, code) for key, amount, code in _own_limits(ledger, as_of).iter_rows()}
    return {
        key: Standing(
            name or "",
            owed.get(key, {}),
            *limits.get(key, (None, "")),
            days.get(key, 0),
            {
                "credit_hold": hold,
                "insolvent": key in insolvent or None,
                "stop_ship_on": stops.get(key),
                "grade": grades.get(key),
            },
        )
        for key, name, hold in told.iter_rows()
    }


def _own_limits(ledger: Ledger, as_of: date) -> pl.DataFrame:
    rows = ledger["limits"].filter(pl.col("kind").fill_null("own") == "own")
    rows = rows.with_columns(folded(rows["customer_id"]).alias("customer_key"))
    asked = (
        rows.select("customer_key").unique().with_row_index("item").with_columns(delivered=as_of)
    )
    limits = rows.select(
        "customer_key", pl.col("amount").alias("limit"), pl.col("currency").alias("limit_currency"),
        "valid_from", "valid_to",
    )  # fmt: skip
    return asked.join(limits_at(asked, limits), on="item").select(
        "customer_key", "limit", pl.col("limit_currency").fill_null("")
    )
