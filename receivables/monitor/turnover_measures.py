"""The measures of speed as columns: the formulas of `turnover`, for many keys and months at once."""

from __future__ import annotations

import polars as pl

from receivables.monitor.turnover import default
from receivables.monitor.turnover_points import SCORE_UNITS
from receivables.resources import data_rows

MEASURES = (
    "dso", "countback", "best", "delinquent", "rolling_3", "rolling_6", "rolling_12", "true_dso",
    "collection_index", "turnover", "days_beyond_terms", "days_late", "payment_index", "late_rate",
    "late_rate_amount",
)  # fmt: skip
"""Days, except collection_index (percent), turnover (times a year), payment_index (points, 0–100)
and the two late rates (shares)."""

WINDOWS = (3, 6, 12)
MONTH_DAYS = 30
FLOW = (
    "true_dso", "days_beyond_terms", "days_late", "payment_index", "late_rate", "late_rate_amount",
)  # fmt: skip
"""Measures of payments, which an open-item list does not hold."""


def measured(
    grid: pl.DataFrame,
    keys: tuple[str, ...],
    month_days: str,
    basis: str,
    *,
    listed: bool = False,
    language: str = "en",
) -> pl.DataFrame:
    """Add days, basis, `MEASURES` and `missing` to a grid of keys and months without gaps.

    Args:
        grid: keys, month_end, sales (null = not known), measured (a balance is known), and the
            sums of `turnover_points.point`; sorted by key and month.
        keys: the key columns.
        month_days: calendar or thirty.
        basis: gross or net, as asked.
        listed: the ledger is an open-item list, which holds no payments.
        language: of the reasons in `missing`, en or zh.
    """
    thirty = pl.lit(MONTH_DAYS) if month_days == "thirty" else pl.col("month_end").dt.day()
    rows = grid.with_columns(days=thirty.cast(pl.Int64))
    rows = rows.with_columns(pl.col("unnetted").max().over("month_end", "currency"))
    mixed = pl.lit(basis == "net") & ((pl.col("unnetted") > 0) | (pl.col("untaxed") > 0))
    rows = rows.with_columns(
        pl.when(mixed)
        .then(pl.lit("gross/net"))
        .otherwise(pl.lit(f"{basis}/{basis}"))
        .alias("basis"),
        *(_window("sales", size, keys) for size in WINDOWS),
        *(_window("days", size, keys) for size in WINDOWS),
        _before("receivables", keys).alias("begin"),
        _before("measured", keys).fill_null(value=False).alias("has_begin"),
    )
    rows = rows.join(_countback(rows, keys), on=[*keys, "month_end"], how="left")
    rows = rows.with_columns(**_ratios(), **_payments(listed=listed))
    rows = rows.with_columns(
        delinquent=pl.when(pl.col("current") <= pl.col("receivables")).then(
            pl.col("dso") - pl.col("best")
        )
    )
    return rows.filter("measured").with_columns(missing=_missing(listed=listed, language=language))


def _before(name: str, keys: tuple[str, ...]) -> pl.Expr:
    return pl.col(name).shift(1).over(keys, order_by="month_end")


def _window(name: str, size: int, keys: tuple[str, ...]) -> pl.Expr:
    """Sum of the newest months; null where one of them is not known."""
    return pl.col(name).rolling_sum(size).over(keys, order_by="month_end").alias(f"{name}_{size}")


def _ratios() -> dict[str, pl.Expr]:
    """DSO and its kin; null where the cell functions give an error."""
    owed = pl.col("receivables")

    def ratio(top: pl.Expr, sales: str, days: str) -> pl.Expr:
        return pl.when(pl.col(sales) > 0).then(top / pl.col(sales) * pl.col(days))

    found: dict[str, pl.Expr] = {"dso": pl.when(owed >= 0).then(ratio(owed, "sales", "days"))}
    found["best"] = ratio(pl.col("current"), "sales", "days")
    for size in WINDOWS:
        value = ratio(owed, f"sales_{size}", f"days_{size}")
        found[f"rolling_{size}"] = pl.when(owed >= 0).then(value)
    collectable = pl.col("begin") + pl.col("sales") - pl.col("current")
    collected = pl.col("begin") + pl.col("sales") - owed
    usable = pl.col("has_begin") & (pl.col("sales") >= 0) & (collectable > 0)
    found["collection_index"] = pl.when(usable).then(collected / collectable * 100)
    average = (pl.col("begin") + owed) / 2
    turned = pl.col("has_begin") & (pl.col("sales") >= 0) & (average > 0)
    year = default("days_in_year") / pl.col("days")
    found["turnover"] = pl.when(turned).then(pl.col("sales") / average * year)
    return found


def _payments(*, listed: bool) -> dict[str, pl.Expr]:
    def ratio(top: str, bottom: str) -> pl.Expr:
        there = (pl.col(bottom) > 0) & ~pl.lit(listed)
        return pl.when(there).then(pl.col(top) / pl.col(bottom))

    enough = pl.col("experiences") >= default("min_experiences")
    scored = pl.col("paid_score").cast(pl.Float64) / SCORE_UNITS
    return {
        "true_dso": ratio("paid_issue_days", "paid"),
        "payment_index": pl.when(enough & ~pl.lit(listed)).then(scored / pl.col("paid_due")),
        "days_beyond_terms": ratio("paid_due_days", "paid_due"),
        "days_late": ratio("paid_late_days", "paid_due"),
        "late_rate": ratio("late_count", "due_count"),
        "late_rate_amount": ratio("late_amount", "due_amount"),
    }


def _countback(rows: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """DSO by countback per key and month: each balance against the months before it.

    Sales of 0 or less add their days and use nothing up; months before the first unknown one do
    not count; a balance that outlasts the history has no countback.
    """
    balances = rows.filter(pl.col("measured") & (pl.col("receivables") >= 0)).select(
        *keys, "month_end", left="receivables"
    )
    sales = rows.select(*keys, "sales", "days", month="month_end")
    at = [*keys, "month_end"]
    pairs = (
        balances.join(sales, on=list(keys), how="inner")
        .filter(pl.col("month") <= pl.col("month_end"))
        .sort(*at, "month", descending=[False] * len(at) + [True])
    )
    usable = pl.col("sales").is_null().cast(pl.Int8).cum_max().over(at) == 0
    known = pairs.filter(usable).with_columns(size=pl.col("sales").clip(0))
    before = pl.col("size").cum_sum().over(at) - pl.col("size")
    rest = pl.col("left") - before
    share = (
        pl.when(pl.col("size") == 0)
        .then(1.0)
        .otherwise(pl.min_horizontal(rest / pl.col("size"), pl.lit(1.0)))
    )
    days = pl.when(rest > 0).then(share * pl.col("days")).otherwise(0.0)
    return (
        known.with_columns(used=days)
        .group_by(at)
        .agg(pl.col("used").sum(), pl.col("size").sum(), pl.col("left").first())
        .filter(pl.col("left") <= pl.col("size"))
        .select(*at, countback="used")
    )


def _missing(*, listed: bool, language: str) -> pl.Expr:
    """Why measures are null: `measure, measure: reason`, joined by "; "."""
    owed, sales = pl.col("receivables"), pl.col("sales")
    known, begun, paid = sales.is_not_null(), pl.col("has_begin"), pl.lit(value=not listed)
    collectable = pl.col("begin") + sales - pl.col("current")
    average = pl.col("begin") + owed
    ratios, index = "dso, best, delinquent", "collection_index"
    sold, few = f"{index}, turnover", int(default("min_experiences"))
    windows = ", ".join(f"rolling_{count}" for count in WINDOWS)
    no_countback = (owed >= 0) & pl.col("countback").is_null()
    no_delinquent = pl.col("dso").is_not_null() & pl.col("delinquent").is_null()
    cases: list[tuple[pl.Expr, str, str, int]] = [
        (~known, f"{ratios}, {sold}", "unknown_sales", 0),
        (sales == 0, ratios, "no_sales", 0),
        (sales < 0, f"{ratios}, {sold}", "negative_sales", 0),
        (owed < 0, f"dso, countback, delinquent, {windows}", "credit_balance", 0),
        (no_countback, "countback", "countback", 0),
        (no_delinquent, "delinquent", "credits", 0),
        *(
            ((owed >= 0) & pl.col(f"sales_{n}").is_null(), f"rolling_{n}", "few_months", n)
            for n in WINDOWS
        ),
        *(
            ((owed >= 0) & (pl.col(f"sales_{n}") <= 0), f"rolling_{n}", "no_sales_in", n)
            for n in WINDOWS
        ),
        (~begun & (sales >= 0), sold, "no_begin", 0),
        (begun & (sales >= 0) & (collectable <= 0), index, "not_collectable", 0),
        (begun & (sales >= 0) & (average == 0), "turnover", "nothing_owed", 0),
        (begun & (sales >= 0) & (average < 0), "turnover", "credit_average", 0),
        (paid & (pl.col("paid") <= 0), "true_dso", "not_paid", 0),
        (paid & (pl.col("paid_due") <= 0), "days_beyond_terms, days_late", "not_paid_due", 0),
        (paid & (pl.col("experiences") < few), "payment_index", "few_payments", few),
        (paid & (pl.col("due_count") == 0), "late_rate, late_rate_amount", "not_due", 0),
        (~paid, ", ".join(FLOW), "listed", 0),
    ]
    texts = {row["code"]: row[language] for row in data_rows("turnover_reasons.csv")}
    said = [
        pl.when(when).then(pl.lit(f"{names}: {texts[code].format(count=count)}"))
        for when, names, code, count in cases
    ]
    return pl.concat_list(said).list.drop_nulls().list.join("; ")
