"""Find the row that a payment, credit or reversal names, and say why one was not linked."""

from __future__ import annotations

import polars as pl

from receivables.errors import Issue
from receivables.ledger.model import Ledger
from receivables.ledger.postings import BOOK

CLAIM = ("source", "target", "part", "amount", "matched_on", "until_on", "reversal")


def numbered_documents(rows: pl.DataFrame) -> pl.DataFrame:
    """Postings with `doc` (item of the document's first row) and `parts` (its instalments)."""
    same = ("table", "company", "customer_key", "key")
    alone = pl.col("key").is_null() | (pl.col("table") != "documents")
    return rows.with_columns(
        pl.when(alone).then("item").otherwise(pl.col("item").min().over(same)).alias("doc"),
        pl.when(alone).then(1).otherwise(pl.len().over(same)).cast(pl.Int64).alias("parts"),
    )


def direct_claims(rows: pl.DataFrame) -> pl.DataFrame:
    """Claims of the rows that name their target themselves (document_no, applies_to, reverses)."""
    naming = rows.filter(pl.col("names").is_not_null() & pl.col("reverses").is_null())
    undoing = rows.filter(pl.col("reverses").is_not_null())
    who = ("item", "kind", *BOOK, "customer_key")
    claims = pl.concat(
        [
            naming.select(*who, key="names", instalment="names_part", reversal=pl.lit(False)),
            undoing.select(*who, key="reverses", instalment="names_part", reversal=pl.lit(True)),
        ]
    ).with_row_index("claim")
    found = _named_part(claims.join(_resolve(claims, rows), on="claim"), rows)
    return (
        found.sort("claim")
        .select(
            "part",
            source="item",
            target="target",
            amount=pl.lit(None, pl.Int64),
            matched_on=pl.lit(None, pl.Date),
            until_on=pl.lit(None, pl.Date),
            reversal=pl.col("reversal") | (pl.col("kind") == "bounced"),
        )
        .select(CLAIM)
    )


def allocation_claims(allocations: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Claims of the Allocations table: so much of this credit settles that document from a day on.

    A negative row takes back the latest equal allocation of the same pair before it.
    """
    pairs = allocations.with_row_index("claim").select(
        "claim",
        "credit_key",
        "document_key",
        pl.col("instalment").cast(pl.String).alias("instalment"),
        "amount",
        pl.max_horizontal("applied_on", "entered_on").alias("matched_on"),
    )
    found = _matched(pairs, rows)
    return (
        _undone(_named_part(found, rows))
        .sort("claim")
        .with_columns(reversal=pl.lit(value=False))
        .select(CLAIM)
    )


def _matched(pairs: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The one credit and document each allocation means: same customer first, then currency."""
    sides = rows.select("item", "doc", *BOOK, "customer_key", "key", "table", "amount")
    credit = sides.filter(pl.col("amount") < 0).select(
        "company", "currency", "customer_key", credit_key="key", source="item"
    )
    target = (
        sides.filter(pl.col("table") == "documents")
        .unique("doc", keep="first", maintain_order=True)
        .select(
            document_key="key",
            owner="customer_key",
            their_company="company",
            their_currency="currency",
            target="doc",
        )
    )
    nearness = (pl.col("customer_key") == pl.col("owner")).cast(pl.Int8) * 2 + (
        pl.col("currency") == pl.col("their_currency")
    ).cast(pl.Int8)
    return (
        pairs.join(credit, on="credit_key")
        .join(target, on="document_key")
        .filter(pl.col("source") != pl.col("target"))
        .filter((pl.col("company") == pl.col("their_company")) | (pl.col("company") == ""))
        .with_columns(nearness.alias("near"))
        .filter(pl.col("near") == pl.col("near").max().over("claim"))
        .filter(pl.len().over("claim") == 1)
    )


def _named_part(found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Add `part`: the item of the instalment that the row names, null if it names none."""
    parts = (
        rows.filter(pl.col("instalment").is_not_null() & (pl.col("parts") > 1))
        .unique(["doc", "instalment"], keep="first")
        .select("doc", "instalment", part="item")
    )
    return found.join(
        parts, left_on=["target", "instalment"], right_on=["doc", "instalment"], how="left"
    )


def _undone(found: pl.DataFrame) -> pl.DataFrame:
    """Give each allocation taken back by a negative row the day it ended."""
    given = found.filter(pl.col("amount") > 0).with_columns(
        pl.lit(None, pl.Date).alias("until_on")
    )
    taken = found.filter(pl.col("amount") < 0)
    if taken.is_empty():
        return given
    same = ["source", "target", "amount"]
    rank = pl.int_range(pl.len()).over(same)
    given = given.sort("matched_on", "claim", descending=True).with_columns(rank.alias("rank"))
    ends = (
        taken.sort("matched_on", "claim", descending=True)
        .with_columns(-pl.col("amount"))
        .with_columns(rank.alias("rank"))
        .select(*same, "rank", ended="matched_on")
    )
    return given.join(ends, on=[*same, "rank"], how="left").with_columns(
        pl.when(pl.col("ended") >= pl.col("matched_on")).then("ended").alias("until_on")
    )


def _resolve(claims: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The one row each claim means: same company (if it names one), its own customer first."""
    targets = rows.unique("doc", keep="first", maintain_order=True).select(
        "key", target="doc", their_company="company", owner="customer_key", their_table="table"
    )
    table = claims.select("claim", "item").join(rows.select("item", "table"), on="item")
    found = (
        claims.join(targets, on="key")
        .join(table.select("claim", "table"), on="claim")
        .filter(pl.col("target") != pl.col("item"))
        .filter((pl.col("company") == pl.col("their_company")) | (pl.col("company") == ""))
        .with_columns(_nearness().alias("near"))
    )
    return (
        found.filter(pl.col("near") == pl.col("near").max().over("claim"))
        .filter(pl.len().over("claim") == 1)
        .select("claim", "target")
    )


def _nearness() -> pl.Expr:
    """Own customer counts most; then a reversal looks in its own table, a payment in documents."""
    own = (pl.col("customer_key") == pl.col("owner")).cast(pl.Int8) * 2
    wanted = pl.when("reversal").then("table").otherwise(pl.lit("documents"))
    return own + (pl.col("their_table") == wanted).cast(pl.Int8)


def fill_book(rows: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Company and account of payments that name none: those of the row they settle.

    Where they settle nothing, those of the customer's documents if there is but one.
    """
    target = claims.unique("source", keep="first", maintain_order=True).join(
        rows.select("item", their_company="company", their_account="account"),
        left_on="target",
        right_on="item",
    )
    rows = rows.join(
        target.select(item="source", their_company="their_company", their_account="their_account"),
        on="item",
        how="left",
    )
    only = (
        rows.filter(pl.col("table") == "documents")
        .group_by("customer_key", "currency")
        .agg(
            pl.col("company").unique().alias("companies"),
            pl.col("account").unique().alias("accounts"),
        )
        .select(
            "customer_key",
            "currency",
            pl.when(pl.col("companies").list.len() == 1)
            .then(pl.col("companies").list.first())
            .alias("only_company"),
            pl.when(pl.col("accounts").list.len() == 1)
            .then(pl.col("accounts").list.first())
            .alias("only_account"),
        )
    )
    rows = rows.join(only, on=["customer_key", "currency"], how="left", maintain_order="left")
    free = pl.col("table") != "documents"

    def filled(name: str) -> pl.Expr:
        other = pl.coalesce(f"their_{name}", f"only_{name}", pl.lit(""))
        return pl.when(free & (pl.col(name) == "")).then(other).otherwise(name).alias(name)

    return rows.with_columns(filled("company"), filled("account")).select(
        pl.exclude("their_company", "their_account", "only_company", "only_account")
    )


def admissible(
    claims: pl.DataFrame, rows: pl.DataFrame, ledger: Ledger
) -> tuple[pl.DataFrame, list[Issue]]:
    """Claims within one company, account and currency; an Issue for each of the others."""
    book = rows.select("item", *BOOK, sign=pl.col("amount").sign())
    both = (
        claims.join(book, left_on="source", right_on="item")
        .join(book, left_on="target", right_on="item", suffix="_target")
        .with_columns(
            pl.all_horizontal(pl.col(name) == pl.col(f"{name}_target") for name in BOOK).alias(
                "one"
            )
        )
    )
    issues = [
        _other_book(row, ledger)
        for row in both.filter(~pl.col("one"))
        .join(
            rows.select("item", "table", "number", "_source", "_row"),
            left_on="source",
            right_on="item",
        )
        .join(rows.select("item", target_no="number"), left_on="target", right_on="item")
        .iter_rows(named=True)
    ]
    return both.filter("one").drop("one"), issues


def _other_book(row: dict[str, object], ledger: Ledger) -> Issue:
    differs = next(name for name in BOOK if row[name] != row[f"{name}_target"])
    file, sheet, cell = ledger.place(int(str(row["_source"])), int(str(row["_row"])), differs)
    return Issue(
        code="link_other_book",
        level="warning",
        table=str(row["table"]),
        file=file,
        sheet=sheet,
        cell=cell,
        column=differs,
        value=str(row[differs]),
        message=(
            f"{row['number']} has {differs} '{row[differs]}' but names {row['target_no']}, "
            f"which has '{row[f'{differs}_target']}'. It stays unapplied."
        ),
        cure=f"Correct the {differs}, or post a transfer between the two.",
    )
