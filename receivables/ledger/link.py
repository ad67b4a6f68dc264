"""Link every payment, credit and reversal to the document it settles; once, for all as-of dates."""

from __future__ import annotations

import polars as pl

from receivables.ledger import linking
from receivables.ledger.model import Ledger
from receivables.ledger.posted import ADJUSTMENTS, APPLICATIONS, ITEMS, Posted
from receivables.ledger.postings import postings

PARTY = ("company", "account", "customer_key", "currency")


def link(ledger: Ledger) -> Posted:
    """Turn checked tables into items, adjustments and applications.

    A row that names another row of the opposite sign settles it (application). One of the same
    sign, or one that says `reverses`, changes what that row is worth (a pair of adjustments that
    sums to nil). Rows of different company, account or currency are never linked: an Issue says
    so, and the payment stays unapplied.

    Args:
        ledger: result of `check`.
    """
    rows = linking.numbered_documents(postings(ledger))
    allocated = linking.allocation_claims(ledger["allocations"], rows)
    direct = linking.direct_claims(rows).join(
        allocated.select("source").unique(), on="source", how="anti"
    )
    claims = pl.concat([allocated, direct]).with_row_index("seq")
    rows = linking.fill_book(rows, claims).sort("item")
    claims, issues = linking.admissible(claims, rows, ledger)
    claims = _described(claims, rows)
    pairs = claims.filter("pair")
    adjustments = pl.concat([_pairs(pairs), _on_document(rows, ledger), _dishonoured(rows)])
    applications = _hardness(claims.filter(~pl.col("pair")), adjustments, rows)
    rows, parties = _parties(ledger, rows)
    items = _items(rows, applications)
    return Posted(
        items=items,
        adjustments=adjustments,
        applications=_kept(applications, items).select(*APPLICATIONS).cast(APPLICATIONS),
        parties=parties,
        details=_details(ledger, rows),
        issues=tuple(issues),
    )


def _described(claims: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Add what both ends are: signs, sizes, the day both are posted, and application or pair."""
    ends = rows.select("item", "doc", "parts", "amount", "posted_on", "paid")
    last_posted = rows.group_by("doc").agg(pl.col("posted_on").max().alias("target_posted"))
    source = ends.select(source="item", worth="amount", source_posted="posted_on", paid="paid")
    target = ends.select(target="item", parts="parts", doc="doc")
    both = claims.join(source, on="source").join(target, on="target").join(last_posted, on="doc")
    same_sign = pl.col("sign") == pl.col("sign_target")
    ready = pl.max_horizontal("source_posted", "target_posted")
    return both.with_columns(
        pl.coalesce("amount", pl.col("worth").abs()).alias("amount"),
        ready.alias("ready_on"),
        pl.coalesce(pl.max_horizontal("matched_on", ready), ready).alias("matched_on"),
        (same_sign | (pl.col("reversal") & (pl.col("parts") == 1))).alias("pair"),
    ).sort("seq")


def _pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """Move a reversal, bounce or recovery from its own row to the row that it changes."""

    def side(item: str, amount: pl.Expr) -> pl.DataFrame:
        return pairs.select(
            pl.col(item).alias("item"),
            amount.alias("amount"),
            "ready_on",
            "paid",
            pl.lit(False).alias("external"),
        )

    return pl.concat([side("target", pl.col("worth")), side("source", -pl.col("worth"))]).cast(
        ADJUSTMENTS
    )


def _on_document(rows: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Money noted on the document itself (flat exports): settled date and paid amount."""
    settled = rows.with_columns(
        pl.coalesce(
            "settled_on",
            pl.when(pl.col("paid_amount").is_not_null()).then(
                pl.lit(ledger.extracted_on, pl.Date)
            ),
        ).alias("settled_on")
    ).filter(pl.col("settled_on").is_not_null() & (pl.col("paid_amount").fill_null(1) != 0))
    size = pl.coalesce(pl.col("paid_amount").abs(), pl.col("amount").abs())
    return settled.select(
        "item",
        (-pl.col("amount").sign() * size).alias("amount"),
        pl.max_horizontal("settled_on", "posted_on").alias("ready_on"),
        pl.lit(True).alias("paid"),
        pl.lit(True).alias("external"),
    ).cast(ADJUSTMENTS)


def _dishonoured(rows: pl.DataFrame) -> pl.DataFrame:
    """A dishonoured bill is worth nothing from that day: its document is open again."""
    return (
        rows.filter(pl.col("dishonoured_on").is_not_null())
        .select(
            "item",
            -pl.col("amount"),
            pl.max_horizontal("dishonoured_on", "posted_on").alias("ready_on"),
            pl.lit(True).alias("paid"),
            pl.lit(True).alias("external"),
        )
        .cast(ADJUSTMENTS)
    )


def _hardness(
    applications: pl.DataFrame, adjustments: pl.DataFrame, rows: pl.DataFrame
) -> pl.DataFrame:
    """Flag the applications whose source or document could be asked for more than it holds."""
    adjusted = adjustments.select("item").unique()
    adjusted_docs = adjusted.join(rows.select("item", "doc"), on="item").select("doc").unique()
    worth = rows.group_by("doc").agg(pl.col("amount").sum().abs().alias("doc_worth"))
    apps = applications.join(worth, on="doc", how="left", maintain_order="left")
    used = pl.col("amount").sum()
    chained = pl.col("source").is_in(apps["doc"].implode()) | pl.col("doc").is_in(
        apps["source"].implode()
    )
    return apps.with_columns(
        (
            (used.over("source") > pl.col("worth").abs())
            | pl.col("source").is_in(adjusted["item"].implode())
            | chained
        ).alias("source_hard"),
        (
            (used.over("doc") > pl.col("doc_worth"))
            | pl.col("doc").is_in(adjusted_docs["doc"].implode())
            | chained
        ).alias("doc_hard"),
        pl.col("seq").cast(pl.Int64),
    )


def _parties(ledger: Ledger, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number each company × account × customer × currency; describe it from Customers."""
    parties = (
        rows.group_by(PARTY, maintain_order=True)
        .agg(pl.col("customer_id").first().alias("typed_id"))
        .with_row_index("party")
        .with_columns(pl.col("party").cast(pl.Int64))
    )
    rows = rows.join(parties.select("party", *PARTY), on=PARTY, maintain_order="left", how="left")
    customers = (
        ledger["customers"]
        .unique("customer_key", keep="first", maintain_order=True)
        .drop("company", "currency", "_source", "_row", strict=False)
    )
    described = (
        parties.join(customers, on="customer_key", how="left", maintain_order="left")
        .with_columns(pl.coalesce("customer_id", "typed_id").alias("customer_id"))
        .with_columns(
            pl.coalesce("name", "customer_id").alias("name"),
            pl.col("intercompany").fill_null(value=False),
        )
    )
    return rows, described.drop("typed_id")


def _items(rows: pl.DataFrame, applications: pl.DataFrame) -> pl.DataFrame:
    """Rows that can be open on some date; payments settled on their own day cannot."""
    days = rows.select("item", "posted_on", "amount", "table")
    gone = (
        applications.filter(
            ~pl.col("source_hard")
            & ~pl.col("doc_hard")
            & pl.col("until_on").is_null()
            & (pl.col("amount") == pl.col("worth").abs())
            & (pl.col("matched_on") == pl.col("source_posted"))
        )
        .join(days, left_on="source", right_on="item")
        .filter(pl.col("table") != "documents")
        .select("source")
    )
    return (
        rows.join(gone, left_on="item", right_on="source", how="anti").select(*ITEMS).cast(ITEMS)
    )


def _kept(applications: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    return applications.join(
        items.select(source="item", kept=pl.lit(True)),
        on="source",
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("kept").fill_null(value=False))


def _details(ledger: Ledger, rows: pl.DataFrame) -> pl.DataFrame:
    """Every item with the columns of the row it came from, the user's extra columns included."""
    base = rows.drop(
        "doc", "parts", "party", "settled_on", "paid_amount", "dishonoured_on"
    ).rename({"number": "document_no"})
    tables = []
    for table in ("documents", "payments", "bills"):
        own = base.filter(pl.col("table") == table)
        rest = ledger[table].drop(set(own.columns) - {"_source", "_row"}, strict=False)
        if table == "bills":
            tables.append(
                own.join(rest, on=["_source", "_row"], how="left", maintain_order="left")
            )
        else:
            tables.append(pl.concat([own, rest.drop("_source", "_row")], how="horizontal"))
    typed = {**tables[2].schema, **tables[1].schema, **tables[0].schema}
    alike = [
        frame.select(_typed_as(frame[name], typed[name]) for name in frame.columns)
        for frame in tables
    ]
    return pl.concat(alike, how="diagonal").sort("item").drop("key", "names")


def _typed_as(column: pl.Series, target: pl.DataType) -> pl.Series:
    """A column as the documents have it; a flat export leaves theirs as text beside its payments."""
    if column.dtype == pl.String and target == pl.Date:
        return column.str.to_date(strict=False)
    if column.dtype == pl.String and target != pl.String:
        return pl.Series(column.name, [None], dtype=target).new_from_index(0, column.len())
    return column.cast(target, strict=False)
