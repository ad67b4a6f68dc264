"""The close pack for the report: reserve, speed, notes and movement, each where the books allow it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from receivables import money
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.ledger.open import OpenItems
from receivables.monitor.aging import age
from receivables.monitor.buckets import Buckets
from receivables.monitor.movement import BY, movement
from receivables.monitor.reserve_base import ecl_base
from receivables.monitor.reserve_policy import Policy
from receivables.monitor.turnover_ledger import speed
from receivables.refresh.aging import aged
from receivables.refresh.books import Books
from receivables.refresh.reserve import reserve_job
from receivables.refresh.reserve_answer import ReserveAnswer
from receivables.report import pack_data as pack

TOP = 5
"""Debtors that the Chinese notes name (前五名)."""


def close_pack(
    books: Books,
    as_of: date,
    prior: date,
    *,
    policy: Policy | None = None,
    materiality: Mapping[str, int] | None = None,
    match_cutoff: date | None = None,
) -> dict[str, Any]:
    """Fields of ReportData for the sheets Reserve, DSO, Disclosure and Movement.

    Args:
        books: the loaded ledger.
        as_of: balance date.
        prior: start of the movement and of the roll-forward.
        policy: rates and cases of the reserve; None = the bridge alone, and what to do.
        materiality: minor units by currency from which a movement asks for a comment.
        match_cutoff: matchings entered up to this day count.
    """
    opened = books.open(as_of, match_cutoff)
    answer, reserve = reserve_part(books, as_of, prior, policy)
    return {
        "reserve": reserve,
        "speed": speed_part(books, as_of),
        "disclosure": pack.Disclosure(
            years_part(books, opened), top_part(books, opened, answer), _year_start(as_of)
        ),
        "movement": movement_part(books, prior, as_of, materiality or {}, match_cutoff),
    }


def reserve_part(
    books: Books, as_of: date, prior: date, policy: Policy | None
) -> tuple[ReserveAnswer | None, pack.ReserveData]:
    """The reserve by the policy; without one, or where it cannot be had, the bridge and why."""
    why = ""
    if policy is not None:
        try:
            answer = reserve_job(books, as_of, policy, prior=prior)
            return answer, _reserve_data(answer)
        except (BadValueError, DomainError, NotAvailableError) as fault:
            why = str(fault)
    buckets, base = books.buckets(forward=False), books.base()
    found = ecl_base(
        books.open(as_of), disputes=books.ledger["disputes"], buckets=buckets, base=base
    )
    bridge = found.bridge.select(*pack.BRIDGE_SCHEMA)
    return None, pack.ReserveData(bridge, rated=False, why_none=why)


def _reserve_data(answer: ReserveAnswer) -> pack.ReserveData:
    reserve, policy = answer.reserve, answer.policy
    booked = {(item.company, item.currency): item.balance for item in answer.allowances}
    roll = [
        {**_fields(item), "booked": booked.get((item.company, item.currency))}
        for item in answer.movements
    ]
    notes = [f"{row.name}: {row.weight:%} × {row.factor}" for row in policy.scenarios]
    if policy.overlay is not None:
        notes.insert(0, f"Overlay {policy.overlay}: {policy.overlay_reason}".rstrip(": "))
    notes += [issue.message for issue in answer.issues]
    return pack.ReserveData(
        bridge=reserve.base.bridge.select(*pack.BRIDGE_SCHEMA),
        method=answer.method,
        framework=answer.framework,
        pool=_frame(map(_fields, reserve.pool), pack.POOL_SCHEMA),
        cases=_frame(map(_fields, reserve.cases), pack.CASE_SCHEMA),
        dilution=_frame(map(_fields, reserve.dilution), pack.DILUTION_SCHEMA),
        roll=_frame(roll, pack.ROLL_SCHEMA),
        journal=_frame(map(_fields, answer.journal), pack.JOURNAL_SCHEMA),
        notes=tuple(notes),
    )


def _fields(row: Any) -> dict[str, Any]:
    """Fields of a dataclass; exact shares become floats, which is what a cell holds."""
    values = ((name, getattr(row, name)) for name in row.__slots__)
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in values}


def _frame(rows: Any, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    picked = [{name: row.get(name) for name in schema} for row in rows]
    return pl.DataFrame(picked, schema=dict(schema))


def speed_part(books: Books, as_of: date) -> pl.DataFrame | None:
    """Twelve months of speed for the firm, and for each company where there are several."""
    several = books.posted.parties["company"].n_unique() > 1
    options = {"engine": books.engine, "language": books.settings.language}
    try:
        tables = [
            speed(books.posted, books.ledger, as_of, by=by, **options).frame  # type: ignore[arg-type]
            for by in ("month", *(["company"] if several else []))
        ]
    except (NotAvailableError, DomainError):
        return None
    tables[0] = tables[0].with_columns(pl.lit("").alias("company"))
    columns = [pl.col(name).cast(kind) for name, kind in pack.SPEED_SCHEMA.items()]
    return pl.concat([table.select(*columns, "late_rate", "debt", "undated") for table in tables])


def years_part(books: Books, opened: OpenItems) -> pl.DataFrame:
    """Balances by year of age at the balance date and at the end of the year before."""
    closing = _by_year(opened).rename({"balance": "closing"})
    keys = ["currency", "bucket"]
    try:
        earlier = _by_year(books.open(_year_start(opened.as_of)))
    except NotAvailableError:
        return closing.with_columns(pl.lit(None, pl.Int64).alias("opening"))
    before = earlier.rename({"balance": "opening"})
    # Full: what had a balance then and has none now belongs to the opening total too.
    rows = closing.join(before, on=keys, how="full", coalesce=True, maintain_order="left_right")
    return rows.with_columns(pl.col("closing", "opening").fill_null(0)).sort(
        "currency", maintain_order=True
    )


def _year_start(as_of: date) -> date:
    """Balance date of the year before: accounts in China close with the calendar year."""
    return date(as_of.year - 1, 12, 31)


def _by_year(opened: OpenItems) -> pl.DataFrame:
    table = age(opened, buckets=Buckets.parse("cn"), by=("currency",), credits="own")
    labels = dict(zip(table.bucket_columns, table.labels, strict=True))
    order = list(labels.values())
    long = table.frame.unpivot(
        table.bucket_columns, index="currency", variable_name="bucket", value_name="balance"
    ).with_columns(pl.col("bucket").replace(labels))
    place = pl.col("bucket").replace_strict(order, range(len(order)), return_dtype=pl.Int64)
    kept = (pl.col("balance") != 0) | (place < len(order) - 1)
    return long.filter(kept).sort("currency", place)


def top_part(books: Books, opened: OpenItems, answer: ReserveAnswer | None) -> pl.DataFrame:
    """Five largest debtors of each currency with their part of the allowance."""
    frame = aged(books, opened, ("customer",)).frame.filter(pl.col("open") > 0)
    rows = (
        frame.sort("currency", "open", "key", descending=[False, True, False])
        .with_columns(pl.col("open").sum().over("currency").alias("total"))
        .group_by("currency", maintain_order=True)
        .head(TOP)
    )
    allowances = [
        _allowance(answer, currency, customer) if answer else None
        for currency, customer in rows.select("currency", "key").iter_rows()
    ]
    return rows.select(
        "currency", "name", "total", customer_id="key", balance="open",
        allowance=pl.Series(allowances, dtype=pl.Int64),
    ).select(*pack.TOP_SCHEMA)  # fmt: skip


def _allowance(answer: ReserveAnswer, currency: str, customer: str) -> int:
    """Own cases, and of each pool the part that the customer's debt has in it."""
    reserve = answer.reserve
    found = Decimal(
        sum(
            line.reserve
            for line in reserve.cases
            if (line.currency, line.customer_id) == (currency, customer)
        )
    )
    pools = {
        (line.company, line.bucket): line for line in reserve.pool if line.currency == currency
    }
    mine = (pl.col("currency") == currency) & (pl.col("customer_id") == customer)
    debts = reserve.base.items.filter(mine).group_by("company", "bucket").agg(pl.col("base").sum())
    for company, bucket, amount in debts.iter_rows():
        line = pools.get((company, reserve.base.labels[bucket]))
        if line and line.exposure:
            found += Decimal(amount) * line.reserve / line.exposure
    return money.half_up(found)


def movement_part(
    books: Books,
    start: date,
    end: date,
    materiality: Mapping[str, int],
    match_cutoff: date | None = None,
) -> pack.MovementData | None:
    """Movement by customer; a list of open items holds no postings, so it has none."""
    if books.ledger.kind == "open_items" or start >= end:
        return None
    cutoffs = (books.cutoff(start), books.cutoff(end, match_cutoff))
    frame = movement(books.posted, start, end, by=BY, cutoffs=cutoffs, engine=books.engine)
    columns = [pl.col(name).cast(kind) for name, kind in pack.MOVEMENT_SCHEMA.items()]
    return pack.MovementData(start, frame.select(columns), materiality)
