"""As reported beside as now known: what a closed balance was, is, and which postings explain it."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.ledger.open import OpenItems
from receivables.ledger.posted import Posted
from receivables.ledger.postings import BOOK

CUSTOMER = (*BOOK, "customer_key")
WHO = ("table", *CUSTOMER, "document_no", "instalment")
"""What makes two postings the same one, though its amount or date was changed."""

STATE = pl.Schema(
    {
        "table": pl.String(),
        **dict.fromkeys(CUSTOMER, pl.String()),
        "document_no": pl.String(),
        "instalment": pl.String(),
        "kind": pl.String(),
        "posted_on": pl.Date(),
        "issued_on": pl.Date(),
        "due_on": pl.Date(),
        "entered_on": pl.Date(),
        "amount": pl.Int64(),
        "noted": pl.Int64(),
        "open": pl.Int64(),
        "customer_id": pl.String(),
        "name": pl.String(),
    }
)
"""One row per posting up to the balance date. `noted` is money noted on the row itself (signed as
it acts), `open` what was still open of it: per book Σ amount + Σ noted = Σ open."""

CHANGES = pl.Schema(
    {
        "state": pl.String(),
        **{name: STATE[name] for name in (*WHO, "customer_id", "name", "kind", "posted_on")},
        "entered_on": pl.Date(),
        "amount": pl.Int64(),
        "back_dated": pl.Boolean(),
    }
)


def state_of(posted: Posted, opened: OpenItems) -> pl.DataFrame:
    """Every posting up to the balance date with what is open of it, in an order of its own.

    The order depends on the content only: a ledger sorted otherwise gives the same table.

    Args:
        posted: the linked ledger.
        opened: its open items as of the balance date, in document currency.
    """
    noted = (
        posted.adjustments.filter(pl.col("external") & (pl.col("ready_on") <= opened.as_of))
        .group_by("item")
        .agg(noted=pl.col("amount").sum())
    )
    names = posted.parties.select(*CUSTOMER, "customer_id", "name")
    standing = opened.frame().select("item", "open")
    return (
        posted.details.filter(pl.col("posted_on") <= opened.as_of)
        .drop("customer_id", "name", "open", "noted", strict=False)
        .join(names, on=CUSTOMER, how="left", nulls_equal=True)
        .join(noted, on="item", how="left")
        .join(standing, on="item", how="left")
        .with_columns(pl.col("noted", "open").fill_null(0))
        .select(*STATE)
        .cast(STATE)
        .sort(*STATE, nulls_last=False)
    )


def changes(then: pl.DataFrame, now: pl.DataFrame, on: date) -> pl.DataFrame:
    """Postings up to a date that differ between two states of the books, with their effect.

    `state`: `appeared` (not there then), `vanished` (there then, amount reversed) or `changed`
    (both, one row for what it was and one for what it is). `back_dated`: entered after the date.
    Σ amount per company, account and currency = balance now − balance then.

    Args:
        then: state as reported (`state_of`).
        now: state as now known.
        on: the balance date of both.

    >>> late = dict.fromkeys(STATE) | {"document_no": "R5", "amount": 700, "noted": 0}
    >>> then, now = (pl.DataFrame(rows, schema=STATE) for rows in ([], [late]))
    >>> changes(then, now, date(2026, 8, 31)).select("state", "document_no", "amount").rows()
    [('appeared', 'R5', 700)]
    """
    names = [*WHO, "kind", "posted_on"]
    effect = (pl.col("amount") + pl.col("noted")).alias("effect")
    sides = [
        frame.select(
            *names, "customer_id", "name", "entered_on", effect, pl.lit(way).alias("times")
        )
        for frame, way in ((then, -1), (now, 1))
    ]
    differ = (
        pl.concat(sides)
        .group_by(*names, "effect")
        .agg(pl.col("customer_id", "name", "entered_on").last(), pl.col("times").sum())
        .filter(pl.col("times") != 0)
    )
    appeared, vanished = (pl.col("times") > 0).any(), (pl.col("times") < 0).any()
    state = (
        pl.when((appeared & vanished).over(WHO))
        .then(pl.lit("changed"))
        .when(pl.col("times") > 0)
        .then(pl.lit("appeared"))
        .otherwise(pl.lit("vanished"))
    )
    return (
        differ.with_columns(
            state=state,
            amount=pl.col("effect") * pl.col("times"),
            back_dated=(pl.col("entered_on") > pl.lit(on)).fill_null(value=False),
        )
        .sort(*CUSTOMER, "posted_on", "document_no", "times", "amount", nulls_last=True)
        .select(*CHANGES)
        .cast(CHANGES)
    )


def entered_after(posted: Posted, on: date) -> pl.DataFrame:
    """Postings dated up to a day and entered after it, in the shape of `changes`.

    For a period that has no snapshot: what was reported then is not known, only what came later.
    """
    names = posted.parties.select(*CUSTOMER, "customer_id", "name")
    return (
        posted.details.filter((pl.col("posted_on") <= on) & (pl.col("entered_on") > on))
        .drop("customer_id", "name", strict=False)
        .join(names, on=CUSTOMER, how="left", nulls_equal=True)
        .with_columns(state=pl.lit("entered_after"), back_dated=pl.lit(value=True))
        .sort(*CUSTOMER, "posted_on", "document_no", nulls_last=True)
        .select(*CHANGES)
        .cast(CHANGES)
    )


def as_reported(then: pl.DataFrame, now: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Balance as reported and as now known, by customer: reported + postings + matching = now.

    `postings` is the effect of `changes`; `matching` what was since matched with, or taken back
    from, another customer's document: nil per company, account and currency.

    Args:
        then: state as reported.
        now: state as now known.
        found: the changes between the two.

    Returns:
        company, account, currency, customer_key, customer_id, name, reported, now, difference,
        postings, matching. Customers with neither balance nor difference are left out.
    """
    parts = [
        then.group_by(CUSTOMER).agg(reported=pl.col("open").sum()),
        now.group_by(CUSTOMER).agg(now=pl.col("open").sum()),
        found.group_by(CUSTOMER).agg(postings=pl.col("amount").sum()),
    ]
    named = (*CUSTOMER, "customer_id", "name")
    whole = (
        pl.concat([now.select(named), then.select(named)])
        .unique(CUSTOMER, keep="first", maintain_order=True)
        .sort(CUSTOMER, nulls_last=True)
    )
    for part in parts:
        whole = whole.join(part, on=CUSTOMER, how="left", nulls_equal=True, maintain_order="left")
    amounts = ("reported", "now", "postings")
    return (
        whole.with_columns(pl.col(amounts).fill_null(0))
        .with_columns(difference=pl.col("now") - pl.col("reported"))
        .with_columns(matching=pl.col("difference") - pl.col("postings"))
        .filter(pl.any_horizontal(pl.col(*amounts, "matching") != 0))
        .select(*named, "reported", "now", "difference", "postings", "matching")
    )
