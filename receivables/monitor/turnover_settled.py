"""Which money settled which document on which day, down to the instalment."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.ledger.posted import Posted

PLACES = ("item", "party", "issued_on", "due_on", "amount", "paid_on", "known_on")


def settlements(posted: Posted, applied: pl.DataFrame, until: date) -> pl.DataFrame:
    """Money received for documents: item, party, issued_on, due_on, amount (positive), paid_on, known_on.

    `paid_on` is the day the customer paid, `known_on` the day it was matched. Credit notes are no
    money. Money for a document in instalments goes to those it names, else to the oldest due.

    Args:
        posted: the linked ledger.
        applied: the applications that count, of `ledger.open.positions`.
        until: last day of external settlements (flat exports).
    """
    items = posted.items.join(documents(posted), on="item", how="semi").filter(
        pl.col("amount") > 0
    )
    money = (
        applied.filter("paid")
        .join(
            posted.details.select(source="item", paid_on="issued_on"),
            on="source",
            how="left",
            maintain_order="left",
        )
        .select("doc", "part", "amount", "paid_on", known_on="matched_on")
    )
    parts = items.filter(pl.col("parts") > 1)
    named = money.filter(pl.col("part").is_not_null()).rename({"part": "item"}).drop("doc")
    plain = money.filter(pl.col("part").is_null())
    single = plain.join(
        items.filter(pl.col("parts") == 1).select("item"),
        left_on="doc",
        right_on="item",
        how="semi",
    )
    found = [
        named.select("item", "amount", "paid_on", "known_on"),
        single.select(pl.col("doc").alias("item"), "amount", "paid_on", "known_on"),
        _on_documents(posted, until),
    ]
    if parts.height:
        found.append(_by_instalment(plain, parts, named))
    places = items.select("item", "party", "issued_on", "due_on")
    return pl.concat(found).join(places, on="item", how="inner").select(*PLACES)


def documents(posted: Posted) -> pl.DataFrame:
    """Items that are documents; a refund or a bounced payment owes money but was never invoiced."""
    return posted.details.filter(pl.col("table") == "documents").select("item")


def _on_documents(posted: Posted, until: date) -> pl.DataFrame:
    """Money noted on the document itself: settled date and paid amount of flat exports."""
    noted = posted.adjustments.filter(
        pl.col("external")
        & pl.col("paid")
        & (pl.col("amount") < 0)
        & (pl.col("ready_on") <= until)
    )
    return noted.select(
        "item",
        -pl.col("amount"),
        pl.col("ready_on").alias("paid_on"),
        pl.col("ready_on").alias("known_on"),
    )


def _by_instalment(plain: pl.DataFrame, parts: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Pour money into instalments in the order of their due dates, as the open items do."""
    taken = named.group_by("item").agg(pl.col("amount").sum().alias("taken"))
    room = (
        parts.join(taken, on="item", how="left")
        .with_columns(
            space=pl.col("amount") - pl.col("taken").fill_null(0).clip(0, pl.col("amount"))
        )
        .sort("doc", "due_on", "item", nulls_last=True)
        .with_columns(end=pl.col("space").cum_sum().over("doc"))
        .select("item", "doc", (pl.col("end") - pl.col("space")).alias("begin"), "end")
    )
    poured = (
        plain.sort("doc", "known_on", "paid_on", maintain_order=True)
        .with_columns(upto=pl.col("amount").cum_sum().over("doc"))
        .with_columns(after=pl.col("upto") - pl.col("amount"))
    )
    low, high = pl.max_horizontal("begin", "after"), pl.min_horizontal("end", "upto")
    return (
        poured.join(room, on="doc", how="inner")
        .with_columns((high - low).alias("amount"))
        .filter(pl.col("amount") > 0)
        .select("item", "amount", "paid_on", "known_on")
    )
