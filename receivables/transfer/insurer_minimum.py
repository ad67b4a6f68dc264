"""Overdue debt too small to tell the insurer about, where the policy sets a minimum per buyer."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import polars as pl

from receivables import money
from receivables.errors import NotAvailableError
from receivables.rates import Rates
from receivables.transfer.cover import Convert, at_rates
from receivables.transfer.insurance_clock import CLOCK, KEY
from receivables.transfer.insured_tables import Held

BELOW = "below_minimum"


def without_small_clocks(
    items: pl.DataFrame, held: list[Held], rates: Rates, as_of: date
) -> pl.DataFrame:
    """Items with `small`; a small one has no clock: no notice, no stop-ship, nothing missed.

    Small = overdue, never reported, the buyer not insolvent, and all that the buyer has overdue under
    the policy is below its `min_overdue`; exactly the minimum counts. When the total reaches it, every
    clock runs from its original due date. A debt that no rate converts is never small.
    """
    floors = {one.number: one for one in held if one.policy.min_overdue is not None}
    overdue = (pl.col("due_on") < pl.lit(as_of)) & (pl.col("insurer_open") > 0)
    waits = overdue & pl.col("insolvent_on").is_null() & pl.col("policy").is_in(list(floors))
    sums = (
        items.filter(waits)
        .group_by("policy", "customer_key", "currency", maintain_order=True)
        .agg(pl.col("insurer_open").sum())
    )
    found = _small(sums, floors, at_rates(rates, as_of))
    schema = {"policy": pl.Int64(), "customer_key": pl.String()}
    buyers = pl.DataFrame(found, schema=schema, orient="row").with_columns(
        small=pl.lit(value=True)
    )
    joined = items.join(
        buyers, on=["policy", "customer_key"], how="left", maintain_order="left"
    ).with_columns(
        small=pl.col("small").fill_null(value=False) & waits & pl.col("reported_on").is_null()
    )
    clock = [name for name in CLOCK if name not in KEY]
    return joined.with_columns(pl.when(~pl.col("small")).then(name).alias(name) for name in clock)


def _small(sums: pl.DataFrame, floors: dict[int, Held], convert: Convert) -> list[tuple[int, str]]:
    """Policy and buyer, where all overdue debt together is below the minimum."""
    totals: dict[tuple[int, str, str], int | None] = defaultdict(int)
    for number, buyer, currency, amount in sums.iter_rows():
        home = _home(floors[number], currency)
        known = totals[number, buyer, home]
        try:
            totals[number, buyer, home] = (
                None if known is None else known + convert(amount, currency, home)
            )
        except NotAvailableError:
            totals[number, buyer, home] = None
    return sorted(
        {
            (number, buyer)
            for (number, buyer, home), total in totals.items()
            if total is not None
            and total < money.to_minor(floors[number].policy.min_overdue or 0, home)
        }
    )


def _home(one: Held, currency: str) -> str:
    """Currency of the policy; that of the debt where the policy names none."""
    own = one.policy.currency
    return currency if own in {"", money.NO_CURRENCY} else own
