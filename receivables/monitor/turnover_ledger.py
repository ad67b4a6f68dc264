"""Speed of collection from the ledger: every measure per month end, company or customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from polars import selectors as cs

from receivables.days import month_end, month_ends, previous_month_end
from receivables.errors import BadValueError, DomainError, Issue, NotAvailableError
from receivables.ledger.findings import Findings
from receivables.ledger.model import Ledger
from receivables.ledger.posted import Posted
from receivables.monitor.turnover_measures import MEASURES, measured
from receivables.monitor.turnover_points import How, point
from receivables.monitor.turnover_sales import KEYS, MonthlySales, first_months, monthly_sales

BASES = ("gross", "net")
MONTH_DAYS = ("calendar", "thirty")


@dataclass(frozen=True, slots=True)
class Speed:
    """Measures of speed; one row per key, currency and month end, oldest month first.

    `frame`: key (company or customer number), name, company (where kept apart), currency,
    month_end, days, basis (receivables/sales: gross/gross, net/net or the mixture gross/net, which
    overstates), source (of the sales: table, documents, both), receivables, debt (before credits), current, undated, sales (int64 minor units, null = not known), then
    `MEASURES` (floats, null = not available) and `missing`: why each of these is null.
    """

    as_of: date
    by: str
    month_days: str
    frame: pl.DataFrame
    issues: tuple[Issue, ...]

    def latest(self) -> pl.DataFrame:
        """Rows of the last month end."""
        return self.frame.filter(pl.col("month_end") == pl.col("month_end").max())


def speed(
    posted: Posted,
    ledger: Ledger,
    as_of: date,
    *,
    months: int = 12,
    by: str = "month",
    basis: str = "gross",
    month_days: str = "calendar",
    grace_days: int = 0,
    unapplied: str = "keep",
    engine: str = "polars",
    language: str = "en",
) -> Speed:
    """Every measure of collection speed at each month end up to the as-of date.

    Receivables are the open items of that month end, net of credits, gross of allowances; sales
    are those posted in the month. A month end is measured with what was known on that day.

    Args:
        posted: the linked ledger.
        ledger: its checked tables; Sales wins over the documents.
        as_of: last day; a month that is not over by then is not shown.
        months: month ends shown, 1 or more.
        by: month (whole firm), company or customer; currencies are always kept apart.
        basis: `gross` (receivables and sales with tax) or `net` (both without).
        month_days: `calendar`, or `thirty` for 30 days in every month.
        grace_days: days forgiven by the late rate.
        unapplied: `keep` or `fifo`, as for open items.
        engine: polars, duckdb, pandas or pyspark.
        language: of the Issues and of the reasons in `missing`, en or zh.

    Raises:
        BadValueError: unknown option.
        DomainError: months or grace out of range.
        NotAvailableError: no month end in the ledger by then; a list that cannot be back-dated.
    """
    _check(months, by, basis, month_days, grace_days)
    ends = _month_ends(posted, ledger, as_of, months)
    how = How(KEYS[by], basis, grace_days, unapplied, engine)
    sold = monthly_sales(ledger, posted, by, basis, ends[-1])
    listed = ledger.kind == "open_items"
    before = [] if listed or ends[0] <= _first(posted) else [previous_month_end(ends[0])]
    points = pl.concat(
        [point(posted, previous_month_end(end), end, how) for end in [*before, *ends]],
        how="diagonal_relaxed",
    )
    grid = _grid(points, sold.frame, how.keys, ends[-1])
    frame = measured(grid, how.keys, month_days, basis, listed=listed, language=language)
    shown = _named(frame.filter(pl.col("month_end") >= ends[0]), posted, by)
    issues = _issues(ledger, sold, shown, as_of, ends, months, language)
    return Speed(as_of, by, month_days, shown, tuple(issues))


def _check(months: int, by: str, basis: str, month_days: str, grace_days: int) -> None:
    for name, value, choices in (
        ("by", by, tuple(KEYS)),
        ("basis", basis, BASES),
        ("month_days", month_days, MONTH_DAYS),
    ):
        if value not in choices:
            raise BadValueError(f"{name} is '{value}': give one of {', '.join(choices)}.")
    if months < 1 or grace_days < 0:
        raise DomainError(
            f"months is {months}, grace_days {grace_days}: give 1 or more, 0 or more."
        )


def _first(posted: Posted) -> date:
    first = posted.details["posted_on"].min()
    if not isinstance(first, date):
        raise NotAvailableError("Nothing was posted: the ledger has no month to measure.")
    return first


def _month_ends(posted: Posted, ledger: Ledger, as_of: date, months: int) -> list[date]:
    """Month ends up to the as-of date that the ledger can answer."""
    last = as_of if as_of == month_end(as_of) else previous_month_end(as_of)
    if ledger.kind == "open_items":
        if as_of != ledger.extracted_on or as_of != last:
            raise NotAvailableError(
                f"A list of open items extracted on {ledger.extracted_on} answers for that day only, "
                f"and speed is measured at month ends: it cannot be shown as of {as_of}. Extract the "
                "list at a month end, or export all postings."
            )
        return [last]
    first = month_end(_first(posted))
    ends = [end for end in month_ends(last, months) if end >= first]
    if not ends:
        raise NotAvailableError(
            f"The first posting is of {_first(posted)}: there is no month end up to {as_of}. Give a "
            "later date."
        )
    return ends


def _grid(
    points: pl.DataFrame, sales: pl.DataFrame, keys: tuple[str, ...], last: date
) -> pl.DataFrame:
    """Every key in every month, from the first month with sales or a balance to the last.

    Between the first month with sales of a currency and the last one of the ledger, a key without
    a row sold nothing; before that its sales are not known.
    """
    starts = first_months(sales)
    who = pl.concat([points.select(keys), sales.select(keys)]).unique()
    first = min([points["month_end"].min(), *starts.values()], default=last)  # type: ignore[type-var]
    count = (last.year - first.year) * 12 + last.month - first.month + 1  # type: ignore[union-attr]
    grid = who.join(pl.DataFrame({"month_end": month_ends(last, count)}), how="cross")
    known = pl.col("currency").replace_strict(starts, default=None, return_dtype=pl.Date)
    joined = grid.join(sales, on=[*keys, "month_end"], how="left").join(
        points, on=[*keys, "month_end"], how="left"
    )
    silent = pl.col("source").is_null() & (pl.col("month_end") >= known)
    return joined.with_columns(
        pl.when(silent).then(0).otherwise(pl.col("sales")).alias("sales"),
        pl.col("month_end").is_in(points["month_end"].unique().implode()).alias("measured"),
        (cs.numeric() - cs.by_name("sales")).fill_null(0),
    ).sort(*keys, "month_end")


def _named(frame: pl.DataFrame, posted: Posted, by: str) -> pl.DataFrame:
    """Rows with key, name and company; keys that neither owe nor sell are left out."""
    busy = pl.any_horizontal(
        pl.col(name).fill_null(0) != 0 for name in ("receivables", "sales", "paid", "due_count")
    )
    rows = frame.filter(busy.any().over(KEYS[by]))
    if by == "customer":
        who = posted.parties.select("customer_key", key="customer_id", name="name")
        first = who.unique("customer_key", keep="first", maintain_order=True)
        rows = rows.join(first, on="customer_key", how="left", maintain_order="left")
    else:
        key = pl.col("company") if by == "company" else pl.lit("")
        rows = rows.with_columns(key=key, name=pl.lit(""))
    if by != "company":
        rows = rows.with_columns(company=pl.lit(""))
    order = [
        "key", "name", "company", "currency", "month_end", "days", "basis", "source", "receivables", "debt",
        "current", "undated", "sales", *MEASURES, "missing",
    ]  # fmt: skip
    return rows.select(order).sort("currency", "key", "month_end")


def _issues(
    ledger: Ledger,
    sold: MonthlySales,
    frame: pl.DataFrame,
    as_of: date,
    ends: list[date],
    months: int,
    language: str,
) -> list[Issue]:
    """What a reader of the figures must know about their months and their tax."""
    found = Findings(ledger.sources, language)
    mixed = frame.filter(pl.col("basis") == "gross/net")
    if mixed.height:
        found.one(
            "speed_mixed", "documents", "tax_amount", value=mixed.height, untaxed=sold.untaxed
        )
    if sold.filled:
        found.one("speed_filled", "sales", "month", value=sold.filled)
    if sold.unsplit:
        found.one("speed_unsplit", "sales", "company")
    if ends[-1] != as_of:
        found.one("speed_not_over", "documents", value=as_of, last=ends[-1])
    if len(ends) < months:
        found.one("speed_months", "documents", value=months, count=len(ends), first=ends[0])
    undated = frame.filter((pl.col("undated") != 0) & (pl.col("month_end") == ends[-1]))
    if undated.height:
        found.one("speed_undated", "documents", "due_on", value=undated.height)
    return found.all()
