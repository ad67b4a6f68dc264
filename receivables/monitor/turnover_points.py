"""What was owed and how it was paid at each month end: the sums that every measure of speed needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import narwhals as nw
import polars as pl

from receivables.ledger.engines import collect
from receivables.ledger.open import open_items, positions
from receivables.ledger.posted import Posted
from receivables.monitor.payment_habits import score
from receivables.monitor.turnover_settled import documents, settlements

NEEDED = ("item", "party", "due_on", "amount", "paid", "open")
SCORE_UNITS = 10**9
"""Parts of a point in which scores are added: whole numbers add up alike in every order of rows."""


@dataclass(frozen=True, slots=True)
class How:
    """How month ends are measured."""

    keys: tuple[str, ...]
    basis: str = "gross"
    grace_days: int = 0
    unapplied: str = "keep"
    engine: str = "polars"


def point(posted: Posted, start: date, end: date, how: How) -> pl.DataFrame:
    """Sums per key at one month end; `start` is the month end before it.

    Columns: the keys, month_end, receivables, debt, current (debt not yet due), undated, unnetted
    (documents whose tax is not known, where the net is asked for); of the month's receipts
    paid, paid_issue_days, paid_due, paid_due_days, paid_late_days, paid_score (amount × score of its
    days beyond terms, int128 in `SCORE_UNITS`), experiences (documents and days of payment); of what fell due in the month
    due_count, late_count, due_amount, late_amount. Amounts are int64 minor units, `_days` are
    amount × days.
    """
    keyed = posted.parties.select("party", *how.keys)
    summed = _by_party(posted, start, end, how).join(keyed, on="party", how="left").drop("party")
    return summed.group_by(how.keys).agg(pl.all().sum()).with_columns(month_end=pl.lit(end))


def owed_at(posted: Posted, end: date, engine: str = "polars") -> pl.DataFrame:
    """Items open on a date with what was matched by then (`NEEDED`), kept for the next question."""
    name = f"owed {engine} {end}"
    if name not in posted.native:
        standing, _ = positions(posted, end, end, engine=engine)
        posted.native[name] = collect(standing.select(*NEEDED).filter(nw.col("open") != 0))
    found = posted.native[name]
    assert isinstance(found, pl.DataFrame)
    return found


def _by_party(posted: Posted, start: date, end: date, how: How) -> pl.DataFrame:
    """The sums of `point` by party, kept: firm and companies are asked for one after the other."""
    name = f"point {start} {end} {replace(how, keys=())}"
    if name not in posted.native:
        posted.native[name] = _measured(posted, start, end, how)
    found = posted.native[name]
    assert isinstance(found, pl.DataFrame)
    return found


def _measured(posted: Posted, start: date, end: date, how: How) -> pl.DataFrame:
    standing, applied = positions(posted, end, end, engine=how.engine)
    rows = collect(standing.select(*NEEDED))
    money = settlements(posted, collect(applied), end)
    owed = rows.filter(pl.col("open") != 0)
    posted.native[f"owed {how.engine} {end}"] = owed
    if how.unapplied == "fifo":
        opened = open_items(posted, end, unapplied="fifo", engine=how.engine)
        owed = collect(opened.items.select(*(nw.col(name) for name in NEEDED)))
    parts = [
        _balances(_worth(owed, posted, how), end),
        _receipts(money.filter(pl.col("known_on").is_between(start, end, closed="right"))),
        _fallen_due(
            rows.join(documents(posted), on="item", how="semi"), money, start, end, how.grace_days
        ),
    ]
    return pl.concat(parts, how="diagonal").group_by("party").agg(pl.all().sum())


def _worth(owed: pl.DataFrame, posted: Posted, how: How) -> pl.DataFrame:
    """Open items, without their tax where the net is asked for; `unnetted` marks unknown tax.

    Money has no tax of its own: what is unapplied is netted as the same party's open invoices are.
    """
    if how.basis == "gross":
        return owed.with_columns(unnetted=pl.lit(0, pl.Int64))
    tax = posted.details.select(
        "item", "table", pl.col("tax_amount").cast(pl.Int64), full=pl.col("amount").abs()
    )
    known, document = pl.col("tax_amount").is_not_null(), pl.col("table") == "documents"
    part = _share(pl.col("open"), pl.col("full") - pl.col("tax_amount").abs(), pl.col("full"))
    rows = owed.join(tax, on="item", how="left").with_columns(
        net=pl.when(known & (pl.col("full") > 0)).then(part).otherwise("open"),
        unnetted=(~known & document).cast(pl.Int64),
    )
    debt = rows.filter(document & (pl.col("open") > 0)).group_by("party")
    sums = debt.agg(pl.col("net").sum().alias("debt_net"), pl.col("open").sum().alias("debt"))
    like_debt = _share(pl.col("open"), pl.col("debt_net"), pl.col("debt"))
    return rows.join(sums, on="party", how="left").with_columns(
        pl.when(document | pl.col("debt").is_null()).then("net").otherwise(like_debt).alias("open")
    )


def _share(amount: pl.Expr, top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    """Amount × top ÷ bottom, half away from zero, exact."""
    wide = pl.Int128
    under = pl.when(bottom == 0).then(1).otherwise(bottom).cast(wide)
    size = (amount.abs().cast(wide) * top.cast(wide) * 2 + under) // (under * 2)
    return size.cast(pl.Int64) * amount.sign()


def _balances(owed: pl.DataFrame, end: date) -> pl.DataFrame:
    owes = pl.col("open") > 0
    return owed.group_by("party").agg(
        pl.col("open").sum().alias("receivables"),
        pl.col("open").filter(owes).sum().alias("debt"),
        pl.col("open").filter(owes & (pl.col("due_on") >= end)).sum().alias("current"),
        pl.col("open").filter(owes & pl.col("due_on").is_null()).sum().alias("undated"),
        pl.col("unnetted").sum(),
    )


def _receipts(money: pl.DataFrame) -> pl.DataFrame:
    """Receipts matched in the month, weighted by the days that their documents were out."""
    amount = pl.col("amount").cast(pl.Float64)
    since_issue = (pl.col("paid_on") - pl.col("issued_on")).dt.total_days()
    since_due = (pl.col("paid_on") - pl.col("due_on")).dt.total_days()
    dated = pl.col("due_on").is_not_null()
    experience = pl.struct("item", "paid_on").filter(dated & (pl.col("amount") > 0))
    return (
        _scored(money, since_due)
        .group_by("party")
        .agg(
            pl.col("amount").sum().alias("paid"),
            (amount * since_issue).sum().alias("paid_issue_days"),
            pl.col("amount").filter(dated).sum().alias("paid_due"),
            (amount * since_due).sum().alias("paid_due_days"),
            (amount * since_due.clip(0)).sum().alias("paid_late_days"),
            (pl.col("amount").cast(pl.Int128) * pl.col("score")).sum().alias("paid_score"),
            experience.n_unique().cast(pl.Int64).alias("experiences"),
        )
    )


def _scored(money: pl.DataFrame, days: pl.Expr) -> pl.DataFrame:
    """Add `score`: that of `payment_habits.score` for the days beyond terms, null without a due date."""
    found = money.with_columns(beyond=days)
    seen = found["beyond"].drop_nulls().unique().to_list()
    scores = pl.DataFrame(
        {"beyond": seen, "score": [int(score(one) * SCORE_UNITS) for one in seen]},
        schema={"beyond": pl.Int64, "score": pl.Int64},
    )
    return found.join(scores, on="beyond", how="left")


def _fallen_due(
    rows: pl.DataFrame, money: pl.DataFrame, start: date, end: date, grace_days: int
) -> pl.DataFrame:
    """Documents due in the month, and those of them that were late by its end.

    What was credited is not owed. Late: paid in full after due date + grace, or open past it.
    """
    due = rows.filter(
        pl.col("due_on").is_between(start, end, closed="right") & (pl.col("amount") > 0)
    ).with_columns(owed=pl.col("paid") + pl.col("open"))
    last = money.group_by("item").agg(pl.col("paid_on").max().alias("last_on"))
    seen = due.filter(pl.col("owed") > 0).join(last, on="item", how="left")
    settled = pl.when(pl.col("open") > 0).then(pl.lit(end)).otherwise("last_on")
    late = (settled > pl.col("due_on") + pl.lit(timedelta(days=grace_days))).fill_null(value=False)
    return seen.group_by("party").agg(
        pl.len().cast(pl.Int64).alias("due_count"),
        late.sum().cast(pl.Int64).alias("late_count"),
        pl.col("owed").sum().alias("due_amount"),
        pl.col("owed").filter(late).sum().alias("late_amount"),
    )
