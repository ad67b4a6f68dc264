"""What counts against a customer's limit as of a date, by component, in document currency."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import polars as pl

from receivables.assess.approval_tiers import words
from receivables.assess.limit_policy import LimitPolicy
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.ledger.spelling import fold
from receivables.resources import data_rows

KEYS = ("customer_key", "currency")
LONG = {
    "customer_key": pl.String(), "currency": pl.String(), "component": pl.String(),
    "amount": pl.Int64(),
}  # fmt: skip
BANK = "bank"
PASSED_ON = ("endorsed", "discounted")


@cache
def component_names() -> dict[str, str]:
    """Components in order with how they count: added, less, of_which (shown only), off.

    >>> component_names()["overdue"], component_names()["orders"]
    ('of_which', 'added')
    """
    return {row["component"]: row["counts"] for row in data_rows("exposure_components.csv")}


@cache
def component_words() -> dict[str, str]:
    """Every word of a component, folded, with its name."""
    return {
        fold(word): row["component"]
        for row in data_rows("exposure_components.csv")
        for word in (row["component"], *row["words_en"].split("|"), *row["words_zh"].split("|"))
    }


def components(opened: OpenItems, ledger: Ledger, policy: LimitPolicy) -> pl.DataFrame:
    """Amounts per customer, currency and component in minor units, whatever their switches say.

    open = open items less credits; overdue and bounced are parts of it. Invoices entered by the date
    and posted later are drafts. A note counts from its receipt until it is paid or dishonoured: the
    invoice then is open again. Passed on without recourse, it no longer counts.

    Args:
        opened: open items in document currency.
        ledger: checked tables.
        policy: grace days, days of a bounced payment.

    Returns:
        customer_key, currency, component, amount.
    """
    as_of, items = opened.as_of, opened.frame()
    parts = [
        *_of_items(items, int(policy["grace_days"])),
        *_of_orders(ledger["orders"], as_of),
        _summed(_drafts(ledger["documents"], as_of), "drafts", "amount"),
        *_of_notes(ledger["bills"], as_of),
    ]
    frame = pl.concat(part.select(*LONG).cast(LONG) for part in parts)  # type: ignore[arg-type]
    back = _bounced(ledger["payments"], as_of, int(policy["bounced_days"]), frame)
    return pl.concat([frame, back]).filter(pl.col("amount") != 0).sort(*KEYS, "component")


def _of_items(items: pl.DataFrame, grace_days: int) -> list[pl.DataFrame]:
    owed = items.filter(pl.col("open") > 0)
    late = owed.filter(pl.col("days_past_due") > grace_days)
    parts = [_summed(items, "open", "open"), _summed(late, "overdue", "open")]
    if "secured_share" in owed.columns:
        # basis points keep the product inside 64 bits; 1e-6 lifts 0.57 × 10,000 over its noise
        points = (pl.col("secured_share").clip(0, 1) * 10_000 + 1e-6).floor().cast(pl.Int64)
        held = owed.with_columns(secured=pl.col("open") * points.fill_null(0) // 10_000)
        parts.append(_summed(held, "secured", "secured"))
    return parts


def _of_orders(orders: pl.DataFrame, as_of: date) -> list[pl.DataFrame]:
    done = pl.Series([*words("order_done")], dtype=pl.String)
    states = orders["state"].map_elements(fold, return_dtype=pl.String, skip_nulls=True)
    running = _keyed(orders.with_columns(states.alias("state"))).filter(
        (pl.col("ordered_on") <= as_of) | pl.col("ordered_on").is_null(),
        ~pl.col("state").fill_null("").is_in(done.implode()),
    )
    delivered = pl.col("delivered_on").fill_null(as_of + timedelta(1)) <= as_of
    return [
        _summed(running.filter(~delivered), "orders", "amount"),
        _summed(running.filter(delivered), "delivered", "amount"),
    ]


def _drafts(documents: pl.DataFrame, as_of: date) -> pl.DataFrame:
    return _keyed(documents).filter(
        pl.col("entered_on") <= as_of,
        pl.coalesce("posted_on", "issued_on") > as_of,
        pl.col("amount") > 0,
    )


def _of_notes(bills: pl.DataFrame, as_of: date) -> list[pl.DataFrame]:
    state, matures = pl.col("state").fill_null("held"), pl.col("matures_on")
    back = pl.coalesce("dishonoured_on", "matures_on")
    standing = (
        pl.when(state == "held").then(pl.lit(value=True))
        .when(state == "paid").then((matures > as_of).fill_null(value=False))
        .when(state == "dishonoured").then((back > as_of).fill_null(value=False))
        .when(state.is_in(PASSED_ON)).then(
            pl.col("recourse").fill_null(value=True) & (matures > as_of).fill_null(value=True)
        )
        .otherwise(pl.lit(value=True))
    )  # fmt: skip
    held = _keyed(bills).filter(pl.col("received_on") <= as_of, standing)
    bank = pl.col("kind").fill_null("") == BANK
    return [
        _summed(held.filter(~bank), "notes", "amount"),
        _summed(held.filter(bank), "bank_notes", "amount"),
    ]


def _bounced(payments: pl.DataFrame, as_of: date, days: int, frame: pl.DataFrame) -> pl.DataFrame:
    """Bounced payments of the last days, at most what is open."""
    posted = pl.coalesce("posted_on", "paid_on")
    recent = _keyed(payments).filter(
        pl.col("kind") == "bounced", posted <= as_of, posted > as_of - timedelta(days)
    )
    sums = _summed(recent.with_columns(pl.col("amount").abs()), "bounced", "amount")
    owed = frame.filter(pl.col("component") == "open").select(
        *KEYS, pl.col("amount").alias("open")
    )
    capped = pl.min_horizontal("amount", pl.col("open").fill_null(0).clip(lower_bound=0))
    return sums.join(owed, on=KEYS, how="left").with_columns(capped.alias("amount")).select(*LONG)


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    if "customer_key" in frame.columns:
        return frame
    return frame.with_columns(folded(frame["customer_id"]).alias("customer_key"))


def _summed(frame: pl.DataFrame, component: str, column: str) -> pl.DataFrame:
    return (
        frame.group_by(*KEYS)
        .agg(pl.col(column).sum().cast(pl.Int64).alias("amount"))
        .with_columns(pl.lit(component).alias("component"), pl.col("currency").fill_null(""))
        .select(*LONG)
    )
