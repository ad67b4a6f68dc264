"""Most documents are settled once and in full view: write that settlement beside the document."""

from __future__ import annotations

import polars as pl

from receivables.ledger.posted import Posted


def inlined(posted: Posted) -> dict[str, pl.DataFrame]:
    """The frames an engine is given: items know their sole settlement, the rest stays a list.

    Items gain `sole` (its amount, 0 if there is none), `sole_money` (the part of it that is
    money), `sole_ready` and `sole_matched` (the days it needs). Applications gain `inline`. An
    as-of question then joins only documents settled in several steps. Nothing is decided here:
    an application is inline only if no date could make its source or document run short.
    """
    whole = posted.items.filter(pl.col("parts") == 1).select(doc="item")
    alone = (
        ~pl.col("source_hard")
        & ~pl.col("doc_hard")
        & pl.col("until_on").is_null()
        & pl.col("part").is_null()
        & (pl.len().over("doc") == 1)
    )
    marked = posted.applications.with_columns(inline=alone)
    single = marked.filter("inline").join(whole, on="doc", how="semi")
    beside = single.select(
        item="doc",
        sole="amount",
        sole_money=pl.when("paid").then("amount").otherwise(0),
        sole_ready="ready_on",
        sole_matched="matched_on",
    )
    items = posted.items.join(beside, on="item", how="left", maintain_order="left")
    applications = marked.with_columns(
        inline=pl.col("inline") & pl.col("doc").is_in(single["doc"].implode())
    )
    return {
        "items": items.with_columns(pl.col("sole", "sole_money").fill_null(0)),
        "adjustments": posted.adjustments,
        "applications": applications,
    }
