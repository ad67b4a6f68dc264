"""Why a grade is not better: the factors that cost a customer most, in words, for many customers at once."""

from __future__ import annotations

import polars as pl

from receivables.assess.factors import read_factor
from receivables.assess.grade_rules import rule
from receivables.assess.scorecard import Earned, Scale, Scorecard
from receivables.errors import ReceivablesError


def main_reasons(
    frame: pl.DataFrame, scorecard: Scorecard | None = None, shown: int | None = None
) -> pl.Series:
    """The reasons of the factors that cost most, points lost × weight, the dearest first.

    Args:
        frame: factors by column, one row per customer.
        scorecard: as graded with; default the shipped one.
        shown: how many at most, default `data/grade_rules.csv`.

    >>> frame = pl.DataFrame({"days_beyond_terms": [12.0, 0.0], "late_rate": [0.3, 0.0]})
    >>> main_reasons(frame).to_list()
    ['pays 6 to 15 days late; up to 30 % of the invoices are late', '']
    """
    card = scorecard or Scorecard.default()
    most = int(rule("reasons_shown")) if shown is None else shown
    parts = [
        _costs(scale, frame[scale.factor])
        for scale in card.scales
        if scale.factor in frame.columns
    ]
    rows = pl.DataFrame({"row": range(frame.height)}, schema={"row": pl.Int64})
    if not parts:
        return rows.select(pl.lit("").alias("reasons")).to_series()
    told = (
        pl.concat(parts)
        .filter(pl.col("cost") > 0)
        .sort("row", "cost", descending=[False, True], maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg(pl.col("reason").head(most).str.join("; ").alias("reasons"))
    )
    found = rows.join(told, on="row", how="left", maintain_order="left")
    return found["reasons"].fill_null("")


def _costs(scale: Scale, column: pl.Series) -> pl.DataFrame:
    """Row, cost and reason of every known value of a factor."""
    known: dict[object, Earned | None] = {
        cell: _earned(scale, cell) for cell in column.unique().to_list()
    }
    earned = [known[cell] for cell in column.to_list()]
    return pl.DataFrame(
        {
            "row": range(len(column)),
            "cost": [(100 - one.points) * scale.weight if one else 0.0 for one in earned],
            "reason": [one.reason if one else "" for one in earned],
        },
        schema={"row": pl.Int64, "cost": pl.Float64, "reason": pl.String},
    )


def _earned(scale: Scale, cell: object) -> Earned | None:
    try:
        value = read_factor(scale.factor, cell)
        return None if value is None else scale.points(value)
    except ReceivablesError:
        return None  # the grade's own column `problem` says so
