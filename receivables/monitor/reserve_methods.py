"""Which loss rates hold on a day, by the method chosen: given by the user or out of the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from receivables.days import edate, month_end, month_ends, previous_month_end
from receivables.errors import BadValueError, DomainError, Issue, NotAvailableError
from receivables.ledger.posted import Posted
from receivables.monitor import reserve_history as history
from receivables.monitor.buckets import Buckets
from receivables.monitor.reserve import checked_rate
from receivables.monitor.reserve_ledger import note
from receivables.monitor.reserve_policy import DILUTION, Policy, RateRow
from receivables.monitor.reserve_rates import (
    GIVEN,
    METHODS,
    BucketRate,
    cohort_rates,
    markov_rates,
    roll_rates,
)
from receivables.resources import data_rows

Pools = dict[str, list[BucketRate]]
FRAMEWORK = {"cecl": "CECL", "cas22": "CAS22"}
"""Framework a method belongs to; the others follow IFRS 9 unless the policy says otherwise."""


def framework_of(policy: Policy, method: str) -> str:
    """Framework of a run: what the policy says, else that of the method."""
    return policy.framework or FRAMEWORK.get(method, "IFRS")


def rates_at(
    posted: Posted,
    on: date,
    policy: Policy,
    method: str,
    buckets: Buckets,
    base: str,
    weights: Mapping[str, float] | None = None,
    engine: str = "polars",
) -> Pools:
    """Loss rates per pool as of a day.

    Args:
        posted: the linked ledger.
        on: balance date; rates of a later valid_from do not count.
        policy: what the user decided.
        method: one of `METHODS`.
        buckets: aging buckets; cas22 takes years.
        base: `due` or `issued`.
        weights: currency → rate to one currency, to pool all currencies; else each is a pool.
        engine: engine of the history.

    Raises:
        BadValueError: an unknown method, no rates given, a rate for a bucket that does not exist.
        NotAvailableError: the ledger holds less history than asked for.
    """
    if method not in METHODS:
        raise BadValueError(f"There is no method '{method}'. Methods: {', '.join(METHODS)}.")
    labelled = _labelled(policy, on, "", buckets)
    if method in GIVEN:
        return {
            history.pool_name(history.ALL, pool): _given(
                _labelled(policy, on, pool, buckets), buckets.labels, policy, method, on
            )
            for pool in policy.pools
            if pool or labelled or len(policy.pools) == 1
        }
    dates = history_dates(posted, on, policy.months, method)
    balances = [
        history.standing(posted, day, buckets, base, engine, policy.pool_by) for day in dates
    ]
    source = f"own history {dates[0]} to {dates[-1]}"
    if method == "cohort":
        return _cohorts(balances, policy, buckets, weights, source)
    moved = history.moves(balances)
    if weights is not None:
        moved = history.weighed(moved, weights, "amount")
    pools = moved.group_by("pool", maintain_order=True)
    if method == "markov":
        return {str(pool): markov_rates(own, buckets.labels, source) for (pool,), own in pools}
    shares = {label: row.rate for label, row in labelled.items()}
    return {str(pool): roll_rates(own, buckets.labels, source, shares) for (pool,), own in pools}


def history_dates(posted: Posted, on: date, months: int, method: str) -> list[date]:
    """Balance dates of the history, oldest first: month ends, for cas22 the same day of each year.

    Raises:
        NotAvailableError: the ledger begins later; says how many months there are.
    """
    if method == "cas22":
        years = max(1, months // 12)
        dates = [edate(on, -12 * back) for back in range(years, -1, -1)]
    else:
        last = on if on == month_end(on) else previous_month_end(on)
        dates = month_ends(last, months + 1)
    first = posted.details["posted_on"].min()
    held = [day for day in dates if isinstance(first, date) and day >= first]
    if len(held) < len(dates):
        there = max(len(held) - 1, 0)
        raise NotAvailableError(
            f"The history of {months} months begins on {dates[0]}, but the first posting is of "
            f"{first!s}: {there * (12 if method == 'cas22' else 1)} months are there. "
            "Ask for fewer months, or load older postings."
        )
    return dates


def elections(policy: Policy, method: str, as_of: date) -> list[Issue]:
    """Check the elections of ASU 2025-05: current conditions persist, subsequent collections.

    The second is for entities that are not public and needs the first.

    Raises:
        BadValueError: an election that the framework or the first one does not allow.
    """
    asked = policy.conditions_persist or policy.collections_until is not None
    if not asked:
        return []
    if framework_of(policy, method) != "CECL":
        raise BadValueError(
            "conditions_persist and collections_until are elections of ASU 2025-05: use them with "
            "method cecl, or framework = CECL."
        )
    if policy.conditions_persist and any(row.forecast for row in policy.matrix):
        raise BadValueError(
            "conditions_persist is elected, but some rates carry a forecast. Drop one of the two."
        )
    if policy.collections_until is not None:
        _may_count_collections(policy, as_of)
    start = next(
        row for row in data_rows("reserve_rules.csv") if row["rule"] == "asu_2025_05_from"
    )
    if as_of >= date.fromisoformat(start["value"]):
        return []
    return [
        note("reserve_early_adoption", "note", as_of,
             f"ASU 2025-05 applies to years from {start['value']}: this is early adoption.",
             "Record the decision to adopt early.")
    ]  # fmt: skip


def _may_count_collections(policy: Policy, as_of: date) -> None:
    if not policy.conditions_persist:
        raise BadValueError("collections_until needs conditions_persist: elect both or neither.")
    if policy.public is not False:
        raise BadValueError(
            "collections_until is for entities that are not public business entities. "
            "Write public = false if that is so."
        )
    assert policy.collections_until is not None
    if policy.collections_until < as_of:
        raise BadValueError(
            f"collections_until {policy.collections_until} lies before the balance date {as_of}."
        )


def _labelled(policy: Policy, on: date, pool: str, buckets: Buckets) -> dict[str, RateRow]:
    """The user's rates of a pool by the label of the bucket."""
    return {
        buckets.labels[buckets.find(name)]: row
        for name, row in policy.at(on, pool).items()
        if name != DILUTION
    }


def _given(
    rows: Mapping[str, RateRow], labels: Sequence[str], policy: Policy, method: str, on: date
) -> list[BucketRate]:
    if not rows:
        raise BadValueError(
            f"No loss rates are given for {on}. None are shipped: give your own with --rates "
            "FILE (headings bucket, rate, source), or a method that reads the history: roll, "
            "markov, cohort, cas22."
        )
    found = []
    for place, label in enumerate(labels):
        row = rows.get(label)
        if row is None:
            found.append(BucketRate(place, label, None, ""))
            continue
        rate = _adjusted(row, policy) if method == "cecl" else row.rate
        found.append(BucketRate(place, label, rate, row.source))
    return found


def _adjusted(row: RateRow, policy: Policy) -> Decimal:
    """Historical rate + current conditions + forecast (no forecast where conditions persist)."""
    forecast = Decimal(0) if policy.conditions_persist else row.forecast
    try:
        return checked_rate(row.rate + row.conditions + forecast, f"{row.bucket} after adjustment")
    except DomainError as fault:
        raise DomainError(f"{fault} Historical {row.rate}, conditions {row.conditions}, "
                          f"forecast {forecast}.") from None  # fmt: skip


def _cohorts(
    balances: Sequence[pl.DataFrame],
    policy: Policy,
    buckets: Buckets,
    weights: Mapping[str, float] | None,
    source: str,
) -> Pools:
    reached = history.cohorts(balances, policy.mature_months, buckets.no_date)
    if weights is not None:
        reached = history.weighed(reached, weights, "reached", "lost")
    return {
        str(pool): cohort_rates(own, buckets.labels, source)
        for (pool,), own in reached.group_by("pool", maintain_order=True)
    }
