"""The figures of the dashboard, taken from what the other sheets show: it cannot say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables import money
from receivables.days import month_end, month_ends, previous_month_end
from receivables.ledger.tieout import TieOut
from receivables.report.dashboard_parts import (
    CURRENCY_SCHEMA,
    GRADE_SPREAD,
    TREND_SCHEMA,
    Reserve,
    insurer_rows,
    reserve_part,
)
from receivables.report.data import ReportData

MONTHS = 12
TOP = 10
CURRENCIES = 4
DEADLINES = 8
TOP_SCHEMA: dict[str, pl.DataType] = {
    "rank": pl.Int64(),
    "balance": pl.Int64(),
    "late": pl.Int64(),
    "rest": pl.Int64(),
    "share": pl.Float64(),
    "customer_id": pl.String(),
    "name": pl.String(),
}
"""late + rest = balance; late is what is overdue of it, at most the balance."""


@dataclass(frozen=True, slots=True)
class Light:
    """How the books tie out: `state` good, neutral or bad; books that do not; their differences."""

    state: str
    books: int
    failing: int
    differences: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Grades:
    """Customers by grade (`GRADE_SPREAD`) and how many moved since `before`."""

    spread: pl.DataFrame
    before: date | None
    better: int
    same: int
    worse: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the dashboard shows; amounts are minor units of `currency` unless a row names its own.

    Tables have the same number of rows each month: twelve months, ten customers, four currencies.
    What the ledger cannot say is None, or a row of nulls.
    """

    as_of: date
    currency: str
    light: Light
    currencies: pl.DataFrame
    """CURRENCY_SCHEMA; the main currency first, then those that most customers owe."""
    further: tuple[str, ...]
    """Currencies that have no row."""
    prior: int | None
    ages: pl.DataFrame
    """bucket (label of the aging), amount; the last row is `unapplied`: credits, where kept apart."""
    trend: pl.DataFrame
    """TREND_SCHEMA, oldest month first."""
    top: pl.DataFrame
    """TOP_SCHEMA."""
    reserve: Reserve
    grades: Grades | None
    levels: dict[str, int] | None
    """Customers by warning level: red, yellow, blue."""
    insurer: pl.DataFrame | None
    """INSURER_SCHEMA: what must leave this week, soonest first; None = no insurance."""
    insurer_count: int
    mapped: bool
    """Whether a country is known that owes in the main currency."""
    watch: tuple[tuple[str, int | None], ...]
    """Further counts by name; None = the ledger cannot say."""

    @property
    def main(self) -> dict[str, object]:
        """The row of the main currency."""
        return self.currencies.row(0, named=True)


WATCH = {
    "exceeded": "limits", "held": "orders", "promises": "receivables", "waiting": "limits",
    "reviews": "limits",
}  # fmt: skip
"""Counts beside the charts: name, and the table of the four lines that holds it."""


def figures(data: ReportData) -> Figures:
    """The dashboard of a report; nothing is converted, and no two currencies are added."""
    order = _currencies(data)
    currency = order[0] if order else ""
    lines = dict(data.credit.dashboard.tables) if data.credit and data.credit.dashboard else {}
    insurer = data.credit.deadlines.items if data.credit and data.credit.deadlines else None
    own = data.aging.filter(pl.col("currency") == currency)
    return Figures(
        as_of=data.as_of,
        currency=currency,
        light=_light(data.tie_outs),
        currencies=_by_currency(data, order[:CURRENCIES]),
        further=tuple(sorted(order[CURRENCIES:])),
        prior=int(own["prior"].sum()) if "prior" in own.columns else None,
        ages=_ages(own, data.bucket_labels),
        trend=_trend(data, currency),
        top=_top(data, currency),
        reserve=reserve_part(data.reserve, currency),
        grades=_grades(data),
        levels=_levels(lines.get("warnings")),
        insurer=None if insurer is None else insurer_rows(insurer, DEADLINES),
        insurer_count=0 if insurer is None else insurer.filter("this_week").height,
        mapped=_mapped(data, currency),
        watch=tuple((name, _count(lines.get(table), name)) for name, table in WATCH.items()),
    )


def _currencies(data: ReportData) -> list[str]:
    """Currencies with a balance: the report's own first, else the one most customers owe."""
    counted = (
        data.aging.filter(pl.col("open") != 0)
        .group_by("currency")
        .agg(pl.col("customer_id").n_unique().alias("customers"))
        .sort("customers", "currency", descending=[True, False])
    )
    found: list[str] = counted["currency"].to_list()
    wanted = data.settings.currency
    return sorted(found, key=lambda name: name != wanted) if wanted in found else found


def _light(ties: Sequence[TieOut]) -> Light:
    lights = [tie.light for tie in ties]
    failing = lights.count("red")
    state = "bad" if failing else "good" if ties and "amber" not in lights else "neutral"
    sums: dict[str, int] = {}
    for tie in ties:
        sums[tie.currency] = sums.get(tie.currency, 0) + (tie.difference or 0)
    differences = tuple((name, amount) for name, amount in sorted(sums.items()) if amount)
    return Light(state, len(ties), failing, differences)


def _by_currency(data: ReportData, order: list[str]) -> pl.DataFrame:
    """One row per currency, blank rows up to CURRENCIES."""
    owes, late = pl.col("open") > 0, pl.col("due_on") < data.as_of
    debt = data.items.group_by("currency").agg(
        pl.col("open").filter(owes).sum().alias("debt"),
        pl.col("open").filter(owes & late).sum().alias("overdue"),
    )
    sums = data.aging.group_by("currency").agg(
        pl.col("customer_id").filter(pl.col("open") != 0).n_unique().alias("customers"),
        pl.col("open", "over_30").sum(),
    )
    share = pl.when(pl.col("debt") > 0).then(pl.col("overdue") / pl.col("debt"))
    frame = (
        pl.DataFrame({"currency": order}, schema={"currency": pl.String})
        .join(sums, on="currency", how="left", maintain_order="left")
        .join(debt, on="currency", how="left", maintain_order="left")
        .with_columns(share.alias("overdue_share"))
        .join(_latest(data), on="currency", how="left", maintain_order="left")
    )
    columns = [pl.col(name).cast(kind) for name, kind in CURRENCY_SCHEMA.items()]
    return padded(frame.select(columns), CURRENCIES)


def _speed(data: ReportData) -> pl.DataFrame:
    if data.speed is None:
        return pl.DataFrame(schema={"currency": pl.String, **TREND_SCHEMA})
    firm = data.speed.filter(pl.col("company").fill_null("") == "")
    return firm.with_columns(_share(firm).alias("overdue_share"))


def _share(firm: pl.DataFrame) -> pl.Expr:
    """Overdue ÷ debt at a month end, before credits, as on the day of the report."""
    if "debt" not in firm.columns:
        return pl.lit(None, pl.Float64)
    late = pl.col("debt") - pl.col("current") - pl.col("undated")
    return pl.when(pl.col("debt") > 0).then(late / pl.col("debt"))


def _latest(data: ReportData) -> pl.DataFrame:
    """Speed of the last month end, and DSO of the one before."""
    firm = _speed(data)
    ends = firm["month_end"].unique().sort(descending=True)
    now = firm.filter(pl.col("month_end").is_in(ends[:1].implode()))
    then = firm.filter(pl.col("month_end").is_in(ends[1:2].implode()))
    return now.select("currency", "dso", "best").join(
        then.select("currency", dso_before="dso"), on="currency", how="left"
    )


def _trend(data: ReportData, currency: str) -> pl.DataFrame:
    """Twelve month ends, those before the ledger began without figures."""
    as_of = data.as_of
    last = as_of if as_of == month_end(as_of) else previous_month_end(as_of)
    months = pl.DataFrame({"month_end": month_ends(last, MONTHS)})
    own = _speed(data).filter(pl.col("currency") == currency)
    columns = [pl.col(name).cast(kind) for name, kind in TREND_SCHEMA.items()]
    return months.join(own.select(columns), on="month_end", how="left", maintain_order="left")


def _ages(own: pl.DataFrame, labels: Sequence[str]) -> pl.DataFrame:
    names = [*labels, "unapplied"]
    columns = [*(f"b{index}" for index in range(len(labels))), "unapplied"]
    amounts = [int(own[name].sum()) for name in columns]
    return pl.DataFrame(
        {"bucket": names, "amount": amounts}, schema={"bucket": pl.String, "amount": pl.Int64}
    )


def _top(data: ReportData, currency: str) -> pl.DataFrame:
    """Largest balances of the sheet Concentration, and what is late of each."""
    found = next((part for part in data.concentration if part.currency == currency), None)
    if found is None:
        return padded(pl.DataFrame(schema=TOP_SCHEMA), TOP)
    late = (pl.col("open") > 0) & (pl.col("due_on") < data.as_of)
    overdue = data.items.filter((pl.col("currency") == currency) & late)
    sums = overdue.group_by("customer_id").agg(pl.col("open").sum().alias("overdue"))
    rows = found.frame.head(TOP).join(sums, on="customer_id", how="left", maintain_order="left")
    capped = pl.min_horizontal(pl.col("overdue").fill_null(0), "open")
    frame = rows.with_row_index("rank", 1).with_columns(
        balance="open", late=capped, rest=pl.col("open") - capped
    )
    columns = [pl.col(name).cast(kind) for name, kind in TOP_SCHEMA.items()]
    return padded(frame.select(columns), TOP)


def _grades(data: ReportData) -> Grades | None:
    found = data.credit.grades if data.credit else None
    if found is None or found.frame["grade"].is_null().all():
        return None
    change = found.frame["grade"] - found.frame["grade_before"]
    counts = [int(part.sum()) for part in (change < 0, change == 0, change > 0)]
    spread = found.spread.select(pl.col(name).cast(kind) for name, kind in GRADE_SPREAD.items())
    if found.before is None:
        spread = spread.with_columns(pl.lit(None, pl.Int64).alias("customers_before"))
    return Grades(spread, found.before, *counts)


def _levels(warnings: pl.DataFrame | None) -> dict[str, int] | None:
    if warnings is None:
        return None
    return {name: int(warnings[name][0]) for name in ("red", "yellow", "blue")}


def _mapped(data: ReportData, currency: str) -> bool:
    if data.credit is None or data.credit.countries is None:
        return False
    frame = data.credit.countries.frame
    owes = (pl.col("alpha2") != "") & (pl.col("exposure") > 0) & (pl.col("currency") == currency)
    return frame.filter(owes).height > 0


def _count(frame: pl.DataFrame | None, name: str) -> int | None:
    """Sum of a column of counts; None where it is missing or nothing is known."""
    if frame is None or name not in frame.columns or frame[name].is_null().all():
        return None
    return int(frame[name].sum())


def padded(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """A frame with rows of nulls up to a number of rows.

    >>> padded(pl.DataFrame({"rank": [1]}), 3)["rank"].to_list()
    [1, None, None]
    """
    missing = rows - frame.height
    if missing <= 0:
        return frame.head(rows)
    blank = pl.DataFrame({name: [None] * missing for name in frame.columns}, schema=frame.schema)
    return pl.concat([frame, blank])


def units(minor: int | None, currency: str) -> float | None:
    """An amount as a cell holds it.

    >>> units(123456, "EUR"), units(500, "JPY"), units(None, "EUR")
    (1234.56, 500.0, None)
    """
    return None if minor is None else float(money.to_decimal(minor, currency or "EUR"))
