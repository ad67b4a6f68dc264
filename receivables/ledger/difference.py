"""Which documents may stand behind a difference to the control account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import polars as pl

from receivables.ledger.model import Ledger
from receivables.ledger.posted import Posted
from receivables.ledger.postings import BOOK
from receivables.ledger.tieout import TieOut

NEAR_DAYS = 45
"""Postings this near to the balance date may have been booked in the other period."""

SCHEMA = pl.Schema(
    {
        **dict.fromkeys(BOOK, pl.String()),
        "reason": pl.String(),
        "document_no": pl.String(),
        "customer_id": pl.String(),
        "posted_on": pl.Date(),
        "entered_on": pl.Date(),
        "amount": pl.Int64(),
        "explains": pl.Boolean(),
    }
)
"""`amount` is the row's own effect on the balance; `explains` that it makes up the difference,
alone or together with the other rows of its reason."""


def behind(blocks: Iterable[TieOut], ledger: Ledger, posted: Posted, as_of: date) -> pl.DataFrame:
    """Candidates for every difference, those that explain it first.

    Reasons: `set_aside` (a row not used), `no_currency` (a row not used that names no currency,
    amount in its own unknown one), `entered_after` (posted in the period, entered after it: the
    control balance may be older), `same_amount` (a posting near the date of just this amount).

    Args:
        blocks: tie-out per book.
        ledger: the checked ledger with the rows set aside.
        posted: the linked ledger.
        as_of: balance date.
    """
    found = [pl.DataFrame(schema=SCHEMA)]
    for block in blocks:
        if block.difference:
            found += _candidates(block, block.difference, ledger, posted, as_of)
    return pl.concat(found).sort("explains", descending=True, maintain_order=True)


def _candidates(
    block: TieOut, difference: int, ledger: Ledger, posted: Posted, as_of: date
) -> list[pl.DataFrame]:
    own = [
        (pl.col(name).fill_null("") == getattr(block, name)) | pl.lit(not getattr(block, name))
        for name in ("company", "account")
    ]
    aside = ledger.set_aside.filter(*own).with_columns(pl.col("currency").fill_null(""))
    rows = posted.details.filter(*own, pl.col("currency") == block.currency)
    late = rows.filter(
        (pl.col("posted_on") <= pl.lit(as_of)) & (pl.col("entered_on") > pl.lit(as_of))
    )
    near = rows.filter(
        pl.col("posted_on").is_between(
            as_of - timedelta(days=NEAR_DAYS), as_of + timedelta(days=NEAR_DAYS)
        )
        & (pl.col("amount").abs() == abs(difference))
    )
    return [
        _shaped(
            aside.filter(pl.col("currency") == block.currency), "set_aside", -difference, block
        ),
        _shaped(aside.filter(pl.col("currency") == ""), "no_currency", -difference, block),
        _shaped(late, "entered_after", difference, block),
        _shaped(near, "same_amount", difference, block),
    ]


def _shaped(rows: pl.DataFrame, reason: str, wanted: int, block: TieOut) -> pl.DataFrame:
    """Rows in the common shape; alone or summed they may make up what is wanted."""
    together = rows["amount"].sum() == wanted
    alone = pl.col("amount") == wanted
    explains = alone | pl.lit(bool(together and rows.height))
    if reason == "same_amount":
        explains = pl.lit(value=True)
    named: Sequence[str] = [name for name in SCHEMA if name in rows.columns]
    return (
        rows.select(named)
        .with_columns(
            *(pl.lit(getattr(block, name)).alias(name) for name in BOOK),
            pl.lit(reason).alias("reason"),
            explains.fill_null(value=False).alias("explains"),
            *(
                pl.lit(None).cast(kind).alias(name)
                for name, kind in SCHEMA.items()
                if name not in named and name not in {*BOOK, "reason", "explains"}
            ),
        )
        .select(*SCHEMA)
        .cast(SCHEMA)
    )
