"""How old is what customers owe: open items by bucket and by any key, as of a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.errors import BadValueError
from receivables.ledger.open import OpenItems
from receivables.monitor import grouping, slots
from receivables.monitor.buckets import Buckets

MEASURES = ("open", "unapplied", "over_30", "intercompany")
CREDITS = ("separate", "own", "oldest")
BASES = {"due": "due_on", "issued": "issued_on"}
INTERCOMPANY = ("include", "exclude", "only")


@dataclass(frozen=True, slots=True)
class AgingTable:
    """Open items by bucket. All amounts are int64 minor units of the row's currency.

    `frame` has one row per key and currency, largest first: currency, the key columns (text),
    `name`, `open`, `unapplied`, `over_30` (30 days and more past the base date, whatever the
    edges), `intercompany` (the part of `open` that group companies owe) and b0, b1 … in the
    order of `labels`. In every row open = unapplied + Σ buckets.
    `left_out` (currency, open) is what filters and the intercompany choice kept out: the sum of
    both frames is the ledger.
    """

    as_of: date
    by: tuple[str, ...]
    labels: tuple[str, ...]
    base: str
    credits: str
    buckets: Buckets
    keys: tuple[str, ...]
    frame: pl.DataFrame
    left_out: pl.DataFrame

    @property
    def bucket_columns(self) -> list[str]:
        """Names of the bucket columns: b0, b1 …, beside `labels`."""
        return [f"b{number}" for number in range(len(self.labels))]

    @property
    def amounts(self) -> list[str]:
        """Names of all amount columns."""
        return [*MEASURES, *self.bucket_columns]

    @property
    def currencies(self) -> list[str]:
        """Currencies of the table, in alphabetical order."""
        return sorted(self.frame["currency"].unique())

    def totals(self) -> pl.DataFrame:
        """Sum of every amount column, one row per currency."""
        sums = [pl.col(name).sum() for name in self.amounts]
        return self.frame.group_by("currency").agg(sums).sort("currency")

    def block(self, currency: str) -> dict[str, Any]:
        """Buckets, rows and total of one currency, amounts as decimal text.

        `left_out` is there only where filters kept something out.
        """
        mine = pl.col("currency") == currency
        rows, out = self.frame.filter(mine), self.left_out.filter(mine)
        total = rows.select(pl.col(name).sum() for name in self.amounts)
        return {
            "currency": currency,
            "buckets": list(self.labels),
            "rows": [self._json_row(row, currency) for row in rows.iter_rows(named=True)],
            "total": self._json_row(total.row(0, named=True), currency),
            **({"left_out": money.text(out["open"][0], currency)} if out.height else {}),
        }

    def _json_row(self, row: dict[str, Any], currency: str) -> dict[str, Any]:
        spans = zip(self.labels, self.bucket_columns, strict=True)
        sums = {name: money.text(row[name], currency) for name in MEASURES[:3]}
        return {
            "key": row.get("key", ""),
            "name": row.get("name", ""),
            **sums,
            "buckets": {label: money.text(row[column], currency) for label, column in spans},
        }


def age(
    opened: OpenItems,
    *,
    buckets: Buckets | None = None,
    base: str = "",
    by: Sequence[str] = ("customer",),
    credits: str = "separate",  # noqa: A002 - the trade's word and the setting's name
    where: Mapping[str, str | Sequence[str]] | None = None,
    intercompany: str = "include",
    amount: str = "open",
    currency: str = "currency",
) -> AgingTable:
    """Aging: Σ open by key, currency and bucket of days past the base date.

    Args:
        opened: open items as of a date, on any engine.
        buckets: default 30, 60, 90 days.
        base: `due` or `issued`; default the one the buckets are meant for.
        by: customer, group, salesperson, country, currency, company, account, document, or any
            column of Customers or of the documents. Currencies are always kept apart.
        credits: `separate` (a column `unapplied`), `own` (bucket of their own date) or `oldest`
            (they clear the same customer's oldest items first; what is left is negative in
            Current). The total is the same in all three.
        where: column → value or values to keep; case and outer blanks do not matter.
        intercompany: `include`, `exclude` or `only` customers marked as group companies.
        amount: column of the items to sum, for example an amount converted to another currency.
        currency: column of the parties that names the currency of `amount`.

    Raises:
        BadValueError: unknown column, option, or a filter value that no row has.

    >>> import narwhals as nw
    >>> rows = {"item": [1, 2], "party": [7, 7], "credit": [False, True], "open": [90_00, -30_00]}
    >>> days = {"issued_on": [date(2026, 8, 31)] * 2, "due_on": [date(2026, 9, 30), None]}
    >>> who = {"party": [7], "customer_id": ["00123"], "name": ["Ångström AB"]}
    >>> book = {"currency": ["EUR"], "intercompany": [False]}
    >>> opened = OpenItems(
    ...     as_of=date(2026, 10, 31),
    ...     match_cutoff=date(2026, 10, 31),
    ...     items=nw.from_native(pl.LazyFrame(rows | days)),
    ...     applied=nw.from_native(pl.LazyFrame()),
    ...     parties=pl.DataFrame(who | book),
    ...     details=pl.DataFrame({"item": [1, 2]}),
    ... )
    >>> age(opened).frame.select("key", "open", "unapplied", "over_30", "b2").rows()
    [('00123', 6000, -3000, 9000, 9000)]
    >>> age(opened, credits="oldest").frame.select("key", "open", "unapplied", "over_30", "b2").rows()
    [('00123', 6000, 0, 6000, 6000)]
    """
    buckets = buckets or Buckets.parse()
    base = base or buckets.base
    _check_options(base, credits, intercompany)
    if amount not in opened.items.collect_schema().names():
        raise BadValueError(f"The open items have no amount column '{amount}'.")
    plan = grouping.plan(opened, by, where or {}, currency)
    ruler = slots.Ruler.of(buckets, opened.as_of, BASES[base])
    if plan.by_item:
        long = slots.by_item(opened.items, ruler, credits, amount)
    else:
        long = slots.by_party(opened.items, ruler, credits, amount)
    keyed = plan.attach(long, intercompany)
    frame = _wide(keyed.filter("kept"), ruler, plan)
    left_out = keyed.filter(~pl.col("kept")).group_by("currency").agg(open=pl.col("amount").sum())
    return AgingTable(
        as_of=opened.as_of,
        by=plan.by,
        labels=buckets.labels,
        base=base,
        credits=credits,
        buckets=buckets,
        keys=plan.keys,
        frame=frame,
        left_out=left_out.sort("currency"),
    )


def _wide(keyed: pl.DataFrame, ruler: slots.Ruler, plan: grouping.Plan) -> pl.DataFrame:
    """One row per key: the slots become bucket columns."""
    spread = {
        "open": pl.lit(True),
        "unapplied": pl.col("slot") == ruler.credit,
        "over_30": pl.col("slot").is_in(ruler.over_30),
        "intercompany": pl.col("intercompany"),
    } | {f"b{number}": pl.col("slot").is_in(held) for number, held in enumerate(ruler.held)}
    sums = [
        pl.when(condition).then(pl.col("amount")).otherwise(0).alias(name)
        for name, condition in spread.items()
    ]
    keys = ["currency", *plan.keys, "key", *(["_item"] if "_item" in keyed.columns else [])]
    return (
        keyed.lazy()
        .select(*keys, "name", *sums)
        .group_by(keys)
        .agg(pl.col("name").min(), pl.col(*spread).sum())
        .sort("open", *keys, descending=[True, *[False for _ in keys]])
        .select("currency", *plan.keys, "key", "name", *spread)
        .collect()
    )


def _check_options(base: str, credits: str, intercompany: str) -> None:  # noqa: A002
    for name, value, choices in (
        ("base", base, tuple(BASES)),
        ("credits", credits, CREDITS),
        ("intercompany", intercompany, INTERCOMPANY),
    ):
        if value not in choices:
            raise BadValueError(f"{name} is '{value}': give one of {', '.join(choices)}.")
