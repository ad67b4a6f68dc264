"""What changed since the period before: two agings side by side, customers new and gone kept."""

from __future__ import annotations

import polars as pl

from receivables.errors import BadValueError
from receivables.monitor.aging import AgingTable


def compare(now: AgingTable, before: AgingTable) -> pl.DataFrame:
    """Change by key and currency: every amount beside its value of the period before.

    Columns: currency, the key columns, key, name, `state` (`new`: nothing stood before, `gone`:
    nothing stands now, else empty), and for every amount column X of the aging X, `X_prior` and
    `X_change` = X − X_prior, in minor units. Largest first; what is gone comes last. Σ change =
    total now − total before.

    Args:
        now: aging as of the later date.
        before: aging as of the earlier date, by the same key, with the same buckets and options.

    Raises:
        BadValueError: the two agings are not alike, or stand in the wrong order.
    """
    _check_alike(now, before)
    keys = ["currency", *now.keys, "key"]
    mine, past = (_by_key(table, keys) for table in (now, before))
    renamed = {name: f"{name}_prior" for name in (*now.amounts, "name", "there")}
    both = mine.join(past.rename(renamed), on=keys, how="full", coalesce=True, nulls_equal=True)
    filled = both.with_columns(
        pl.coalesce("name", "name_prior"),
        pl.col(name for amount in now.amounts for name in (amount, f"{amount}_prior")).fill_null(
            0
        ),
    )
    state = (
        pl.when(pl.col("there_prior").is_null())
        .then(pl.lit("new"))
        .when(pl.col("there").is_null())
        .then(pl.lit("gone"))
        .otherwise(pl.lit(""))
    )
    changes = [
        (pl.col(name) - pl.col(f"{name}_prior")).alias(f"{name}_change") for name in now.amounts
    ]
    priors = [f"{name}_prior" for name in now.amounts]
    return (
        filled.with_columns(*changes, state.alias("state"))
        .sort(pl.col("state") == "gone", -pl.col("open"), -pl.col("open_prior"), *keys)
        .select(
            *keys,
            "name",
            "state",
            *now.amounts,
            *priors,
            *(f"{name}_change" for name in now.amounts),
        )
    )


def _by_key(table: AgingTable, keys: list[str]) -> pl.DataFrame:
    """One row per key: two documents of one number would otherwise multiply in the join."""
    sums = [pl.col(name).sum() for name in table.amounts]
    grouped = table.frame.group_by(keys).agg(pl.col("name").first(), *sums)
    return grouped.with_columns(there=pl.lit(value=True))


def _check_alike(now: AgingTable, before: AgingTable) -> None:
    for what in ("by", "labels", "base", "credits"):
        mine, past = getattr(now, what), getattr(before, what)
        if mine != past:
            raise BadValueError(
                f"The two agings differ in {what}: {mine} and {past}. Make both with the same options."
            )
    if before.as_of >= now.as_of:
        raise BadValueError(
            f"The prior period ends {before.as_of}, not before {now.as_of}. Give an earlier date."
        )
