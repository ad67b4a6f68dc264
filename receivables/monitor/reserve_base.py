"""From the aging total to what the loss rates apply to: every part of the way, tied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.ledger.fx import ADVANCES
from receivables.ledger.keys import folded
from receivables.ledger.open import OpenItems
from receivables.monitor.buckets import Buckets

BLOCK = ("company", "currency")
WHO = ("company", "currency", "customer_key")
STEPS = (
    "aging_total",
    "reclassed",
    "intercompany",
    "advances",
    "dilution",
    "specific",
    "ecl_base",
)

OPTIONAL = {
    "kind": pl.String,
    "document_no": pl.String,
    "instalment": pl.String,
    "document_key": pl.String,
    "insured": pl.Boolean,
    "secured_share": pl.Float64,
    "disputed_amount": pl.Int64,
    "disputed_on": pl.Date,
    "disputed_until": pl.Date,
}
"""Columns that not every ledger has."""


@dataclass(frozen=True, slots=True)
class EclBase:
    """What the collective rates apply to, in minor units of the document currency.

    `items` has one row per open item: item, company, currency, customer_id, customer_key, name,
    document_no, instalment, kind, day (the date it ages from), bucket (index in `labels`), open,
    `exposure` (what is left after the customer's own credits), dilution + specific + base =
    exposure, `rule` (index of the specific rule that took it, else null), insured, secured
    (the insured and the secured part of base).
    `bridge` per company and currency: aging_total + reclassed − intercompany − advances −
    dilution − specific = ecl_base. Each step carries its own sign as it stands in the sum above:
    `intercompany` and `advances` are signed balances, so advances are below nil.
    """

    as_of: date
    labels: tuple[str, ...]
    items: pl.DataFrame
    bridge: pl.DataFrame

    @property
    def ties(self) -> bool:
        """Whether the bridge adds up in every company and currency."""
        taken = sum((pl.col(name) for name in STEPS[2:6]), pl.lit(0))
        gap = pl.col("aging_total") + pl.col("reclassed") - taken - pl.col("ecl_base")
        return bool(self.bridge.select((gap == 0).all()).item())


def ecl_base(
    opened: OpenItems,
    *,
    disputes: pl.DataFrame | None = None,
    rules: pl.DataFrame | None = None,
    buckets: Buckets | None = None,
    base: str = "due",
    segment: str = "",
) -> EclBase:
    """The ECL base and its bridge from the aging total.

    In this order, so that no amount stands in two lines: intercompany out; advances out (they are
    contract liabilities); each customer's credits clear its own oldest debt per company and
    currency, and a customer who is left in credit is reclassed (floor 0); disputed parts go to
    dilution; customers or lines assessed on their own go to specific, even where their reserve is
    nil; the rest is the pool.

    Args:
        opened: open items as of a date.
        disputes: the Disputes table; used where the document itself names no dispute.
        rules: who is assessed alone: rule, company, currency, customer_key, document_key
            (null or "" = any), the more exact rule wins, then the first.
        buckets: aging buckets; default 30, 60, 90 days.
        base: `due` or `issued`.
        segment: column of Customers that groups debt of like risk; "" = none.
    """
    buckets = buckets or Buckets.parse()
    day = "issued_on" if base == "issued" else "due_on"
    items = _described(opened, buckets, day, segment)
    items = _netted(items)
    items = _diluted(items, opened.as_of, disputes)
    items = _assessed(items, rules)
    items = items.with_columns(
        pl.when("insured").then("base").otherwise(0).alias("insured"),
        portion("base", "secured_share").alias("secured"),
    )
    bridge = (
        items.group_by(BLOCK)
        .agg(
            pl.col("open").sum().alias("aging_total"),
            _where("intercompany", "open").alias("intercompany"),
            _where("advance", "open").alias("advances"),
            pl.col("dilution", "specific").sum(),
            pl.col("base").sum().alias("ecl_base"),
            (pl.col("exposure") - pl.col("pooled")).sum().alias("reclassed"),
        )
        .sort(BLOCK)
        .select(*BLOCK, *STEPS)
    )
    return EclBase(opened.as_of, buckets.labels, items.sort("item"), bridge)


def portion(amount: str, share: str) -> pl.Expr:
    """Amount × share, half up, in minor units; a missing share is nil.

    >>> pl.DataFrame({"a": [5, 100], "s": [0.5, None]}).select(portion("a", "s"))["a"].to_list()
    [3, 0]
    """
    part = (pl.col(amount).abs() * pl.col(share).fill_null(0.0) + 0.5).floor().cast(pl.Int64)
    return (part * pl.col(amount).sign()).alias(amount)


def _described(opened: OpenItems, buckets: Buckets, day: str, segment: str) -> pl.DataFrame:
    """Open items with what decides their place: bucket, intercompany, advance, dispute, cover."""
    frame = opened.frame()
    group = pl.lit(None)
    if segment:
        owners = opened.parties.select("party", segment=pl.col(segment).cast(pl.String))
        frame = frame.drop("segment", strict=False).join(
            owners, on="party", how="left", maintain_order="left"
        )
        group = pl.col("segment")
    known = [
        (pl.col(name) if name in frame.columns else pl.lit(None))
        .cast(kind, strict=False)
        .alias(name)
        for name, kind in OPTIONAL.items()
    ]
    passed = [
        (pl.col("day") < pl.lit(cut)).cast(pl.Int64) for cut in buckets.cutoffs(opened.as_of)
    ]
    undated = pl.col("day").is_null()
    return (
        frame.select(
            "item", *WHO, "customer_id", "name", "open", *known,
            pl.col(day).alias("day"),
            group.cast(pl.String).fill_null("").alias("segment"),
            pl.col("intercompany").fill_null(value=False),
        )
        .with_columns(
            pl.when(undated).then(buckets.no_date).otherwise(pl.sum_horizontal(passed)).alias("bucket"),
            pl.col("insured").fill_null(value=False),
            (~pl.col("intercompany") & pl.col("kind").is_in(ADVANCES) & (pl.col("open") < 0))
            .fill_null(value=False)
            .alias("advance"),
        )
    )  # fmt: skip


def _netted(items: pl.DataFrame) -> pl.DataFrame:
    """`pooled` = open of third parties without advances; `exposure` = rest after own credits."""
    pooled = pl.when(pl.col("intercompany") | pl.col("advance")).then(0).otherwise("open")
    debt = pl.col("pooled").clip(lower_bound=0)
    credit = -pl.col("pooled").clip(upper_bound=0).sum().over(WHO)
    before = debt.cum_sum().over(WHO) - debt
    taken = pl.min_horizontal((credit - before).clip(lower_bound=0), debt)
    return (
        items.with_columns(pooled.alias("pooled"))
        .sort(pl.col("day").is_null(), "day", "item")
        .with_columns((debt - taken).alias("exposure"))
    )


def _diluted(items: pl.DataFrame, as_of: date, disputes: pl.DataFrame | None) -> pl.DataFrame:
    """`dilution`: the part of the exposure that is disputed as of the date."""
    on, until = pl.col("disputed_on"), pl.col("disputed_until")
    alive = (on <= pl.lit(as_of)) & (until.is_null() | (until >= pl.lit(as_of)))
    own = pl.when(alive).then(pl.coalesce("disputed_amount", "open").abs())
    listed = _listed(disputes, as_of)
    on_parts = ["company", "customer_key", "document_key"]
    joined = items.join(listed, on=on_parts, how="left", maintain_order="left")
    fallback = pl.when(on.is_null()).then(pl.coalesce("claimed", pl.when("whole").then("open")))
    before = pl.col("exposure").cum_sum().over("company", "customer_key", "document_key")
    left = (fallback - (before - pl.col("exposure"))).clip(lower_bound=0)
    claimed = pl.coalesce(own, pl.when(on.is_null()).then(left), pl.lit(0))
    return joined.with_columns(
        pl.min_horizontal(claimed, "exposure").cast(pl.Int64).alias("dilution")
    ).drop("claimed", "whole", "disputed_on", "disputed_until", "disputed_amount")


def _listed(disputes: pl.DataFrame | None, as_of: date) -> pl.DataFrame:
    """Disputes open on the date, summed per document; one without amount claims all of it."""
    schema = {
        "company": pl.String, "customer_key": pl.String, "document_key": pl.String,
        "claimed": pl.Int64, "whole": pl.Boolean,
    }  # fmt: skip
    if disputes is None or disputes.is_empty():
        return pl.DataFrame(schema=schema)
    opened, closed = pl.col("opened_on"), pl.col("closed_on")
    alive = (opened <= pl.lit(as_of)) & (closed.is_null() | (closed > pl.lit(as_of)))
    return (
        disputes.with_columns(
            pl.col("company").fill_null(""),
            folded(disputes["customer_id"]).alias("customer_key"),
            folded(disputes["document_no"]).alias("document_key"),
        )
        .filter(alive)
        .group_by("company", "customer_key", "document_key")
        .agg(
            pl.when(pl.col("amount").is_null().any()).then(None).otherwise(pl.col("amount").abs().sum()).alias("claimed"),
            pl.col("amount").is_null().any().alias("whole"),
        )
        .select(pl.col(name).cast(kind) for name, kind in schema.items())
    )  # fmt: skip


def _assessed(items: pl.DataFrame, rules: pl.DataFrame | None) -> pl.DataFrame:
    """`specific` and `rule`: what customers and lines assessed alone take out; `base` the rest."""
    rest = pl.col("exposure") - pl.col("dilution")
    found = [] if rules is None else [_matches(items, row) for row in rules.iter_rows(named=True)]
    ranked = sorted(found, key=lambda pair: pair[0])
    rule = pl.coalesce(*(hit for _, hit in ranked), pl.lit(None, pl.Int64))
    taken = pl.col("rule").is_not_null()
    return items.with_columns(rule.alias("rule")).with_columns(
        pl.when(taken).then(rest).otherwise(0).alias("specific"),
        pl.when(taken).then(0).otherwise(rest).alias("base"),
    )


def _matches(items: pl.DataFrame, row: dict[str, object]) -> tuple[int, pl.Expr]:
    """Rank (0 = names a document) and the expression that gives the rule's number on its items."""
    names = [name for name in (*WHO, "document_key") if row.get(name) and name in items.columns]
    same: Sequence[pl.Expr] = [pl.col(name) == pl.lit(row[name]) for name in names]
    hit = pl.all_horizontal(*same, pl.col("exposure") > 0)
    return 0 if row.get("document_key") else 1, pl.when(hit).then(pl.lit(row["rule"], pl.Int64))


def _where(flag: str, amount: str) -> pl.Expr:
    return pl.when(flag).then(amount).otherwise(0).sum()
