"""Whose credit training has run out: everybody who sells, beside the training register."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.assess.limit_policy import LimitPolicy
from receivables.days import edate
from receivables.ledger.model import Ledger
from receivables.ledger.spelling import fold

TRAINING: dict[str, pl.DataType] = {
    "person": pl.String(),
    "course": pl.String(),
    "held_on": pl.Date(),
    "valid_to": pl.Date(),
    "state": pl.String(),
}
NONE, RUN_OUT, VALID = "none", "run out", "valid"


def training(ledger: Ledger, as_of: date, policy: LimitPolicy | None = None) -> pl.DataFrame:
    """One row per salesperson of customers and documents (`TRAINING`): none, run out, or valid.

    The training that lasts longest counts. It ends on its valid_to, else 12 months after it was held;
    one not passed, or held after the date, does not count. Without rows in the register everybody
    stands at none.
    """
    months = int((policy or LimitPolicy.default())["training_months"])
    register = ledger["training"].filter(
        pl.col("held_on") <= as_of, pl.col("passed").fill_null(value=True)
    )
    ends = [
        given or edate(held, months)
        for held, given in register.select("held_on", "valid_to").iter_rows()
    ]
    lasting = (
        _folded(register, "person")
        .with_columns(pl.Series("valid_to", ends, dtype=pl.Date))
        .sort("valid_to", "held_on")
        .unique("_key", keep="last", maintain_order=True)
        .select("_key", "course", "held_on", "valid_to")
    )
    sellers = pl.concat(
        [
            ledger[table].select(pl.col("salesperson").alias("person"))
            for table in ("customers", "documents")
        ]
    ).drop_nulls()
    found = (
        _folded(sellers, "person")
        .unique("_key", keep="first", maintain_order=True)
        .join(lasting, on="_key", how="left")
    )
    state = (
        pl.when(pl.col("valid_to").is_null()).then(pl.lit(NONE))
        .when(pl.col("valid_to") < as_of).then(pl.lit(RUN_OUT))
        .otherwise(pl.lit(VALID))
    )  # fmt: skip
    return (
        found.with_columns(state.alias("state"))
        .sort(pl.col("valid_to").fill_null(date.min), "person")
        .select(*TRAINING)
        .cast(TRAINING)  # type: ignore[arg-type]
    )


def _folded(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    key = pl.col(column).map_elements(fold, return_dtype=pl.String)
    return frame.filter(pl.col(column).is_not_null()).with_columns(key.alias("_key"))
